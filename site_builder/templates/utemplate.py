"""utemplate's syntax (.tpl): Python expressions and statements in {{ }} and {% %}.

The language of utemplate 1.4.1: args, set, if/elif/else, for, while, with, and include, with names as strings or,
in {{ }}, as expressions. Values are written as str() gives them: nothing is escaped. What is included by a name as a
string sees the variables around it, beside what it is given.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..assets.addresses import AssetError
from ..assets.served import Served
from ..errors import Problem, suggest
from . import Compiled, Loader, TemplateError, module_name
from .assets import FUNCTIONS, UNKNOWN, fold
from .emitter import Emitter

_TAG = re.compile(r"\{([{%])")
_KEYWORDS = (
    "args",
    "set",
    "include",
    "if",
    "elif",
    "else",
    "for",
    "while",
    "with",
    "endif",
    "endfor",
    "endwhile",
    "endwith",
)
_BLOCKS = ("if", "for", "while", "with")


_MARK = "\0{}\0"  # in the source of a call or a head, until we know which variables go with it


@dataclass
class _Unit:
    """One template file that is part of the module: its function, its parameters, and what it includes."""

    name: str
    function: str
    emitter: Emitter
    signature: str = "*a, **d"
    includes: list[_Unit] = field(default_factory=list)


class _Compiler:
    """Compiles a template and those it includes into one module.

    prefix: of the names of functions; text: what str() is called. No variable of a template may have such a name.
    """

    def __init__(self, loader: Loader, served: Served | None, prefix: str = "_", text: str = "str") -> None:
        self.loader = loader
        self.served = served
        self.prefix = prefix
        self.text = text
        self.units: dict[str, _Unit] = {}
        self.bound: set[str] = set()  # the variables of the templates
        self.dynamic = False

    def unit(self, name: str, file: str = "", line: int = 0) -> _Unit:
        """The function of a template; it is compiled when it is first asked for."""
        if name not in self.units:
            text = self.loader.text(name, file, line)
            function = f"{self.prefix}{len(self.units)}" if self.units else "render"
            self.units[name] = unit = _Unit(name, function, Emitter(self.text))
            _File(self, unit, text).compile()
        return self.units[name]

    def module(self, name: str) -> Compiled:
        main = self.unit(name)
        takes = _signature(main.signature).parameters.values()
        args = tuple(p.name for p in takes if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))
        required = tuple(p.name for p in takes if p.name in args and p.default is p.empty)
        parts = [f"ARGS = {args!r}\n"]
        lines = [(name, 0)]
        if self.text != "str":
            parts.append(f"{self.text} = str\n")
            lines.append((name, 0))
        for unit in self.units.values():
            parts.append(unit.emitter.source())
            lines += unit.emitter.lines
        source = self.handed("".join(parts))
        return Compiled(name, source, args, required, tuple(self.units), tuple(lines), self.dynamic)

    def handed(self, source: str) -> str:
        """The source, with the variables that included templates use and those around them have, as parameters."""
        units = list(self.units.values())
        try:
            scopes = _scopes(re.sub(_MARK.format(".*?"), "", source))
        except SyntaxError:  # it is told later
            scopes = {}
        scopes = {unit.function: scopes.get(unit.function, _Scope()) for unit in units}
        self.bound = {name for scope in scopes.values() for name in scope.bound}
        given: dict[str, set[str]] = {unit.function: set() for unit in units}
        for _ in units:
            for unit in units:
                for other in unit.includes:
                    scopes[unit.function].used |= scopes[other.function].used - scopes[unit.function].bound
        for _ in units:
            for unit in units:
                for other in unit.includes:
                    has = scopes[unit.function].bound | given[unit.function]
                    given[other.function] |= scopes[other.function].used & has
        given["render"] = set()
        for function, names in given.items():
            source = source.replace(_MARK.format(function), "".join(f"{name}, " for name in sorted(names)))
        return source


class _File:
    """Compiles the text of one template."""

    def __init__(self, compiler: _Compiler, unit: _Unit, text: str) -> None:
        self.compiler = compiler
        self.unit = unit
        self.text = text
        self.out = unit.emitter
        self.stack: list[tuple[str, int]] = []
        self.last: set[int] = set()  # the depths of blocks that are in their else
        self.begun = False
        self.line = 1

    def fail(self, message: str, line: int = 0) -> TemplateError:
        return TemplateError(Problem(self.compiler.loader.where(self.unit.name), line or self.line, 0, message))

    def compile(self) -> None:
        for text in re.findall(r"[^\n]*\n|[^\n]+", self.text):
            self.out.at = (self.unit.name, self.line)
            self.parse_line(text)
            self.line += 1
        self.begin()
        if self.stack:
            word, line = self.stack[-1]
            raise self.fail(f"{{% {word} %}} is not ended; add {{% end{word} %}}", line)
        if not self.out.yields:
            self.out.line("yield ''")
        self.out.close()

    def begin(self) -> None:
        """Writes the function's head, once its parameters are known: before the first output."""
        if not self.begun:
            self.begun = True
            function = self.unit.function
            self.out.open(f"def {function}({_MARK.format(function)}{self.unit.signature}):")

    def parse_line(self, text: str) -> None:
        at = 0
        while found := _TAG.search(text, at):
            self.literal(text[at : found.start()])
            if found[1] == "{":
                code, at = self.inside(text, found, "}}")
                self.begin()
                code = self.expression(code)
                asset = self.asset(code)
                if asset is not None:
                    self.literal(asset)
                    continue
                if _is_plain(code):
                    self.out.value(code)
                else:
                    self.out.line(f"yield {self.compiler.text}({code})")
            else:
                code, at = self.inside(text, found, "%}")
                self.statement(code)
                if text[at:] == "\n":
                    return
        self.literal(text[at:])

    def literal(self, text: str) -> None:
        if text:
            self.begin()
            self.out.text(text)

    def inside(self, text: str, found: re.Match[str], end: str) -> tuple[str, int]:
        """What a tag holds, and where the text goes on after it.

        The tag ends at the first end mark that leaves whole Python inside; a string may hold one.
        """
        at = first = text.find(end, found.end())
        if at < 0:
            raise self.fail(f"{found[0]} is not closed in this line; add {end}")
        while at >= 0:
            code = text[found.end() : at].strip()
            if _is_whole(code):
                return code, at + len(end)
            at = text.find(end, at + 1)
        return text[found.end() : first].strip(), first + len(end)

    def expression(self, code: str) -> str:
        if not code:
            raise self.fail("{{ }} is empty")
        try:
            call = ast.parse(f"str({code})", mode="eval").body
        except (SyntaxError, ValueError) as e:
            raise self.fail(f"{code!r} is not a Python expression: {_reason(e)}") from None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise self.fail(f"{code!r} is not a Python expression: unmatched ')'")
        return code

    def asset(self, code: str) -> str | None:
        """What asset(…) and inline(…) give; None for any other expression."""
        call = ast.parse(f"({code}\n)", mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or self.compiler.served is None:
            return None
        if call.func.id not in FUNCTIONS or call.func.id in _signature(self.unit.signature).parameters:
            return None
        options = {word.arg or "**": _constant(word.value) for word in call.keywords}
        try:
            return fold(self.compiler.served, call.func.id, [_constant(arg) for arg in call.args], options)
        except AssetError as e:
            raise self.fail(str(e)) from None

    def python(self, code: str, program: str) -> str:
        """Checks that `program`, made of `code`, is Python."""
        try:
            ast.parse(program)
        except (SyntaxError, ValueError) as e:
            raise self.fail(f"{{% {code} %}}: {_reason(e)}") from None
        return code

    def statement(self, code: str) -> None:
        if not code:
            raise self.fail("{% %} is empty")
        word, rest = [*code.split(None, 1), ""][:2]
        method = getattr(self, f"do_{word}", None)
        if method is not None:
            method(code, rest)
        elif word in _BLOCKS:
            self.begin()
            self.stack.append((word, self.line))
            self.out.open(self.python(code, f"{code}:\n pass") + ":")
        elif word.startswith("end") and word[3:] in _BLOCKS:
            self.end(word[3:])
        else:
            raise self.fail(f"unknown statement {word!r}{suggest(word, _KEYWORDS)}")

    def end(self, word: str) -> None:
        if not self.stack:
            raise self.fail(f"{{% end{word} %}} without {{% {word} %}}")
        if self.stack[-1][0] != word:
            opened, line = self.stack[-1]
            raise self.fail(
                f"{{% end{word} %}}, but line {line} opened {{% {opened} %}}; add {{% end{opened} %}} first"
            )
        self.last.discard(len(self.stack))
        self.stack.pop()
        self.out.close()

    def do_args(self, code: str, rest: str) -> None:
        if self.begun:
            raise self.fail("{% args %} must come before all other output")
        self.python(code, f"def render({rest}): pass")
        self.unit.signature = rest.rstrip().rstrip(",")

    def do_set(self, code: str, rest: str) -> None:
        self.python(code, rest)
        if not rest:
            raise self.fail("{% set %} needs name = value")
        self.begin()
        if ast.parse(rest).body:  # and not only a comment
            self.out.line(rest)

    def do_elif(self, code: str, rest: str) -> None:
        if not self.stack or self.stack[-1][0] != "if":
            raise self.fail("{% elif %} without {% if %}")
        if len(self.stack) in self.last:
            raise self.fail("{% elif %} after {% else %}")
        self.python(code, f"if {rest}: pass")
        self.out.close()
        self.out.open(f"elif {rest}:")

    def do_else(self, code: str, rest: str) -> None:
        if not self.stack or self.stack[-1][0] not in ("if", "for", "while"):
            raise self.fail("{% else %} without {% if %}")
        if rest:
            raise self.fail("{% else %} takes nothing; did you mean {% elif … %}?")
        if len(self.stack) in self.last:
            raise self.fail("a second {% else %}")
        self.last.add(len(self.stack))
        self.out.close()
        self.out.open("else:")

    def do_include(self, code: str, rest: str) -> None:
        self.begin()
        if rest.startswith("{{"):
            name, _, args = rest[2:].partition("}}")
            self.python(code, f"f({args})")
            self.compiler.dynamic = True
            module = f"'templates.' + ({self.expression(name.strip())}).replace('.', '_').replace('/', '.')"
            self.out.line(f"yield from __import__({module}, None, None, ('render',)).render({args.strip()})")
            return
        found = re.match(r"""(["'])(.+?)\1\s*""", rest)
        if not found:
            raise self.fail('{% include %} takes a name in quotes, such as "header.tpl", or {{an expression}}')
        args = rest[found.end() :]
        self.python(code, f"f({args})")
        where = self.compiler.loader.where(self.unit.name)
        unit = self.compiler.unit(found[2], where, self.line)
        self.unit.includes.append(unit)
        args = self.arguments(code, args, unit)
        self.out.line(f"yield from {unit.function}({_MARK.format(unit.function)}{args})")

    def arguments(self, code: str, args: str, unit: _Unit) -> str:
        """Checks what an include gives against what the template takes; returns it so that more can stand before it."""
        call = ast.parse(f"f({args})", mode="eval").body
        if not isinstance(call, ast.Call):
            raise self.fail(f"{{% {code} %}}: unmatched ')'")
        plain = [arg for arg in call.args if not isinstance(arg, ast.Starred)]
        named = {word.arg: None for word in call.keywords if word.arg}
        whole = len(plain) + len(named) == len(call.args) + len(call.keywords)
        takes = _signature(unit.signature)
        try:
            (takes.bind if whole else takes.bind_partial)(*plain, **named)
        except TypeError as e:
            raise self.fail(f"{{% {code} %}}: {e}; {unit.name} takes {unit.signature or 'nothing'}") from None
        bare = plain and isinstance(plain[-1], ast.GeneratorExp) and len(call.args) == 1 and not named
        return f"({args})" if bare else args


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else UNKNOWN


def _is_whole(code: str) -> bool:
    """True unless the code breaks off inside a string or a bracket."""
    quotes = re.sub(r"\\.", "", code)
    strings = re.sub(r"'[^']*'|\"[^\"]*\"", "", quotes)
    return not re.search(r"['\"]", strings) and all(strings.count(a) <= strings.count(b) for a, b in ("()", "[]", "{}"))


def _is_plain(code: str) -> bool:
    """True for an expression that can stand between others: one value, and none that is sent on the way to it."""
    call = ast.parse(f"f({code})", mode="eval").body
    if not isinstance(call, ast.Call) or len(call.args) != 1 or call.keywords or code.endswith(","):
        return False
    bad = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)
    whole = isinstance(call.args[0], (ast.GeneratorExp, ast.Starred))
    return not whole and not any(isinstance(node, bad) for node in ast.walk(call))


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, SyntaxError) and error.msg else str(error)


