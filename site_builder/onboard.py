"""What an upload keeps on a board, beside the files of a bundle: records and lists. See start.py for their use.

Below `site/`: `live.0` and `live.1` are records, the newer of which says what the board runs; `NAME.json` is the table
of the site NAME, `NAME.list` says which files it needs; `stale` names what the newest upload has made useless.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .errors import DeviceError

__all__ = [
    "LINES",
    "MAIN",
    "MAINS",
    "STALE",
    "START",
    "TABLE",
    "Item",
    "Listing",
    "Record",
    "Site",
    "digest",
    "folders",
    "item",
    "named",
    "source",
]

LINES = ("import site.start", "site.start.run()")
MAIN = "\n".join(["# Starts the site; made by picoweb.", *LINES, ""]).encode()
# By their digests: nobody has changed these. The first is ours, the second was it when boards had one table.
MAINS = {hashlib.sha256(MAIN).hexdigest()[:32], "052f42d881cc5f073a9277a13a43f597"}
START, STALE = "site/start.py", "site/stale"
TABLE = "routes.json"  # of a bundle that somebody has copied by hand
_INDENT = re.compile(r"^(?: {4})+")
_RECORD = re.compile(r"live (\d{8}) ([0-9a-f]{16}) ([0-9a-f]{8})\n")


@dataclass(frozen=True)
class Item:
    """A file's size and the first 32 digits of its SHA-256, as a bundle has it or as a device has it."""

    size: int
    digest: str


def digest(data: bytes) -> str:
    """The first 32 digits of the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


def named(table: bytes) -> str:
    """The name of the site that a table describes."""
    return digest(table)[:16]


def item(data: bytes) -> Item:
    """Size and digest of some bytes."""
    return Item(len(data), digest(data))


def folders(paths: Iterable[str]) -> set[str]:
    """All folders above `paths`; their names end with a slash."""
    return {f"{parent}/" for path in paths for parent in PurePosixPath(path).parents[:-1]}


def source(name: str) -> bytes:
    """A module of ours that boards read as source, without what only people read."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node):
            first, last = node.body[0].lineno, node.body[0].end_lineno or 0
            lines[first - 1 : last] = [""] * (last - first + 1)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    kept = [_INDENT.sub(lambda found: " " * (len(found[0]) // 4), line) for line in lines if line]
    return "\n".join([*kept, ""]).encode()


@dataclass(frozen=True, order=True)
class Record:
    """Which site a board runs: uploads are numbered, `time` is the computer's, in seconds since 1970."""

    number: int
    site: str
    time: int

    def data(self) -> bytes:
        """The file, which says everything twice."""
        return (f"live {self.number:08} {self.site} {self.time & 0xFFFFFFFF:08x}\n" * 2).encode()

    @classmethod
    def read(cls, lines: Iterable[str]) -> Record | None:
        """The record that the lines of a file are; None when they are no whole one."""
        first, *rest = [*lines, ""]
        match = _RECORD.fullmatch(first)
        return cls(int(match[1]), match[2], int(match[3], 16)) if match and rest[:-1] == [first] else None


@dataclass(frozen=True)
class Listing:
    """What a site on a board is made of, so that its files can be told from all others."""

    title: str
    items: Mapping[str, Item]

    def data(self) -> bytes:
        """The file: the title, then folders and, after each, the files in it."""
        lines, folder = [json.dumps(self.title)], ""
        for path, found in sorted(self.items.items(), key=lambda pair: pair[0].rpartition("/")):
            above, _, name = path.rpartition("/")
            if above != folder:
                lines.append(f"{above}/")
                folder = above
            lines.append(f"{name} {found.size} {found.digest}")
        return "\n".join([*lines, ""]).encode()

    @classmethod
    def read(cls, lines: Iterable[str]) -> Listing | None:
        """The listing of a file's lines; None when it is broken."""
        items, folder = dict[str, Item](), ""
        try:
            title, *rows = lines
            for row in rows:
                if row.endswith("/\n"):
                    folder = row[:-1]
                else:
                    name, size, sha = row.split()
                    items[folder + name] = Item(int(size), sha)
            return cls(str(json.loads(title)), items)
        except ValueError:
            return None


@dataclass(frozen=True)
class Site:
    """A bundle in the form that a board keeps it: its name, a hash of the table, and its files by path.

    `files` are those whose names no other site has with other content; `start` are main.py and site/start.py.
    """

    name: str
    listing: Listing
    files: Mapping[str, bytes]
    start: Mapping[str, bytes]

    @classmethod
    def read(cls, bundle: Path) -> Site:
        """The site in the folder of a bundle. Raises DeviceError when it is none."""
        for name in ("main.py", "routes.json", START):
            if not (bundle / name).exists():
                raise DeviceError(f"{bundle}: this is not a bundle: {name} is missing; build the site first")
        below = sorted(p for p in (bundle / "site").rglob("*") if p.is_file())
        files = {p.relative_to(bundle).as_posix(): p.read_bytes() for p in below}
        start = {START: files.pop(START), "main.py": (bundle / "main.py").read_bytes()}
        return cls.made((bundle / "routes.json").read_bytes(), files, start)

    @classmethod
    def made(cls, table: bytes, files: Mapping[str, bytes], start: Mapping[str, bytes]) -> Site:
        """The site of a table and its files; the first of all is the listing, so that a board can always be tidied."""
        name = named(table)
        there = {f"site/{name}.json": table, **files}
        try:
            title = str(json.loads(table)["site"]["title"])
        except (ValueError, LookupError, TypeError):
            title = ""
        listing = Listing(title, {path: item(data) for path, data in there.items()})
        return cls(name, listing, {f"site/{name}.list": listing.data(), **there}, start)

    @property
    def items(self) -> dict[str, Item]:
        """Size and hash of each file."""
        return {path: item(data) for path, data in {**self.files, **self.start}.items()}
