"""`picoweb serve` as a person starts it, and the site they edit."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from site_builder import runner

PICOWEB = Path(sys.executable).parent / "picoweb"


def until(true: Callable[[], object], seconds: float = 15) -> None:
    """Waits until a condition holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


@dataclass(frozen=True)
class Serve:
    """A running `picoweb serve`: the site's folder, the port, the process, and the file with all that it prints."""

    site: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def text(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(encoding="utf-8")

    def says(self, text: str) -> None:
        """Waits until it has printed something."""
        try:
            until(lambda: text in self.text())
        except AssertionError:
            raise AssertionError(f"{text!r} is not in:\n{self.text()}") from None

    def edit(self, name: str, old: str, new: str) -> None:
        """Changes a file of the site."""
        path = self.site / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ends it as a person does, and gives its exit code."""
        os.killpg(self.process.pid, number)
        return self.process.wait(15)


@contextlib.contextmanager
def serving(site: Path, folder: Path, *options: str, started: str = "http://") -> Iterator[Serve]:
    """Starts it with options, and waits until it has said that it serves; ends it with the block."""
    port = runner.free_port()
    log = folder / f"serve-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [PICOWEB, "serve", site, "--port", str(port), *options],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    serve = Serve(site, port, process, log)
    try:
        serve.says(started)
        yield serve
    finally:
        if process.poll() is None:
            try:
                serve.stop()
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
