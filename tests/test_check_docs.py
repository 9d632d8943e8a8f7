"""docs/checks.md: every message on it is said, and every kind of problem is on it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from site_builder import bundle, model
from site_builder.errors import SiteError

from . import test_check_files, test_check_links, test_check_python, test_check_secrets
from .conftest import write_files
from .hut import changed
from .test_broken_sites import BROKEN, GOOD, GOOD_YAML
from .test_docs import blocks

PAGE = Path(__file__).parent.parent / "docs" / "checks.md"
TABLES = [module.CASES for module in (test_check_links, test_check_python, test_check_files)]


@pytest.fixture(scope="module")
def codes(tmp_path_factory):
    """The kinds of all problems of all broken sites of the tests."""
    sites = [changed(change) for table in TABLES for change, _ in table.values()]
    sites += [(case.yaml + case.more, GOOD | case.files) for case in BROKEN.values()]
    found = set()
    for i, (text, files) in enumerate(sites):
        folder = write_files(tmp_path_factory.mktemp(f"site{i}"), {"site.yaml": text, **files})
        try:
            found.update(problem.code for problem in bundle.read_site(folder).warnings)
        except SiteError as e:
            found.update(problem.code for problem in e.problems)
    return found


def test_every_message_on_the_page_is_one_that_the_tests_expect():
    shown = [line for _, kind, text in blocks("docs/checks.md") if kind == "text" for line in text.splitlines()]
    said = {line for table in [*TABLES, test_check_secrets.CASES] for _, lines in table.values() for line in lines}
    said.update(line for case in BROKEN.values() for line in case.lines)
    assert [line for line in shown if line not in said] == []
    assert len(shown) > 30


def test_every_kind_of_problem_is_on_the_page(codes):
    headings = re.findall(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), re.M)
    named = [code for heading in headings for code in re.findall(r"`([a-z-]+)`", heading)]
    assert sorted(named) == sorted(codes)


def test_the_commands_and_the_list_of_ignored_files_work(tmp_path):
    (tmp_path / "site.yaml").write_text(GOOD_YAML, encoding="utf-8")
    for name, text in GOOD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for file, kind, text in blocks("docs/checks.md"):
        if kind == "sh":
            for line in text.splitlines():
                command = [str(Path(sys.executable).parent / "picoweb"), *line.split()[1:]]
                assert subprocess.run(command, cwd=tmp_path, timeout=60, check=False).returncode == 0, line
        elif file:
            assert model.Site.model_validate(yaml.safe_load(text)).ignore
