# ruff: noqa: E501  a row of a table is one line
"""utemplate's syntax, compiled: the same text as the real utemplate 1.4.1, and more where that has faults."""

from __future__ import annotations

import importlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from site_builder import bundle, libs
from site_builder.bytecode import compile_all
from site_builder.errors import Problem, SiteError
from site_builder.templates import Compiled, Loader, TemplateError, compile_template, module_name
from tests.conftest import write_files


@dataclass
class Case:
    """A template, the values it is given, and other templates that it includes."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)


ROWS = [{"n": 1, "name": "Fan", "on": True}, {"n": 2, "name": "<Pump>", "on": False}]
HEADER = {"header.tpl": "{% args title, sub='-' %}\n<h1>{{ title }} {{ sub }}</h1>\n"}

# What utemplate does right: ours gives the same.
SAME = {
    "text": Case("Hello\nworld"),
    "text of several lines and scripts": Case("<style>a{b:c}</style>\n<script>if (a) {f('x', \"y\")}</script>\n"),
    "quotes": Case("'one' \"two\" '''three''' \"\"\"four\"\"\""),
    "other alphabets": Case("Grüße, 世界 🌱: {{ '–°C' }}\n"),
    "single braces": Case("a { b } { c\n} d"),
    "a percent sign": Case("100 % {{ 5 }} %\n"),
    "an expression": Case("{{ 1 + 2 }}"),
    "expressions side by side": Case("{{ 1 }}{{ 2 }} {{3}}"),
    "nothing escaped": Case("{% args a %}{{ a }}", {"a": "<b>&\"'"}),
    "none and booleans": Case("{% args a, b %}{{ a }} {{ b }}", {"a": None, "b": True}),
    "lists and mappings": Case("{% args a %}{{ a }} {{ a[0]['n'] }}", {"a": [{"n": 1}]}),
    "a conditional expression": Case("{% args a %}{{ 'yes' if a else 'no' }}", {"a": 0}),
    "a formatted value": Case("{{ '%5.2f|%s' % (3.14159, 'x') }} {{ '{:>4}'.format(7) }}"),
    "a call": Case("{% args a %}{{ len(a) }} {{ ', '.join(str(x) for x in a) }}", {"a": [1, 2]}),
    "str with an encoding": Case("{{ b'caf\\xc3\\xa9', 'utf-8' }}"),
    "args": Case("{% args a, b %}\n{{ a }}-{{ b }}\n", {"a": 1, "b": "x"}),
    "args with defaults": Case("{% args a, b=2, *, c='z' %}\n{{ a }}{{ b }}{{ c }}", {"a": 1}),
    "args with stars": Case("{% args *a, **d %}{{ d['x'] }}", {"x": 5}),
    "no args": Case("{{ d['x'] }}", {"x": 5}),
    "empty args": Case("{% args %}\nx"),
    "the last args": Case("{% args a %}\n{% args b %}\n{{ b }}", {"b": 1}),
    "set": Case("{% set a = 1 %}\n{% set b = a + 1 %}\n{{ b }}"),
    "set with a call": Case("{% set a = [] %}{% set a.append(5) %}{{ a }}"),
    "set with two names": Case("{%set a, b = 1, 2%}{{ b }}{{ a }}"),
    "if": Case("{% args a %}\n{% if a %}\nyes\n{% endif %}\nend\n", {"a": 1}),
    "if not": Case("{% args a %}\n{% if a %}\nyes\n{% endif %}\nend\n", {"a": 0}),
    "else": Case("{% args a %}{% if a %}yes{% else %}no{% endif %}", {"a": 0}),
    "elif": Case("{% args a %}{% if a == 1 %}1{% elif a == 2 %}2{% elif a == 3 %}3{% else %}?{% endif %}", {"a": 3}),
    "if in a line": Case('<a{% if 1 %} class="b"{% endif %}>\n'),
    "if in if": Case("{% if 1 %}a{% if 0 %}b{% else %}c{% endif %}d{% endif %}e"),
    "for": Case("<ul>\n{% for i in range(3) %}\n<li>{{ i }}</li>\n{% endfor %}\n</ul>\n"),
    "for with rows": Case(
        "{% args rows %}\n{% for row in rows %}\n{{ row['n'] }}: {{ row['name'] }} {{ 'on' if row['on'] else 'off' }}\n"
        "{% endfor %}\n",
        {"rows": ROWS},
    ),
    "for of nothing": Case("{% for i in [] %}{{ i }}{% endfor %}."),
    "for in for": Case("{% for i in 'ab' %}{% for j in 'cd' %}{{ i }}{{ j }} {% endfor %}\n{% endfor %}"),
    "for with two names": Case("{% for k, v in [(1, 2), (3, 4)] %}{{ k }}={{ v }};{% endfor %}"),
    "while": Case("{% set i = 0 %}{% while i < 3 %}{{ i }}{% set i += 1 %}{% endwhile %}"),
    "break": Case("{% for i in range(9) %}{% if i == 2 %}{% set break %}{% endif %}{{ i }}{% endfor %}"),
    "with": Case("{% args f %}{% set import io %}{% with io.StringIO('x') as f %}{{ f.read() }}{% endwith %}", {"f": 0}),
    "a statement between text": Case("a {% set b = 1 %} c\n{{ b }}"),
    "a statement at the end": Case("a\n{% set b = 1 %}"),
    "a blank line after a statement": Case("{% set b = 1 %}\n\nx"),
    "spaces after a statement": Case("{% set b = 1 %} \nx"),
    "tags without spaces": Case("{%set a=5%}{{a}}{%if a%}x{%endif%}"),
    "tags with many spaces": Case("{%   set   a = 5   %}{{   a   }}{%  if   a  %}x{%  endif  %}"),
    "tags with a tab": Case("{%\tset\ta = 5\t%}{{\ta\t}}"),
    "Windows line ends": Case("{% set a = 5 %}\r\n{{ a }}\r\nx\r\n"),
    "old Macintosh line ends": Case("{% set a = 5 %}\r{{ a }}\rx\r"),
    "include": Case("{% include 'header.tpl' 'A' %}\nx", others=HEADER),
    "include with values": Case("{% args t %}\n{% include \"header.tpl\" t, sub=t + '!' %}\n", {"t": "A"}, HEADER),
    "include in a line": Case("a {% include 'header.tpl' 'A' %} b", others=HEADER),
    "include twice": Case("{% include 'header.tpl' 'A' %}{% include 'header.tpl' 'B' %}", others=HEADER),
    "include in a loop": Case("{% for i in 'ab' %}{% include 'header.tpl' i %}{% endfor %}", others=HEADER),
    "include of two": Case("{% include 'header.tpl' 1 %}{% include 'b.tpl' %}", others={**HEADER, "b.tpl": "b\n"}),
    "include by expression": Case("{% args n %}x\n{% include {{n}} 'A' %}", {"n": "header.tpl"}, HEADER),
    "a template in a folder": Case("{% include 'sub/x.tpl' %}", others={"sub/x.tpl": "x"}),
    "include with a generator": Case("{% include 'x.tpl' c + c for c in 'ab' %}", others={"x.tpl": "{% args a %}{{ ','.join(a) }}"}),
    "include with stars": Case("{% args *a, **d %}{% include 'x.tpl' *d['v'], **{'b': 2} %}", {"v": [1]}, {"x.tpl": "{% args a, b %}{{ a }}{{ b }}"}),
    "include of what takes anything": Case("{% include 'x.tpl' 1, b=2 %}", others={"x.tpl": "{{ a }}{{ d['b'] }}"}),
    "include of what takes nothing": Case("{% include 'x.tpl' %}", others={"x.tpl": "{% args %}x"}),
    "include with only names": Case("{% include 'x.tpl' b=1, a=2 %}", others={"x.tpl": "{% args a, *, b %}{{ a }}{{ b }}"}),
    "include that sees a variable": Case("{% args rows %}{% for row in rows %}{% include 'x.tpl' %}{% endfor %}", {"rows": "ab"}, {"x.tpl": "<{{ row }}{{ len(rows) }}>"}),
    "include that sees a variable, and takes another": Case("{% args a, b %}{% include 'x.tpl' a + 1 %}", {"a": 1, "b": 2}, {"x.tpl": "{% args a %}{{ a }}{{ b }}{{ [b for _ in 'xy'] }}"}),
    "include that sees a variable with a builtin's name": Case("{% args id %}{% include 'x.tpl' %}{{ id }}", {"id": 7}, {"x.tpl": "{{ id }}"}),
    "include that sees a variable, with a generator": Case("{% args b %}{% include 'x.tpl' c for c in 'ab' %}", {"b": "-"}, {"x.tpl": "{% args a %}{{ b.join(a) }}"}),
    "include that has a variable of that name": Case("{% args a %}{% include 'x.tpl' %}{{ a }}", {"a": 1}, {"x.tpl": "{% set a = 2 %}{{ a }}"}),
    "a variable called like a function of ours": Case("{% set _1 = 5 %}{% include 'x.tpl' %}{{ _1 }}", others={"x.tpl": "x"}),
    "a global": Case("{% set global n %}{% set n = 1 %}{{ n }}{% include 'x.tpl' %}", others={"x.tpl": "{{ n }}"}),
    "two statements in one": Case("{% set a = 1; b = 2 %}{{ a }}{{ b }}"),
    "a comment of Python's": Case("{% set # a note %}a{% set b = 1 # another %}{{ b }}"),
    "the end of a page": Case("a{% set return %}b"),
    "a piece of one's own": Case("{% set yield 'a' %}{% set yield from ['b', 'c'] %}{{ (yield 'd') }}"),
    "a default with a function": Case("{% args a, f=lambda b: b + 1 %}{{ f(a) }}", {"a": 1}),
    "a function of one's own": Case("{% set f = lambda x: x * 2 %}{{ f(2) }}"),
    "Jinja's comment is text": Case("a {# b #} c"),
    "utemplate's own example": Case("{% for i in range(5) %}\n| {{i}} | {{\"%2d\" % i ** 2}} |\n{% endfor %}\n"),
}  # fmt: skip

# What utemplate does wrong: what ours gives, and what utemplate gives, or the error that it ends with.
BETTER = {
    "a backslash in text": (Case("<script>a('\\n')</script>"), "<script>a('\\n')</script>", "<script>a('\n')</script>"),
    "a backslash at a line's end": (Case("a\\\nb"), "a\\\nb", 'ab'),
    "an unknown escape": (Case("C:\\u and \\d"), "C:\\u and \\d", SyntaxError),
    "a quote after a backslash": (Case('\\"'), '\\"', SyntaxError),
    "a final brace": (Case("a {"), "a {", IndexError),
    "an empty template": (Case(""), "", AttributeError),
    "a template of statements": (Case("{% set yield_kg = 5 %}"), "", TypeError),
    "an empty if": (Case("{% if 1 %}{% endif %}x"), "x", SyntaxError),
    "an empty if with an else": (Case("{% if 0 %}\n{% else %}\nx\n{% endif %}\n"), "x\n", SyntaxError),
    "an else of a for": (Case("{% for i in [] %}{% else %}none{% endfor %}"), "none", AssertionError),
    "the end of an expression in text": (Case("a{b{c:d}} {{ 5 }}"), "a{b{c:d}} 5", 'a{b{c:d}}  5'),
    "the end of a statement in text": (Case("50%} {% set a = 1 %}{{ a }}"), "50%} 1", IndexError),
    "the end of an expression in a string": (Case("{{ '}}' }}{{ \"{{\" }}"), "}}{{", SyntaxError),
    "the end of a statement in a string": (Case("{% set a = '%}' %}{{ a }}"), "%}", SyntaxError),
    "a mapping": (Case("{{ {'a': {'b': 1}}['a']['b'] }}"), "1", SyntaxError),
    "an include in an include": (
        Case("{% include 'a.tpl' 1 %}", others={"a.tpl": "{% args n %}a{% include 'b.tpl' n %}", "b.tpl": "{% args n %}b{{ n }}"}),
        "ab1", AttributeError),
    "an include of a name with spaces": (Case("{% include 'a b.tpl' %}", others={"a b.tpl": "x"}), "x", FileNotFoundError),
    "an include that ends by itself": (
        Case("{% include 'x.tpl' 3 %}", others={"x.tpl": "{% args n %}{{ n }}{% if n %}{% include 'x.tpl' n - 1 %}{% endif %}"}),
        "3210", AttributeError),
    "an include by expression from a folder": (Case("{% include {{'sub/x.tpl'}} %}", others={"sub/x.tpl": "x"}), "x", SyntaxError),
    "an include by expression that comes first": (Case("{% include {{'b.tpl'}} %}", others={"b.tpl": "x"}), "x", SyntaxError),
    "a byte order mark": (Case("\ufeffa"), "a", '\ufeffa'),
    "a NUL": (Case("a\0b"), "a\0b", (SyntaxError, ValueError)),
    "a variable called str": (Case("{% for str in 'ab' %}{{ str }}{% endfor %}"), "ab", TypeError),
    "a variable called _": (Case("{% for _ in 'ab' %}{% include {{'b.tpl'}} %}{{ _ }}{% endfor %}", others={"b.tpl": "x"}), "xaxb", "x<module 'b_tpl'>x<module 'b_tpl'>"),
    "an include in an include that sees a variable": (Case("{% args v %}{% include 'a.tpl' %}", {"v": 1}, {"a.tpl": "{% include 'b.tpl' %}", "b.tpl": "{{ v }}"}), "1", AttributeError),
    "a block with a comment only": (Case("{% if 1 %}{% set # nothing %}{% endif %}x"), "x", SyntaxError),
}  # fmt: skip


def compiled(case: Case, folder) -> dict[str, Compiled]:
    """A case's main template, "main.tpl", and those that it may include at run time, as in a site."""
    write_files(folder, {"main.tpl": case.text, **case.others})
    loader = Loader(folder, "templates")
    main = compile_template("main.tpl", loader)
    others = {name: compile_template(name, loader) for name in case.others} if main.dynamic else {}
    return {"main.tpl": main, **others}


