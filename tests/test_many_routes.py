"""A site with many routes: most are on flash, and nobody can tell but by the memory that they do not take."""

from __future__ import annotations

import json
import re

import pytest

from picoweb import site as device
from site_builder import bundle, flash, runner, table

from .test_memory import get, heap_used
from .wireclient import Client

HANDLERS = """\
import gc


def heap(req):
    gc.collect()
    return {"used": gc.mem_alloc()}


def now(req, **parts):
    return {"path": req.path, "parts": {name: parts[name] for name in sorted(parts)}}


async def answer(req, resp, **parts):
    return req.method + " " + req.path + repr(sorted(parts.items()))
"""


def exact(number: int) -> str:
    """One of many routes of one path, of all kinds."""
    path = f"/r/{number}" if number % 7 else f"/é {number}".replace(" ", "-")
    kinds = ("{json: work.now}", "{redirect: /r/0}", "{handler: work.answer, methods: [GET, POST]}",
             f"{{json: {{a: {number}}}}}", "{handler: work.answer, methods: [PUT]}",
             "{template: page.html, data: work.now}",
             "{template: known.html, cache: 1h, headers: {X-A: b}}", "{file: a.txt}")  # fmt: skip
    return f"  {path}: {kinds[number % 8]}\n"


def pattern(number: int) -> str:
    """One of many patterns; those of several kinds have the same text before."""
    kinds = ("/g/{0}/<int:n>", "/g/{0}/<name>", "/g/{0}/<path:rest>", "/g/{0}/<name>/edit",
             "/g/{0}/<int:n>/x/<path:rest>",
             "/r/<name>/{0}", "/<lang>/p{0}")  # fmt: skip
    methods = ("[GET]", "[POST]", "[PUT, DELETE]", "[GET, POST]")[number % 4]
    return f"  {kinds[number % 7].format(number // 7)}: {{handler: work.answer, methods: {methods}}}\n"


def many(routes: int, patterns: int, pages: int) -> str:
    """The description of a site with so many of each."""
    lines = ["routes:\n", "  /: {json: work.now}\n", "  /heap: {json: work.heap}\n"]
    lines += [exact(number) for number in range(routes)] + [pattern(number) for number in range(patterns)]
    lines += [f"  /p/{number}: {{template: known.html, context: {{n: {number}}}}}\n" for number in range(pages)]
    return "".join([*lines, "  /f/*: {dir: static}\n", "errors: {404: {template: known.html, context: {n: lost}}}\n"])


FILES = {
    "handlers/work.py": HANDLERS,
    "templates/page.html": "<p>{{ path }}</p>",
    "templates/known.html": "<h1>{{ n }}</h1>",
    "a.txt": "one",
    "static/index.html": "home",
    "static/a.css": "a {}",
}
PATHS = (
    "/", "/heap/", "/r/1", "/r/400", "/r/401", "/r/402", "/r/403", "/r/404", "/r/405", "/r/407", "/r/408", "/r/400/",
    "/r/400/1", "/r/4000", "/r/", "/r", "/%C3%A9-42", "/%C3%A9-420", "/r/400?x=1", "//r/400", "/r/400%09", "/r/400%0A",
    "/g/1/5", "/g/1/x", "/g/1/", "/g/1", "/g/1/5/", "/g/1/5/edit", "/g/1/5/x/y/z", "/g/1/5/x/", "/g/9/x", "/g/9/7/x/",
    "/g/99/x", "/r/z/2", "/de/p1", "/de/p2", "/de/p99", "//p1", "/f/", "/f/a.css", "/f/b.css", "/f", "/p/7", "/p/29",
    "/p/30", "/g%09/g/1/%3Cint:n%3E", "/g/1%09/g/1/%3Cint:n%3E/5",
)  # fmt: skip


def answers(folder, python: bool) -> dict[str, tuple[object, ...]]:
    """What a bundle answers to each of PATHS with each method."""
    found = {}
    with runner.running(folder, python=python) as port, Client(port) as client:
        for path in PATHS:
            for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
                head = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
                client.send(head.encode())
                reply = client.reply(method)
                fields = {name: value for name, value in reply.fields if name not in ("date", "connection")}
                if "allow" in fields:
                    fields["allow"] = sorted(fields["allow"].split(", "))
                found[f"{method} {path}"] = (reply.status, fields, reply.body)
    return found


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
def test_routes_on_flash_answer_as_those_in_memory(site, tmp_path, monkeypatch, python):
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    folder = site(many(500, 100, 30), FILES)
    spread = bundle.build(folder, python=python)
    monkeypatch.setattr(flash, "MOST", 10_000)
    whole = bundle.build(folder, python=python)
    assert (len(spread.table["routes"]), len(whole.table["routes"])) == (16, 532)
    assert spread.routes == whole.routes
    both = []
    for name, made in (("spread", spread), ("whole", whole)):
        bundle.write(made, tmp_path / name)
        both.append(answers(tmp_path / name, python))
    assert both[0] == both[1]
    statuses = {reply[0] for reply in both[0].values()}
    assert statuses >= {200, 204, 302, 404, 405}


