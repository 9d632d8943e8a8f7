"""Anything at all as a site.yaml: a site comes out, or problems that each name a file and a line in it."""

from __future__ import annotations

import copy
import datetime
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder import bundle, source
from site_builder.errors import SiteError

from .conftest import write_files
from .test_broken_sites import GOOD

FULL = """\
title: Full
board: pico-w
context: {owner: Ada, list: [1, {deep: true}]}
x-page: &page {cache: 1d, headers: {X-A: b}}
defaults:
  headers: {X-B: c}
  file: {cache: 1h}
  handler: {methods: [GET, POST]}
routes:
  /: {template: index.tpl, data: sensors.now}
  /a: {<<: *page, template: index.tpl, context: {heading: x}, type: text/html}
  /static/*: {dir: static, headers: {x-b: null}}
  /f: static/style.css
  /switch/<int:n>: {handler: relays.switch, methods: [POST]}
  /api: {json: sensors.now}
  /more: {json: {secret: !secret key, env: !env PICOWEB_NO 5}}
  /there: {redirect: /, status: 301}
  /included: !include more.yaml
errors:
  404: {file: static/style.css}
templates: {strict: false}
budget: {flash: 200K, heap: 61440}
server: {host: 0.0.0.0, port: 80, buffer: 4K, head_timeout: 10s, connections: 4}
"""
FILES = {**GOOD, "secrets.yaml": "key: s3cret\n", "more.yaml": "file: static/style.css\ncache: 5\n"}
VALUE = yaml.load(FULL, type("Loader", (yaml.SafeLoader,), {"yaml_constructors": {
    **yaml.SafeLoader.yaml_constructors, None: lambda loader, node: str(node.value)
}}))  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_files(tmp_path_factory.mktemp("fuzz"), FILES)


def lines_of(path: Path) -> int:
    """How many lines a file has, as YAML, Python and templates count them; the empty one at its end is one."""
    return len(re.split(b"\r\n|\r|\n|\xc2\x85|\xe2\x80[\xa8\xa9]", path.read_bytes()))


def look(folder: Path, data: bytes) -> None:
    """Reads and checks a site with a site.yaml. Whatever is wrong is said as a user can use it."""
    (folder / "site.yaml").write_bytes(data)
    problems = []
    try:
        bundle.read_site(folder)
    except SiteError as error:
        problems = error.problems or [None]
    for problem in problems:
        assert (folder / problem.file).is_file(), problem
        assert 1 <= problem.line <= lines_of(folder / problem.file), problem
        assert problem.column >= 0
        assert problem.message
        assert "\n" not in str(problem)
        str(problem).encode()
        assert "s3cret" not in str(problem) or b"s3cret" in data


ROUNDS = settings(max_examples=200, deadline=None, derandomize=True)
PIECES = st.sampled_from(
    [
        *"ab0{}[]'\"#%~=@é*&!|>?-:,.<\u2028\x85",
        *["2020-01-99", "0x", "1e", ".nan", ".inf", "\\ud800", "\\0", "null", "yes", "404", "-1", "1_0", "0o7", "1:30"],
        *["\n", "\r", "\r\n", "  ", "\t", ": ", "- ", ", ", "? ", "<<: ", "&x ", "*x ", "|\n", "---\n", "...\n", "\0"],
        *["!!int ", "!!set ", "!!binary ", "!!seq ", "!!map ", "!!str ", "! ", "!<x> ", "%YAML 1.1\n"],
        *["!include ", "!secret ", "!env ", "!include more.yaml", "!secret key", "!env HOME", "!include site.yaml"],
        *["routes:", "/: ", "file: ", "{json: ", "context: ", "title: ", "server: ", "defaults: ", "x-a: "],
    ]
)


def test_the_site_that_is_changed_below_is_right(folder):
    (folder / "site.yaml").write_text(FULL)
    assert bundle.read_site(folder).errors == []


@ROUNDS
@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_are_a_site_or_problems(folder, data):
    look(folder, data)


@ROUNDS
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_pieces_of_yaml_are_a_site_or_problems(folder, text):
    look(folder, text.encode())


@st.composite
def changed_texts(draw):
    """The whole site with pieces put in, taken out or doubled at random places."""
    text = FULL
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 2, 10, 100])))
        text = text[:start] + draw(st.one_of(PIECES, st.just(""), st.just(text[start:end] * 2))) + text[end:]
    return text


@ROUNDS
@given(changed_texts())
def test_a_site_with_changes_is_a_site_or_problems(folder, text):
    look(folder, text.encode())


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([10**30, -1, 0, 404, 2**63]), st.floats(), st.text(),
    st.binary(max_size=5), st.dates(datetime.date(1, 1, 1)), st.datetimes(),
    st.sampled_from(["a.html", "index.tpl", "../x", "static", "sensors.now", "1d", "8K", "x" * 300, "\n", "\x1b[31m"]),
)  # fmt: skip
KEYS = st.one_of(SCALARS.filter(lambda key: key == key), st.sampled_from(["file", "json", "cache", "headers", "title"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


def places(value, path=()):
    """The paths of all values in a value."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


PLACES = list(places(VALUE))


@st.composite
def changed_values(draw):
    """The whole site with another value, or another key, at random places."""
    value = [copy.deepcopy(VALUE)]
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        inner, keys = value, [0, *path]
        for key in keys[:-1]:
            inner = inner[key] if isinstance(inner, dict | list) and key in dict(_items(inner)) else None
        if isinstance(inner, dict) and draw(st.booleans()):
            inner[draw(KEYS)] = draw(VALUES)
        elif isinstance(inner, dict | list) and keys[-1] in dict(_items(inner)):
            inner[keys[-1]] = draw(VALUES)
    return value[0]


def _items(value):
    return value.items() if isinstance(value, dict) else enumerate(value)


@ROUNDS
@given(changed_values())
def test_a_site_with_other_values_is_a_site_or_problems(folder, value):
    look(folder, yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "surrogatepass"))


@ROUNDS
@given(
    st.sampled_from(["more.yaml", "secrets.yaml"]),
    st.one_of(st.binary(), st.lists(PIECES).map(lambda x: "".join(x).encode())),
)
def test_any_file_that_is_included_is_read_or_told(folder, name, data):
    (folder / name).write_bytes(data)
    try:
        look(folder, FULL.encode())
    finally:
        (folder / name).write_text(FILES[name])


def test_the_names_of_all_files_that_were_read_are_known(folder):
    (folder / "site.yaml").write_text(FULL)
    assert source.read(folder / "site.yaml", "site.yaml").files == ["site.yaml", "secrets.yaml", "more.yaml"]
