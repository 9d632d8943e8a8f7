"""What a site takes of the heap: its bundle boots on real MicroPython here, and every page is fetched.

The figures are those of this computer's MicroPython, whose words have 64 bits. Boards have 32: see `on_board`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Timer
from types import TracebackType
from urllib.parse import quote

from . import bundle, listing, runner
from .errors import RunError
from .timing import timed

_PROBE = Path(__file__).with_name("probe.py")
_ROOMY = 1 << 26  # a heap in which nothing is short
STEP = 1024  # the least heap is found to so many bytes
_AT_ONCE = 3  # servers that are tried at the same time
_COSTLIEST = 16  # so many pages are asked for in each trial, and all of them in the last one
PATIENCE = 3.0  # seconds for one answer
BOOT = 15.0  # seconds for the boot

# What a browser sends; a short head would need less heap than there will be in use.
_HEAD = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.7,de;q=0.3",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
    "Upgrade-Insecure-Requests": "1",
    "Priority": "u=0, i",
}


@dataclass(frozen=True)
class Page:
    """A page that was fetched: its status, the bytes of its body, and those that a request for it takes of the heap."""

    path: str
    status: int
    size: int
    garbage: int

    @property
    def name(self) -> str:
        """How people call it."""
        return "a page that is not there" if self.path == listing.NOWHERE else self.path


@dataclass(frozen=True)
class Skipped:
    """A route that was not measured, and why. failed: it was asked for."""

    path: str
    why: str
    failed: bool = True


@dataclass(frozen=True)
class Measured:
    """What a site takes, in bytes.

    boot: in use when it serves and nobody has asked. least: the smallest heap with which it boots and answers every
    page, one after another.
    """

    boot: int
    least: int
    pages: tuple[Page, ...]
    skipped: tuple[Skipped, ...]

    @property
    def on_board(self) -> int:
        """What `least` is on a board at most."""
        return on_board(self.least)

    @property
    def costliest(self) -> Page | None:
        """The page that makes most garbage."""
        return max(self.pages, key=lambda page: (page.garbage, page.path), default=None)


def measure(made: bundle.Bundle, asked: Sequence[str], fakes: Path | None = None) -> Measured:
    """Measures a bundle. asked: the paths to fetch. fakes: a folder with stand-ins for modules that only boards have.

    Raises RunError when there is no MicroPython here, or the site does not boot.
    """
    with tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        lab = Lab(made, Path(folder), fakes)
        boot, pages, skipped = _look(lab, asked)
        return Measured(boot, lab.least(boot, pages), tuple(pages), tuple(skipped))


def on_board(size: int) -> int:
    """What so many bytes of this computer's heap are at most on a board, whose words have 32 bits.

    An estimate: a build for 32 bits of the same MicroPython needed 0.64 to 0.77 of the heap for seven sites of
    different kinds, held 0.62 to 0.74 of it after boot, and made 0.52 to 0.73 of the garbage.
    """
    return size * 4 // 5


@timed("boot and measure")
def site(made: bundle.Bundle) -> Measured:
    """Measures a site's bundle, with all its pages, and the stand-ins in its folder `fakes/`."""
    asked, without = listing.samples(made)
    found = measure(made, asked, made.checked.folder / "fakes")
    return replace(found, skipped=(*found.skipped, *(Skipped(*item, failed=False) for item in without)))


