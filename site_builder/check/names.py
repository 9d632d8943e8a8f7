"""The names that a template in Jinja's syntax needs, and those that it makes itself."""

from __future__ import annotations

import jinja2
from jinja2 import nodes

from ..templates.jinja.sources import set_names

_PRESENCE = ("defined", "undefined")
_GUARDS: dict[type, tuple[str, ...]] = {nodes.Filter: ("default", "d"), nodes.Test: _PRESENCE}


def names_of(env: jinja2.Environment, text: str, strict: bool) -> tuple[dict[str, int], list[str]]:
    """The first line of each name that a template needs without asking whether it is there, and the names it sets."""
    tree = env.parse(text)
    reader = _Reader(strict)
    reader.read(tree, frozenset())
    return reader.needs, sorted({*set_names(tree)})


class _Reader:
    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.needs: dict[str, int] = {}

    def read(self, node: nodes.Node, safe: frozenset[str]) -> None:
        """Goes through a tree; `safe`: names of which it was asked whether they are there."""
        if isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name not in safe:
                self.needs.setdefault(node.name, node.lineno)
            return
        if isinstance(node, (nodes.If, nodes.CondExpr)):
            safe |= self.asked(node.test)
        elif isinstance(node, (nodes.And, nodes.Or)):
            safe |= self.asked(node.left)
        elif isinstance(node, (nodes.Filter, nodes.Test)) and node.name in _GUARDS[type(node)]:
            safe |= _names(node)
        for part in node.iter_child_nodes():
            self.read(part, safe)

    def asked(self, test: nodes.Node) -> set[str]:
        """The names that a condition asks for. In strict templates a plain name fails where there is none."""
        if not self.strict:
            return _names(test)
        tests = [test, *test.find_all(nodes.Test)]
        return {
            name for part in tests if isinstance(part, nodes.Test) if part.name in _PRESENCE for name in _names(part)
        }


def _names(node: nodes.Node) -> set[str]:
    own: set[str] = {node.name} if isinstance(node, nodes.Name) else set()
    return own | {name.name for name in node.find_all(nodes.Name)}