def used_by(site, tmp_path, name: str, *counts: int) -> int:
    """The heap that a site of so many routes, patterns and pages takes, after some of each were asked for."""
    folder = site(many(*counts), FILES, name)
    bundle.write(bundle.build(folder), tmp_path / f"{name}-out")
    with runner.running(tmp_path / f"{name}-out", heap="200k") as port:
        with Client(port) as client:
            for number in range(0, counts[0], max(1, counts[0] // 50)):
                assert client.ask(get(f"/p/{number % counts[2]}")).status == 200
                assert client.ask(get(f"/r/{number}")).status < 500
                assert client.ask(get(f"/g/{number % counts[1] // 7}/1")).status < 500
        return heap_used(port)


def test_a_thousand_pages_and_600_routes_need_no_more_memory_than_the_most_that_are_not_on_flash(
    site, tmp_path, micropython
):
    few = used_by(site, tmp_path, "few", 8, 15, 6)
    lots = used_by(site, tmp_path, "lots", 500, 100, 1000)
    assert lots <= few  # with all in memory it is 550,000 bytes more


BROKEN = "routes:\n" + "".join(f"  /{n}: {{handler: work.go}}\n" for n in range(30)) + "  /z: {json: bad.now}\n"


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
def test_a_broken_module_of_a_route_on_flash_is_told_at_boot(site, tmp_path, python):
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    sources = {
        "handlers/work.py": "async def go(req, resp): return 'go'\n",
        "handlers/bad.py": "def now(req): return {}\n1 // 0\n",
    }
    made = bundle.build(site(BROKEN, sources), python=python)
    assert made.table["modules"] == ["bad", "work"]
    bundle.write(made, tmp_path / "out")
    log = tmp_path / "log"
    with log.open("wb") as f, runner.running(tmp_path / "out", python=python, log=f) as port:
        assert "handlers.bad can not be imported" in log.read_text()
        with Client(port) as client:
            assert (client.ask(get("/29")).body, client.ask(get("/z")).status) == (b"go", 500)
    assert log.read_text().count("can not be imported") == 1


# The table


def test_a_site_with_few_routes_has_all_in_its_table(site):
    made = bundle.build(site(many(14, 15, 0), FILES), python=True)
    assert (len(made.table["routes"]), len(made.table["patterns"])) == (16, 16)
    assert "modules" not in made.table
    assert not any(name.endswith("/groups.py") for name in made.files)


def test_the_first_routes_stay_in_memory_and_folders_are_the_first_patterns(site):
    made = bundle.build(site(many(30, 40, 0), FILES), python=True)
    assert len(made.table["routes"]) == 16
    assert {"/", "/heap", "/r/1", "/é-7"} <= made.table["routes"].keys()
    texts = [entry[0] for entry in made.table["patterns"]]
    assert texts[0] == "/*"  # the index of the other routes
    assert "/f/*" in texts
    assert sum(isinstance(text, str) for text in texts) <= 17
    assert {entry[1][0] for entry in made.table["patterns"] if isinstance(entry[0], int)} == {"g"}
    assert made.table["modules"] == ["work"]
    assert any(name.endswith("/groups.py") for name in made.files)


def test_the_table_of_many_routes_is_small_and_the_same_each_time(site):
    folder = site(many(500, 100, 1000), FILES)
    made = bundle.build(folder, python=True)
    assert len(made.files["routes.json"]) < 6000
    assert made.files == bundle.build(folder, python=True).files
    assert json.loads(made.files["routes.json"]) == made.table


def test_the_version_of_the_table_is_the_one_that_boards_read():
    assert table.VERSION == device.VERSION


def test_a_route_is_found_in_the_index_whatever_stands_in_its_path(site):
    made = bundle.build(site(many(100, 0, 0), FILES), python=True)
    ((_, (_, _, _, name, _)), _) = made.table["patterns"]
    keys = re.findall(r"^([^\t\n]+)\t\[", made.files[f"site/{name}"].decode("utf-8", "replace"), re.MULTILINE)
    assert "é-98" in keys
