"""The files that a site serves: their addresses, and what a browser gets of each.

asset("style.css")              ->  /static/style.1a2b3c4d.css, which browsers keep for good
asset("icon.svg", inline=True)  ->  data:image/svg+xml,…
inline("style.css")             ->  the style sheet itself, for a <style>
"""

from __future__ import annotations

import base64
import functools
import os
import posixpath
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlunsplit

from ..cache import Cache, code, version
from ..errors import Problem, SiteError
from ..model import Site, Template
from . import links, spaces
from .addresses import Addresses, AssetError, resolved, split
from .answers import Answers
from .files import Files, content_type, digest
from .inlining import in_page
from .minify import Minifier, kind_of
from .tools import Unsafe

if TYPE_CHECKING:
    from .pages import Html

# What stays in a path beside letters, digits, "-", "." and "_": of RFC 3986 §4.2, what HTML and CSS take.
_PATH = "/~!$()*+,;=@"
_DATA = "/~!$*+,;=:@?"  # the same in a data: URI that stands in quotes or in url()


class Served(Addresses):
    """A site's files by their addresses, and what is made of them; a cache keeps that for later builds.

    `warnings` and `mistakes` are gathered on the way. `names`: with a hash in them, by the addresses without.
    """

    def __init__(self, source: Files, site: Site, cache: Cache | None = None) -> None:
        super().__init__(source, site)
        self.settings = site.assets
        self.names: dict[str, str] = {}
        self.warnings: list[Problem] = []
        self.mistakes: list[Problem] = []
        self.answers = Answers(self)
        self._made: dict[tuple[str, bool], bytes] = {}
        self._links: dict[str, list[links.Link]] = {}
        self.cache = cache or Cache()
        texts = {*self.files.values(), *(f"templates/{name}" for name in source.below("templates"))}
        fewer = self.settings.minify and not spaces.any_shows(source, texts, self.cache)
        self.minifier = Minifier(self.cache, fewer)
        self._check_sizes()

    def warn(self, file: str, message: str, line: int = 0) -> None:
        self.tell([Problem(file, line, 0, message, warning=True)])

    def tell(self, problems: Iterable[Problem]) -> None:
        """Gathers warnings, each once."""
        self.warnings += [problem for problem in problems if problem not in self.warnings]

    def mistake(self, file: str, message: str, line: int) -> None:
        problem = Problem(file, line, 0, message)
        if problem not in self.mistakes:
            self.mistakes.append(problem)

    def _check_sizes(self) -> None:
        limit = self.settings.max_size
        for file in {*self.files.values()}:
            size = os.stat(f"{self.source.folder}/{file}").st_size
            if size > limit:
                message = f"{size:,} bytes are more than assets.max_size ({limit:,}); make it smaller, or raise that"
                self.warn(file, message)

    def read(self, file: str) -> bytes:
        """What is in a file. Raises SiteError."""
        try:
            return self.source.read(file)
        except OSError as e:
            raise SiteError([Problem(file, 0, 0, f"cannot be read: {e.strerror}")]) from None

    # What a browser gets

    def made(self, address: str, absolute: bool = False) -> bytes:
        """What is served at an address. absolute: the style sheet goes elsewhere, so that its links need the path."""
        key = (address, absolute)
        if key not in self._made:
            self._made[key] = self._make(address, absolute)
        return self._made[key]

    def _make(self, address: str, absolute: bool) -> bytes:
        file = self.files[address]
        data = self.read(file)
        kind = kind_of(file)
        if self.stays(file) and not absolute:
            return data
        if kind == "css" and (self.settings.fingerprint or absolute or b"?inline" in data):
            data = self._linked(address, absolute)
        return data if kind is None else self._minified(kind, file, data)

    def _minified(self, kind: str, file: str, data: bytes) -> bytes:
        if self.stays(file):
            return data
        if kind == "png":
            return self.minifier.image(data) if self.settings.images else data
        if not self.settings.minify:
            return data
        return self.minifier(kind, data, lambda message, line: self.warn(file, message, line))

    def page(self, name: str, kind: str, data: bytes) -> bytes:
        """A page that was made of a template. kind: its Content-Type."""
        file = f"templates/{name}"
        if not self.settings.minify or not kind.startswith("text/html") or self.stays(file):
            return data
        return self.minifier.html(data, lambda message, line: self.warn(file, message, line))

    def html(self, name: str) -> Html | None:
        """What makes the HTML of a template shorter; None where it stays as it is."""
        self.answers.asked.add(f"html {name}")
        if not self.shortens(name):
            return None
        from .pages import Html

        file, told = f"templates/{name}", self.answers.told
        return Html(self.minifier.embedded(lambda text, line: told.append(Problem(file, line, 0, text, True))))

    def shortens(self, name: str) -> bool:
        """Whether the HTML of a template is made shorter."""
        if not self.settings.minify or not self.minifier.spaces or name in self._not_html:
            return False
        return kind_of(name) == "html" and not self.stays(f"templates/{name}")

    @functools.cached_property
    def _not_html(self) -> set[str]:
        """The templates of which a route says that they are something else."""
        targets = [*self.site.routes.values(), *self.site.errors.values()]
        pages = [target for target in targets if isinstance(target, Template) and target.type]
        return {page.template for page in pages if not (page.type or "").startswith("text/html")}

    # Style sheets

    def links_of(self, address: str) -> list[links.Link]:
        """The links of a style sheet; none when it can not be read."""
        if address not in self._links:
            data = self.read(self.files[address])
            has_some = b"(" in data or b"@" in data
            key = ("links", version("tinycss2"), code("assets"), data)
            self._links[address] = links.load(self.cache.get(key, lambda: links.of_style(data))) if has_some else []
        return self._links[address]

    def _linked(self, address: str, absolute: bool) -> bytes:
        """A style sheet with the addresses of what it links to that have a hash."""
        found = self.links_of(address)
        data = self.read(self.files[address])
        if not found:
            return data
        text = links.clean(data.decode("utf-8-sig"))
        return links.rewrite(text, found, lambda link: self._link(address, link, absolute)).encode()

    def _link(self, address: str, link: links.Link, absolute: bool) -> str | None:
        """What stands for a link; None: it stays."""
        parts = split(link.url)
        if parts is None:
            return None
        file = self.files[address]
        target = self.target(address, link.url)
        if parts.query == "inline":
            if target is None:
                self.mistake(file, f"url({link.url}): {self.missing(resolved(address, parts.path))}", link.line)
                return None
            return self.data(target) + (parts.fragment and "#" + parts.fragment)
        elsewhere = urljoin(address, link.url) if absolute else None
        if target is None:
            return elsewhere
        if address in self._reached(target):
            self.warn(file, f"@import goes in a circle: {link.url!r} imports this style sheet", link.line)
            return elsewhere
        name = self.hashed(target)
        if name == target:
            return elsewhere
        new = quote(name, _PATH)
        if not absolute and not parts.path.startswith("/"):
            new = parts.path.rpartition("/")[0] + "/" * ("/" in parts.path) + quote(posixpath.basename(name), _PATH)
        return urlunsplit(("", "", new, parts.query, parts.fragment))

    def _suffix(self, address: str) -> str | None:
        return kind_of(self.files[address])

    def _reached(self, address: str) -> set[str]:
        """A style sheet, and those that it imports, directly or not."""
        found: set[str] = set()
        todo = [address]
        while todo:
            address = todo.pop()
            if address not in found and self._suffix(address) == "css":
                found.add(address)
                todo += filter(None, (self.target(address, link.url) for link in self.links_of(address)))
        return found

    # Names with a hash

    def hashed(self, address: str) -> str:
        """The address of a file that has the hash of its content in it, or its own where that shall not be."""
        if not self.settings.fingerprint or self.site.routes[self.routes[address]].cache == 0:
            return address
        if address not in self.names:
            folder, _, name = address.rpartition("/")
            stem, dot, suffix = name.rpartition(".")
            if not stem:
                stem, dot, suffix = name, "", ""
            self.names[address] = f"{folder}/{stem}.{digest(self.made(address))[:8]}{dot}{suffix}"
        return self.names[address]

    def content(self, address: str, file: str) -> bytes:
        """What is served of a file, also of one that has no address of its own, such as an error page."""
        if self.files.get(address) == file:
            return self.made(address)
        kind = kind_of(file)
        data = self.read(file)
        return data if kind is None else self._minified(kind, file, data)

    def make_all(self) -> None:
        """Makes all files, so that `names` has all that they ask for, and `mistakes` and `warnings` what is wrong."""
        for address in self.files:
            self.made(address)

    def hashed_by(self, url: str) -> dict[str, str]:
        """The names with a hash that a route serves, by those without."""
        return {address: name for address, name in sorted(self.names.items()) if self.routes[address] == url}

    # What templates ask for

    def asset(self, name: str, inline: bool = False) -> str:
        """The address of a file as it stands in a page. inline: the file itself, as a data: URI. Raises AssetError."""
        self.answers.asked.add(f"data {name}" if inline else f"asset {name}")
        address = self.find(name)
        return self.data(address) if inline else quote(self.hashed(address), _PATH)

    def data(self, address: str) -> str:
        """A file as a data: URI."""
        data = self._small(address, self.made(address))
        kind = content_type(self.files[address]).replace("; charset=utf-8", "")
        coded = f"data:{kind};base64,{base64.b64encode(data).decode()}"
        plain = f"data:{kind},{quote(data, _DATA)}"
        return plain if len(plain) <= len(coded) else coded

    def _small(self, address: str, data: bytes) -> bytes:
        limit = self.settings.max_inline
        if len(data) > limit:
            message = f"{len(data):,} bytes are put into a page, more than assets.max_inline ({limit:,}); link to it"
            self.warn(self.files[address], message)
        return data

    def inline(self, name: str) -> str:
        """A style sheet, script or SVG as it can stand in a page: in <style>, in <script>, or as it is."""
        self.answers.asked.add(f"inline {name}")
        address = self.find(name)
        kind = self._suffix(address)
        if kind not in ("css", "js", "svg"):
            raise AssetError(f"{name!r} is no style sheet, script or SVG; write asset({name!r}, inline=True)")
        data = self._small(address, self.made(address, absolute=kind == "css"))
        try:
            return in_page(kind, data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise AssetError(f"{self.files[address]} is not UTF-8; save it as UTF-8") from None
        except Unsafe as e:
            raise AssetError(f"{self.files[address]}: {e}") from None
