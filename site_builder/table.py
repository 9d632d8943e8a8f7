"""Model to routes.json: the compact table that a device loads at boot. See docs/routes-json.md."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from .assets import Asset, Store, content_type, files_below
from .check import Checked
from .errors import Problem, SiteError
from .flash import Route, index, spread
from .model import METHODS, Directory, File, Handler, Json, Redirect, Target, Template
from .source import Key

VERSION = 1  # as in picoweb/site.py


def _header_lines(target: Target) -> str:
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
        self.folder = checked.folder
        self.pages = checked.pages
        self.site = checked.site
        self.store = store
        self.routes: dict[str, Route] = {}  # all, by path

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
        self.routes = {url: self.route(target, ("routes", url)) for url, target in site.routes.items()}
        exact, patterns, modules = spread(self.routes, self.store.add)
        server = {name: value for name, value in site.server.model_dump().items() if value is not None}
        return {
            "picoweb": VERSION,
            "path": path,
            "site": {"title": site.title, **site.context},
            "server": server,
            "routes": exact,
            "patterns": patterns,
            "errors": {
                str(status): self.route(target, ("errors", status)) for status, target in sorted(site.errors.items())
            },
            **({"modules": modules} if modules else {}),
        }
