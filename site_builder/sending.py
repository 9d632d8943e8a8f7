"""Files as calls of the helper, and calls as round trips."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .onboard import digest

__all__ = ["Call", "batches", "in_one_piece", "removing", "writing"]

_CHUNK = 2048  # bytes of a file in one call: with its base64 and its hash under 6 kB of heap
_BATCH = 3000  # characters of calls in one round trip
_WINDOW = 10  # bits: 1 KB of the board's heap; with 32 KB as many bytes would be sent but for 2 %
_PAYS = 0.9  # a chunk is deflated when that leaves at most so much of it


@dataclass(frozen=True)
class Call:
    """One call of the helper, the file that it is for, and how many bytes of that file it carries."""

    text: str
    path: str = ""
    size: int = 0


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -_WINDOW, 9)
    return packer.compress(data) + packer.flush()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _chunk(path: str, data: bytes, deflate: bool) -> Call:
    packed = _deflated(data) if deflate else data
    if len(packed) <= len(data) * _PAYS:
        return Call(f"z('{_base64(packed)}')", path, len(data))
    return Call(f"w('{_base64(data)}')", path, len(data))


def writing(path: str, data: bytes, deflate: bool, like: str | None = None) -> Iterator[Call]:
    """The calls that write one file and check it. `deflate`: the device can inflate. `like`: a file it has, to copy."""
    yield Call(f"o({path!r})", path)
    if like is not None:
        yield Call(f"c({like!r})", path)
    for at in range(0, 0 if like else len(data), _CHUNK):
        yield _chunk(path, data[at : at + _CHUNK], deflate)
    yield Call(f"e('{digest(data)}')", path)


def in_one_piece(path: str, data: bytes) -> Call:
    """The call that writes a small file that may be live."""
    return Call(f"p({path!r},'{_base64(data)}','{digest(data)}')", path, len(data))


def removing(paths: Iterable[str]) -> Iterator[Call]:
    """The calls that remove files and folders, whose names end with a slash."""
    return (Call(f"rm({path!r})", path) for path in sorted(paths, reverse=True))


def batches(calls: Iterable[Call]) -> Iterator[list[Call]]:
    """The same calls, as many at a time as one round trip may carry."""
    batch: list[Call] = []
    size = 0
    for call in calls:
        size += len(call.text) + 1
        if batch and size > _BATCH:
            yield batch
            batch, size = [], len(call.text) + 1
        batch.append(call)
    if batch:
        yield batch
