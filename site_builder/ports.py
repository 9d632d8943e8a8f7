"""The serial ports of this machine."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from serial.tools import list_ports

from .errors import DeviceError

__all__ = ["PortInfo", "cannot_open", "choose", "ports"]


@dataclass(frozen=True)
class PortInfo:
    """A serial port of this machine: its `name` for `--port`, what is known `about` it, and whether it is USB."""

    name: str
    about: str
    usb: bool = False


def ports() -> list[PortInfo]:
    """The serial ports of this machine, sorted by name."""
    found = [PortInfo(p.device, p.description, p.vid is not None) for p in list_ports.comports()]
    return sorted(found, key=lambda p: p.name)


def choose(port: str | None) -> str:
    """`port` itself when given, else the only serial port of this machine that is USB: others are seldom boards."""
    if port:
        return port
    found = [p for p in ports() if p.usb]
    if not found:
        others = ", ".join(p.name for p in ports())
        words = "no USB serial port found: connect the board with a data cable, or name a port with --port"
        raise DeviceError(f"{words}; there is {others}" if others else words)
    if len(found) > 1:
        listed = ", ".join(f"{p.name} ({p.about})" for p in found)
        raise DeviceError(f"more than one serial port: choose one with --port: {listed}")
    return found[0].name


def _is_serial(port: str) -> bool:
    """Whether a file can be a serial port; when it does not open, that is not known."""
    if not stat.S_ISCHR(os.stat(port).st_mode):
        return False
    try:
        file = os.open(port, os.O_RDWR | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return True
    try:
        return os.isatty(file)
    finally:
        os.close(file)


def cannot_open(port: str) -> str:
    """Why `port` does not open."""
    known = [p.name for p in ports()]
    if "://" not in port and not os.path.exists(port) and port not in known:
        return f"{port}: no such serial port; there are: {', '.join(known) or 'none; is it connected?'}"
    if os.path.exists(port) and not _is_serial(port):
        return f"{port}: this is not a serial port"
    if os.path.exists(port) and not os.access(port, os.R_OK | os.W_OK):
        return f"{port}: permission denied: join the group that owns it, often dialout, then log in again"
    used = "in use by another program, or by another upload"
    return f"{port}: {used}: close the serial monitor, editor or mpremote that holds it"
