"""What to do about an exception that has to do with this computer, or with the board's memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..bundle import Bundle
from ..templates import module_name
from .tracebacks import Failure, Frame

# What firmware for boards has built in or frozen, and the unix port has not, or has not all of.
BOARD_MODULES = {
    *(
        "machine",
        "network",
        "bluetooth",
        "esp",
        "esp32",
        "rp2",
        "pyb",
        "stm",
        "nrf",
        "mimxrt",
        "samd",
        "lwip",
        "ntptime",
    ),
    *("dht", "ds18x20", "onewire", "neopixel", "apa106", "aioble", "espnow", "framebuf", "ssd1306", "webrepl", "upip"),
}
_MISSING = re.compile(r"(?:ImportError|ModuleNotFoundError|AttributeError): (.*)")
_IMPORT = re.compile(r"\s*(?:from\s+([A-Za-z_][\w.]*)\s+import\b|import\s+([A-Za-z_][\w.]*))")
_MEMORY = re.compile(r"\x01(.*) (\d+) (\d+) (\d+) (\d+)")


def missing_module(failure: Failure, site: Path) -> str:
    """What to do when the site asked for something that only a board has; "" when that is not what failed."""
    if not _MISSING.match(failure.error) or not failure.own:
        return ""
    frame = failure.own[-1]
    name = _asked_for(frame, failure.error.startswith("AttributeError"))
    if not name or frame.file.startswith("fakes/"):
        return ""
    there = (site / "fakes" / f"{name}.py").exists()
    if there:
        return f"{frame.file}:{frame.line} uses what fakes/{name}.py does not have: add it there, see docs/serve.md"
    if_there = "" if name in BOARD_MODULES else "if the board has it, "
    stand_in = f"put a stand-in into fakes/{name}.py, see docs/serve.md"
    return f"{frame.file} imports {name}, which this computer lacks: {if_there}{stand_in}"


def _asked_for(frame: Frame, used: bool) -> str:
    """The module that a line imports, or when it was `used`, of which it uses a name. (ast is not for us: a build in
    another thread needs it, and CPython 3.11 has one depth of recursion for all threads.)"""
    found = _IMPORT.match(frame.source)
    if found:
        return _foreign(found[1] or found[2])
    names = set(re.findall(r"\w+", frame.source))
    return min(names & BOARD_MODULES, default="") if used else ""


def _foreign(module: str) -> str:
    """The first part of a module's name, "" when it is the site's own or picoweb's."""
    first = module.split(".")[0]
    return "" if first in ("handlers", "templates", "picoweb") else first


@dataclass(frozen=True)
class Memory:
    """What a request took that did not fit, in bytes of the heap: in use before it, when it failed, and after it."""

    title: str
    before: int
    used: int
    kept: int
    heap: int

    @staticmethod
    def read(line: str) -> Memory | None:
        """The figures of a line that dev/boot.py wrote; None for any other line."""
        found = _MEMORY.fullmatch(line)
        return Memory(found[1], *(int(found[n]) for n in range(2, 6))) if found else None

    def lines(self, bundle: Bundle, failure: Failure | None, name: str) -> list[str]:
        """What to tell the developer. name: of the board, or of what else gave the heap."""
        took = max(0, self.used - self.before)
        stays = max(0, min(took, self.kept - self.before))
        wanted = re.search(r"allocating (\d+) bytes", failure.error) if failure else None
        more = f", and wanted {int(wanted[1]):,} more" if wanted else ""
        text = (
            f"{self.title} does not fit {name}: of a heap of {self.heap:,} bytes, "
            f"{self.before:,} were in use before it; it took {took:,}, of which {stays:,} stay{more}"
        )
        where = f"; it failed at {failure.own[-1]}" if failure and failure.own else ""
        parts = largest(bundle, failure)
        return [text + where] + ([f"its code, in bytes: {parts}"] if parts else [])


def largest(bundle: Bundle, failure: Failure | None = None, count: int = 5) -> str:
    """The largest modules of a bundle, the ones a failure went through first: "templates/big.html 8,120, …"."""
    sizes = module_sizes(bundle)
    files = {frame.file for frame in failure.own} if failure else set()
    chosen = {name: size for name, size in sizes.items() if name in files} or sizes
    ranked = sorted(chosen.items(), key=lambda item: (-item[1], item[0]))[:count]
    return ", ".join(f"{name} {size:,}" for name, size in ranked)


def module_sizes(bundle: Bundle) -> dict[str, int]:
    """The bytes of each module of a bundle, by its file in the site, or in picoweb."""
    templates = {f"templates/{module_name(name).replace('.', '/')}": name for name in bundle.checked.templates}
    sizes = {}
    for path, data in bundle.files.items():
        stem, _, kind = path.partition("/")[2].partition("/")[2].rpartition(".")
        if path.startswith("site/") and kind in ("py", "mpy"):
            sizes[f"templates/{templates[stem]}" if stem in templates else f"{stem}.py"] = len(data)
    return sizes
