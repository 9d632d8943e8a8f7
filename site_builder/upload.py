"""Puts a bundle on a device, all or nothing.

Files of a bundle are named by their content, so no name that the live `routes.json` refers to is ever written with
other bytes; the rename of the new `routes.json` is the commit.
"""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .device import MAKE_ROOM, Device, Item, digest, temporary
from .errors import DeviceError

__all__ = ["Progress", "UploadResult", "upload"]

_MPY_VERSION = 6
_CHUNK = 2048  # bytes of a file in one call: with its base64 and its hash under 6 kB of heap
_BATCH = 3000  # characters of calls in one round trip


@dataclass(frozen=True)
class Progress:
    """How far an upload is: the file being sent, and bytes `done` of `total`."""

    path: str
    done: int
    total: int


@dataclass(frozen=True)
class UploadResult:
    """What an upload did."""

    files_sent: int
    bytes_sent: int
    files_kept: int
    files_removed: int
    round_trips: int
    seconds: float


@dataclass(frozen=True)
class _Call:
    """One call of the helper, the file that it is for, and how many bytes of that file it carries."""

    text: str
    path: str = ""
    size: int = 0


def _writing(path: str, data: bytes) -> Iterator[_Call]:
    """The calls that write one file."""
    yield _Call(f"begin({temporary(path)!r})", path)
    for at in range(0, len(data), _CHUNK):
        chunk = data[at : at + _CHUNK]
        yield _Call(f"w('{base64.b64encode(chunk).decode()}')", path, len(chunk))
    yield _Call(f"end({path!r},'{digest(data)}')", path)


def _batches(calls: Iterable[_Call]) -> Iterator[list[_Call]]:
    """The same calls, as many at a time as one round trip may carry."""
    batch: list[_Call] = []
    for call in calls:
        if batch and sum(len(c.text) + 1 for c in batch) + len(call.text) > _BATCH:
            yield batch
            batch = []
        batch.append(call)
    if batch:
        yield batch


def _names(paths: Iterable[str]) -> set[str]:
    """`paths` and all folders above them, in the spelling of an inventory."""
    names = set(paths)
    for path in [*names]:
        names.update(f"{parent}/" for parent in PurePosixPath(path).parents[:-1])
    return names


def _read(bundle: Path) -> dict[str, bytes]:
    """The files of a bundle in the order they are sent: `routes.json` is the last."""
    for name in ("main.py", "routes.json", "site"):
        if not (bundle / name).exists():
            raise DeviceError(f"{bundle}: this is not a bundle: {name} is missing; build the site first")
    below = sorted(p for p in (bundle / "site").rglob("*") if p.is_file())
    files = [*below, bundle / "main.py", bundle / "routes.json"]
    return {p.relative_to(bundle).as_posix(): p.read_bytes() for p in files}


class _Upload:
    """One upload: what the bundle has, what the device has, and the steps from one to the other."""

    def __init__(self, device: Device, files: dict[str, bytes]) -> None:
        self._device = device
        self._there = device.inventory()
        wanted = {path: Item(len(data), digest(data)) for path, data in files.items()}
        self.sending = {path: files[path] for path, item in wanted.items() if self._there.get(path) != item}
        self.stale = self._there.keys() - _names(files)
        self._new = _names(path for path in self.sending if path.startswith("site/")) - self._there.keys()

    @property
    def size(self) -> int:
        """How many bytes are to be sent."""
        return sum(map(len, self.sending.values()))

    def check_room(self) -> None:
        """Old and new site must fit side by side; LittleFS takes two blocks a folder."""
        info = self._device.info()
        blocks = sum(-(-len(data) // info.block) for data in self.sending.values())
        needed = (blocks + 2 * sum(name.endswith("/") for name in self._new)) * info.block
        if needed > info.free:
            room = f"the upload needs {needed:,} bytes of flash, but {info.free:,} are free"
            raise DeviceError(f"{self._device.port}: {room}: {MAKE_ROOM}")

    def send(self, progress: Callable[[Progress], None] | None) -> None:
        """Write what is missing; `routes.json` comes last, and its rename is the commit."""
        done = 0
        calls = (call for path, data in self.sending.items() for call in _writing(path, data))
        for batch in _batches(calls):
            self._device.run(call.text for call in batch)
            done += sum(call.size for call in batch)
            if progress:
                progress(Progress(batch[-1].path, done, self.size))

    def undo(self) -> None:
        """Remove what a failed `send` left, so that the old site finds its flash as it was."""
        if self._device.alive:
            with contextlib.suppress(DeviceError):
                self._remove(self._new)

    def tidy(self) -> None:
        """Remove what the new site does not use."""
        self._device.consequence = "the new site is in place"
        self._remove(self.stale)

    def _remove(self, names: Iterable[str]) -> None:
        for batch in _batches(_Call(f"rm({name!r})") for name in sorted(names, reverse=True)):
            self._device.run(call.text for call in batch)


def _check(device: Device, force: bool) -> None:
    """Refuse a device whose Python is too old, or whose main.py is somebody's."""
    info = device.info()
    if info.mpy != _MPY_VERSION:
        python = f"MicroPython {'.'.join(map(str, info.version))}"
        problem = f"{python} runs bytecode version {info.mpy}, not {_MPY_VERSION}"
        raise DeviceError(f"{device.port}: {problem}: install MicroPython 1.19 or newer on the board")
    if info.ours is False and not force:
        problem = "main.py on the device was not made by picoweb"
        raise DeviceError(f"{device.port}: {problem}: keep a copy of it, then replace it with --force")


def upload(
    bundle: Path, port: str, *, progress: Callable[[Progress], None] | None = None, force: bool = False
) -> UploadResult:
    """Make the device run `bundle`. Whatever goes wrong, it has the old site or the new one, whole.

    All below `site/` on the device belongs to the upload; other files stay as they are. `force` replaces a
    `main.py` that picoweb did not make.
    """
    start = time.monotonic()
    files = _read(bundle)
    with Device.open(port) as device:
        _check(device, force)
        steps = _Upload(device, files)
        steps.check_room()
        _commit(device, steps, progress)
        steps.tidy()
        device.restart()
    removed = sum(not name.endswith("/") for name in steps.stale)
    sent, kept = len(steps.sending), len(files) - len(steps.sending)
    return UploadResult(sent, steps.size, kept, removed, device.round_trips, time.monotonic() - start)


def _commit(device: Device, steps: _Upload, progress: Callable[[Progress], None] | None) -> None:
    device.consequence = "the upload did not take effect"
    try:
        steps.send(progress)
    except DeviceError:
        steps.undo()
        raise
