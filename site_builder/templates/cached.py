"""The templates of a site, compiled and rendered: what an earlier build made is not made again."""

from __future__ import annotations

import functools
import marshal
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..cache import Cache, code, version
from . import Compiled, Loader, compile_template
from .options import Options

if TYPE_CHECKING:
    from .jinja import Sources

_FIELDS = [field.name for field in fields(Compiled)]


class Templates:
    """The templates of a folder. They depend on what they extend, include and import, and on the site's options."""

    def __init__(self, loader: Loader, options: Options, cache: Cache) -> None:
        self.loader = loader
        self.options = options
        self.cache = cache
        self._about = (code("templates"), sys.version, version("jinja2"), repr(options))

    @functools.cached_property
    def sources(self) -> Sources:
        """Jinja's own view of them; Jinja is imported when there is something to compile."""
        from .jinja import Sources

        return Sources(self.loader, self.options)

    def compiled(self, name: str) -> Compiled:
        """A template as a module. Raises TemplateError."""
        return _load(
            self.cache.depending(("template", *self._about, name), self.loader.digest, lambda: self._made(name))
        )

    def _made(self, name: str) -> tuple[bytes, Iterable[str]]:
        self.loader.asked.clear()
        compiled = compile_template(name, self.loader, None if name.endswith(".tpl") else self.sources)
        return _dump(compiled), set(self.loader.asked)

    def page(self, compiled: Compiled, values: Mapping[str, Any]) -> bytes:
        """A whole page, of a template that is constant. Raises TemplateError."""
        key = ("page", *self._about, compiled.name, compiled.source, repr(values))
        return self.cache.get(key, lambda: self.sources.render(compiled.name, values).encode())


def _dump(compiled: Compiled) -> bytes:
    return marshal.dumps([getattr(compiled, name) for name in _FIELDS])


def _load(data: bytes) -> Compiled:
    return Compiled(*marshal.loads(data))
