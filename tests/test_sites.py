"""The sites besides the greenhouse, on both Pythons: the settings of a clock, and a product in four languages."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import shutil
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import bundle, runner
from tests.conftest import ROOT
from tests.crawler import Found, Page, crawl
from tests.wireclient import BrokenOff, Client, Reply, ask, request

SETTINGS = ROOT / "sites" / "settings"
PRODUCT = ROOT / "sites" / "product"
OURS = ("Origin: http://test", "Content-Type: application/x-www-form-urlencoded")
DEFAULTS = {"name": "Clock", "wifi": "home", "brightness": 70, "unit": "C", "zone": 0, "summer": False}
CHANGED = {"name": "Küche", "wifi": "my <wifi>", "brightness": 5, "unit": "F", "zone": 330, "summer": True}


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def python(request: pytest.FixtureRequest) -> bool:
    """True on CPython."""
    if request.param == "micropython" and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    return request.param == "cpython"


def built(site: Path, python: bool, out: Path) -> Path:
    bundle.write(bundle.build(site, python=python), out)
    return out


# The settings


@pytest.fixture(scope="module")
def clock(python, tmp_path_factory) -> Path:
    """The bundle of the clock; it is not to be served, but copied."""
    return built(SETTINGS, python, tmp_path_factory.mktemp("clock"))


class Clock:
    """The clock while it is served; `folder`: where it keeps its file."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def values(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(ask(self.port, "GET", "/api/settings").body)
        return found

    def page(self, path: str = "/settings") -> str:
        reply = ask(self.port, "GET", path)
        assert reply.status == 200
        return reply.body.decode()

    def save(self, values: dict[str, object], *lines: str) -> Reply:
        """Sends the form as a browser does: a box that is not checked is not sent."""
        sent = {name: "on" if value is True else value for name, value in values.items() if value is not False}
        return ask(self.port, "POST", "/settings/save", *(lines or OURS), body=urlencode(sent).encode())

    def saved(self) -> object:
        return json.loads((self.folder / "settings.json").read_bytes())


@pytest.fixture
def fresh(clock, tmp_path) -> Path:
    """A folder with the bundle, and nothing saved."""
    return Path(shutil.copytree(clock, tmp_path / "clock"))


@pytest.fixture
def served(fresh, python, tmp_path) -> Iterator[Clock]:
    with (tmp_path / "log").open("wb") as log, runner.running(fresh, python=python, log=log) as port:
        yield Clock(fresh, port)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_clock_starts_with_the_defaults_and_every_link_of_it_answers(served):
    assert served.values() == DEFAULTS
    found = crawl(served.port)
    assert {path: at.reply.status for path, at in found.items()} == dict.fromkeys(found, 200)
    assert {"/", "/settings"} <= {*found}
    fields = {tag["name"]: tag for tag in Page(found["/settings"].text).of("input") if tag.get("type") != "radio"}
    assert (fields["name"]["value"], fields["wifi"]["value"], fields["brightness"]["value"]) == ("Clock", "home", "70")
    assert "checked" not in fields["summer"]
    assert not (served.folder / "settings.json").exists()


