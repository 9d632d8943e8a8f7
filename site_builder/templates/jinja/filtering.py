"""Jinja's filters and tests as calls of functions: the built-in ones, and the site's own."""

from __future__ import annotations

import keyword
from typing import Any, NoReturn

from jinja2 import nodes

from ...errors import suggest
from .builtins import FILTERS, MAP_ATTRIBUTE, TESTS, UNSUPPORTED, Filter, Test
from .expressions import Expressions
from .frames import Caller, Frame, Imported, Loop, Macro

_VIEWS = (".items()", ".keys()", ".values()")


class Filtering(Expressions):
    """Expressions, with filters and tests."""

    def x_Filter(self, node: nodes.Filter, frame: Frame) -> str:
        assert node.node is not None
        code = self.code(node.node, frame)
        if node.name in ("length", "count") and code.endswith(_VIEWS):
            code = f"{self.module.use('list')}({code})"  # MicroPython has no len() of x.items()
        return self.filtered(node, code, frame)

    def filtered(self, node: nodes.Filter, value: str, frame: Frame) -> str:
        """The code of a filter, with all its arguments, for the value of this code."""
        own = self.module.options.filters.get(node.name)
        if own:
            return f"{self.module.handler(own)}({self.arguments(node, frame, value)})"
        known = FILTERS.get(node.name)
        if known is None:
            self.unknown_filter(node, node.name, FILTERS, frame)
        if known.special:
            return getattr(self, f"filter_{known.special}")(node, known, value, frame)  # type: ignore[no-any-return]
        self.check_arguments(node, known, f"|{node.name}", frame)
        self.no_stars(node, f"|{node.name}", frame)
        first = (str(frame.auto), value) if known.auto else (value,)
        args, words = self.looked_up(known, node.args, node.kwargs, frame)
        return f"{self.module.use(known.function)}({', '.join([*first, *args, *(f'{k}={v}' for k, v in words)])})"

    def unknown_filter(self, node: nodes.Node, name: str, known: dict[str, Filter], frame: Frame) -> NoReturn:
        if name in UNSUPPORTED:
            self.fail(node, frame, f"the filter {name!r} is not supported; {UNSUPPORTED[name]}")
        self.fail(node, frame, f"unknown filter {name!r}{suggest(name, {*known, *self.module.options.filters})}")

    def no_stars(self, node: nodes.Filter | nodes.Test | nodes.Call, title: str, frame: Frame) -> None:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self.fail(node, frame, f"{title} cannot be called with * or **; give its arguments one by one")

    def looked_up(
        self, known: Filter, args: list[nodes.Expr], kwargs: list[Any], frame: Frame
    ) -> tuple[list[str], list[tuple[str, str]]]:
        """The code of a filter's arguments; "a.b" of an attribute becomes the function that looks it up."""

        def code(node: nodes.Expr, is_attribute: bool) -> str:
            found = self.code(node, frame)
            return f"{self.module.use(known.getter)}({found})" if is_attribute and found != "None" else found

        at = known.parameters.index("attribute") if known.getter and "attribute" in known.parameters else -1
        return [code(arg, i == at) for i, arg in enumerate(args)], [
            (pair.key, code(pair.value, at >= 0 and pair.key == "attribute")) for pair in kwargs
        ]

    def check_arguments(
        self, node: nodes.Filter | nodes.Test, known: Test, title: str, frame: Frame, start: int = 0
    ) -> None:
        """Refuses arguments, from `start` on, that a built-in filter or test does not take."""
        if node.dyn_args is None and node.dyn_kwargs is None:
            mistake = known.mistake(len(node.args) - start, [str(pair.key) for pair in node.kwargs])
            if mistake:
                self.fail(node, frame, f"{title} {mistake}")

    def filter_map(self, node: nodes.Filter, known: Filter, value: str, frame: Frame) -> str:
        self.no_stars(node, "|map", frame)
        if not node.args:
            self.check_arguments(node, MAP_ATTRIBUTE, "|map", frame)
            return f"{self.module.use('f_map')}({value}, {self.module.use('getter')}({self.arguments(node, frame)}))"
        name = self.constant_argument(node, frame, "the name of a filter")
        own = self.module.options.filters.get(name)
        if own:
            function, inner = self.module.handler(own), FILTERS["map"]
        else:
            simple = {n: f for n, f in FILTERS.items() if not f.special}
            if name not in simple:
                self.unknown_filter(node, name, simple, frame)
            inner = simple[name]
            self.check_arguments(node, inner, f"|map({name!r})", frame, 1)
            function = self.module.use(inner.function)
        args, words = self.looked_up(inner, node.args[1:], node.kwargs, frame)
        more = [str(frame.auto)] if inner.auto else []
        return f"{self.module.use('f_map')}({', '.join([value, function, *self.packed(args, words, more), *more])})"

    def filter_select(self, node: nodes.Filter, known: Filter, value: str, frame: Frame) -> str:
        self.no_stars(node, f"|{node.name}", frame)
        of_attribute = node.name.endswith("attr")
        if of_attribute and not node.args:
            self.fail(node, frame, f"|{node.name} needs the name of an attribute")
        at = 1 if of_attribute else 0
        parts = [value, str(known.keep)]
        if len(node.args) > at:
            name = self.constant_argument(node, frame, "the name of a test", at)
            parts.append(self.test_function(node, name, frame))
            if name not in self.module.options.tests:
                self.check_arguments(node, TESTS[name], f"the test {name!r}", frame, at + 1)
        else:
            parts.append(self.module.use("bool"))
        words = [(str(pair.key), self.code(pair.value, frame)) for pair in node.kwargs]
        parts += self.packed([self.code(arg, frame) for arg in node.args[at + 1 :]], words, [])
        if of_attribute:
            parts.append(f"attribute={self.module.use('getter')}({self.code(node.args[0], frame)})")
        return f"{self.module.use(known.function)}({', '.join(parts)})"

    def constant_argument(self, node: nodes.Filter, frame: Frame, what: str, at: int = 0) -> str:
        argument = node.args[at]
        if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
            self.fail(node, frame, f"|{node.name} needs {what} in quotes")
        return argument.value

    def packed(self, args: list[str], words: list[tuple[str, str]], more: list[str]) -> list[str]:
        """Arguments as a tuple and a dict, where there are any, or `more` comes after them."""
        found = [self.tuple_of(args)] if more or args or words else []
        if more or words:
            found.append("{" + ", ".join(f"{key!r}: {value}" for key, value in words) + "}")
        return found

    def tuple_of(self, codes: list[str]) -> str:
        return f"({', '.join(codes)}{',' if len(codes) == 1 else ''})"

    # Tests

    def x_Test(self, node: nodes.Test, frame: Frame) -> str:
        if node.name in ("filter", "test"):
            if not isinstance(node.node, nodes.Const):
                self.fail(node, frame, f"`is {node.name}` needs a name in quotes")
            options = self.module.options
            known = {*FILTERS, *options.filters} if node.name == "filter" else {*TESTS, *options.tests}
            return str(node.node.value in known)
        function = self.test_function(node, node.name, frame)
        if node.name not in self.module.options.tests:
            self.check_arguments(node, TESTS[node.name], f"the test {node.name!r}", frame)
        if node.name in ("defined", "undefined"):
            special = self.special(node.node, frame)
            if isinstance(special, Macro) and not special.ready and not frame.late:
                assert isinstance(node.node, nodes.Name)
                self.not_ready(node, node.node.name, frame)
            if isinstance(special, (Macro, Imported, Loop)):
                return str(node.name == "defined")
            if isinstance(special, Caller):
                return f"{function}({self.condition(node.node, frame)})"
        return f"{function}({self.arguments(node, frame, self.code(node.node, frame))})"

    def not_ready(self, node: nodes.Node, name: str, frame: Frame) -> NoReturn:
        self.fail(node, frame, f"the macro {name!r} is made below; move it before this")

    def test_function(self, node: nodes.Node, name: str, frame: Frame) -> str:
        """The name of the function for a test."""
        own = self.module.options.tests.get(name)
        if own:
            return self.module.handler(own)
        if name not in TESTS:
            names = {*TESTS, *self.module.options.tests}
            self.fail(node, frame, f"unknown test {name!r}{suggest(name, names)}")
        return self.module.use(TESTS[name].function)

    # Arguments

    def arguments(self, node: nodes.Call | nodes.Filter | nodes.Test, frame: Frame, *first: str) -> str:
        """The arguments of a call as code, after those of `first`."""
        parts = [*first, *(self.code(arg, frame) for arg in node.args)]
        if node.dyn_args is not None:
            parts.append("*" + self.code(node.dyn_args, frame))
        pairs: list[Any] = list(node.kwargs)
        parts += [f"{p.key}={self.code(p.value, frame)}" for p in pairs if not keyword.iskeyword(p.key)]
        words = [f"{p.key!r}: {self.code(p.value, frame)}" for p in pairs if keyword.iskeyword(p.key)]
        if words:
            parts.append("**{" + ", ".join(words) + "}")
        if node.dyn_kwargs is not None:
            parts.append("**" + self.code(node.dyn_kwargs, frame))
        return ", ".join(parts)
