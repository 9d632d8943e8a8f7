"""The examples of WebSockets and server-sent events, on both runtimes: in a browser, and with aiohttp's client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from playwright.sync_api import Browser, expect

from .liveserver import Server, running
from .programs import command
from .test_browser import Watched, browser  # noqa: F401  a fixture

RUN = Path(__file__).parent / "apps" / "run_app.py"
Start = Callable[[str], Server]


@pytest.fixture(params=["micropython", "cpython"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """A function that starts an example."""
    interpreter = command(request.param)
    started = []

    def start_one(name: str) -> Server:
        started.append(running(interpreter, RUN, tmp_path, name))
        return started[-1].__enter__()

    yield start_one
    for context in started:
        context.__exit__(None, None, None)
    for log in tmp_path.glob("log-*"):
        assert "Traceback" not in log.read_text("utf-8")


def test_a_chat_between_two_clients(start: Start) -> None:
    async def talk(port: int) -> None:
        url = f"http://127.0.0.1:{port}/chat/"
        async with aiohttp.ClientSession() as session, session.ws_connect(url + "Ann") as ann:
            assert await ann.receive_str(timeout=5) == "Ann is here"
            async with session.ws_connect(url + "Bob") as bob:
                assert await bob.receive_str(timeout=5) == "Bob is here"
                assert await ann.receive_str(timeout=5) == "Bob is here"
                await ann.send_str("Hello, Bøb!")
                assert await ann.receive_str(timeout=5) == "Ann: Hello, Bøb!"
                assert await bob.receive_str(timeout=5) == "Ann: Hello, Bøb!"
            assert bob.close_code == 1000
            assert await ann.receive_str(timeout=5) == "Bob has left"
            await ann.send_str("x" * 1001)
            assert (await ann.receive(timeout=5)).data == 1009

    asyncio.run(talk(start("websocket_chat").port))


def test_a_chat_between_two_pages(start: Start, browser: Browser) -> None:  # noqa: F811
    url = f"http://127.0.0.1:{start('websocket_chat').port}/"
    with Watched(browser) as one, Watched(browser) as two:
        one.page.goto(url)
        expect(one.page.locator("li")).to_have_count(1)
        two.page.goto(url)
        expect(one.page.locator("li")).to_have_count(2)
        one.page.locator("input").fill("Who is there?")
        one.page.locator("button").click()
        for page in (one.page, two.page):
            expect(page.locator("li").last).to_contain_text(": Who is there?")
        two.page.close()
        expect(one.page.locator("li").last).to_contain_text("has left")
        assert one.wrong == two.wrong == []


def test_a_page_hears_each_second(start: Start, browser: Browser) -> None:  # noqa: F811
    with Watched(browser) as watched:
        watched.page.goto(f"http://127.0.0.1:{start('sse_pull').port}/")
        output = watched.page.locator("output")
        expect(output).not_to_have_text("…")
        first = int(output.inner_text())
        expect(output).not_to_have_text(str(first))
        assert int(output.inner_text()) > first
        assert watched.wrong == []


def test_two_pages_hear_of_the_door(start: Start, browser: Browser) -> None:  # noqa: F811
    url = f"http://127.0.0.1:{start('sse_push').port}/"
    with Watched(browser) as one, Watched(browser) as two:
        for watched in (one, two):
            with watched.page.expect_response("**/news"):
                watched.page.goto(url)
            expect(watched.page.locator("output")).to_have_text("closed")
        assert one.wrong == two.wrong == []
        one.page.get_by_role("button", name="Open").click()
        for watched in (one, two):
            expect(watched.page.locator("output")).to_have_text("open")
        two.page.get_by_role("button", name="Close").click()
        for watched in (one, two):
            expect(watched.page.locator("output")).to_have_text("closed")
