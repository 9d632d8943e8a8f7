"""Templates, of either syntax: which there are, and where each line of their modules comes from."""

from __future__ import annotations

from site_builder import bundle
from site_builder.templates import Loader
from tests.conftest import EXAMPLE, write_files


def test_templates_are_listed_without_hidden_files(tmp_path):
    write_files(tmp_path / "t", {"b.tpl": "", "a/x.tpl": "", ".hidden": "", "a/.swp": ""})
    assert Loader(tmp_path / "t", "t").names() == ["a/x.tpl", "b.tpl"]
    assert Loader(tmp_path / "none", "t").names() == []


def test_a_line_map_holds_for_the_whole_example():
    checked = bundle.read_site(EXAMPLE)
    loader = checked.loader
    for made in checked.compiled.values():
        assert len(made.source.splitlines()) == len(made.lines)
        assert any(line for _, line in made.lines)
        for file, line in made.lines:
            assert 0 <= line <= loader.text(file).count("\n") + 1
