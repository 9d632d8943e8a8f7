"""What is installed: every file that git has of the two packages, and nothing that is missing in setup.py."""

from __future__ import annotations

import ast
import fnmatch
import subprocess

import pytest

from .conftest import ROOT


def setup_arguments():
    """The arguments of setup() that are plain values."""
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    (call,) = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "setup"]
    return {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg in ("packages", "package_data")}


def test_every_file_of_the_packages_is_installed():
    command = ["git", "ls-files", "picoweb", "site_builder"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git repository")
    found = setup_arguments()
    missing = []
    for path in listed.stdout.split():
        folder, _, name = path.rpartition("/")
        if name.endswith(".py") and folder.replace("/", ".") in found["packages"]:
            continue
        patterns = [
            f"{package.replace('.', '/')}/{pattern}"
            for package, several in found["package_data"].items()
            for pattern in several
        ]
        if not any(path.count("/") == pattern.count("/") and fnmatch.fnmatch(path, pattern) for pattern in patterns):
            missing.append(path)
    assert missing == []