def _signature(parameters: str) -> inspect.Signature:
    """What a function with these parameters takes; its defaults are None."""
    function = ast.parse(f"def render({parameters}): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    args = function.args

    def made(arg: ast.arg, kind: inspect._ParameterKind, required: bool = True) -> inspect.Parameter:
        return inspect.Parameter(arg.arg, kind, default=inspect.Parameter.empty if required else None)

    kind = inspect.Parameter
    plain: list[tuple[ast.arg, inspect._ParameterKind]] = [(arg, kind.POSITIONAL_ONLY) for arg in args.posonlyargs]
    plain += [(arg, kind.POSITIONAL_OR_KEYWORD) for arg in args.args]
    first = len(plain) - len(args.defaults)
    found = [made(arg, of, i < first) for i, (arg, of) in enumerate(plain)]
    found += [made(args.vararg, kind.VAR_POSITIONAL)] if args.vararg else []
    defaults = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    found += [made(arg, kind.KEYWORD_ONLY, default is None) for arg, default in defaults]
    found += [made(args.kwarg, kind.VAR_KEYWORD)] if args.kwarg else []
    return inspect.Signature(found, __validate_parameters__=False)


@dataclass
class _Scope:
    """The names that a function binds, and those it uses from outside."""

    bound: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)


def _within(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    """All symbols of a scope and of those in it."""
    yield from table.get_symbols()
    for child in table.get_children():
        yield from _within(child)


def _scopes(source: str) -> dict[str, _Scope]:
    """The scopes of a module's functions."""
    found = {}
    for table in symtable.symtable(source, "", "exec").get_children():
        bound = {symbol.get_name() for symbol in table.get_symbols() if not symbol.is_global()}
        used = {symbol.get_name() for symbol in _within(table) if symbol.is_global()}
        own = {symbol.get_name() for symbol in _within(table) if symbol.is_declared_global()}
        found[table.get_name()] = _Scope(bound, used - own)
    return found


def _known(module: symtable.SymbolTable) -> set[str]:
    """The names that all functions of a module have."""
    known = set(dir(builtins)) | {table.get_name() for table in module.get_children()}
    known |= {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned()}
    return known | {s.get_name() for s in _within(module) if s.is_declared_global() and s.is_assigned()}


def _unknown_names(function: symtable.SymbolTable, known: set[str]) -> dict[str, set[str]]:
    """The names that a function uses and nothing binds, each with those that are bound where it is used."""
    found: dict[str, set[str]] = {}
    todo: list[tuple[symtable.SymbolTable, set[str]]] = [(function, set())]
    while todo:
        table, bound = todo.pop()
        symbols = table.get_symbols()
        bound = bound | {symbol.get_name() for symbol in symbols if not symbol.is_global()}
        for name in {symbol.get_name() for symbol in symbols if symbol.is_global()} - bound - known:
            found[name] = {other for other in bound if other.isidentifier()}
        todo += [(child, bound) for child in table.get_children()]
    return found


def _check_names(compiled: Compiled, loader: Loader) -> None:
    """Raises TemplateError for a name that is not defined where it is used."""
    module = symtable.symtable(compiled.source, "", "exec")
    known = _known(module)
    asked = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_referenced()} - known
    tables = {table.get_name(): table for table in module.get_children()}
    for part in ast.parse(compiled.source).body:
        if not isinstance(part, ast.FunctionDef):
            continue
        unknown = _unknown_names(tables[part.name], known)
        for default in [*part.args.defaults, *filter(None, part.args.kw_defaults)]:  # the module's own names
            names = {node.id for node in ast.walk(default) if isinstance(node, ast.Name)}
            unknown |= {name: set() for name in names & asked}
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and node.id in unknown:
                file, line = compiled.lines[node.lineno - 1]
                message = f"{node.id!r} is not defined{suggest(node.id, unknown[node.id])}"
                raise TemplateError(Problem(loader.where(file), line, 0, message))


def _free_prefix(names: set[str]) -> str:
    """What our own names can begin with, so that none is one of these."""
    prefix = "_"
    while any(re.match(rf"{prefix}(\d|str$)", name) for name in names):
        prefix += "_"
    return prefix


def compile_template(name: str, loader: Loader, served: Served | None = None) -> Compiled:
    """Compiles a .tpl template. Raises TemplateError with the file and line of the first mistake."""
    compiler = _Compiler(loader, served)
    compiled = compiler.module(name)
    prefix = _free_prefix(compiler.bound)
    if "str" in compiler.bound or prefix != "_":
        compiled = _Compiler(loader, served, prefix, prefix + "str").module(name)
    try:
        compile(compiled.source, module_name(name), "exec")
    except (SyntaxError, ValueError) as e:
        file, line = compiled.lines[(getattr(e, "lineno", None) or 1) - 1]
        raise TemplateError(Problem(loader.where(file), line, 0, f"does not compile: {_reason(e)}")) from None
    _check_names(compiled, loader)
    return compiled
