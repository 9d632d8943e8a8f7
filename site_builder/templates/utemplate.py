"""utemplate's syntax (.tpl): Python expressions and statements in {{ }} and {% %}.

The language of utemplate 1.4.1: args, set, if/elif/else, for, while, with, and include, with names as strings or,
in {{ }}, as expressions. Values are written as str() gives them: nothing is escaped.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from ..errors import Problem, suggest
from . import Compiled, Loader, TemplateError, module_name
from .emitter import Emitter

_TAG = re.compile(r"\{([{%])")
_KEYWORDS = ("args", "set", "include", "if", "elif", "else", "for", "while", "with", "endif", "endfor", "endwhile")
_BLOCKS = ("if", "for", "while", "with", "try")


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
        for unit in self.units.values():
            parts.append(unit.emitter.source())
        return Compiled(name, "".join(parts), args, required, tuple(self.units), self.dynamic)


class _File:
    """Compiles the text of one template."""

    def __init__(self, compiler: _Compiler, unit: _Unit, text: str) -> None:
        self.compiler = compiler
        self.unit = unit
        self.text = text
        self.out = unit.emitter
        self.stack: list[tuple[str, int]] = []
        self.begun = False
        self.line = 1

    def fail(self, message: str, line: int = 0) -> TemplateError:
        return TemplateError(Problem(self.compiler.loader.where(self.unit.name), line or self.line, 0, message))

    def compile(self) -> None:
        for text in re.findall(r"[^\n]*\n|[^\n]+", self.text):
            self.out.at = self.line
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
                self.out.value(self.expression(code))
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
        try:
            ast.parse(f"({code})" if not code.startswith("yield") else code, mode="exec")
        except (SyntaxError, ValueError) as e:
            raise self.fail(f"{code!r} is not a Python expression: {_reason(e)}") from None
        if not code:
            raise self.fail("{{ }} is empty")
        return code

    def python(self, code: str, program: str) -> str:
        """Checks that `program`, made of `code`, is Python."""
        try:
            ast.parse(program)
        except (SyntaxError, ValueError) as e:
            raise self.fail(f"{{% {code} %}}: {_reason(e)}") from None
        return code

    def statement(self, code: str) -> None:
        word, _, rest = code.partition(" ")
        rest = rest.strip()
        method = getattr(self, f"do_{word}", None)
        if method is not None:
            method(code, rest)
        elif word in _BLOCKS:
            self.begin()
            self.stack.append((word, self.line))
            self.out.open(self.python(code, f"{code}:\n pass" + ("\nfinally: pass" if word == "try" else "")) + ":")
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
        self.python(code, f"if {rest}: pass")
        self.out.close()
        self.out.open(f"elif {rest}:")

    def do_else(self, code: str, rest: str) -> None:
        if not self.stack or self.stack[-1][0] not in ("if", "for", "while"):
            raise self.fail("{% else %} without {% if %}")
        if rest:
            raise self.fail("{% else %} takes nothing; did you mean {% elif … %}?")
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


def compile_template(name: str, loader: Loader) -> Compiled:
    """Compiles a .tpl template. Raises TemplateError with the file and line of the first mistake."""
    compiled = _Compiler(loader).module(name)
    try:
        compile(compiled.source, module_name(name), "exec")
    except (SyntaxError, ValueError) as e:
        raise TemplateError(Problem(loader.where(name), 0, 0, f"does not compile: {_reason(e)}")) from None
    return compiled
