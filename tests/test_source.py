"""YAML to values, with their lines; and what is said about YAML that is wrong."""

from __future__ import annotations

import os
import re
import time

import pytest

from site_builder.errors import Problem, SiteError
from site_builder.source import Source, read, walk

from .conftest import write_files


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
        (): ("site.yaml", 1, 1),
        ("title",): ("site.yaml", 1, 1),
        ("routes",): ("site.yaml", 2, 1),
        ("routes", "/"): ("site.yaml", 3, 3),
        ("routes", "/", "template"): ("site.yaml", 4, 5),
        ("routes", "/b"): ("site.yaml", 5, 3),
        ("routes", "/b", "file"): ("site.yaml", 5, 8),
        ("list",): ("site.yaml", 6, 1),
        ("list", 0): ("site.yaml", 7, 5),
        ("list", 1): ("site.yaml", 8, 6),
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
    (tmp_path / "site.yaml").mkdir()
    with pytest.raises(SiteError) as caught:
        read(tmp_path / "site.yaml", "site.yaml")
    assert str(caught.value) == "site.yaml: cannot be read: Is a directory"


# Anchors and merge keys


def test_anchors_and_merge_keys_are_followed(load):
    source = load("base: &b {cache: 1d, file: x}\nmore:\n  cache: 2d\n  <<: *b\nsame: *b\n")
    assert source.value["more"] == {"cache": "2d", "file": "x"}
    assert source.value["base"] == source.value["same"]
    assert source.marks["more", "cache"] == ("site.yaml", 3, 3)
    assert source.marks["more", "file"] == ("site.yaml", 1, 22)


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
    assert re.search(
        r": (its aliases unfold without end; write|there are more than 100,000 values here, with all)", line
    )
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 300 + "1" + "}" * 300, "- " * 80 + "x"])
def test_deep_nesting_is_refused(load, text):
    (line,) = told(load, text)
    assert re.fullmatch(r"site\.yaml:1:[0-9]+: is nested too deeply", line)


def test_what_overrides_a_merged_value_has_its_own_places(load):
    source = load("base: &b\n  list: [1, 2]\n  map: {x: !!int 1}\nmore:\n  <<: *b\n  list: [3, 4]\n  map: 5\n")
    assert source.value["more"] == {"list": [3, 4], "map": 5}
    assert source.marks["more", "list", 1] == ("site.yaml", 6, 13)
    assert ("more", "map", "x") not in source.marks


def test_several_merge_keys_add_up_and_quotes_make_it_an_ordinary_key(load):
    assert load("x: &x {a: 1}\ny: &y {b: 2}\nz: {<<: *x, <<: *y}").value["z"] == {"a": 1, "b": 2}
    assert load("{'<<': 5}").value == {"<<": 5}


# Tags of our own


@pytest.fixture
def folder(tmp_path):
    """Reads the site.yaml of a folder of files: folder({"site.yaml": "…", "more.yaml": "…"})."""

    def folder(files: dict[str, str | bytes]) -> Source:
        return read(write_files(tmp_path, files) / "site.yaml", "site.yaml")

    return folder


def lines(folder, **files: str) -> list[str]:
    """What is said about a folder of files; a_b is a/b.yaml."""
    with pytest.raises(SiteError) as caught:
        folder({name.replace("_", "/") + ".yaml": text for name, text in files.items()})
    return str(caught.value).split("\n")


def test_an_included_file_stands_where_its_tag_is(folder):
    source = folder(
        {
            "site.yaml": "routes: !include routes/all.yaml\nlist: [!include a.yaml, 2]\nt: !include a.yaml\n",
            "routes/all.yaml": "/: a.html\n/b:\n  !include b.yaml\n",
            "routes/b.yaml": "# b\nfile: b.txt\n",
            "a.yaml": "5",
        }
    )
    assert source.value == {"routes": {"/": "a.html", "/b": {"file": "b.txt"}}, "list": [5, 2], "t": 5}
    assert source.marks["routes",] == ("site.yaml", 1, 1)
    assert source.marks["routes", "/b"] == ("routes/all.yaml", 2, 1)
    assert source.marks["routes", "/b", "file"] == ("routes/b.yaml", 2, 1)
    assert source.files == ["site.yaml", "routes/all.yaml", "routes/b.yaml", "a.yaml"]


