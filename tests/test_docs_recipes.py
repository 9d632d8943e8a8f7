"""docs/recipes.md: all recipes as one site, on both Pythons and in a browser."""

from __future__ import annotations

import base64
import re
import subprocess

import pytest
from playwright.sync_api import expect

from site_builder import bundle, runner

from .test_browser import Watched, browser  # noqa: F401  a fixture
from .test_cli import PICOWEB
from .test_docs import TOP, blocks, write_file
from .wireclient import ask

PAGE = "docs/recipes.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The site of all recipes."""
    made = tmp_path_factory.mktemp("recipes") / "site"
    parts = {"routes": [], "errors": []}
    for file, _, text in blocks(PAGE):
        if file == "site.yaml":
            kind, _, lines = text.partition(":\n")
            parts[kind].append(lines)
        else:
            write_file(made, file, text)
    write_file(made, "site.yaml", "".join(f"{kind}:\n{''.join(lines)}" for kind, lines in parts.items()))
    return made


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def port(request, folder, tmp_path_factory):
    python = request.param == "cpython"
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    out = tmp_path_factory.mktemp("out")
    bundle.write(bundle.build(folder, python=python), out)
    with runner.running(out, python=python) as port:
        yield port


def test_there_are_ten_and_each_is_tested():
    titles = re.findall("^## (.+)$", (TOP / PAGE).read_text(encoding="utf-8"), re.M)
    assert len(titles) == 10


def test_the_site_has_no_problems(folder):
    done = subprocess.run([PICOWEB, "check", "--strict", folder], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_button(port):
    before = ask(port, "GET", "/api/lamp").body
    reply = ask(port, "POST", "/lamp/switch", body=b"")
    assert (reply.status, reply["Location"]) == (303, "/")
    after = ask(port, "GET", "/api/lamp").body
    assert {before.replace(b" ", b""), after.replace(b" ", b"")} == {b'{"on":true}', b'{"on":false}'}


def test_a_table(port):
    page = ask(port, "GET", "/table").body.decode()
    assert re.findall(r"<td>(\d\d:\d\d)\s*<td>([\d.]+) °C", page) == [
        *(("23:10", "21.4"), ("23:20", "21.4"), ("23:30", "21.4"), ("23:40", "21.4"), ("23:50", "21.4")),
    ]


def test_a_download(port):
    reply = ask(port, "GET", "/readings.csv")
    assert reply["Content-Disposition"] == 'attachment; filename="readings.csv"'
    assert reply.body.splitlines()[0] == b"00:00,20.00"
    assert len(reply.body.splitlines()) == 144


def test_an_upload(port):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--x--\r\n"
    )
    reply = ask(port, "POST", "/photo", "Content-Type: multipart/form-data; boundary=x", body=body)
    assert reply.status == 200, reply.body
    assert b"photos/a.jpg" in reply.body


def test_a_password(port):
    assert ask(port, "GET", "/secret").status == 401
    word = base64.b64encode(b"ada:rainbow").decode()
    assert ask(port, "GET", "/secret", f"Authorization: Basic {word}").body == b"<p>Hello ada!"


def test_an_address_with_a_value(port):
    assert b"12.1" in ask(port, "GET", "/api/channel/2").body
    assert ask(port, "GET", "/api/channel/3").status == 404


def test_several_languages(port):
    assert '<html lang="de">' in ask(port, "GET", "/de/").body.decode()
    assert "It lights up." in ask(port, "GET", "/en/").body.decode()


def test_old_addresses_and_what_is_asked_for(port):
    assert (ask(port, "GET", "/index.htm").status, ask(port, "GET", "/index.htm")["Location"]) == (301, "/")
    assert ask(port, "GET", "/robots.txt").body.startswith(b"User-agent: *")
    assert ask(port, "GET", "/favicon.ico")["Content-Type"] == "image/svg+xml; charset=utf-8"


def test_own_error_pages(port):
    reply = ask(port, "GET", "/nothing")
    assert (reply.status, b"<h1>Not here</h1>" in reply.body) == (404, True)


def test_values_stay_fresh_in_a_browser(port, browser):  # noqa: F811
    with Watched(browser) as watched:
        page = watched.page
        page.goto(f"http://127.0.0.1:{port}/")
        before = page.locator("#on").inner_text()
        ask(port, "POST", "/lamp/switch", body=b"")
        expect(page.locator("#on")).to_have_text({"on": "off", "off": "on"}[before], timeout=10_000)
        assert watched.wrong == []
