"""The board on the bench: what tests/board/bench.py does, as the wire of a Device."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from site_builder.device import Device
from site_builder.errors import DeviceError

_MICROPYTHON = Path(sys.executable).parent / "micropython"
_PROGRAM = Path(__file__).parent / "board" / "bench.py"


class Bench:
    """A board whose power can be cut at each step of its flash; a wire for Device."""

    def __init__(self, system: str, kib: int = 512) -> None:
        self.port = "bench"
        self.round_trips = self.written = 0
        self.consequence = ""
        self.alive = True
        self.said = ""
        command = [str(_MICROPYTHON), "-X", "heapsize=16M", str(_PROGRAM), system, str(kib)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def ask(self, what: str, argument: Any = None) -> list[bytes]:
        """What the board prints. Raises DeviceError when the power goes, or for an exception."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([what, argument]).encode() + b"\n")
        self._process.stdin.flush()
        lines: list[bytes] = []
        while not (line := self._process.stdout.readline()).startswith(b"\x04"):
            assert line, "MicroPython has ended"
            lines.append(line.rstrip(b"\n"))
        if line != b"\x04\n":
            self.alive = False
            raise DeviceError(line[1:].decode())
        return lines

    def device(self) -> Device:
        """The board, ready for an upload."""
        device = Device(self)
        device.prepare()
        return device

    def boot(self) -> str:
        """What the board says when it boots, with a mark for its prompt at the end."""
        return b"\n".join(self.ask("boot")).decode()

    # A wire

    def enter(self) -> None:
        self.alive = True
        self.ask("enter")

    def exec(self, source: str, seconds: float) -> list[bytes]:
        self.round_trips += 1
        self.written += len(source)
        return self.ask("exec", source)

    def restart(self) -> None:
        if self.alive:
            self.alive = False
            self.said = self.boot()

    def hear(self) -> bytes:
        said, self.said = self.said, ""
        return said.removesuffix("\n").encode()

    def close(self) -> None:
        pass