def joined(pieces: Iterator[bytes | str]) -> str:
    return b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in pieces).decode()


class Modules:
    """Makes modules importable from source while it is entered."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources

    def __enter__(self) -> None:
        for name, source in self.sources.items():
            sys.modules[name] = module = ModuleType(name)
            exec(compile(source, name, "exec"), module.__dict__)

    def __exit__(self, *_: object) -> None:
        for name in self.sources:
            del sys.modules[name]


def ours(case: Case, folder) -> str:
    sources = {f"templates.{module_name(name)}": made.source for name, made in compiled(case, folder).items()}
    packages = {parent for name in sources for parent in [name.rpartition(".")[0]]}
    with Modules(dict.fromkeys([*packages, "templates"], "__path__ = []") | sources):
        return joined(sys.modules["templates.main_tpl"].render(**case.values))


@pytest.fixture(scope="session")
def utemplate_folder(tmp_path_factory) -> Path:
    """A folder with the real utemplate."""
    return write_files(tmp_path_factory.mktemp("utemplate"), libs.sources(["utemplate"]))


@pytest.fixture(scope="session")
def utemplate(utemplate_folder) -> Iterator[ModuleType]:
    """utemplate.source of the real utemplate."""
    sys.path.insert(0, str(utemplate_folder))
    try:
        yield importlib.import_module("utemplate.source")
    finally:
        sys.path.remove(str(utemplate_folder))
        for name in [name for name in sys.modules if name.split(".")[0] == "utemplate"]:
            del sys.modules[name]


def theirs(case: Case, utemplate: ModuleType) -> str:
    """What the real utemplate makes of a case."""

    class Others:
        def input_open(self, name: str) -> io.StringIO:
            if name not in case.others:
                raise FileNotFoundError(name)
            return io.StringIO(case.others[name], newline=None)

    def source(text: str) -> str:
        out = io.StringIO()
        utemplate.Compiler(io.StringIO(text, newline=None), out, loader=Others()).compile()
        return out.getvalue()

    included = {name.replace(".", "_"): source(text) for name, text in case.others.items()}
    with Modules({"main_tpl": source(case.text), **included}):
        return joined(sys.modules["main_tpl"].render(**case.values))


@pytest.mark.parametrize("name", SAME)
def test_a_template_gives_what_utemplate_gives(utemplate, tmp_path, name):
    assert ours(SAME[name], tmp_path) == theirs(SAME[name], utemplate)


@pytest.mark.parametrize("name", BETTER)
def test_a_fault_of_utemplate_is_not_ours(utemplate, tmp_path, name):
    case, expected, wrong = BETTER[name]
    assert ours(case, tmp_path) == expected
    assert wrong != expected
    if isinstance(wrong, str):
        assert theirs(case, utemplate) == wrong
    else:
        with pytest.raises(wrong):
            theirs(case, utemplate)


# Mistakes: what we say when a site is built, and what utemplate does: text, or the error that it ends with.

_X = {"x.tpl": "{% args a, b=1 %}{{ a }}{{ b }}"}
MISTAKES = {
    "a tag that is not closed": (Case("a\n{{ b"), "2: {{ is not closed in this line; add }}", AssertionError),
    "a tag of two lines": (Case("{{ 1 +\n1 }}"), "1: {{ is not closed in this line; add }}", AssertionError),
    "an empty tag": (Case("{{ }}"), "1: {{ }} is empty", ""),
    "an unknown statement": (Case("\n{% esle %}"), "2: unknown statement 'esle'; did you mean 'else'?", AssertionError),
    "an end of nothing": (Case("a\n{% endif %}"), "2: {% endif %} without {% if %}", AssertionError),
    "an end of another block": (Case("{% if 1 %}\na{% endfor %}"), "2: {% endfor %}, but line 1 opened {% if %}; add {% endif %} first", AssertionError),
    "a block without an end": (Case("a{% if 0 %}b"), "1: {% if %} is not ended; add {% endif %}", "a"),
    "args that come too late": (Case("a\n{% args b %}", {"b": 1}), "2: {% args %} must come before all other output", "a\n"),
    "a name that nobody defines": (Case("a\n{% args title %}\n{{ titel }}".removeprefix("a\n"), {"title": 1}), "2: 'titel' is not defined; did you mean 'title'?", NameError),
    "a default that nobody defines": (Case("{% args a=b %}{{ a }}"), "1: 'b' is not defined", NameError),
    "no Python": (Case("{{ a b }}"), "1: 'a b' is not a Python expression: invalid syntax", SyntaxError),
    "a function": (Case("{% def f() %}a{% enddef %}{% set yield from f() %}"), "1: unknown statement 'def'", "a"),
    "a colon": (Case("{% if 1: %}a{% endif %}"), "1: {% if 1: %}: invalid syntax", SyntaxError),
    "Jinja's statement": (Case("{% extends 'x.tpl' %}", others=_X), "1: unknown statement 'extends'", SyntaxError),
    "await": (Case("a\n{{ await b }}"), "2: does not compile: 'await' outside", SyntaxError),
    "an include of what is not there": (Case("{% include 'y.tpl' %}", others=_X), "1: template 'y.tpl' not found in templates/; did you mean 'x.tpl'?", FileNotFoundError),
    "an include without quotes": (Case("{% include x.tpl %}", others=_X), "1: {% include %} takes a name in quotes", FileNotFoundError),
    "too few values": (Case("a\n{% include 'x.tpl' %}", others=_X), "2: {% include 'x.tpl' %}: missing a required argument: 'a'; x.tpl takes a, b=1", TypeError),
    "too few values in names": (Case("{% include 'x.tpl' b=2 %}", others=_X), "1: {% include 'x.tpl' b=2 %}: missing a required argument: 'a'; x.tpl takes a, b=1", TypeError),
    "too many values": (Case("{% include 'x.tpl' 1, 2, 3 %}", others=_X), "1: {% include 'x.tpl' 1, 2, 3 %}: too many positional arguments; x.tpl takes a, b=1", TypeError),
    "too many values beside a star": (Case("{% include 'x.tpl' 1, 2, 3, *'' %}", others=_X), "1: {% include 'x.tpl' 1, 2, 3, *'' %}: too many positional arguments", TypeError),
    "values for what takes nothing": (Case("{% include 'x.tpl' 1 %}", others={"x.tpl": "{% args %}x"}), "1: {% include 'x.tpl' 1 %}: too many positional arguments; x.tpl takes nothing", TypeError),
    "an unknown name": (Case("{% include 'x.tpl' 1, c=2 %}", others=_X), "1: {% include 'x.tpl' 1, c=2 %}: got an unexpected keyword argument 'c'; x.tpl takes a, b=1", TypeError),
    "an unknown name beside stars": (Case("{% include 'x.tpl' *'1', c=2, **{} %}", others=_X), "1: {% include 'x.tpl' *'1', c=2, **{} %}: got an unexpected keyword argument 'c'", TypeError),
    "a value twice": (Case("{% include 'x.tpl' 1, a=2 %}", others=_X), "1: {% include 'x.tpl' 1, a=2 %}: multiple values for argument 'a'; x.tpl takes a, b=1", TypeError),
    "a name that must be given as one": (Case("{% include 'x.tpl' 1 %}", others={"x.tpl": "{% args *, a %}{{ a }}"}), "1: {% include 'x.tpl' 1 %}: too many positional arguments; x.tpl takes *, a", TypeError),
    "wrong values of an include in an include": (Case("{% include 'y.tpl' %}", others={**_X, "y.tpl": "a\n{% include 'x.tpl' %}"}), "2: {% include 'x.tpl' %}: missing", AttributeError),
    "values of an include in itself": (Case("{% include 'x.tpl' 1 %}", others={"x.tpl": "{% args n %}\n{% include 'x.tpl' %}"}), "2: {% include 'x.tpl' %}: missing", AttributeError),
    "an include's variable that only one has": (Case("{% include 'a.tpl' %}\n{% include 'b.tpl' %}", others={"a.tpl": "{% set v = 1 %}{% include 'b.tpl' %}", "b.tpl": "{{ v }}"}), "2: 'v' is not defined", AttributeError),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_line_where_utemplate_says_nothing_of_it(utemplate, tmp_path, name):
    case, message, theirs_is = MISTAKES[name]
    with pytest.raises(TemplateError) as caught:
        compiled(case, tmp_path)
    told = str(caught.value.problem)
    assert re.match(r"templates/\w+\.tpl:" + re.escape(message), told), told
    if isinstance(theirs_is, str):
        assert theirs(case, utemplate) == theirs_is
    else:
        with pytest.raises(theirs_is) as error:
            theirs(case, utemplate)
        assert ".tpl:" not in str(error.value)


# What utemplate writes is served later, whatever became of it


@pytest.fixture
def pages(tmp_path, monkeypatch) -> Callable[[str, str], Any]:
    """pages(loader's module, text) writes main.tpl, and has a fresh process of the real utemplate load and render it."""

    def load(kind: str, text: str | None = None) -> str:
        if text is not None:
            write_files(tmp_path, {"templates/main.tpl": text})
        program = (
            f"import utemplate.{kind} as u; print(*u.Loader(None, 'templates').load('main.tpl')(), sep='', end='')"
        )
        done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False)  # fmt: skip
        return done.stdout or done.stderr.splitlines()[-1]

    write_files(tmp_path, libs.sources(["utemplate"]))
    return load


