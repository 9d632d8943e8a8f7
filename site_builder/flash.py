"""What a board keeps on flash instead of in memory: an index of keys, and the routes of a site that has many."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zlib import crc32

from picoweb import routing

Route = list[Any]
Add = Callable[[bytes], str]  # stores a file, and gives its name below site/

MOST = 16  # routes of one path, and patterns, that a board keeps in memory
_BUCKET = 512  # a board reads one bucket of an index at a time


dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
"""Compact JSON, the same for the same value."""


def index(entries: Mapping[str, Route]) -> tuple[bytes, int]:
    """An index of routes by key, and its number of buckets."""
    return _file((key, dumps(route)) for key, route in sorted(entries.items()))


def entries(data: bytes, buckets: int) -> list[tuple[str, Route]]:
    """What an index of a folder or of paths holds, by key; a folder's own page is "" or ends in "/"."""
    lines = [line.partition(b"\t") for line in data[4 * (buckets + 1) :].split(b"\n") if line]
    return sorted((name.decode(), json.loads(route)) for name, _, route in lines)


def _file(entries: Iterable[tuple[str, str]]) -> tuple[bytes, int]:
    """An index file and its number of buckets: offsets, then lines of key, tab and text. Keys may stand again."""
    lines = [(crc32(key.encode()), f"{key}\t{text}\n".encode()) for key, text in entries]
    sizes = [(number, len(line)) for number, line in lines]
    count = max(1, len(lines) // 2)
    while count < 2 * len(lines) and _largest(sizes, count) > _BUCKET:
        count += 1 + count // 32
    buckets: list[bytes] = [b""] * count
    for number, line in lines:
        buckets[number % count] += line
    offsets = [4 * (count + 1)]
    for bucket in buckets:
        offsets.append(offsets[-1] + len(bucket))
    return struct.pack(f"<{count + 1}I", *offsets) + b"".join(buckets), count


def _largest(lines: list[tuple[int, int]], count: int) -> int:
    """The size of the largest of so many buckets, for lines of which the hash and the size are given."""
    sizes = [0] * count
    for number, size in lines:
        sizes[number % count] += size
    return max(sizes)


# Routes


def needs(paths: Iterable[str]) -> set[str]:
    """The modules of picoweb that find routes on flash, for a site with these paths."""
    kinds = [routing.is_pattern(path) for path in paths]
    found = {"lookup"} if kinds.count(False) > MOST else set()
    return found | {"lookup", "groups"} if kinds.count(True) > MOST else found


def spread(routes: Mapping[str, Route], add: Add) -> tuple[dict[str, Route], list[list[Any]], list[str]]:
    """Routes by path, patterns in the order they are tried, and the modules of functions that neither names.

    The routes that come first in the description stay in memory; the others go to indexes on flash, which stand among
    the patterns.
    """
    exact = {path: route for path, route in routes.items() if not routing.is_pattern(path)}
    patterns = {path: route for path, route in routes.items() if routing.is_pattern(path)}
    spilled = dict(list(exact.items())[MOST:])
    entries, spilled_patterns = _patterns(patterns, add)
    if spilled:
        data, buckets = index({path[1:]: route for path, route in spilled.items()})
        entries.insert(0, ["/*", ["d", None, "", add(data), buckets]])
    kept = {path: exact[path] for path in sorted(exact.keys() - spilled.keys())}
    return kept, entries, _modules([*spilled.values(), *spilled_patterns.values()])


def _modules(routes: Iterable[Route]) -> list[str]:
    names = {route[5] if route[0] == "t" else route[3] for route in routes if route[0] in "hjt"}
    return sorted({name.rpartition(".")[0] for name in names if name})


def _patterns(routes: Mapping[str, Route], add: Add) -> tuple[list[list[Any]], dict[str, Route]]:
    """The patterns in order, with the indexes of those that go to flash among them; and the latter."""
    ordered = sorted(routes, key=specificity)
    kept = _kept(routes)
    spilled = {path: routes[path] for path in ordered if path not in kept}
    entries: list[list[Any]] = [[path, routes[path]] for path in ordered if path in kept]
    if spilled:
        data, buckets = _file((_fixed(path), f"{path}\t{dumps(route)}") for path, route in spilled.items())
        route = ["g", None, "", add(data), buckets]
        entries += [[depth, route] for depth in {*map(_depth, spilled)}]
        entries.sort(key=lambda entry: -(entry[0] if isinstance(entry[0], int) else _depth(entry[0])))
    return entries, spilled


def _kept(routes: Mapping[str, Route]) -> set[str]:
    """The patterns that stay in memory: of those that begin with the same text, all or none; those of folders first.

    Of two patterns that match the same path, the one whose text at its beginning is longer says more.
    """
    groups: dict[str, list[str]] = {}
    for path in routes:
        groups.setdefault(_fixed(path), []).append(path)
    kept: set[str] = set()
    for group in sorted(groups.values(), key=lambda group: not any(routes[path][0] == "d" for path in group)):
        if len(kept) + len(group) <= MOST:
            kept.update(group)
    return kept


def specificity(path: str) -> list[tuple[int, str]]:
    """Sorts patterns so that the one that says more comes first: text, then <int:…>, <name>, <path:…> or *."""
    ranks = {"int": 1, "str": 2, "path": 3}
    return [(0, part) if isinstance(part, str) else (ranks[part[0]], "") for part in routing.split(path)]


def _depth(path: str) -> int:
    """How many parts of a pattern are text, before the first that is not."""
    return next(i for i, part in enumerate(routing.split(path)) if not isinstance(part, str))


def _fixed(path: str) -> str:
    """Those parts."""
    return "/".join(path[1:].split("/")[: _depth(path)])
