"""All stages in order, and the output tree."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import check, libs, needs, onboard, reader, source
from .assets import Store
from .bytecode import compile_all
from .cache import Cache
from .errors import Problem, SiteError
from .flash import Route, dumps
from .table import Tabulator
from .templates import LIBRARY, Compiled, module_name
from .timing import timed


@dataclass(frozen=True)
class Bundle:
    """A built site: its title, its files by their paths in the bundle, what it was made of, its table, and all its
    routes by path: the table itself leaves some on flash when there are many."""

    title: str
    files: dict[str, bytes]
    checked: check.Checked
    table: dict[str, Any]
    routes: dict[str, Route]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(map(len, self.files.values()))


@timed("read and check")
def read_site(folder: Path, cache: Cache | None = None, strict: bool = False) -> check.Checked:
    """Reads and checks a site. Raises SiteError with every problem, when one is an error. strict: all are errors."""
    described = source.read(folder / "site.yaml", "site.yaml")
    site, problems = reader.load(described)
    if site is None:
        raise SiteError(problems)
    checked = check.check_site(folder, site, described, cache, whole=not problems)
    if problems or checked.errors or (strict and checked.problems):
        found = problems + checked.problems
        raise SiteError(replace(problem, warning=False) for problem in found) if strict else SiteError(found)
    return checked


def check_code(checked: check.Checked) -> None:
    """Asks MicroPython's compiler about handlers and templates. Raises SiteError with what it refuses."""
    try:
        compile_all(_app_sources(checked), checked.cache)
    except SiteError as e:
        raise SiteError(_at_template(problem, checked.templates) for problem in e.problems) from None


