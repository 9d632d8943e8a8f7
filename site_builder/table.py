"""Model to routes.json: the compact table that a device loads at boot. See docs/routes-json.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .assets import Asset, Store, content_type
from .check import Checked
from .flash import Route, index, spread
from .model import METHODS, Directory, File, Handler, Json, Redirect, Target, Template
from .source import Key

VERSION = 1  # as in picoweb/site.py


def _header_lines(target: Target, immutable: bool = False) -> str:
    """immutable: the address has the hash of the file in it, so that a browser may keep it for good (RFC 8246)."""
    if immutable:
        kept = [f"{name}: {value}\r\n" for name, value in target.headers.items() if name.lower() != "cache-control"]
        return "".join([*kept, "Cache-Control: max-age=31536000, immutable\r\n"])
    lines = [f"{name}: {value}" for name, value in target.headers.items()]
    if target.cache is not None:
        lines.append(f"Cache-Control: max-age={target.cache}" if target.cache else "Cache-Control: no-store")
    elif isinstance(target, (File, Directory)):
        lines.append("Cache-Control: no-cache")  # ask again each time; the ETag makes that cheap
    return "".join(line + "\r\n" for line in lines)


def _file(asset: Asset, headers: str) -> Route:
    return ["f", None, headers, asset.type, asset.name, asset.size, asset.gz_name, asset.gz_size]


class Tabulator:
    """Turns targets into routes, and stores the files they serve."""

    def __init__(self, checked: Checked, store: Store) -> None:
        self.files = checked.files
        self.pages = checked.pages
        self.site = checked.site
        self.store = store
        self.served = checked.served
        self.routes: dict[str, Route] = {}  # all, by path
        self.errors: dict[str, Route] = {}  # the error pages, by status

    def asset(self, file: str, address: str) -> Asset:
        return self.store.asset(file, self.served.content(address, file))

    def directory(self, target: Directory, url: str) -> Route:
        headers = _header_lines(target)
        entries: dict[str, Route] = {}
        for key in self.files.below(target.dir):
            route = _file(self.asset(f"{target.dir}/{key}", url[:-1] + key), headers)
            entries[key] = route
            if key == "index.html" or key.endswith("/index.html"):
                entries[key[: -len("index.html")]] = route
        for address, name in self.served.hashed_by(url).items():
            route = entries[address[len(url) - 1 :]]
            entries.setdefault(name[len(url) - 1 :], [*route[:2], _header_lines(target, True), *route[3:]])
        data, buckets = index(entries)
        return ["d", None, "", self.store.add(data), buckets]

    def route(self, target: Target, key: Key) -> Route:
        """The route of a target; `key`: where it stands in the description."""
        headers = _header_lines(target)
        if isinstance(target, File):
            return _file(self.asset(target.file, str(key[1])), headers)
        if isinstance(target, Directory):
            return self.directory(target, str(key[1]))
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
        self.store.expect([*self.pages.values(), *map(self.served.made, self.served.files)])
        self.routes = {url: self.route(target, ("routes", url)) for url, target in site.routes.items()}
        for url, target in site.routes.items():
            for name in self.served.hashed_by(url).values() if isinstance(target, File) else ():
                route = self.routes[url]
                self.routes.setdefault(name, [*route[:2], _header_lines(target, True), *route[3:]])
        self.errors = {
            str(status): self.route(target, ("errors", status)) for status, target in sorted(site.errors.items())
        }
        exact, patterns, modules = spread(self.routes, self.store.add)
        server = {name: value for name, value in site.server.model_dump().items() if value is not None}
        return {
            "picoweb": VERSION,
            "path": path,
            "site": {"title": site.title, **site.context},
            "server": server,
            "routes": exact,
            "patterns": patterns,
            "errors": self.errors,
            **({"modules": modules} if modules else {}),
        }