def test_a_page_that_utemplate_wrote_half_is_served_later_and_ours_never(site, pages, tmp_path):
    text = "<h1>Title</h1>\n{{ broken\n"
    assert pages("source", text) == "AssertionError"
    assert pages("source") == "<h1>Title</h1>\n"
    good = {"templates/main.tpl": "all\n{{ 1 }}"}
    folder = site("routes:\n  /: main.tpl\n", good)
    bundle.write(bundle.build(folder), folder / "build")
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    write_files(folder, {"templates/main.tpl": text})
    with pytest.raises(SiteError, match=r"templates/main\.tpl:2: \{\{ is not closed"):
        bundle.write(bundle.build(folder), folder / "build")
    write_files(folder, good)
    assert {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()} == before


def test_a_change_in_what_is_included_is_seen_by_us_and_not_by_utemplate(site, pages, tmp_path):
    def included(text: str) -> dict[str, str]:
        return {"templates/main.tpl": "{% include 'x.tpl' %}", "templates/x.tpl": text}

    write_files(tmp_path, included("a first text"))
    assert pages("recompile") == "a first text"
    write_files(tmp_path, {"templates/x.tpl": "another text"})
    assert pages("recompile") == "a first text"
    folder = site("routes:\n  /: main.tpl\n", included("a first text"))
    assert b"a first text" in b"".join(bundle.build(folder, python=True).files.values())
    write_files(folder, included("another text"))
    files = b"".join(bundle.build(folder, python=True).files.values())
    assert b"another text" in files
    assert b"a first text" not in files


