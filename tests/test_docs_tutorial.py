"""docs/tutorial.md: followed step by step, as a reader does; what each step promises is looked at."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
from playwright.sync_api import expect

from site_builder import runner

from .test_browser import Watched, browser  # noqa: F401  a fixture
from .test_docs import BIN, BLOCK, TOP, write_file
from .test_docs_pictures import compare
from .test_sites_browser import failures

PAGE = (TOP / "docs" / "tutorial.md").read_text(encoding="utf-8")


def steps():
    """The sections of the tutorial: a title, and its blocks."""
    parts = re.split(r"^## (.*)\n", PAGE, flags=re.M)[1:]
    return {
        title: [block.groups() for block in BLOCK.finditer(text)]
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }


def follow(folder, until):
    """Writes the files of all steps up to one into a folder; returns the commands of that one."""
    for title, blocks in steps().items():
        for file, kind, text in blocks:
            if kind != "sh":
                write_file(folder, file, text)
        if title == until:
            return [text.strip() for _, kind, text in blocks if kind == "sh"]
    raise AssertionError(until)


class Served:
    """`picoweb serve` in a folder, until the block ends."""

    def __init__(self, folder):
        self.folder = folder
        self.port = runner.free_port()

    def __enter__(self):
        command = [BIN / "picoweb", "serve", "--port", str(self.port)]
        log = (self.folder.parent / "serve.log").open("wb")
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)
        runner.wait_ready(self.process, "127.0.0.1", self.port)
        return self

    def __exit__(self, *_):
        runner.stop(self.process)

    def get(self, path, **form):
        """The status and text of a page; a form is sent to it by POST."""
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()


@pytest.fixture
def lamp(tmp_path):
    """A function that follows the tutorial up to a step, and serves what is there."""
    if runner.micropython() is None:
        assert not os.environ.get("PICOWEB_NO_SKIP"), "no MicroPython"
        pytest.skip("no MicroPython for this machine")

    def to(step):
        follow(tmp_path / "lamp", step)
        return Served(tmp_path / "lamp")

    return to


def test_a_page(lamp):
    with lamp("A page") as served:
        assert "<h1>Lamp</h1>" in served.get("/")[1]


def test_a_look_of_its_own(lamp):
    with lamp("A look of its own") as served:
        assert "It stands on my desk." in served.get("/")[1]
        assert "system-ui" in served.get("/static/style.css")[1]


def test_live_values(lamp):
    with lamp("Live values") as served:
        assert '<b id="on">off</b>' in served.get("/")[1]
        assert '"on": false' in served.get("/api/state")[1].replace('"on":false', '"on": false')


def test_a_button(lamp):
    with lamp("A button") as served:
        assert served.get("/switch")[0] == 405
        assert '<b id="on">on</b>' in served.get("/switch", press="1")[1]
        assert '<b id="on">off</b>' in served.get("/switch", press="1")[1]


def test_a_form(lamp):
    with lamp("A form") as served:
        assert 'value="Lamp"' in served.get("/settings")[1]
        status, page = served.get("/settings/save", name="<b>" * 7)
        assert (status, "Give 1 to 20 characters." in page) == (422, True)
        assert 'value="' + "&lt;b&gt;" * 7 + '"' in page
        assert 'value="Desk"' in served.get("/settings/save", name="Desk")[1]
        assert 'value="Desk"' in served.get("/settings")[1]
        assert "Give 1" not in served.get("/settings")[1]


def test_the_finished_site_has_no_warnings(tmp_path):
    commands = follow(tmp_path / "lamp", "A form")
    assert commands == ["picoweb check --strict"]
    done = subprocess.run([BIN / "picoweb", "check", "--strict"], cwd=tmp_path / "lamp", capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_commands_are_the_ones_that_are_tested(tmp_path):
    found = [text.strip() for blocks in steps().values() for _, kind, text in blocks if kind == "sh"]
    assert found == ["picoweb serve", "picoweb check --strict", "picoweb upload"]


def test_a_boot_py_that_joins_a_network(tmp_path, micropython):
    """The board's own modules stand in; the program is the one that is shown."""
    follow(tmp_path, "On a board")
    fake = (
        "STA_IF = 0\nclass WLAN:\n def __init__(self, kind): self.up = False\n def active(self, on): pass\n"
        " def connect(self, name, password): self.up = name == 'my Wi-Fi'\n def isconnected(self): return self.up\n"
        " def ifconfig(self): return ('10.1.2.3', '', '', '')\n"
    )
    write_file(tmp_path, "network.py", fake)
    assert subprocess.check_output([*micropython, "boot.py"], cwd=tmp_path, timeout=30) == b"http://10.1.2.3/\n"


def test_the_finished_page_is_that_of_the_picture(lamp, browser, tmp_path):  # noqa: F811
    with lamp("A form") as served, Watched(browser, viewport={"width": 480, "height": 330}) as watched:
        page = watched.page
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.get_by_role("button", name="Switch").click()
        expect(page.locator("#on")).to_have_text("on")
        before = page.locator("#seconds").inner_text()
        expect(page.locator("#seconds")).not_to_have_text(before, timeout=10_000)  # the script asks
        compare("lamp.png", page.screenshot())
        page.get_by_role("link", name="Settings").click()
        page.get_by_label("Name").fill("")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_have_text("Give 1 to 20 characters.")
        assert failures(watched, "status of 422") == []