def test_an_included_file_can_be_merged_and_can_merge(folder):
    source = folder(
        {
            "site.yaml": "a: {<<: !include a.yaml, x: 1}\nb: {<<: [!include a.yaml, {z: 4}]}\n",
            "a.yaml": "{<<: !include b.yaml, y: 2}",
            "b.yaml": "x: 3",
        }
    )
    assert source.value == {"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2, "z": 4}}
    assert source.marks["b", "x"] == ("b.yaml", 1, 1)


def test_an_empty_file_that_is_included_is_nothing(folder):
    assert folder({"site.yaml": "a: !include a.yaml\nb: {<<: !include a.yaml}", "a.yaml": "# x"}).value == {
        "a": None,
        "b": {},
    }


def test_a_problem_of_an_included_file_has_its_name(folder):
    source = folder({"site.yaml": "routes: !include r.yaml", "r.yaml": "\n/:\n  fiel: x\n"})
    assert str(source.problem(("routes", "/", "fiel"), "wrong")) == "r.yaml:3:3: wrong"
    assert lines(folder, site="a: !include r.yaml\nb: &b\nc: &b", r="a: 1\n\tb: 2") == [
        "site.yaml:3:4: the anchor &b stands here a second time"
    ]
    assert lines(folder, site="a: !include r.yaml\nb: !x 1", r="a: 1\n\tb: 2") == [
        "r.yaml:2:1: a tab; YAML is indented with spaces",
        "site.yaml:2:4: unknown tag !x; the tags are !env, !include, !secret",
    ]


_INSIDE = "!include takes a file in the site's folder, such as api.yaml, not"


@pytest.mark.parametrize(
    ("tag", "told"),
    {
        "!include": f"{_INSIDE} ''",
        "!include .": f"{_INSIDE} '.'",
        "!include ../a.yaml": f"{_INSIDE} '../a.yaml'",
        "!include x/../../a.yaml": f"{_INSIDE} 'x/../../a.yaml'",
        "!include /etc/passwd": f"{_INSIDE} '/etc/passwd'",
        "!include 'C:\\a.yaml'": f"{_INSIDE} 'C:\\\\a.yaml'",
        '!include "a\\0b"': f"{_INSIDE} 'a\\x00b'",
        '!include "\\ud800"': f"{_INSIDE} '\\ud800'",
        "!include shared.yml": "there is no shared.yml to include; did you mean 'shared.yaml'?",
        "!include no/shared.yaml": "there is no no/shared.yaml to include",
        f"!include {'x' * 300}": f"there is no {'x' * 300} to include; expected one of: broken.yaml, shared.yaml",
        "!include secrets.yaml": "secrets.yaml is not for !include; write !secret and a name of it",
        "!include site.yaml": "site.yaml includes itself: site.yaml → site.yaml",
        "!include [a]": "!include cannot stand here; it stands before a name, where a value is",
        "!secret {a: b}": "!secret cannot stand here; it stands before a name, where a value is",
        "!secret wfi": "secrets.yaml has no 'wfi'; did you mean 'wifi'?",
        "!secret ''": "secrets.yaml has no ''; expected one of: deep, empty, wifi",
        "!secret empty": "secrets.yaml must have one text or number as 'empty', not nothing",
        "!secret deep": "secrets.yaml must have one text or number as 'deep', not a mapping",
        "!env": "!env takes a name, and after a space what holds without it, such as !env PORT 8080",
        "!env 5": "!env takes a name, and after a space what holds without it, such as !env PORT 8080",
        "!env PICOWEB_NO": (
            "PICOWEB_NO is not in the environment; set it, or write what holds without it: !env PICOWEB_NO …"
        ),
        "!env PICOWEB_NO 2020-13-45": "cannot read '2020-13-45' as timestamp; put quotes around it to make it text",
        "!envv X": "unknown tag !envv; the tags are !env, !include, !secret",
        "!!set {a, b}": "unknown tag !!set; the tags are !env, !include, !secret",
        "!!python/object:os.system [x]": "unknown tag !!python/object:os.system; the tags are !env, !include, !secret",
        "!!omap x": "unknown tag !!omap; the tags are !env, !include, !secret",
    }.items(),
)
def test_a_tag_that_stands_for_nothing_is_told(folder, tag, told):
    text = f"a: {tag}\n"
    assert lines(folder, site=text, shared="x: 1", broken="[", secrets="wifi: x\nempty:\ndeep: {a: b}\n") == [
        f"site.yaml:1:4: {told}"
    ]


def test_a_tag_cannot_stand_before_a_key(folder):
    assert lines(folder, site="!env A: 1\n") == [
        "site.yaml:1:1: !env cannot stand here; it stands before a name, where a value is"
    ]
    assert lines(folder, site="? !!seq x\n: 1\n") == [
        "site.yaml:1:3: unknown tag !!seq; the tags are !env, !include, !secret"
    ]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"b": "!include c.yaml", "c": "!include b.yaml"}, "c.yaml:1:1: b.yaml includes itself: b → c → b"),
        ({"b": "{<<: !include b.yaml}"}, "b.yaml:1:6: b.yaml includes itself: b → b"),
        ({"b": "x: [{y: !include site.yaml}]"}, "b.yaml:1:9: site.yaml includes itself: site → b → site"),
    ],
)
def test_files_that_include_each_other_are_told(folder, files, told):
    (line,) = lines(folder, site="a: !include b.yaml\n", **files)
    where, chain = line.split("itself: ")
    assert f"{where}itself: {chain.replace('.yaml', '')}" == told


