"""Names in templates that neither the context nor the data function gives."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import jinja2
from jinja2 import nodes

from ..errors import Problem, nearest
from ..model import Template
from ..source import Key
from ..templates.jinja import GIVEN
from ..templates.jinja.sources import set_names
from .checked import Checked
from .functions import find
from .modules import own_statements

_PRESENCE = ("defined", "undefined")
_GUARDS: dict[type, tuple[str, ...]] = {nodes.Filter: ("default", "d"), nodes.Test: _PRESENCE}


def check(checked: Checked) -> Iterator[Problem]:
    """Names that nobody gives, where all that is given is known."""
    strict = checked.site.templates.strict
    uses: dict[str, _Uses] = {}
    found: dict[tuple[str, int, str], list[tuple[Key, str]]] = {}
    for key, target in checked.targets().items():
        compiled = checked.compiled.get(target.template) if isinstance(target, Template) else None
        if compiled is None or not isinstance(target, Template):
            continue
        fails = not target.data and key not in checked.pages and target.template not in checked.templates
        keys = keys_of(checked, target.data) if target.data else set()
        if keys is None or fails:
            continue
        given = {*target.context} | keys
        if target.template.endswith(".tpl"):
            if target.data:
                for arg in compiled.required:
                    if arg not in given and arg not in GIVEN:
                        message = f"{target.template} takes {arg!r}, but {_giver(target)}"
                        yield checked.problem((*key, "template"), message, "no-value")
            continue
        missing = [arg for arg in compiled.args if arg not in given and arg not in GIVEN]
        if missing:
            if target.template not in uses:
                uses[target.template] = _Uses(checked, compiled.files)
            for name in missing:
                place = uses[target.template].certain.get(name)
                if place and name not in uses[target.template].set_here:
                    message = f"{_giver(target)}{nearest(name, given)}"
                    found.setdefault((*place, name), []).append((key, message))
    for (file, line, name), pages in found.items():
        yield Problem(checked.loader.where(file), line, 0, _told(name, pages), not strict, "no-value")


def _told(name: str, pages: list[tuple[Key, str]]) -> str:
    (kind, path), message = pages[0]
    where = f"{path}" if kind == "routes" else f"the error page {path}"
    more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
    return f"{name!r} has no value at {where}{more}: {message}"


def _giver(target: Template) -> str:
    if target.data and target.context:
        return f"neither {target.data}() nor the context gives it"
    if target.data:
        return f"{target.data}() does not give it"
    return "the context does not give it" if target.context else "there is neither data nor a context that gives it"


class _Uses:
    """Where templates need names. certain: the first place of each that is not asked for whether it is there."""

    def __init__(self, checked: Checked, files: Iterable[str]) -> None:
        self.certain: dict[str, tuple[str, int]] = {}
        self.set_here: set[str] = set()
        self.strict = checked.site.templates.strict
        for file in files:
            try:
                tree = checked.sources.env.parse(checked.loader.text(file), file)
            except jinja2.TemplateError:
                continue
            self.set_here |= {*set_names(tree)}
            self.read(tree, file, frozenset())

    def read(self, node: nodes.Node, file: str, safe: frozenset[str]) -> None:
        """Goes through a tree; `safe`: names of which it was asked whether they are there."""
        if isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name not in safe:
                self.certain.setdefault(node.name, (file, node.lineno))
            return
        if isinstance(node, (nodes.If, nodes.CondExpr)):
            safe |= self.asked(node.test)
        elif isinstance(node, (nodes.And, nodes.Or)):
            safe |= self.asked(node.left)
        elif isinstance(node, (nodes.Filter, nodes.Test)) and node.name in _GUARDS[type(node)]:
            safe |= _names(node)
        for part in node.iter_child_nodes():
            self.read(part, file, safe)

    def asked(self, test: nodes.Node) -> set[str]:
        """The names that a condition asks for. In strict templates a plain name fails where there is none."""
        found = {name for part in _parts(test) if part.name in _PRESENCE for name in _names(part)}
        if not self.strict:
            found |= _names(test)
        return found


def _parts(node: nodes.Node) -> list[nodes.Test]:
    return ([node] if isinstance(node, nodes.Test) else []) + list(node.find_all(nodes.Test))


def _names(node: nodes.Node) -> set[str]:
    own: set[str] = {node.name} if isinstance(node, nodes.Name) else set()
    return own | {name.name for name in node.find_all(nodes.Name)}


def keys_of(checked: Checked, name: str) -> set[str] | None:
    """The keys of what a data function returns, None when they can not be known from its source."""
    _, function = find(checked, name)
    if function is None:
        return None
    found: set[str] = set()
    returns = [node for node in own_statements(function) if isinstance(node, ast.Return)]
    for node in returns:
        if not isinstance(node.value, ast.Dict):
            return None
        for key in node.value.keys:
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            found.add(key.value)
    return found if returns else None
