"""The parts of the development server that need no server to be tested."""

import asyncio
import json

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import bundle
from site_builder.boards import BOARDS
from site_builder.dev import changes, fakes, heads, hints, pages
from site_builder.dev.changes import Change
from site_builder.dev.limits import heap_here
from site_builder.dev.link import Link
from site_builder.dev.output import Output
from site_builder.dev.tracebacks import START, Failure, Places, Reader
from site_builder.errors import Problem, SiteError
from site_builder.measure import on_board

from .conftest import write_files

FILES = {
    "site.yaml": "routes:\n  /: {template: a.html, data: h.now}\n  /s/*: {dir: static}\n",
    "templates/a.html": "<p>{{ x }}</p>",
    "static/a.css": "p { color: red }",
    "static/a.txt": "hello",
    "handlers/h.py": "def now(req):\n    return {'x': 1}\n",
}


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / "site", FILES)


# What a change asks for


@pytest.mark.parametrize(
    ("name", "text", "change"),
    [
        ("static/a.css", "p { color: blue }", Change.STYLE),
        ("static/a.txt", "bye", Change.PAGE),
        ("templates/a.html", "<b>{{ x }}</b>", Change.PAGE),
        ("site.yaml", FILES["site.yaml"] + "title: T\n", Change.PAGE),
        ("site.yaml", FILES["site.yaml"] + "server: {connections: 3}\n", Change.RESTART),
        ("handlers/h.py", "def now(req):\n    return {'x': 2}\n", Change.RESTART),
        ("handlers/other.py", "x = 1\n", Change.RESTART),
        ("fakes/machine.py", "x = 1\n", Change.RESTART),
        ("handlers/h.py", FILES["handlers/h.py"] + "# a comment\n", Change.NOTHING),
        ("notes.txt", "nothing of the site", Change.NOTHING),
    ],
)
def test_a_change_asks_for_no_more_than_it_needs(folder, name, text, change):
    old = changes.build(folder, False)
    write_files(folder, {name: text})
    assert changes.compare(old, changes.build(folder, False), {name}) is change


def test_a_style_sheet_that_a_template_includes_is_a_change_of_the_page(folder):
    write_files(
        folder, {"templates/a.html": "<style>{% include 'in.css' %}</style>{{ x }}", "templates/in.css": "p {}"}
    )
    old = changes.build(folder, False)
    write_files(folder, {"templates/in.css": "b {}"})
    assert changes.compare(old, changes.build(folder, False), {"templates/in.css"}) is Change.PAGE


def test_the_folder_has_the_files_of_the_last_two_bundles(folder, tmp_path):
    served = changes.Folder(tmp_path)
    made = []
    for text in ("one", "two", "three"):
        write_files(folder, {"static/a.txt": text})
        made.append(bundle.build(folder))
        served.write(made[-1])
        assert json.loads((tmp_path / "routes.json").read_bytes()) == made[-1].table
        for number, one in enumerate(made):
            there = [(tmp_path / name).exists() for name in one.files if name.startswith("site/")]
            assert all(there) == (number >= len(made) - 2)


# Tracebacks


def read(lines, site, made=None):
    reader = Reader(Places(site, made))
    return [found for found in map(reader.read, lines) if found is not None]


def test_a_traceback_becomes_the_places_of_the_site(folder):
    lines = [
        "ERROR:picoweb:GET /",
        START,
        '  File "picoweb/server.py", line 165, in _serve',
        '  File "handlers/h.py", line 2, in now',
        "NameError: name 'x' isn't defined",
        "INFO:picoweb:GET / 500",
    ]
    title, failure, rest = read(lines, folder)
    assert (title, rest) == (lines[0], lines[-1])
    assert (failure.title, failure.error) == (lines[0], lines[4])
    assert [str(frame) for frame in failure.frames] == ["picoweb/server.py:165, in _serve", "handlers/h.py:2, in now"]
    assert [frame.source for frame in failure.own] == ["return {'x': 1}"]


def test_the_paths_of_cpython_and_of_windows_are_the_same_places(folder):
    for top in ("/tmp/picoweb-x/bundle/", "C:\\Temp\\bundle\\"):
        slash = "\\" if "\\" in top else "/"
        path = top + slash.join(("site", "app-0123456789abcdef", "handlers", "h.py"))
        lines = [START, f'  File "{path}", line 2, in now', "    return {'x': 1}", "           ~~^~~", "E: e"]
        (failure,) = read(lines, folder)
        assert [str(frame) for frame in failure.own] == ["handlers/h.py:2, in now"]