def test_files_that_include_each_other_many_times_end(folder):
    files = {f"f{n}": f"[{', '.join([f'!include f{n + 1}.yaml'] * 9)}]" for n in range(9)}
    (line,) = lines(folder, site="!include f0.yaml", f9="x", **files)
    assert line.endswith("there are more than 100,000 values here, with all aliases written out")


def test_secrets_are_values_that_are_known_as_such(folder):
    source = folder(
        {
            "site.yaml": "a: &a {key: !secret key}\nb: {<<: *a}\nc: [!secret pin]\nd: {<<: *a, key: 5}\n",
            "secrets.yaml": "key: s3cret\npin: 1234\nunused: x\n",
        }
    )
    assert source.value == {"a": {"key": "s3cret"}, "b": {"key": "s3cret"}, "c": [1234], "d": {"key": 5}}
    assert source.secrets == {("a", "key"): "key", ("b", "key"): "key", ("c", 0): "pin"}
    assert source.secret_values == {"key": "s3cret", "pin": 1234}
    assert source.files == ["site.yaml", "secrets.yaml"]


def test_a_message_has_the_name_of_a_secret_and_not_its_value(folder):
    source = folder({"site.yaml": "a: !secret key\nb: !secret pin", "secrets.yaml": "key: s3cret\npin: 1234\n"})
    assert source.problem(("a",), "a must be 5, not 's3cret'").message == "a must be 5, not the secret 'key'"
    assert source.problem(("b",), "b must be 5, not 1234").message == "b must be 5, not the secret 'pin'"
    assert source.problem((), "1234 files").message == "1234 files"


def test_secrets_without_a_file_are_told(folder):
    assert lines(folder, site="a: !secret x\nb: !secret y\n") == [
        "site.yaml:1:4: there is no secrets.yaml; write it beside site.yaml, with a line 'x: …'",
        "site.yaml:2:4: there is no secrets.yaml; write it beside site.yaml, with a line 'y: …'",
    ]


@pytest.mark.parametrize(
    ("secrets", "told"),
    {
        "- a": "1:1: must be a mapping: a name and its secret in each line",
        "x: 1\nx: 2": "2:1: 'x' stands here a second time; the first is in line 1",
        "x: !env HOME": "1:4: !env cannot stand in secrets.yaml; it stands before a name, where a value is",
        "x: !!int hidden": "1:4: cannot read this as int; put quotes around it to make it text",
    }.items(),
)
def test_mistakes_in_the_secrets_are_told_once_and_without_them(folder, secrets, told):
    assert lines(folder, site="a: !secret x\nb: !secret y\n", secrets=secrets) == [f"secrets.yaml:{told}"]


