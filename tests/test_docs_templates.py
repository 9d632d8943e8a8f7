"""docs/templates.md: every example is run, on CPython and on MicroPython, and every supported thing is among them."""

import ast
import re

import pytest

from site_builder.templates import Loader, compile_template
from site_builder.templates.jinja.builtins import FILTERS, TESTS
from site_builder.templates.jinja.frames import GLOBALS

from .jinja_harness import Case, by_cpython, by_jinja, by_micropython, compiled
from .test_docs import TOP, blocks

PAGE = "docs/templates.md"
ROW = re.compile(r"^\| `(?P<code>.+)` \| `(?P<text>.*)` \|$", re.M)
OWN = {"filters": {"celsius": "own.celsius"}, "tests": {"hot": "own.hot"}}


def lines(text):
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def examples():
    """(case, the page) of each example: a template, values if it takes some, and what it gives."""
    others, found = {}, []
    template, context = "", "{}"
    for file, kind, text in blocks(PAGE):
        if file and file.startswith("templates/"):
            others[file[len("templates/") :]] = text
        elif file:
            continue
        elif kind == "html":
            template, context = text, "{}"
        elif kind == "python":
            context = repr(ast.literal_eval(text))
        else:
            texts = {name: other for name, other in others.items() if not name.endswith(".tpl")}
            found.append((Case({"t.html": template, **texts}, context), text))
    return found


def rows():
    """(case, text) of each row of a table."""
    page = (TOP / PAGE).read_text(encoding="utf-8").replace("\\|", "|")
    return [(Case({"t.html": row["code"]}, "{}", OWN), row["text"]) for row in ROW.finditer(page)]


@pytest.fixture(autouse=True)
def own_functions(monkeypatch):
    """The functions of the page, where the others of the tests are."""
    text = next(text for file, _, text in blocks(PAGE) if file == "handlers/units.py")
    monkeypatch.setattr("tests.jinja_harness.WORLD", text)


def test_every_example_gives_what_the_page_says():
    assert len(examples()) >= 5
    for item, want in examples():
        for kind, text in (by_jinja(item), by_cpython(item, compiled(item))):
            assert (kind, lines(text)) == ("text", lines(want)), item


def test_every_row_gives_what_the_page_says():
    assert len(rows()) >= 60
    for item, want in rows():
        assert by_cpython(item, compiled(item)) == ("text", want)
        assert by_jinja(item) == ("text", want)


def test_micropython_gives_the_same(micropython, tmp_path):
    found = [*examples(), *rows()]
    results = by_micropython(micropython, [(item, compiled(item)) for item, _ in found], tmp_path)
    for (item, want), (kind, text) in zip(found, results, strict=True):
        assert (kind, lines(text)) == ("text", lines(want)), item


def test_every_filter_test_and_function_is_on_the_page():
    code = " ".join(row["t.html"] for row, _ in [(item.texts, text) for item, text in rows()])
    assert [name for name in FILTERS if not re.search(rf"\|{name}\b", code)] == []
    named = [name for name in TESTS if not re.search(rf"\bis {name}\b", code) and f'select("{name}"' not in code]
    assert named == []
    assert [name for name in GLOBALS if f"{name}(" not in code] == []


def test_the_example_of_utemplates_syntax_works(tmp_path):
    for file, _, text in blocks(PAGE):
        if file and file.endswith(".tpl"):
            (tmp_path / file.split("/")[1]).write_text(text, encoding="utf-8")
    page = {}
    exec(compile_template("list.tpl", Loader(tmp_path, "templates")).source, page)
    pieces = page["render"]("T", "abcde", limit=2)
    text = "".join(piece if isinstance(piece, str) else piece.decode() for piece in pieces)
    assert lines(text) == ["<h1>T</h1>", "<p>0: a</p>", "<p>1: b</p>", *["<p>more</p>"] * 3]
