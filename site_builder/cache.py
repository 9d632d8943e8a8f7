"""What earlier builds made, by what it was made of: so that a build makes only what has changed."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import os
import re
import struct
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

Key = tuple[str | bytes, ...]

_log = logging.getLogger(__name__)
_NAME = re.compile(r"[\w/.-]*[A-Za-z][\w/.-]*")  # and not a version

_ENTRY = struct.Struct("<32sI")  # of a pack: a key's hash, the length of what follows
_SPARE = 1 << 20  # bytes that a pack keeps at least of what the last build did not use
_MOST = 256 << 20  # bytes of all packs
_HOUR = 3600


def folder() -> Path:
    """Where picoweb keeps what can be made or fetched again: PICOWEB_CACHE, or the user's cache folder."""
    if path := os.environ.get("PICOWEB_CACHE"):
        return Path(path)
    import platformdirs

    return Path(platformdirs.user_cache_dir("picoweb"))


@functools.cache
def code(*packages: str) -> bytes:
    """A hash of the source of modules and packages of site_builder, such as "templates": part of the key of what they
    make."""
    total = hashlib.sha256()
    top = Path(__file__).parent
    for name in packages:
        for path in sorted((top / name).rglob("*.py")) or [top / f"{name}.py"]:
            total.update(path.name.encode() + path.read_bytes())
    return total.digest()


@functools.cache
def version(*distributions: str) -> str:
    """The versions of tools that are installed: part of the key of what they make."""
    return " ".join(f"{name} {_version(name)}" for name in distributions)


def _version(distribution: str) -> str:
    found = _installed().get(distribution.replace("-", "_"))
    if found is None:
        import importlib.metadata  # it takes as long as a small site

        found = importlib.metadata.version(distribution)
    return found


@functools.cache
def _installed() -> dict[str, str]:
    """The versions of distributions, as the names of their folders tell."""
    found: dict[str, str] = {}
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for name in os.listdir(folder or "."):
                if name.endswith(".dist-info"):
                    found.setdefault(*name.removesuffix(".dist-info").lower().partition("-")[::2])
    return found


def _hash(parts: Iterable[str | bytes]) -> bytes:
    data = [part.encode() if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(b"".join([repr([*map(len, data)]).encode(), *data])).digest()


def _words(key: Key) -> str:
    """What a key is of, for people: its kind, and the name where there is one."""
    words = [part for part in key[1:] if isinstance(part, str) and _NAME.fullmatch(part)]
    return " ".join([str(key[0]), *words[-1:]])


class _Pack:
    """A file of bytes by hashes: read at once when it is first needed, and replaced as a whole.

    What was used last stands first, and what has not been used for long is left out.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.used: dict[bytes, bytes] = {}
        self.changed = False

    @functools.cached_property
    def entries(self) -> dict[bytes, bytes]:
        """What earlier builds left. A file that is damaged, or can not be read, has nothing."""
        if self.path is None:
            return {}
        try:
            data = self.path.read_bytes()
        except OSError:
            return {}
        if data[:32] != hashlib.sha256(memoryview(data)[32:]).digest():
            return {}
        with contextlib.suppress(OSError):
            os.utime(self.path)
        found, at = {}, 32
        while at < len(data):
            key, size = _ENTRY.unpack_from(data, at)
            at += _ENTRY.size + size
            found[key] = data[at - size : at]
        return found

    def get(self, key: bytes) -> bytes | None:
        data = self.used.get(key)
        if data is None:
            data = self.entries.get(key)
            if data is not None:
                self.used[key] = data
        return data

    def put(self, key: bytes, data: bytes) -> None:
        self.used[key] = data
        self.changed = True

    def save(self) -> None:
        """Writes the file, whole or not at all, if there is something new."""
        if self.changed:
            self._merge()
            if self.path is not None:
                parts = [_ENTRY.pack(key, len(data)) + data for key, data in self.entries.items()]
                with contextlib.suppress(OSError):
                    _write(self.path, parts)
            self.changed = False
        self.used = {}

    def _merge(self) -> None:
        size = sum(map(len, self.used.values()))
        most = size + max(_SPARE, size // 2)
        kept = dict(self.used)
        for key, data in self.entries.items():
            size += len(data) if key not in kept else 0
            if size > most:
                break
            kept.setdefault(key, data)
        self.entries = kept


def _write(path: Path, parts: list[bytes]) -> None:
    import tempfile  # not needed when nothing is new

    body = b"".join(parts)
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix="new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(hashlib.sha256(body).digest() + body)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    if is_new:
        _trim(path.parent)


def _trim(folder: Path) -> None:
    """Removes the packs that were not used for longest while there are too many, and what killed builds left."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):  # another build has removed it
                about = entry.stat()
                found.append((about.st_mtime, about.st_size, entry.path))
    total = 0
    for changed, size, path in sorted(found, reverse=True):
        total += size
        if total > _MOST or (os.path.basename(path).startswith("new-") and changed < time.time() - _HOUR):
            with contextlib.suppress(OSError):
                os.unlink(path)


class Cache:
    """Bytes by a hash of all they depend on: those of one site, and those that all sites share.

    A cache that can not be read or written costs time, and no more. Several builds may use one at once: the last that
    saves wins. One object can serve many builds, and then reads nothing again. Without a site it keeps what is made
    in memory alone.
    """

    def __init__(self, site: Path | None = None) -> None:
        self._site = self._shared = _Pack(None)
        if site is not None:
            name = hashlib.sha256(os.fsencode(site.resolve())).hexdigest()[:16]
            self._site = _Pack(folder() / "made" / f"site-{name}")
            self._shared = _Pack(folder() / "made" / "shared")

    def get(self, key: Key, make: Callable[[], bytes], shared: bool = False) -> bytes:
        """The bytes that were made for this key; make() makes them when they are not there.

        key: everything the bytes depend on: what kind of thing they are, the version of the tool, options, the
        source. shared: other sites need the same.
        """
        data = self.find(key, shared)
        if data is None:
            data = make()
            self.put(key, data, shared)
        return data

    def find(self, key: Key, shared: bool = False) -> bytes | None:
        """The bytes that were made for this key, None when they are not there."""
        return (self._shared if shared else self._site).get(_hash(key))

    def put(self, key: Key, data: bytes, shared: bool = False) -> None:
        """Keeps the bytes that were made for this key."""
        _log.debug("made anew: %s", _words(key))
        (self._shared if shared else self._site).put(_hash(key), data)

    def depending(self, key: Key, look: Callable[[str], str], make: Callable[[], tuple[bytes, Iterable[str]]]) -> bytes:
        """As get(), for what depends on things whose names are known only once it was made.

        make() gives the bytes and those names, of which there is one at least; look(name), what is there by that name
        now, such as a hash.
        """
        name = _hash(key)
        kept = self._site.get(name)
        if kept is not None:
            names, _, data = kept[32:].partition(b"\n")
            if kept[:32] == _hash(map(look, names.decode().split("\0"))):
                return data
        _log.debug("made anew: %s", _words(key))
        data, asked = make()
        asked = sorted(asked)
        self._site.put(name, _hash(map(look, asked)) + "\0".join(asked).encode() + b"\n" + data)
        return data

    def save(self) -> None:
        """Keeps what was made for later builds, and forgets what has not been used for long."""
        self._site.save()
        self._shared.save()