class Lab:
    """Boots a bundle, as often and with as much heap as is asked for."""

    def __init__(self, made: bundle.Bundle, folder: Path, fakes: Path | None) -> None:
        self.folder = folder
        self.made = made
        bundle.write(made, folder / "whole")
        path = ["", ".frozen", *([str(fakes.resolve())] if fakes and fakes.is_dir() else [])]
        self.env = {**os.environ, "MICROPYPATH": ":".join(path)}

    def start(self, program: str | Path, heap: int) -> _Booted:
        """Starts a program beside a copy of the bundle that listens on a port of its own."""
        command = runner.micropython()
        if command is None:
            raise RunError("there is no MicroPython for this machine, so nothing can be measured")
        port = runner.free_port()
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "site").symlink_to(self.folder / "whole" / "site")
        (folder / "main.py").write_bytes(self.made.files["main.py"])
        server = {**self.made.table["server"], "host": "127.0.0.1", "port": port}
        (folder / "routes.json").write_text(json.dumps({**self.made.table, "server": server}))
        log = (folder / "log").open("wb")
        process = subprocess.Popen(
            [*command, "-X", f"heapsize={heap}", str(program)],
            cwd=folder,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if program == _PROBE else subprocess.DEVNULL,
            stderr=log,
        )
        log.close()
        return _Booted(process, port, folder / "log")

    def least(self, start: int, pages: Sequence[Page]) -> int:
        """The smallest heap, in steps, with which it boots and answers all pages; more than `start`.

        Raises RunError when none is enough: its pages do not answer alike each time.
        """
        costliest = sorted(pages, key=lambda page: -page.garbage)[:_COSTLIEST]
        low, high = start // STEP, start // STEP  # in steps: low fails, high works
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while high == low:
                if low * STEP > _ROOMY:
                    raise RunError("its pages do not answer alike each time, so no heap can be said to be enough")
                tried = [low + max(low // 4, 1) * n for n in range(1, _AT_ONCE + 1)]
                low, high = _between(low, tried, [*pool.map(lambda n: self.answers(n * STEP, costliest), tried)])
            while high - low > 1:
                tried = sorted({low + (high - low) * n // (_AT_ONCE + 1) for n in range(1, _AT_ONCE + 1)} - {low})
                found = [*pool.map(lambda n: self.answers(n * STEP, costliest), tried), True]
                low, high = _between(low, [*tried, high], found)
        more = (number for number in range(high, 2 * high) if self.answers(number * STEP, pages))
        return next(more, 2 * high) * STEP

    def answers(self, heap: int, pages: Sequence[Page]) -> bool:
        """True when it boots with a heap of so many bytes, and answers all pages as it does with a larger one."""
        with self.start("main.py", heap) as server:
            try:
                runner.wait_ready(server.process, "127.0.0.1", server.port)
                return all(server.fetch(page.path)[0] == page.status for page in pages)
            except (RunError, OSError, http.client.HTTPException):
                return False


def _between(low: int, tried: Sequence[int], found: Sequence[bool]) -> tuple[int, int]:
    """The greatest heap that fails before the first that works, and that one; twice the last one when none does."""
    for number, works in zip(tried, found, strict=True):
        if works:
            return low, number
        low = number
    return low, low


class _Booted:
    """A running server, for the length of a `with` block."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log
        self.late = False

    def give_up(self) -> None:
        """Ends a server that takes too long."""
        self.late = True
        self.process.kill()

    def __enter__(self) -> _Booted:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
        runner.stop(self.process)

    def fetch(self, path: str) -> tuple[int, int]:
        """The status and the length of the body of a page. Raises OSError or HTTPException without a whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", quote(path, safe="/!$&'()*+,;=:@~"), headers=_HEAD)
            reply = connection.getresponse()
            return reply.status, len(reply.read())

    def said(self) -> str:
        """Its log until now."""
        return self.log.read_text(errors="replace")

    def heap(self, command: str) -> int:
        """What the probe says to a command. Raises RunError when it has ended."""
        assert self.process.stdin
        assert self.process.stdout
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(command.encode())
            self.process.stdin.flush()
        said = []
        watch = Timer(BOOT, self.give_up)  # a module may wait for what there is on a board alone
        watch.start()
        for line in self.process.stdout:
            if line.startswith(b"heap "):
                watch.cancel()
                return int(line[5:])
            said.append(line.decode(errors="replace"))
        watch.cancel()
        late = f"it does not answer within {BOOT:.0f} s" if self.late else ""
        why = late or _last("".join(said)) or _last(self.said()) or "it ended without a message"
        raise RunError(f"the site does not run here: {why}")


def _look(lab: Lab, asked: Sequence[str]) -> tuple[int, list[Page], list[Skipped]]:
    """Boots once with a roomy heap and fetches everything."""
    pages: list[Page] = []
    skipped: list[Skipped] = []
    with lab.start(_PROBE, _ROOMY) as server:
        boot = server.heap("c")
        own = server.heap("a") - server.heap("c")
        booted = _last(server.said())
        for path in asked:
            found = _page(server, path, own, booted)
            if isinstance(found, Page):
                pages.append(found)
            else:
                skipped.append(found)
    return boot, pages, skipped


def _page(server: _Booted, path: str, own: int, booted: str) -> Page | Skipped:
    """A page, asked for twice: what the first time makes once is not garbage.

    own: what asking for the heap takes. booted: what was told at boot, of modules that can not be imported.
    """
    seen = len(server.said())
    try:
        status, size = server.fetch(path)
        if status >= 500:
            why = _last(server.said()[seen:]) or booted
            return Skipped(path, f"{status}{f': {why}' if why else ''}")
        before = server.heap("c")
        server.fetch(path)
        return Page(path, status, size, server.heap("a") - before - own)
    except TimeoutError:
        return Skipped(path, f"its answer has no end within {PATIENCE:.0f} s, as a stream's")
    except (OSError, http.client.HTTPException) as e:
        return Skipped(path, f"no whole answer ({type(e).__name__})")


def _last(log: str) -> str:
    """The last line of a log that names an exception."""
    lines = [line for line in log.splitlines() if re.match(r"[A-Za-z_.]+(Error|Exception|Interrupt)\b", line)]
    return lines[-1] if lines else ""
