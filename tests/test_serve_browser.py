"""`picoweb serve` in a real browser: pages that follow what is saved."""

import pytest
from playwright.sync_api import expect, sync_playwright

from site_builder import bundle, runner

from .conftest import write_files
from .devserver import serving, until
from .test_browser import EXAMPLE, FLAGS, chromium

YAML = """\
title: Editing
routes:
  /:         {template: index.html, data: count.visits}
  /boom:     {handler: count.boom}
  /static/*: {dir: static, cache: 1d}
"""
FILES = {
    "site.yaml": YAML,
    "templates/index.html": """\
<!doctype html>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/style.css">
<h1>Hello {{ visits }}</h1>
<form><input id="name"></form>
<p style="height: 3000px">tall</p>
""",
    "static/style.css": "h1 { color: rgb(1, 2, 3) }\n",
    "handlers/count.py": """\
count = 0


def visits(req):
    global count
    count += 1
    return {"visits": count}


async def boom(req, resp):
    return 1 // 0
""",
}


@pytest.fixture(scope="module")
def browser():
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module", params=[[], ["--python"]], ids=["micropython", "cpython"])
def serve(request, tmp_path_factory):
    if not request.param and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    folder = tmp_path_factory.mktemp("editing")
    with serving(write_files(folder / "site", FILES), folder, *request.param) as started:
        yield started


@pytest.fixture
def page(browser, serve):
    if any((serve.site / name).read_text() != text for name, text in FILES.items()):
        before = serve.text().count("changed: ")
        write_files(serve.site, FILES)
        until(lambda: serve.text().count("changed: ") > before)
    context = browser.new_context()
    page = context.new_page()
    page.goto(serve.url)
    expect(page.locator("h1")).to_be_visible()
    yield page
    context.close()


def visits(page):
    return int(page.locator("h1").inner_text().split()[-1])


def overlay(page):
    return page.locator("picoweb-overlay")


def test_a_saved_template_is_shown_and_handlers_keep_what_they_remember(serve, page):
    before = visits(page)
    serve.edit("templates/index.html", "Hello", "Good morning")
    expect(page.locator("h1")).to_contain_text("Good morning")
    assert visits(page) == before + 1
    serve.says("templates/index.html changed: reloaded")


def test_a_saved_style_sheet_is_applied_and_the_page_stays(serve, page):
    page.fill("#name", "Ada")
    page.evaluate("window.scrollTo(0, 500); window.mark = 1")
    serve.edit("static/style.css", "rgb(1, 2, 3)", "rgb(4, 5, 6)")
    expect(page.locator("h1")).to_have_css("color", "rgb(4, 5, 6)")
    assert page.input_value("#name") == "Ada"
    assert page.evaluate("[window.scrollY, window.mark]") == [500, 1]
    expect(page.locator("link[rel=stylesheet]")).to_have_count(1)
    page.reload()  # and it is no older one that the browser has kept
    expect(page.locator("h1")).to_have_css("color", "rgb(4, 5, 6)")


def test_a_saved_handler_restarts_the_site_and_reloads_the_page(serve, page):
    page.reload()
    page.reload()
    serve.edit("handlers/count.py", "count = 0", "count = 700")
    expect(page.locator("h1")).to_have_text("Hello 701")
    serve.says("handlers/count.py changed: ")


def test_a_broken_template_covers_the_page_and_mending_it_uncovers_it(serve, page):
    serve.edit("templates/index.html", "{{ visits }}", "{{ visits")
    expect(overlay(page).locator("h1")).to_have_text("1 problem in the site")
    expect(overlay(page).locator("h2")).to_have_text("templates/index.html:4")
    expect(overlay(page).locator("mark")).to_contain_text("<h1>Hello {{ visits</h1>")
    serve.says("templates/index.html:4:")
    serve.says("\n    <h1>Hello {{ visits</h1>\n")
    page.reload()  # the page of before is still there, and still covered
    expect(overlay(page).locator("h2")).to_have_text("templates/index.html:4")
    serve.edit("templates/index.html", "{{ visits<", "{{ visits }} mended<")
    expect(page.locator("body > h1")).to_contain_text("mended")
    expect(overlay(page)).to_have_count(0)


