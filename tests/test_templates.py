# ruff: noqa: E501  a row of a table is one line
"""utemplate's syntax, compiled: the same text as the real utemplate 1.4.1, and more where that has faults."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder import libs
from site_builder.bytecode import compile_all
from site_builder.errors import Problem
from site_builder.templates import Compiled, Loader, TemplateError, compile_template, module_name
from tests.conftest import EXAMPLE, write_files


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
}  # fmt: skip

# What utemplate does wrong, and what ours gives instead.
BETTER = {
    "a backslash in text": (Case("<script>a('\\n')</script>"), "<script>a('\\n')</script>"),
    "a backslash at a line's end": (Case("a\\\nb"), "a\\\nb"),
    "an unknown escape": (Case("C:\\u and \\d"), "C:\\u and \\d"),
    "a quote after a backslash": (Case('\\"'), '\\"'),
    "a final brace": (Case("a {"), "a {"),
    "an empty template": (Case(""), ""),
    "a template of statements": (Case("{% set yield_kg = 5 %}"), ""),
    "an empty if": (Case("{% if 1 %}{% endif %}x"), "x"),
    "an empty if with an else": (Case("{% if 0 %}\n{% else %}\nx\n{% endif %}\n"), "x\n"),
    "an else of a for": (Case("{% for i in [] %}{% else %}none{% endfor %}"), "none"),
    "the end of an expression in text": (Case("a{b{c:d}} {{ 5 }}"), "a{b{c:d}} 5"),
    "the end of a statement in text": (Case("50%} {% set a = 1 %}{{ a }}"), "50%} 1"),
    "the end of an expression in a string": (Case("{{ '}}' }}{{ \"{{\" }}"), "}}{{"),
    "the end of a statement in a string": (Case("{% set a = '%}' %}{{ a }}"), "%}"),
    "a mapping": (Case("{{ {'a': {'b': 1}}['a']['b'] }}"), "1"),
    "an include in an include": (
        Case("{% include 'a.tpl' 1 %}", others={"a.tpl": "{% args n %}a{% include 'b.tpl' n %}", "b.tpl": "{% args n %}b{{ n }}"}),
        "ab1",
    ),
    "an include of a name with spaces": (Case("{% include 'a b.tpl' %}", others={"a b.tpl": "x"}), "x"),
    "an include that ends by itself": (
        Case("{% include 'x.tpl' 3 %}", others={"x.tpl": "{% args n %}{{ n }}{% if n %}{% include 'x.tpl' n - 1 %}{% endif %}"}),
        "3210",
    ),
    "an include by expression from a folder": (Case("{% include {{'sub/x.tpl'}} %}", others={"sub/x.tpl": "x"}), "x"),
    "an include by expression that comes first": (Case("{% include {{'b.tpl'}} %}", others={"b.tpl": "x"}), "x"),
    "a byte order mark": (Case("\ufeffa"), "a"),
}  # fmt: skip


def compiled(case: Case, folder) -> dict[str, Compiled]:
    """A case's templates, by name; the main one is "main.tpl"."""
    files = {"main.tpl": case.text, **case.others}
    write_files(folder, files)
    loader = Loader(folder, "templates")
    return {name: compile_template(name, loader) for name in files}


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
def utemplate(tmp_path_factory) -> ModuleType:
    """utemplate.source of the real utemplate."""
    library = libs.LIBRARIES["utemplate"]
    folder = tmp_path_factory.mktemp("utemplate")
    with tarfile.open(fileobj=io.BytesIO(libs.fetch(library))) as archive:
        for member in library.modules.values():
            name = f"{library.project}-{library.version}/{member}"
            write_files(folder, {member: archive.extractfile(name).read()})
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("utemplate.source")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] == "utemplate"]:
            del sys.modules[name]


def theirs(case: Case, utemplate: ModuleType) -> str:
    """What the real utemplate makes of a case."""

    class Others:
        def input_open(self, name: str) -> io.StringIO:
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
    case, expected = BETTER[name]
    assert ours(case, tmp_path) == expected
    wrong: object
    try:
        wrong = theirs(case, utemplate)
    except Exception as error:
        wrong = error
    assert wrong != expected


