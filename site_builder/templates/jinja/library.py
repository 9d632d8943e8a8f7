"""templates/_jinja: of our functions for templates, those that a site uses, and what they use themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from .. import LIBRARY

NAME = LIBRARY
_FILES = ("runtime.py", "filters.py")


@lru_cache(maxsize=1)
def _parts() -> tuple[dict[str, ast.stmt], dict[str, str]]:
    """The statements of our device code by the names they define, in order; and its names from modules of picoweb."""
    parts: dict[str, ast.stmt] = {}
    modules: dict[str, str] = {}
    for file in _FILES:
        for node in ast.parse((Path(__file__).parent / file).read_bytes()).body:
            if isinstance(node, ast.ImportFrom):
                modules |= {alias.name: node.module or "" for alias in node.names}
            elif isinstance(node, ast.Import):
                parts[node.names[0].name] = node
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                parts[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                parts[node.targets[0].id] = node
    return parts, modules


def _closure(names: Iterable[str]) -> set[str]:
    parts, _ = _parts()
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in parts and name not in found:
            found.add(name)
            todo += [node.id for node in ast.walk(parts[name]) if isinstance(node, ast.Name)]
    return found


def source(names: Iterable[str], strict: bool = False) -> str:
    """The source of a module with these functions, "" for none. strict: what is missing is an error when it is used."""
    parts, modules = _parts()
    wanted = _closure(names)
    body = [part for name, part in parts.items() if name in wanted]
    used = {node.id for part in body for node in ast.walk(part) if isinstance(node, ast.Name)}
    lines = [f"from {module} import {name}" for name, module in modules.items() if name in used]
    if strict and "missing" in wanted:
        lines.append("from picoweb.undefined import Strict")
    for part in body:
        lines.append("missing = Strict" if strict and part is parts.get("missing") else ast.unparse(part))
    return "".join(line + "\n" for line in lines)
