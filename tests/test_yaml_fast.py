"""The fast parser of YAML: it gives what the slow one gives, or leaves it to that one."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder import source, yaml_fast
from site_builder.errors import SiteError

from .conftest import EXAMPLE

needs_c = pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML has no parser in C here")


def tree(node: yaml.Node) -> tuple[Any, ...]:
    """A tree of nodes as values: kinds, tags, places and texts."""
    value = node.value
    if isinstance(node, yaml.MappingNode):
        value = [(tree(key), tree(item)) for key, item in value]
    elif isinstance(node, yaml.SequenceNode):
        value = [tree(item) for item in value]
    return type(node), node.tag, node.start_mark.line, node.start_mark.column, value


PIECES = [
    *"{}[],:&*!|>'\"%@`-?#~=<\n\t ",
    *(
        ": ",
        "- ",
        "---",
        "...",
        "\n  ",
        "\n- ",
        "# c",
        "{a: b",
        "<<: *a",
        "&a ",
        "*a",
        "!x ",
        "\r\n",
        "'a' b",
        "a: 1\n",
    ),
    *("é", "\u2028", "\ufeff", "\x85", "1", "ab", "key: value\n", "  k: [1, {x: y}]\n", "/r/<int:n>: {json: a.b}\n"),
]


@needs_c
@settings(max_examples=1500, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_it_reads_is_what_the_slow_one_reads(text):
    fast = yaml_fast.compose(text, "x")
    if fast is not None:
        slow = yaml.SafeLoader(text).get_single_node()
        assert tree(fast) == tree(slow)


@needs_c
def test_it_reads_plain_sites_and_knows_their_name():
    node = yaml_fast.compose("a: 1\nroutes:\n  /r/<int:n>: {json: a.b}\n  /é: 'x'\n", "site.yaml")
    assert node is not None
    assert (node.start_mark.name, node.value[1][1].start_mark.line) == ("site.yaml", 2)


@needs_c
@pytest.mark.parametrize(
    "text",
    ["", "a:\tb", "a: b: c", "{", "a: |\n x", "? a", "a: !x b", "--- a", "a:", "- ", "a: 'b", "%YAML 1.2\n", "a: \x85"],
)
def test_it_leaves_what_is_doubtful_to_the_slow_one(text):
    assert yaml_fast.compose(text, "x") is None


def test_the_example_reads_the_same_without_it(monkeypatch):
    with_it = source.read(EXAMPLE / "site.yaml", "site.yaml")
    monkeypatch.setattr(yaml_fast, "compose", lambda text, name: None)
    without = source.read(EXAMPLE / "site.yaml", "site.yaml")
    assert (with_it.value, with_it.marks) == (without.value, without.marks)


@needs_c
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{a: ", "&a [", "'x': ["])
@pytest.mark.parametrize("closing", ["", "]", "}", "}]"])
def test_what_is_nested_without_end_is_no_crash(opening, closing):
    for count in (900, 60_000):
        assert yaml_fast.compose(opening * count + closing * count, "x") is None


@needs_c
@pytest.mark.parametrize("text", ["&a [*a]", "a: &a {b: *a}", "[" * 200 + "]" * 200])
def test_aliases_that_lead_to_themselves_and_deep_nesting_are_told(tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(SiteError):
        source.read(tmp_path / "x.yaml", "x.yaml")
