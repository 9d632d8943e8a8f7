"""`picoweb size`, `routes`, `boards`, and the report of `picoweb build`: what they print, and exit codes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
from types import SimpleNamespace

import pytest

from site_builder import cli

PHOTO = random.Random(1).randbytes(512_000)
YAML = """\
title: Greenhouse
routes:
  /:              {template: page.tpl, data: work.now}
  /ready:         {template: ready.html, cache: 1d}
  /static/*:      {dir: static, cache: 1h}
  /a.txt:         a.txt
  /switch/<int:n>: {handler: work.show, methods: [GET, POST]}
  /switch/all:    {handler: work.show, methods: [POST]}
  /version:       {json: {name: é, version: 3}}
  /old:           {redirect: /}
errors: {404: a.txt}
"""
FILES = {
    "templates/page.tpl": "{% args a %}{{ a }}",
    "templates/ready.html": "<p>ready</p>" * 100,
    "static/index.html": "index",
    "static/sub/a.css": "a { color: red }\n" * 100,
    "a.txt": "a",
    "handlers/work.py": "def now(req):\n    return {'a': 1}\n\n\nasync def show(req, resp, n=0):\n    return 'x'\n",
}


def run(*words, cwd=None):
    """Runs a command in this process; gives its output and exit code."""
    out, err, before = io.StringIO(), io.StringIO(), os.getcwd()
    os.chdir(cwd or before)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as caught:
            cli.main([str(word) for word in words])
    finally:
        os.chdir(before)
    return SimpleNamespace(stdout=out.getvalue(), stderr=err.getvalue(), returncode=caught.value.code)


@pytest.fixture
def folder(site):
    return site(YAML, FILES)


# picoweb routes


def test_routes_are_listed_in_the_order_of_matching(folder):
    done = run("routes", folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["method", "address", "what", "sent", "from", "cache"]
    assert [line[1] for line in lines[1:-1]] == [
        *("/", "/a.txt", "/old", "/ready", "/switch/all", "/version"),
        *("/static/*", "POST"),  # of /switch/<int:n>, which has two methods
    ]
    assert lines[-1] == ["error", "404", "file", "a.txt", "1", "site.yaml:11", "no-cache"]


def test_routes_for_people_are_columns(site):
    folder = site("routes:\n  /a: a.txt\n  /<x>/b: {json: h.b}\n", {**FILES, "handlers/h.py": "def b(req, x): ...\n"})
    assert run("routes", folder).stdout == (
        "method  address  what        sent  from         cache\n"
        "GET     /a       file a.txt     1  site.yaml:2  no-cache\n"
        "GET     /<x>/b   json h.b          site.yaml:3\n"
    )


def test_routes_for_programs_have_a_stable_shape(folder):
    found = json.loads(run("routes", folder, "--json").stdout)
    assert found["version"] == 1
    assert [row["path"] for row in found["errors"]] == ["404"]
    rows = {row["path"]: row for row in found["routes"]}
    assert rows["/"] == {
        "methods": ["GET"],
        "path": "/",
        "kind": "template",
        "target": "page.tpl with work.now",
        "line": 3,
        "cache": None,
        "size": None,
        "sent": None,
    }
    assert rows["/switch/<int:n>"]["methods"] == ["GET", "POST"]
    assert rows["/version"]["size"] == len('{"name": "é", "version": 3}'.encode())
    assert rows["/ready"]["size"] == 1200
    assert 0 < rows["/ready"]["sent"] < 60
    assert rows["/ready"]["cache"] == "max-age=86400"
    assert (rows["/old"]["target"], rows["/old"]["size"]) == ("/", 0)
    folder_row = rows["/static/*"]
    assert folder_row["cache"] == "max-age=3600"
    assert [(file["path"], file["size"]) for file in folder_row["files"]] == [
        ("/static/index.html", 5),
        ("/static/sub/a.css", 1200),
    ]
    assert folder_row["size"] == 1205
    assert folder_row["sent"] == sum(file["sent"] for file in folder_row["files"]) < 100


def test_a_site_with_mistakes_has_no_routes_to_list(site):
    folder = site("routes: {/: no.html}")
    done = run("routes", folder.name, cwd=folder.parent)
    assert (done.returncode, done.stdout) == (1, "")
    assert "site/site.yaml:1:10: template 'no.html' not found" in done.stderr


# picoweb size


def test_size_tells_the_parts_the_modules_and_the_heap(folder, micropython):
    done = run("size", folder)
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first.startswith("Greenhouse: ")
    assert " of flash, about " in first
    words = [line.split() for line in lines if line]
    heads = [line[0] for line in words]
    for head in ("address", "flash", "module", "heap", "picoweb", "pages", "in", "folders"):
        assert head in heads
    assert ["/a.txt", "file", "a.txt", "1", "1"] in words
    assert "not measured: /switch/all: it answers POST alone" in lines
    assert "… and " in done.stdout
    assert "more modules; all of them: picoweb size --all" in done.stdout


def test_all_of_a_table_is_printed_on_request(folder):
    done = run("size", folder, "--all", "--no-measure")
    assert "… and " not in done.stdout
    assert "/static/sub/a.css" in done.stdout
    assert "picoweb.targets" in done.stdout
    assert "heap" not in done.stdout


def test_sizes_are_the_same_each_time(folder):
    assert run("size", folder, "--json", "--no-measure").stdout == run("size", folder, "--json", "--no-measure").stdout


def test_size_for_programs_has_a_stable_shape(folder, micropython):
    found = json.loads(run("size", folder, "--json", "--board", "pico-w").stdout)
    assert found.keys() == {
        *("version", "title", "routes", "errors", "flash", "modules", "heap", "board", "limits", "over", "notes"),
    }
    assert (found["version"], found["title"]) == (1, "Greenhouse")
    assert found["flash"].keys() == {"bytes", "blocks", "files", "parts"}
    assert found["flash"]["bytes"] == 4096 * found["flash"]["blocks"]
    assert found["flash"]["blocks"] == sum(part["blocks"] for part in found["flash"]["parts"])
    assert found["flash"]["files"] == sum(part["files"] for part in found["flash"]["parts"])
    assert found["flash"]["parts"][0].keys() == {"name", "files", "size", "blocks"}
    assert found["modules"][0].keys() == {"name", "part", "size"}
    heap = found["heap"]
    assert heap.keys() == {"boot", "least", "on_board", "costliest", "pages", "skipped"}
    assert heap["boot"] < heap["least"]
    assert heap["on_board"] == heap["least"] * 4 // 5
    assert heap["costliest"].keys() == heap["pages"][0].keys() == {"path", "status", "size", "garbage"}
    assert heap["skipped"] == [{"path": "/switch/all", "why": "it answers POST alone", "failed": False}]
    assert found["board"]["name"] == "pico-w"
    assert found["board"].keys() == {"name", "about", "flash", "heap", "sockets", "block"}
    assert found["limits"] == {
        "flash": {"size": found["board"]["flash"], "source": "pico-w"},
        "heap": {"size": found["board"]["heap"], "source": "pico-w"},
    }
    assert found["over"] == []


def test_without_a_limit_there_is_none(folder):
    found = json.loads(run("size", folder, "--json", "--no-measure").stdout)
    assert found["limits"] == {"flash": None, "heap": None}
    assert (found["board"], found["heap"], found["over"], found["notes"]) == (None, None, [], [])


# Limits


def over(done):
    """The lines on stderr of a site that is over a limit."""
    assert done.returncode == 1
    return done.stderr.splitlines()


def test_over_the_flash_limit_the_largest_are_named_and_what_to_do(folder):
    (folder / "static" / "photo.jpg").write_bytes(PHOTO[:256_000])
    done = run("size", folder, "--no-measure", "--max-flash", "200K")
    flash = json.loads(run("size", folder, "--no-measure", "--json").stdout)["flash"]["bytes"]
    lines = over(done)
    assert lines[0] == f"over budget: the site takes {flash:,} bytes of flash; --max-flash allows 204,800"
    assert lines[1].startswith("  the largest: /static/photo.jpg 25")
    assert ", picoweb " in lines[1]
    assert lines[2:] == ["  leave out or shrink the largest, or take a board with more flash"]


def test_over_the_heap_limit_what_takes_it_is_named_and_what_to_do(folder, micropython):
    done = run("size", folder, "--max-heap", "20K", "--json")
    found = json.loads(done.stdout)
    lines = over(done)
    need = found["heap"]["on_board"]
    assert lines[0] == f"over budget: the site takes about {need:,} bytes of heap; --max-heap allows 20,480"
    assert lines[1].startswith("  the largest: the modules of picoweb 2")
    costliest = found["heap"]["costliest"]
    page = "a page that is not there" if costliest["status"] == 404 else costliest["path"]
    assert f"a request for {page} {costliest['garbage']:,}" in lines[1]
    assert lines[2:] == [
        "  let pages and handlers make less at once, leave modules out, or take a board with more heap"
    ]
    assert found["over"] == ["\n".join(lines)]


def test_a_build_over_its_budget_writes_nothing(site):
    folder = site(YAML + "budget: {flash: 4K}\n", FILES)
    done = run("build", folder)
    lines = over(done)
    assert lines[0].endswith("bytes of flash; budget: flash in site.yaml allows 4,096")
    assert lines[-1] == "nothing was written"
    assert not (folder / "build").exists()
    assert " of flash" in done.stdout  # the report says why


def test_a_site_over_its_budget_is_not_uploaded(site):
    done = run("upload", site(YAML + "budget: {flash: 4K}\n", FILES), "--port", "/nowhere")
    assert over(done)[0].endswith("bytes of flash; budget: flash in site.yaml allows 4,096")
    assert over(done)[-1] == "picoweb: nothing was sent"


def test_a_site_with_warnings_is_not_uploaded_when_they_are_to_be_errors(site):
    folder = site(YAML, {**FILES, "templates/unused.html": "x"})
    done = run("upload", folder, "--port", "/nowhere", "--strict")
    assert done.returncode == 1
    assert "templates/unused.html" in done.stderr


def test_what_is_given_on_the_command_line_wins(site):
    folder = site(YAML + "budget: {flash: 4K}\n", FILES)
    assert run("build", folder, "--max-flash", "2M").returncode == 0
    assert (folder / "build" / "routes.json").is_file()


def test_the_board_of_the_site_limits_it_too(site, micropython):
    folder = site("board: esp8266\n" + YAML, FILES)
    done = run("build", folder, "-q")
    lines = over(done)
    assert (
        lines[0] == "note: esp8266 has 5 connections at the same time; write 'server: {connections: 5}' into site.yaml,"
        " so that picoweb knows"
    )
    assert lines[1].endswith(" bytes of heap; esp8266 allows 29,168")
    assert done.stdout == ""


def test_two_sites_that_do_not_fit_side_by_side_are_told(site):
    folder = site(YAML + "server: {connections: 5}\n", FILES)
    (folder / "static" / "photo.jpg").write_bytes(PHOTO)
    done = run("size", folder, "--no-measure", "--board", "pico-w")
    size = done.stdout.split(", ")[1].split(" of flash")[0]
    assert done.returncode == 0
    assert done.stderr == (
        "note: an upload keeps the old site until the new one is complete; there is no room on pico-w for two of"
        f" {size} (848 KB in all), so one that changes all files fails\n"
    )


def test_a_site_that_fits_its_board_is_built_without_a_word_on_stderr(site, micropython):
    folder = site("board: pico-w\nserver: {connections: 5}\n" + YAML, FILES)
    done = run("build", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert " of heap" in done.stdout.splitlines()[0]


def test_a_page_that_fails_here_is_told_for_its_heap_is_not_counted(site, micropython):
    handlers = "def now(req):\n    raise ValueError('no sensor')\n\n\nasync def show(req, resp, n=0):\n    return 'x'\n"
    done = run("size", site(YAML, {**FILES, "handlers/work.py": handlers}))
    assert "not measured: /: 500: ValueError: no sensor" in done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (
        0,
        "note: the heap is measured without what did not answer here (/); stand-ins for modules that only boards have"
        " go into fakes/\n",
    )


# Options that are wrong


def test_a_board_that_is_not_known_is_told_with_the_nearest(site):
    done = run("size", site(YAML, FILES), "--board", "pico-x")
    assert done.returncode == 2
    assert "Invalid value for '--board': no board is called 'pico-x'; did you mean 'pico-w'?" in done.stderr
    folder = site("board: esp31\n" + YAML, FILES, "other")
    done = run("build", folder.name, cwd=folder.parent)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        "other/site.yaml:1:1: board: 'esp31': no board is called so; did you mean 'esp32'?"
    )


def test_a_size_that_is_none_is_told(site):
    done = run("build", site(YAML, FILES), "--max-flash", "lots")
    assert done.returncode == 2
    told = "a size is a number of bytes, or a number and K or M, such as 512 or 8K; 1K is 1024 bytes"
    assert f"'lots': {told}" in done.stderr
    folder = site(YAML + "budget: {heap: lots}\n", FILES, "other")
    done = run("build", folder.name, cwd=folder.parent)
    assert done.stderr.splitlines() == [
        f"other/site.yaml:12:10: heap: 'lots': {told}",
        "1 error; nothing was written",
    ]


# picoweb build, and boards


def test_a_costly_error_page_is_called_what_it_is(site):
    handlers = "async def lost(req, resp):\n    return ' '.join(str(n) for n in range(1000))\n"
    done = run("size", site("errors: {404: {handler: work.lost}}\n", {"handlers/work.py": handlers}))
    assert "a request for a page that is not there, the costliest" in done.stdout


def test_a_build_runs_none_of_the_sites_code_unless_a_limit_of_heap_asks_for_it(site, tmp_path, micropython):
    mark = tmp_path / "ran"
    handlers = f"open({str(mark)!r}, 'w').close()\n" + FILES["handlers/work.py"]
    folder = site(YAML, {**FILES, "handlers/work.py": handlers})
    assert " of heap" not in run("build", folder).stdout
    assert not mark.exists()
    assert " of heap" in run("build", folder, "--measure").stdout
    assert mark.exists()


def test_where_there_is_no_micropython_sizes_are_told_all_the_same(folder, monkeypatch):
    monkeypatch.setattr("site_builder.runner.micropython", lambda: None)
    for words in (("size", folder), ("build", folder, "--max-heap", "1K")):
        done = run(*words)
        assert done.returncode == 0
        assert done.stderr == "note: there is no MicroPython for this machine, so the heap is not measured\n"
        assert " of flash" in done.stdout


def test_a_quiet_build_prints_nothing(folder):
    done = run("build", folder, "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (folder / "build" / "routes.json").is_file()


def test_boards_are_listed(site):
    lines = [line.split() for line in run("boards").stdout.splitlines()]
    assert lines[0] == ["board", "flash", "heap", "connections"]
    assert ["pico-w", "848", "KB", "203", "KB", "5", "Raspberry", "Pi", "Pico", "W"] in lines