def test_a_line_of_a_templates_module_is_the_line_of_the_template(folder):
    write_files(folder, {"templates/a.html": "<p>\n\n{{ x }}\n"})
    made = bundle.build(folder)
    compiled = made.checked.templates["a.html"]
    number = next(at for at, place in enumerate(compiled.lines, 1) if place == ("a.html", 3))
    (failure,) = read([START, f'  File "templates/a_html.py", line {number}, in render', "E: e"], folder, made)
    assert [(frame.file, frame.line, frame.source) for frame in failure.own] == [("templates/a.html", 3, "{{ x }}")]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30), max_size=20))
def test_any_output_is_read_without_an_error(lines):
    reader = Reader(Places(bundle.Path("/nowhere")))
    for line in [*lines, START, *lines]:
        found = reader.read(line)
        assert found is None or isinstance(found, (str, Failure))


@given(st.binary(max_size=200), st.integers(1, 7))
def test_output_may_come_in_any_pieces(data, size):
    output = Output(bundle.Path("/nowhere"))
    for at in range(0, len(data), size):
        output.feed(data[at : at + size])
    assert list(output.last) == [line.decode(errors="replace").rstrip("\r") for line in data.split(b"\n")[:-1]][-20:]


# Hints


@pytest.mark.parametrize(
    ("line", "error", "told"),
    [
        (
            "from machine import Pin",
            "ImportError: can't import name Pin",
            "imports machine, which this computer lacks: put",
        ),
        ("import network, os", "ImportError: no module named 'network'", "imports network, which"),
        ("import dht", "ModuleNotFoundError: No module named 'dht'", "put a stand-in into fakes/dht.py"),
        ("import requests", "ImportError: no module named 'requests'", "if the board has it, put a stand-in"),
        ("pin = machine.Pin(4)", "AttributeError: module 'machine' has no attribute 'Pin'", "imports machine, which"),
        ("from handlers import other", "ImportError: no module named 'handlers.other'", ""),
        ("x.y()", "AttributeError: 'Thing' object has no attribute 'y'", ""),
        ("machine = 1 / 0", "ZeroDivisionError: divide by zero", ""),
    ],
)
def test_what_only_a_board_has_is_told(folder, line, error, told):
    write_files(folder, {"handlers/h.py": f"{line}\n"})
    (failure,) = read([START, '  File "handlers/h.py", line 1, in <module>', error], folder)
    hint = hints.missing_module(failure, folder)
    assert told in hint
    assert bool(hint) == bool(told)


def test_the_largest_modules_are_named_as_the_site_knows_them(folder):
    write_files(folder, {"templates/a.html": "<p>{{ x }}</p>" + "lorem ipsum " * 2000})
    assert hints.largest(bundle.build(folder), count=1).startswith("templates/a.html 2")


# Stand-ins


def test_stand_ins_are_bytecode_for_micropython_and_themselves_for_cpython(folder, tmp_path):
    write_files(folder, {"fakes/machine.py": "x = 1\n", "fakes/lib/deep.py": "y = 2\n", "fakes/notes.txt": "no"})
    compiled = fakes.read(folder)
    assert sorted(compiled) == ["lib/deep.mpy", "machine.mpy"]
    place = fakes.place(compiled, folder, False, tmp_path / "fakes")
    assert sorted(path.name for path in place.rglob("*.*")) == ["deep.mpy", "machine.mpy"]
    (folder / "fakes" / "lib" / "deep.py").unlink()
    fakes.place(fakes.read(folder), folder, False, tmp_path / "fakes")
    assert [path.name for path in place.rglob("*.*")] == ["machine.mpy"]
    assert fakes.place(fakes.read(folder, True), folder, True, tmp_path / "no") == (folder / "fakes").resolve()


def test_a_site_needs_no_stand_ins(folder, tmp_path):
    assert fakes.read(folder) == {}
    assert fakes.place({}, folder, False, tmp_path / "no") is None


