"""What a site takes of the heap, measured on real MicroPython."""

from __future__ import annotations

from dataclasses import replace

import pytest

from site_builder import bundle, listing, measure, runner
from site_builder.errors import RunError

YAML = """\
routes:
  /:               {template: page.tpl, data: work.now}
  /list:           {json: work.many}
  /a.txt:          a.txt
  /static/*:       {dir: static}
  /old:            {redirect: /}
  /item/<int:n>:   {json: work.item}
  /of/<who>/<path:rest>: {handler: work.of}
  /switch:         {handler: work.switch, methods: [POST]}
  /breaks:         {json: work.breaks}
  /pin:            {json: pins.read}
errors: {404: {template: lost.tpl}, 500: {file: a.txt}}
"""
FILES = {
    "templates/page.tpl": "{% args rows %}{% for row in rows %}<p>{{ row }}{% endfor %}",
    "templates/lost.tpl": "lost",
    "a.txt": "a",
    **{f"static/{n}.txt": "x" * n for n in range(1, 9)},
    "handlers/work.py": """\
import picoweb


def now(req):
    return {"rows": range(5)}


def many(req):
    return {"rows": list(range(1000))}


def item(req, n):
    return {"n": n}


async def of(req, resp, who, rest):
    await picoweb.respond(resp, who + " " + rest)


async def switch(req, resp):
    return "switched"


def breaks(req):
    raise ValueError("on purpose")


""",
    "handlers/pins.py": "from machine import Pin\n\n\ndef read(req):\n    return {'on': Pin(4).value()}\n",
}
MACHINE = "class Pin:\n    def __init__(self, n):\n        pass\n\n    def value(self):\n        return 1\n"


@pytest.fixture
def made(site, micropython):
    return bundle.build(site(YAML, FILES))


def test_every_page_is_fetched_and_what_cannot_be_is_told_with_the_reason(made):
    found = measure.site(made)
    assert {page.path: (page.status, page.size) for page in found.pages} == {
        "/": (200, 20),
        "/list": (200, 4900),
        "/a.txt": (200, 1),
        "/static/8.txt": (200, 8),
        "/static/7.txt": (200, 7),
        "/static/6.txt": (200, 6),
        "/old": (302, 0),
        "/item/1": (200, 8),
        "/of/x/x": (200, 3),
        "/picoweb-asks-for-a-page-that-is-not-there": (404, 4),
    }
    assert {skipped.path: skipped.why for skipped in found.skipped} == {
        "/breaks": "500: ValueError: on purpose",
        "/pin": "500: ImportError: can't import name Pin",
        "/switch": "it answers POST alone",
        "500": "it is shown after an error alone",
    }


ENDLESS = """\
import asyncio

import picoweb


async def go(req, resp):
    await picoweb.start_response(resp, "text/plain")
    await resp.awrite("and on")
    await resp.drain()
    await asyncio.sleep(3600)
"""


def test_a_page_without_an_end_is_not_waited_for(site, micropython, monkeypatch):
    monkeypatch.setattr(measure, "PATIENCE", 1.0)
    yaml = "routes: {/endless: {handler: h.go}, /a: {json: {a: 1}}}"
    found = measure.site(bundle.build(site(yaml, {"handlers/h.py": ENDLESS})))
    assert found.skipped == (measure.Skipped("/endless", "its answer has no end within 1 s, as a stream's"),)
    assert [page.path for page in found.pages] == ["/a"]


def test_the_page_that_makes_most_garbage_is_the_costliest(made):
    found = measure.site(made)
    assert found.costliest is not None
    assert found.costliest.path == "/list"
    assert found.costliest.garbage > 8 * 1000 + 4900  # a list of 1,000 words, and its text
    assert all(0 < page.garbage <= found.costliest.garbage for page in found.pages)
    assert max(page.garbage for page in found.pages if page.path != "/list") < 8000


def test_stand_ins_for_a_boards_modules_are_in_the_folder_fakes(made):
    fakes = made.checked.folder / "fakes"
    fakes.mkdir()
    (fakes / "machine.py").write_text(MACHINE)
    found = measure.site(made)
    assert "/pin" in [page.path for page in found.pages]
    assert "/pin" not in [skipped.path for skipped in found.skipped]


