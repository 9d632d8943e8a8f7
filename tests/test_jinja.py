"""Jinja's templates, compiled: the text that Jinja2 gives, on CPython and on real MicroPython, or an error like its."""

import random
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.templates import TemplateError

from .jinja_harness import Case, by_cpython, by_jinja, by_micropython, compiled, random_case, same
from .jinja_table import ESCAPED, EVIL, STRICT, TABLE


def compiles(item):
    """The module of a case; None when it is refused."""
    try:
        return compiled(item)
    except TemplateError:
        return None


def made(items):
    """The cases that compile, with their modules; the others are wrong for Jinja2 too."""
    found = [(item, compiles(item)) for item in items]
    assert [item for item, page in found if page is None and by_jinja(item)[0] == "text"] == []
    return [(item, page) for item, page in found if page is not None]


def differences(found, results):
    return [
        f"{item.texts} {item.context}\n  {got}\n  Jinja2: {want}\n{page.source}"
        for (item, page), got in zip(found, results, strict=True)
        if not same(got, want := by_jinja(item))
    ]


@pytest.mark.parametrize("table", [TABLE, STRICT], ids=["lenient", "strict"])
def test_the_table_gives_what_jinja2_gives(table):
    found = made(table)
    assert not differences(found, [by_cpython(item, page) for item, page in found])


@pytest.mark.parametrize("table", [TABLE, STRICT], ids=["lenient", "strict"])
def test_micropython_gives_the_same(table, micropython, tmp_path):
    found = made(table)
    results = by_micropython(micropython, found, tmp_path, strict=table is STRICT)
    assert not differences(found, results)


def test_nearly_all_of_the_table_is_supported():
    assert len(TABLE) + len(STRICT) >= 200
    supported = [case for case, _ in made(TABLE)]
    refused = [item for item in TABLE if item not in supported]
    assert len(refused) <= 4, refused


@pytest.mark.parametrize("item", ESCAPED, ids=lambda item: next(iter(item.texts.values())))
def test_user_input_stays_escaped(item):
    kind, text = by_cpython(item, compiled(item))
    assert kind == "text"
    for safe in ("<b>", "</b>", "<br>", "<B>", '<a title="', "' href='", "'>", '">'):
        text = text.replace(safe, "")
    assert "<" not in text
    assert EVIL.replace("\\", "") not in text


# Random templates: `Grammar` writes them, hypothesis (or a seed) chooses.

COMMON = {"deadline": None, "database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


def shallow(function, *args):
    """Calls a function with a low limit of recursion: macros that call themselves end soon."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(500)
    try:
        return function(*args)
    finally:
        sys.setrecursionlimit(before)


@settings(max_examples=300, **COMMON)
@given(st.randoms(use_true_random=False))
def test_random_templates_give_what_jinja2_gives(rng):
    item = random_case(rng)
    try:
        page = compiled(item)
    except TemplateError:
        return
    want, got = shallow(by_jinja, item), shallow(by_cpython, item, page)
    assert same(got, want), f"{item.texts}\n{item.context}\n{got}\nJinja2: {want}\n{page.source}"


def test_random_templates_on_micropython(micropython, tmp_path):
    found, wanted = [], []
    seed = 0
    while len(found) < 100:
        item = random_case(random.Random(seed))
        seed += 1
        try:
            page = compiled(item)
        except TemplateError:
            continue
        want = shallow(by_jinja, item)
        if want[0] == "text":
            found.append((item, page))
            wanted.append(want)
    results = by_micropython(micropython, found, tmp_path)
    for (item, page), got, want in zip(found, results, wanted, strict=True):
        assert got == want, f"{item.texts}\n{item.context}\n{got}\nJinja2: {want}\n{page.source}"


# What the module looks like.


def source(text, context="{}", **options):
    return compiled(Case({"t.html": text}, context, options)).source


def body(text):
    """The lines of render() after those for its parameters."""
    lines = source(text).split("def render")[1].split("\n")[1:]
    while lines[0].startswith("    if ") and " is _none" in lines[0]:
        lines = lines[2:]
    return "\n".join(line[4:] for line in lines).rstrip()


def test_text_and_constants_are_one_piece():
    assert body("<p>{{ 1 + 1 }}{{ '<' }}{# no #}{% if true %}yes{% endif %}</p>") == "yield b'<p>2&lt;yes</p>'"


def test_a_loop_that_asks_nothing_of_loop_is_a_plain_for():
    assert body("{% for x in xs %}{{ x }}{% endfor %}").split("\n")[0] == "for _l_1_x in xs:"
    assert "_i1" in body("{% for x in xs %}{{ loop.index }}{% endfor %}")
    assert "_l1" not in body("{% for x in xs %}{{ loop.index }}{% endfor %}")
    assert "_l1 = _list(xs)" in body("{% for x in xs %}{{ loop.last }}{% endfor %}")


def test_what_needs_no_escaping_is_not_escaped():
    page = body(
        "{% for x in y %}{{ loop.index }}{{ x|length }}{{ x|tojson }}{{ x is odd }}{{ x == 1 }}{{ x|safe }}{% endfor %}"
    )
    assert "_escape" not in page


def test_elif_is_elif():
    assert "elif b:" in body("{% if a %}1{% elif b %}2{% else %}3{% endif %}")


def test_macros_stand_beside_render_where_they_can():
    text = source("{% macro f(a) %}<b>{{ a }}</b>{% endmacro %}{{ f(1) }}")
    assert text.index("def _m1_f") < text.index("def render")
    assert "yield from _m1_f(1)" in text


def test_a_scope_copies_nothing_that_it_does_not_set():
    assert body("{% set a = 1 %}{% with b = a %}{{ b }}{% endwith %}").count("=") == 2
