"""What a bundle holds: files named by their content, and their gzip'd forms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..cache import Cache
from . import packing
from .files import content_type, digest


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
    cache: Cache = field(default_factory=Cache)

    def add(self, data: bytes) -> str:
        """Stores some bytes and returns their name below site/."""
        name = digest(data)
        self.files[f"site/{name}"] = data
        return name

    def expect(self, contents: Iterable[bytes]) -> None:
        """Makes ready for files that will be stored: compressed together, they take less time."""
        packing.pack_all(contents, self.cache)

    def asset(self, name: str, data: bytes) -> Asset:
        """Stores a file, and its gzip'd form if that saves more than it costs."""
        packed = packing.packed(data, self.cache)
        return Asset(content_type(name), self.add(data), len(data), self.add(packed) if packed else None, len(packed))
