"""What a bundle holds: files named by their content, and their gzip'd forms."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from zopfli.gzip import compress

from ..cache import Cache
from .files import content_type, digest
from .tools import version


@dataclass(frozen=True)
class Asset:
    """A served file: its type, its name in the bundle and size, and those of its gzip'd form where that is smaller."""

    type: str
    name: str
    size: int
    gz_name: str | None = None
    gz_size: int = 0


@dataclass
class Store:
    """The content-addressed files of a bundle, by their paths in it. Equal files are stored once.

    cache: keeps what was compressed for later builds.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    cache: Cache | None = None

    def add(self, data: bytes) -> str:
        """Stores some bytes and returns their name below site/."""
        name = digest(data)
        self.files[f"site/{name}"] = data
        return name

    def asset(self, name: str, data: bytes) -> Asset:
        """Stores a file, and its gzip'd form if that saves more than it costs."""
        packed = self.packed(data)
        saves = len(packed) < len(data) * 0.95
        return Asset(
            content_type(name),
            self.add(data),
            len(data),
            self.add(packed) if saves else None,
            len(packed) if saves else 0,
        )

    def packed(self, data: bytes) -> bytes:
        """The gzip'd form, or the data itself where that would not be smaller."""
        if len(data) <= 64 or len(zlib.compress(data)) >= len(data):
            return data
        if self.cache is None:
            return bytes(compress(data))
        return self.cache.get(("gzip", version("zopfli"), data), lambda: compress(data))
