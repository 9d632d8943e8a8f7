"""Model to routes.json: the compact table that a device loads at boot. See docs/routes-json.md."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

from picoweb import routing
from picoweb.site import VERSION

from .assets import Asset, Store, content_type, files_below
from .check import Checked
from .errors import Problem, SiteError
from .model import METHODS, Directory, File, Handler, Json, Redirect, Target, Template
from .source import Key

Route = list[Any]
_BUCKET = 512  # a device reads one bucket of a directory's index at a time


def dumps(value: Any) -> str:
    """Compact JSON, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _header_lines(target: Target) -> str:
    lines = [f"{name}: {value}" for name, value in target.headers.items()]
    if target.cache is not None:
        lines.append(f"Cache-Control: max-age={target.cache}" if target.cache else "Cache-Control: no-store")
    elif isinstance(target, (File, Directory)):
        lines.append("Cache-Control: no-cache")  # ask again each time; the ETag makes that cheap
    return "".join(line + "\r\n" for line in lines)


def _file(asset: Asset, headers: str) -> Route:
    return ["f", None, headers, asset.type, asset.name, asset.size, asset.gz_name, asset.gz_size]


def index(entries: Mapping[str, Route]) -> tuple[bytes, int]:
    """A directory's index file and its number of buckets: offsets, then lines of key, tab and route."""
    lines = {key.encode(): dumps(route).encode() for key, route in sorted(entries.items())}
    count = max(1, len(lines) // 2)
    while True:
        buckets: list[bytes] = [b""] * count
        for key, route in lines.items():
            buckets[crc32(key) % count] += key + b"\t" + route + b"\n"
        if count >= 2 * len(lines) or max(map(len, buckets)) <= _BUCKET:
            break
        count += 1
    offsets = [4 * (count + 1)]
    for bucket in buckets:
        offsets.append(offsets[-1] + len(bucket))
    return struct.pack(f"<{count + 1}I", *offsets) + b"".join(buckets), count


def entries(data: bytes, buckets: int) -> list[tuple[str, Route]]:
    """The files of a directory's index, by their names; that of a folder is "" or ends in "/"."""
    lines = [line.partition(b"\t") for line in data[4 * (buckets + 1) :].split(b"\n") if line]
    return sorted((name.decode(), json.loads(route)) for name, _, route in lines)


class Tabulator:
    """Turns targets into routes, and stores the files they serve."""

    def __init__(self, checked: Checked, store: Store) -> None:
        self.folder = checked.folder
        self.pages = checked.pages
        self.site = checked.site
        self.store = store

    def asset(self, path: Path) -> Asset:
        try:
            return self.store.asset(path.name, path.read_bytes())
        except OSError as e:
            file = path.relative_to(self.folder).as_posix()
            raise SiteError([Problem(file, 0, 0, f"cannot be read: {e.strerror}")]) from None

    def directory(self, target: Directory, headers: str) -> Route:
        entries: dict[str, Route] = {}
        for key, path in files_below(self.folder / target.dir).items():
            route = _file(self.asset(path), headers)
            entries[key] = route
            if path.name == "index.html":
                entries[key[: -len("index.html")]] = route
        data, buckets = index(entries)
        return ["d", None, "", self.store.add(data), buckets]

    def route(self, target: Target, key: Key) -> Route:
        """The route of a target; `key`: where it stands in the description."""
        headers = _header_lines(target)
        if isinstance(target, File):
            return _file(self.asset(self.folder / target.file), headers)
        if isinstance(target, Directory):
            return self.directory(target, headers)
        if isinstance(target, Template):
            kind = target.type or content_type(target.template)
            if key in self.pages:
                asset = self.store.asset(target.template, self.pages[key])
                return _file(replace(asset, type=kind), headers or "Cache-Control: no-cache\r\n")
            return ["t", None, headers, kind, target.template, target.data, target.context or None]
        if isinstance(target, Json):
            named = isinstance(target.value, str)
            return ["j", None, headers, target.value if named else None, None if named else target.value]
        if isinstance(target, Handler):
            methods = list(target.methods)
            return ["h", None if methods == ["GET"] else methods, headers, target.handler]
        assert isinstance(target, Redirect)
        keeps = target.status in (307, 308)  # the method, so that it must be answered
        return ["r", list(METHODS) if keeps else None, headers, target.status, target.redirect]

    def table(self, path: list[str]) -> dict[str, Any]:
        """The whole table; `path`: the code trees of the bundle, for sys.path."""
        site = self.site
        routes = {url: self.route(target, ("routes", url)) for url, target in site.routes.items()}
        exact = {url: route for url, route in sorted(routes.items()) if not routing.is_pattern(url)}
        patterns = sorted((url for url in routes if routing.is_pattern(url)), key=_specificity)
        server = {name: value for name, value in site.server.model_dump().items() if value is not None}
        return {
            "picoweb": VERSION,
            "path": path,
            "site": {"title": site.title, **site.context},
            "server": server,
            "routes": exact,
            "patterns": [[url, routes[url]] for url in patterns],
            "errors": {
                str(status): self.route(target, ("errors", status)) for status, target in sorted(site.errors.items())
            },
        }


def _specificity(url: str) -> list[tuple[int, str]]:
    """Sorts patterns so that the one that says more comes first: text, then <int:…>, <name>, <path:…> or *."""
    ranks = {"int": 1, "str": 2, "path": 3}
    return [(0, part) if isinstance(part, str) else (ranks[part[0]], "") for part in routing.split(url)]
