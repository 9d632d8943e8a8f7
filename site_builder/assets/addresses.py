"""Which file is at which address of a site, and which one a name means."""

from __future__ import annotations

import fnmatch
import functools
import os
import posixpath
import re
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import suggest
from ..model import Directory, File, Site
from .files import Files


def split(url: str) -> SplitResult | None:
    """The parts of an address on this board; None: it is another's, or only a part of a file."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc or not parts.path else parts


def resolved(address: str, path: str) -> str:
    """The address that a path in the file at an address leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(address), unquote(path)))


class AssetError(Exception):
    """An asset that is not there; the message says which there are."""


class Addresses:
    """The files of a site by their addresses. source: those of its folder.

    `files` are their names in it by address, `routes` the routes that serve them.
    """

    def __init__(self, source: Files, site: Site) -> None:
        self.source = source
        self.site = site
        self.files: dict[str, str] = {}
        self.routes: dict[str, str] = {}
        self._known: dict[str, list[str]] = {}  # the addresses that a name can mean
        self._short: set[str] = set()  # the names to suggest
        routes = [(url, target) for url, target in site.routes.items() if isinstance(url, str) and "<" not in url]
        folders = {url: target.dir for url, target in routes if isinstance(target, Directory) and url.endswith("/*")}
        for url, target in routes:
            if isinstance(target, File) and os.path.isfile(source.folder / target.file):
                self._add(url, target.file, url, url[1:])
        for url in sorted(folders, key=len, reverse=True):  # the one that says more comes first
            for name in source.below(folders[url]):
                self._add(url[:-1] + name, f"{folders[url]}/{name}", url, name)

    def _add(self, address: str, file: str, url: str, name: str) -> None:
        """name: by which templates may ask for the file."""
        if self.files.setdefault(address, file) != file:
            return  # the route of another file comes first
        self.routes.setdefault(address, url)
        self._short.add(name or address)
        for known in {address, name or address, file}:
            others = self._known.setdefault(known, [])
            if file not in map(self.files.get, others):
                others.append(address)

    def find(self, name: str) -> str:
        """The address of a file by its address, its name in a served folder, or in the site's. Raises AssetError."""
        found = self._known.get(name, [])
        if not found:
            raise AssetError(self.missing(name))
        if len(found) > 1:
            raise AssetError(f"{name!r} can be {' or '.join(found)}; write the whole address")
        return found[0]

    def missing(self, name: str) -> str:
        """The message for a name that is no file's."""
        known = self.files if name.startswith("/") else self._short
        return f"no file {name!r} is served{suggest(name, known)}"

    def target(self, address: str, url: str) -> str | None:
        """The address of the file that a link of a style sheet leads to; None: it leads elsewhere."""
        parts = split(url)
        target = resolved(address, parts.path) if parts else ""
        return target if target in self.files else None

    def stays(self, file: str) -> bool:
        """Whether a file is served as it is."""
        return self._kept.match(file) is not None

    @functools.cached_property
    def _kept(self) -> re.Pattern[str]:
        patterns = [name for pattern in self.site.assets.keep for name in (pattern, f"*/{pattern}")]
        return re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)")