def _tree(kind: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A code tree, under a name that is a hash of all that is in it."""
    total = hashlib.sha256()
    for path, data in sorted(files.items()):
        total.update(f"{path}\0{len(data)}\0".encode() + data)
    top = f"site/{kind}-{total.hexdigest()[:16]}"
    return {f"{top}/{path}": data for path, data in sorted(files.items())}


def _template_file(name: str) -> str:
    return f"templates/{module_name(name).replace('.', '/')}.py"


def _app_sources(checked: check.Checked) -> dict[str, bytes]:
    found = {module.file: module.source for module in checked.modules.values()}
    for name, compiled in checked.templates.items():
        found[_template_file(name)] = compiled.source.encode()
    names = {name for compiled in checked.templates.values() for name in compiled.runtime}
    if names:
        found[f"templates/{LIBRARY}.py"] = checked.made.library(names)
    return found


def _line_maps(checked: check.Checked) -> dict[str, bytes]:
    """Files that say where each line of a template's module comes from; the board opens one when a page fails."""
    found = {}
    for name, compiled in checked.templates.items():
        files = list(compiled.files)
        places = [f"{files.index(file) if file else 0} {line}" for file, line in compiled.lines]
        changes = [f"{at + 1} {place}" for at, place in enumerate(places) if at == 0 or place != places[at - 1]]
        found[_template_file(name)[: -len(".py")] + ".map"] = "\n".join(["\t".join(files), *changes, ""]).encode()
    return found


def _at_template(problem: Problem, templates: Mapping[str, Compiled]) -> Problem:
    """A problem of a template's module, at the place in the template that it comes from."""
    for name, compiled in templates.items():
        if problem.file == _template_file(name) and 0 < problem.line <= len(compiled.lines):
            file, line = compiled.lines[problem.line - 1]
            return Problem(f"templates/{file}", line, 0, problem.message)
    return problem


@timed("choose modules")
def _lib_sources(checked: check.Checked, needed: set[str], python: bool, cache: Cache) -> dict[str, bytes]:
    imports = {name for module in checked.modules.values() for name in module.imports}
    wanted = imports & libs.LIBRARIES.keys()
    features = set(needed)
    if python or "ulogging" not in wanted:
        features.add("log")
    if python:
        features.add("cpython")
    return libs.framework(features, cache) | libs.sources(wanted, cache)


def _bytecode(files: Mapping[str, bytes], cache: Cache, shared: bool = False) -> dict[str, bytes]:
    return {name[: -len(".py")] + ".mpy": code for name, code in compile_all(files, cache, shared).items()}


@contextlib.contextmanager
def no_collector() -> Iterator[None]:
    """Spares Python to look for garbage among what all lives until the end of the block: a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def build(folder: Path, python: bool = False, cache: Cache | None = None, strict: bool = False) -> Bundle:
    """Builds a site in memory. `python`: with Python source, for CPython, instead of MicroPython's bytecode.

    cache: the one of an earlier build of this site in the same process, so that it need not be read from disk again.
    strict: warnings are errors.
    Raises SiteError with everything that is wrong with the site, LibraryError when a library can not be had.
    """
    cache = cache or Cache(folder)
    with no_collector():
        made = _build(folder, python, cache, strict)
    cache.save()
    return made


@timed("build in all")
def _build(folder: Path, python: bool, cache: Cache, strict: bool) -> Bundle:
    checked = read_site(folder, cache, strict)
    app = _app_sources(checked)
    store = Store(cache=cache)
    tabulator = Tabulator(checked, store)
    table = tabulator.table([])
    lib = _lib_sources(checked, needs.modules(checked, app, tabulator, cache), python, cache)
    if not python:
        try:
            app, lib = _bytecode(app, cache), _bytecode(lib, cache, shared=True)
        except SiteError as e:
            raise SiteError(_at_template(problem, checked.templates) for problem in e.problems) from None
    trees = [_tree("app", {**app, **_line_maps(checked)}), _tree("lib", lib)]
    table["path"] = ["/".join(next(iter(tree)).split("/")[:2]) for tree in trees if tree]
    files = {"main.py": onboard.MAIN, onboard.START: onboard.source("start.py")}
    files["routes.json"] = (dumps(table) + "\n").encode()
    for tree in [*trees, store.files]:
        files.update(sorted(tree.items()))
    return Bundle(checked.site.title, files, checked, table, tabulator.routes)


# The output tree


def _is_bundle(folder: Path) -> bool:
    try:
        table = json.loads((folder / "routes.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(table, dict) and "picoweb" in table


def _check_output(out: Path) -> None:
    message = None
    if out.exists() and not out.is_dir():
        message = "is a file; give a folder with -o"
    elif out.is_dir() and not _is_bundle(out):
        others = {path.name for path in out.iterdir()} - {".new", ".gitignore", "site", "main.py"}
        if others:
            message = f"has other files in it ({sorted(others)[0]}); give an empty or a new folder with -o"
    if message:
        raise SiteError([Problem(str(out), 0, 0, message)])


def _write(out: Path, path: str, data: bytes) -> bool:
    """Writes a file whole or not at all; False when it is there already."""
    target = f"{out}/{path}"
    try:
        file = os.open(target, os.O_RDONLY)
        try:
            if os.read(file, len(data) + 1) == data:
                return False
        finally:
            os.close(file)
    except OSError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
    temporary = out / ".new"
    temporary.write_bytes(data)
    os.replace(temporary, target)
    return True


def _remove_stale(out: Path, bundle: Bundle) -> None:
    for folder, _, names in os.walk(out / "site", topdown=False):
        below = os.path.relpath(folder, out).replace(os.sep, "/")
        stale = [name for name in names if f"{below}/{name}" not in bundle.files]
        for name in stale:
            os.unlink(os.path.join(folder, name))
        if len(stale) == len(names) and below != "site" and not any(os.scandir(folder)):
            os.rmdir(folder)


@timed("write")
def write(bundle: Bundle, out: Path) -> None:
    """Writes a bundle to a folder, so that it holds the earlier bundle or the new one whenever it is looked at.

    Names below site/ are hashes of their content, so what is there is never changed; routes.json is replaced last,
    by a rename, and what is no longer needed goes after that. Raises SiteError when the folder is not a bundle's.
    """
    _check_output(out)
    out.mkdir(parents=True, exist_ok=True)
    _write(out, ".gitignore", b"*\n")
    for path, data in bundle.files.items():
        if path.startswith("site/"):
            _write(out, path, data)
    _write(out, "main.py", bundle.files["main.py"])
    _write(out, "routes.json", bundle.files["routes.json"])
    (out / ".new").unlink(missing_ok=True)  # of a build that was killed
    _remove_stale(out, bundle)
