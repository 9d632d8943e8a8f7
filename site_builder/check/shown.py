"""The documents of a site, and where each is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..assets import content_type
from ..cache import code, version
from ..model import Directory, File, Template
from ..source import Key
from .checked import Checked
from .documents import Document, Link, kind_of
from .map import Map, base_of
from .masks import MARK, masked


@dataclass(frozen=True)
class Shown:
    """What a visitor sees at some paths. parts: the documents it is made of, with the files they are in.

    bases: the paths, None where the depth is not known. key: of a template's page. exact: the document is the very
    page; else it is the text of templates, of which all parts may be shown or not.
    """

    parts: tuple[tuple[str, Document], ...]
    bases: tuple[str | None, ...]
    key: Key | None = None
    exact: bool = True

    @property
    def is_error_page(self) -> bool:
        return self.key is not None and self.key[0] == "errors"


class Library:
    """Reads each document once."""

    def __init__(self, checked: Checked, site: Map) -> None:
        self.checked = checked
        self.site = site
        self._documents: dict[str, Document] = {}
        self._about = (code("check"), sys.version, version("tinycss2"))

    def _parsed(self, kind: str, data: bytes, template: str = "") -> Document:
        """A document; of a template, what is only known later is masked."""
        options = self.checked.made.options
        blocks = f"{options.trim_blocks} {options.lstrip_blocks} {template}" if template else ""
        key = ("links", *self._about, kind, blocks, data)
        return Document.load(self.checked.cache.get(key, lambda: self._read(kind, data, template)))

    def _read(self, kind: str, data: bytes, template: str) -> bytes:
        from .parsing import parse  # what it takes is imported when there is something new to read

        text = data.decode("utf-8-sig", "replace")
        return parse(kind, masked(template, text, self.checked.made.sources.env) if template else text).dump()

    def file(self, name: str) -> Document | None:
        """A file of the site; None when it has no links that we read."""
        kind = kind_of(content_type(name))
        if not kind:
            return None
        if name not in self._documents:
            try:
                data = self.checked.files.read(name)
            except OSError:  # it is told when the file is taken into the bundle
                data = b""
            self._documents[name] = self._parsed(kind, data)
        return self._documents[name]

    def template(self, name: str) -> Document:
        """The text of one template that compiles, with MARK for what is not known."""
        file = self.checked.loader.where(name)
        if file not in self._documents:
            text = self.checked.loader.text(name).encode("utf-8", "replace")
            self._documents[file] = self._parsed(kind_of(content_type(name)) or "html", text, name)
        return self._documents[file]

    @cached_property
    def shown(self) -> list[Shown]:
        """All that visitors see of the site's files and templates."""
        paths: dict[str, list[str]] = {}
        for page in self.site.served_files:
            paths.setdefault(page.file, []).append(page.url)
        found = []
        for file, urls in paths.items():
            document = self.file(file)
            if document is not None:
                bases = [base_of(url) if url in self.site.routes else url for url in urls]
                found.append(Shown(((file, document),), tuple(bases)))
        found += self._error_files()
        for key, target in self.checked.targets().items():
            if isinstance(target, Template):
                found += self._page(key, target)
        return found

    def _error_files(self) -> Iterator[Shown]:
        for status, target in self.checked.site.errors.items():
            if isinstance(target, File):
                document = self.file(target.file)
                if document is not None:
                    yield Shown(((target.file, document),), (None,), ("errors", status))

    def _page(self, key: Key, target: Template) -> Iterator[Shown]:
        kind = kind_of(target.type or content_type(target.template))
        route = str(key[1])
        base = base_of(route) if key[0] == "routes" and route in self.site.routes else None
        if not kind:
            return
        if key in self.checked.pages:
            document = self._parsed(kind, self.checked.pages[key])
            yield Shown(((self.checked.loader.where(target.template), document),), (base,), key)
        else:
            files = self.checked.template_files(target)
            parts = tuple((self.checked.loader.where(name), self.template(name)) for name in files)
            yield Shown(parts, (base,), key, exact=False)

    @cached_property
    def _by_route(self) -> dict[str, Shown]:
        return {str(shown.key[1]): shown for shown in self.shown if shown.key and shown.key[0] == "routes"}

    def at(self, url: str, route: str) -> Shown | None:
        """What is shown at a path by a route, None when that is not known."""
        target = self.site.routes[route]
        name = ""
        if isinstance(target, File):
            name = target.file
        elif isinstance(target, Directory):
            name = self.site.files_of(route)[url].file
        document = self.file(name) if name else None
        return Shown(((name, document),), (url,)) if document else self._by_route.get(route)

    def places(self, shown: Shown, link: Link) -> list[tuple[str, int, int]]:
        """The files, lines and columns where a link of something shown stands."""
        if not shown.exact or shown.key is None or shown.key not in self.checked.pages:
            file = next(file for file, document in shown.parts if link in document.links)
            return [(file, link.line, link.column)]
        target = self.checked.targets()[shown.key]
        assert isinstance(target, Template)
        files = self.checked.template_files(target)
        links = [(self.checked.loader.where(name), other) for name in files for other in self.template(name).links]
        same = [(file, other.line, other.column) for file, other in links if other.text == link.text]
        made = [(file, other.line, other.column) for file, other in links if _may_be(other.text, link.text)]
        return same or made[:1] or [(self.checked.loader.where(target.template), 0, 0)]


def _may_be(pattern: str, text: str) -> bool:
    """Whether a text with masked parts may be this text."""
    parts = pattern.split(MARK)
    return len(parts) > 1 and text.startswith(parts[0]) and text.endswith(parts[-1])
