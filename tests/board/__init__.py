"""The test board: real MicroPython behind a serial port, with its own LittleFS or FAT on a flash that is a file.

The unix port takes the place of the chip. What firmware does around an interpreter is done by `firmware.py`
(mount, boot.py, main.py) and by the supervisor here (reset, power, the wire). Linux only: the port is a pty.
"""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import final

__all__ = ["Board"]

_MICROPYTHON = Path(sys.executable).parent / "micropython"
_FIRMWARE = Path(__file__).parent / "firmware.py"
_MARK = b"\x06"  # the firmware says: the flash is mounted; before a raw prompt also: boot.py has ended
_AGAIN = b"\x05"  # the firmware says: Ctrl-C came while it could not stop
_LIFE = b"\0\0\0"  # in the log: a new life of the chip; the last one may have ended within raw talk
_RAW = b"raw REPL;"
_RAW_TALK = re.compile(rb"raw REPL;.*?(?=\0\0\0|MPY: soft reboot|MicroPython |\Z)", re.DOTALL)
# The shell makes the pty the controlling terminal of the interpreter: Ctrl-C is SIGINT while code runs and a
# byte at the prompt, and when this process ends, however it ends, SIGHUP ends the interpreter.
_SPAWN = ["/bin/sh", "-c", 'trap "" INT; exec "$@" <>"$0" >&0 2>&0']


def _open_pty() -> tuple[int, int]:
    """A pty that changes no byte; Ctrl-C is a signal at its inner end where the program there allows it."""
    outer, inner = pty.openpty()
    tty.setraw(inner)
    mode = termios.tcgetattr(inner)
    mode[3] |= termios.ISIG | termios.NOFLSH
    mode[6][termios.VQUIT] = mode[6][termios.VSUSP] = b"\0"
    termios.tcsetattr(inner, termios.TCSANOW, mode)
    os.set_blocking(outer, False)
    return outer, inner


def _write(fd: int, data: bytes) -> None:
    """Write to a pty; what nobody takes for half a second is lost, as on a wire."""
    while data and select.select([], [fd], [], 0.5)[1]:
        data = data[os.write(fd, data) :]


class _Chip:
    """One life of the interpreter, from power or reset to its end, with a job for `firmware.py`."""

    def __init__(self, options: list[str], job: str, typed: bytes = b"") -> None:
        self.fd, inner = _open_pty()
        command = [*_SPAWN, os.ttyname(inner), str(_MICROPYTHON), *options, job]
        self._process = subprocess.Popen(command, stdin=inner, start_new_session=True)
        os.close(inner)
        self._typed: bytes | None = typed  # kept until the flash is mounted, as in the buffer of a UART
        self.after_interrupt = b""  # what was typed after the last Ctrl-C
        self._held = b""
        self._until = _RAW if job == "boot" else _MARK  # output is held back until this comes
        if job == "boot":
            os.write(self.fd, b"\x01")

    def type(self, data: bytes) -> None:
        """Pass on what came over the wire."""
        self.after_interrupt = (self.after_interrupt + data).rpartition(b"\x03")[2][-100:]
        if self._typed is None:
            _write(self.fd, data)
        else:
            self._typed += data

    def read(self) -> bytes | None:
        """What the interpreter says now, without its banner on the way to a raw prompt; None at its end."""
        try:
            said = os.read(self.fd, 65536)
        except OSError:
            return None
        if _AGAIN in said:
            _write(self.fd, b"\x03")
        self._held += said.replace(_AGAIN, b"")
        if self._typed is not None and _MARK in self._held:
            typed, self._typed = self._typed, None
            _write(self.fd, typed)
        if self._until not in self._held:
            return b""
        said, self._held = self._held, b""
        return said if not self._until else self._first(said)

    def _first(self, said: bytes) -> bytes:
        mark, self._until = self._until, b""
        head, _, tail = said.partition(mark)
        return head.split(_MARK)[1] + _RAW + tail if mark == _RAW else tail

    def code(self) -> int:
        """How a process that ends has ended."""
        return self._process.wait(5)

    def kill(self) -> None:
        """Take the power away; nothing may be asked of the chip afterwards."""
        self._process.kill()
        self._process.wait(5)
        os.close(self.fd)


