"""Templates in Jinja's syntax, run three ways: by Jinja2, compiled on CPython, and compiled on real MicroPython."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

import picoweb.markup
from site_builder.bytecode import compile_all
from site_builder.templates import Compiled, Loader, compile_template
from site_builder.templates.jinja import Options, Sources, library

TOP = Path(__file__).parent.parent
MAIN = "t.html"

# What contexts are made of, beside plain values: they are written as Python, and evaluated on each side.
WORLD = """
class Thing:
    def __init__(self, **values):
        for name in values:
            setattr(self, name, values[name])

    def hello(self, name="you", *more):
        return "hello <%s> %r" % (name, more)


class Row:
    def __init__(self, **values):
        self.values_ = values

    def __getitem__(self, name):
        return self.values_[name]


class Double:
    def __call__(self, x):
        return 2 * x

    def __repr__(self):
        return "<double>"


double = Double()


def shout(text, mark="!"):
    return str(text).upper() + mark


def bold(text):
    return Markup("<b>%s</b>") % text


def none():
    return None


def long(text, size=3):
    return len(text) > size


def count(*args, **kwargs):
    return "%d+%d" % (len(args), len(kwargs))
"""

RUNNER = """
import json
import sys

from handlers import own

WORLD = {name: getattr(own, name) for name in dir(own)}
with open(sys.argv[1] + "/cases.txt") as file:
    for line in file:
        module, context = json.loads(line)
        try:
            __import__("templates." + module)
            page = getattr(sys.modules["templates"], module)
            values = eval(context, dict(WORLD))
            text = ""
            for piece in page.render(**{name: values[name] for name in page.ARGS if name in values}):
                text += piece if isinstance(piece, str) else str(piece, "utf-8")
            result = ["text", text]
        except Exception as e:
            result = ["error", type(e).__name__]
        sys.modules.pop("templates." + module, None)
        print(json.dumps(result))
