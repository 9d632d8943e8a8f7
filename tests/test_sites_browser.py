"""Every page of the example sites and of new sites in Chromium: nothing fails, and axe-core finds no barrier."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from site_builder import bundle, runner, scaffold
from tests.conftest import ROOT
from tests.crawler import crawl
from tests.test_browser import FLAGS, Watched, chromium

SITES = ("example", "settings", "product")
SIZES = {"phone": (360, 740), "desktop": (1280, 800)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


SERVED = [*SITES, *(f"new {template}" for template in scaffold.TEMPLATES)]


@pytest.fixture(scope="module", params=SERVED)
def served(request, tmp_path_factory) -> Iterator[tuple[str, str]]:
    """The name of a site, and its URL without a path."""
    name: str = request.param
    folder = ROOT / "sites" / name
    if name.startswith("new "):
        folder = tmp_path_factory.mktemp("new") / "my-board"
        scaffold.new(folder, name[4:])
    out = tmp_path_factory.mktemp("out")
    bundle.write(bundle.build(folder), out)
    with runner.running(out, python=runner.micropython() is None) as port:
        yield name, f"http://127.0.0.1:{port}"


def failures(watched: Watched, told: str = "status of 0") -> list[str]:
    """What went wrong, but for what the next page cut short, and what Chromium itself tells of a status."""
    return [text for text in watched.wrong if not text.endswith("ERR_ABORTED") and told not in text]


def has_no_barriers(page: Page) -> None:
    """Asks axe-core, in the light and in the dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url}, {scheme}: {found.generate_report()}"


@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_whole_fits_and_has_no_barriers(browser, served, size, tmp_path):
    name, url = served
    width, height = SIZES[size]
    pictures = Path(os.environ.get("PICOWEB_SCREENSHOTS") or tmp_path)
    pages = [path for path, at in crawl(int(url.rpartition(":")[2])).items() if at.is_page]
    assert pages
    with Watched(browser, viewport={"width": width, "height": height}) as watched:
        page = watched.page
        for path in sorted(pages):
            answer = page.goto(url + path, wait_until="load")
            assert answer.status == 200
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0, path
            picture = pictures / f"{name}{path}-{size}.png".replace("/", "-").replace(" ", "-")
            page.screenshot(path=picture, full_page=True)
            has_no_barriers(page)
        assert failures(watched) == []


@pytest.mark.parametrize("served", [name for name in SERVED if name != "new blank"], indirect=True)
def test_the_page_of_an_address_that_is_not_there_has_no_barriers(browser, served):
    _, url = served
    with Watched(browser, viewport={"width": 360, "height": 740}) as watched:
        assert watched.page.goto(f"{url}/none").status == 404
        expect(watched.page.locator("h1")).to_be_visible()
        has_no_barriers(watched.page)
        assert failures(watched, "status of 404") == []


@pytest.mark.parametrize("served", ["settings"], indirect=True)
@pytest.mark.parametrize("size", SIZES)
def test_the_settings_are_typed_told_mended_and_kept(browser, served, size, tmp_path):
    width, height = SIZES[size]
    with Watched(
        browser,
        viewport={"width": width, "height": height},
    ) as watched:
        page = watched.page
        page.goto(served[1] + "/settings")
        save = page.get_by_role("button", name="Save")
        page.get_by_label("Name", exact=True).fill("<i>Kitchen</i>")
        page.get_by_label("Brightness").fill("101")
        save.click()  # the browser itself says what is wrong with the number
        assert page.url == served[1] + "/settings"
        page.locator("form").first.evaluate("form => form.noValidate = true")
        save.click()
        expect(page.get_by_role("alert")).to_contain_text("Brightness: Give a whole number from 0 to 100.")
        expect(page.get_by_label("Name", exact=True)).to_have_value("<i>Kitchen</i>")
        expect(page.get_by_label("Brightness")).to_have_value("101")
        page.get_by_role("link", name="Brightness: ").click()
        expect(page.get_by_label("Brightness")).to_be_in_viewport()
        page.screenshot(
            path=Path(os.environ.get("PICOWEB_SCREENSHOTS") or tmp_path) / f"wrong-{size}.png", full_page=True
        )
        has_no_barriers(page)
        page.get_by_label("Brightness").fill("40")
        page.get_by_label("Fahrenheit").check()
        page.get_by_label("Time zone").select_option(label="UTC+05:30 Delhi")
        page.get_by_label("Summer time").check()
        save.click()
        expect(page.get_by_role("status")).to_have_text("Saved.")
        assert page.url == served[1] + "/settings?saved"
        expect(page.get_by_label("Summer time")).to_be_checked()
        has_no_barriers(page)
        page.reload()
        expect(page.get_by_label("Time zone")).to_have_value("330")
        page.get_by_role("link", name="Clock", exact=True).click()
        expect(page.locator("h1")).to_have_text("<i>Kitchen</i>")
        page.goto(served[1] + "/settings")
        page.get_by_role("button", name="Back to how it was at first").click()
        expect(page.get_by_label("Name", exact=True)).to_have_value("Clock")
        assert failures(watched, "status of 422") == []


@pytest.mark.parametrize("served", ["new dashboard"], indirect=True)
def test_the_dashboard_is_live_and_switches(browser, served):
    with Watched(browser) as watched:
        page = watched.page
        page.goto(served[1] + "/settings")
        page.get_by_label("Seconds between readings").fill("1")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Live").click()
        before = page.locator("#line").get_attribute("points")
        expect(page.locator("#line")).not_to_have_attribute("points", before, timeout=10_000)
        led = page.get_by_role("button", name="LED")
        expect(led).to_have_attribute("aria-pressed", "false")
        led.click()
        expect(led).to_have_attribute("aria-pressed", "true")
        expect(led).to_have_text("LED on")
        page.reload()
        expect(led).to_have_attribute("aria-pressed", "true")
        assert failures(watched) == []


@pytest.mark.parametrize("served", ["new dashboard"], indirect=True)
def test_the_dashboard_works_without_javascript(browser, served):
    with Watched(browser, java_script_enabled=False) as watched:
        page = watched.page
        page.goto(served[1])
        led = page.get_by_role("button", name="LED")
        before = led.get_attribute("aria-pressed")
        led.click()
        expect(led).not_to_have_attribute("aria-pressed", before)
        assert page.url == served[1] + "/"
        page.goto(served[1] + "/settings")
        page.get_by_label("Name of the reading").fill("  ")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".wrong")).to_have_text("Give 1 to 20 characters.")
        expect(page.get_by_label("Name of the reading")).to_have_attribute("aria-invalid", "true")
        assert failures(watched, "status of 422") == []


@pytest.mark.parametrize("served", ["product"], indirect=True)
def test_a_visitor_of_the_product_changes_the_language_and_stays_on_the_page(browser, served):
    with Watched(browser, viewport={"width": 360, "height": 740}) as watched:
        page = watched.page
        page.goto(served[1])
        assert page.url == served[1] + "/en/"
        page.get_by_role("link", name="Details", exact=True).click()
        page.get_by_role("link", name="Deutsch").click()
        assert page.url == served[1] + "/de/details"
        expect(page.locator("h1")).to_have_text("Einzelheiten")
        page.get_by_role("link", name="日本語").click()
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        assert failures(watched) == []
