"""Which modules of picoweb a site needs: its targets, its files and the source of its handlers tell.

What is left out must not be missed: where a handler's source leaves it open, the module comes along.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Mapping

from . import check, flash, libs
from .cache import Cache, code
from .flash import Route, entries
from .model import Handler
from .table import Tabulator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_REQUEST = {"resp", "known", "method", "path", "qs", "minor", "fields", "block", "left", "rest", "read", "skip"}
_TEXT = (ast.JoinedStr, ast.Dict, ast.List, ast.ListComp, ast.DictComp)


def modules(checked: check.Checked, app: Mapping[str, bytes], table: Tabulator, cache: Cache) -> set[str]:
    """The modules of picoweb for a site, without those that every site has. app: the sources of its own code."""
    found = libs.features(name for module in checked.modules.values() for name in module.picoweb_names)
    for path, source in app.items():
        if path.startswith("templates/"):
            names = cache.get(("names", code("check"), source), functools.partial(_picoweb_names, source))
            found |= libs.features(names.decode().split())
    if checked.templates:
        found |= {"templates", "places"}
    found |= _for_files([*table.routes.values(), *table.errors.values()], table.store.files)
    found |= flash.needs(table.routes)
    for module in checked.modules.values():
        found |= _for_module(module)
    return found | _for_handlers(checked)


def _picoweb_names(source: bytes) -> bytes:
    """What the module of a template takes from picoweb."""
    return " ".join(sorted(check.read_module("", source).picoweb_names)).encode()


def _for_files(routes: list[Route], files: Mapping[str, bytes]) -> set[str]:
    if not any(route[0] in "fd" for route in routes):
        return set()
    found = {"static", "ranges"}
    if any(route[6] for route in _files(routes, files)):
        found.add("codings")
    if any(route[0] == "d" for route in routes):
        found.add("lookup")
    return found


def _files(routes: Iterable[Route], files: Mapping[str, bytes]) -> Iterator[Route]:
    for route in routes:
        if route[0] == "f":
            yield route
        elif route[0] == "d":
            yield from (entry for _, entry in entries(files[f"site/{route[3]}"], route[4]))


# Handlers


def _for_module(module: check.Module) -> set[str]:
    """What the source of a module of handlers/ asks for, wherever it stands."""
    found = libs.features_of(module.attributes)
    if any("event-stream" in text for text in module.texts) or "sse" in module.picoweb_names:
        found |= {"methods", "stream"}
    tree = ast.parse(module.source)
    if any(isinstance(node, ast.Name) and node.id in ("getattr", "hasattr") for node in ast.walk(tree)):
        found |= {"attributes", "methods"}
    if _asked(tree) - _REQUEST:  # if only to be told that there is none of that name
        found.add("attributes")
    return found


def _asked(tree: ast.Module) -> set[str]:
    """The attributes of the first arguments of functions, which may be requests."""
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, Function):
            args = [arg.arg for arg in function.args.posonlyargs + function.args.args]
            first = args[1:2] if args[:1] == ["self"] else args[:1]
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in first:
                    found.add(node.attr)
    return found


def _for_handlers(checked: check.Checked) -> set[str]:
    """What the handlers that routes name need: for their methods, and for what they return."""
    found: set[str] = set()
    for target in [*checked.site.routes.values(), *checked.site.errors.values()]:
        if isinstance(target, Handler):
            if set(target.methods) != {"GET"}:
                found |= {"body", "chunks"}
            name, _, attr = target.handler.rpartition(".")
            function = checked.modules[name].functions.get(attr)
            if function is None or not _answers_itself(function):
                found |= {"values", "held"}
    return found


def _answers_itself(function: Function) -> bool:
    """True for an `async def` that returns nothing, or only text, and dicts and lists for JSON, as they stand."""
    if isinstance(function, ast.FunctionDef):
        return False
    for node in ast.walk(function):
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return False
        if isinstance(node, ast.Return) and not _is_plain(node.value):
            return False
    return True


def _is_plain(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is None or isinstance(value.value, str)
    return value is None or isinstance(value, _TEXT)
