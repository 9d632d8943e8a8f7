"""docs/safety.md and docs/testing.md: every program in them is used, on both Pythons."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .test_docs import blocks, write_file

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=["micropython", "cpython"])
def run(request, tmp_path):
    """A function that runs a file in a folder, with picoweb, and gives what it prints."""
    command = [sys.executable] if request.param == "cpython" else request.getfixturevalue("micropython")

    def run_one(file):
        env = {**os.environ, "MICROPYPATH": f"{tmp_path}:.frozen:{ROOT}", "PYTHONPATH": f"{tmp_path}:{ROOT}"}
        done = subprocess.run([*command, file], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run_one


def programs(page, folder):
    """Writes the programs of a page and returns their names."""
    found = [(file, text) for file, kind, text in blocks(page) if kind == "python"]
    for file, text in found:
        write_file(folder, file, text)
    return [file for file, _ in found]


def test_the_programs_of_safety_work(run, tmp_path):
    names = programs("docs/safety.md", tmp_path)
    scenario = ROOT / "tests" / "apps" / "docs_safety.py"
    assert run(scenario).count(" works\n") == 6
    used = set(re.findall(r'module\("(\w+)"\)', scenario.read_text(encoding="utf-8")))
    assert {name.removesuffix(".py") for name in names} == used


def test_the_programs_of_testing_work(run, tmp_path):
    assert programs("docs/testing.md", tmp_path) == ["hello.py", "test_hello.py", "test_broken.py"]
    assert run("test_hello.py") == ""
    assert run("test_broken.py") in ("raised: oh\n", "raised: 'oh'\n")  # MicroPython, CPython
