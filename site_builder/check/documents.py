"""What a document holds that leads somewhere, and the places in it that can be led to."""

from __future__ import annotations

import marshal
from dataclasses import dataclass, field
from typing import NamedTuple

PAGE, ASSET, FORM, HINT = "page", "asset", "form", "hint"


class Link(NamedTuple):
    """Something that leads somewhere.

    text: the address as it stands. use: "page": a visitor goes there; "asset": it is loaded with the page; "form": it
    is sent there; "hint": the browser prepares to ask this host.
    """

    text: str
    line: int
    column: int
    use: str
    method: str = "GET"


@dataclass
class Document:
    """links: in the order of the text. ids: what a fragment can name. base: of relative links. scripts: their text."""

    links: list[Link] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    base: str = ""
    scripts: str = ""

    def dump(self) -> bytes:
        """For the cache."""
        return marshal.dumps(([tuple(link) for link in self.links], sorted(self.ids), self.base, self.scripts))

    @classmethod
    def load(cls, data: bytes) -> Document:
        links, ids, base, scripts = marshal.loads(data)
        return cls(list(map(Link._make, links)), set(ids), base, scripts)


def kind_of(content_type: str) -> str:
    """ "html", "css", or "" for a type whose documents have no links that we read."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml", "image/svg+xml"):
        return "html"
    return "css" if kind == "text/css" else ""
