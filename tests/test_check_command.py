"""`picoweb check`, and what the other commands do with warnings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from site_builder.cli import main

from .hut import changed

BROKEN = {"templates/about.html": "<p id=team><a href=/abuot>x</a>", "handlers/relays.py": "import enum\nx = 5\n"}
DOUBTFUL = {"templates/about.html": "<p id=team><a href=/abuot>x</a>"}
WARNING = "templates/about.html:1:20: warning: '/abuot' leads nowhere; did you mean '/about'?"


def run(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def good(site) -> Path:
    return site(*changed({}), "good")


@pytest.fixture
def doubtful(site) -> Path:
    return site(*changed(DOUBTFUL), "doubtful")


@pytest.fixture
def broken(site) -> Path:
    return site(*changed(BROKEN), "broken")


def test_a_good_site_has_no_problems(good):
    done = run("check", good, "--strict")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "no problems\n", "")
    assert not (good / "build").exists()


def test_a_warning_is_told_and_is_no_error(doubtful):
    done = run("check", doubtful)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "1 warning\n", f"{doubtful}/{WARNING}\n")


def test_errors_and_warnings_are_told_together(broken):
    done = run("check", broken)
    assert (done.exit_code, done.stdout) == (1, "")
    assert [line.removeprefix(f"{broken}/") for line in done.stderr.splitlines()] == [
        "handlers/relays.py:1:1: MicroPython has no 'enum'; use plain constants",
        "site.yaml:6:21: handler 'relays.switch' not found in handlers/relays.py",
        WARNING,
        "2 errors, 1 warning",
    ]


def test_strict_makes_warnings_errors(doubtful):
    done = run("check", doubtful, "--strict")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{doubtful}/{WARNING}\n1 error\n".replace("warning: ", "")


def test_json_is_for_programs(broken, good):
    done = run("check", broken, "--json")
    assert done.exit_code == 1
    first, *_, last = json.loads(done.stdout)
    assert first == {
        "file": f"{broken}/handlers/relays.py",
        "line": 1,
        "column": 1,
        "message": "MicroPython has no 'enum'; use plain constants",
        "code": "import",
        "severity": "error",
    }
    assert (last["code"], last["severity"], last["line"], last["column"]) == ("dead-link", "warning", 1, 20)
    assert (run("check", good, "--json").stdout, run("check", good, "--json").exit_code) == ("[]\n", 0)


def test_json_tells_what_hides_the_rest_too(tmp_path):
    done = run("check", tmp_path, "--json")
    assert done.exit_code == 1
    assert [problem["message"] for problem in json.loads(done.stdout)] == [
        "there is no such file; a site is a folder with a site.yaml"
    ]


def test_micropythons_compiler_is_asked(site):
    folder = site(
        *changed({"handlers/relays.py": "async def switch(req, resp, n):\n    match n:\n        case 1: pass\n"})
    )
    done = run("check", folder)
    assert (done.exit_code, done.stderr) == (
        1,
        f"{folder}/handlers/relays.py:2: MicroPython's compiler: SyntaxError: invalid syntax\n1 error\n",
    )


def test_a_build_tells_warnings_and_goes_on(doubtful):
    done = run("build", doubtful)
    assert (done.exit_code, done.stderr) == (0, f"{doubtful}/{WARNING}\n")
    assert (doubtful / "build" / "routes.json").is_file()


def test_a_strict_build_stops_at_warnings(doubtful):
    done = run("build", doubtful, "--strict")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == "1 error; nothing was written"
    assert not (doubtful / "build").exists()
