"""Jinja's statements as those of one generator function."""

from __future__ import annotations

from dataclasses import replace

from jinja2 import nodes
from jinja2.idtracking import VAR_LOAD_RESOLVE, Symbols

from .frames import Context, Doubtful, Frame, Imported, Loop, Macro
from .module import Misnamed
from .scopes import Scopes, early, names_in, sets
from .sources import constants, escapes, set_names


class Writer(Scopes):
    """Writes the statements of one function, with all the templates that are flattened into it."""

    # Templates

    def template(
        self, name: str, context: Context, prefix: str, file: str = "", line: int = 0, silent: str = ""
    ) -> None:
        """Writes a template, and those it extends. silent: as in Frame."""
        known: dict[str, object] = {}
        if context.prefix:
            self.reserve(name, context, file, line)
        while name:
            tree = self.sources.tree(name, file, line, known)
            known = {**{n: value for n, value in known.items() if n not in set_names(tree)}, **constants(tree)}
            if name not in self.module.files:
                self.module.files.append(name)
            frame = Frame(name, context, Symbols(), prefix, escapes(name), toplevel=True, silent=silent)
            self.out.at = (name, 1)
            self.enter_template(tree, frame)
            for block in tree.find_all(nodes.Block):
                levels = context.blocks.setdefault(block.name, [])
                if levels and levels[-1][0] == name:
                    self.fail(
                        block, frame, f"block {block.name!r} is defined twice; show it again with self.{block.name}()"
                    )
                levels.append((name, block))
            extends = self.top(tree, frame)
            if extends is None:
                return
            file, line = self.loader.where(name), extends.lineno
            name = self.constant_name(extends, frame, "extends")
            self.add_open(name, extends, frame, "extends")
            prefix = f"t{self.module.number()}_"

    def add_open(self, name: str, node: nodes.Node, frame: Frame, verb: str) -> None:
        if name in self.open:
            hint = "; write a recursive loop or a macro" if verb == "includes" else ""
            self.fail(node, frame, f"{name} {verb} itself{hint}")
        if name.endswith(".tpl"):
            self.fail(node, frame, f"{name} is in utemplate's syntax; a template in Jinja's cannot use it")
        self.open.append(name)

    def reserve(self, name: str, context: Context, file: str, line: int) -> None:
        """Makes variables for what templates that this one extends will set, since its macros may use that."""
        tree = self.sources.tree(name, file, line)
        seen = [name]
        own = sets(tree.body)
        while True:
            extends = next((node for node in tree.body if isinstance(node, nodes.Extends)), None)
            if extends is None or not isinstance(extends.template, nodes.Const) or extends.template.value in seen:
                return
            name = extends.template.value
            seen.append(name)
            tree = self.sources.tree(name, self.loader.where(seen[-2]), extends.lineno)
            symbols = Symbols()
            symbols.analyze_node(tree)
            for found in sorted(symbols.stores - own - {*context.reserved}):
                code, begins = context.reserve(found)
                self.out.line(f"{code} = {begins}")

    def top(self, tree: nodes.Template, frame: Frame) -> nodes.Extends | None:
        """Writes a template's top level; what comes after {% extends %} is not shown. Returns that."""
        found = None
        for node in tree.body:
            if isinstance(node, nodes.Extends):
                if found:
                    self.fail(node, frame, "a template can extend one other, not two")
                found = node
                frame = replace(frame, silent="extends")
            else:
                self.statement(node, frame)
        return found

    def enter_template(self, tree: nodes.Template, frame: Frame) -> None:
        """Makes the variables for the names that a template sets at its top level."""
        context = frame.context
        frame.symbols.analyze_node(tree)
        self.check_names(tree, frame)
        names = early(tree.body)
        always = sets(node for node in tree.body if not isinstance(node, nodes.If))
        for target, (kind, _) in frame.symbols.loads.items():
            name = target.split("_", 2)[2]
            if name not in frame.symbols.stores:
                continue
            try:
                resolves = kind == VAR_LOAD_RESOLVE
                begins = context.resolve(name) if resolves else self.first_value(name, names, tree, frame)
                code = frame.codes[target] = context.declare(name, frame.prefix)
            except Misnamed:
                self.misnamed(tree, frame, name)
            if name not in always:
                context.unsure.add(name)
            if begins in self.module.special:
                self.module.special[code] = self.module.special[begins]
            elif begins and begins != code:
                self.out.line(f"{code} = {begins}")
        for node in tree.body:
            if isinstance(node, nodes.Macro):
                self.module.special[frame.code(node.name)] = self.announce(node)

    def constant_name(
        self, node: nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport, frame: Frame, word: str
    ) -> str:
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
            self.fail(
                node, frame, f'{{% {word} %}} needs a name in quotes, such as "base.html"; choose with if and else'
            )
        return node.template.value

    def statement(self, node: nodes.Node, frame: Frame) -> None:
        """Writes one statement."""
        method = getattr(self, f"s_{type(node).__name__}", None)
        if method is None:
            self.fail(node, frame, f"this kind of statement ({type(node).__name__}) is not supported")
        self.out.at = (frame.template, node.lineno)
        try:
            method(node, frame)
        except Misnamed as e:
            self.misnamed(node, frame, str(e))

    def s_Extends(self, node: nodes.Extends, frame: Frame) -> None:
        self.fail(node, frame, "{% extends %} cannot stand in another statement; put the if into blocks instead")

    # Output

    def s_Output(self, node: nodes.Output, frame: Frame) -> None:
        if frame.silent == "extends":
            return
        for child in node.nodes:
            self.out.at = (frame.template, child.lineno)
            if frame.silent and isinstance(child, (nodes.TemplateData, nodes.Const, nodes.Name)):
                continue  # what is written is not shown; but calls can change something
            if isinstance(child, nodes.TemplateData):
                self.literal(child.data)
            elif isinstance(child, nodes.Const):
                self.literal(self.text(child.value, frame), as_is=True)
            else:
                self.output(child, frame)

    def literal(self, text: str, as_is: bool = False) -> None:
        made = self.module.page.text(text, as_is)
        if made:
            self.out.text(made)

    def output(self, node: nodes.Expr, frame: Frame) -> None:
        """Writes the value of an expression, escaped where that is on."""
        block = self.called_block(node, frame)
        if block is not None:
            return self.block(*block, node, frame)
        if isinstance(node, nodes.CondExpr) and (
            self.has_block(node.expr1) or self.has_block(node.expr2 or node.expr1)
        ):
            other = [nodes.Output([node.expr2], lineno=node.lineno)] if node.expr2 else []
            shown = nodes.Output([node.expr1], lineno=node.lineno)
            return self.s_If(nodes.If(node.test, [shown], [], other, lineno=node.lineno), frame)
        self.shown = True
        pieces = self.pieces(node, frame)
        self.shown = False
        if pieces is not None:
            return self.out.stream(pieces)
        self.module.page.value()
        if isinstance(node, nodes.Filter) and node.name not in self.module.options.filters:
            if node.name == "safe" and frame.auto and node.node is not None and not node.args:
                return self.out.value(self.code(node.node, frame))
            if node.name in ("e", "escape") and frame.auto and node.node is not None and not node.args:
                return self.out.value(f"{self.module.use('escape')}({self.code(node.node, frame)})")
        if isinstance(node, nodes.Getattr) and frame.auto and self.is_member(node, frame):
            return self.out.value(self.member_of(node, "text", frame))
        code = self.code(node, frame)
        plain = not frame.auto or self.is_plain(node, frame)
        self.out.value(code if plain else f"{self.module.use('escape')}({code})")

    def is_member(self, node: nodes.Getattr, frame: Frame) -> bool:
        """Whether an attribute is one of a value, and none that dicts have."""
        return not hasattr(dict, node.attr) and not isinstance(self.special(node.node, frame), (Loop, Imported))

    # Conditions

    def s_If(self, node: nodes.If, frame: Frame) -> None:
        before = dict(self.module.special)
        after = []
        page = self.module.page
        start, ends = page.mark(), []
        self.out.open(f"if {self.condition(node.test, frame)}:")
        branches = [(None, node.body), *((other, other.body) for other in node.elif_), *([(None, node.else_)])]
        for i, (other, body) in enumerate(branches):
            self.module.special.clear()
            self.module.special.update(before)
            page.go(start)
            if other is not None:
                self.out.at = (frame.template, other.lineno)
                self.out.open(f"elif {self.alone(other.test, frame, '{% elif %}')}:")
            elif i and body:
                self.out.open("else:")
            if body or other is not None or not i:
                self.body(body, frame)
                self.out.close()
            after.append(dict(self.module.special))
            ends.append(page.mark())
        page.same(*ends)
        for code in {code for found in after for code in found}:
            if any(found.get(code) is not after[0].get(code) for found in after):
                self.module.special[code] = Doubtful()

    def s_Continue(self, node: nodes.Continue, frame: Frame) -> None:
        self.leave_loop(node, frame, "continue")

    def s_Break(self, node: nodes.Break, frame: Frame) -> None:
        self.leave_loop(node, frame, "break")

    def leave_loop(self, node: nodes.Node, frame: Frame, word: str) -> None:
        if not frame.loops:
            self.fail(node, frame, f"{{% {word} %}} needs a for around it in the same template, macro and block")
        self.module.page.same(self.module.page.loops[-1])
        self.out.line(word)

    # Assignments and scopes

    def s_Assign(self, node: nodes.Assign, frame: Frame) -> None:
        value = self.code(node.node, frame)
        self.out.line(f"{self.target(node.target, frame, node)} = {value}")
        self.export(node.target, frame)

    def s_AssignBlock(self, node: nodes.AssignBlock, frame: Frame) -> None:
        value, inner = self.buffered(node, node.body, replace(frame, silent=""))
        if node.filter is not None:
            self.check_chain(node, node.filter, frame)
            value = self.filter_chain(node.filter, value, inner)
            value = f"{self.module.use('Markup')}({value})" if frame.auto else value
        self.out.line(f"{self.target(node.target, frame, node)} = {value}")
        self.export(node.target, frame)

    def export(self, target: nodes.Expr, frame: Frame) -> None:
        """Makes names that are set at the top level known to those that import the template."""
        if frame.toplevel:
            names = [target, *target.find_all(nodes.Name)]
            frame.context.exported |= {n.name for n in names if isinstance(n, nodes.Name) and n.name[:1] != "_"}

    def s_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:
        if frame.silent == "extends":
            self.outside(node, frame, "{% filter %}")
        value, inner = self.buffered(node, node.body, frame)
        self.check_chain(node, node.filter, frame)
        self.module.page.value()
        self.out.value(self.filter_chain(node.filter, value, inner))

    def check_chain(self, node: nodes.Node, chain: nodes.Filter, frame: Frame) -> None:
        """Refuses what would make text safe that is not."""
        if frame.auto and any(found.name == "striptags" for found in (chain, *chain.find_all(nodes.Filter))):
            self.fail(node, frame, "what |striptags gives is not safe, as this would say; write {{ …|striptags }}")

    def buffered(self, node: nodes.Node, body: list[nodes.Node], frame: Frame) -> tuple[str, Frame]:
        """Writes a body into a list; returns the code of its text, and its scope."""
        name = f"_b{self.module.number()}"
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        self.out.gather(name)
        self.enter(inner, body)
        with self.module.page.apart(as_is=True):
            self.body(body, inner)
        self.out.gathered()
        return self.collected(name, frame), inner

    def filter_chain(self, node: nodes.Filter, value: str, frame: Frame) -> str:
        if node.node is not None:
            assert isinstance(node.node, nodes.Filter)
            value = self.filter_chain(node.node, value, frame)
        return self.filtered(node, value, frame)

    def s_With(self, node: nodes.With, frame: Frame) -> None:
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        values = [self.code(value, frame) for value in node.values]
        self.enter(inner, node.body, given={name for target in node.targets for name in names_in(target, "store")})
        for target, value in zip(node.targets, values, strict=True):
            self.out.line(f"{self.target(target, inner, node)} = {value}")
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
            auto = bool(option.value.value)
            frame = replace(frame, auto=auto, loops=frame.loops and auto == frame.auto)
        self.body(node.body, frame)

    def s_ExprStmt(self, node: nodes.ExprStmt, frame: Frame) -> None:
        self.out.line(self.code(node.node, frame))

    # Blocks, includes and imports

    def s_Block(self, node: nodes.Block, frame: Frame) -> None:
        if frame.silent == "extends":
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
        self.same_escaping(node, frame, "blocks")
        context = frame.context
        if isinstance(node, nodes.Block) and node.scoped:
            context = Context(self.module, context, frame.visible())
            context.blocks = frame.context.blocks
        prefix = f"t{self.module.number()}_"
        silent = frame.silent if isinstance(node, nodes.Block) else ""
        inner = Frame(template, context, Symbols(), prefix, escapes(template), silent=silent, late=frame.late)
        inner = replace(inner, block=(name, level))
        inner.symbols.analyze_node(block)
        self.open.append(mark)
        self.enter(inner, block.body)
        self.body(block.body, inner)
        self.open.pop()

    def s_Include(self, node: nodes.Include, frame: Frame) -> None:
        if frame.silent == "extends":
            self.outside(node, frame, "{% include %}")
        names = self.include_names(node, frame)
        found = next(filter(self.sources.has, names), None)
        if found is not None or not node.ignore_missing:
            self.inlined(found or names[-1], self.inner_context(node, frame), node, frame, "includes", frame.silent)

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

    def inlined(self, name: str, context: Context, node: nodes.Node, frame: Frame, verb: str, silent: str) -> None:
        """Writes another template at this place."""
        depth = len(self.open)
        self.add_open(name, node, frame, verb)
        writer = self.branch()
        unseen = f"_b{self.module.number()}"
        if silent == "import" and frame.silent != "import":
            writer.out.sinks = [unseen]
        where = self.loader.where(frame.template)
        writer.template(name, context, context.prefix, where, node.lineno, silent)  # type: ignore[attr-defined]
        if unseen in writer.out.source():
            self.out.line(f"{unseen} = []")
        self.out.insert(writer.out)
        del self.open[depth:]

    def imported(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> Imported:
        name = self.constant_name(node, frame, "import")
        context = self.inner_context(node, frame)
        self.inlined(name, context, node, frame, "imports", "import")
        return Imported(name, context)

    def s_Import(self, node: nodes.Import, frame: Frame) -> None:
        self.bind(node.target, self.imported(node, frame), node, frame)
        if frame.toplevel:
            frame.context.exported.discard(node.target)

    def s_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:
        imported = self.imported(node, frame)
        for item in node.names:
            name, alias = item if isinstance(item, tuple) else (item, item)
            value = self.member(node, name, imported, frame)
            special = self.module.special.get(value)
            if isinstance(special, Macro):
                self.bind(alias, special, node, frame)
            else:
                code = self.target(nodes.Name(alias, "store", lineno=node.lineno), frame, node)
                self.out.line(f"{code} = {value}")
            if frame.toplevel:
                frame.context.exported.discard(alias)

    # Macros

    def s_Macro(self, node: nodes.Macro, frame: Frame) -> None:
        self.same_escaping(node, frame, "macros")
        known = self.module.special.get(frame.code(node.name))
        macro = known if isinstance(known, Macro) and known.node is node else self.announce(node)
        self.bind(node.name, macro, node, frame)
        self.function(macro, frame)
        macro.ready = True
        if frame.toplevel and not node.name.startswith("_"):
            frame.context.exported.add(node.name)

    def s_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:
        if frame.silent == "extends":
            self.outside(node, frame, "{% call %}")
        macro = self.announce(node)
        self.function(macro, frame)
        self.shown = True
        pieces = self.pieces(node.call, frame, macro.function)
        self.shown = False
        if pieces is None:
            self.fail(node, frame, "{% call %} needs a macro, such as {% call card() %}")
        self.out.stream(pieces)

    def same_escaping(self, node: nodes.Node, frame: Frame, what: str) -> None:
        if frame.auto != escapes(frame.template):
            self.fail(node, frame, f"{what} cannot stand in an {{% autoescape %}} that changes it; put it outside")