"""

Result = tuple[str, str]  # ("text", the page) or ("error", the name of the error)


@dataclass
class Case:
    """Templates, the first of which is shown, and the context as Python. options: as in Options."""

    texts: Mapping[str, str]
    context: str = "{}"
    options: Mapping[str, Any] = field(default_factory=dict)


def case(text: str, context: str = "{}", options: Mapping[str, Any] | None = None, **others: str) -> Case:
    """A case: `others` are more templates, base="…" is base.html, note_txt="…" is note.txt."""
    texts = {MAIN: text}
    for name, other in others.items():
        stem, _, kind = name.rpartition("_")
        texts[f"{stem}.{kind}" if kind in ("txt", "xml") else f"{name}.html"] = other
    return Case(texts, context, options or {})


def sources(item: Case) -> Sources:
    loader = Loader(Path("/nonexistent"), "templates", dict(item.texts))
    loader.names = lambda: list(item.texts)  # type: ignore[method-assign]
    return Sources(loader, Options(**item.options))


def compiled(item: Case) -> Compiled:
    found = sources(item)
    return compile_template(next(iter(item.texts)), found.loader, found)


def world(markup: Any) -> dict[str, Any]:
    made = {"Markup": markup}
    exec(WORLD, made)
    return made


def by_jinja(item: Case) -> Result:
    """What Jinja2 gives."""
    env = sources(item).env
    env.loader = jinja2.DictLoader(dict(item.texts))
    values = world(markupsafe.Markup)
    for kind in ("filters", "tests"):
        for name, function in item.options.get(kind, {}).items():
            getattr(env, kind)[name] = values[function.partition(".")[2]]
    given = {"site": item.options["site"]} if "site" in item.options else {}
    try:
        return "text", env.get_template(next(iter(item.texts))).render(**eval(item.context, values), **given)
    except Exception as e:
        return "error", type(e).__name__


@contextmanager
def modules(made: Mapping[str, types.ModuleType]) -> Iterator[None]:
    """Modules of these names, for a while."""
    before = {name: sys.modules.get(name) for name in made}
    sys.modules.update(made)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def as_module(name: str, values: Mapping[str, Any]) -> types.ModuleType:
    made = types.ModuleType(name)
    made.__dict__.update(values)
    return made


def by_cpython(item: Case, made: Compiled) -> Result:
    """What the compiled module gives on CPython."""
    values = world(picoweb.markup.Markup)
    own: dict[str, Any] = {}
    exec(library.source(made.runtime, bool(item.options.get("strict"))), own)
    given = {"site": item.options["site"]} if "site" in item.options else {}
    names = {
        "templates": types.ModuleType("templates"),
        "templates._jinja": as_module("templates._jinja", own),
        "handlers": types.ModuleType("handlers"),
        "handlers.own": as_module("handlers.own", values),
    }
    with modules(names):
        page: dict[str, Any] = {}
        try:
            exec(made.source, page)
            context = {**eval(item.context, dict(values)), **given}
            pieces = page["render"](**{name: context[name] for name in page["ARGS"] if name in context})
            return "text", "".join(piece if isinstance(piece, str) else piece.decode() for piece in pieces)
        except Exception as e:
            return "error", type(e).__name__


def by_micropython(
    command: Sequence[str], found: Sequence[tuple[Case, Compiled]], folder: Path, strict: bool = False
) -> list[Result]:
    """What the compiled modules give on MicroPython, in one process."""
    names = {name for _, made in found for name in made.runtime}
    files = {f"case{i}.py": made.source.encode() for i, (_, made) in enumerate(found)}
    (folder / "templates").mkdir(parents=True)
    for name, code in compile_all({**files, "_jinja.py": library.source(names, strict).encode()}).items():
        (folder / "templates" / name.replace(".py", ".mpy")).write_bytes(code)
    (folder / "handlers").mkdir()
    (folder / "handlers/own.py").write_text("from picoweb.markup import Markup\n" + WORLD)
    lines = []
    for i, (item, _) in enumerate(found):
        given = item.context
        if "site" in item.options:
            given = f"dict({given}, site={item.options['site']!r})"
        lines.append(json.dumps([f"case{i}", given]) + "\n")
    (folder / "cases.txt").write_text("".join(lines))
    (folder / "run.py").write_text(
        f"import sys\nsys.path[:0] = [{str(folder)!r}, {str(TOP)!r}]\n" + RUNNER, encoding="utf-8"
    )
    done = subprocess.run(
        [*command, "-X", "heapsize=16m", str(folder / "run.py"), str(folder)],
        capture_output=True, timeout=200, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr
    results = [tuple(json.loads(line, strict=False)) for line in done.stdout.strip().split("\n")]
    return [(kind, text) for kind, text in results]


def same(got: Result, want: Result) -> bool:
    return got[0] == "error" if want[0] == "error" else got == want


# Random templates. `Grammar` makes sites of a few templates over a few names, so that scopes meet.

NAMES = ("a", "b", "c", "x", "xs")
VALUES = (
    "1", "0", "'<'", "'x'", "'&y'", "None", "True", "[]", "[1, 2]", "['<', 'b', 3]", "{'k': '<v>'}", "Markup('<i>')",
    "Markup('')", "[{'k': 1}, {'k': '&'}]", "2.5", "double", "[[1, 2], [3, '<']]",
)  # fmt: skip
CONSTANTS = ("1", "0", "2", "'<'", "'x'", "''", "'&'", "none", "true", "false", "[1, '<']", "[]", "{'k': 'v'}", "1.5")
FILTERS = (
    "upper", "default('D')", "default('<', true)", "length", "join('-')", "join('<')", "e", "safe", "list", "first",
    "string", "replace('x', '<')", "capitalize", "d(x)", "map('upper')|join", "select|list", "tojson", "int", "trim",
    "forceescape", "reverse|list", "last", "sort|join", "map(attribute='k')|join(',')", "selectattr('k')|list|length",
)  # fmt: skip
TESTS = (
    "defined", "undefined", "none", "string", "mapping", "iterable", "sequence", "number", "true", "eq(1)", "odd",
    "in [1, '<']", "sameas(none)", "escaped", "callable", "boolean",
)  # fmt: skip
LOOP = (
    "index",
    "index0",
    "revindex",
    "revindex0",
    "first",
    "last",
    "length",
    "depth",
    "depth0",
    "previtem",
    "nextitem",
)


class Grammar:
    """Makes templates with what `rng` chooses (random.Random, or one of hypothesis)."""

    def __init__(self, rng: random.Random, includes: Sequence[str], blocks: bool = True) -> None:
        self.rng = rng
        self.includes = includes
        self.blocks = ["p", "q", "r"] if blocks else []
        self.macros: list[str] = []
        self.modules: list[str] = []
        self.loops = 0
        self.in_block = self.in_macro = False
        self.size = self.buffers = 0

    def pick(self, *options: str) -> str:
        return self.rng.choice(options)

    def chance(self, n: int) -> bool:
        return self.rng.randrange(n) == 0

    def name(self) -> str:
        return self.rng.choice(NAMES)

    def expression(self, depth: int = 2) -> str:
        rng = self.rng
        if depth <= 0 or self.chance(3):
            return self.name() if rng.randrange(3) else rng.choice(CONSTANTS)
        kind = rng.randrange(20)
        one = self.expression(depth - 1)
        if kind < 3:
            return self.name()
        if kind < 6:
            return f"{one if one[0] != '-' else self.name()}|{rng.choice(FILTERS)}"
        if kind == 6:
            return f"({one} ~ {self.expression(depth - 1)})"
        if kind == 7:
            other = f" else {self.expression(depth - 1)}" if rng.randrange(3) else ""
            return f"({one} if {self.expression(depth - 1)}{other})"
        if kind == 8:
            return f"({one} is {self.pick('', 'not ')}{rng.choice(TESTS)})"
        if kind == 9:
            return f"({one} {self.pick('==', '!=', 'and', 'or')} {self.expression(depth - 1)})"
        if kind == 10 and self.chance(3):
            return f"({one} {self.pick('in', 'not in')} {self.pick('[1, x]', 'a|list', '[a, b]')})"
        if kind == 10:
            return f"(not {one})"
        if kind == 11:
            return self.name() + self.pick(".k", "['k']", "[0]", "[-1]", "[:1]", "[::-1]", ".nope", "[x]", "[1:]")
        if kind == 12 and (self.loops or self.chance(12)):
            return "loop." + rng.choice(LOOP)
        if kind == 13 and (self.loops or self.chance(12)):
            return self.pick("loop.cycle(1, x)", "loop.changed(a)", "loop.changed(x, b)", "loop.cycle('<')")
        if kind in (14, 15) and self.macros:
            return self.call()
        if kind == 16 and self.in_macro:
            return self.pick("caller()", "varargs", "kwargs|length", "caller(x)", "varargs|join")
        if kind == 17 and self.in_block:
            return "super()"
        if kind == 18:
            return self.pick("ns.n", "range(2)|list", "range(1, 3)|join", "ns.m", "dict(k=x).k", "joiner('|')()")
        if kind == 19 and self.blocks and self.chance(3):
            return f"self.{rng.choice(self.blocks)}()"
        return f"({one} {self.pick('+ 1', '* 2', '% 2', '~ 2', '- 1')})" if self.chance(4) else one

    def call(self) -> str:
        name = self.rng.choice(self.macros)
        arguments = [self.expression(1) for _ in range(self.rng.randrange(3))]
        if self.chance(4):
            arguments.append(f"{self.pick('a', 'b')}={self.expression(1)}")
        return f"{name}({', '.join(arguments)})"

    def body(self, depth: int) -> str:
        saved = list(self.macros), list(self.modules)
        parts = [self.statement(depth) for _ in range(self.rng.randrange(1, 4))]
        self.macros, self.modules = saved
        return "".join(parts)

    def tag(self, code: str) -> str:
        return "{%" + self.pick("", "", "", "-") + f" {code} " + self.pick("", "", "", "-") + "%}"

    def statement(self, depth: int) -> str:
        self.size += 1
        if depth <= 0 or self.size > 40 or self.chance(5):
            return self.output()
        kinds = [name[2:] for name in dir(self) if name.startswith("s_")]
        return str(getattr(self, "s_" + self.rng.choice(kinds))(depth - 1))

    def output(self) -> str:
        if self.chance(3):
            return self.pick("t ", "\n", " <p>", "%s", "→\n")
        return "{{ " + self.expression() + " }}"

    s_text = s_more = lambda self, depth: self.output()

    def s_set(self, depth: int) -> str:
        if self.chance(6):
            return self.tag(f"set {self.name()}, {self.name()} = {self.expression(1)}, {self.expression(1)}")
        return self.tag(f"set {self.name()} = {self.expression()}")

    def s_set_block(self, depth: int) -> str:
        chain = self.pick("", "", " | upper", " | trim", " | replace('t', '<')", " | length")
        return self.tag(f"set {self.name()}{chain}") + self.buffered(depth) + self.tag("endset")

    def buffered(self, depth: int) -> str:
        self.buffers += 1
        text = self.body(depth)
        self.buffers -= 1
        return text

    def s_namespace(self, depth: int) -> str:
        if self.chance(2):
            return self.tag(f"set ns = namespace({self.pick('', 'n=0', 'n=x')})")
        return self.tag(f"set ns.{self.pick('n', 'm')} = {self.expression(1)}")

    def s_if(self, depth: int) -> str:
        other = self.tag(f"elif {self.expression()}") + self.body(depth) if self.chance(3) else ""
        other += self.tag("else") + self.body(depth) if self.chance(2) else ""
        return self.tag(f"if {self.expression()}") + self.body(depth) + other + self.tag("endif")

    def s_for(self, depth: int) -> str:
        items = self.pick("xs", "xs or [1, 2]", "[x, 1]", "range(3)", "'ab'", "[1, 2]|reverse", "xs|default([])")
        test = f" if {self.expression(1)}" if self.chance(3) else ""
        recursive = " recursive" if self.chance(8) else ""
        other = self.tag("else") + (self.buffered if recursive else self.body)(depth) if self.chance(3) else ""
        self.loops += 1
        body = self.buffered(depth) if recursive else self.body(depth)
        if self.chance(6):
            body += self.tag(f"if {self.expression(1)}") + self.tag(self.pick("break", "continue")) + self.tag("endif")
            body += self.output()
        if recursive and self.chance(2):
            body += "{{ loop([]) }}" + self.pick("", "{{ loop([1]) if loop.depth < 3 }}")
        self.loops -= 1
        target = self.pick("x", "a", "b", "x")
        if self.chance(8):
            target, items = "a, b", self.pick("[(1, x), (2, '<')]", "{'k': x}.items()", "xs")
        return self.tag(f"for {target} in {items}{test}{recursive}") + body + other + self.tag("endfor")

    s_for_too = s_for

    def s_with(self, depth: int) -> str:
        first = f"with {self.name()} = {self.expression(1)}"
        more = f", {self.name()} = {self.expression(1)}" if self.chance(3) else ""
        return self.tag(first + more) + self.body(depth) + self.tag("endwith")

    def s_macro(self, depth: int) -> str:
        name = self.pick("m", "n", "f", "g", "h")
        parameters = self.pick("", "a", "a, b", "a, b='<'", "a=1", "b, a=x", "x, c=x")
        loops, self.loops = self.loops, 0
        before, self.in_macro = self.in_macro, True
        if self.chance(8):
            self.macros.append(name)
        text = self.tag(f"macro {name}({parameters})") + self.body(depth) + self.tag("endmacro")
        self.loops, self.in_macro = loops, before
        self.macros.append(name)
        return text

    s_macro_too = s_macro

    def s_call(self, depth: int) -> str:
        if not self.macros:
            return self.s_macro(depth)
        loops, self.loops = self.loops, 0
        text = self.tag(f"call{self.pick('', '', '(x)', '(a, b=1)')} {self.call()}") + self.buffered(depth)
        self.loops = loops
        return text + self.tag("endcall")

    def s_filter(self, depth: int) -> str:
        return self.tag(f"filter {self.pick('upper', 'trim', 'e', 'replace(x, 1)')}") + self.buffered(depth) + (
            self.tag("endfilter")
        )  # fmt: skip

    def s_autoescape(self, depth: int) -> str:
        if self.chance(2):
            return self.output()
        return self.tag(f"autoescape {self.pick('true', 'false')}") + self.body(depth) + self.tag("endautoescape")

    def s_block(self, depth: int) -> str:
        if not self.blocks or self.in_block or self.in_macro:
            return self.output()
        name = self.blocks.pop(self.rng.randrange(len(self.blocks)))
        scoped = self.pick("", " scoped")
        before, self.in_block = (self.macros, self.loops), True
        self.macros, self.loops = [], (self.loops if scoped else 0)
        text = self.tag(f"block {name}{scoped}") + self.body(depth) + self.tag("endblock")
        (self.macros, self.loops), self.in_block = before, False
        return text

    def s_include(self, depth: int) -> str:
        if not self.includes:
            return self.output()
        context = self.pick("", "", "", " without context", " ignore missing", " with context")
        if "without" in context and (self.in_macro or self.buffers):  # goes to the wrong place in Jinja2
            context = ""
        name = repr(self.rng.choice(self.includes))
        return self.tag(f"include {name if self.rng.randrange(6) else f'[{name}]'}{context}")

    s_include_too = s_include

    def s_import(self, depth: int) -> str:
        if "lib.html" not in self.includes:
            return self.output()
        context = self.pick("", " with context")
        if self.chance(2):
            name = self.pick("l", "k")
            self.macros += [f"{name}.m", f"{name}.f"]
            return self.tag(f"import 'lib.html' as {name}{context}") + self.pick("", f"{{{{ {name}.a }}}}")
        name = self.pick("m", "f", "f as g", "a", "b as c")
        if name[0] in "mf":
            self.macros.append(name[-1])
        return self.tag(f"from 'lib.html' import {name}{context}")

    def s_do(self, depth: int) -> str:
        return self.tag(f"do {self.pick('ns.update(1)', 'double(1)')}") if self.chance(3) else (
            self.output()
        )  # fmt: skip

    def template(self, extends: str = "", depth: int = 3) -> str:
        text = self.tag(f"extends '{extends}'") if extends else ""
        text += "{% set ns = namespace(n=0) %}" if self.chance(2) else ""
        if extends and self.rng.randrange(8):  # what can stand outside of blocks
            kinds = [self.s_block, self.s_block, self.s_set, self.s_macro, self.s_import, self.s_namespace]
            return text + "".join(self.rng.choice(kinds)(depth) for _ in range(self.rng.randrange(1, 6)))
        return text + "".join(self.statement(depth) for _ in range(self.rng.randrange(1, 6)))

    def library(self) -> str:
        text = "".join(self.statement(1) for _ in range(self.rng.randrange(2)))
        for name in "mf":
            self.in_macro = True
            text += f"{{% macro {name}({self.pick('a', 'x, b=1', '')}) %}}{self.body(1)}{{% endmacro %}}"
            self.in_macro = False
        return text + "{% set a = " + self.expression(1) + " %}{% set b = a %}"


def random_case(rng: random.Random) -> Case:
    """A few templates and a context."""
    extends = rng.choice(["", "", "base.html"])
    texts = {
        MAIN: Grammar(rng, ["i.html", "j.txt", "lib.html"]).template(extends),
        "base.html": Grammar(rng, ["j.txt", "lib.html"]).template(rng.choice(["", "", "", "root.html"])),
        "root.html": Grammar(rng, ["j.txt"]).template(),
        "i.html": Grammar(rng, ["j.txt", "lib.html"]).template(rng.choice(["", "", "", "", "root.html"]), 2),
        "j.txt": Grammar(rng, [], blocks=False).template(depth=2),
        "lib.html": Grammar(rng, [], blocks=False).library(),
    }
    context = {name: rng.choice(VALUES) for name in NAMES if rng.randrange(3)}
    if rng.randrange(4):
        context["xs"] = rng.choice(["[]", "[1, 2]", "['<', 'b', 3]", "[{'k': 1}, {'k': '&'}]", "'ab'"])
    shown = ", ".join(f"{name!r}: {value}" for name, value in context.items())
    return Case(texts, "{" + shown + ", 'double': double}" if shown else "{'double': double}")