# Any template of a small grammar

_EXPRESSIONS = st.sampled_from(["x", "n", "n + 1", "len(x)", "x * 2", "'lit'", '"a" + x', "i", "(n, i)", "[n][0]", "{1: n}[1]"])  # fmt: skip
_TEXT = st.text(st.sampled_from("ab <>&\"'()%.é\n"), max_size=8)


_BLOCKS = st.sampled_from([
    "{% if <value> %}<end><inner>.{% endif %}<end>",
    "{% if <value> == 2 %}<end><inner>.{% else %}<end><inner>.{% endif %}<end>",
    "{% if <value> == 1 %}<end><inner>.{% elif <value> == 2 %}<end><inner>.{% endif %}<end>",
    "{% for i in range(n) %}<end><inner>.{% endfor %}<end>",
    "{% set k = n %}{% while k > 0 %}<end>{% set k -= 1 %}<inner>.{% endwhile %}<end>",
    "{% set import io %}{% with io.StringIO(x) as f %}<end>{{ f.read() }}<inner>{% endwith %}",
    "{% set i = n %}<end><inner>",
    "{% include 'h.tpl' <given> %}<end><inner>",
    "{% include 'i.tpl' %}<end><inner>",
    "{% include {{'h.tpl'}} <given> %}<end><inner>",
    "<inner><inner>",
])  # fmt: skip


