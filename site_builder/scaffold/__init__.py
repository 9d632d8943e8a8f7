"""New sites: the folders beside this file, one a template, and how one becomes a site, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import glob
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import PicowebError
from ..schema import json_schema

# In the order of `picoweb new --help`; the first is what one gets without asking.
TEMPLATES = {
    "status": "a page of what the board says of itself",
    "blank": "as little as there can be: one page",
    "dashboard": "live values with a chart, a switch, and settings",
}
_SOURCES = Path(__file__).parent
_SCHEMA = ".site.schema.json"  # by which an editor completes and explains site.yaml
_OURS = ".picoweb-new-"
_LEFT_ALONE = (".git",)  # may be there before
_TITLE = '"@title@"'
_GITIGNORE = """\
# What a build makes.
build/
__pycache__/

# Passwords and keys.
secrets.yaml
"""


class NewError(PicowebError):
    """A new site can not be made; the message says why, and nothing was written."""


def new(folder: Path, template: str) -> list[str]:
    """Makes a new site of one of TEMPLATES in a folder that is not there, or is empty; gives the paths of its files.

    All of it is there at once, or nothing. Raises NewError.
    """
    try:
        _check(folder)
        there = folder.is_dir()
        with _made(folder if there else folder.parent, folder.resolve().name, template) as made:
            paths = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
            if there:
                _move_into(made, folder)
            else:
                os.rename(made, folder)
    except OSError as e:
        raise NewError(_reason(folder, e)) from None
    return paths


def files(template: str, title: str) -> dict[str, bytes]:
    """The files of a new site by their paths."""
    source = _SOURCES / template
    found = {}
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            found[path.relative_to(source).as_posix()] = path.read_bytes()
    found["site.yaml"] = found["site.yaml"].replace(_TITLE.encode(), json.dumps(title, ensure_ascii=False).encode())
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"  # as `picoweb schema` writes it
    return {**found, ".gitignore": _GITIGNORE.encode(), _SCHEMA: schema.encode()}


def _title(name: str) -> str:
    """The name of a folder as a title: "my-garden" -> "My garden"."""
    words = " ".join(name.replace("-", " ").replace("_", " ").split())
    return words[:1].upper() + words[1:] or "Site"


def _check(folder: Path) -> None:
    """Raises NewError when a site can not be made there."""
    name = str(folder)
    if not name.isprintable():
        raise NewError(f"{name!r} cannot be the name of a folder: it has characters that do not print")
    if folder.is_dir():
        there = sorted(p.name for p in folder.iterdir() if not p.name.startswith(_OURS) and p.name not in _LEFT_ALONE)
        if there:
            raise NewError(f"{name} has files in it ({there[0]}); choose a new name, or an empty folder")
    elif os.path.lexists(folder):
        raise NewError(f"{name} is there already and is not a folder; choose another name")
    elif not folder.parent.is_dir():
        raise NewError(f"{name}: there is no folder {str(folder.parent)!r}; make it first")


def _reason(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
        return f"{folder} was made by somebody else meanwhile; choose another name"
    return f"{folder} cannot be made: {(error.strerror or str(error)).lower()}"


@contextlib.contextmanager
def _made(where: Path, name: str, template: str) -> Iterator[Path]:
    """A new site in a temporary folder, which is gone at the end."""
    prefix = f"{_OURS}{name}-"
    for old in where.glob(f"{glob.escape(prefix)}????????"):  # of one that was killed
        shutil.rmtree(old, ignore_errors=True)
    around = Path(tempfile.mkdtemp(prefix=prefix, dir=where))
    try:
        for path, data in files(template, _title(name)).items():
            target = around / "site" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        yield around / "site"
    finally:
        shutil.rmtree(around, ignore_errors=True)


def _move_into(made: Path, folder: Path) -> None:
    """Moves what is in one folder into another; site.yaml at last, for without it there is no site.

    (A rename of the whole would take the folder away from under the shell that is in it.)
    """
    moved: list[Path] = []
    try:
        for path in sorted(made.iterdir(), key=lambda path: (path.name == "site.yaml", path.name)):
            target = folder / path.name
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, "file exists")
            os.rename(path, target)
            moved.append(target)
    except BaseException:
        for target in moved:
            shutil.rmtree(target) if target.is_dir() else target.unlink()
        raise