def test_what_is_saved_is_shown_again_and_is_there_after_a_restart(served, python):
    reply = served.save(CHANGED)
    assert (reply.status, reply["Location"]) == (303, "/settings?saved")
    assert served.values() == served.saved() == CHANGED
    page = served.page("/settings?saved")
    assert '<p class="done" role="status">Saved.</p>' in page
    tags = Page(page)
    assert [tag["value"] for tag in tags.of("input") if tag["name"] in ("name", "wifi", "brightness")] == [
        "Küche",
        "my <wifi>",
        "5",
    ]
    assert [tag["value"] for tag in tags.of("option") if "selected" in tag] == ["330"]
    assert [tag["value"] for tag in tags.of("input") if "checked" in tag] == ["F", "on"]
    assert "Saved." not in served.page()
    assert not (served.folder / "settings.json.new").exists()
    with runner.running(served.folder, python=python) as port:
        again = Clock(served.folder, port)
        assert again.values() == CHANGED
        assert "<h1>Küche</h1>" in again.page("/")
        assert "70.7 °F" in again.page("/")


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Give 1 to 24 characters."),
        ("name", "   ", "Give 1 to 24 characters."),
        ("name", "x" * 25, "Give 1 to 24 characters."),
        ("name", "a\nb", "Leave out line breaks and other invisible characters."),
        ("name", "a\x00b", "Leave out line breaks and other invisible characters."),
        ("wifi", "é" * 17, "Give 1 to 32 bytes."),
        ("brightness", "-1", "Give a whole number from 0 to 100."),
        ("brightness", "101", "Give a whole number from 0 to 100."),
        ("brightness", "1e2", "Give a whole number from 0 to 100."),
        ("brightness", "5.5", "Give a whole number from 0 to 100."),
        ("brightness", "٣", "Give a whole number from 0 to 100."),
        ("brightness", "-", "Give a whole number from 0 to 100."),
        ("brightness", "9" * 500, "Give a whole number from 0 to 100."),
        ("unit", "K", "Choose one of these."),
        ("unit", "", "Choose one of these."),
        ("zone", "61", "Choose one of these."),
        ("zone", "x", "Choose one of these."),
        ("name", '"><script>alert(1)</script>', "Give 1 to 24 characters."),
        ("brightness", "'\"><img src=x onerror=alert(1)>", "Give a whole number from 0 to 100."),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_saved(running_clock, field, typed, message):
    before = running_clock.values()
    reply = running_clock.save({**CHANGED, field: typed})
    assert reply.status == 422
    page = Page(reply.body.decode())
    text = reply.body.decode()
    assert f'<p class="wrong" id="{field}-wrong">{message}</p>' in text
    assert text.count('class="wrong"') == 1
    assert f'<a href="#{field}">' in text
    assert field in page.ids
    assert page.of("script") == page.of("img")[1:] == []  # the one image is the mark in the header
    fields = {tag.get("name"): tag for tag in page.of("input") if tag.get("type") not in ("radio", "checkbox")}
    if field in fields:
        assert fields[field]["value"] == typed
        assert fields[field]["aria-invalid"] == "true"
        assert f"{field}-wrong" in (fields[field]["aria-describedby"] or "").split()
    assert all(tag["value"] == str(CHANGED[name]) for name, tag in fields.items() if name in CHANGED and name != field)
    assert running_clock.values() == before
    assert not (running_clock.folder / "settings.json").exists()


@pytest.fixture(scope="module")
def running_clock(clock, python, tmp_path_factory) -> Iterator[Clock]:
    """A clock for those who do not change it."""
    folder = Path(shutil.copytree(clock, tmp_path_factory.mktemp("running") / "clock"))
    with runner.running(folder, python=python) as port:
        yield Clock(folder, port)


def test_all_mistakes_are_told_at_once_and_a_form_without_fields_has_them_all(running_clock):
    text = running_clock.save({"x": "y"}).body.decode()
    assert text.count('class="wrong"') == 5
    links = [tag["href"] for tag in Page(text).of("a") if (tag["href"] or "").startswith("#")]
    assert links == ["#name", "#wifi", "#brightness", "#unit", "#zone"]


def test_text_that_looks_like_html_stays_text(served):
    evil = '"><script>x()</script>'
    assert served.save({**CHANGED, "name": evil, "wifi": evil}).status == 303
    for path in ("/", "/settings"):
        page = served.page(path)
        assert "&lt;script&gt;x()&lt;/script&gt;" in page
        assert Page(page).of("script") == []
    assert served.values()["name"] == evil


def test_forms_of_other_sites_change_nothing(running_clock):
    before = running_clock.values()
    for lines in (
        ("Origin: http://evil.example", OURS[1]),
        ("Origin: http://test", "Sec-Fetch-Site: cross-site", OURS[1]),
        ("Origin: null", OURS[1]),
        (OURS[1],),
    ):
        reply = running_clock.save(CHANGED, *lines)
        assert reply.status == 403
        assert "Another site sent this form. Nothing was changed." in reply.body.decode()
        assert ask(running_clock.port, "POST", "/settings/reset", *lines, body=b"").status == 403
    for path in ("/settings/save", "/settings/reset"):
        assert ask(running_clock.port, "GET", path).status == 405
    assert running_clock.values() == before


