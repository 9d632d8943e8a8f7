"""A server program on MicroPython: starts it, asks its probe, counts its instructions, ends it by its process."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from site_builder import runner

PROBE = Path(__file__).parent / "contestants" / "probe.py"


class BenchError(Exception):
    """Something can not be measured; the message says why."""


def interpreter() -> list[str]:
    """The command that starts MicroPython, without a shell or script around it. Raises BenchError without one."""
    command = runner.micropython()
    if command is None:
        raise BenchError("there is no MicroPython for this machine")
    with open(command[0], "rb") as f:
        return [sys.executable, *command] if f.read(2) == b"#!" else command


def valgrind() -> str | None:
    """The command that counts instructions, None where there is none."""
    return shutil.which("valgrind")


class Server:
    """A running server program. probe: with a thread beside it that answers ask(). counts: a folder for callgrind."""

    def __init__(
        self, folder: Path, program: str, *args: int, heap: str = "", probe: bool = False, counts: Path | None = None
    ) -> None:
        self.port = runner.free_port()
        self.counts = counts
        command = [*self._callgrind(), *interpreter()] + (["-X", f"heapsize={heap}"] if heap else [])
        command += [str(PROBE)] if probe or counts else []
        command += [str(folder / program), str(self.port), *map(str, args)]
        pipe = subprocess.PIPE if probe or counts else subprocess.DEVNULL
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )

    def _callgrind(self) -> list[str]:
        if not self.counts:
            return []
        out = f"--callgrind-out-file={self.counts / 'counts'}"
        return [valgrind() or "valgrind", "-q", "--tool=callgrind", "--dump-before=mp_math_erf", "--dump-line=no", out]

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        runner.stop(self._process)  # type: ignore[arg-type]
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def ended(self) -> bool:
        """True when the program has ended by itself."""
        return self._process.poll() is not None

    def ask(self, command: str) -> int:
        """Has the probe do what `command` says; returns the bytes that the program has in use on its heap."""
        pipe = self._process.stdin
        assert pipe
        try:
            pipe.write(command + "\n")
            pipe.flush()
        except OSError:
            raise BenchError("the server has ended") from None
        return self.hear()

    def hear(self) -> int:
        """What the probe says next."""
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("probe "):
                return int(line.split()[1])
        raise BenchError("the server has ended")

    def mark(self) -> int:
        """The instructions since the last mark."""
        assert self.counts
        before = set(self.counts.iterdir())
        time.sleep(0.05)  # for what a server does after its answer
        self.ask("mark")
        new = set(self.counts.iterdir()) - before
        for path in sorted(new, key=lambda path: len(path.name), reverse=True):
            return _total(path)
        raise BenchError("callgrind wrote no counts: this MicroPython has no symbols")


def _total(path: Path) -> int:
    for line in _lines(path):
        if line.startswith("summary:"):
            return int(line.split()[1])
    raise BenchError("callgrind's counts can not be read")


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as f:
        yield from f