@st.composite
def _block(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    parts = {
        "value": _EXPRESSIONS,
        "end": st.sampled_from(["", "\n", " "]),
        "given": st.sampled_from(["x", "n, 2", "x, b=(n, i)", "b=i, a=n", "*[x, n]"]),
        "inner": inner,
    }
    return re.sub("<(value|end|given|inner)>", lambda found: draw(parts[found[1]]), draw(_BLOCKS))


_TEMPLATES = st.recursive(
    st.one_of(_TEXT, st.sampled_from(["{", "{ ", "} ", "\n", "{x"]).map("{} ".format), _EXPRESSIONS.map("{{{{ {} }}}}".format)),
    _block, max_leaves=12,
).map("{{% args x, n, i=0 %}}\n.{}.".format)  # fmt: skip
_INCLUDED = {
    "h.tpl": "{% args a, b=1 %}\n<b>{{ a }}{% if b %}, {{ b }}{% endif %}</b>\n",
    "i.tpl": "{% for c in x %}\n{{ c }}{{ n }}{{ i }}\n{% endfor %}",
}


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    text = draw(_TEMPLATES)
    if "include {{" in text:  # what may be included at run time has no variables but its own
        text = text.replace("{% include 'i.tpl' %}", "")
    included = {name: other for name, other in _INCLUDED.items() if name in text}
    return Case(text, {"x": draw(st.sampled_from(["", "v", "é"])), "n": draw(st.integers(0, 3))}, included)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_cases())
