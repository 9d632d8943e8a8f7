"""Which address of the site leads where: what the board's routing does, asked on the computer."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urljoin, urlsplit

from picoweb import routing

from ..errors import nearest
from ..model import METHODS, Directory, File, Redirect, Target
from .checked import Checked

_Parts = tuple[str | tuple[str, str], ...]
_RANKS = {"int": 1, "str": 2, "path": 3}
_PLAIN = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+/?(?:#[A-Za-z0-9_-]*)?")  # most links: read at once
_SAMPLES = {"int": "0", "str": "x"}


@dataclass(frozen=True)
class Page:
    """A file that is served: at which path, by which route, and its name in the site's folder."""

    url: str
    route: str
    file: str


def methods_of(target: Target) -> set[str]:
    """The methods that a target answers."""
    if isinstance(target, Redirect):  # 307 and 308 keep the method
        return {*METHODS} if target.status in (307, 308) else {"GET"}
    return {*(getattr(target, "methods", None) or ["GET"])}


class Map:
    """The addresses of a site. A wrong path is no part of it."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        self.routes = {path: target for path, target in checked.site.routes.items() if path in checked.parts}
        self.exact = {path for path in self.routes if not routing.is_pattern(path)}
        split = [(routing.split(path), path) for path in self.routes if routing.is_pattern(path)]
        self.patterns = sorted(split, key=_specificity)
        self._below: dict[tuple[str, ...], list[tuple[_Parts, str]]] = {}  # patterns by the text they begin with
        for parts, path in self.patterns:
            self._below.setdefault(_fixed(parts), []).append((parts, path))
        self.takes = {path: methods_of(target) for path, target in self.routes.items()}
        self._files: dict[str, dict[str, Page]] = {}
        self._hints = 50
        self._methods: dict[str, set[str]] = {}

    def files_of(self, route: str) -> dict[str, Page]:
        """The pages of a folder's route by their paths; an index.html is also at that of its folder."""
        if route not in self._files:
            self._files[route] = found = {}
            target = self.routes[route]
            assert isinstance(target, Directory)
            for name in self.checked.files.below(target.dir):
                url = route[:-1] + name
                found[url] = Page(url, route, f"{target.dir}/{name}")
                if url.endswith("/index.html"):
                    short = url[: -len("index.html")]
                    found[short] = Page(short, route, f"{target.dir}/{name}")
        return self._files[route]

    def directory_files(self) -> Iterator[Page]:
        """All pages of all folders, also those that other routes hide."""
        for route, target in self.routes.items():
            if isinstance(target, Directory):
                yield from self.files_of(route).values()

    @cached_property
    def served_files(self) -> list[Page]:
        """All files that are served, at every path."""
        files = [Page(path, path, target.file) for path, target in self.routes.items() if isinstance(target, File)]
        return files + list(self.directory_files())

    @cached_property
    def urls(self) -> set[str]:
        """All paths that are known ahead."""
        return self.exact | {page.url for page in self.directory_files()}

    def resolve(self, base: str, link: str) -> tuple[str, str] | None:
        """The path of the site and the fragment that a link leads to from a page, None when it leaves the site."""
        address = resolve(base, link)
        return address and (self.checked.added.get(address[0], address[0]), address[1])

    def near(self, url: str, but: str = "") -> str:
        """`"; did you mean '/about'?"`: a path that ends much as this one does, "" when there is none.

        but: a path that is not meant.
        """
        if self._hints == 0:  # it takes long where there are thousands of paths
            return ""
        self._hints -= 1
        segments = url.split("/")
        filled = {
            "/"
            + "/".join(
                part if isinstance(part, str) else given for part, given in zip(parts, segments[1:], strict=True)
            )
            for parts, _ in self.patterns
            if len(parts) == len(segments) - 1
        }
        known = (self.urls | {path for path in filled if self.methods(path)}) - {but}
        name = segments[-1]
        close = difflib.get_close_matches(url, sorted(known), n=5, cutoff=0.6)
        close = [path for path in close if nearest(name, [path.rpartition("/")[2]])]
        close += sorted(path for path in known if name and path.endswith(f"/{name}"))
        return nearest(close[0], close) if close else ""

    def candidates(self, url: str) -> Iterator[str]:
        """The routes that can answer for a path, in the order in which the board asks them."""
        if url in self.exact:
            yield url
        segments = url[1:].split("/")
        for depth in range(len(segments), -1, -1):  # of two that match, the one that begins with more text is first
            for parts, route in self._below.get(tuple(segments[:depth]), ()):
                if routing.match(parts, segments) is None:
                    continue
                if not isinstance(self.routes[route], Directory) or url in self.files_of(route):
                    yield route

    def route_of(self, url: str, method: str = "GET") -> str | None:
        """The route that answers."""
        for route in self.candidates(url):
            if method in self.takes[route]:
                return route
        return None

    def methods(self, url: str) -> set[str]:
        """The methods that a path answers; empty: there is nothing at it."""
        if url not in self._methods:
            self._methods[url] = set().union(*(self.takes[route] for route in self.candidates(url)))
        return self._methods[url]

    def methods_below(self, start: str) -> set[str]:
        """The methods that any of the paths answers that begin so."""
        found = set().union(*(self.takes[path] for path in self.exact if path.startswith(start)))
        for parts, route in self.patterns:
            if isinstance(self.routes[route], Directory):
                if any(url.startswith(start) for url in self.files_of(route)):
                    found |= self.takes[route]
            elif _begins(parts, start[1:].split("/")):
                found |= self.takes[route]
        return found

    def follow(self, route: str) -> tuple[str, str] | None:
        """The path, and its route, that a redirect leads to in this site."""
        target = self.routes.get(route)
        if not isinstance(target, Redirect):
            return None
        address = self.resolve(base_of(route) or "/", target.redirect)
        found = self.route_of(address[0]) if address else None
        return (address[0], found) if address and found else None


