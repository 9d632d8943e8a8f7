"""utemplate's syntax (.tpl): Python expressions and statements in {{ }} and {% %}.

The language of utemplate 1.4.1: args, set, if/elif/else, for, while, with, and include, with names as strings or,
in {{ }}, as expressions. Values are written as str() gives them: nothing is escaped.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from dataclasses import dataclass, field

from ..errors import Problem, suggest
from . import Compiled, Loader, TemplateError, module_name
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


@dataclass
class _Unit:
    """One template file that is part of the module: its function, and its parameters."""

    name: str
    function: str
    signature: str = "*a, **d"
    emitter: Emitter = field(default_factory=Emitter)


class _Compiler:
    """Compiles a template and those it includes into one module."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.units: dict[str, _Unit] = {}
        self.dynamic = False

    def unit(self, name: str, file: str = "", line: int = 0) -> _Unit:
        """The function of a template; it is compiled when it is first asked for."""
        if name not in self.units:
            text = self.loader.text(name, file, line)
            function = f"_{len(self.units)}" if self.units else "render"
            self.units[name] = unit = _Unit(name, function)
            _File(self, unit, text).compile()
        return self.units[name]

    def module(self, name: str) -> Compiled:
        main = self.unit(name)
        args, required = _parameters(main.signature)
        parts = [f"ARGS = {args!r}\n"]
        lines = [(name, 0)]
        for unit in self.units.values():
            parts.append(unit.emitter.source())
            lines += unit.emitter.lines
        return Compiled(name, "".join(parts), args, required, tuple(self.units), tuple(lines), self.dynamic)


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
            self.out.open(f"def {self.unit.function}({self.unit.signature}):")

    def parse_line(self, text: str) -> None:
        at = 0
        while found := _TAG.search(text, at):
            self.literal(text[at : found.start()])
            if found[1] == "{":
                code, at = self.inside(text, found, "}}")
                self.begin()
                code = self.expression(code)
                if _is_plain(code):
                    self.out.value(code)
                else:
                    self.out.line(f"yield str({code})")
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
        self.unit.signature = rest

    def do_set(self, code: str, rest: str) -> None:
        self.python(code, rest)
        if not rest:
            raise self.fail("{% set %} needs name = value")
        self.begin()
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
        self.out.line(f"yield from {unit.function}({args})")


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


def _parameters(signature: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that a signature takes, and those of them without a default."""
    function = ast.parse(f"def render({signature}): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    args = function.args
    plain = [arg.arg for arg in args.posonlyargs + args.args]
    named = [arg.arg for arg in args.kwonlyargs]
    required = plain[: len(plain) - len(args.defaults)]
    required += [name for name, default in zip(named, args.kw_defaults, strict=True) if default is None]
    return tuple(plain + named), tuple(required)


def _unknown_names(source: str) -> dict[str, set[str]]:
    """The names that a module's functions use and nothing binds, each with those that are bound there."""
    found: dict[str, set[str]] = {}
    module = symtable.symtable(source, "", "exec")
    known = set(dir(builtins)) | set(module.get_identifiers())
    todo: list[tuple[symtable.SymbolTable, set[str]]] = [(table, set()) for table in module.get_children()]
    while todo:
        table, bound = todo.pop()
        symbols = table.get_symbols()
        bound = bound | {symbol.get_name() for symbol in symbols if not symbol.is_global()}
        unknown = {symbol.get_name() for symbol in symbols} - bound - known
        for name in unknown:
            found[name] = {other for other in bound if other.isidentifier()}
        todo += [(child, bound) for child in table.get_children()]
    return found


def _check_names(compiled: Compiled, loader: Loader) -> None:
    unknown = _unknown_names(compiled.source)
    for node in ast.walk(ast.parse(compiled.source)):
        if isinstance(node, ast.Name) and node.id in unknown:
            file, line = compiled.lines[node.lineno - 1]
            message = f"{node.id!r} is not defined{suggest(node.id, unknown[node.id])}"
            raise TemplateError(Problem(loader.where(file), line, 0, message))


def compile_template(name: str, loader: Loader) -> Compiled:
    """Compiles a .tpl template. Raises TemplateError with the file and line of the first mistake."""
    compiled = _Compiler(loader).module(name)
    try:
        compile(compiled.source, module_name(name), "exec")
    except (SyntaxError, ValueError) as e:
        file, line = compiled.lines[(getattr(e, "lineno", None) or 1) - 1]
        raise TemplateError(Problem(loader.where(file), line, 0, f"does not compile: {_reason(e)}")) from None
    _check_names(compiled, loader)
    return compiled
