"""What a board runs, for people."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from .device import BRIEF, FOREIGN, LOOK, NO_MAIN, Contents, Device, DeviceInfo
from .onboard import TABLE

__all__ = ["Status", "status"]


@dataclass(frozen=True)
class Status:
    """What a board says of itself, and what it has of the files below site/."""

    info: DeviceInfo
    contents: Contents

    @property
    def site(self) -> str | None:
        """The name of the site that runs: a hash of its table."""
        return self.contents.live.site if self.contents.live else None

    @property
    def runs(self) -> str:
        """The site that it runs, in a few words."""
        if self.contents.live is None:
            by_hand = "a site that was copied by hand" if TABLE in self.contents.items else "no site"
            return "a program that is not picoweb's" if self.info.main == FOREIGN else by_hand
        return self.contents.called(self.contents.live.site)

    def lines(self) -> list[tuple[str, str]]:
        """Names and values; `contents` must be of all files."""
        info, there = self.info, self.contents
        found = [("board", info.machine), ("MicroPython", ".".join(map(str, info.version)))]
        found.append(("runs", self.runs))
        if there.live:
            listing = there.listings.get(there.live.site)
            files = listing.items.values() if listing else ()
            whole = "all whole" if there.has(there.live.site) else "some missing or damaged: upload again"
            found.append(("uploaded", _time(there.live.time)))
            found.append(("files", f"{len(files)}, {sum(item.size for item in files):,} bytes, {whole}"))
            before = there.called(there.previous.site) if there.previous else "nothing to go back to"
            found.append(("before that", before))
        found.append(("flash", f"{info.free:,} of {info.total:,} bytes free, {_FILE_SYSTEMS[info.fat]}"))
        found.append(("heap", f"{info.heap:,} bytes free before the site starts"))
        if info.main == NO_MAIN:
            found.append(("main.py", "none: nothing starts by itself"))
        elif info.main == FOREIGN:
            found.append(("main.py", "not made by picoweb, and does not start its site"))
        return found


_FILE_SYSTEMS = {True: "FAT", False: "LittleFS", None: "file system not known"}


def _time(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def status(port: str, brief: bool = False) -> Status:
    """Asks a board, which restarts it. brief: do not look at all of its files. Raises DeviceError."""
    with Device.open(port, BRIEF if brief else LOOK) as device:
        return Status(device.info, device.contents)
