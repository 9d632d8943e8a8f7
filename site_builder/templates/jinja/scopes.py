"""Scopes of a template: their variables, loops, and the functions that macros become."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes
from jinja2.compiler import find_undeclared
from jinja2.idtracking import VAR_LOAD_ALIAS, VAR_LOAD_PARAMETER, VAR_LOAD_RESOLVE, VAR_LOAD_UNDEFINED

from ..emitter import Emitter
from .calls import Calls
from .frames import Caller, Frame, Loop, Macro
from .module import Module
from .sources import Sources

_RESERVED = ("site", "loop", "self", "super")
_SPECIAL = ("caller", "varargs", "kwargs")


def _with(node: nodes.Node, *kinds: Any) -> list[Any]:
    """The nodes of these kinds in a node, itself among them."""
    return ([node] if isinstance(node, kinds) else []) + list(node.find_all(kinds))


def names_in(node: nodes.Node, context: str) -> set[str]:
    """The names that are loaded ("load") or stored ("store") in a node."""
    return {name.name for name in _with(node, nodes.Name) if name.ctx == context}


def sets(body: Iterable[nodes.Node]) -> set[str]:
    """The names that statements set in their own scope."""
    found: set[str] = set()
    for node in body:
        if isinstance(node, (nodes.Assign, nodes.AssignBlock)):
            found |= names_in(node.target, "store")
        elif isinstance(node, nodes.Macro):
            found.add(node.name)
        elif isinstance(node, nodes.Import):
            found.add(node.target)
        elif isinstance(node, nodes.FromImport):
            found |= {name if isinstance(name, str) else name[1] for name in node.names}
        elif isinstance(node, nodes.If):
            found |= sets([*node.body, *node.elif_, *node.else_])
        elif isinstance(node, nodes.ScopedEvalContextModifier):
            found |= sets(node.body)
    return found


_INNER = (
    nodes.For, nodes.With, nodes.FilterBlock, nodes.AssignBlock, nodes.Scope, nodes.Macro, nodes.CallBlock
)  # fmt: skip


def uses(node: nodes.Node) -> set[str]:
    """The names of its surroundings that a node uses."""
    if isinstance(node, nodes.Name):
        return {node.name} if node.ctx == "load" else set()
    found: set[str] = set()
    own: set[str] = set()
    for part in node.iter_child_nodes():
        found |= uses(part) - own
        if isinstance(node, _INNER) and not isinstance(part, nodes.If):
            own |= sets([part])
    if isinstance(node, nodes.For):
        if node.test is not None:  # stands before the body, whatever that sets
            found |= uses(node.test)
        return found - names_in(node.target, "store") | uses(node.iter).union(*map(uses, node.else_))
    if isinstance(node, nodes.With):
        return found.difference(*(names_in(target, "store") for target in node.targets)).union(*map(uses, node.values))
    return found - {arg.name for arg in node.args} if isinstance(node, (nodes.Macro, nodes.CallBlock)) else found


@dataclass
class Early:
    """The names that are set after something that may look at them.

    seen: after an include or a block, which then see what is around the template instead. used: after a scope, such as
    a macro, that uses them, for which they are undefined. touched: after a scope that sets them too.
    """

    seen: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)


def early(body: Iterable[nodes.Node]) -> Early:
    """What of the names that are set in `body` is looked at before."""
    found, inner = Early(), Early()
    looks = False
    for node in body:
        kinds = _with(node, nodes.Include, nodes.Import, nodes.FromImport, nodes.Block)
        looks = looks or any(getattr(kind, "with_context", True) for kind in kinds)
        looks = looks or bool(names_in(node, "load") & {"self", "super"})
        for scope in _with(node, *_INNER):
            inner.used |= uses(scope)
            inner.touched |= sets(scope.iter_child_nodes())
        names = sets([node])
        found.seen |= names if looks else set()
        found.used |= names & inner.used
        found.touched |= names & inner.touched
    return found


class Scopes(Calls):
    """Writes scopes into one function."""

    def __init__(self, module: Module, sources: Sources, out: Emitter) -> None:
        super().__init__(module, sources.loader, out)
        self.sources = sources
        self.open: list[str] = []  # the templates and blocks that are being written, the innermost last

    def body(self, body: list[nodes.Node], frame: Frame) -> None:
        for node in body:
            self.statement(node, frame)

    def statement(self, node: nodes.Node, frame: Frame) -> None:
        raise NotImplementedError

    def nested(self, out: Emitter) -> Scopes:
        made = type(self)(self.module, self.sources, out)
        made.open = self.open
        out.at = self.out.at
        return made

    def branch(self) -> Scopes:
        """A writer for a part of the same function, whose text is inserted later."""
        return self.nested(Emitter(self.out.text_of, self.out.sinks))

    def check_names(self, tree: nodes.Node, frame: Frame) -> None:
        """Refuses to set names that mean something."""
        for name in tree.find_all(nodes.Name):
            if name.name in _RESERVED and name.ctx != "load":
                self.fail(name, frame, f"{name.name!r} has a meaning of its own; choose another name")
        for macro in tree.find_all(nodes.Macro):
            if macro.name in _RESERVED:
                self.fail(macro, frame, f"{macro.name!r} has a meaning of its own; choose another name")

    def first_value(self, name: str, found: Early, node: nodes.Node, frame: Frame) -> str:
        """What a variable has before the template sets it, when something can see that; else ""."""
        if name in found.seen and name in found.used:
            self.fail(node, frame, f"{name!r} is set below what uses it; set it before")
        if name in found.seen:
            return frame.context.resolve(name)
        return self.module.undefined(name) if name in found.used | found.touched else ""

    def enter(self, frame: Frame, body: list[nodes.Node], given: Iterable[str] = ()) -> None:
        """Makes the variables of an inner scope, but for the names that are `given`."""
        names = early(body)
        for target, (kind, param) in frame.symbols.loads.items():
            name = target.split("_", 2)[2]
            code = frame.own(target)
            if name not in frame.symbols.stores or kind == VAR_LOAD_PARAMETER:
                continue
            self.module.special.pop(code, None)
            begins = ""
            if kind == VAR_LOAD_RESOLVE:
                begins = frame.context.resolve(name)
                frame.codes[target] = code
            elif kind == VAR_LOAD_UNDEFINED:
                begins = self.first_value(name, names, body[0], frame)
            elif kind == VAR_LOAD_ALIAS:
                begins = frame.variable(param)
            if begins in self.module.special:
                self.module.special[code] = self.module.special[begins]
            elif begins and name not in given:
                self.out.line(f"{code} = {begins}")

    # Loops

    def s_For(self, node: nodes.For, frame: Frame) -> None:
        if node.recursive and frame.silent == "extends":
            self.outside(node, frame, "recursive loop")
        number = self.module.number()
        loop = Loop(number, f"_d{number}" if node.recursive else "0", f"_r{number}" if node.recursive else "")
        inner = frame.inner(loops=True)
        scoped = any(block.scoped for block in node.find_all(nodes.Block))
        if node.recursive or scoped or find_undeclared(node.body, ("loop",)):  # as Jinja decides
            target = inner.symbols.declare_parameter("loop")
            inner.codes[target] = inner.own(target)
            self.module.special[inner.codes[target]] = loop
        inner.symbols.analyze_node(node, for_branch="body")
        if not node.recursive:
            writer = self.branch()
            writer.loop(node, loop, frame, inner, self.code(node.iter, frame))
            return self.out.insert(writer.out)
        writer = self.nested(Emitter(self.out.text_of))
        self.module.page.between()
        with self.module.page.apart():
            writer.loop(node, loop, frame, inner, f"_x{number}")
        self.define(f"def {loop.function}(_x{number}, _d{number}):", loop.function, writer.out)
        self.out.stream(f"{loop.function}({self.code(node.iter, frame)}, 0)")

    def outside(self, node: nodes.Node, frame: Frame, what: str) -> None:
        self.fail(node, frame, f"{what} outside of a block, in a template that extends another; put it into a block")

    def define(self, head: str, name: str, body: Emitter) -> None:
        """Writes a function within this one, which generates."""
        if not body.yields:
            body.line("yield ''")
        self.module.nested.add(name)
        before = self.out.yields
        self.out.open(head)
        self.out.insert(body)
        self.out.close()
        self.out.yields = before

    def loop(self, node: nodes.For, loop: Loop, outer: Frame, inner: Frame, items: str) -> None:
        """Writes a for statement into `out`, which is a new one: what of `loop` is used shows after the body."""
        n = loop.number
        body = self.branch()
        body.out.at = self.out.at = (outer.template, node.lineno)
        target = self.target(node.target, inner, node)
        page = self.module.page
        start = page.mark()
        page.loops.append(start)
        body.enter(inner, node.body)
        body.body(node.body, inner)
        page.same(page.loops.pop())
        test = self.loop_test(node, outer)
        if loop.listed:
            self.check_listed(node, outer)
            listed = f"[{target} for {target} in {items} if {test}]" if test else f"{self.module.use('list')}({items})"
            self.out.line(f"_l{n} = {listed}")
            items, test = f"_l{n}", ""
        for wanted, line in (
            (loop.compares, f"_c{n} = []"),
            (loop.counts, f"_i{n} = -1"),
            (node.else_, f"_e{n} = True"),
        ):
            if wanted:
                self.out.line(line)
        self.out.open(f"for {target} in {items}:")
        if test:
            self.out.open(f"if not {test}:")
            self.out.line("continue")
            self.out.close()
        if loop.counts:
            self.out.line(f"_i{n} += 1")
        self.out.insert(body.out)
        if node.else_:
            self.out.line(f"_e{n} = False")
        self.out.close()
        if node.else_:
            frame = outer.inner()
            frame.symbols.analyze_node(node, for_branch="else")
            self.out.open(f"if _e{n}:")
            self.enter(frame, node.else_)
            self.body(node.else_, frame)
            page.same(start)
            self.out.close()

    def loop_test(self, node: nodes.For, outer: Frame) -> str:
        if node.test is None:
            return ""
        if find_undeclared([node.test], ("loop",)):
            self.fail(node, outer, "the condition of a for cannot use loop; use an if in its body")
        frame = outer.inner()
        frame.symbols.analyze_node(node, for_branch="test")
        return self.alone(node.test, frame, "the condition of a for")

    def check_listed(self, node: nodes.For, frame: Frame) -> None:
        """Refuses a condition that may give something else while the loop runs: all is asked before it, here."""
        if node.test is None:
            return
        names = {name.name for name in _with(node.test, nodes.Name)}
        changed = {ref.name for part in node.body for ref in _with(part, nodes.NSRef)}
        if names & changed or _with(node.test, nodes.Call):
            self.fail(
                node,
                frame,
                "the condition of a for whose body asks how many there are cannot call or use what it changes",
            )

    def target(self, node: nodes.Node, frame: Frame, at: nodes.Node) -> str:
        """The code of what is assigned to."""
        if isinstance(node, nodes.Tuple):
            return f"({', '.join(self.target(item, frame, at) for item in node.items)},)"
        if isinstance(node, nodes.NSRef):
            name = nodes.Name(node.name, "load", lineno=at.lineno)
            return f"{self.module.use('settable')}({self.code(name, frame)}).{node.attr}"
        assert isinstance(node, nodes.Name)
        code = frame.code(node.name)
        known = self.module.special.pop(code, None)
        if known and self.module.bound.get(code) == (frame.template, frame.prefix) and isinstance(at, nodes.Stmt):
            self.fail(at, frame, f"{node.name!r} is a macro or an import; choose another name")
        return code

    # Macros

    def announce(self, node: nodes.Macro | nodes.CallBlock) -> Macro:
        """What a macro will be, so that it can be called before it is written, by other macros."""
        takes = frozenset(find_undeclared(node.body, _SPECIAL)) - {arg.name for arg in node.args}
        label = node.name if isinstance(node, nodes.Macro) else "caller"
        macro = Macro(f"_m{self.module.number()}_{label}", node, takes)
        self.module.nested.add(macro.function)
        return macro

    def function(self, macro: Macro, frame: Frame) -> None:
        """Writes the generator function of a macro: beside render() where it can stand alone, else in its place."""
        node = macro.node
        inner = frame.inner(silent="", late=True, loops=False)
        inner.symbols.analyze_node(node)
        parameters, late = self.parameters(macro, inner)
        writer = self.nested(Emitter(self.out.text_of))
        writer.out.open(f"def {macro.function}({', '.join(parameters)}):")
        for name, value in late:
            writer.out.open(f"if _p_{name} is _none:")
            code = self.module.undefined(name) if value is None else writer.code(value, inner)
            writer.out.line(f"_p_{name} = {code}")
            writer.out.close()
        writer.enter(inner, node.body)
        with self.module.page.apart():
            writer.body(node.body, inner)
        if not writer.out.yields:
            writer.out.line("yield ''")
        writer.out.close()
        if self.module.is_closed(writer.out):
            self.module.functions.append(writer.out)
            self.module.nested.discard(macro.function)
        else:
            writer.out.yields = self.out.yields  # those of a function of its own do not count
            self.out.insert(writer.out)

    def parameters(self, macro: Macro, inner: Frame) -> tuple[list[str], list[tuple[str, nodes.Expr | None]]]:
        """The parameters of a macro's function, and those that get their value in it."""
        node = macro.node
        names = [arg.name for arg in node.args]
        if "caller" in names:
            self.fail(node, inner, "caller is there without being a parameter; leave it out")
        if isinstance(node, nodes.CallBlock) and macro.takes & {"varargs", "kwargs"}:
            self.fail(node, inner, "varargs and kwargs cannot be used in a {% call %}; give it parameters")
        values: list[nodes.Expr | None] = [None] * (len(names) - len(node.defaults)) + list(node.defaults)
        found, late = [], []
        for i, (name, value) in enumerate(zip(names, values, strict=True)):
            self.check_default(name, value, names[i:], node, inner)
            if isinstance(value, nodes.Const) and not isinstance(value.value, (list, dict)):
                found.append(f"_p_{name}={self.constant(value.value)}")
            else:
                found.append(f"_p_{name}=_none")
                late.append((name, value))
        if macro.takes:
            found += ["*", *(f"_p_{name}=_none" for name in sorted(macro.takes))]
            late += [("caller", None)] if "caller" in macro.takes else []
        for name in [*names, *sorted(macro.takes)]:
            target = inner.symbols.refs.get(name) or inner.symbols.declare_parameter(name)
            inner.codes[target] = f"_p_{name}"
            self.module.special.pop(f"_p_{name}", None)
            if name == "caller":
                self.module.special["_p_caller"] = Caller()
        if late or macro.takes:
            self.module.undefined("")
        return found, late

    def check_default(
        self, name: str, value: nodes.Expr | None, later: list[str], node: nodes.Node, frame: Frame
    ) -> None:
        """Refuses a default that uses parameters which have no value yet."""
        used = {found.name for found in _with(value, nodes.Name)} if value is not None else set()
        if used & set(later):
            self.fail(node, frame, f"the default of {name!r} uses {min(used & set(later))!r}, which has no value yet")
