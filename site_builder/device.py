"""A device at the other end of a serial port: find it, look at it, write and remove its files.

The only module that knows mpremote. A file is written under a temporary name, read back, and renamed when it is right.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import stat
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, final

import serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial.tools import list_ports

from .errors import DeviceError

__all__ = ["Device", "DeviceInfo", "Item", "PortInfo", "choose", "digest", "ports", "temporary"]

_ENTER_TRIES, _ENTER_SECONDS = 3, 2.0  # some boards reset when their port opens, and are deaf for a second
_BOOT_SECONDS = 8.0  # a boot.py that joins a Wi-Fi takes its time; what takes longer is interrupted
_LOOK_SECONDS = 300.0  # the device hashes all it has; a line a file keeps the shorter limit of 10 s away
_RUN_SECONDS = 15.0
_RESTART_SECONDS = 3.0
_ENOSPC, _EIO = 28, 5  # numbers of the device, which need not be those of this machine

MAKE_ROOM = "remove files from the device or make the site smaller"

# What can go wrong on the way to a device. ValueError: its answer is not text, or not JSON.
_FAULTS = (OSError, TransportError, serial.SerialException, struct.error, ValueError)

# Runs on the device. `begin`, `w`, `end` write a file under a temporary name and rename it once flash gives
# back the right hash; `drop` forgets a file half written.
_HELPER = """
import binascii, hashlib, json, os, sys
def sha(path):
    h = hashlib.sha256()
    with open(path, 'rb') as file:
        while True:
            n = file.readinto(buf)
            if not n:
                return binascii.hexlify(h.digest()).decode()
            h.update(buf[:n])
def say(*values):
    print('~' + json.dumps(values))
def show(path):
    try:
        say(path, os.stat(path)[6], sha(path))
    except OSError:
        pass
def walk(folder):
    try:
        entries = os.ilistdir(folder)
    except OSError:
        return
    say(folder + '/', 0, '')
    for entry in entries:
        path = folder + '/' + entry[0]
        if entry[1] & 0x4000:
            walk(path)
        else:
            show(path)
def ours():
    try:
        with open('main.py', 'rb') as file:
            line = file.read(200).split(b'\\n')[0]
        return line.startswith(b'#') and b'made by picoweb' in line
    except OSError:
        return None
def info():
    this = sys.implementation
    disk = os.statvfs(os.getcwd())
    mpy = getattr(this, '_mpy', 0) & 255
    machine = getattr(this, '_machine', sys.platform)
    say(this.version[:3], mpy, machine, disk[1] * disk[3], disk[1], ours())
def parents(path):
    at = path.find('/')
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError as e:
            if e.args[0] != 17:
                raise
        at = path.find('/', at + 1)
def begin(path):
    global temp, out
    temp = path
    parents(path)
    out = open(path, 'wb')
def w(text):
    out.write(binascii.a2b_base64(text))
def end(path, digest):
    out.close()
    if sha(temp) != digest:
        raise OSError(5, path)
    os.rename(temp, path)
    getattr(os, 'sync', int)()
def rm(path):
    try:
        os.rmdir(path[:-1]) if path.endswith('/') else os.remove(path)
    except OSError as e:
        if e.args[0] != 2:
            raise
def drop():
    for act in (lambda: out.close(), lambda: os.remove(temp)):
        try:
            act()
        except (NameError, OSError):
            pass
buf = memoryview(bytearray(1024))
info()
"""


@dataclass(frozen=True)
class PortInfo:
    """A serial port of this machine: its `name` for `--port`, and what is known `about` it."""

    name: str
    about: str


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says about itself: `free` flash in bytes; `ours` is None where there is no `main.py`."""

    version: tuple[int, ...]
    mpy: int
    machine: str
    free: int
    block: int
    ours: bool | None


@dataclass(frozen=True)
class Item:
    """A file's size and sha256, as a bundle has it or as a device has it."""

    size: int
    digest: str


def ports() -> list[PortInfo]:
    """The serial ports of this machine, sorted by name."""
    found = [PortInfo(p.device, p.description) for p in list_ports.comports()]
    return sorted(found, key=lambda p: p.name)


def choose(port: str | None) -> str:
    """`port` itself when given, else the only serial port of this machine."""
    if port:
        return port
    found = ports()
    if not found:
        raise DeviceError("no serial port found: connect the board with a data cable, or name it with --port")
    if len(found) > 1:
        listed = ", ".join(f"{p.name} ({p.about})" for p in found)
        raise DeviceError(f"more than one serial port: choose one with --port: {listed}")
    return found[0].name


class _Line:
    """A serial port with a time limit, for mpremote to use in its place: its own limits can starve."""

    def __init__(self, port: serial.Serial) -> None:
        self.port = port
        self.deadline = 0.0

    def inWaiting(self) -> int:
        self._check()
        return int(self.port.in_waiting)

    def read(self, size: int = 1) -> bytes:
        self._check()
        return bytes(self.port.read(size))

    def write(self, data: bytes) -> None:
        self._check()
        self.port.write(data)

    def _check(self) -> None:
        if time.monotonic() > self.deadline:
            raise TimeoutError("time is up")


