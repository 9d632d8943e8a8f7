"""What the running site writes: shown in the terminal, with tracebacks in the places of the site's own files."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from .. import terminal
from . import hints
from .tracebacks import Failure, Places, Reader

_KEPT = 50  # failures that wait for the page that asks for them
_STYLES = {"ERROR": "red", "CRIT": "red", "WARN": "yellow"}
_NO_IMPORT = "can not be imported"


@dataclass
class Output:
    """Takes what a site writes. site: its folder, as the user named it. limit: what gave it its heap: "esp8266"."""

    site: Path
    limit: str = ""
    failures: dict[str, Failure] = field(default_factory=dict)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    places: Places = field(init=False)
    _reader: Reader = field(init=False)
    _rest: bytes = b""

    def __post_init__(self) -> None:
        self.places = Places(self.site)
        self._reader = Reader(self.places)

    def feed(self, data: bytes) -> None:
        """Takes some bytes, and shows the lines that are whole."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").rstrip("\r"))

    def end(self) -> None:
        """Shows what is left; the next bytes are of another process."""
        if self._rest:
            self.feed(b"\n")
        self.failures.clear()
        self._reader = Reader(self.places)

    def _line(self, line: str) -> None:
        self.last.append(line)
        memory = hints.Memory.read(line)
        if memory:
            return self._too_large(memory)
        read = self._reader.read(line)
        if isinstance(read, Failure):
            self._failed(read)
        elif read is not None:
            terminal.log(read, _STYLES.get(read.partition(":")[0]))

    def _failed(self, failure: Failure) -> None:
        failure.title = failure.title.rpartition("ERROR:picoweb:")[2]
        failure.hint = hints.missing_module(failure, self.site)
        for frame in failure.frames:
            place = terminal.place(self.site, str(frame)) if frame.own else str(frame)
            terminal.log(f"  {place}", None if frame.own else "dim")
            if frame.source:
                terminal.log(f"    {frame.source}")
        terminal.log(failure.error, "red")
        if failure.hint:
            terminal.log(failure.hint, "yellow")
        self.failures[failure.title] = failure
        while len(self.failures) > _KEPT:
            del self.failures[next(iter(self.failures))]

    def _too_large(self, memory: hints.Memory) -> None:
        failure = self.failures.get(memory.title)
        if self.places.bundle:
            lines = memory.lines(self.places.bundle, failure, self.limit or "the heap")
            for line in lines:
                terminal.log(line, "yellow")
            if failure:
                failure.hint = "\n".join(lines)

    async def failure(self, title: str) -> Failure | None:
        """The exception that a request such as "GET /" has just raised, or why a module of handlers is missing."""
        broken = [failure for failure in self.failures.values() if _NO_IMPORT in failure.title]
        for _ in range(3 if broken else 20):
            if title in self.failures:
                return self.failures.pop(title)
            await asyncio.sleep(0.01)  # what was written before the answer may be on its way to us
        return broken[0] if broken else None
