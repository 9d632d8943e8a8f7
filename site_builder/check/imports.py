"""Imports of handlers that a board can not follow."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import picoweb

from ..errors import Problem, nearest
from ..libs import LIBRARIES
from .checked import Checked
from .micropython import INSTEAD, MODULES, PACKAGES
from .modules import Module, own_package

_CAUGHT = {"ImportError", "Exception", "BaseException"}
_OURS = {path.stem for path in Path(picoweb.__file__).parent.glob("*.py")} | picoweb._NAMES.keys()
_THEIRS = sys.stdlib_module_names - MODULES - PACKAGES


def check(checked: Checked) -> Iterator[Problem]:
    """Modules that are not on the board, and names that the site's own modules do not have."""
    for module in checked.modules.values():
        for node in _imports(module.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from _module(checked, module, node, alias.name)
            elif own_package(module, node):
                yield from _own_names(checked, module, node)
            elif node.module == "handlers":
                for alias in node.names:
                    yield from _own_module(checked, module, node, alias.name)
            elif node.module and not node.level:
                yield from _module(checked, module, node, node.module)
                if node.module == "picoweb":
                    yield from _our_names(module, node)


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports that must succeed: not those in a try that catches what they raise, or for another Python alone."""
    todo: list[ast.AST] = list(reversed(tree.body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.Try) and any(map(_catches, node.handlers)):
            todo += reversed([*node.orelse, *node.finalbody])
        elif isinstance(node, ast.If) and _asks_platform(node.test):
            continue
        else:
            todo += reversed(list(ast.iter_child_nodes(node)))


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(isinstance(node, ast.Name) and node.id in _CAUGHT for node in ast.walk(handler.type))


def _asks_platform(test: ast.expr) -> bool:
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    return bool(names & {"sys", "TYPE_CHECKING", "platform", "implementation"})


def _module(checked: Checked, module: Module, node: ast.stmt, name: str) -> Iterator[Problem]:
    first, _, rest = name.partition(".")
    if first == "handlers":
        if rest:
            yield from _own_module(checked, module, node, rest)
    elif first == "picoweb":
        if rest and rest.split(".")[0] not in _OURS:
            yield _problem(module, node, f"picoweb has no {rest!r}{nearest(rest, _OURS)}", False)
    elif first not in MODULES and first not in LIBRARIES and first != "templates":
        yield _foreign(checked, module, node, first)


def _foreign(checked: Checked, module: Module, node: ast.stmt, name: str) -> Problem:
    guard = "or guard it with try and except ImportError"
    if name in checked.modules:
        return _problem(module, node, f"there is no module {name!r}; write: from handlers import {name}", False)
    if name in INSTEAD:
        remedy = f"; {INSTEAD[name]}" if INSTEAD[name] else ""
        return _problem(module, node, f"MicroPython has no {name!r}{remedy}", name in PACKAGES)
    if name in PACKAGES:
        message = f"{name!r} is not built into MicroPython; mpremote mip install {name}, {guard}"
        return _problem(module, node, message, True)
    if name in _THEIRS:
        return _problem(module, node, f"MicroPython has no {name!r}", False)
    known = {*MODULES, *LIBRARIES, "picoweb", "handlers"}
    message = f"{name!r} is no module of MicroPython; keep a copy in handlers/, {guard}{nearest(name, known)}"
    return _problem(module, node, message, True)


def _own_module(checked: Checked, module: Module, node: ast.stmt, name: str) -> Iterator[Problem]:
    """A module of handlers/ that is not there; a folder of them is one too."""
    folder = any(other.startswith(f"{name}.") for other in checked.modules)
    file = f"handlers/{name.replace('.', '/')}.py"
    if name not in checked.modules and not folder and name != "*" and not (checked.folder / file).exists():
        yield _problem(module, node, f"there is no {file}{nearest(name, checked.modules)}", False)


def _own_names(checked: Checked, module: Module, node: ast.ImportFrom) -> Iterator[Problem]:
    package = own_package(module, node)
    other = checked.modules.get(package)
    if other is None:
        for alias in node.names if any(name.startswith(f"{package}.") for name in checked.modules) else ():
            yield from _own_module(checked, module, node, f"{package}.{alias.name}")
            return
        yield from _own_module(checked, module, node, package)
        return
    for alias in node.names:
        if alias.name not in other.names and not {"*", "__getattr__"} & other.names and alias.name != "*":
            message = f"{other.file} has no {alias.name!r}{nearest(alias.name, other.names)}"
            yield _problem(module, node, message, False)


def _our_names(module: Module, node: ast.ImportFrom) -> Iterator[Problem]:
    for alias in node.names:
        if alias.name not in _OURS and alias.name not in ("*", "__version__"):
            yield _problem(module, node, f"picoweb has no {alias.name!r}{nearest(alias.name, _OURS)}", False)


def _problem(module: Module, node: ast.stmt, message: str, warning: bool) -> Problem:
    return Problem(module.file, node.lineno, node.col_offset + 1, message, warning, "import")
