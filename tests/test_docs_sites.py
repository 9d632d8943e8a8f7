"""docs/new-site.md and docs/forms.md: what they show is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from site_builder import bundle, runner, scaffold

from .conftest import ROOT
from .crawler import Page
from .test_docs import blocks, write_file
from .wireclient import ask

OURS = ("Origin: http://test", "Content-Type: application/x-www-form-urlencoded")


def test_the_first_command_prints_what_the_page_shows(tmp_path):
    (_, _, command), (_, _, output) = blocks("docs/new-site.md")
    words = [str(Path(sys.executable).parent / "picoweb"), *command.split()[1:]]
    assert command.split()[0] == "picoweb"
    assert subprocess.check_output(words, cwd=tmp_path, text=True, timeout=60) == output


def test_the_templates_and_the_files_of_the_page_are_those_there_are():
    rows = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "new-site.md").read_text("utf-8"), re.M)
    assert rows[1:4] == [*scaffold.TEMPLATES]
    tops = {path.split("/")[0] + "/" * ("/" in path) for path in scaffold.files("status", "T")}
    assert {*rows[4:]} == tops


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
def test_the_form_is_checked_and_kept(tmp_path, python):
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    for file, _, text in blocks("docs/forms.md"):
        write_file(tmp_path / "site", file, text)
    bundle.write(bundle.build(tmp_path / "site", python=python), tmp_path / "out")
    with runner.running(tmp_path / "out", python=python) as port:

        def shown(reply):
            return [tag["value"] for tag in Page(reply.body.decode()).of("input")]

        assert shown(ask(port, "GET", "/")) == ["Lamp", "70"]
        wrong = ask(port, "POST", "/save", *OURS, body=b"name=%3Ci%3E&brightness=101")
        assert (wrong.status, shown(wrong)) == (422, ["<i>", "101"])
        assert b"Give a whole number from 0 to 100." in wrong.body
        assert b"Give 1 to 20 characters." not in wrong.body
        assert ask(port, "POST", "/save", body=b"name=a&brightness=1").status == 403
        assert not (tmp_path / "out" / "settings.json").exists()
        right = ask(port, "POST", "/save", *OURS, body=b"name=%3Ci%3E&brightness=100")
        assert (right.status, right["Location"]) == (303, "/")
    assert json.loads((tmp_path / "out" / "settings.json").read_bytes()) == {"name": "<i>", "brightness": 100}
    with runner.running(tmp_path / "out", python=python) as port:
        assert [tag["value"] for tag in Page(ask(port, "GET", "/").body.decode()).of("input")] == ["<i>", "100"]
