"""The routes of a built site, for people: in the order in which the board matches them, with what each one sends."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from picoweb import routing

from .bundle import Bundle
from .flash import Route, entries, specificity
from .model import Json, Redirect, Target, Template
from .source import Key


@dataclass(frozen=True)
class Row:
    """A route, an error page, or a file of a folder.

    path: for an error page its status. methods: without HEAD and OPTIONS, which come with each route. target: a file,
    a folder, a template, a function or an address. line: where it stands in site.yaml. cache: the Cache-Control of
    its answers, None for none. size: the bytes of its body, None when the board makes it. sent: what of it goes to a
    browser, which takes gzip. files: those of a folder.
    """

    methods: tuple[str, ...]
    path: str
    kind: str
    target: str
    line: int
    cache: str | None
    size: int | None = None
    sent: int | None = None
    files: tuple[Row, ...] = ()


def routes(made: Bundle) -> list[Row]:
    """A site's routes in match order: exact paths first, then patterns, of which the one that says more comes first."""
    site = made.checked.site
    exact = sorted(url for url in site.routes if not routing.is_pattern(url))
    patterns = sorted((url for url in site.routes if routing.is_pattern(url)), key=specificity)
    return [_row(made, url, site.routes[url], ("routes", url), made.routes[url]) for url in exact + patterns]


def error_pages(made: Bundle) -> list[Row]:
    """A site's error pages, by status."""
    site = made.checked.site
    pairs = made.table["errors"].items()
    return [_row(made, status, site.errors[int(status)], ("errors", int(status)), route) for status, route in pairs]


def _row(made: Bundle, path: str, target: Target, key: Key, route: Route) -> Row:
    line = made.checked.source.problem(key, "").line
    row = Row(tuple(route[1] or ["GET"]), path, target.kind, _target(target), line, _cache(route[2]))
    if route[0] == "d":
        pairs = entries(made.files[f"site/{route[3]}"], route[4])
        shown = [(path[:-1] + name, entry) for name, entry in pairs if name and name[-1] != "/"]
        files = tuple(_file(name, row, entry) for name, entry in shown if name in made.checked.served.files)
        sizes = sum(file.size or 0 for file in files), sum(file.sent or 0 for file in files)
        return replace(row, size=sizes[0], sent=sizes[1], files=files, cache=files[0].cache if files else None)
    if route[0] == "f":
        return replace(row, size=route[5], sent=route[7] if route[6] else route[5])
    if isinstance(target, Json) and not isinstance(target.value, str):
        size = len(json.dumps(target.value, separators=(", ", ": "), ensure_ascii=False).encode())  # as the board does
        return replace(row, size=size, sent=size)
    return replace(row, size=0, sent=0) if isinstance(target, Redirect) else row


def _file(path: str, folder: Row, route: Route) -> Row:
    sent = route[7] if route[6] else route[5]
    return Row(folder.methods, path, "file", path, folder.line, _cache(route[2]), route[5], sent)


def _target(target: Target) -> str:
    """What a target is, in a word."""
    if isinstance(target, Json) and not isinstance(target.value, str):
        return "a value"
    if isinstance(target, Template) and target.data:
        return f"{target.template} with {target.data}"
    return str(getattr(target, "value" if isinstance(target, Json) else target.kind))


def _cache(headers: str) -> str | None:
    """The value of Cache-Control among header lines."""
    for line in headers.split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "cache-control":
            return value
    return None


# What to ask a running site for

_SAMPLES = {"int": "1", "str": "x", "path": "x"}
NOWHERE = "/picoweb-asks-for-a-page-that-is-not-there"  # what shows the error page for 404
_FILES = 3  # of each folder, the largest


def samples(made: Bundle) -> tuple[list[str], list[tuple[str, str]]]:
    """Paths to ask for, of every page, and the routes for which there is none, each with the reason.

    Parts of a pattern are 1 and x; of a folder the largest files are asked for.
    """
    asked: list[str] = []
    without: list[tuple[str, str]] = []
    for row in routes(made):
        if "GET" not in row.methods:
            without.append((row.path, f"it answers {', '.join(row.methods)} alone"))
        elif row.kind == "dir":
            asked += [file.path for file in sorted(row.files, key=lambda file: (-(file.size or 0), file.path))[:_FILES]]
        else:
            asked.append(_sample(row.path))
    for row in error_pages(made):
        if row.path == "404":
            asked.append(NOWHERE)
        else:
            without.append((row.path, "it is shown after an error alone"))
    return list(dict.fromkeys(asked)), without


def _sample(path: str) -> str:
    if not routing.is_pattern(path):
        return path
    return "/" + "/".join(part if isinstance(part, str) else _SAMPLES[part[0]] for part in routing.split(path))
