"""The libraries that make one form of a file from another: their versions, and what they can not do."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from pathlib import Path


@functools.cache
def version(*packages: str) -> str:
    """The versions of packages: what they make is kept for these alone."""
    return " ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)


@functools.cache
def own_version() -> bytes:
    """A hash of this package: what it makes is kept for it as it is now."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).digest()


class Unsafe(Exception):
    """A file is better served as it is; the message says why. line: where in it, 0 for all of it."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line
