"""What routes and error pages lead to: files, folders, templates and values that are there and can be sent."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from picoweb.errors import reason

from ..errors import Problem, suggest
from ..model import Directory, File, Json, Redirect, Target, Template
from ..source import Key, walk
from ..templates import Compiled, TemplateError, module_name
from ..templates.options import GIVEN
from ..values import PRIVATE, shown
from .checked import Checked


def check(checked: Checked) -> Iterator[Problem]:
    """What is not there, or can not be sent. Fills `templates`, `pages` and `compiled`."""
    yield from _values(checked, ("context",), checked.site.context)
    for path, target in checked.site.routes.items():
        yield from _target(checked, ("routes", path), target)
    for status, target in checked.site.errors.items():
        yield from _error_page(checked, status, target)
    names = {*checked.loader.names()}
    for module in checked.modules.values():
        for name in sorted(module.texts & names):
            yield from _needed(checked, name)
    yield from _module_names(checked)


def _target(checked: Checked, key: Key, target: Target) -> Iterator[Problem]:
    if isinstance(target, File):
        if not os.path.isfile(checked.folder / target.file):
            yield checked.problem((*key, "file"), _missing(checked, "file", target.file), "no-file")
    elif isinstance(target, Directory):
        yield from _directory(checked, (*key, "dir"), target.dir)
    elif isinstance(target, Template):
        yield from _values(checked, (*key, "context"), target.context)
        yield from _template(checked, key, target)
    elif isinstance(target, Json) and not isinstance(target.value, str):
        yield from _values(checked, (*key, "json"), target.value)


def _directory(checked: Checked, key: Key, name: str) -> Iterator[Problem]:
    if not os.path.isdir(checked.folder / name):
        yield checked.problem(key, _missing(checked, "folder", name), "no-file")
        return
    for path in checked.files.below(name):
        if not path.isprintable():
            message = f"the file {path!r} in it cannot be served: its name has characters that do not print"
            yield checked.problem(key, message, "file-name")


def _error_page(checked: Checked, status: int, target: Target) -> Iterator[Problem]:
    key = ("errors", status)
    if isinstance(status, str) and status.isdigit():
        yield checked.problem(key, f"{status!r} is text; write it without quotes", "status")
    elif not isinstance(status, int) or not 400 <= status <= 599:
        yield checked.problem(key, f"{shown(status)} is not an error status; they are 400 to 599", "status")
    elif isinstance(target, (Directory, Redirect)):
        message = f"a {target.kind} cannot be an error page; give a template, file, json or handler"
        yield checked.problem(key, message, "error-page")
    else:
        yield from _target(checked, key, target)


def _missing(checked: Checked, what: str, name: str) -> str:
    other = "folder" if what == "file" else "file"
    if os.path.exists(checked.folder / name):
        return f"{name!r} is a {other}; write {'dir' if other == 'folder' else other}: {name}"
    folder = (checked.folder / name).parent
    here = Path(name).parent
    found = []
    if os.path.isdir(folder):
        kind = Path.is_file if what == "file" else Path.is_dir
        found = [str(here / path.name) for path in folder.iterdir() if kind(path) and path.name[0] != "."]
        found = [path for path in found if path not in PRIVATE]
    return f"{what} {name!r} not found{suggest(name, found)}"


def _values(checked: Checked, key: Key, value: Any) -> Iterator[Problem]:
    for path, item, is_key in walk(value, key):
        if is_key and not isinstance(item, str):
            yield checked.problem(path, f"the key {shown(item)} is not text; put quotes around it", "value")
        elif not isinstance(item, (str, int, float, type(None))):
            message = f"{shown(item)} cannot be sent to a device; put quotes around it to make it text"
            yield checked.problem(path, message, "value")
        elif isinstance(item, float) and not math.isfinite(item):
            yield checked.problem(path, f"{item} cannot be sent to a device; JSON has no such number", "value")


# Templates


def _template(checked: Checked, key: Key, target: Template) -> Iterator[Problem]:
    name = target.template
    if not os.path.isfile(checked.folder / "templates" / name):
        message = f"template {name!r} not found in templates/{suggest(name, checked.loader.names())}"
        yield checked.problem((*key, "template"), message, "no-template")
        return
    yield from _compile(checked, name)
    compiled = checked.compiled[name]
    if compiled is None:
        return
    if not target.data:
        for arg in compiled.required:
            if arg not in target.context and arg not in GIVEN:
                message = f"{name} takes {arg!r}, but there is neither data nor a context that gives it"
                yield checked.problem((*key, "template"), message, "no-value")
    if not target.data and compiled.constant and "req" not in compiled.args:
        yield from _page(checked, key, target, compiled)
    else:
        yield from _needed(checked, name)


def _page(checked: Checked, key: Key, target: Template, compiled: Compiled) -> Iterator[Problem]:
    """Makes a page whose values are all known now."""
    site = checked.site
    status = key[1] if key[0] == "errors" else 200
    values = {"site": {"title": site.title, **site.context}, "status": status, "reason": reason(status)}
    try:
        checked.pages[key] = checked.made.page(compiled, {**values, **target.context})
    except TemplateError as e:
        yield replace(e.problem, code="template")
    except UnicodeEncodeError as e:
        message = f"the character {e.object[e.start]!r} in it cannot be sent"
        yield Problem(checked.loader.where(target.template), 0, 0, message, code="template")


def _compile(checked: Checked, name: str) -> Iterator[Problem]:
    """Compiles a template; its mistakes are told once."""
    if name not in checked.compiled:
        checked.compiled[name] = None
        try:
            checked.compiled[name] = checked.made.compiled(name)
        except TemplateError as e:
            yield replace(e.problem, code="template")


def _needed(checked: Checked, name: str) -> Iterator[Problem]:
    """Takes a template into the bundle, and those it may include when it runs."""
    yield from _compile(checked, name)
    compiled: Compiled | None = checked.compiled[name]
    if compiled and name not in checked.templates:
        checked.templates[name] = compiled
        if compiled.dynamic:
            for other in checked.loader.names():
                if other.endswith(".tpl"):
                    yield from _needed(checked, other)


def _module_names(checked: Checked) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in sorted(checked.templates):
        first = seen.setdefault(module_name(name), name)
        if first != name:
            message = f"its module has the same name as that of {first!r}; rename one"
            yield Problem(checked.loader.where(name), 0, 0, message, code="template")
