"""Jinja's expressions as Python's."""

from __future__ import annotations

import keyword
from typing import NoReturn

from jinja2 import nodes
from markupsafe import Markup, escape

from ...errors import Problem, suggest
from .. import Loader, TemplateError
from ..emitter import Emitter
from .builtins import FILTERS, MAP_ATTRIBUTE, TESTS, UNSUPPORTED, Filter, Test
from .frames import Caller, Frame, Imported, Loop, Macro
from .module import Misnamed, Module

_BINARY = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.And: "and",
    nodes.Or: "or",
}
_UNARY = {nodes.Not: "not ", nodes.Neg: "-", nodes.Pos: "+"}
_COMPARE = {"eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in"}
_LOOP_NUMBERS = ("index", "index0", "revindex", "revindex0", "length", "depth", "depth0")
_LOOP = (*_LOOP_NUMBERS, "first", "last", "previtem", "nextitem", "cycle", "changed")


class Expressions:
    """Turns expressions into code. What an expression needs to be done before it goes to `out` as statements."""

    def __init__(self, module: Module, loader: Loader, out: Emitter) -> None:
        self.module = module
        self.loader = loader
        self.out = out

    def fail(self, node: nodes.Node, frame: Frame, message: str) -> NoReturn:
        raise TemplateError(Problem(self.loader.where(frame.template), node.lineno, 0, message))

    def code(self, node: nodes.Node, frame: Frame) -> str:
        """The code of an expression."""
        kind = type(node)
        if kind in _BINARY:
            assert isinstance(node, nodes.BinExpr)
            return f"({self.code(node.left, frame)} {_BINARY[kind]} {self.code(node.right, frame)})"
        if kind in _UNARY:
            assert isinstance(node, nodes.UnaryExpr)
            return f"({_UNARY[kind]}{self.code(node.node, frame)})"
        method = getattr(self, f"x_{kind.__name__}", None)
        if method is None:
            self.fail(node, frame, f"this kind of expression ({kind.__name__}) is not supported")
        try:
            result: str = method(node, frame)
        except Misnamed as e:
            self.fail(node, frame, f"{str(e)!r} cannot be the name of a value from outside; choose another")
        return result

    def alone(self, node: nodes.Node, frame: Frame, where: str) -> str:
        """The code of an expression where no statement can come before it."""
        before = len(self.out.lines)
        code = self.code(node, frame)
        if len(self.out.lines) != before:
            self.fail(node, frame, f"super() and self.NAME() cannot stand in {where}; set a variable to it before")
        return code

    def text(self, value: object, frame: Frame) -> str:
        """What a value that is known now is written as."""
        return str(escape(value)) if frame.auto else str(value)

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
        return repr(value)

    def x_TemplateData(self, node: nodes.TemplateData, frame: Frame) -> str:
        return self.constant(Markup(node.data) if frame.auto else node.data)

    def x_Name(self, node: nodes.Name, frame: Frame) -> str:
        code = frame.code(node.name)
        special = self.module.special.get(code)
        if isinstance(special, Loop):
            self.fail(node, frame, f"loop cannot be a value; use one of loop.{', loop.'.join(_LOOP)}")
        if isinstance(special, Macro):
            self.fail(node, frame, f"the macro {node.name!r} cannot be a value; call it: {node.name}(…)")
        if isinstance(special, Imported):
            self.fail(node, frame, f"{node.name!r} is an imported template; use {node.name}.NAME")
        if node.name in ("self", "super") and code in self.module.parameters:
            self.fail(node, frame, f"{node.name!r} cannot be a value; use super() or self.NAME()")
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
        other = (
            self.code(node.expr2, frame)
            if node.expr2 is not None
            else self.module.undefined("the value of an if without else")
        )
        return f"({self.code(node.expr1, frame)} if {self.code(node.test, frame)} else {other})"

    def x_Compare(self, node: nodes.Compare, frame: Frame) -> str:
        rest = "".join(f" {_COMPARE[op.op]} {self.code(op.expr, frame)}" for op in node.ops)
        return f"({self.code(node.expr, frame)}{rest})"

    def x_Concat(self, node: nodes.Concat, frame: Frame) -> str:
        return f"{self.module.use('concat')}({frame.auto}, {self.items(node.nodes, frame)})"

    # Attributes and items

    def x_Getattr(self, node: nodes.Getattr, frame: Frame) -> str:
        if isinstance(node.node, nodes.Name):
            special = self.module.special.get(frame.code(node.node.name))
            if isinstance(special, Loop):
                return self.loop_value(node, special, frame)
            if isinstance(special, Imported):
                code = self.member(node, special, frame)
                if isinstance(self.module.special.get(code), Macro):
                    self.fail(node, frame, f"the macro {node.attr!r} cannot be a value; call it: {node.attr}(…)")
                return code
        use = "attr" if hasattr(dict, node.attr) else "key"
        return f"{self.module.use(use)}({self.code(node.node, frame)}, {node.attr!r})"

    def member(self, node: nodes.Getattr, imported: Imported, frame: Frame) -> str:
        """The code of a name in an imported template."""
        names = [name for name in imported.context.vars if not name.startswith("_")]
        if node.attr not in names:
            self.fail(node, frame, f"{imported.name} has no {node.attr!r}{suggest(node.attr, names)}")
        return imported.context.vars[node.attr]

    def loop_value(self, node: nodes.Getattr, loop: Loop, frame: Frame) -> str:
        last = (
            f"{self.module.use('len')}({loop.items})"
            if node.attr in ("length", "revindex", "revindex0", "last", "nextitem")
            else ""
        )
        simple = {
            "index": lambda: f"({loop.index} + 1)",
            "index0": lambda: loop.index,
            "first": lambda: f"({loop.index} == 0)",
            "length": lambda: last,
            "revindex": lambda: f"({last} - {loop.index})",
            "revindex0": lambda: f"({last} - {loop.index} - 1)",
            "last": lambda: f"({loop.index} == {last} - 1)",
            "depth": lambda: f"({loop.depth} + 1)",
            "depth0": lambda: loop.depth,
            "previtem": lambda: (
                f"({loop.items}[{loop.index} - 1] if {loop.index} else {self.module.undefined('loop.previtem')})"
            ),
            "nextitem": lambda: (
                f"({loop.items}[{loop.index} + 1] if {loop.index} < {last} - 1 else {self.module.undefined('loop.nextitem')})"
            ),
        }
        if node.attr not in simple:
            hint = f"; call it: loop.{node.attr}(…)" if node.attr in _LOOP else suggest(node.attr, _LOOP)
            self.fail(node, frame, f"loop.{node.attr} is not a value{hint}")
        return simple[node.attr]()

    def x_Getitem(self, node: nodes.Getitem, frame: Frame) -> str:
        value = self.code(node.node, frame)
        if not isinstance(node.arg, nodes.Slice):
            return f"{self.module.use('item')}({value}, {self.code(node.arg, frame)})"
        parts = [self.code(part, frame) if part is not None else "" for part in (node.arg.start, node.arg.stop)]
        if node.arg.step is None:
            return f"{value}[{parts[0]}:{parts[1]}]"
        step = self.code(node.arg.step, frame)
        return f"{self.module.use('step')}({value}, {parts[0] or None}, {parts[1] or None}, {step})"

    # Filters and tests

    def x_Filter(self, node: nodes.Filter, frame: Frame) -> str:
        assert node.node is not None
        return self.filtered(node, self.code(node.node, frame), frame)

    def filtered(self, node: nodes.Filter, value: str, frame: Frame) -> str:
        """The code of a filter, with all its arguments, for the value of this code."""
        own = self.module.options.filters.get(node.name)
        if own:
            return f"{self.module.handler(own)}({self.arguments(node, frame, value)})"
        known = FILTERS.get(node.name)
        if known is None:
            if node.name in UNSUPPORTED:
                self.fail(node, frame, f"the filter {node.name!r} is not supported; {UNSUPPORTED[node.name]}")
            names = {*FILTERS, *self.module.options.filters}
            self.fail(node, frame, f"unknown filter {node.name!r}{suggest(node.name, names)}")
        return self.builtin_filter(node, known, value, frame)

    def builtin_filter(self, node: nodes.Filter, known: Filter, value: str, frame: Frame) -> str:
        if known.special:
            return getattr(self, f"filter_{known.special}")(node, known, value, frame)  # type: ignore[no-any-return]
        self.check_arguments(node, known, f"|{node.name}", frame)
        first = (str(frame.auto), value) if known.auto else (value,)
        at = known.parameters.index("attribute") if known.getter else -1
        args = [self.looked_up(arg, known, i == at, frame) for i, arg in enumerate(node.args)]
        args += [f"{p.key}={self.looked_up(p.value, known, p.key == 'attribute', frame)}" for p in node.kwargs]
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self.fail(node, frame, f"|{node.name} cannot be called with * or **; give its arguments one by one")
        return f"{self.module.use(known.function)}({', '.join([*first, *args])})"

    def looked_up(self, node: nodes.Expr, known: Filter, is_attribute: bool, frame: Frame) -> str:
        """The code of a filter's argument; "a.b" of an attribute becomes the function that looks it up."""
        code = self.code(node, frame)
        return f"{self.module.use(known.getter)}({code})" if is_attribute and known.getter and code != "None" else code

    def check_arguments(self, node: nodes.Filter | nodes.Test, known: Test, title: str, frame: Frame) -> None:
        """Refuses arguments that a built-in filter or test does not take."""
        if node.dyn_args is None and node.dyn_kwargs is None:
            mistake = known.mistake(len(node.args), [pair.key for pair in node.kwargs])
            if mistake:
                self.fail(node, frame, f"{title} {mistake}")

    def filter_map(self, node: nodes.Filter, known: Filter, value: str, frame: Frame) -> str:
        if not node.args:
            self.check_arguments(node, MAP_ATTRIBUTE, "|map", frame)
            return f"{self.module.use('f_map')}({value}, {self.module.use('getter')}({self.arguments(node, frame)}))"
        name = self.constant_argument(node, frame, "the name of a filter")
        own = self.module.options.filters.get(name)
        inner = FILTERS.get(name)
        if own is None and (inner is None or inner.special):
            names = {*self.module.options.filters, *(n for n in FILTERS if not FILTERS[n].special)}
            self.fail(node, frame, f"|map knows no filter {name!r}{suggest(name, names)}")
        function = self.module.handler(own) if own or inner is None else self.module.use(inner.function)
        more = [str(frame.auto)] if inner and inner.auto and not own else []
        rest = self.rest_of_call(node, 1, frame, bool(more))
        return f"{self.module.use('f_map')}({', '.join([value, function, *rest, *more])})"

    def filter_select(self, node: nodes.Filter, known: Filter, value: str, frame: Frame) -> str:
        of_attribute = node.name.endswith("attr")
        if of_attribute and not node.args:
            self.fail(node, frame, f"|{node.name} needs the name of an attribute")
        at = 1 if of_attribute else 0
        if len(node.args) > at:
            test = self.test_function(node, self.constant_argument(node, frame, "the name of a test", at), frame)
        else:
            test = self.module.use("bool")
        parts = [value, str(known.keep), test, *self.rest_of_call(node, at + 1, frame, False)]
        if of_attribute:
            parts.append(f"attribute={self.module.use('getter')}({self.code(node.args[0], frame)})")
        return f"{self.module.use(known.function)}({', '.join(parts)})"

    def constant_argument(self, node: nodes.Filter, frame: Frame, what: str, at: int = 0) -> str:
        argument = node.args[at]
        if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
            self.fail(node, frame, f"|{node.name} needs {what} in quotes")
        return argument.value

    def rest_of_call(self, node: nodes.Filter, start: int, frame: Frame, whole: bool) -> list[str]:
        """The arguments from `start` on as a tuple and a dict, where there are any, or the `whole` is asked for."""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self.fail(node, frame, f"|{node.name} cannot be called with * or **; give its arguments one by one")
        found = []
        if whole or node.args[start:] or node.kwargs:
            found.append(self.tuple_of([self.code(arg, frame) for arg in node.args[start:]]))
        if whole or node.kwargs:
            found.append("{" + ", ".join(f"{p.key!r}: {self.code(p.value, frame)}" for p in node.kwargs) + "}")
        return found

    def x_Test(self, node: nodes.Test, frame: Frame) -> str:
        if node.name in ("filter", "test") and isinstance(node.node, nodes.Const):
            known = (
                {*FILTERS, *self.module.options.filters}
                if node.name == "filter"
                else {*TESTS, *self.module.options.tests}
            )
            return str(node.node.value in known)
        if node.name in ("defined", "undefined") and isinstance(node.node, nodes.Name):
            if isinstance(self.module.special.get(frame.code(node.node.name)), (Macro, Imported, Loop)):
                return str(node.name == "defined")
        function = self.test_function(node, node.name, frame)
        if node.name not in self.module.options.tests:
            self.check_arguments(node, TESTS[node.name], f"the test {node.name!r}", frame)
        return f"{function}({self.arguments(node, frame, self.code(node.node, frame))})"

    def test_function(self, node: nodes.Node, name: str, frame: Frame) -> str:
        """The name of the function for a test."""
        own = self.module.options.tests.get(name)
        if own:
            return self.module.handler(own)
        if name not in TESTS:
            names = {*TESTS, *self.module.options.tests}
            self.fail(node, frame, f"unknown test {name!r}{suggest(name, names)}")
        return self.module.use(TESTS[name].function)

    # Calls

    def arguments(self, node: nodes.Call | nodes.Filter | nodes.Test, frame: Frame, *first: str) -> str:
        """The arguments of a call as code, after those of `first`."""
        parts = [*first, *(self.code(arg, frame) for arg in node.args)]
        if node.dyn_args is not None:
            parts.append("*" + self.code(node.dyn_args, frame))
        words = [keyword.iskeyword(pair.key) for pair in node.kwargs]
        parts += [
            f"{pair.key}={self.code(pair.value, frame)}" for pair in node.kwargs if not keyword.iskeyword(pair.key)
        ]
        if any(words):
            pairs = [
                f"{pair.key!r}: {self.code(pair.value, frame)}" for pair in node.kwargs if keyword.iskeyword(pair.key)
            ]
            parts.append("**{" + ", ".join(pairs) + "}")
        if node.dyn_kwargs is not None:
            parts.append("**" + self.code(node.dyn_kwargs, frame))
        return ", ".join(parts)

    def x_Call(self, node: nodes.Call, frame: Frame) -> str:
        pieces = self.pieces(node, frame)
        if pieces is not None:
            return self.collected(pieces, frame)
        block = self.called_block(node, frame)
        if block is not None:
            name = f"_b{self.module.number()}"
            self.out.gather(name)
            self.block(*block, node, frame)
            self.out.gathered()
            return self.collected(name, frame)
        if isinstance(node.node, nodes.Getattr) and isinstance(node.node.node, nodes.Name):
            special = self.module.special.get(frame.code(node.node.node.name))
            if isinstance(special, Loop) and node.node.attr in ("cycle", "changed"):
                return self.loop_call(node, node.node.attr, special, frame)
        return f"{self.callee(node.node, frame)}({self.arguments(node, frame)})"

    def callee(self, node: nodes.Expr, frame: Frame) -> str:
        """The code of what is called; methods that dicts have need no look-up."""
        if isinstance(node, nodes.Getattr) and node.attr in ("items", "keys", "values", "get"):
            return f"{self.code(node.node, frame)}.{node.attr}"
        return self.code(node, frame)

    def collected(self, pieces: str, frame: Frame) -> str:
        """Pieces as one value."""
        code = f"{self.module.use('collect')}({pieces})"
        return f"{self.module.use('Markup')}({code})" if frame.auto else code

    def loop_call(self, node: nodes.Call, name: str, loop: Loop, frame: Frame) -> str:
        arguments = self.arguments(node, frame)
        if name == "changed":
            loop.compares = True
            return f"{self.module.use('changed')}(_c{loop.number}, {arguments})"
        if not node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self.fail(node, frame, "loop.cycle() takes the values to cycle through")
        return f"({arguments},)[{loop.index} % {len(node.args)}]"

    def pieces(self, node: nodes.Expr, frame: Frame, caller: str = "") -> str | None:
        """The code of a call that gives pieces of the page, a macro's for example; None for any other expression."""
        if not isinstance(node, nodes.Call):
            return None
        code = ""
        if isinstance(node.node, nodes.Name):
            code = frame.code(node.node.name)
        elif isinstance(node.node, nodes.Getattr) and isinstance(node.node.node, nodes.Name):
            special = self.module.special.get(frame.code(node.node.node.name))
            if isinstance(special, Imported):
                code = self.member(node.node, special, frame)
        special = self.module.special.get(code)
        if isinstance(special, Loop):
            return self.recursion(node, special, frame)
        if isinstance(special, Macro):
            self.check_call(node, special, bool(caller), frame)
            return f"{special.function}({', '.join(self.macro_arguments(node, special, caller, frame))})"
        if isinstance(special, Caller):
            return f"{code}({', '.join(self.macro_arguments(node, None, '', frame))})"
        return None

    def macro_arguments(self, node: nodes.Call, macro: Macro | None, caller: str, frame: Frame) -> list[str]:
        """The arguments of a macro's call as code. A parameter `a` is called l_a there."""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self.fail(node, frame, "a macro cannot be called with * or **; give its arguments one by one")
        values = [self.code(arg, frame) for arg in node.args]
        known = [arg.name for arg in macro.node.args] if macro else [pair.key for pair in node.kwargs]
        takes = macro.takes if macro else ()
        found = values[: len(known)] if macro else values
        found += [
            f"l_{pair.key}={self.code(pair.value, frame)}" for pair in node.kwargs if pair.key in (*known, "caller")
        ]
        if "varargs" in takes:
            found.append(f"l_varargs={self.tuple_of(values[len(known) :])}")
        if "kwargs" in takes:
            others = [pair for pair in node.kwargs if pair.key not in (*known, "caller")]
            found.append("l_kwargs={" + ", ".join(f"{p.key!r}: {self.code(p.value, frame)}" for p in others) + "}")
        return [*found, f"l_caller={caller}"] if caller else found

    def tuple_of(self, codes: list[str]) -> str:
        return f"({', '.join(codes)}{',' if len(codes) == 1 else ''})"

    def recursion(self, node: nodes.Call, loop: Loop, frame: Frame) -> str:
        if not loop.function:
            self.fail(node, frame, "loop(…) needs a recursive loop; write {% for … in … recursive %}")
        if len(node.args) != 1 or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self.fail(node, frame, "loop(…) takes one list")
        return f"{loop.function}({self.code(node.args[0], frame)}, {loop.depth} + 1)"

    def check_call(self, node: nodes.Call, macro: Macro, calls: bool, frame: Frame) -> None:
        """Refuses a macro's call whose arguments can not fit."""
        known = [arg.name for arg in macro.node.args]
        title = f"the macro {macro.node.name!r}" if isinstance(macro.node, nodes.Macro) else "this {% call %}"
        if len(node.args) > len(known) and "varargs" not in macro.takes:
            self.fail(node, frame, f"{title} takes {len(known)} arguments, not {len(node.args)}")
        for pair in node.kwargs:
            if pair.key in known[: len(node.args)]:
                self.fail(node, frame, f"{title} is given {pair.key!r} twice")
            if pair.key not in known and "kwargs" not in macro.takes and pair.key != "caller":
                self.fail(node, frame, f"{title} takes no {pair.key!r}{suggest(pair.key, known)}")
        if calls and "caller" not in macro.takes:
            self.fail(node, frame, f"{title} does not use caller(), so {{% call %}} cannot call it")

    def called_block(self, node: nodes.Expr, frame: Frame) -> tuple[str, int] | None:
        """The block, and its level, that super() or self.NAME() means; None for any other expression."""
        if not isinstance(node, nodes.Call):
            return None
        callee = node.node
        if isinstance(callee, nodes.Name) and callee.name == "super":
            if frame.block is None:
                self.fail(node, frame, "super() needs a block around it")
            name, level = frame.block
            if level + 1 >= len(frame.context.blocks[name]):
                self.fail(node, frame, f"there is no block {name!r} in an extended template for super() to show")
            return name, level + 1
        if isinstance(callee, nodes.Getattr) and isinstance(callee.node, nodes.Name) and callee.node.name == "self":
            if callee.attr not in frame.context.blocks:
                known = suggest(callee.attr, frame.context.blocks)
                self.fail(node, frame, f"there is no block {callee.attr!r}{known}")
            return callee.attr, 0
        return None

    def block(self, name: str, level: int, node: nodes.Node, frame: Frame) -> None:
        """Writes a block at this place."""
        raise NotImplementedError

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
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.attr in _LOOP_NUMBERS:
            return isinstance(self.module.special.get(frame.code(node.node.name)), Loop)
        if isinstance(node, nodes.CondExpr) and node.expr2 is not None:
            return self.is_plain(node.expr1, frame) and self.is_plain(node.expr2, frame)
        return False
