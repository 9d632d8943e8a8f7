"""What a bundle's `lib` tree holds: picoweb's own modules by need, and device libraries from PyPI, pinned."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import marshal
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import picoweb

from .cache import Cache, code
from .cache import folder as cache_folder
from .errors import PicowebError

_FRAMEWORK = Path(picoweb.__file__).parent


@dataclass(frozen=True)
class Library:
    """A library that handlers may import: its distribution, the source archive's hash, and the modules in it."""

    project: str
    version: str
    sha256: str
    modules: dict[str, str]  # the path in the bundle: the path in the archive, below its top folder

    @property
    def archive(self) -> str:
        return f"{self.project}-{self.version}.tar.gz"


# What handlers can import beside MicroPython's own modules, by the name they import.
LIBRARIES = {
    "ulogging": Library(
        "micropython-ulogging",
        "0.3",
        "a150c37ac0b8ebb3545cf4396b99c3f55f4e89eba2e5d460696d9ae4328e0675",
        {"ulogging.py": "ulogging.py"},
    ),
    "utemplate": Library(
        "utemplate",
        "1.4.1",
        "43fde7c8b38dda1ff9c82cd829d22ec445f1e9d631455de705873051f83a0b20",
        {
            "utemplate/compiled.py": "utemplate/compiled.py",
            "utemplate/recompile.py": "utemplate/recompile.py",
            "utemplate/source.py": "utemplate/source.py",
        },
    ),
}


class LibraryError(PicowebError):
    """A library can not be had; the message says what to do."""


def fetch(library: Library, cache: Path | None = None) -> bytes:
    """A library's source archive, from the cache or else from PyPI, with its SHA-256 checked.

    Raises LibraryError when it is not cached and can not be fetched.
    """
    path = (cache or cache_folder()) / library.archive
    if path.is_file():
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == library.sha256:
            return data
    data = _download(library, path.parent)
    if hashlib.sha256(data).hexdigest() != library.sha256:
        raise LibraryError(
            f"{library.archive}: what PyPI sent has another SHA-256 than the pinned one; try again later"
        )
    import tempfile

    with contextlib.suppress(OSError):  # a cache that can not be written costs time, and no more
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as f:
            f.write(data)
        os.replace(temporary, path)
    return data


def _download(library: Library, cache: Path) -> bytes:
    import tempfile

    from pypi_simple import PyPISimple  # which takes longer to import than a site to build

    hint = f"connect to the internet once, or put {library.archive} into {cache}"
    try:
        with PyPISimple() as client, tempfile.TemporaryDirectory() as folder:
            for package in client.get_project_page(library.project, timeout=30).packages:
                if package.filename == library.archive:
                    path = Path(folder, package.filename)
                    client.download_package(package, path, verify=False, timeout=30)
                    return path.read_bytes()
    except Exception as e:  # requests and urllib3 raise many kinds
        raise LibraryError(f"{library.archive} cannot be fetched ({type(e).__name__}): {hint}") from e
    raise LibraryError(f"{library.archive} is not on PyPI any more: {hint}")


def sources(names: Iterable[str], cache: Cache | None = None) -> dict[str, bytes]:
    """The modules of libraries, by their paths in the bundle's `lib` tree. Raises LibraryError."""
    kept = cache or Cache()
    libraries = [LIBRARIES[name] for name in sorted(names)]
    return {
        path: kept.get(
            ("library", library.sha256, library.modules[path]), functools.partial(_module, library, path), shared=True
        )
        for library in libraries
        for path in library.modules
    }


def _module(library: Library, path: str) -> bytes:
    import io
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(fetch(library)), mode="r:gz") as archive:
        file = archive.extractfile(f"{library.project}-{library.version}/{library.modules[path]}")
        assert file is not None
        return file.read()


def framework(features: Iterable[str], cache: Cache | None = None) -> dict[str, bytes]:
    """picoweb's modules for a site: those of the boot, those named in `features`, and what they import."""
    found: dict[str, bytes] = {}
    cache = cache or Cache()
    features = set(features)
    todo = ["__init__", "site", "boot", "routing", "targets", *features]
    while todo:
        name = todo.pop()
        path = f"picoweb/{name}.py"
        if path not in found:
            found[path] = (_FRAMEWORK / f"{name}.py").read_bytes()
            key = ("needs", code("libs"), sys.version, found[path])
            needs = marshal.loads(cache.get(key, functools.partial(_needs, found[path]), shared=True))
            todo += needs["deep" if name in features - _CHOOSERS else "top"]
            if name not in _CHOOSERS:
                todo += features_of(needs["asked"])
    return dict(sorted(found.items()))


# They import in a function what a request may need; which of that a site needs is told otherwise.
_CHOOSERS = {
    "app",
    "attributes",
    "body",
    "boot",
    "log",
    "methods",
    "readers",
    "request",
    "response",
    "static",
    "values",
}


def _needs(source: bytes) -> bytes:
    """What one of our modules needs, in a form to be kept."""
    top, deep = _imports(source, deep=False), _imports(source, deep=True)
    return marshal.dumps({"top": top, "deep": deep, "asked": _asked(source)})


def _imports(source: bytes, deep: bool) -> list[str]:
    """The modules of picoweb that one imports at its top, or anywhere."""
    tree = ast.parse(source)
    body = ast.walk(tree) if deep else tree.body
    return [node.module for node in body if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module]


def _asked(source: bytes) -> set[str]:
    """The attributes of requests, and the methods of answers, that one of our modules asks for."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if owner == "req" or (owner == "resp" and _BY_ATTRIBUTE.get(node.attr) == _STREAM):
                found.add(node.attr)
    return found


# The modules of picoweb that an attribute of a request or an answer needs, by its name.
_BODY = ("body", "chunks")
_STREAM = ("methods", "stream")
_BY_ATTRIBUTE = {
    "client": ("attributes",),
    "remote_addr": ("attributes",),
    "headers": ("attributes", "headers"),
    "cookies": ("attributes", "cookies"),
    "args": ("attributes", "forms"),
    "read": _BODY,
    "stream": ("attributes", "reader", *_BODY),
    "reader": ("attributes", "reader", *_BODY),
    "parse_qs": ("attributes", "readers", "forms"),
    "read_json": ("attributes", "readers", "forms", *_BODY),
    "read_form_data": ("attributes", "readers", "forms", "multipart", *_BODY),
    "write": _STREAM,
    "awritestr": _STREAM,
    "aclose": _STREAM,
    "wait_closed": _STREAM,
    "get_extra_info": _STREAM,
    "at_once": _STREAM,
}
_NEVER = {"asgi", "asgi_http", "asgi_websocket", "pair", "testing"}  # for computers alone


def features(names: Iterable[str]) -> set[str]:
    """The modules of picoweb that hold names such as `jsonify`, or are so called; unknown names are left out."""
    return _known(picoweb._NAMES.get(name, name) for name in names)


def features_of(attributes: set[str]) -> set[str]:
    """The modules of picoweb that handlers need, by the names of all attributes in their source."""
    return _known(module for name in attributes & _BY_ATTRIBUTE.keys() for module in _BY_ATTRIBUTE[name])


def _known(modules: Iterable[str]) -> set[str]:
    return {name for name in {*modules} - _NEVER if (_FRAMEWORK / f"{name}.py").is_file()}
