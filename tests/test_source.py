"""YAML to values, with their lines; and what is said about YAML that is wrong."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.errors import Problem, SiteError
from site_builder.source import Source, read, walk


@pytest.fixture
def load(tmp_path):
    """Reads a text or bytes as site.yaml."""

    def load(content: str | bytes) -> Source:
        path = tmp_path / "site.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read(path, "site.yaml")

    return load


def told(load, content: str | bytes) -> list[str]:
    """The lines that a user reads about a broken file."""
    with pytest.raises(SiteError) as caught:
        load(content)
    assert all(problem.file == "site.yaml" and problem.line >= 1 for problem in caught.value.problems)
    return str(caught.value).split("\n")


def test_keys_and_values_are_marked_with_line_and_column(load):
    source = load("title: A\nroutes:\n  /:\n    template: a.tpl\n  /b: {file: c}\nlist:\n  - x\n  -  y\n")
    assert (source.value) == {
        "title": "A",
        "routes": {"/": {"template": "a.tpl"}, "/b": {"file": "c"}},
        "list": ["x", "y"],
    }
    assert source.marks == {
        (): (1, 1),
        ("title",): (1, 1),
        ("routes",): (2, 1),
        ("routes", "/"): (3, 3),
        ("routes", "/", "template"): (4, 5),
        ("routes", "/b"): (5, 3),
        ("routes", "/b", "file"): (5, 8),
        ("list",): (6, 1),
        ("list", 0): (7, 5),
        ("list", 1): (8, 6),
    }


def test_a_problem_stands_at_the_nearest_place_that_is_known(load):
    source = load("a:\n  b: 1\n")
    assert Problem("site.yaml", 2, 3, "wrong") == source.problem(("a", "b", "c", 0), "wrong")
    assert Problem("site.yaml", 1, 1, "wrong") == source.problem(("x",), "wrong")


def test_scalars_have_the_types_of_yaml(load):
    assert load("[1, 1.5, yes, ~, x, '1']").value == [1, 1.5, True, None, "x", "1"]


def test_an_empty_file_is_nothing(load):
    for text in ("", "\n", "# only a comment\n", "---\n"):
        assert load(text).value is None


def test_a_byte_order_mark_is_not_part_of_the_first_key(load):
    assert load(b"\xef\xbb\xbftitle: \xc3\xa9\r\n").value == {"title": "é"}


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SiteError) as caught:
        read(tmp_path / "site.yaml", "site.yaml")
    assert str(caught.value) == "site.yaml: there is no such file; a site is a folder with a site.yaml"


def test_a_folder_in_its_place_is_told(tmp_path):
    with pytest.raises(SiteError) as caught:
        read(tmp_path, "site.yaml")
    assert str(caught.value) == "site.yaml: cannot be read: Is a directory"


# Anchors and merge keys


def test_anchors_and_merge_keys_are_followed(load):
    source = load("base: &b {cache: 1d, file: x}\nmore:\n  cache: 2d\n  <<: *b\nsame: *b\n")
    assert source.value["more"] == {"cache": "2d", "file": "x"}
    assert source.value["base"] == source.value["same"]
    assert source.marks["more", "cache"] == (3, 3)
    assert source.marks["more", "file"] == (1, 22)


def test_of_several_merged_mappings_the_first_wins(load):
    assert load("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y]}").value["z"] == {"a": 1, "b": 1, "c": 2}


def test_a_mapping_with_a_merge_key_can_be_used_twice(load):
    source = load("a: &a {p: 1}\nb: &b {<<: *a, p: 2}\nc: *b\nd: {<<: *b, q: 3}\n")
    assert {"p": 2} == source.value["b"] == source.value["c"]
    assert source.value["d"] == {"p": 2, "q": 3}


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)
)
MERGE_BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 10)
)


@pytest.mark.parametrize("text", [BOMB, MERGE_BOMB, "a: &a [*a]\n", "a: &a {<<: *a}\n", "a: &a {b: *a}\n"])
def test_aliases_that_unfold_without_end_are_refused_at_once(load, text):
    start = time.monotonic()
    (line,) = told(load, text)
    assert line.endswith(": its aliases unfold without end; write the values out")
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 300 + "1" + "}" * 300, "- " * 80 + "x"])
def test_deep_nesting_is_refused(load, text):
    (line,) = told(load, text)
    assert re.fullmatch(r"site\.yaml:1:[0-9]+: is nested too deeply", line)


# Mistakes, and the lines that are said about them

MISTAKES = {
    "routes:\n\t/: a.tpl\n": ["2:1: a tab; YAML is indented with spaces"],
    "a: 1\n\tb: 2\n": ["2:1: a tab; YAML is indented with spaces"],
    "routes:\n  /: a\n /b: c\n": [
        "3:2: does not fit what stands above or before it: look at the indentation and the quotes"
    ],
    'title: "x" y\n': ["1:12: does not fit what stands above or before it: look at the indentation and the quotes"],
    "a: b\n  c: d\n": ["2:4: ': ' where none can be: look at the indentation; text with ': ' needs quotes"],
    "title: Tom: x\n": ["1:11: ': ' where none can be: look at the indentation; text with ': ' needs quotes"],
    "a: 1\nb 2\nc: 3\n": ["2:1: a ': ' is missing after this"],
    "routes:\n  /: {file: a\n": ["2:6: ',' or '}' is missing after this, in line 3 at the latest"],
    "a: [1, 2\nb: 3\n": ["1:4: ',' or ']' is missing after this, in line 2 at the latest"],
    "\ntitle: 'abc\nb: c\n": ["2:8: this quote is not closed"],
    "title: @x\n": ["1:8: text that begins with @ needs quotes"],
    "title: *x\n": ["1:8: no &x stands above *x; text that begins with * needs quotes"],
    "a: &x 1\nb: &x 2\n": ["2:4: the anchor &x stands here a second time"],
    "a: 1\n---\nb: 2\n": ["2:1: '---' begins a second document; a site is one"],
    'a: "\\q"\n': ["1:6: while scanning a double-quoted scalar: found unknown escape character 'q'"],
    "title: {{ x }}\n": ["1:9: a mapping or list cannot be a key; put quotes around text that has { or ["],
    "? [a]\n: b\n": ["1:3: a mapping or list cannot be a key; put quotes around text that has { or ["],
    "\n<<: 5\n": ["2:5: '<<' takes a mapping such as *name, or a list of them"],
    "<<: [{a: 1}, 5]\n": ["1:14: '<<' takes a mapping such as *name, or a list of them"],
    "a: 1\nb: 2\na: 3\n": ["3:1: 'a' stands here a second time; the first is in line 1"],
    "a: {b: 1,\n b: 2}\nc: 1\nc: 1\n": [
        "2:2: 'b' stands here a second time; the first is in line 1",
        "4:1: 'c' stands here a second time; the first is in line 3",
    ],
    "a: 2020-13-45\n": ["1:4: cannot read '2020-13-45' as timestamp; put quotes around it to make it text"],
    "a: !!bool maybe\n": ["1:4: cannot read 'maybe' as bool; put quotes around it to make it text"],
    "a: !!int x\n": ["1:4: cannot read 'x' as int; put quotes around it to make it text"],
    "a: !!int ''\n": ["1:4: cannot read '' as int; put quotes around it to make it text"],
    "a: !!timestamp x\n": ["1:4: cannot read 'x' as timestamp; put quotes around it to make it text"],
    "a: !mine x\n": ["1:4: cannot read 'x' as !mine; put quotes around it to make it text"],
    "a: =\n": ["1:4: cannot read '=' as value; put quotes around it to make it text"],
    "a: " + "9" * 5000: [f"1:4: cannot read '{'9' * 40}…' as int; put quotes around it to make it text"],
    'a: "\\ud800"\n': ["1:4: cannot read '\\ud800' as str; put quotes around it to make it text"],
    "a: b\n\nc: \x07\n": ["3:4: the invisible character U+0007 cannot stand in YAML; remove it"],
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: text[:20])
def test_a_mistake_is_told_with_its_line(load, text):
    assert [f"site.yaml:{line}" for line in MISTAKES[text]] == told(load, text)


def test_a_byte_that_is_not_utf8_is_told_with_its_line(load):
    assert told(load, b"a: 1\n\nb: caf\xe9\n") == ["site.yaml:3:7: byte 0xe9 is not UTF-8; save the file as UTF-8"]
    assert told(load, "a: 1\n".encode("utf-16")) == ["site.yaml:1:1: byte 0xff is not UTF-8; save the file as UTF-8"]


def test_walk_gives_every_key_and_scalar_with_its_path():
    assert list(walk({"a": [1, {2: None}]}, ("top",))) == [
        (("top", "a"), "a", True),
        (("top", "a", 0), 1, False),
        (("top", "a", 1, 2), 2, True),
        (("top", "a", 1, 2), None, False),
    ]


# Anything at all

_PIECES = st.sampled_from(
    [
        *"ab{}[]'\"#%~=@é",
        *["2020-01-99", "0x", "1e", ".nan", "\\ud800"],
        "\n",
        "  ",
        "\t",
        ": ",
        "- ",
        ", ",
        "? ",
        "<<: ",
        "&x ",
        "*x ",
        "!!int ",
        "!!set ",
        "|\n",
        "---\n",
        "\0",
    ]
)
_ANYTHING = st.one_of(st.text(), st.lists(_PIECES, max_size=30).map("".join)).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)


@settings(
    max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(_ANYTHING, st.binary()))
def test_any_bytes_give_a_value_or_problems_with_file_and_line(load, data):
    try:
        source = load(data)
    except SiteError as error:
        problems = error.problems
    else:
        problems = [source.problem((), "a value")]
    assert problems
    assert all(problem.file == "site.yaml" and problem.line >= 1 and problem.message for problem in problems)
