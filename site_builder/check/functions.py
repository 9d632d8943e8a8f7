"""The functions that the description names: they are there, take what they are called with, and give what is needed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import Problem, suggest
from ..model import Handler, Json, Template
from ..source import Key
from .checked import Checked
from .modules import Function, own_statements, resolve
from .paths import is_name


@dataclass(frozen=True)
class Use:
    """A function that the description names. first: what it gets by position; parts: by name, None: not known."""

    key: Key
    name: str
    first: tuple[str, ...]
    parts: tuple[str, ...] | None = None
    gives: str = ""  # "dict": it must return one


def uses(checked: Checked) -> Iterator[Use]:
    """Every function that the description names."""
    site = checked.site
    for kind, functions in (("filters", site.templates.filters), ("tests", site.templates.tests)):
        for name, function in functions.items():
            yield Use(("templates", kind, name), function, ("value",))
    for key, target in checked.targets().items():
        names = checked.parts.get(str(key[1])) if key[0] == "routes" else []
        parts = None if names is None else tuple(names)
        if isinstance(target, Handler):
            yield Use((*key, "handler"), target.handler, ("req", "resp"), parts)
        elif isinstance(target, Template) and target.data:
            yield Use((*key, "data"), target.data, ("req",), parts, "dict")
        elif isinstance(target, Json) and isinstance(target.value, str):
            yield Use((*key, "json"), target.value, ("req",), parts)


def check(checked: Checked) -> Iterator[Problem]:
    """Names of functions that are not there, and functions that can not be called as they will be."""
    for use in uses(checked):
        if use.first == ("value",) and not is_name(str(use.key[-1])):
            message = f"{use.key[-1]!r} is not a name for templates; use letters, digits and _"
            yield checked.problem(use.key, message, "name")
        yield from _check(checked, use)


def find(checked: Checked, name: str) -> tuple[str, Function | None]:
    """The file and the function that a name such as "sensors.now" stands for, None where that is not known."""
    module, _, attr = name.rpartition(".")
    module, attr = resolve(checked.modules, module, attr)
    found = checked.modules.get(module)
    if found is None or attr in found.others:
        return "", None
    return found.file, found.functions.get(attr)


def _check(checked: Checked, use: Use) -> Iterator[Problem]:
    module_name, _, attr = use.name.rpartition(".")
    file = f"handlers/{module_name.replace('.', '/')}.py"
    module = checked.modules.get(module_name)
    what = f"{use.key[-1]} {use.name!r}"
    if module is None:
        if not any(problem.file == file for problem in checked.problems):  # else it cannot be read, which is told
            hint = suggest(module_name, checked.modules)
            yield checked.problem(use.key, f"{what}: there is no {file}{hint}", "no-function")
        return
    other, attr = resolve(checked.modules, module_name, attr)
    module = checked.modules[other]
    if attr in module.classes and attr not in module.functions and use.first != ("value",):
        kind = "an async function" if "resp" in use.first else "a function"
        yield checked.problem(use.key, f"{what} is a class; name {kind}", "not-a-function")
    elif attr not in module.others and "*" not in module.others:
        function = module.functions.get(attr)
        if function is None:
            hint = suggest(attr, [name for name in module.functions if not name.startswith("_")])
            yield checked.problem(use.key, f"{what} not found in {module.file}{hint}", "no-function")
        else:
            for node, message in _mistakes(use, function):
                yield Problem(module.file, node.lineno, node.col_offset + 1, message, code="signature")


def _mistakes(use: Use, function: Function) -> Iterator[tuple[Function | ast.expr | ast.stmt, str]]:
    name = function.name
    if use.first == ("value",) and isinstance(function, ast.AsyncFunctionDef):
        yield function, f"{name!r} must be 'def {name}(…)', without async: templates do not wait"
    if "resp" in use.first and isinstance(function, ast.FunctionDef):
        yield function, f"handler {name!r} must be 'async def {name}(…)'"
    if use.parts is not None and not _takes(function, len(use.first), {*use.parts}):
        takes = ", ".join([*use.first, *use.parts])
        yield function, f"{name} must take ({takes}), as its route calls it"
    for node in own_statements(function):
        if isinstance(node, ast.Yield | ast.YieldFrom) and "value" not in use.first:
            if isinstance(function, ast.AsyncFunctionDef):
                yield (
                    node,
                    f"{name} has a yield, but MicroPython has no async generators; use awrite",
                )
                return
            if use.gives:
                yield node, f"{name} has a yield, but must return a dict: its values are those of a template"
                return
    if use.gives == "dict":
        yield from _wrong_returns(function)


def _wrong_returns(function: Function) -> Iterator[tuple[Function | ast.stmt, str]]:
    """Where a function surely returns something else than a dict."""
    nodes = list(own_statements(function))
    returns = [node for node in nodes if isinstance(node, ast.Return)]
    for node in returns:
        if node.value is None or isinstance(node.value, ast.Constant | ast.List | ast.Tuple | ast.Set | ast.JoinedStr):
            given = "nothing" if node.value is None else ast.unparse(node.value)
            given = given if len(given) <= 40 else given[:40] + "…"
            yield node, f"{function.name} returns {given} here, but must return a dict: the values of a template"
    if not returns and not any(isinstance(node, ast.Raise | ast.While) or _raises(node) for node in nodes):
        yield function, f"{function.name} returns nothing, but must return a dict: the values of a template"


def _raises(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).endswith("http_error")


def _takes(function: Function, count: int, given: set[str]) -> bool:
    """True when a function takes `count` arguments by position, and then those with the names `given`."""
    spec = function.args
    positional = [arg.arg for arg in spec.posonlyargs + spec.args]
    optional = positional[len(positional) - len(spec.defaults) :] if spec.defaults else []
    named = {arg.arg for arg in spec.kwonlyargs}
    must = {a.arg for a, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None}
    accepted = set(positional[count:]) | named
    needed = (set(positional[count:]) - set(optional)) | must
    fits = len(positional) >= count or spec.vararg is not None
    return fits and needed <= given and (given <= accepted or spec.kwarg is not None)