def test_a_file_of_secrets_that_nobody_names_is_not_read(folder):
    assert folder({"site.yaml": "a: 1", "secrets.yaml": "["}).files == ["site.yaml"]


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("!env PICOWEB_TEST", 8080),
        ('!env "PICOWEB_TEST"', "8080"),
        ("!env PICOWEB_TEST 5", 8080),
        ("!env PICOWEB_NO 5", 5),
        ("!env 'PICOWEB_NO 5'", "5"),
        ("!env PICOWEB_EMPTY some more", "some more"),
        ("!env PICOWEB_NO no", False),
        ("!env PICOWEB_NO ~", None),
        ("!env PICOWEB_YAML", "a: [b"),
    ],
)
def test_a_value_of_the_environment_has_its_type(load, monkeypatch, tag, value):
    monkeypatch.setenv("PICOWEB_TEST", "8080")
    monkeypatch.setenv("PICOWEB_EMPTY", "")
    monkeypatch.setenv("PICOWEB_YAML", "a: [b")
    monkeypatch.delenv("PICOWEB_NO", raising=False)
    assert load(f"a: {tag}\n").value == {"a": value}


def test_bytes_in_the_environment_that_are_no_text_are_told(load, monkeypatch):
    monkeypatch.setenv("PICOWEB_TEST", "\udcff")
    assert told(load, "a: !env PICOWEB_TEST") == [
        r"site.yaml:1:4: cannot read '\udcff' as str; put quotes around it to make it text"
    ]


# Files that are none of ours


def test_a_file_that_is_too_large_is_told(load):
    assert load(b"#" * (1 << 20)).value is None
    with pytest.raises(SiteError, match=r"^site.yaml: is larger than 1 MiB; put data into files of its own, and name"):
        load(b"#" * ((1 << 20) + 1))


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_notepads_unicode_is_told(load, codec):
    assert told(load, "title: x".encode(codec)) == [
        "site.yaml:1:1: is UTF-16, as Notepad's 'Unicode'; save it as UTF-8"
    ]


def test_what_is_no_file_is_told(tmp_path):
    os.mkfifo(tmp_path / "site.yaml")
    with pytest.raises(SiteError, match="cannot be read: it is not a file"):
        read(tmp_path / "site.yaml", "site.yaml")


def test_numbers_that_cannot_be_written_are_told(load):
    assert told(load, "a: 0x" + "f" * 5000) == [
        f"site.yaml:1:4: cannot read '0x{'f' * 58}'… as int; put quotes around it to make it text"
    ]


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
    "a: !mine x\n": ["1:4: unknown tag !mine; the tags are !env, !include, !secret"],
    "a: =\n": ["1:4: cannot read '=' as value; put quotes around it to make it text"],
    "a: " + "9" * 5000: [f"1:4: cannot read '{'9' * 60}'… as int; put quotes around it to make it text"],
    'a: "\\ud800"\n': ["1:4: cannot read '\\ud800' as str; put quotes around it to make it text"],
    "a: b\n\nc: \x07\n": ["3:4: the invisible character U+0007 cannot stand in YAML; remove it"],
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: text[:20])
def test_a_mistake_is_told_with_its_line(load, text):
    assert [f"site.yaml:{line}" for line in MISTAKES[text]] == told(load, text)


def test_a_byte_that_is_not_utf8_is_told_with_its_line(load):
    assert told(load, b"a: 1\n\nb: caf\xe9\n") == ["site.yaml:3:7: byte 0xe9 is not UTF-8; save the file as UTF-8"]
    assert told(load, "a: 1\n".encode("utf-16")) == [
        "site.yaml:1:1: is UTF-16, as Notepad's 'Unicode'; save it as UTF-8"
    ]


def test_walk_gives_every_key_and_scalar_with_its_path():
    assert list(walk({"a": [1, {2: None}]}, ("top",))) == [
        (("top", "a"), "a", True),
        (("top", "a", 0), 1, False),
        (("top", "a", 1, 2), 2, True),
        (("top", "a", 1, 2), None, False),
    ]
