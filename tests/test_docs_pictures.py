"""The pictures of the documentation are what a browser shows: taken anew, and compared with those in docs/.

To make them anew: PICOWEB_SCREENSHOTS=docs .venv/bin/pytest tests/test_docs_pictures.py tests/test_docs_tutorial.py
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import expect

from site_builder import bundle, runner, scaffold

from .conftest import ROOT
from .test_browser import Watched, browser  # noqa: F401  a fixture

DOCS = ROOT / "docs"
_DIFFERENT = 12  # of 255, the mean: curves and values change with the time, shapes and colours do not


def compare(name, picture):
    """Keeps a picture, a PNG's bytes, where PICOWEB_SCREENSHOTS says; that in docs/ must look like it."""
    new = Image.open(io.BytesIO(picture)).convert("RGB")
    folder = os.environ.get("PICOWEB_SCREENSHOTS")
    if folder:
        new.save(Path(folder).resolve() / name, optimize=True)
    with Image.open(DOCS / name) as kept:
        assert kept.size == new.size, name
        difference = ImageStat.Stat(ImageChops.difference(kept.convert("RGB"), new)).mean
        assert max(difference) < _DIFFERENT, f"{name} shows something else: make it anew"


def greenhouse(page):
    expect(page).to_have_title("Status · Greenhouse")


def settings(page):
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def dashboard(page):
    page.get_by_role("button", name="LED").click()
    expect(page.locator("[aria-pressed=true]")).to_be_visible()
    if os.environ.get("PICOWEB_SCREENSHOTS"):
        page.wait_for_timeout(60_000)  # so that there is a curve


PICTURES = {
    "greenhouse.png": (ROOT / "sites" / "example", (1280, 800), greenhouse),
    "settings.png": (ROOT / "sites" / "settings", (1280, 800), settings),
    "new-dashboard.png": ("dashboard", (1280, 560), dashboard),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_a_browser_shows(browser, tmp_path, name):  # noqa: F811
    folder, (width, height), prepare = PICTURES[name]
    if isinstance(folder, str):
        scaffold.new(tmp_path / "workshop", folder)
        folder = tmp_path / "workshop"
    bundle.write(bundle.build(folder), tmp_path / "out")
    with (
        runner.running(tmp_path / "out", python=runner.micropython() is None) as port,
        Watched(browser, viewport={"width": width, "height": height}) as watched,
    ):
        watched.page.goto(f"http://127.0.0.1:{port}/")
        prepare(watched.page)
        watched.page.wait_for_timeout(500)  # what moves has come to rest
        compare(name, watched.page.screenshot())
        assert [wrong for wrong in watched.wrong if "ERR_ABORTED" not in wrong] == []


def test_every_picture_of_the_pages_is_made_by_a_test():
    made = {*PICTURES, "lamp.png", "benchmarks.svg"}
    shown = set()
    for page in [*DOCS.glob("*.md"), ROOT / "README.md"]:
        shown |= {Path(link).name for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))}
    assert shown == made == {path.name for path in [*DOCS.glob("*.png"), *DOCS.glob("*.svg")]}