@final
class Board:
    """A board with a flash of its own, under power as long as the `with` block runs.

    `port` is its serial port; `baud` bits a second go over it (0: as many as can be). As on a board with USB of its
    own, there is no port without power; and the power goes when the chip ends otherwise than by a reset.
    """

    def __init__(
        self, folder: Path, flash_kib: int = 1024, heap_kib: int = 256, system: str = "littlefs", baud: int = 0
    ) -> None:
        self.port = str(folder / "port")
        self._flash = folder / "flash.bin"
        self._flash.write_bytes(b"\xff" * 1024 * flash_kib)
        self.cut_power_after(0)
        self._options = ["-X", f"heapsize={heap_kib}K", "-i", str(_FIRMWARE), str(self._flash), system]
        self._system = system
        self._bytes_a_second = baud / 10  # a start bit, eight, and a stop bit
        self._pull_after: int | None = None
        self.received = self.sent = 0  # bytes that have come and gone over the wire
        self._log = b""
        self._seen = 0
        self._news = threading.Condition()
        self._off = threading.Event()
        self._reset = threading.Event()

    def __enter__(self) -> Board:
        self._power_on()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Unplug the board."""
        self._off.set()
        self._supervisor.join(10)

    def restart(self) -> None:
        """Unplug the board and plug it in again."""
        self.stop()
        self._power_on()

    def reset(self) -> None:
        """Press the reset button of a board whose port stays, since another chip has the USB."""
        self._reset.set()

    def cut_power_after(self, steps: int) -> None:
        """Cut the power in place of the last of so many steps of erasing or programming flash (0: never)."""
        Path(f"{self._flash}.cut").write_bytes(b"%08d" % steps)

    def pull_cable_after(self, size: int) -> None:
        """Pull the cable when so many bytes more have come over it; the power goes with it."""
        self._pull_after = size

    @property
    def steps_left(self) -> int:
        """How many steps of erasing or programming are left until the power is cut."""
        return int(Path(f"{self._flash}.cut").read_bytes())

    @property
    def output(self) -> str:
        """All that the board has printed, but not what it said at its raw prompt."""
        said = _RAW_TALK.sub(b"", self._log).replace(_LIFE, b"")
        return said.decode(errors="replace").replace("\r\n", "\n")

    def wait_output(self, text: str, timeout: float = 5.0) -> str:
        """Wait until the board prints `text`; returns what came before it, since an earlier wait."""
        with self._news:
            assert self._news.wait_for(lambda: text in self.output[self._seen :], timeout), self.output
            before, _, after = (output := self.output)[self._seen :].partition(text)
            self._seen = len(output) - len(after)
            return before

    def files(self) -> dict[str, bytes]:
        """All that is in the flash at this moment, by path; a folder's path ends with a slash."""
        copy = self._flash.with_suffix(".copy")
        shutil.copy(self._flash, copy)
        Path(f"{copy}.cut").write_bytes(b"%08d" % 0)
        rows = map(json.loads, self._service(copy, "list").splitlines())
        return {path: base64.b64decode(text) for path, text in rows}

    def put(self, files: Mapping[str, bytes | None]) -> None:
        """Write (None: remove) files while the board is without power; then it starts again."""
        changes = self._flash.with_suffix(".json")
        rows = files.items()
        texts = {path: data if data is None else base64.b64encode(data).decode() for path, data in rows}
        changes.write_text(json.dumps(texts))
        self.stop()
        self._service(self._flash, "put", str(changes))
        self._power_on()

    def _service(self, flash: Path, *job: str) -> str:
        """Work on a flash that no board uses now."""
        command = [str(_MICROPYTHON), str(_FIRMWARE), str(flash), self._system, *job]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=20, text=True).stdout

    def _power_on(self) -> None:
        self._off.clear()
        chip = _Chip(self._options, "main")
        self._wire, inner = _open_pty()
        os.symlink(os.ttyname(inner), self.port)
        self._supervisor = threading.Thread(target=self._supervise, args=(chip, inner), daemon=True)
        self._supervisor.start()

    def _supervise(self, chip: _Chip, inner: int) -> None:
        """Run the chip; after a reset run it again, as firmware does. `inner` keeps the port open.

        A reset is announced after the new life has begun: a fork in between would keep a port's lock.
        """
        self._log += _LIFE
        try:
            while job := self._live(chip):
                chip = _Chip(self._options, job, chip.after_interrupt if job == "prompt" else b"")
                self._say(self._greeting)
                self._log += _LIFE
        finally:
            os.unlink(self.port)
            os.close(self._wire)
            os.close(inner)

    def _live(self, chip: _Chip) -> str:
        """Carry bytes between the wire and a chip until it ends; returns its next job, "" for none."""
        self._greeting = b""
        try:
            while not self._off.is_set() and not self._reset.is_set():
                ready = select.select([self._wire, chip.fd], [], [], 0.02)[0]
                if self._wire in ready:
                    chip.type(self._take())
                if chip.fd in ready:
                    said = chip.read()
                    if said is None:
                        return self._next(chip.code())
                    self._say(said)
            self._reset.clear()
            return "" if self._off.is_set() else "main"
        finally:
            chip.kill()

    def _take(self) -> bytes:
        """What has come over the wire, at its speed, up to where the cable is pulled."""
        limit = 256 if self._bytes_a_second else 65536
        data = os.read(self._wire, limit)
        self.received += len(data)
        if self._bytes_a_second:
            time.sleep(len(data) / self._bytes_a_second)
        if self._pull_after is not None:
            data = data[: self._pull_after]
            self._pull_after -= len(data)
            if not self._pull_after:
                self._pull_after = None
                self._off.set()
        return data

    def _next(self, code: int) -> str:
        """A chip that ended with 0 was reset, from its raw prompt or from elsewhere; SIGUSR1 is machine.reset().

        Between the end of main.py and the prompt, Ctrl-C ends the unix port: a new life goes to the prompt.
        """
        if code == -signal.SIGUSR1:
            return "main"
        if code != 0:
            return "prompt" if code == -signal.SIGINT else ""
        self._greeting = b"MPY: soft reboot\r\n"
        return "boot" if self._log.endswith(b"OK\r\n") else "main"

    def _say(self, data: bytes) -> None:
        """Put the chip's words on the wire; lines end as firmware ends them."""
        last = b"\r" if self._log.endswith(b"\r") else b""
        data = re.sub(rb"(?<!\r)\n", b"\r\n", last + data)[len(last) :]
        with self._news:
            self._log += data
            self._news.notify_all()
        if self._bytes_a_second:
            time.sleep(len(data) / self._bytes_a_second)
        self.sent += len(data)
        _write(self._wire, data)