def test_reset_brings_the_defaults_back(served):
    served.save(CHANGED)
    reply = ask(served.port, "POST", "/settings/reset", *OURS, body=b"")
    assert (reply.status, reply["Location"]) == (303, "/settings?reset")
    assert served.values() == served.saved() == DEFAULTS
    assert "All is as it was at first." in served.page("/settings?reset")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("{", {}),
        ("[1]", {}),
        ("null", {}),
        ("\xff", {}),
        ('{"name": "", "brightness": 300, "unit": "F", "zone": "60"}', {"unit": "F", "zone": 60}),
        ('{"name": null, "zone": [1], "summer": true, "more": 1}', {"summer": True}),
    ],
)
def test_a_damaged_file_costs_only_what_is_damaged(fresh, python, text, values):
    (fresh / "settings.json").write_text(text, "latin-1")
    with runner.running(fresh, python=python) as port:
        assert Clock(fresh, port).values() == {**DEFAULTS, **values}
        assert Clock(fresh, port).save(CHANGED).status == 303
    assert Clock(fresh, port).saved() == CHANGED


def test_the_new_file_is_taken_where_a_disk_removed_the_old_one_before_the_rename(fresh, python):
    (fresh / "settings.json.new").write_text(json.dumps(CHANGED))
    with runner.running(fresh, python=python) as port:
        assert Clock(fresh, port).values() == CHANGED


def test_a_file_that_can_not_be_written_is_told_and_changes_nothing(served):
    served.save(CHANGED)
    (served.folder / "settings.json.new").mkdir()
    reply = served.save(DEFAULTS)
    assert reply.status == 507
    assert "Nothing was changed." in reply.body.decode()
    assert served.values() == served.saved() == CHANGED


def numbered(n: int) -> dict[str, object]:
    """Values that belong together, so that a mixture can be told."""
    return {**CHANGED, "name": f"clock {n}", "wifi": f"wifi {n}", "brightness": n, "summer": n % 2 == 1}


