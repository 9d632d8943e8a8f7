"""The pages that are made from the code, and what they say of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

import picoweb
from picoweb import attributes, methods
from site_builder import bundle, measure, runner
from site_builder.boards import BOARDS
from site_builder.cli import COMMANDS
from site_builder.scaffold import new

from .test_docs import TOP, blocks, write_file


def text_of(name):
    return (TOP / "docs" / name).read_text(encoding="utf-8")


def test_every_command_is_there_with_its_options():
    page = text_of("commands.md")
    for name in COMMANDS:
        shown = subprocess.check_output([sys.executable, "-m", "site_builder.cli", name, "--help"], text=True)
        section = page.split(f"\n## picoweb {name}\n")[1].split("\n## ")[0]
        options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", shown, flags=re.M))
        assert options - {"--help", "--quiet", "--verbose"} == set(
            re.findall(r"^\| `(?:-\w, )?(--[\w-]+)", section, re.M)
        )


def test_every_public_name_of_the_framework_is_there():
    page = text_of("api.md")
    names = [*picoweb._NAMES, *(f"app.{name}" for name in methods._APP if name != "handle_static")]
    names += [f"req.{name}" for name in attributes._METHODS] + [f"resp.{name}" for name in methods._RESPONSE]
    assert [name for name in names if f"\n### {name}\n" not in page] == []


def test_what_the_reference_says_of_arguments_is_so():
    """The calls it shows, against the functions themselves."""
    page = text_of("api.md")
    assert "`await respond(resp, body, content_type='text/html; charset=utf-8', status=None, headers=None)`" in page
    assert "`app.route(url, methods=None, **options)`" in page
    assert "`await req.read(n=-1)`" in page


def test_every_module_is_in_the_architecture():
    page = text_of("architecture.md")
    for package in ("picoweb", "site_builder"):
        for path in sorted((TOP / package).rglob("*.py")):
            name = path.relative_to(TOP / package).with_suffix("").as_posix()
            if name.startswith(("scaffold/", "commands/")) or name.endswith("jinja/__init__"):
                continue
            shown = name.removesuffix("__init__") or "__init__"
            if "jinja/" in name or (package == "site_builder" and name == "__init__"):
                continue
            assert f"| `{shown}` |" in page, f"{package}/{name}"


# docs/memory.md


def near(shown, real):
    """Within a tenth: the page gives the figure of a day."""
    return abs(shown * 1024 - real) < real / 10


def test_sites_take_what_the_memory_guide_says(tmp_path, micropython):
    rows = re.findall(r"^\| .*?(blank|status|sites/example)` \| (\d+) KB \| (\d+) KB \|$", text_of("memory.md"), re.M)
    assert len(rows) == 3
    for name, flash_kb, heap_kb in rows:
        folder = TOP / name
        if name != "sites/example":
            new(tmp_path / name, name)
            folder = tmp_path / name
        done = subprocess.check_output([sys.executable, "-m", "site_builder.cli", "size", folder, "--json"], text=True)
        found = json.loads(done)
        assert near(int(flash_kb), found["flash"]["bytes"]), name
        assert near(int(heap_kb), found["heap"]["on_board"]), name


def test_a_generator_fits_where_a_list_does_not(tmp_path, micropython):
    for file, _, text in blocks("docs/memory.md"):
        write_file(tmp_path / "site", file, text)
    bundle.write(bundle.build(tmp_path / "site"), tmp_path / "out")
    with runner.running(tmp_path / "out", heap="192k") as port:
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/list", timeout=30)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/stream", timeout=30) as answer:
            assert answer.read().count(b"\n") == 5000


def test_only_the_esp8266_is_too_small_for_the_smallest_site():
    smallest = min(int(kb) for kb in re.findall(r"\| (\d+) KB \|$", text_of("memory.md"), re.M))
    too_small = [board.name for board in BOARDS.values() if board.heap < smallest * 1024]
    assert too_small == ["esp8266", "esp8266-2mb"]


def test_the_smallest_site_has_in_use_what_the_guide_says(tmp_path, micropython):
    new(tmp_path / "blank", "blank")
    (shown,) = re.findall(r"smallest one has (\d+) KB in use", text_of("memory.md"))
    assert near(int(shown), measure.on_board(measure.site(bundle.build(tmp_path / "blank")).boot))
