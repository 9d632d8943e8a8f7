"""Files of a site: their content types, and the hash that names their content."""

from __future__ import annotations

import contextlib
import hashlib
import mimetypes
import os
from pathlib import Path, PurePosixPath

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
_OTHERS = mimetypes.MimeTypes(filenames=())


def content_type(name: str) -> str:
    """The Content-Type of a file by its name; text is UTF-8. A template "feed.xml.tpl" is a "feed.xml"."""
    path = PurePosixPath(name)
    if path.suffix == ".tpl" and PurePosixPath(path.stem).suffix:
        path = PurePosixPath(path.stem)
    kind = _TYPES.get(path.suffix[1:].lower()) or _OTHERS.guess_type(path.name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind == "image/svg+xml"
    return kind + "; charset=utf-8" if is_text else kind


def digest(data: bytes) -> str:
    """The name of some content: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


def files_below(folder: Path) -> dict[str, Path]:
    """The files of a folder and those below it, by their relative paths; hidden ones are left out."""
    found: list[str] = []
    todo = [""]
    while todo:
        below = todo.pop()
        with contextlib.suppress(OSError), os.scandir(folder / below) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    todo.append(f"{below}{entry.name}/")
                elif entry.is_file() and not entry.name.startswith("."):
                    found.append(below + entry.name)
    return {name: folder / name for name in sorted(found, key=lambda name: name.split("/"))}
