"""A device as an upload sees it: what it is, what it has, and calls that change its files.

helper.py is at work there, and sends lines of JSON.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol

from .errors import DeviceError
from .onboard import MAINS, Item, Listing, Record, item, source
from .wire import Wire

__all__ = ["Contents", "Device", "DeviceInfo"]

_LOOK_SECONDS = 300.0  # the device hashes all it has; a line a file keeps the shorter limit of 10 s away
_RUN_SECONDS = 15.0
_ENOSPC, _EIO = 28, 5  # numbers of the device, which need not be those of this machine

MAKE_ROOM = "remove files from the device or make the site smaller"
LOOK, BRIEF, NOTHING = "look('')", "brief()", ""  # at all files; which site there is; at none
NO_MAIN, OURS, STARTS_US, FOREIGN = range(4)


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says about itself; sizes are in bytes: `free` of `total` flash, in blocks of `block`; free `heap`.

    main: what main.py is: NO_MAIN, OURS (or empty), STARTS_US (somebody's, with our line in it) or FOREIGN. fat:
    whether its file system is FAT, None when that can not be seen. deflate: whether it can inflate.
    """

    version: tuple[int, ...]
    mpy: int
    machine: str
    free: int
    total: int
    block: int
    main: int
    heap: int
    fat: bool | None
    deflate: bool


@dataclass
class Contents:
    """What a device has of all that an upload may change: files by path, a folder's ends with a slash.

    records: those of `site/live.0` and `site/live.1`, None for one that is not there or not whole.
    """

    items: dict[str, Item] = field(default_factory=dict)
    records: list[Record | None] = field(default_factory=lambda: [None, None])
    listings: dict[str, Listing] = field(default_factory=dict)

    @classmethod
    def read(cls, rows: Iterable[list[Any]]) -> Contents:
        """Understands what the helper says."""
        contents, texts = cls(), dict[str, list[str]]()
        path = folder = ""
        for first, *more in rows:
            if not more:
                texts.setdefault(path, []).append(first)
                continue
            folder = first if first.endswith("/") else folder
            path = first if first.endswith("/") else folder + first
            contents.items[path] = Item(*more)
        for slot in (0, 1):
            contents.records[slot] = Record.read(texts.get(f"site/live.{slot}", []))
        for path, lines in texts.items():
            listing = Listing.read(lines) if path.endswith(".list") else None
            if listing:
                contents.listings[path.split("/")[-1].removesuffix(".list")] = listing
        return contents

    def know(self, site: str, listing: Listing) -> None:
        """Understand the listing of a site, which was not asked for since we have it."""
        if self.items.get(f"site/{site}.list") == item(listing.data()):
            self.listings[site] = listing

    @property
    def live(self) -> Record | None:
        """The record of the site that runs."""
        return max((record for record in self.records if record), default=None)

    @property
    def slot(self) -> int:
        """Which record the next upload writes: the older one."""
        return 1 if self.live and self.records[0] == self.live else 0

    def called(self, site: str) -> str:
        """A site's title and name."""
        listing = self.listings.get(site)
        return f"{listing.title or 'a site without a title'} ({site})" if listing else f"a damaged site ({site})"

    @property
    def previous(self) -> Record | None:
        """The record of the site before, if all of that is still there."""
        record = self.records[self.slot]
        return record if record and self.live and self.has(record.site) else None

    def has(self, site: str) -> bool:
        """Whether all files of a site are there, with the right content."""
        listing = self.listings.get(site)
        return listing is not None and all(self.items.get(path) == found for path, found in listing.items.items())

    def needed(self, site: str | None) -> set[str]:
        """The files of a site, whose listing is there."""
        if site is None or site not in self.listings:
            return set()
        return {f"site/{site}.list", *self.listings[site].items}


@functools.cache
def _helper() -> str:
    return source("helper.py").decode()


class Device:
    """A device in its raw REPL. Leaving the `with` block restarts it, so that its `main.py` runs again."""

    def __init__(self, wire: WireLike) -> None:
        self.wire = wire
        self.port = wire.port
        self.contents = Contents()
        self.opened = time.monotonic()
        self._info: DeviceInfo | None = None

    @classmethod
    def open(cls, port: str, look: str = LOOK) -> Device:
        """Interrupt what runs behind `port`, and prepare the device for our calls; look: at LOOK, BRIEF or NOTHING."""
        device = cls(Wire(port))
        try:
            device.prepare(look)
        except BaseException:
            device.__exit__(None, None, None)
            raise
        return device

    def prepare(self, look: str = LOOK) -> None:
        """Start anew, with the helper there, and `info` known, and `contents` as far as we look."""
        self.wire.enter()
        text = f"{_helper()}info()\n{look}"
        (version, *rest), *rows = self._exec(text, _LOOK_SECONDS)
        self._info = DeviceInfo(tuple(version), *rest)
        self.contents = Contents.read(rows)
        main = self.contents.items.get("main.py")
        if main and main.digest in MAINS:
            self._info = dataclasses.replace(self._info, main=OURS)

    def __enter__(self) -> Device:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        with contextlib.suppress(DeviceError):
            self.wire.restart()
        self.wire.close()

    @property
    def info(self) -> DeviceInfo:
        """What the device said about itself when it was opened."""
        assert self._info is not None
        return self._info

    @contextlib.contextmanager
    def consequence(self, text: str) -> Iterator[None]:
        """While the block runs, errors end with this."""
        self.wire.consequence, before = text, self.wire.consequence
        yield
        self.wire.consequence = before

    def run(self, calls: Iterable[str]) -> None:
        """Make calls of the helper in one round trip; the first that fails ends them."""
        text = f"try:\n {';'.join(calls)}\n say(0)\nexcept Exception as x:\n fail(x)"
        for number, *names in self._exec(text, _RUN_SECONDS):
            if number:
                raise DeviceError(f"{self.port}: {_refusal(number, names)}; {self.wire.consequence}")

    def _exec(self, text: str, seconds: float) -> list[list[Any]]:
        """Run some source on the device and read the lines of JSON that it says."""
        try:
            return [json.loads(line[1:]) for line in self.wire.exec(text, seconds) if line.startswith(b"~")]
        except ValueError as e:
            raise DeviceError(f"{self.port}: the device's answer is damaged: try again; {self.wire.consequence}") from e


class WireLike(Protocol):
    """What a device needs of a wire."""

    port: str
    round_trips: int
    consequence: str
    alive: bool

    @property
    def written(self) -> int: ...
    def enter(self) -> None: ...
    def exec(self, source: str, seconds: float) -> list[bytes]: ...
    def restart(self) -> None: ...
    def hear(self) -> bytes: ...
    def close(self) -> None: ...


def _refusal(number: int, names: list[str]) -> str:
    """What an OSError of the device means to the person who uploads."""
    if number == _ENOSPC:
        return f"the flash is full: {MAKE_ROOM}"
    if number == _EIO:
        return f"{' '.join(names)}: flash gives back other bytes than were sent: try again or replace it"
    if number < 0:
        return f"the device failed: {' '.join(names)}"
    return f"the device can not write its files: {os.strerror(number)}"