def test_any_template_gives_what_utemplate_gives(utemplate, tmp_path, case):
    assert ours(case, tmp_path) == theirs(case, utemplate)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(st.sampled_from(["{{", "}}", "{%", "%}", "if ", "for ", "in ", "endif", "else", "set ", "args ", "include ", "x", "=", "(", ")", "'", "\n", "\\", "\0"]), st.text(max_size=3)), max_size=12).map("".join))  # fmt: skip
def test_any_text_compiles_or_gives_a_problem_with_its_line(tmp_path, text):
    write_files(tmp_path, {"main.tpl": text.encode("utf-8", "replace")})
    try:
        source = compile_template("main.tpl", Loader(tmp_path, "templates")).source
    except TemplateError as error:
        problem = error.problem
        source = ""
    else:
        problem = Problem("templates/main.tpl", 1, 0, "none")
    compile(source, "main.tpl", "exec")
    assert problem.file == "templates/main.tpl"
    assert problem.line > 0
    assert problem.message


# On MicroPython

DRIVER = """\
import json, os, sys

def forget():
    for module in list(sys.modules):
        if module.split(".")[0] == "templates" or module.endswith("_tpl"):
            del sys.modules[module]

def collected(render, values):
    try:
        return b"".join(p if isinstance(p, bytes) else p.encode() for p in render()(**values)).decode()
    except Exception as e:
        return [type(e).__name__, str(e)]

def ours():
    return __import__("templates.main_tpl", None, None, ("render",)).render

def theirs():
    loader = source.Loader(None, ".")
    for name in os.listdir("."):
        if name.endswith(".tpl") and name != "main.tpl":
            loader.load(name)
    return loader.load("main.tpl")

from utemplate import source
with open("cases.json") as f:
    cases = json.load(f)
results = {}
for name, (folder, values) in cases.items():
    os.chdir(folder)
    results[name] = []
    for part, render in (("ours", ours), ("theirs", theirs)):
        forget()
        os.chdir(part)
        sys.path[0] = folder + "/" + part
        results[name].append(collected(render, values))
        os.chdir("..")
print(json.dumps(results))
"""