# Any template of a small grammar

_EXPRESSIONS = st.sampled_from(["x", "n", "n + 1", "len(x)", "x * 2", "'lit'", '"a" + x', "i", "(n, i)", "[n][0]", "{1: n}[1]"])  # fmt: skip
_TEXT = st.text(st.sampled_from("ab <>&\"'()%.é\n"), max_size=8)


def _block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    ends = st.sampled_from(["", "\n", " "])
    return st.one_of(
        st.builds("{{% if {1} %}}{0}{2}.{{% endif %}}{0}".format, ends, _EXPRESSIONS, inner),
        st.builds("{{% if {1} == 2 %}}{0}{2}.{{% else %}}{0}{3}.{{% endif %}}{0}".format, ends, _EXPRESSIONS, inner, inner),
        st.builds("{{% for i in range(n) %}}{0}{1}.{{% endfor %}}{0}".format, ends, inner),
        st.builds("{{% set i = n %}}{0}{1}".format, ends, inner),
        st.builds("{}{}".format, inner, inner),
    )  # fmt: skip


_TEMPLATES = st.recursive(
    st.one_of(_TEXT, st.sampled_from(["{", "{ ", "} ", "\n", "{x"]).map("{} ".format), _EXPRESSIONS.map("{{{{ {} }}}}".format)),
    _block, max_leaves=12,
).map("{{% args x, n, i=0 %}}\n{}.".format)  # fmt: skip


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_TEMPLATES, st.sampled_from(["", "v", "é"]), st.integers(0, 3))
def test_any_template_gives_what_utemplate_gives(utemplate, tmp_path, text, x, n):
    case = Case(text, {"x": x, "n": n})
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
import json, sys
results = {}
with open("cases.json") as f:
    cases = json.load(f)
for name, (folder, values) in cases.items():
    for module in [m for m in sys.modules if m.split(".")[0] == "templates"]:
        del sys.modules[module]
    sys.path[0] = folder
    try:
        pieces = __import__("templates.main_tpl", None, None, ("render",)).render(**values)
        results[name] = b"".join(p if isinstance(p, bytes) else p.encode() for p in pieces).decode()
    except Exception as e:
        results[name] = "%s: %s" % (type(e).__name__, e)
print(json.dumps(results))
"""


def test_micropython_gives_what_cpython_gives(micropython, tmp_path):
    cases = SAME | {name: case for name, (case, _) in BETTER.items()}
    sources, listed, expected = {}, {}, {}
    for i, (name, case) in enumerate(cases.items()):
        listed[name] = [f"case{i}", case.values]
        expected[name] = ours(case, tmp_path / "templates" / str(i))
        for template, made in compiled(case, tmp_path / "templates" / str(i)).items():
            sources[f"case{i}/templates/{module_name(template).replace('.', '/')}.py"] = made.source.encode()
    code = {f"{path[:-3]}.mpy": data for path, data in compile_all(sources).items()}
    folder = write_files(tmp_path / "run", {**code, "cases.json": json.dumps(listed), "driver.py": DRIVER})
    done = subprocess.run([*micropython, "driver.py"], cwd=folder, capture_output=True, timeout=60, check=False)
    assert done.stderr == b""
    assert json.loads(done.stdout) == expected


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


def test_templates_are_listed_without_hidden_files(tmp_path):
    write_files(tmp_path / "t", {"b.tpl": "", "a/x.tpl": "", ".hidden": "", "a/.swp": ""})
    assert Loader(tmp_path / "t", "t").names() == ["a/x.tpl", "b.tpl"]
    assert Loader(tmp_path / "none", "t").names() == []


def test_a_line_map_holds_for_the_whole_example(tmp_path):
    loader = Loader(EXAMPLE / "templates", "templates")
    for name in loader.names():
        made = compile_template(name, loader)
        assert len(made.source.splitlines()) == len(made.lines)
        for file, line in made.lines[1:]:
            assert 1 <= line <= loader.text(file).count("\n") + 1
