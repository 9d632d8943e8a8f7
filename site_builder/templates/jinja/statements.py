"""Jinja's statements as those of one generator function."""

from __future__ import annotations

from dataclasses import replace

from jinja2 import nodes
from jinja2.compiler import find_undeclared
from jinja2.idtracking import VAR_LOAD_ALIAS, VAR_LOAD_RESOLVE, VAR_LOAD_UNDEFINED, Symbols

from ...errors import suggest
from ..emitter import Emitter
from .expressions import Expressions
from .frames import Caller, Context, Frame, Imported, Loop, Macro
from .module import Misnamed, Module
from .sources import Sources, escapes

_LOOKS_BACK = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Macro, nodes.CallBlock, nodes.Block)


def _seen_early(body: list[nodes.Node]) -> set[str]:
    """The names that are set after something that may look at them: a block, an include, a macro."""
    found: set[str] = set()
    looked = False
    for node in body:
        looked = looked or isinstance(node, _LOOKS_BACK) or node.find(_LOOKS_BACK) is not None
        if looked:
            found |= {name.name for name in node.find_all(nodes.Name) if name.ctx == "store"}
    return found


class Writer(Expressions):
    """Writes the statements of one function, with all the templates that are flattened into it."""

    def __init__(self, module: Module, sources: Sources, out: Emitter) -> None:
        super().__init__(module, sources.loader, out)
        self.sources = sources
        self.open: list[str] = []  # the templates and blocks that are being written, the innermost last

    # Templates

    def template(
        self, name: str, context: Context, prefix: str, file: str = "", line: int = 0, silent: bool = False
    ) -> None:
        """Writes a template, and those it extends. silent: only what it sets, for an import."""
        while name:
            tree = self.sources.tree(name, file, line)
            if name not in self.module.files:
                self.module.files.append(name)
            frame = Frame(name, context, Symbols(), prefix, escapes(name), toplevel=True, silent=silent)
            self.enter_template(tree, frame)
            for block in tree.find_all(nodes.Block):
                levels = context.blocks.setdefault(block.name, [])
                if levels and levels[-1][0] == name:
                    self.fail(block, frame, f"block {block.name!r} is defined twice")
                levels.append((name, block))
            extends = self.top(tree, frame)
            if extends is None:
                return
            file, line = self.loader.where(name), extends.lineno
            name = self.constant_name(extends, frame, "extends")
            self.open.append(name)
            if self.open.count(name) > 1:
                self.fail(extends, frame, f"{name} extends itself")
            prefix = f"t{self.module.number()}_"

    def top(self, tree: nodes.Template, frame: Frame) -> nodes.Extends | None:
        """Writes a template's top level; what comes after {% extends %} is not shown. Returns that."""
        found = None
        for node in tree.body:
            if isinstance(node, nodes.Extends):
                if found:
                    self.fail(node, frame, "a template can extend one other, not two")
                found = node
                frame = replace(frame, silent=True)
            else:
                self.statement(node, frame)
        return found

    def enter_template(self, tree: nodes.Template, frame: Frame) -> None:
        """Makes the variables for the names that a template sets at its top level."""
        frame.symbols.analyze_node(tree)
        for node in tree.find_all((nodes.Macro,)):
            for name in ("site", "loop", "self", "super"):
                if name == node.name:
                    self.fail(node, frame, f"{name!r} has a meaning of its own; choose another name")
        for node in tree.find_all(nodes.Name):
            if node.name in ("site", "loop", "self", "super") and node.ctx in ("store", "param"):
                self.fail(node, frame, f"{node.name!r} has a meaning of its own; choose another name")
        early = _seen_early(tree.body)
        for target, (kind, _) in frame.symbols.loads.items():
            name = target.split("_", 2)[2]
            if name in frame.symbols.stores:
                try:
                    code, begins = frame.context.declare(name, kind == VAR_LOAD_RESOLVE or name in early)
                except Misnamed:
                    self.fail(tree, frame, f"{name!r} cannot be the name of a value from outside; choose another")
                frame.codes[target] = code
                if begins:
                    self.out.line(f"{code} = {begins}")
        for node in tree.body:
            if isinstance(node, nodes.Macro):
                self.announce(node, frame)

    def enter(self, frame: Frame, body: list[nodes.Node]) -> None:
        """Makes the variables of an inner scope."""
        early = _seen_early(body)
        for target, (kind, param) in frame.symbols.loads.items():
            name = target.split("_", 2)[2]
            if name not in frame.symbols.stores:
                continue
            code = frame.prefix + target
            if kind == VAR_LOAD_RESOLVE or (kind == VAR_LOAD_UNDEFINED and name in early):
                self.out.line(f"{code} = {frame.context.resolve(name)}")
                frame.codes[target] = code
            elif kind == VAR_LOAD_ALIAS:
                outer = frame.variable(param)
                if outer not in self.module.special:
                    self.out.line(f"{code} = {outer}")

    def constant_name(
        self, node: nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport, frame: Frame, word: str
    ) -> str:
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
            self.fail(
                node, frame, f'{{% {word} %}} needs a name in quotes, such as "base.html"; choose with if and else'
            )
        return node.template.value

    def body(self, body: list[nodes.Node], frame: Frame) -> None:
        for node in body:
            self.statement(node, frame)

    def statement(self, node: nodes.Node, frame: Frame) -> None:
        """Writes one statement."""
        method = getattr(self, f"s_{type(node).__name__}", None)
        if method is None:
            self.fail(node, frame, f"this kind of statement ({type(node).__name__}) is not supported here")
        self.out.at = (frame.template, node.lineno)
        try:
            method(node, frame)
        except Misnamed as e:
            self.fail(node, frame, f"{str(e)!r} cannot be the name of a value from outside; choose another")

    # Output

    def s_Output(self, node: nodes.Output, frame: Frame) -> None:
        if frame.silent:
            return
        for child in node.nodes:
            self.out.at = (frame.template, child.lineno)
            if isinstance(child, nodes.TemplateData):
                self.out.text(child.data)
            elif isinstance(child, nodes.Const):
                text = self.text(child.value, frame)
                if text:
                    self.out.text(text)
            else:
                self.output(child, frame)

    def output(self, node: nodes.Expr, frame: Frame) -> None:
        """Writes the value of an expression, escaped where that is on."""
        block = self.called_block(node, frame)
        if block is not None:
            return self.block(*block, node, frame)
        pieces = self.pieces(node, frame)
        if pieces is not None:
            return self.out.stream(pieces)
        if isinstance(node, nodes.Filter) and node.name not in self.module.options.filters:
            if node.name == "safe" and frame.auto and node.node is not None and not node.args:
                return self.out.value(self.code(node.node, frame))
            if node.name in ("e", "escape") and frame.auto and node.node is not None:
                return self.out.value(f"{self.module.use('escape')}({self.code(node.node, frame)})")
        code = self.code(node, frame)
        plain = not frame.auto or self.is_plain(node, frame)
        self.out.value(code if plain else f"{self.module.use('escape')}({code})")

    # Conditions and loops

    def s_If(self, node: nodes.If, frame: Frame) -> None:
        self.out.open(f"if {self.code(node.test, frame)}:")
        self.body(node.body, frame)
        self.out.close()
        for other in node.elif_:
            self.out.at = (frame.template, other.lineno)
            self.out.open(f"elif {self.alone(other.test, frame, '{% elif %}')}:")
            self.body(other.body, frame)
            self.out.close()
        if node.else_:
            self.out.open("else:")
            self.body(node.else_, frame)
            self.out.close()

    def s_For(self, node: nodes.For, frame: Frame) -> None:
        number = self.module.number()
        loop = Loop(number, f"_d{number}" if node.recursive else "0", f"_r{number}" if node.recursive else "")
        inner = frame.inner()
        target = inner.symbols.declare_parameter("loop")
        self.module.special[inner.prefix + target] = loop
        inner.codes[target] = inner.prefix + target
        inner.symbols.analyze_node(node, for_branch="body")
        items = self.code(node.iter, frame) if not node.recursive else f"_x{number}"
        writer = self.nested(Emitter(self.out.text_of)) if node.recursive else self.branch()
        writer.loop(node, loop, frame, inner, items)
        if not node.recursive:
            return self.out.insert(writer.out)
        if not writer.out.yields:
            writer.out.line("yield ''")
        writer.out.yields = False
        self.out.open(f"def {loop.function}(_x{number}, _d{number}):")
        self.module.nested.add(loop.function)
        self.out.insert(writer.out)
        self.out.close()
        if not frame.silent:
            self.out.stream(f"{loop.function}({self.code(node.iter, frame)}, 0)")

    def loop(self, node: nodes.For, loop: Loop, outer: Frame, inner: Frame, items: str) -> None:
        """Writes a for statement into `out`, which is a new one: what of `loop` is used shows after the body."""
        body = self.branch()
        body.out.at = (outer.template, node.lineno)
        body.enter(inner, node.body)
        body.body(node.body, inner)
        other = self.branch()
        if node.else_:
            assert loop.index
            frame = outer.inner()
            frame.symbols.analyze_node(node, for_branch="else")
            other.enter(frame, node.else_)
            other.body(node.else_, frame)
        loop.counts = loop.counts or loop.listed
        self.out.at = (outer.template, node.lineno)
        target = self.code(node.target, inner)
        test = self.loop_test(node, outer)
        if loop.listed:
            listed = f"[{target} for {target} in {items} if {test}]" if test else f"{self.module.use('list')}({items})"
            self.out.line(f"_l{loop.number} = {listed}")
            items = f"_l{loop.number}"
        if loop.compares:
            self.out.line(f"_c{loop.number} = []")
        if loop.counts:
            self.out.line(f"_i{loop.number} = -1")
        self.out.open(f"for {target} in {items}:")
        if test and not loop.listed:
            self.out.open(f"if not {test}:")
            self.out.line("continue")
            self.out.close()
        if loop.counts:
            self.out.line(f"_i{loop.number} += 1")
        self.out.insert(body.out)
        self.out.close()
        if node.else_:
            self.out.open(f"if _i{loop.number} < 0:")
            self.out.insert(other.out)
            self.out.close()

    def loop_test(self, node: nodes.For, outer: Frame) -> str:
        if node.test is None:
            return ""
        if find_undeclared([node.test], ("loop",)):
            self.fail(node, outer, "the condition of a for cannot use loop; use an if in its body")
        frame = outer.inner()
        frame.symbols.analyze_node(node, for_branch="test")
        return self.alone(node.test, frame, "the condition of a for")

    def branch(self) -> Writer:
        """A writer for a part of the same function, whose text is inserted later."""
        return self.nested(Emitter(self.out.text_of, self.out.sinks))

    def nested(self, out: Emitter) -> Writer:
        made = Writer(self.module, self.sources, out)
        made.open = self.open
        out.at = self.out.at
        return made

    def s_Continue(self, node: nodes.Continue, frame: Frame) -> None:
        self.out.line("continue")

    def s_Break(self, node: nodes.Break, frame: Frame) -> None:
        self.out.line("break")

    # Assignments and scopes

    def target(self, node: nodes.Expr, frame: Frame) -> str:
        """The code of what is assigned to."""
        if isinstance(node, nodes.Tuple):
            return f"({', '.join(self.target(item, frame) for item in node.items)},)"
        if isinstance(node, nodes.NSRef):
            return f"{frame.code(node.name)}.{node.attr}"
        assert isinstance(node, nodes.Name)
        code = frame.code(node.name)
        self.module.special.pop(code, None)
        return code

    def s_Assign(self, node: nodes.Assign, frame: Frame) -> None:
        value = self.code(node.node, frame)
        self.out.line(f"{self.target(node.target, frame)} = {value}")

    def s_AssignBlock(self, node: nodes.AssignBlock, frame: Frame) -> None:
        value = self.buffered(node, node.body, replace(frame, silent=False))
        if node.filter is not None:
            value = self.filter_chain(node.filter, value, frame)
        self.out.line(f"{self.target(node.target, frame)} = {value}")

    def s_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:
        if not frame.silent:
            value = self.buffered(node, node.body, frame)
            self.out.value(self.filter_chain(node.filter, value, frame))

    def buffered(self, node: nodes.Node, body: list[nodes.Node], frame: Frame) -> str:
        """Writes a body into a list; returns the code of its text."""
        name = f"_b{self.module.number()}"
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        self.out.gather(name)
        self.enter(inner, body)
        self.body(body, inner)
        self.out.gathered()
        return self.collected(name, frame)

    def filter_chain(self, node: nodes.Filter, value: str, frame: Frame) -> str:
        if node.node is not None:
            assert isinstance(node.node, nodes.Filter)
            value = self.filter_chain(node.node, value, frame)
        return self.filtered(node, value, frame)

    def s_With(self, node: nodes.With, frame: Frame) -> None:
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        values = [self.code(value, frame) for value in node.values]
        self.enter(inner, node.body)
        for target, value in zip(node.targets, values, strict=True):
            self.out.line(f"{self.target(target, inner)} = {value}")
        self.body(node.body, inner)

    def s_Scope(self, node: nodes.Scope, frame: Frame) -> None:
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        self.enter(inner, node.body)
        self.body(node.body, inner)

    def s_ScopedEvalContextModifier(self, node: nodes.ScopedEvalContextModifier, frame: Frame) -> None:
        for option in node.options:
            if option.key != "autoescape" or not isinstance(option.value, nodes.Const):
                self.fail(node, frame, "{% autoescape %} needs true or false")
            frame = replace(frame, auto=bool(option.value.value))
        self.body(node.body, frame)

    def s_ExprStmt(self, node: nodes.ExprStmt, frame: Frame) -> None:
        self.out.line(self.code(node.node, frame))

    # Blocks, includes and imports

    def s_Block(self, node: nodes.Block, frame: Frame) -> None:
        if frame.silent:
            if not frame.toplevel:
                self.fail(
                    node, frame, f"block {node.name!r} stands in another statement of a template that extends one"
                )
            return
        levels = frame.context.blocks[node.name]
        if node.required and len(levels) == 1:
            self.fail(node, frame, f"block {node.name!r} is required; a template that extends this one must give it")
        self.block(node.name, 0, node, frame)

    def block(self, name: str, level: int, node: nodes.Node, frame: Frame) -> None:
        template, block = frame.context.blocks[name][level]
        mark = f"block {name} {level} of {template}"
        if mark in self.open:
            self.fail(node, frame, f"block {name!r} shows itself")
        context = frame.context
        if isinstance(node, nodes.Block) and node.scoped:
            context = Context(self.module, context, frame.visible())
            context.blocks = frame.context.blocks
        inner = Frame(template, context, Symbols(), f"t{self.module.number()}_", escapes(template), block=(name, level))
        inner.symbols.analyze_node(block)
        self.open.append(mark)
        self.enter(inner, block.body)
        self.body(block.body, inner)
        self.open.pop()

    def s_Include(self, node: nodes.Include, frame: Frame) -> None:
        if frame.silent:
            return
        found = None
        for name in self.include_names(node, frame):
            if self.sources.has(name):
                found = name
                break
        if found is None:
            if node.ignore_missing:
                return
            found = self.include_names(node, frame)[-1]
        context = self.inner_context(node, frame)
        self.inlined(found, context, node, frame, "includes", silent=False)

    def inner_context(self, node: nodes.Include | nodes.Import | nodes.FromImport, frame: Frame) -> Context:
        """What a template that stands in this one sees of it."""
        extra = frame.visible() if node.with_context else {}
        return Context(self.module, frame.context, extra, not node.with_context, f"t{self.module.number()}_")

    def include_names(self, node: nodes.Include, frame: Frame) -> list[str]:
        value = node.template.value if isinstance(node.template, nodes.Const) else None
        names = [value] if isinstance(value, str) else list(value) if isinstance(value, (list, tuple)) else []
        if not names or not all(isinstance(name, str) for name in names):
            self.constant_name(node, frame, "include")
        return names

    def inlined(self, name: str, context: Context, node: nodes.Node, frame: Frame, verb: str, silent: bool) -> None:
        """Writes another template at this place."""
        if name in self.open:
            self.fail(node, frame, f"{name} {verb} itself")
        depth = len(self.open)
        self.open.append(name)
        if name.endswith(".tpl"):
            self.fail(node, frame, f"{name} is in utemplate's syntax; a template in Jinja's cannot use it")
        self.template(name, context, context.prefix, self.loader.where(frame.template), node.lineno, silent)
        del self.open[depth:]

    def imported(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> Imported:
        name = self.constant_name(node, frame, "import")
        context = self.inner_context(node, frame)
        self.inlined(name, context, node, frame, "imports", silent=True)
        return Imported(name, context)

    def s_Import(self, node: nodes.Import, frame: Frame) -> None:
        imported = self.imported(node, frame)
        self.module.special[frame.code(node.target)] = imported

    def s_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:
        imported = self.imported(node, frame)
        for item in node.names:
            name, alias = item if isinstance(item, tuple) else (item, item)
            if name not in imported.context.vars:
                self.fail(node, frame, f"{imported.name} has no {name!r}{suggest(name, imported.context.vars)}")
            value, code = imported.context.vars[name], frame.code(alias)
            special = self.module.special.get(value)
            if special is not None:
                self.module.special[code] = special
            else:
                self.module.special.pop(code, None)
                self.out.line(f"{code} = {value}")

    # Macros

    def announce(self, node: nodes.Macro | nodes.CallBlock, frame: Frame, code: str = "") -> Macro:
        """Makes a macro known, so that it can be called before it is written, by other macros."""
        names = ("caller", "varargs", "kwargs")
        explicit = {arg.name for arg in node.args}
        takes = frozenset(find_undeclared(node.body, names)) - explicit
        if "caller" in explicit:
            takes |= {"caller"}
        label = node.name if isinstance(node, nodes.Macro) else "caller"
        macro = Macro(f"_m{self.module.number()}_{label}", node, takes)
        self.module.nested.add(macro.function)
        self.module.special[code or frame.code(label)] = macro
        return macro

    def s_Macro(self, node: nodes.Macro, frame: Frame) -> None:
        code = frame.code(node.name)
        known = self.module.special.get(code)
        macro = known if isinstance(known, Macro) and known.node is node else self.announce(node, frame)
        self.function(macro, frame)

    def s_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:
        if frame.silent:
            return
        macro = self.announce(node, frame, f"call {self.module.number()}")
        self.function(macro, frame)
        pieces = self.pieces(node.call, frame, macro.function)
        if pieces is None:
            self.fail(node, frame, "{% call %} needs a macro, such as {% call card() %}")
        self.out.stream(pieces)

    def function(self, macro: Macro, frame: Frame) -> None:
        """Writes the generator function of a macro: beside render() where it can stand alone, else in its place."""
        node = macro.node
        inner = frame.inner(silent=False, block=None)
        inner.symbols.analyze_node(node)
        parameters, defaults = self.parameters(macro, inner)
        writer = self.nested(Emitter(self.out.text_of))
        writer.out.open(f"def {macro.function}({', '.join(parameters)}):")
        for name, value in defaults:
            writer.out.open(f"if l_{name} is _none:")
            code = writer.code(value, inner) if value is not None else self.module.undefined(name)
            writer.out.line(f"l_{name} = {code}")
            writer.out.close()
        writer.enter(inner, node.body)
        writer.body(node.body, inner)
        if not writer.out.yields:
            writer.out.line("yield ''")
        writer.out.close()
        if self.module.is_closed(writer.out):
            self.module.functions.append(writer.out)
            self.module.nested.discard(macro.function)
        else:
            writer.out.yields = False  # in a function of its own
            self.out.insert(writer.out)

    def parameters(self, macro: Macro, inner: Frame) -> tuple[list[str], list[tuple[str, nodes.Expr | None]]]:
        """The parameters of a macro's function, and those that get their value in it."""
        node = macro.node
        names = [arg.name for arg in node.args]
        values: list[nodes.Expr | None] = [None] * (len(names) - len(node.defaults)) + list(node.defaults)
        found, late = [], []
        for name, value in zip(names, values, strict=True):
            if isinstance(value, nodes.Const) and not isinstance(value.value, (list, dict)):
                found.append(f"l_{name}={self.constant(value.value)}")
            else:
                found.append(f"l_{name}=_none")
                late.append((name, value))
        for name in sorted(macro.takes - set(names)):
            found.append(f"l_{name}=_none")
            if name == "caller":
                late.append((name, None))
        for name in {*names, *macro.takes}:
            target = (
                inner.symbols.find_ref(name) if name in inner.symbols.refs else inner.symbols.declare_parameter(name)
            )
            assert target is not None
            inner.codes[target] = f"l_{name}"
            self.module.special.pop(f"l_{name}", None)
            if name == "caller":
                self.module.special[f"l_{name}"] = Caller()
        if late:
            self.module.undefined("")
        return found, late