def on_micropython(cases: Mapping[str, Case], command: list[str], folder: Path) -> dict[str, list[Any]]:
    """What our bytecode and the real utemplate give for each case, in one process: text, or an error and its message."""
    sources, files, listed = {}, {}, {}
    for i, (name, case) in enumerate(cases.items()):
        listed[name] = [str(folder / f"case{i}"), case.values]
        for template, made in compiled(case, folder / "templates" / str(i)).items():
            sources[f"case{i}/ours/templates/{module_name(template).replace('.', '/')}.py"] = made.source.encode()
        for template, text in {"main.tpl": case.text, **case.others}.items():
            files[f"case{i}/theirs/{template}"] = text
    code = {f"{path[:-3]}.mpy": data for path, data in compile_all(sources).items()}
    drive = {**libs.sources(["utemplate"]), "cases.json": json.dumps(listed), "driver.py": DRIVER}
    write_files(folder, {**code, **files, **drive})
    done = subprocess.run([*command, "driver.py"], cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.stderr == b""
    return json.loads(done.stdout)


# What utemplate does wrong on MicroPython alone: a line that ends in \r\n there has one end more after a statement.
ONLY_THERE = {"Windows line ends": "\n5\nx\n", "old Macintosh line ends": "\n5\nx\n"}


def test_micropython_and_cpython_and_utemplate_on_both_give_the_same(micropython, tmp_path):
    results = on_micropython(SAME, micropython, tmp_path / "run")
    expected = {name: ours(case, tmp_path / "cpython" / str(i)) for i, (name, case) in enumerate(SAME.items())}
    assert {name: result[0] for name, result in results.items()} == expected
    assert {name: result[1] for name, result in results.items() if result[1] != expected[name]} == ONLY_THERE


def test_a_fault_of_utemplate_is_one_on_micropython_too(micropython, tmp_path):
    cases = {name: case for name, (case, *_) in BETTER.items()}
    results = on_micropython(cases, micropython, tmp_path)
    assert {name: result[0] for name, result in results.items()} == {name: row[1] for name, row in BETTER.items()}
    assert [name for name, result in results.items() if result[1] == BETTER[name][1]] == []


def test_any_template_gives_the_same_on_micropython(micropython, tmp_path):
    found: dict[str, Case] = {}

    @settings(max_examples=150, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(_cases())
    def gather(case: Case) -> None:
        found[str(len(found))] = case

    gather()
    results = on_micropython(found, micropython, tmp_path / "run")
    assert len(results) >= 100
    for name, case in found.items():
        assert results[name] == [ours(case, tmp_path / "cpython" / name)] * 2, case


def test_a_page_takes_its_values_by_their_places(micropython, tmp_path):
    """As in app.render_template(resp, "squares.tpl", (req,))."""
    text = "{% args req, n=3 %}\n{% for i in range(n) %}\n{{ req }}{{ i ** 2 }};\n{% endfor %}\n"
    made = compiled(Case(text), tmp_path)["main.tpl"]
    assert (made.args, made.required) == (("req", "n"), ("req",))
    module = {}
    exec(made.source, module)
    assert joined(module["render"](*("a",))) == "a0;\na1;\na4;\n"
    assert joined(module["render"](*("a", 1))) == "a0;\n"
    program = "from squares import render\nprint([b''.join(p if isinstance(p, bytes) else p.encode() for p in render(*given)) for given in (('a',), ('a', 1))])"
    write_files(tmp_path, {**{"squares.mpy": compile_all({"squares.py": made.source.encode()})["squares.py"]}, "run.py": program})  # fmt: skip
    done = subprocess.run([*micropython, "run.py"], cwd=tmp_path, capture_output=True, timeout=20, check=True)
    assert done.stdout.strip() == b"[b'a0;\\na1;\\na4;\\n', b'a0;\\n']"


# What a compiled template says of itself


def test_a_compiled_template_names_its_args_and_what_it_includes(tmp_path):
    case = Case(
        "{% args a, b=1, *c, d, e=2, **f %}{% include 'b.tpl' %}", others={"b.tpl": "{% include {{'x.tpl'}} %}"}
    )
    main = compiled(case, tmp_path)["main.tpl"]
    assert main.args == ("a", "b", "d", "e")
    assert main.required == ("a", "d")
    assert main.files == ("main.tpl", "b.tpl")
    assert main.dynamic


def test_every_line_of_the_source_has_its_place_in_a_template(tmp_path):
    case = Case(
        "{% args a %}\nx\n{{ a }}\n{% if a %}\n{% endif %}\n{% include 'b.tpl' %}", others={"b.tpl": "\n\n{{ 1 }}"}
    )
    main = compiled(case, tmp_path)["main.tpl"]
    assert main.source.splitlines() == [
        "ARGS = ('a',)",
        "def render(a):",
        "    yield 'x\\n%s\\n' % (",
        "        a,",
        "    )",
        "    if a:",
        "        pass",
        "    yield from _1()",
        "def _1(*a, **d):",
        "    yield '\\n\\n%s' % (",
        "        1,",
        "    )",
    ]
    assert main.lines == tuple(
        ("main.tpl", line) for line in (0, 2, 2, 3, 3, 4, 5, 6)
    ) + tuple(("b.tpl", line) for line in (1, 1, 3, 3))  # fmt: skip


def test_neighbouring_text_is_one_constant_of_bytes(tmp_path):
    source = compiled(Case("a{\n\"é'\\ {% set x = 1 %}\nb"), tmp_path)["main.tpl"].source
    assert [line.strip() for line in source.splitlines()[2:]] == [
        "yield " + repr("a{\n\"é'\\ ".encode()),
        "x = 1",
        "yield b'b'",
    ]


def test_short_text_and_values_are_one_piece_and_long_text_one_of_its_own(tmp_path):
    long = "-" * 80
    text = f"{{% args a, b, c, d, e %}}<b>100%</b>{{{{ a }}}}{long}{{{{ b }}}}, {{{{ (yield from c) }}}}{{{{ d, }}}}{{{{ (1, 2) }}}}{{{{ e }}}}"
    source = compiled(Case(text), tmp_path)["main.tpl"].source
    assert [line.strip() for line in source.splitlines()[2:]] == [
        "yield '<b>100%%</b>%s' % (",
        "a,",
        ")",
        f"yield {long.encode()!r}",
        "yield '%s, ' % (",
        "b,",
        ")",
        "yield str((yield from c))",
        "yield str(d,)",
        "yield '%s%s' % (",
        "(1, 2),",
        "e,",
        ")",
    ]
