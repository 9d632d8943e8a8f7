"""What a bundle takes of flash: its parts, and the bytecode of each module."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from . import onboard
from .bundle import Bundle
from .model import Template

BLOCK = 4096  # of LittleFS on all boards we know
_INLINE = 128  # a file up to this size has no block of its own; it is in its folder's
_ENTRY = 80  # what a file takes of its folder, found by writing 1 to 1,000 files to a LittleFS
_FOLDER = 2000  # what of a folder's pair of blocks is used on average

PARTS = {
    "picoweb": "the framework, what of it the site needs",
    "libraries": "what handlers import",
    "handlers": "your Python",
    "templates": "pages that the board fills in",
    "pages": "pages that are ready",
    "files": "as they are, and compressed",
    "table": "routes.json, main.py, start.py and the lists of folders",
    "folders": "what the file system itself takes",
}


@dataclass(frozen=True)
class Part:
    """A part of a bundle: its files, their bytes, and the blocks of flash they take."""

    name: str
    files: int
    size: int
    blocks: int


@dataclass(frozen=True)
class Module:
    """The bytecode of a module."""

    name: str
    part: str
    size: int


def blocks(size: int) -> int:
    """The blocks that a file of so many bytes takes on LittleFS: each but the first begins with pointers to others."""
    if size <= _INLINE:
        return 0
    count = 0
    while size > 0:
        size -= BLOCK - 4 * (count & -count).bit_length()
        count += 1
    return count


def parts(made: Bundle) -> list[Part]:
    """The parts of a bundle that have files, and what the folders take."""
    files, sizes, taken = Counter[str](), Counter[str](), Counter[str]()
    names = _names(made)
    for path, data in made.files.items():
        part = _part(path, names)
        files[part] += 1
        sizes[part] += len(data)
        taken[part] += blocks(len(data))
    taken["folders"] = _folders(made)
    return [Part(name, files[name], sizes[name], taken[name]) for name in PARTS if taken[name] or files[name]]


def _folders(made: Bundle) -> int:
    """The blocks of folders: pairs, and one more for each 25 files or so."""
    full: Counter[str] = Counter({"": 0})
    for path, data in made.files.items():
        *above, _ = path.split("/")
        for depth in range(len(above)):
            full["/".join(above[: depth + 1])] += 0
        full["/".join(above)] += _ENTRY + (len(data) if len(data) <= _INLINE else 0)
    return sum(2 * max(1, math.ceil(size / _FOLDER)) for size in full.values())


def _names(made: Bundle) -> dict[str, str]:
    """The part of each content-addressed file that is not simply a file."""
    found = {}
    site = made.checked.site
    targets = {**site.routes, **{str(status): target for status, target in site.errors.items()}}
    for route in [*made.routes.values(), *(route for _, route in made.table["patterns"])]:
        if route[0] in "dg":
            found[route[3]] = "table"
    for url, route in [*made.routes.items(), *made.table["errors"].items()]:
        if route[0] == "f" and isinstance(targets.get(url), Template):
            found.update(dict.fromkeys((route[4], route[6]), "pages"))
    return found


def _part(path: str, names: dict[str, str]) -> str:
    top, _, below = path.removeprefix("site/").partition("/")
    if not path.startswith("site/") or path == onboard.START:
        return "table"
    if top.startswith("lib-"):
        return "picoweb" if below.startswith("picoweb/") else "libraries"
    if top.startswith("app-"):
        return "templates" if below.startswith("templates/") else "handlers"
    return names.get(top, "files")


def modules(made: Bundle) -> list[Module]:
    """The modules of a bundle, the largest first."""
    found = []
    for path, data in made.files.items():
        if path.endswith(".mpy"):
            name = path.split("/", 2)[2].removesuffix(".mpy").replace("/", ".")
            found.append(Module(name, _part(path, {}), len(data)))
    return sorted(found, key=lambda module: (-module.size, module.name))
