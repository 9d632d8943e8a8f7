"""The examples of passwords, sessions and uploads, on both Pythons, talked to by real clients."""

from __future__ import annotations

import asyncio
import contextlib
import http.cookiejar
import json
import os
import random
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import pytest
from playwright.sync_api import expect

from site_builder import runner

from .test_browser import browser  # noqa: F401  a fixture

ROOT = Path(__file__).parent.parent
Start = Callable[..., str]


@pytest.fixture(params=["micropython", "cpython"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """A function that starts an example in an empty folder, and gives its URL."""
    command = [sys.executable] if request.param == "cpython" else request.getfixturevalue("micropython")
    with contextlib.ExitStack() as stack:

        def start_one(name: str, *options: str) -> str:
            port = runner.free_port()
            process = subprocess.Popen(
                [*command, *options, str(ROOT / "tests/apps/serve_module.py"), str(port), name, str(ROOT / "examples")],
                cwd=tmp_path,
                env={**os.environ, "MICROPYPATH": f".frozen:{ROOT}", "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
                stderr=(tmp_path / "log").open("wb"),
            )
            stack.callback(runner.stop, process)
            runner.wait_ready(process, "127.0.0.1", port)
            return f"http://127.0.0.1:{port}"

        yield start_one
        assert b"Traceback" not in (tmp_path / "log").read_bytes()


def run(coroutine: Coroutine[object, object, int]) -> int:
    """Runs it in a thread of its own: the browser's driver has the loop of this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result(timeout=60)


def get(url: str, **headers: str) -> str:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def test_basic_auth(start):
    url = start("basic_auth")
    assert "Settings" in get(url)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(url + "/settings")
    for password, let_in in (("secret", True), ("guess", False)):
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password("Greenhouse", url, "ada", password)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
        if let_in:
            assert "Hello ada!" in opener.open(url + "/settings", timeout=10).read().decode()
        else:
            with pytest.raises(urllib.error.HTTPError, match="401"):
                opener.open(url + "/settings", timeout=10)
    assert json.loads(get(url + "/api/now", Authorization="Bearer sesame"))["for"] == "the panel"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(url + "/api/now", Authorization="Bearer open")


def test_a_browser_logs_in(start, browser):  # noqa: F811
    url = start("basic_auth")
    context = browser.new_context(http_credentials={"username": "ada", "password": "secret"})
    page = context.new_page()
    page.goto(url)
    page.get_by_role("link", name="Settings").click()
    expect(page.locator("p")).to_have_text("Hello ada!")
    context.close()


def test_sessions(start, tmp_path):
    url = start("sessions")
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def post(path: str, origin: str) -> str:
        request = urllib.request.Request(url + path, data=b"", headers={"Origin": origin})
        return opener.open(request, timeout=10).read().decode()

    assert "<h1>0 clicks</h1>" in opener.open(url, timeout=10).read().decode()
    assert "<h1>1 clicks</h1>" in post("/click", url)
    assert "<h1>2 clicks</h1>" in post("/click", url)
    assert "<h1>0 clicks</h1>" in get(url)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        post("/click", "http://evil.example")
    assert "<h1>0 clicks</h1>" in post("/forget", url)
    assert len(jar) == 0
    assert (tmp_path / "session.key").stat().st_size == 32


def test_a_browser_clicks_and_another_site_cannot(start, browser, tmp_path):  # noqa: F811
    url = start("sessions")
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name="Click").click()
    page.get_by_role("button", name="Click").click()
    expect(page.locator("h1")).to_have_text("2 clicks")
    evil = context.new_page()
    evil.route("http://evil.example/", lambda route: route.fulfill(body=EVIL % url, content_type="text/html"))
    evil.goto("http://evil.example/")
    with evil.expect_navigation() as navigation:
        evil.get_by_role("button").click()
    assert navigation.value.status == 403
    page.reload()
    expect(page.locator("h1")).to_have_text("2 clicks")
    page.get_by_role("button", name="Forget me").click()
    expect(page.locator("h1")).to_have_text("0 clicks")
    context.close()


EVIL = '<form method="post" action="%s/click"><button>Win</button></form>'


def test_a_browser_uploads_files(start, browser, tmp_path):  # noqa: F811
    url = start("upload")
    noise = random.Random(1).randbytes(100_000)
    page = browser.new_page()
    page.goto(url)
    page.locator("input").set_input_files(
        [
            {"name": "noise.bin", "mimeType": "application/octet-stream", "buffer": noise},
            {"name": 'naïve "name".txt', "mimeType": "text/plain", "buffer": b"\r\n--text"},
        ]
    )
    page.get_by_role("button", name="Send").click()
    expect(page.locator("li")).to_have_text(["na_ve__name_.txt, 8 bytes", "noise.bin, 100000 bytes"])
    page.close()
    assert (tmp_path / "uploads" / "noise.bin").read_bytes() == noise
    assert (tmp_path / "uploads" / "na_ve__name_.txt").read_bytes() == b"\r\n--text"


def test_aiohttp_uploads_files(start, tmp_path):
    url = start("upload")

    async def post(content: object, name: str = "../../a.txt", origin: str = url) -> int:
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name)
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session,
            session.post(url, data=form, headers={"Origin": origin}, allow_redirects=False) as answer,
        ):
            return answer.status

    async def in_pieces() -> object:
        for n in range(300):
            yield b"%04d" % n * 100

    assert run(post(b"text")) == 303
    assert run(post(in_pieces(), "pieces.txt")) == 303  # no length is known: in chunks
    assert (tmp_path / "uploads" / "pieces.txt").read_bytes() == b"".join(b"%04d" % n * 100 for n in range(300))
    assert run(post(b"x" * 600_000, "big.txt")) == 413
    assert run(post(b"text", "evil.txt", "http://evil.example")) == 403
    names = sorted(path.name for path in (tmp_path / "uploads").iterdir())
    assert all(name.endswith(("a.txt", "pieces.txt")) for name in names)
    assert len(names) == 2
    assert not (tmp_path / "a.txt").exists()


@pytest.mark.parametrize("start", ["micropython"], indirect=True)
def test_a_file_that_is_larger_than_the_heap(start, tmp_path):
    url = start("upload", "-X", "heapsize=160k")
    noise = random.Random(1).randbytes(450_000)

    async def post() -> int:
        form = aiohttp.FormData()
        form.add_field("file", noise, filename="noise.bin")
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session,
            session.post(url, data=form, headers={"Origin": url}, allow_redirects=False) as answer,
        ):
            return answer.status

    for _ in range(3):
        assert run(post()) == 303
        assert (tmp_path / "uploads" / "noise.bin").read_bytes() == noise


def test_a_client_that_goes_away_leaves_nothing(start, tmp_path):
    url = start("upload")
    port = int(url.rpartition(":")[2])
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {url}\r\nContent-Length: 100000\r\n"
    head += "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + "x" * 50_000
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall((head + part).encode())
        for _ in range(200):
            if any((tmp_path / "uploads").iterdir()):
                break
            get(url)
        assert [path.name for path in (tmp_path / "uploads").iterdir()] == [".upload-1"]
    for _ in range(200):
        get(url)
        if not any((tmp_path / "uploads").iterdir()):
            return
    raise AssertionError(list((tmp_path / "uploads").iterdir()))