def test_all_stand_ins_that_do_not_compile_are_told(folder):
    write_files(folder, {"fakes/a.py": "def (", "fakes/b.py": "x = = 1\n", "fakes/c.py": b"\x00"})
    with pytest.raises(SiteError) as caught:
        fakes.read(folder)
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [
        ("fakes/a.py", 1),
        ("fakes/b.py", 1),
        ("fakes/c.py", 0),
    ]


# What pages are told


def test_an_overlay_shows_the_lines_around_a_problem(folder):
    write_files(folder, {"templates/a.html": "1\n2\n3\n4\n5\n6\n"})
    problem = Problem("templates/a.html", 4, 1, "is wrong")
    overlay = pages.of_problems([problem, Problem("site.yaml", 0, 0, "is missing")], folder)
    assert overlay["title"] == "2 problems in the site"
    first, second = overlay["items"]
    assert [(line["n"], line["text"], line["here"]) for line in first["lines"]] == [
        (2, "2", False),
        (3, "3", False),
        (4, "4", True),
        (5, "5", False),
        (6, "6", False),
    ]
    assert (second["place"], second["lines"]) == ("site.yaml", [])


def test_a_page_of_nothing_but_an_overlay_is_safe_and_readable_without_scripts():
    page = pages.Pages().page(pages.of_message("<script>", 'a "b" & <i>')).decode()
    assert "<h1>&lt;script&gt;</h1>" in page
    assert "<p>a &quot;b&quot; &amp; &lt;i&gt;</p>" in page
    assert "<i>" not in page


def test_open_pages_are_told_what_changed_from_which_version():
    async def look():
        told = pages.Pages()
        queue = told.open()
        first = json.loads(queue.get_nowait()[6:])
        told.changed("style")
        second = json.loads(queue.get_nowait()[6:])
        told.close(queue)
        told.changed("page")
        return first, second, queue.empty()

    first, second, silent = asyncio.run(look())
    assert (second["before"], second["change"]) == (first["version"], "style")
    assert silent


# Heads


def asked(*fields):
    return h11.Request(method="GET", target="/", headers=[("Host", "a"), *fields])


@pytest.mark.parametrize(
    ("fields", "page"),
    [
        ([("Accept", "text/html,*/*;q=0.8")], True),
        ([("accept", "TEXT/HTML"), ("Sec-Fetch-Dest", "document")], True),
        ([("Accept", "text/html"), ("Sec-Fetch-Dest", "empty")], False),
        ([("Accept", "*/*")], False),
        ([], False),
    ],
)
def test_a_page_is_what_a_browser_asks_for_to_show(fields, page):
    assert heads.asks_for_page(asked(*fields)) is page


def test_a_request_for_a_page_keeps_all_but_its_conditions():
    request = heads.for_page(asked(("Cookie", "a=b"), ("If-None-Match", '"x"'), ("Accept-Encoding", "gzip")))
    assert heads.fields_of(request) == [(b"Host", b"a"), (b"Cookie", b"a=b"), (b"Accept-Encoding", b"identity")]


@pytest.mark.parametrize(
    ("line", "new"),
    [
        (b"Cache-Control: max-age=86400", b"Cache-Control: no-cache"),
        (b"cache-control: public, max-age=5", b"cache-control: no-cache"),
        (b"Cache-Control: max-age=5, immutable", b"Cache-Control: max-age=5, immutable"),
        (b"Cache-Control: no-store", b"Cache-Control: no-store"),
        (b"X-Max: max-age=5", b"X-Max: max-age=5"),
    ],
)
def test_files_are_asked_for_again_each_time(line, new):
    head = b"HTTP/1.1 200 OK\r\nA: b\r\n%s\r\nC: d\r\n\r\n"
    assert heads.fresh(head % line) == head % new


# Limits


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_what_fits_here_fits_the_board(board):
    assert on_board(heap_here(board.heap) - 4096) <= board.heap


def test_a_network_makes_bytes_wait_for_those_before_them_and_no_network_does_not():
    with pytest.raises(StopIteration):
        Link().carry(1000).send(None)

    async def carry(link):
        await asyncio.gather(*(link.carry(1000) for _ in range(3)))
        return link._free - began

    async def measure():
        nonlocal began
        began = asyncio.get_running_loop().time()
        return await carry(Link(0.001, 1_000_000))

    began = 0
    assert asyncio.run(measure()) >= 0.003, "three times 1,000 bytes at a megabyte a second, one after the other"
