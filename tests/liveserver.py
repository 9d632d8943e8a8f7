"""Starts tests/apps/live_app.py, and other programs, on MicroPython and CPython."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from site_builder import runner

from .programs import command
from .wireclient import ask

ROOT = Path(__file__).parents[1]
PROGRAM = Path(__file__).parent / "apps" / "live_app.py"


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the file that its log goes to."""

    port: int
    log: Path
    pid: int

    def json(self, path: str) -> object:
        return json.loads(ask(self.port, "GET", path).body)

    def clients(self) -> object:
        return self.json("/clients")

    def closed(self) -> list[object]:
        """Why handlers ended since the last time."""
        value = self.json("/heap")
        assert isinstance(value, dict)
        found: list[object] = value["closed"]
        return found

    def used(self) -> int:
        """The bytes of the heap that are in use."""
        value = self.json("/heap")
        assert isinstance(value, dict)
        return int(value["used"])

    def publish(self, text: str, channel: str = "news") -> object:
        return json.loads(ask(self.port, "POST", f"/publish/{channel}", body=text.encode()).body)


def until(true: Callable[[], object], seconds: float = 10) -> None:
    """Waits until a condition holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.05)


@contextlib.contextmanager
def running(command: list[str], program: Path, folder: Path, *more: str, **limits: int) -> Iterator[Server]:
    """Runs `command program PORT more LIMIT=N …` in the project's folder; the log goes to a file in `folder`."""
    port = runner.free_port()
    log = folder / f"log-{port}"
    with log.open("wb") as out:
        args = [*command, str(program), str(port), *more, *(f"{name}={n}" for name, n in limits.items())]
        process = Popen(args, cwd=ROOT, stdout=out, stderr=out)
    try:
        runner.wait_ready(process, "127.0.0.1", port)
        yield Server(port, log, process.pid)
    finally:
        runner.stop(process)


@contextlib.contextmanager
def starter(runtime: str, folder: Path) -> Iterator[Callable[..., Server]]:
    """A function that starts live_app.py with limits such as write_timeout=500; all it started end with the block."""
    interpreter = command(runtime)
    with contextlib.ExitStack() as stack:
        yield lambda **limits: stack.enter_context(running(interpreter, PROGRAM, folder, **limits))
