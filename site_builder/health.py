"""Whether a board's site has started, by what it prints after a restart."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

from .device import WireLike
from .errors import DeviceError

__all__ = ["WAIT", "Stopped", "trouble"]

WAIT = 60  # seconds; a boot.py may take its time to join a Wi-Fi
_ERROR = re.compile(r"^ERROR:picoweb:(.+)\n(?:Traceback .*\n(?: .*\n)*(.*)\n)?", flags=re.M)
_PROMPT = re.compile(r"(?:^|\n)>>> $")
_MUCH = 20_000  # characters; what came before is forgotten
_QUIET = 0.3  # seconds: so long nothing follows a prompt that waits for somebody


class Stopped(DeviceError):
    """Somebody does not want to wait any longer."""


def trouble(
    wire: WireLike,
    site: str,
    wait: float = WAIT,
    stop: threading.Event | None = None,
    warn: Callable[[str], None] = lambda _: None,
) -> str | None:
    """What keeps a board that was restarted from serving a site; None when it does.

    It has `wait` seconds. warn: gets what fails in a site that serves, such as a handler that can not be imported.
    Raises Stopped when `stop` is set before, DeviceError when the board is gone.
    """
    heard, last = "", time.monotonic()
    end = last + wait
    while time.monotonic() < end:
        if stop and stop.is_set():
            raise Stopped(f"{wire.port}: stopped; {wire.consequence}")
        new = wire.hear().decode(errors="replace").replace("\r\n", "\n")
        heard = (heard + new)[-_MUCH:]
        if re.search(rf"^picoweb: serving {site}$", heard, flags=re.M):
            for error, reason in _ERROR.findall(heard):
                warn(f"{wire.port}: the site runs, but {': '.join(filter(None, (error, reason)))}")
            return None
        last = time.monotonic() if new else last
        if _PROMPT.search(heard) and time.monotonic() - last > _QUIET:
            return _reason(heard) or "main.py ended without a word"
    return _reason(heard) or f"it said nothing of the site within {wait:.0f} s"


def _reason(heard: str) -> str:
    """The last line of the last traceback."""
    _, found, tail = heard.rpartition("Traceback (most recent call last):")
    lines = [line for line in tail.splitlines() if line and not line.startswith((" ", ">>>"))]
    return lines[0].strip() if found and lines else ""
