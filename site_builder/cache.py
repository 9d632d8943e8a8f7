"""What earlier builds made, by what it was made of: so that a build makes only what has changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs


def _folder() -> Path:
    return platformdirs.user_cache_path("picoweb", appauthor=False) / "made"


@dataclass
class Cache:
    """Bytes on disk, and in memory, by a hash of all they depend on."""

    folder: Path = field(default_factory=_folder)
    memory: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: tuple[str | bytes, ...], make: Callable[[], bytes]) -> bytes:
        """The bytes that were made for this key; make() makes them when they are not there.

        key: everything the bytes depend on: what kind of thing they are, the version of the tool, options, the
        source. A cache that can not be read or written costs time, and no more.
        """
        total = hashlib.sha256()
        for part in key:
            data = part.encode() if isinstance(part, str) else part
            total.update(b"%d\0" % len(data) + data)
        name = total.hexdigest()
        if name not in self.memory:
            self.memory[name] = self._read(name, make)
        return self.memory[name]

    def _read(self, name: str, make: Callable[[], bytes]) -> bytes:
        path = self.folder / name[:2] / name[2:]
        with contextlib.suppress(OSError):
            data = path.read_bytes()
            if data[:32] == hashlib.sha256(data[32:]).digest():  # else it was cut short, or damaged
                return data[32:]
        data = make()
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as f:
                f.write(hashlib.sha256(data).digest() + data)
            os.replace(temporary, path)
        return data
