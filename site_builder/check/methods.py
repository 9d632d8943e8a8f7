"""Handlers that change something, and are open to GET: a crawler, a preview or a reload would run them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..errors import Problem
from ..model import Handler
from .checked import Checked
from .functions import find
from .map import methods_of
from .modules import Function

_VERBS = {
    "clear", "delete", "erase", "reboot", "remove", "reset", "restart", "save", "set", "shutdown", "switch", "toggle"
}  # fmt: skip
_PINS = {"on", "off", "toggle"}
_OUTPUTS = {"duty", "duty_u16", "duty_ns", "value"}
_MACHINE = {"reset", "soft_reset", "deepsleep", "bootloader"}
_FILES = {"remove", "rename", "unlink", "mkdir", "rmdir"}


def check(checked: Checked) -> Iterator[Problem]:
    """Routes that answer GET with a handler that changes something."""
    for key, target in checked.targets().items():
        if not isinstance(target, Handler) or key[0] != "routes" or "GET" not in methods_of(target):
            continue
        file, function = find(checked, target.handler)
        if function is None:
            continue
        sign = _sign(checked, file, function, alone=methods_of(target) == {"GET"})
        if sign:
            message = f"{target.handler} {sign}, but a GET runs it, also by accident; write methods: [POST]"
            yield checked.problem((*key, "handler"), message, "unsafe-get", warning=True)


def _sign(checked: Checked, file: str, function: Function, alone: bool) -> str:
    """A clear sign that a function changes something; "" when there is none. alone: it answers GET and no more."""
    module = next(module for module in checked.modules.values() if module.file == file)
    todo, seen = [function], {function.name}
    while todo:
        current = todo.pop()
        for node in ast.walk(current):
            if isinstance(node, ast.Attribute) and node.attr == "method" and isinstance(node.value, ast.Name):
                return ""  # it asks for the method itself
            if isinstance(node, ast.Name) and node.id in module.functions and node.id not in seen:
                seen.add(node.id)
                todo.append(module.functions[node.id])
    for name in sorted(seen, key=lambda name: (name != function.name, name)):
        for node in ast.walk(module.functions[name]):
            if isinstance(node, ast.Call) and (sign := _call(node, alone)):
                return sign
    verb = function.name.partition("_")[0]
    return f"seems to {verb} something" if verb in _VERBS else ""


def _call(node: ast.Call, alone: bool) -> str:
    """What a call that changes something looks like, "" for another call."""
    if isinstance(node.func, ast.Name):
        mode = node.args[1] if node.func.id == "open" and len(node.args) > 1 else None
        writes = isinstance(mode, ast.Constant) and isinstance(mode.value, str) and {*mode.value} & {*"wa+x"}
        return f"calls open(…, {mode.value!r})" if isinstance(mode, ast.Constant) and writes else ""
    if not isinstance(node.func, ast.Attribute):
        return ""
    name, of = node.func.attr, node.func.value
    owner = of.id if isinstance(of, ast.Name) else ""
    if (owner == "machine" and name in _MACHINE) or (owner in ("os", "uos") and name in _FILES):
        return f"calls {owner}.{name}()"
    if name in _PINS and not node.args and not node.keywords:
        return f"calls {ast.unparse(of)[:30]}.{name}()"
    if name in _OUTPUTS and len(node.args) == 1 and not node.keywords:
        return f"calls {ast.unparse(of)[:30]}.{name}(…)"
    return "reads a form" if alone and name == "read_form_data" else ""