def base_of(route: str) -> str | None:
    """A path that a route takes, to resolve relative links against; None when their depth is not known."""
    parts = routing.split(route)
    if any(part[0] == "path" for part in parts if not isinstance(part, str)):
        return None
    return "/" + "/".join(part if isinstance(part, str) else _SAMPLES[part[0]] for part in parts)


def resolve(base: str, link: str) -> tuple[str, str] | None:
    """The path and the fragment that a link leads to from a page, None when it leaves the site, or is none."""
    if _PLAIN.fullmatch(link):
        path, _, fragment = link.partition("#")
        return path, fragment
    try:
        address = urlsplit(urljoin("//site" + base, link))
        if address.scheme or address.netloc != "site":
            return None
        return unquote(address.path, errors="strict") or "/", unquote(address.fragment)
    except ValueError:
        return None


def _begins(parts: tuple[str | tuple[str, str], ...], segments: list[str]) -> bool:
    """Whether a pattern takes a path that begins with these segments, the last of which may go on."""
    for i, segment in enumerate(segments):
        part = parts[i] if i < len(parts) else None
        last = i == len(segments) - 1
        if part is None:
            return False
        if isinstance(part, str):
            if not (part.startswith(segment) if last else part == segment):
                return False
        elif part[0] == "path":
            return True
        elif not (segment.isdigit() or not segment if part[0] == "int" else segment or last):
            return False
    return True


def _fixed(parts: _Parts) -> tuple[str, ...]:
    """The parts of a pattern before the first that is not text."""
    return tuple(itertools.takewhile(lambda part: isinstance(part, str), parts))  # type: ignore[arg-type]


def _specificity(pattern: tuple[tuple[str | tuple[str, str], ...], str]) -> list[tuple[int, str]]:
    return [(0, part) if isinstance(part, str) else (_RANKS[part[0]], "") for part in pattern[0]]
