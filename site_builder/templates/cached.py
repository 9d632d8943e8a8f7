"""The templates of a site, compiled and rendered: what an earlier build made is not made again."""

from __future__ import annotations

import contextlib
import functools
import marshal
import sys
from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Any

from ..cache import Cache, code, version
from ..errors import Problem
from . import Compiled, Loader, compile_template
from .options import Options

if TYPE_CHECKING:
    from .jinja import Sources

_FILE = "\1"  # no template's name begins so
_FIELDS = [field.name for field in fields(Compiled)]


class Templates:
    """The templates of a folder. They depend on what they extend, include and import, on the site's options, and on the
    files whose addresses they ask for."""

    def __init__(self, loader: Loader, options: Options, cache: Cache) -> None:
        self.loader = loader
        self.options = options
        self.cache = cache
        self._about = (code("templates", "assets"), sys.version, version("jinja2"), repr(options))

    @functools.cached_property
    def sources(self) -> Sources:
        """Jinja's own view of them; Jinja is imported when there is something to compile."""
        from .jinja import Sources

        return Sources(self.loader, self.options)

    def compiled(self, name: str) -> Compiled:
        """A template as a module. Raises TemplateError."""
        data = self.cache.depending(("template", *self._about, name), self._look, lambda: self._made(name))
        fields, warnings, asked = marshal.loads(data)
        if self.options.served:
            self.options.served.answers.again(asked)
            self.options.served.tell(Problem(*warning) for warning in warnings)
        return Compiled(*fields)

    def _made(self, name: str) -> tuple[bytes, Iterable[str]]:
        self.loader.asked.clear()
        served = self.options.served
        with served.answers.watched() if served else contextlib.nullcontext(((), ())) as (asked, warnings):
            compiled = compile_template(name, self.loader, None if name.endswith(".tpl") else self.sources, served)
        told = [astuple(problem) for problem in warnings]
        made = marshal.dumps(([getattr(compiled, name) for name in _FIELDS], told, sorted(asked)))
        return made, {*self.loader.asked, *(_FILE + name for name in asked)}

    def _look(self, name: str) -> str:
        """What stands for a template, or for what it asked of the site's files."""
        if name.startswith(_FILE) and self.options.served:
            return self.options.served.answers.look(name[len(_FILE) :])
        return self.loader.digest(name)

    def library(self, names: Iterable[str]) -> bytes:
        """The source of LIBRARY, with these functions."""

        def make() -> bytes:
            from .jinja import library

            return library.source(wanted, self.options.strict).encode()

        wanted = sorted(names)
        return self.cache.get(("library", *self._about, *wanted), make)

    def page(self, compiled: Compiled, values: Mapping[str, Any]) -> bytes:
        """A whole page, of a template that is constant. Raises TemplateError."""
        key = ("page", *self._about, compiled.name, compiled.source, repr(values))
        return self.cache.get(key, lambda: self.sources.render(compiled.name, values).encode())
