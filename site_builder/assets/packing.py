"""gzip, as small as it gets."""

from __future__ import annotations

import zlib

from ..cache import Cache, code, version

_SHORT = 8000  # bytes: what is shorter gains nothing from being split into blocks, which takes ten times as long, and
_ROUNDS = 5  # a thousandth from more rounds than these


def packed(data: bytes, cache: Cache) -> bytes:
    """The gzip'd form of some bytes; b"" where it saves less than a twentieth."""
    if len(data) <= 64:
        return b""
    return cache.get(("gzip", version("zopfli"), code("assets/packing"), data), lambda: _pack(data))


def _pack(data: bytes) -> bytes:
    from zopfli.gzip import compress

    if len(zlib.compress(data)) >= len(data):
        return b""
    found: bytes = compress(data) if len(data) > _SHORT else compress(data, blocksplitting=False, numiterations=_ROUNDS)
    return found if len(found) < len(data) * 0.95 else b""
