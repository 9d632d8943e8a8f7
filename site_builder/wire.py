"""The way to a device: the raw prompt of MicroPython at the other end of a serial port.

The only module that knows mpremote.
"""

from __future__ import annotations

import contextlib
import struct
import time
from collections.abc import Callable, Iterator
from typing import final

import serial
from mpremote import transport_serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from .errors import DeviceError
from .ports import cannot_open

__all__ = ["Wire"]

_ENTER_TRIES, _ENTER_SECONDS = 3, 2.0  # some boards reset when their port opens, and are deaf for a second
_BOOT_SECONDS = 8.0  # a boot.py that joins a Wi-Fi takes its time; what takes longer is interrupted
_RESTART_SECONDS = 3.0
_NOTHING = "nothing was changed"

# What can go wrong on the way to a device. ValueError: its answer is not text, or not JSON.
_FAULTS = (OSError, TransportError, serial.SerialException, struct.error, ValueError)

transport_serial.print = lambda *_: None  # what mpremote prints when something goes wrong; our errors say it


class _Line:
    """A serial port with a time limit, for mpremote to use in its place: its own limits can starve."""

    def __init__(self, port: serial.Serial) -> None:
        self.port = port
        self.deadline = 0.0
        self.written = 0

    def inWaiting(self) -> int:
        self._check()
        return int(self.port.in_waiting)

    def read(self, size: int = 1) -> bytes:
        self._check()
        return bytes(self.port.read(size))

    def write(self, data: bytes) -> None:
        self._check()
        self.port.write(data)
        self.written += len(data)

    def _check(self) -> None:
        if time.monotonic() > self.deadline:
            raise TimeoutError("time is up")


@contextlib.contextmanager
def _faults(explain: Callable[[Exception], str]) -> Iterator[None]:
    """The one place where a fault of the transport becomes a DeviceError."""
    try:
        yield
    except _FAULTS as error:
        raise DeviceError(explain(error)) from error


def _connect(port: str) -> SerialTransport:
    with _faults(lambda _: cannot_open(port)):
        transport = SerialTransport(port, timeout=2)  # without it, some reads of mpremote wait forever
        transport.serial.write_timeout = 5
        return transport


@final
class Wire:
    """A port that is ours alone. `round_trips` and `written` count questions and bytes; errors end with `consequence`.

    Raises DeviceError when the port does not open.
    """

    def __init__(self, port: str) -> None:
        self.port = port
        self.round_trips = 0
        self.consequence = _NOTHING
        self.alive = True  # it has answered so far, and was not restarted
        self._transport = _connect(port)
        self._line = _Line(self._transport.serial)
        self._transport.serial = self._line

    @property
    def written(self) -> int:
        """Bytes that went out."""
        return self._line.written

    def close(self) -> None:
        """Let go of the port; the device stays as it is."""
        self._transport.serial = self._line.port
        with contextlib.suppress(*_FAULTS):
            self._transport.close()
        self._line.port.close()

    def enter(self) -> None:
        """Raw REPL: first whatever runs is stopped, then a soft reset gives a clean heap without main.py."""
        for _ in range(_ENTER_TRIES - 1):
            with contextlib.suppress(DeviceError):
                self._interrupt()
                break
        else:
            self._interrupt()
        try:
            with self._talk(_BOOT_SECONDS, ""):
                self._transport.enter_raw_repl(soft_reset=True, timeout_overall=_BOOT_SECONDS)
        except DeviceError:
            self._skip_boot()
        self.alive = True

    def exec(self, source: str, seconds: float) -> list[bytes]:
        """Run `source` on the device; returns the lines that it prints."""
        trouble = "the device was unplugged, was reset or stopped answering: connect it and try again"
        with self._talk(seconds, trouble):
            lines: list[bytes] = self._transport.exec(source).splitlines()
            return lines

    def restart(self) -> None:
        """Restart the device, once: boot.py and main.py run. Nothing can be asked of it afterwards."""
        if not self.alive:
            return
        with self._talk(_RESTART_SECONDS, "did not restart: press its reset button"):
            self._line.write(b"\r\x03")  # a call that was cut short may still run
            self._transport.exit_raw_repl()
            self._line.write(b"\x04")
            self._await(b"soft reboot")
        self.alive = False

    def hear(self) -> bytes:
        """What the device prints within the next moment; may be nothing. Raises DeviceError when it is gone."""
        self._line.deadline = time.monotonic() + 1
        with _faults(lambda _: f"{self.port}: the device was unplugged while it restarted; {self.consequence}"):
            waiting = self._line.inWaiting()
            if not waiting:
                time.sleep(0.05)
            return self._line.read(waiting) if waiting else b""

    @contextlib.contextmanager
    def _talk(self, seconds: float, trouble: str) -> Iterator[None]:
        """Exchange bytes with the device for at most `seconds`: one round trip."""

        def explain(error: Exception) -> str:
            if isinstance(error, TransportExecError):
                return f"{self.port}: the device failed: {_last_line(error)}; {self.consequence}"
            self.alive = False
            return f"{self.port}: {trouble}; {self.consequence}"

        self.round_trips += 1
        self._line.deadline = time.monotonic() + seconds
        with _faults(explain):
            yield

    def _skip_boot(self) -> None:
        """Interrupt a boot.py that does not end; the raw prompt comes by itself."""
        with self._talk(_ENTER_SECONDS, "MicroPython does not answer after a reset: look into boot.py"):
            self._line.write(b"\x03")
            self._await(b"raw REPL; CTRL-B to exit\r\n")

    def _await(self, text: bytes) -> None:
        """Read until `text` has come."""
        if not self._transport.read_until(1, text, timeout=_ENTER_SECONDS).endswith(text):
            raise TransportError(f"{text!r} did not come")

    def _interrupt(self) -> None:
        trouble = "no MicroPython answers here: is it the right port, and is MicroPython on the board?"
        with self._talk(_ENTER_SECONDS, trouble):
            self._transport.enter_raw_repl(soft_reset=False, timeout_overall=_ENTER_SECONDS)


def _last_line(error: TransportExecError) -> str:
    """The line of a device's traceback that says what happened."""
    lines: list[str] = error.error_output.strip().splitlines()
    return lines[-1] if lines else "it gave no reason"
