"""Jinja's expressions as Python's: values, operators, attributes, loop.*."""

from __future__ import annotations

import math
from typing import NoReturn

from jinja2 import nodes
from markupsafe import Markup, escape

from ...errors import Problem, suggest
from .. import Loader, TemplateError
from ..emitter import Emitter
from .builtins import FILTERS
from .frames import Caller, Doubtful, Frame, Imported, Loop, Macro
from .module import Misnamed, Module

_BINARY = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
}
_LOGIC = {nodes.And: "and", nodes.Or: "or"}
_UNARY = {nodes.Not: "not ", nodes.Neg: "-", nodes.Pos: "+"}
_COMPARE = {"eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in"}
_LOOP_NUMBERS = ("index", "index0", "revindex", "revindex0", "length", "depth", "depth0")
_LOOP_CALLS = ("cycle", "changed")
_LOOP = (*_LOOP_NUMBERS, "first", "last", "previtem", "nextitem", *_LOOP_CALLS)


class Expressions:
    """Turns expressions into code. What an expression needs to be done before it goes to `out` as statements."""

    def __init__(self, module: Module, loader: Loader, out: Emitter) -> None:
        self.module = module
        self.loader = loader
        self.out = out

    def fail(self, node: nodes.Node, frame: Frame, message: str) -> NoReturn:
        raise TemplateError(Problem(self.loader.where(frame.template), node.lineno, 0, message))

    def misnamed(self, node: nodes.Node, frame: Frame, name: str) -> NoReturn:
        self.fail(node, frame, f"{name!r} cannot be the name of a value from outside; choose another")

    def code(self, node: nodes.Node, frame: Frame) -> str:
        """The code of an expression."""
        kind = type(node)
        if kind in _BINARY:
            assert isinstance(node, nodes.BinExpr)
            return f"({self.code(node.left, frame)} {_BINARY[kind]} {self.code(node.right, frame)})"
        if kind in _UNARY:
            assert isinstance(node, nodes.UnaryExpr)
            inner = self.condition(node.node, frame) if kind is nodes.Not else self.code(node.node, frame)
            return f"({_UNARY[kind]}{inner})"
        if kind in _LOGIC:
            assert isinstance(node, nodes.BinExpr)
            right = self.alone(node.right, frame, f"the right side of {_LOGIC[kind]}")
            return f"({self.code(node.left, frame)} {_LOGIC[kind]} {right})"
        method = getattr(self, f"x_{kind.__name__}", None)
        if method is None:
            self.fail(node, frame, f"this kind of expression ({kind.__name__}) is not supported")
        try:
            result: str = method(node, frame)
        except Misnamed as e:
            self.misnamed(node, frame, str(e))
        return result

    def alone(self, node: nodes.Node, frame: Frame, where: str) -> str:
        """The code of an expression where no statement can come before it."""
        before = len(self.out.lines)
        code = self.condition(node, frame) if "condition" in where or "elif" in where else self.code(node, frame)
        if len(self.out.lines) != before:
            self.fail(node, frame, f"super() and self.NAME() cannot stand in {where}; set a variable to it before")
        return code

    def condition(self, node: nodes.Node, frame: Frame) -> str:
        """The code of an expression that is only asked whether it is true: `caller` can stand here."""
        if isinstance(node, nodes.Name) and isinstance(self.special(node, frame), Caller):
            return frame.code(node.name)
        if type(node) in _LOGIC:
            assert isinstance(node, nodes.BinExpr)
            right = self.alone(node.right, frame, f"a condition after {_LOGIC[type(node)]}")
            return f"({self.condition(node.left, frame)} {_LOGIC[type(node)]} {right})"
        return self.code(node, frame)

    def text(self, value: object, frame: Frame) -> str:
        """What a value that is known now is written as."""
        return str(escape(value)) if frame.auto else str(value)

    def special(self, node: nodes.Node, frame: Frame) -> object:
        """What a name means that is no variable; None: it is one, or `node` is no name."""
        if not isinstance(node, nodes.Name):
            return None
        try:
            return self.module.special.get(frame.code(node.name))
        except Misnamed as e:
            self.misnamed(node, frame, str(e))

    # Values

    def x_Const(self, node: nodes.Const, frame: Frame) -> str:
        return self.constant(node.value)

    def constant(self, value: object) -> str:
        if isinstance(value, Markup):
            return f"{self.module.use('Markup')}({str(value)!r})"
        if isinstance(value, (list, tuple)):
            items = ", ".join(self.constant(item) for item in value)
            return f"[{items}]" if isinstance(value, list) else f"({items}{',' if len(value) == 1 else ''})"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.constant(k)}: {self.constant(v)}" for k, v in value.items()) + "}"
        if isinstance(value, float) and not math.isfinite(value):
            return "(1e999 - 1e999)" if math.isnan(value) else "1e999" if value > 0 else "(-1e999)"
        return repr(value)

    def x_TemplateData(self, node: nodes.TemplateData, frame: Frame) -> str:
        return self.constant(Markup(node.data) if frame.auto else node.data)

    def x_Name(self, node: nodes.Name, frame: Frame) -> str:
        name, special = node.name, self.special(node, frame)
        code = frame.code(name)
        if isinstance(special, Loop):
            self.fail(node, frame, f"loop cannot be a value; use one of loop.{', loop.'.join(_LOOP)}")
        if isinstance(special, Macro):
            self.fail(node, frame, f"the macro {name!r} cannot be a value; call it: {name}(…)")
        if isinstance(special, Imported):
            self.fail(node, frame, f"{name!r} is an imported template; use {name}.NAME")
        if isinstance(special, Caller):
            self.fail(node, frame, "caller cannot be a value; call it: caller(…), or ask {% if caller %}")
        if isinstance(special, Doubtful):
            self.fail(
                node, frame, f"{name!r} is a macro or an import in one branch of an if only; move it before the if"
            )
        if code in self.module.parameters:
            if name in ("self", "super"):
                self.fail(node, frame, f"{name!r} cannot be a value; use super() or self.NAME()")
            if name == "lipsum":
                self.fail(node, frame, "lipsum() is not supported; write the text into the template")
        return code

    def items(self, found: list[nodes.Expr], frame: Frame) -> str:
        return ", ".join(self.code(item, frame) for item in found)

    def x_List(self, node: nodes.List, frame: Frame) -> str:
        return f"[{self.items(node.items, frame)}]"

    def x_Tuple(self, node: nodes.Tuple, frame: Frame) -> str:
        return f"({self.items(node.items, frame)}{',' if len(node.items) == 1 else ''})"

    def x_Dict(self, node: nodes.Dict, frame: Frame) -> str:
        pairs = [f"{self.code(pair.key, frame)}: {self.code(pair.value, frame)}" for pair in node.items]
        return "{" + ", ".join(pairs) + "}"

    def x_CondExpr(self, node: nodes.CondExpr, frame: Frame) -> str:
        test = self.condition(node.test, frame)
        first = self.alone(node.expr1, frame, "a … if … else …")
        if node.expr2 is None:  # never strict, as in Jinja
            return f"({first} if {test} else {self.module.empty('the value of an if without else')})"
        return f"({first} if {test} else {self.alone(node.expr2, frame, 'a … if … else …')})"

    def x_Compare(self, node: nodes.Compare, frame: Frame) -> str:
        looks = [op for op in node.ops if op.op in ("in", "notin")]
        if looks and not isinstance(node.expr, nodes.Const):
            if len(node.ops) > 1:
                self.fail(node, frame, "`in` cannot stand in a chain of comparisons; write them one by one with `and`")
            found = f"{self.module.use('t_in')}({self.code(node.expr, frame)}, {self.code(looks[0].expr, frame)})"
            return found if looks[0].op == "in" else f"(not {found})"
        rest = "".join(f" {_COMPARE[op.op]} {self.code(op.expr, frame)}" for op in node.ops)
        return f"({self.code(node.expr, frame)}{rest})"

    def x_Concat(self, node: nodes.Concat, frame: Frame) -> str:
        return f"{self.module.use('concat')}({frame.auto}, {self.items(node.nodes, frame)})"

    # Attributes and items

    def x_Getattr(self, node: nodes.Getattr, frame: Frame) -> str:
        special = self.special(node.node, frame)
        if isinstance(special, Loop):
            return self.loop_value(node, special, frame)
        if isinstance(special, Imported):
            code = self.member(node, node.attr, special, frame)
            if isinstance(self.module.special.get(code), Macro):
                self.fail(node, frame, f"the macro {node.attr!r} cannot be a value; call it: {node.attr}(…)")
            return code
        return self.member_of(node, "attr" if hasattr(dict, node.attr) else "key", frame)

    def member_of(self, node: nodes.Getattr, function: str, frame: Frame) -> str:
        """The code of an attribute, or item, as one of our functions gives it."""
        return f"{self.module.use(function)}({self.code(node.node, frame)}, {node.attr!r})"

    def member(self, node: nodes.Node, name: str, imported: Imported, frame: Frame) -> str:
        """The code of a name in an imported template."""
        context = imported.context
        if name not in context.exported:
            hint = suggest(name, context.exported)
            if name in context.vars and not name.startswith("_"):
                hint = "; it only imports it: import it from where it is made"
            self.fail(node, frame, f"{imported.name} has no {name!r}{hint}")
        if name in context.unsure and not context.isolated:
            self.fail(node, frame, f"{imported.name} sets {name!r} in an if only; set it before that too")
        code = context.vars[name]
        if isinstance(self.module.special.get(code), Doubtful):
            self.fail(node, frame, f"{imported.name} makes {name!r} in one branch of an if only; move it before the if")
        return code

    def loop_value(self, node: nodes.Getattr, loop: Loop, frame: Frame) -> str:
        if node.attr == "index0":
            return loop.index
        if node.attr == "index":
            return f"({loop.index} + 1)"
        if node.attr == "first":
            return f"({loop.index} == 0)"
        if node.attr in ("depth", "depth0"):
            more = int(node.attr == "depth")
            return str(more) if not loop.function else f"({loop.depth} + {more})" if more else loop.depth
        if node.attr == "previtem":
            return f"({loop.items}[{loop.index} - 1] if {loop.index} else {self.module.undefined('loop.previtem')})"
        if node.attr not in _LOOP or node.attr in _LOOP_CALLS:
            hint = f"; call it: loop.{node.attr}(…)" if node.attr in _LOOP else suggest(node.attr, _LOOP)
            self.fail(node, frame, f"loop.{node.attr} is not a value{hint}")
        length = f"{self.module.use('len')}({loop.items})"
        if node.attr == "nextitem":
            undefined = self.module.undefined("loop.nextitem")
            return f"({loop.items}[{loop.index} + 1] if {loop.index} < {length} - 1 else {undefined})"
        return {
            "length": length,
            "revindex": f"({length} - {loop.index})",
            "revindex0": f"({length} - {loop.index} - 1)",
            "last": f"({loop.index} == {length} - 1)",
        }[node.attr]

    def x_Getitem(self, node: nodes.Getitem, frame: Frame) -> str:
        value = self.code(node.node, frame)
        if not isinstance(node.arg, nodes.Slice):
            return f"{self.module.use('getitem')}({value}, {self.code(node.arg, frame)})"
        parts = [self.code(part, frame) if part is not None else "" for part in (node.arg.start, node.arg.stop)]
        if node.arg.step is None:
            return f"{value}[{parts[0]}:{parts[1]}]"
        step = self.code(node.arg.step, frame)
        return f"{self.module.use('step')}({value}, {parts[0] or None}, {parts[1] or None}, {step})"

    def is_plain(self, node: nodes.Node, frame: Frame) -> bool:
        """Whether a value needs no escaping, whatever it is."""
        own = self.module.options
        if isinstance(node, (nodes.Compare, nodes.Not)):
            return True
        if isinstance(node, nodes.Const):
            return escape(node.value) == str(node.value)
        if isinstance(node, nodes.Test):
            return node.name not in own.tests
        if isinstance(node, nodes.Filter):
            known = None if node.name in own.filters else FILTERS.get(node.name)
            bare = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
            return known is not None and (known.safe or (known.safe_alone and bare))
        if isinstance(node, nodes.Getattr) and node.attr in _LOOP_NUMBERS:
            return isinstance(self.special(node.node, frame), Loop)
        if isinstance(node, nodes.CondExpr) and node.expr2 is not None:
            return self.is_plain(node.expr1, frame) and self.is_plain(node.expr2, frame)
        return False
