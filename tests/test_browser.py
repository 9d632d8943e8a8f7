"""The example in a real browser: Chromium, driven by Playwright."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from site_builder import bundle, runner

EXAMPLE = Path(__file__).parent.parent / "sites" / "example"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The browser's path. Where there is none the tests skip, unless PICOWEB_NO_SKIP is set."""
    for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"):
        if Path(path).exists():
            return path
    message = "no Chromium in /usr/bin: install your system's package 'chromium' to run the browser tests"
    if os.environ.get("PICOWEB_NO_SKIP"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser():
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    bundle.write(bundle.build(EXAMPLE), folder)
    with runner.running(folder, python=runner.micropython() is None) as port:
        yield f"http://127.0.0.1:{port}"


class Watched:
    """A page, and everything that went wrong on it."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.wrong = []
        self.page.on("console", lambda message: message.type == "error" and self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("requestfailed", self._failed)

    def _failed(self, request):
        if not request.redirected_from:  # a redirect that the page's script does not follow counts as failed here
            self.wrong.append(f"{request.url}: {request.failure}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)], ids=["phone", "desktop"])
def test_the_status_page_leads_to_the_about_page_and_switches_a_relay(browser, url, tmp_path, width, height):
    with Watched(browser, viewport={"width": width, "height": height}) as watched:
        page = watched.page
        page.goto(url)
        expect(page).to_have_title("Status · Greenhouse")
        assert 0 < float(page.locator("#temperature").inner_text()) < 50
        assert page.evaluate("document.documentElement.scrollWidth") <= width

        button = page.locator("#relay-1")
        before = button.get_attribute("aria-pressed")
        button.click()
        after = {"true": "false", "false": "true"}[before]
        expect(page.locator(f"#relay-1[aria-pressed={after}]")).to_be_visible()
        page.reload()
        expect(page.locator(f"#relay-1[aria-pressed={after}]")).to_be_visible()

        pictures = Path(os.environ.get("PICOWEB_SCREENSHOTS") or tmp_path)
        page.screenshot(path=pictures / f"status-{width}.png", full_page=True)
        assert (pictures / f"status-{width}.png").stat().st_size > 10_000

        page.get_by_role("link", name="About").click()
        expect(page.locator("h1")).to_have_text("About this greenhouse")
        assert page.locator("main img").evaluate("image => image.naturalWidth") > 0
        assert watched.wrong == []


def test_the_relay_button_works_without_javascript(browser, url):
    with Watched(browser, java_script_enabled=False) as watched:
        page = watched.page
        page.goto(url)
        before = page.locator("#relay-2").get_attribute("aria-pressed")
        page.locator("#relay-2").click()
        assert page.locator("#relay-2").get_attribute("aria-pressed") != before
        assert page.url == f"{url}/"
        assert watched.wrong == []


def test_a_path_that_is_not_there_shows_the_sites_own_page(browser, url):
    with Watched(browser) as watched:
        answer = watched.page.goto(f"{url}/tomatoes")
        assert answer.status == 404
        expect(watched.page.locator("h1")).to_have_text("Nothing grows here.")


def test_a_page_of_30_assets_is_complete_from_a_server_with_4_connections(browser, tmp_path):
    assets = {f"a{n}.css": f".x{n} {{ color: red }}" for n in range(10)}
    assets.update({f"a{n}.js": f"window.done = (window.done || 0) + 1; // {n}" for n in range(10)})
    assets.update({f"a{n}.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' for n in range(10)})
    tags = "".join(f'<link rel="stylesheet" href="/f/a{n}.css">' for n in range(10))
    tags += "".join(f'<script src="/f/a{n}.js"></script><img src="/f/a{n}.svg" alt="">' for n in range(10))
    site = tmp_path / "site"
    (site / "static").mkdir(parents=True)
    (site / "static" / "index.html").write_text(f'<!doctype html><link rel="icon" href="data:,">{tags}')
    for name, text in assets.items():
        (site / "static" / name).write_text(text)
    (site / "site.yaml").write_text("routes: {/f/*: {dir: static}}\nserver: {connections: 4}\n")
    bundle.write(bundle.build(site), tmp_path / "out")
    with runner.running(tmp_path / "out") as port:
        for _ in range(3):
            with Watched(browser) as watched:
                page = watched.page
                page.goto(f"http://127.0.0.1:{port}/f/", wait_until="load")
                assert page.evaluate("window.done") == 10
                assert page.evaluate("[...document.images].filter(image => image.naturalWidth === 9).length") == 10
                assert page.evaluate("document.styleSheets.length") == 10
                assert watched.wrong == []