def test_saves_at_the_same_time_never_mix(served):
    wrong = []

    def saves(thread: int) -> None:
        for n in range(thread * 10, thread * 10 + 10):
            if served.save(numbered(n)).status != 303:
                wrong.append(n)
            now = served.values()
            if now != numbered(int(str(now["brightness"]))):
                wrong.append(now)

    threads = [threading.Thread(target=saves, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert served.saved() == served.values()


def test_a_power_cut_while_saving_leaves_the_old_values_or_the_new_ones(fresh, python):
    (fresh / "settings.json").write_text(json.dumps(numbered(0)))
    told = 0  # the last one that was answered
    for _ in range(6):
        port = runner.free_port()
        process = runner.start(fresh, "127.0.0.1", port, python=python)
        try:
            runner.wait_ready(process, "127.0.0.1", port)
            clock = Clock(fresh, port)
            now = clock.values()
            assert now == clock.saved()
            assert now in (numbered(told), numbered((told + 1) % 100))
            threading.Timer(random.uniform(0.005, 0.08), process.kill).start()
            told = until_cut(port, int(str(now["brightness"])))
        finally:
            process.kill()
            process.wait(10)
        assert clock.saved() in (numbered(told), numbered((told + 1) % 100))


def until_cut(port: int, n: int) -> int:
    """Saves one after the other until the server is gone; the last that was answered."""
    end = time.monotonic() + 10
    try:
        with Client(port) as client:
            while time.monotonic() < end:
                values = numbered((n + 1) % 100)
                body = urlencode({k: "on" if v is True else v for k, v in values.items() if v is not False}).encode()
                assert client.ask(request("POST", "/settings/save", *OURS, body=body)).status == 303
                n = (n + 1) % 100
    except (OSError, BrokenOff):
        pass
    return n


def fields() -> ModuleType:
    """The clock's module of fields, on this Python."""
    spec = importlib.util.spec_from_file_location("fields", SETTINGS / "handlers" / "fields.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(st.text() | st.integers().map(str), st.integers(-200, 0), st.integers(0, 200))
def test_whatever_is_typed_is_a_value_of_its_kind_or_told(typed, low, high):
    made = fields()
    kinds = {"n": made.number(low, high), "t": made.text(5), "b": made.text(5, "bytes"), "c": made.choice([typed, 1])}
    right, wrong = made.check(kinds, dict.fromkeys(kinds, typed))
    assert {*right} | {*wrong} == {*kinds}
    assert not {*right} & {*wrong}
    assert right["c"] == typed
    if "n" in right:
        assert low <= right["n"] <= high
        assert int(typed) == right["n"]
    if "t" in right:
        assert 1 <= len(right["t"]) <= 5
    if "b" in right:
        assert 1 <= len(right["b"].encode()) <= 5


# The product

LANGUAGES = ("en", "de", "fr", "ja")


@pytest.fixture(scope="module")
def product(python, tmp_path_factory) -> Iterator[dict[str, Found]]:
    """All that is on the product's site, by path."""
    with runner.running(built(PRODUCT, python, tmp_path_factory.mktemp("product")), python=python) as port:
        yield {**crawl(port), "/none": Found(ask(port, "GET", "/none"), [])}


def test_every_page_is_there_in_every_language_and_every_link_answers(product):
    pages = {f"/{code}/{page}" for code in LANGUAGES for page in ("", "details")}
    assert {path for path, at in product.items() if at.is_page and at.reply.status == 200} == pages
    assert (product["/"].reply.status, product["/"].reply["Location"]) == (302, "/en/")
    others = {path: at.reply.status for path, at in product.items() if path not in ("/", "/none")}
    assert others == dict.fromkeys(others, 200)
    assert product["/none"].reply.status == 404
    assert all(f'href="/{code}/"' in product["/none"].text for code in LANGUAGES)


def test_each_page_says_its_language_and_leads_to_itself_in_the_others(product):
    for code in LANGUAGES:
        for page in ("", "details"):
            found = Page(product[f"/{code}/{page}"].text)
            assert found.of("html") == [{"lang": code}]
            links = {tag["hreflang"]: tag["href"] for tag in found.of("link") if tag["rel"] == "alternate"}
            assert links == {other: f"/{other}/{page}" for other in LANGUAGES}
            switch = {tag["hreflang"]: tag for tag in found.of("a") if "hreflang" in tag}
            assert {lang: tag["href"] for lang, tag in switch.items()} == links
            assert all(tag["lang"] == lang for lang, tag in switch.items())
            assert [lang for lang, tag in switch.items() if "aria-current" in tag] == [code]


def test_no_language_lacks_a_text(product):
    for page in ("", "details"):
        shapes = {tuple(tag for tag, _ in Page(product[f"/{code}/{page}"].text).tags) for code in LANGUAGES}
        assert len(shapes) == 1
        texts = [product[f"/{code}/{page}"].text for code in LANGUAGES]
        assert len(set(texts)) == len(texts)
        for text in texts:
            assert all(tag.get("alt") is not None for tag in Page(text).of("img"))
            assert '="" width' not in text
            assert "<p></p>" not in text


def size_of(data: bytes, kind: str) -> tuple[float, float]:
    """The width and height of a picture."""
    if kind == "image/png":
        found: tuple[int, int] = struct.unpack(">II", data[16:24])
        return found
    box = ElementTree.fromstring(data).attrib["viewBox"].split()
    return float(box[2]), float(box[3])


def test_pictures_have_the_shape_that_the_page_says(product):
    seen = set()
    for path, at in product.items():
        for tag in Page(at.text).of("img") if at.is_page else []:
            reply = product[str(tag["src"])].reply
            width, height = size_of(reply.body, (reply["Content-Type"] or "").partition(";")[0])
            assert int(tag["width"] or 0) / int(tag["height"] or 0) == pytest.approx(width / height), path
            seen.add(tag["src"])
    assert {"/static/lamp.svg", "/static/evening.png", "/static/folding.svg"} <= seen


def test_all_pages_are_files_and_the_bundle_has_no_code_but_ours(python):
    made = bundle.build(PRODUCT, python=python)
    kinds = {path: route[0] for path, route in made.table["routes"].items()}
    assert kinds.pop("/") == "r"
    assert set(kinds.values()) == {"f"}
    assert made.table["errors"]["404"][0] == "f"
    assert made.table["site"] == {"title": "Tomo"}
    code = [path for path in made.files if path.endswith((".py", ".mpy")) and path not in ("main.py", "site/start.py")]
    assert all("/picoweb/" in path for path in code), code
    assert os.path.getsize(PRODUCT / "static" / "evening.png") < 20_000
