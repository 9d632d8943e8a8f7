"""Jinja's syntax trees of templates, with what is known on the host folded into them."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.optimizer import Optimizer
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from ...assets.addresses import AssetError
from ...assets.pages import Html
from ...assets.served import Served
from ...errors import Problem
from .. import Loader, TemplateError
from ..assets import FUNCTIONS, UNKNOWN, fold
from ..options import Options

_ESCAPED = (".html", ".htm", ".xhtml", ".xml", ".svg")
_SCALARS = (str, int, float, bool, type(None))


def escapes(name: str | None) -> bool:
    """Whether values in a template of this name are escaped: those that are HTML or XML."""
    return name is not None and name.endswith(_ESCAPED)


def environment(options: Options) -> jinja2.Environment:
    """Jinja itself, as this site uses it."""
    env = jinja2.Environment(
        autoescape=escapes,
        undefined=jinja2.StrictUndefined if options.strict else jinja2.Undefined,
        trim_blocks=options.trim_blocks,
        lstrip_blocks=options.lstrip_blocks,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    if options.served:
        env.globals.update(asset=options.served.asset, inline=lambda name: Markup(options.served.inline(name)))
    for name in options.filters:  # never folded, even when Jinja has one of this name
        env.filters.pop(name, None)
    for name in options.tests:
        env.tests.pop(name, None)
    return env


class _Folder(Optimizer):
    """Replaces what is known now by its value."""

    def __init__(self, env: jinja2.Environment, known: Mapping[str, Any]) -> None:
        super().__init__(env)
        self.known = known

    def visit_Name(self, node: nodes.Name, context: nodes.EvalContext) -> nodes.Node:
        value = self.known.get(node.name)
        if node.ctx == "load" and node.name in self.known and isinstance(value, _SCALARS):
            return nodes.Const(value, lineno=node.lineno)
        return node

    def visit_Getattr(self, node: nodes.Getattr, context: nodes.EvalContext) -> nodes.Node:
        return self._look_up(node, context)

    def visit_Getitem(self, node: nodes.Getitem, context: nodes.EvalContext) -> nodes.Node:
        return self._look_up(node, context)

    def _look_up(self, node: nodes.Expr, context: nodes.EvalContext) -> nodes.Node:
        found, value = self._value(node)
        if found and isinstance(value, _SCALARS):
            return nodes.Const(value, lineno=node.lineno)
        return self.generic_visit(node, context)

    def _value(self, node: nodes.Expr) -> tuple[bool, Any]:
        if isinstance(node, nodes.Name):
            return node.name in self.known, self.known.get(node.name)
        if isinstance(node, nodes.Getattr):
            found, value = self._value(node.node)
            return (found and isinstance(value, dict) and node.attr in value and not hasattr(dict, node.attr)), (
                value.get(node.attr) if isinstance(value, dict) else None
            )
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            found, value = self._value(node.node)
            try:
                return found, value[node.arg.value]
            except (TypeError, LookupError):
                return False, None
        return False, None

    def visit_Test(self, node: nodes.Test, context: nodes.EvalContext) -> nodes.Node:
        if node.name in ("filter", "test"):
            return node
        if node.name in ("defined", "undefined") and isinstance(node.node, nodes.Name):
            return node
        return self.generic_visit(node, context)

    def visit_ScopedEvalContextModifier(
        self, node: nodes.ScopedEvalContextModifier, context: nodes.EvalContext
    ) -> nodes.Node:
        return node  # what is in it is escaped in another way

    def visit_TemplateData(self, node: nodes.TemplateData, context: nodes.EvalContext) -> nodes.Node:
        return node

    def visit_If(self, node: nodes.If, context: nodes.EvalContext) -> Any:
        branches, node.elif_ = [node, *node.elif_], []
        for branch in branches:
            self.generic_visit(branch, context)
        node.elif_ = branches[1:]
        if node.find(nodes.Block):  # a block is there for other templates even where it is not shown
            return node
        for i, branch in enumerate(branches):
            if not isinstance(branch.test, nodes.Const):
                return nodes.If(branch.test, branch.body, branches[i + 1 :], node.else_, lineno=branch.lineno)
            if branch.test.value:
                return branch.body
        return node.else_


class _Assets(NodeTransformer):
    """Replaces asset(…) and inline(…) by what they give. where: the template's name in messages."""

    def __init__(self, served: Served, where: str) -> None:
        self.served = served
        self.where = where

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in FUNCTIONS:
            return node
        args = [_constant(arg) for arg in node.args]
        options = {pair.key: _constant(pair.value) for pair in node.kwargs}
        if node.dyn_args or node.dyn_kwargs:
            args.append(UNKNOWN)
        try:
            made = fold(self.served, node.node.name, args, options)
        except AssetError as e:
            raise TemplateError(Problem(self.where, node.lineno, 0, str(e))) from None
        return nodes.Const(made if node.node.name == "asset" else Markup(made), lineno=node.lineno)


