"""Starts programs that serve, on either Python, and gives their port and log."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from site_builder import runner

ROOT = Path(__file__).parent.parent
RUNTIMES = ("micropython", "cpython")


@dataclass(frozen=True)
class Program:
    """A running program: its port, the file that its output goes to, and its process."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text(encoding="utf-8")

    @contextlib.contextmanager
    def quiet_log(self) -> Iterator[None]:
        """Asserts that no traceback is logged meanwhile."""
        start = len(self.text())
        yield
        assert "Traceback" not in self.text()[start:]


def command(runtime: str, *options: str) -> list[str]:
    """How to run a program. Where there is no MicroPython the test is skipped, unless PICOWEB_NO_SKIP is set."""
    if runtime == "cpython":
        return [sys.executable, "-X", "utf8", "-u"]
    found = runner.micropython()
    if found is None:
        message = "there is no MicroPython for this machine"
        if os.environ.get("PICOWEB_NO_SKIP"):
            pytest.fail(message)
        pytest.skip(message)
    return [*found, *options]


def paths(*folders: Path | str) -> dict[str, str]:
    """The environment in which a program imports from these folders, and from the project's."""
    text = os.pathsep.join(map(str, [*folders, ROOT]))
    return {"PYTHONPATH": text, "MICROPYPATH": f"{text}{os.pathsep}.frozen"}


@contextlib.contextmanager
def serving(
    runtime: str,
    program: Path,
    log: Path,
    *args: str,
    port: int = 0,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> Iterator[Program]:
    """Starts `program PORT ARGS` and waits until it listens; stops it at the end."""
    port = port or runner.free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command(runtime), str(program), str(port), *args],
            cwd=cwd, stdout=out, stderr=out, env={**os.environ, **(env or {})},
        )  # fmt: skip
    try:
        runner.wait_ready(process, "127.0.0.1", port)
        yield Program(port, log, process)
    finally:
        runner.stop(process)