def test_the_site_works_with_the_least_heap_and_not_with_less(made, tmp_path):
    found = measure.site(made)
    assert found.boot < found.least < found.boot + 3 * max(page.garbage for page in found.pages)
    assert found.least % measure.STEP == 0
    lab = measure.Lab(made, tmp_path, None)
    assert lab.answers(found.least + measure.STEP, found.pages)
    assert not lab.answers(found.least - 2 * measure.STEP, found.pages)  # two, for now and then one is a matter of luck
    assert not lab.answers(found.boot // 2, ())


def test_a_tiny_site_takes_less_than_60_kilobytes_here(site, micropython):
    found = measure.site(bundle.build(site("routes: {/: {json: {a: 1}}}")))
    assert 30_000 < found.boot < found.least < 60_000
    assert found.on_board == found.least * 4 // 5
    assert found.skipped == ()


def test_a_site_without_pages_has_no_costliest(site, micropython):
    found = measure.site(bundle.build(site("routes: {}")))
    assert found.costliest is None
    assert found.boot < found.least


def test_a_table_of_forty_routes_takes_more_than_one_of_ten(site, micropython):
    def boot(count):
        routes = "".join(f"  /{n}: {{json: {{n: {n}}}}}\n" for n in range(count))
        return measure.site(bundle.build(site(f"routes:\n{routes}", name=str(count)))).boot

    assert boot(40) - boot(10) > 30 * 100


def test_nothing_is_left_running(made, tmp_path):
    lab = measure.Lab(made, tmp_path, None)
    with lab.start("main.py", 1 << 20) as server:
        runner.wait_ready(server.process, "127.0.0.1", server.port)
        assert server.fetch("/a.txt") == (200, 1)
    assert server.process.returncode is not None


def test_a_site_that_does_not_run_is_told(site, micropython):
    made = bundle.build(site("routes: {/: {json: {a: 1}}}"))
    broken = replace(made, files={**made.files, "main.py": b"raise ValueError('no')\n"})
    with pytest.raises(RunError) as caught:
        measure.site(broken)
    assert str(caught.value) == "the site does not run here: ValueError: no"


UNLIKE = """\
import os

import picoweb


async def go(req, resp):
    try:
        os.stat("../asked")
        await picoweb.http_error(resp, 403)
    except OSError:
        open("../asked", "w").close()
        await picoweb.respond(resp, "once")
"""


def test_pages_that_do_not_answer_alike_are_told(site, micropython, monkeypatch):
    monkeypatch.setattr(measure, "_ROOMY", 1 << 20)
    made = bundle.build(site("routes: {/: {handler: h.go}}", {"handlers/h.py": UNLIKE}))
    with pytest.raises(RunError) as caught:
        measure.site(made)
    assert str(caught.value) == "its pages do not answer alike each time, so no heap can be said to be enough"


def test_a_site_that_waits_for_ever_at_boot_is_told(site, micropython, monkeypatch):
    monkeypatch.setattr(measure, "BOOT", 1.0)
    handlers = "import time\n\nwhile True:\n    time.sleep(1)\n\n\ndef now(req): ...\n"
    made = bundle.build(site("routes: {/: {json: h.now}}", {"handlers/h.py": handlers}))
    with pytest.raises(RunError) as caught:
        measure.site(made)
    assert str(caught.value) == "the site does not run here: it does not answer within 1 s"


def test_without_micropython_nothing_is_measured(made, monkeypatch):
    monkeypatch.setattr(runner, "micropython", lambda: None)
    with pytest.raises(RunError) as caught:
        measure.site(made)
    assert str(caught.value) == "there is no MicroPython for this machine, so nothing can be measured"


def test_measuring_changes_nothing_of_the_bundle(site, micropython):
    made = bundle.build(site("routes: {/: a.txt}", FILES))
    before = dict(made.files)
    measure.site(made)
    assert made.files == before
    assert bundle.build(made.checked.folder).files == before


# What is asked for


def test_each_route_has_a_path_to_ask_for_or_a_reason(made):
    asked, without = listing.samples(made)
    assert asked[:2] == ["/", "/a.txt"]
    assert {path for path, _ in without} == {"/switch", "500"}
    assert len(asked) == len(set(asked))
