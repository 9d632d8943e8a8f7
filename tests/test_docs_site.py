"""The documentation as a site."""

from __future__ import annotations

import os
import subprocess

import yaml

from .test_docs import BIN, TOP


def built(folder):
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [BIN / "mkdocs", "build", "--quiet", "--strict", "--site-dir", folder]
    return subprocess.run(command, cwd=TOP, env=environment, capture_output=True, text=True, timeout=120)


def test_it_builds_and_every_link_leads_somewhere(tmp_path):
    done = built(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "index.html").is_file()


def test_every_page_is_in_its_menu():
    def pages(entry):
        if isinstance(entry, str):
            return [entry]
        return [page for item in (entry.values() if isinstance(entry, dict) else entry) for page in pages(item)]

    menu = yaml.safe_load((TOP / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert sorted(pages(menu)) == sorted(path.name for path in (TOP / "docs").glob("*.md"))


def test_nothing_in_it_is_loaded_from_other_hosts(tmp_path):
    built(tmp_path)
    for path in tmp_path.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert 'src="http' not in text, path
        assert 'rel="stylesheet" href="http' not in text, path
