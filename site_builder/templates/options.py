"""What a site says of its templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..assets.served import Served

GIVEN = ("site", "req", "status", "reason")  # what every template can ask for


@dataclass(frozen=True)
class Options:
    """What a site says of its templates.

    site: the values of `site`, which are known ahead. filters, tests: the site's own, as names of functions in
    handlers/. strict: a name that is not defined is an error, not empty text. trim_blocks, lstrip_blocks: as in Jinja.
    served: the files that asset() and inline() find.
    """

    site: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
    trim_blocks: bool = False
    lstrip_blocks: bool = False
    served: Served | None = field(default=None, repr=False, compare=False)
