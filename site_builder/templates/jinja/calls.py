"""Calls in Jinja's expressions: of functions, macros, loops and blocks."""

from __future__ import annotations

from jinja2 import nodes

from ...errors import suggest
from .filtering import Filtering
from .frames import Caller, Doubtful, Frame, Imported, Loop, Macro
from .sources import escapes


class Calls(Filtering):
    """Expressions, with calls.

    shown: the call that comes next is written into the page, and is not a part of another expression.
    """

    shown = False

    def x_Call(self, node: nodes.Call, frame: Frame) -> str:
        pieces = self.pieces(node, frame)
        if pieces is not None:
            return self.collected(pieces, frame)
        block = self.called_block(node, frame)
        if block is not None:
            name = f"_b{self.module.number()}"
            self.out.gather(name)
            with self.module.page.apart(as_is=True):
                self.block(*block, node, frame)
            self.out.gathered()
            return self.collected(name, frame)
        if isinstance(node.node, nodes.Getattr):
            special = self.special(node.node.node, frame)
            if isinstance(special, Loop) and node.node.attr in ("cycle", "changed"):
                return self.loop_call(node, node.node.attr, special, frame)
        return f"{self.callee(node.node, frame)}({self.arguments(node, frame)})"

    def callee(self, node: nodes.Expr, frame: Frame) -> str:
        """The code of what is called; methods that dicts have need no look-up."""
        if not isinstance(node, nodes.Getattr) or node.attr not in ("items", "keys", "values", "get"):
            return self.code(node, frame)
        imported = isinstance(self.special(node.node, frame), Imported)
        return self.code(node, frame) if imported else f"{self.code(node.node, frame)}.{node.attr}"

    def collected(self, pieces: str, frame: Frame) -> str:
        """Pieces as one value."""
        code = f"{self.module.use('collect')}({pieces})"
        return f"{self.module.use('Markup')}({code})" if frame.auto else code

    def loop_call(self, node: nodes.Call, name: str, loop: Loop, frame: Frame) -> str:
        arguments = self.arguments(node, frame)
        if name == "changed":
            loop.compares = True
            return f"{self.module.use('changed')}({', '.join([f'_c{loop.number}', *filter(None, [arguments])])})"
        if not node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self.fail(node, frame, "loop.cycle() takes the values to cycle through")
        return f"({arguments},)[{loop.index} % {len(node.args)}]"

    # What gives pieces of the page

    def pieces(self, node: nodes.Expr, frame: Frame, caller: str = "") -> str | None:
        """The code of a call that gives pieces of the page, a macro's for example; None for any other expression."""
        if not isinstance(node, nodes.Call):
            return None
        code = ""
        shown, self.shown = self.shown, False
        special = self.special(node.node, frame)
        if isinstance(node.node, nodes.Name):
            code = frame.code(node.node.name)
        elif isinstance(node.node, nodes.Getattr):
            outer = self.special(node.node.node, frame)
            if isinstance(outer, Imported):
                code = self.member(node.node, node.node.attr, outer, frame)
                special = self.module.special.get(code)
        if isinstance(special, (Loop, Macro, Caller)) and frame.auto != escapes(frame.template):
            self.fail(node, frame, "macros cannot be called in an {% autoescape %} that changes it; call it before")
        if isinstance(special, (Loop, Macro, Caller)):
            self.module.page.between() if shown else self.module.page.outside()
        if isinstance(special, Loop):
            return self.recursion(node, special, frame)
        if isinstance(special, Macro):
            if not special.ready and not frame.late:
                self.not_ready(node, getattr(special.node, "name", "caller"), frame)
            self.check_call(node, special, bool(caller), frame)
            return f"{special.function}({', '.join(self.macro_arguments(node, special, caller, frame))})"
        if isinstance(special, Caller):
            return f"{code}({', '.join(self.macro_arguments(node, None, '', frame))})"
        return None

    def macro_arguments(self, node: nodes.Call, macro: Macro | None, caller: str, frame: Frame) -> list[str]:
        """The arguments of a macro's call as code. A parameter `a` is called _p_a there."""
        self.no_stars(node, "a macro", frame)
        for pair in node.kwargs:
            if pair.key == "caller":
                self.fail(node, frame, "caller cannot be given like this; write {% call … %}…{% endcall %}")
        values = [self.code(arg, frame) for arg in node.args]
        known = [arg.name for arg in macro.node.args] if macro else [pair.key for pair in node.kwargs]
        takes = macro.takes if macro else ()
        found = values[: len(known)] if macro else values
        found += [f"_p_{pair.key}={self.code(pair.value, frame)}" for pair in node.kwargs if pair.key in known]
        if "varargs" in takes:
            found.append(f"_p_varargs={self.tuple_of(values[len(known) :])}")
        if "kwargs" in takes:
            others = [pair for pair in node.kwargs if pair.key not in known]
            found.append("_p_kwargs={" + ", ".join(f"{p.key!r}: {self.code(p.value, frame)}" for p in others) + "}")
        return [*found, f"_p_caller={caller}"] if caller else found

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
            many = "1 argument" if len(known) == 1 else f"{len(known)} arguments"
            self.fail(node, frame, f"{title} takes {many}, not {len(node.args)}")
        seen: set[str] = set(known[: len(node.args)])
        for pair in node.kwargs:
            if pair.key in seen:
                self.fail(node, frame, f"{title} is given {pair.key!r} twice")
            seen.add(pair.key)
            if pair.key not in known and "kwargs" not in macro.takes and pair.key != "caller":
                self.fail(node, frame, f"{title} takes no {pair.key!r}{suggest(pair.key, known)}")
        if calls and "caller" not in macro.takes:
            self.fail(node, frame, f"{title} does not use caller(), so {{% call %}} cannot call it")

    # Blocks

    def called_block(self, node: nodes.Expr, frame: Frame) -> tuple[str, int] | None:
        """The block, and its level, that super() or self.NAME() means; None for any other expression."""
        if not isinstance(node, nodes.Call):
            return None
        callee = node.node
        found = None
        if isinstance(callee, nodes.Name) and callee.name == "super":
            if frame.block is None:
                self.fail(node, frame, "super() needs a block around it")
            name, level = frame.block
            if level + 1 >= len(frame.context.blocks[name]):
                self.fail(node, frame, f"there is no block {name!r} in an extended template for super() to show")
            found = name, level + 1
        elif isinstance(callee, nodes.Getattr) and isinstance(callee.node, nodes.Name) and callee.node.name == "self":
            if callee.attr not in frame.context.blocks:
                known = suggest(callee.attr, frame.context.blocks)
                self.fail(node, frame, f"there is no block {callee.attr!r}{known}")
            found = callee.attr, 0
        if found and (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs):
            self.fail(node, frame, "super() and self.NAME() take no arguments")
        return found

    def has_block(self, node: nodes.Node) -> bool:
        """Whether super() or self.NAME() is called in an expression."""
        names = [node] if isinstance(node, nodes.Name) else node.find_all(nodes.Name)
        return any(name.name in ("super", "self") for name in names)

    def block(self, name: str, level: int, node: nodes.Node, frame: Frame) -> None:
        """Writes a block at this place."""
        raise NotImplementedError

    def bind(self, name: str, special: Macro | Imported, node: nodes.Node, frame: Frame) -> None:
        """Makes a name mean a macro or an import from here on."""
        code = frame.code(name)
        place = (frame.template, frame.prefix)
        known = self.module.special.get(code)
        itself = isinstance(known, Macro) and (known is special or known.node is node)
        if self.module.bound.get(code) == place and isinstance(known, (Macro, Imported, Doubtful)) and not itself:
            self.fail(node, frame, f"{name!r} is made twice; give one of them another name")
        self.module.special[code] = special
        self.module.bound[code] = place
