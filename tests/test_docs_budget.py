"""docs/budget.md: its site is built, its commands are run, and what they print is what the page shows."""

from __future__ import annotations

import json
import re

import pytest

from .test_docs import blocks, write_file
from .test_size import run

PAGE = "docs/budget.md"


@pytest.fixture
def site(tmp_path, micropython):
    for file, _, text in blocks(PAGE):
        if file:
            write_file(tmp_path, file, text)
    return tmp_path


def masked(text):
    """The lines of a text without their figures: those change with every module."""
    return [" ".join(re.sub(r"[\d.,]+", "0", line).split()) for line in text.splitlines() if line.strip()]


def test_the_commands_print_what_the_page_shows(site):
    commands = 0
    shown = iter(block for block in blocks(PAGE) if block[0] is None)
    for _, kind, text in shown:
        if kind == "sh":
            done = run(*text.split()[1:], cwd=site)
            want = masked(next(shown)[2])
            got = masked(done.stderr if done.returncode else done.stdout)
            assert [line for line in want if line not in got] == []
            assert done.returncode == ("over budget" in want[0])
            commands += 1
    assert commands == 3


def shape(value):
    """The keys and types of a value; of a list those of its first item."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value)


def test_the_json_has_the_shape_that_the_page_shows(site):
    shown = next(json.loads(text) for _, kind, text in blocks(PAGE) if kind == "json")
    found = json.loads(run("size", "--json", cwd=site).stdout)
    assert shape(found) == shape(shown)
    for name in ("routes", "errors", "board", "limits", "over", "notes", "title", "version"):
        assert found[name] == shown[name]
    routes = json.loads(run("routes", "--json", cwd=site).stdout)
    assert routes == {name: shown[name] for name in ("version", "routes", "errors")}


def test_the_estimate_for_boards_is_the_one_that_the_page_names(site):
    heap = json.loads(run("size", "--json", cwd=site).stdout)["heap"]
    assert heap["on_board"] == heap["least"] * 4 // 5
