"""gzip, as small as it gets."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from ..cache import Cache, code, version

_SHORT = 8000  # bytes: what is shorter gains nothing from being split into blocks, which takes ten times as long, and
_ROUNDS = 5  # a thousandth from more rounds than these


def _key(data: bytes) -> tuple[str | bytes, ...]:
    return ("gzip", version("zopfli"), code("assets/packing"), data)


def packed(data: bytes, cache: Cache) -> bytes:
    """The gzip'd form of some bytes; b"" where it saves less than a twentieth."""
    if len(data) <= 64:
        return b""
    return cache.get(_key(data), lambda: _pack(data))


def pack_all(contents: Iterable[bytes], cache: Cache) -> None:
    """Makes the gzip'd forms that are not in the cache, several at once."""
    new = [data for data in dict.fromkeys(contents) if len(data) > 64 and cache.find(_key(data)) is None]
    if len(new) > 1:
        from concurrent.futures import ThreadPoolExecutor  # zopfli does not hold the interpreter's lock

        with ThreadPoolExecutor() as pool:
            for data, made in zip(new, pool.map(_pack, new), strict=True):
                cache.put(_key(data), made)


def _pack(data: bytes) -> bytes:
    from zopfli.gzip import compress

    if len(zlib.compress(data)) >= len(data):
        return b""
    found: bytes = compress(data) if len(data) > _SHORT else compress(data, blocksplitting=False, numiterations=_ROUNDS)
    return found if len(found) < len(data) * 0.95 else b""
