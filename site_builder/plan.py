"""What an upload has to do: from what a bundle has and what a device has."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .device import FOREIGN, MAKE_ROOM, OURS, STARTS_US, Device
from .errors import DeviceError
from .onboard import LINES, STALE, START, TABLE, Record, Site, folders
from .sending import Call, in_one_piece, removing, writing

__all__ = ["Plan"]

_MPY_VERSION = 6
ADD = "add the lines `{}` and `{}` at its end, which start the site".format(*LINES)
_FIXED = {START, STALE, "site/live.0", "site/live.1"}


class Plan:
    """The steps from one site to the other.

    sending: files by path, in the order they are sent. copied: those that the device has under another name. commits:
    whether the board will run another table, that of `record`. stale: what, once the new site is there, neither it
    nor the one before it needs.
    """

    def __init__(self, device: Device, site: Site, force: bool = False) -> None:
        self._device = device
        self._there = there = device.contents
        self.site = site
        self.slot = there.slot
        self.live = there.live.site if there.live else None
        self.commits = self.live != site.name
        self.record = Record((there.live.number if there.live else 0) + 1, site.name, int(time.time()))
        wanted = {**site.files, **site.start}
        if device.info.main == STARTS_US and not force:
            del wanted["main.py"]
        items = site.items
        self.sending = {path: data for path, data in wanted.items() if there.items.get(path) != items[path]}
        self.kept = len(wanted) - len(self.sending)
        self.new = self._with_folders(set(self.sending) - {"main.py"}) - there.items.keys()
        other = there.previous.site if there.previous else None
        self._before = self._with_folders(there.needed(self.live if self.commits else other))
        self.stale = set() if self._by_hand() else self._removable() - self._before
        self._needed = self._room()
        self.makes_room = self._needed > device.info.free
        stays = there.items.keys() - (self.dropped if self.makes_room else set())
        known = {there.items[path]: path for path in sorted(stays) if path in there.items}
        found = {path: known[items[path]] for path in self.sending if path in site.files and items[path] in known}
        self.copied = {path: like for path, like in found.items() if items[path].size > len(like)}

    @staticmethod
    def _with_folders(paths: set[str]) -> set[str]:
        return paths | folders(paths)

    def _by_hand(self) -> bool:
        """A site that was copied by hand may be running: nobody knows which files it needs.

        Even beside a record: the main.py that would look at that may not have arrived.
        """
        return TABLE in self._there.items and (self.live is None or "main.py" in self.sending)

    @property
    def back_to(self) -> str | None:
        """The site that runs without the new record."""
        mine = self._device.info.main in (OURS, STARTS_US)
        return self.live or (TABLE if mine and self._by_hand() else None)

    def _removable(self) -> set[str]:
        """What is ours below site/, and not of the new site.

        On FAT, where a power cut can leave names in a folder that are not files, only what a listing names is ours.
        """
        ours = {path for path in self._there.items if path.startswith("site/")} - _FIXED
        if self._device.info.fat:
            known = [self._there.needed(site) for site in self._there.listings]
            ours &= self._with_folders(set().union(*known))
        return ours - self._with_folders(set(self.site.files) | {START})

    @property
    def size(self) -> int:
        """How many bytes of files are to be sent."""
        return sum(len(data) for path, data in self.sending.items() if path not in self.copied)

    @property
    def before(self) -> set[str]:
        """What only the site before needs."""
        return self._before - self._with_folders(set(self.site.files) | {START})

    def check(self, force: bool) -> None:
        """Refuse a device whose Python is too old, whose main.py is somebody's, or whose flash is too small."""
        info, port = self._device.info, self._device.port
        if info.mpy != _MPY_VERSION:
            python = f"MicroPython {'.'.join(map(str, info.version))}"
            problem = f"{python} runs bytecode version {info.mpy}, not {_MPY_VERSION}"
            raise DeviceError(f"{port}: {problem}: install MicroPython 1.19 or newer on the board")
        if info.main == FOREIGN and not force:
            problem = "main.py on the device was not made by picoweb"
            raise DeviceError(f"{port}: {problem}: {ADD}; or keep a copy of it, and replace it with --force")
        self._check_room()

    def _check_room(self) -> None:
        """Old and new site must fit side by side; the site before the old one goes first if that makes the room."""
        info, items, needed = self._device.info, self._there.items, self._needed
        if not self.makes_room:
            return
        spare = sum(-(-items[path].size // info.block) for path in self.dropped if path in items) * info.block
        if needed > info.free + spare:
            room = f"the upload needs {needed:,} bytes of flash, but {info.free + spare:,} are free"
            raise DeviceError(f"{self._device.port}: {room}: {MAKE_ROOM}")

    def _room(self) -> int:
        """Bytes of flash that the new files take; LittleFS takes two blocks a folder."""
        block = self._device.info.block
        blocks = sum(-(-len(data) // block) for data in self.sending.values())
        return (blocks + 2 * sum(name.endswith("/") for name in self.new)) * block

    @property
    def dropped(self) -> set[str]:
        """What goes before anything is sent, when there is no room otherwise: all but the live site and the new one."""
        if self._by_hand():
            return set()
        return self._removable() - self._with_folders(self._there.needed(self.live))

    def making_room(self) -> Iterator[Call]:
        """The calls that remove the site before: first its record, so that nobody goes back to it."""
        if self.makes_room:
            yield Call(f"rm('site/live.{self.slot}')")
            yield from removing(self.dropped)

    def calls(self) -> Iterator[Call]:
        """All calls in their order; the record is the commit."""
        yield from self.making_room()
        for path, data in self.sending.items():
            if path in self.site.files:
                yield from writing(path, data, self._device.info.deflate, self.copied.get(path))
        yield from self._starting(START)
        yield from self._committing() if self.commits else removing(self.stale)
        yield from self._starting("main.py")  # it may be somebody's, which runs until all else is there

    def _starting(self, path: str) -> Iterator[Call]:
        if path in self.sending:
            yield in_one_piece(path, self.sending[path])

    def _committing(self) -> Iterator[Call]:
        if self.stale and not self.makes_room:
            yield from writing(STALE, self._stale_file(self.stale), self._device.info.deflate)
        else:
            yield Call(f"rm({STALE!r})")  # an upload that was stopped may have left one, with the same number
        yield in_one_piece(f"site/live.{self.slot}", self.record.data())

    def _stale_file(self, stale: set[str]) -> bytes:
        lines = [f"{self.record.number:08}", *sorted(stale, reverse=True), ""]
        return "\n".join(lines).encode()

    def undoing(self) -> Iterator[Call]:
        """The calls that remove what was written, so that the old site finds its flash as it was."""
        if self.commits:
            yield Call(f"rm('site/live.{self.slot}')")
        yield from removing(self.new)