def _constant(node: nodes.Expr) -> object:
    return node.value if isinstance(node, nodes.Const) else UNKNOWN


def set_names(tree: nodes.Template) -> list[str]:
    """The names that a template sets anywhere, each as often as it does."""
    found: list[str] = []
    for node in tree.find_all((nodes.Name, nodes.Macro, nodes.Import, nodes.FromImport)):
        if isinstance(node, nodes.FromImport):
            found += [name if isinstance(name, str) else name[1] for name in node.names]
        elif isinstance(node, nodes.Import):
            found.append(node.target)
        elif isinstance(node, nodes.Macro) or (isinstance(node, nodes.Name) and node.ctx != "load"):
            found.append(node.name)
    return found


def constants(tree: nodes.Template) -> dict[str, Any]:
    """The names that a template's top level sets once and for all to a text or number: what those it extends see."""
    names = set_names(tree)
    return {
        node.target.name: node.node.value
        for node in tree.body
        if isinstance(node, nodes.Assign)
        and isinstance(node.target, nodes.Name)
        and isinstance(node.node, nodes.Const)
        and type(node.node.value) in _SCALARS
        and names.count(node.target.name) == 1
    }


class Sources:
    """Reads and parses templates."""

    def __init__(self, loader: Loader, options: Options) -> None:
        self.loader = loader
        self.options = options
        self.env = environment(options)
        self.env.loader = jinja2.FunctionLoader(
            lambda name: (loader.text(name), loader.where(name), None) if loader.has(name) else None
        )
        self.known = {"site": options.site}
        self._trees: dict[tuple[str, str], nodes.Template] = {}
        self._asked: dict[tuple[str, str], set[str]] = {}  # of the files, by each tree

    def tree(self, name: str, file: str = "", line: int = 0, known: Mapping[str, Any] | None = None) -> nodes.Template:
        """A template's tree, where `known` names are replaced by their values if it does not set them itself.

        Raises TemplateError, at `file` and `line` when another template asked for it.
        """
        text = self.loader.text(name, file, line)
        key = (name, repr(sorted((known or {}).items())))
        if key not in self._trees:
            tree = self._parse(name, text)
            own = set_names(tree)
            values = {**self.known, **{name: value for name, value in (known or {}).items() if name not in own}}
            tree = _Folder(self.env, values).visit(tree, nodes.EvalContext(self.env, name))
            if self.options.served and not {*FUNCTIONS} & {*own}:
                with self.options.served.answers.watched() as (self._asked[key], _):
                    tree = _Assets(self.options.served, self.loader.where(name)).visit(tree)
            self._trees[key] = tree
        elif self.options.served and key in self._asked:
            self.options.served.answers.again(self._asked[key])
        return self._trees[key]

    def _parse(self, name: str, text: str) -> nodes.Template:
        try:
            return self.env._parse(text, name, None)
        except jinja2.TemplateSyntaxError as e:
            raise TemplateError(Problem(self.loader.where(name), e.lineno, 0, _reason(e))) from None

    def html(self, name: str) -> Html | None:
        """What makes the HTML of a template shorter; None where it stays as it is."""
        return self.options.served.html(name) if self.options.served else None

    def has(self, name: str) -> bool:
        """Whether there is such a template."""
        return self.loader.has(name)

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """A whole page, made by Jinja itself. Raises TemplateError, with the line of the template, when it fails."""
        try:
            return self.env.get_template(name).render(values)
        except Exception as e:
            lines = [
                (frame.filename, frame.lineno or 0)
                for frame in traceback.extract_tb(e.__traceback__)
                if frame.filename.startswith(self.loader.label + "/")
            ]
            file, line = lines[-1] if lines else (self.loader.where(name), 0)
            raise TemplateError(Problem(file, line, 0, f"{type(e).__name__}: {e}")) from None


def _reason(error: jinja2.TemplateSyntaxError) -> str:
    message = (error.message or "is not Jinja's syntax").rstrip(".")
    found = re.match(r"Encountered unknown tag '(\w+)'", message)
    if found and found[1] in ("trans", "pluralize"):
        return f"{{% {found[1]} %}} is not supported; put the texts of each language into the page's context"
    return message[0].lower() + message[1:]
