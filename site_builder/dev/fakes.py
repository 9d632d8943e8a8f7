"""Stand-ins for what a computer lacks: modules of SITE/fakes/, for serving and testing here, never in a bundle."""

from __future__ import annotations

import codecs
from pathlib import Path

from ..assets import files_below
from ..bytecode import compile_all
from ..errors import Problem, SiteError

FOLDER = "fakes"


def read(site: Path, python: bool = False) -> dict[str, bytes]:
    """The stand-ins of a site, by their paths in its folder fakes/, as the runtime wants them: bytecode for
    MicroPython, so that they need no heap for a compiler. Raises SiteError with what does not compile."""
    found = {}
    problems = []
    for name, path in files_below(site / FOLDER).items():
        if path.suffix != ".py":
            continue
        file = f"{FOLDER}/{name}"
        try:
            found[file] = path.read_bytes().removeprefix(codecs.BOM_UTF8)
            compile(found[file], file, "exec")
        except SyntaxError as e:
            problems.append(Problem(file, e.lineno or 0, e.offset or 0, f"syntax error: {e.msg}"))
        except (OSError, ValueError) as e:
            problems.append(Problem(file, 0, 0, f"cannot be read: {e}"))
    if problems:
        raise SiteError(problems)
    if python:
        return found
    compiled = compile_all(found)
    return {file[len(FOLDER) + 1 : -len(".py")] + ".mpy": data for file, data in compiled.items()}


def place(files: dict[str, bytes], site: Path, python: bool, folder: Path) -> Path | None:
    """Where read()'s files can be imported from, None when there are none: for CPython where they are, so that a
    debugger shows them there, for MicroPython in this folder, which then has nothing else in it."""
    if python or not files:
        return (site / FOLDER).resolve() if files else None
    for path in list(folder.rglob("*.mpy")) if folder.is_dir() else []:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