def test_all_problems_are_listed_and_undoing_them_brings_the_same_page_back(serve, page):
    page.evaluate("window.mark = 1")
    serve.edit("site.yaml", "index.html", "indx.html")
    expect(overlay(page).locator("h2")).to_have_text(["site.yaml:3"])
    serve.edit("site.yaml", "count.boom", "count.bom")
    expect(overlay(page).locator("h2")).to_have_text(["site.yaml:3", "site.yaml:4"])
    expect(overlay(page).locator("p").nth(1)).to_contain_text("did you mean 'boom'?")
    write_files(serve.site, {"site.yaml": YAML})
    expect(overlay(page)).to_have_count(0)
    assert page.evaluate("window.mark") == 1


def test_an_exception_is_shown_in_the_browser_with_its_line(serve, page):
    answer = page.goto(f"{serve.url}/boom")
    assert answer.status == 500
    expect(overlay(page).locator("h1")).to_have_text("GET /boom")
    expect(overlay(page).locator("p").first).to_contain_text("ZeroDivisionError")
    expect(overlay(page).locator("h2")).to_have_text("handlers/count.py:11, in boom")
    expect(overlay(page).locator("mark")).to_contain_text("return 1 // 0")
    serve.edit("handlers/count.py", "1 // 0", "'fine'")
    expect(page.locator("body")).to_contain_text("fine")
    expect(overlay(page)).to_have_count(0)


def test_a_page_that_opened_while_nothing_could_be_built_comes_when_it_is_mended(browser, tmp_path):
    site = write_files(tmp_path / "site", {**FILES, "handlers/count.py": FILES["handlers/count.py"] + "def ("})
    with serving(site, tmp_path) as serve:
        page = browser.new_page()
        assert page.goto(serve.url).status == 503
        expect(overlay(page).locator("h2")).to_have_text("handlers/count.py:12")
        serve.edit("handlers/count.py", "def (", "")
        expect(page.locator("body > h1")).to_have_text("Hello 1")
        page.close()


def test_the_example_is_served_with_the_limits_of_an_esp32_over_slow_wifi(browser, tmp_path):
    with serving(EXAMPLE, tmp_path, "--board", "esp32", "--slow") as serve:
        page = browser.new_page()
        for _ in range(3):
            page.goto(serve.url, wait_until="load")
            expect(page.locator("h1")).to_be_visible()
            assert page.evaluate("document.styleSheets.length") == 1
        before = page.locator("#relay-1").get_attribute("aria-pressed")
        page.locator("#relay-1").click()
        expect(page.locator("#relay-1")).not_to_have_attribute("aria-pressed", before)
        page.close()
        assert "MemoryError" not in serve.text()
        assert "on MicroPython with the limits of esp32" in serve.text()


def test_a_site_that_does_not_fit_an_esp8266_says_so_and_what_is_largest(browser, tmp_path):
    with serving(EXAMPLE, tmp_path, "--board", "esp8266") as serve:
        page = browser.new_page()
        assert page.goto(serve.url).status == 503
        expect(overlay(page).locator("h1")).to_have_text("The site does not fit esp8266")
        expect(overlay(page).locator("p").first).to_contain_text("templates/index.html ")
        page.close()
        serve.says("The site does not fit esp8266, a heap of ")


def test_no_bundle_knows_of_the_development_server(tmp_path):
    files = {**FILES, "fakes/machine.py": "Pin = 'a stand-in'\n"}
    site = write_files(tmp_path / "site", files)
    for python in (False, True):
        made = bundle.build(site, python=python)
        assert not [path for path in made.files if "fakes" in path or "machine" in path or "dev" in path]
        for data in made.files.values():
            assert b"_picoweb/" not in data
            assert b"a stand-in" not in data