@contextlib.contextmanager
def _faults(explain: Callable[[Exception], str]) -> Iterator[None]:
    """The one place where a fault of the transport becomes a DeviceError; what mpremote prints is dropped."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except _FAULTS as error:
        raise DeviceError(explain(error)) from error


def _cannot_open(port: str) -> str:
    """Why `port` does not open."""
    known = [p.name for p in ports()]
    if "://" not in port and not os.path.exists(port) and port not in known:
        return f"{port}: no such serial port; there are: {', '.join(known) or 'none; is it connected?'}"
    if os.path.exists(port) and not stat.S_ISCHR(os.stat(port).st_mode):
        return f"{port}: this is not a serial port"
    if os.path.exists(port) and not os.access(port, os.R_OK | os.W_OK):
        return f"{port}: permission denied: join the group that owns it, often dialout, then log in again"
    return f"{port}: in use by another program: close the serial monitor, editor or mpremote that holds it"


def _connect(port: str) -> SerialTransport:
    with _faults(lambda _: _cannot_open(port)):
        transport = SerialTransport(port, timeout=2)  # without it, some reads of mpremote wait forever
        transport.serial.write_timeout = 5
        return transport


@final
class Device:
    """A device in its raw REPL. Leaving the `with` block restarts it, so that its `main.py` runs again."""

    def __init__(self, port: str, transport: SerialTransport) -> None:
        self.port = port
        self.round_trips = 0
        self.consequence = "nothing was changed"
        self._transport = transport
        self._line = _Line(transport.serial)
        self._alive = True
        self._info: DeviceInfo | None = None
        transport.serial = self._line

    @classmethod
    def open(cls, port: str) -> Device:
        """Interrupt what runs behind `port`, and prepare the device for our calls."""
        device = cls(port, _connect(port))
        try:
            device._enter()
            device._info = device._ask_info()
        except BaseException:
            device.__exit__()
            raise
        return device

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(DeviceError):
            self.restart()
        self.close()

    def close(self) -> None:
        """Let go of the port; the device stays as it is."""
        self._transport.serial = self._line.port
        with contextlib.suppress(*_FAULTS):
            self._transport.close()
        self._line.port.close()

    def info(self) -> DeviceInfo:
        """What the device said about itself when it was opened."""
        assert self._info is not None
        return self._info

    def inventory(self) -> dict[str, Item]:
        """What an upload may change: `main.py`, `routes.json`, all below `site/` (a folder ends with `/`)."""
        names = [name for path in ("main.py", "routes.json") for name in (path, temporary(path))]
        rows = self._exec(f"for path in {names}:\n show(path)\nwalk('site')", _LOOK_SECONDS)
        return {path: Item(size, digest) for path, size, digest in rows}

    def run(self, calls: Iterable[str]) -> None:
        """Make calls of the helper in one round trip; the first that fails ends them."""
        source = f"try:\n {';'.join(calls)}\n say(0)\nexcept OSError as e:\n drop()\n say(*e.args)"
        for number, *names in self._exec(source, _RUN_SECONDS):
            if number:
                raise DeviceError(f"{self.port}: {_refusal(number, names)}; {self.consequence}")

    def restart(self) -> None:
        """Restart the device, once: boot.py and main.py run. Nothing can be asked of it afterwards."""
        if not self._alive:
            return
        with self._talk(_RESTART_SECONDS, "did not restart: press its reset button"):
            self._line.write(b"\r\x03")  # a call that was cut short may still run
            self._transport.exit_raw_repl()
            self._line.write(b"\x04")
            self._await(b"soft reboot")
        self._alive = False

    @property
    def alive(self) -> bool:
        """Whether the device has answered so far, and was not restarted."""
        return self._alive

    @contextlib.contextmanager
    def _talk(self, seconds: float, trouble: str) -> Iterator[None]:
        """Exchange bytes with the device for at most `seconds`: one round trip."""

        def explain(error: Exception) -> str:
            if isinstance(error, TransportExecError):
                return f"{self.port}: the device failed: {_last_line(error)}; {self.consequence}"
            self._alive = False
            return f"{self.port}: {trouble}; {self.consequence}"

        self.round_trips += 1
        self._line.deadline = time.monotonic() + seconds
        with _faults(explain):
            yield

    def _enter(self) -> None:
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
        self._alive = True

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

    def _ask_info(self) -> DeviceInfo:
        ((version, *rest),) = self._exec(_HELPER, _RUN_SECONDS)
        return DeviceInfo(tuple(version), *rest)

    def _exec(self, source: str, seconds: float) -> list[list[Any]]:
        """Run `source` on the device and read the lines of JSON that it says."""
        trouble = "the device was unplugged, was reset or stopped answering: connect it and try again"
        with self._talk(seconds, trouble):
            lines = self._transport.exec(source).splitlines()
            return [json.loads(line[1:]) for line in lines if line.startswith(b"~")]


def _last_line(error: TransportExecError) -> str:
    """The line of a device's traceback that says what happened."""
    lines: list[str] = error.error_output.strip().splitlines()
    return lines[-1] if lines else "it gave no reason"


def _refusal(number: int, names: list[str]) -> str:
    """What an OSError of the device means to the person who uploads."""
    if number == _ENOSPC:
        return f"the flash is full: {MAKE_ROOM}"
    if number == _EIO:
        return f"{' '.join(names)}: flash gives back other bytes than were sent: try again or replace it"
    return f"the device can not write its files: {os.strerror(number)}"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def temporary(path: str) -> str:
    """The name under which a file is written before it is renamed.

    It is the next name in the same directory, so that LittleFS renames in one step: between the two steps of
    a move to elsewhere, a power cut hides another file until the next write.
    """
    return path + (".picoweb" if path == "main.py" else ".new")
