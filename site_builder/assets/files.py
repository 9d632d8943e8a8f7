"""Files of a site: their content types, and the hash that names their content."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import posixpath
from pathlib import Path

# The types of the web by extension, so that they are the same on every machine; mimetypes' own list has the rest.
_TYPES = {
    "css": "text/css",
    "csv": "text/csv",
    "gif": "image/gif",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/vnd.microsoft.icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "map": "application/json",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tpl": "text/html",
    "txt": "text/plain",
    "wasm": "application/wasm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xml": "text/xml",
}


@functools.cache
def _other(name: str) -> str | None:
    import mimetypes  # few sites have such files

    return mimetypes.MimeTypes(filenames=()).guess_type(name)[0]


def content_type(name: str) -> str:
    """The Content-Type of a file by its name; text is UTF-8. A template "feed.xml.tpl" is a "feed.xml"."""
    stem, suffix = posixpath.splitext(name)
    if suffix == ".tpl" and (inner := posixpath.splitext(stem)[1]):
        name, suffix = stem, inner
    kind = _TYPES.get(suffix[1:].lower()) or _other(posixpath.basename(name)) or "application/octet-stream"
    is_text = kind.startswith("text/") or kind == "image/svg+xml"
    return kind + "; charset=utf-8" if is_text else kind


def digest(data: bytes) -> str:
    """The name of some content: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


class Files:
    """A folder's files by their names, such as "static/style.css": each is read once, and so is each folder's list."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._below: dict[str, list[str]] = {}
        self._data: dict[str, bytes] = {}

    def below(self, folder: str) -> list[str]:
        """The files of one of its folders and those below it, by their names in that."""
        if folder not in self._below:
            self._below[folder] = names_below(self.folder / folder)
        return self._below[folder]

    def read(self, name: str) -> bytes:
        """What is in a file. Raises OSError."""
        if name not in self._data:
            with open(f"{self.folder}/{name}", "rb", buffering=0) as f:
                self._data[name] = f.readall()
        return self._data[name]


def files_below(folder: Path) -> dict[str, Path]:
    """The files of a folder and those below it, by their relative paths; hidden ones are left out."""
    return {name: folder / name for name in names_below(folder)}


def names_below(folder: Path) -> list[str]:
    """The relative paths of the files of a folder and those below it; hidden ones are left out."""
    found: list[str] = []
    todo = [""]
    while todo:
        below = todo.pop()
        with contextlib.suppress(OSError), os.scandir(f"{folder}/{below}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    todo.append(f"{below}{entry.name}/")
                elif entry.is_file() and not entry.name.startswith("."):
                    found.append(below + entry.name)
    return sorted(found, key=lambda name: name.split("/"))
