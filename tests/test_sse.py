"""Server-sent events, as the HTML standard §9.2 has them: on the wire on both runtimes, and in a real browser."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from picoweb import sse

from .liveserver import Server, starter, until
from .test_browser import Watched, browser  # noqa: F401  a fixture
from .wireclient import Client, answers, ask, request

Event = dict[str, str]
LINE = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    with starter(request.param, tmp_path_factory.mktemp("live")) as start:
        yield start


@pytest.fixture(scope="module")
def server(start: Callable[..., Server]) -> Server:
    return start(connections=40, write_timeout=500)


@pytest.fixture(autouse=True)
def the_server_goes_on(server: Server) -> Iterator[None]:
    """After each test the server has no clients left, and nothing unexpected is in its log."""
    begin = server.log.stat().st_size
    yield
    until(lambda: server.clients() == [0, 0])
    log = server.log.read_bytes()[begin:].decode()
    assert "Traceback" not in log, log


class Source:
    """A client in the manner of EventSource: it parses the stream as the standard says."""

    def __init__(self, port: int, path: str, last: str = "", window: int = 0) -> None:
        self.client = Client(port, 8, window)
        self.client.send(request("GET", path, *([f"Last-Event-ID: {last}"] if last else [])))
        self.head = self.client.head()
        self._text = ""

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.sock.close()

    def _chunk(self) -> bytes:
        size = int(self.client._until(b"\r\n"), 16)
        data = self.client._exactly(size)
        assert self.client._exactly(2) == b"\r\n"
        return data

    def block(self) -> list[str]:
        """The lines of the next block; the end of the stream gives none."""
        while "\n\n" not in self._text:
            data = self._chunk()
            if not data:
                assert self._text == ""
                return []
            self._text += data.decode()
        found, _, self._text = self._text.partition("\n\n")
        return found.split("\n")

    def next(self) -> Event:
        """The next event that a page would see; {} at the end."""
        while lines := self.block():
            event: Event = {}
            for line in lines:
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if name == "data" and "data" in event:
                    value = event["data"] + "\n" + value
                if name:
                    event[name] = value
            if "data" in event:
                return event
        return {}

    def all(self) -> list[Event]:
        return list(iter(self.next, {}))


def test_the_answer_is_an_event_stream(server: Server) -> None:
    with Source(server.port, "/pull") as source:
        assert source.head.status == 200
        assert source.head["Content-Type"] == "text/event-stream"
        assert source.head["Cache-Control"] == "no-store"
        assert source.head.closes


def test_events_have_lines_names_ids_and_json(server: Server) -> None:
    with Source(server.port, "/pull") as source:
        assert source.block() == ["retry: 100"]
        assert source.all() == [
            {"data": "from the start"},
            {"data": "line 1\nline 2\nline 3\nline 4"},
            {"data": '{"a": [1, null]}', "event": "json", "id": "7"},
            {"data": ""},
            {"data": "é", "event": "naïve", "id": "café"},
            {"data": "5", "retry": "200"},
        ]
        assert source.client.is_closed()


def test_the_bytes_of_an_event(server: Server) -> None:
    with Source(server.port, "/pull") as source:
        blocks = list(iter(source.block, []))
        assert blocks[2] == ["data: line 1", "data: line 2", "data: line 3", "data: line 4"]
        assert blocks[3] == ["event: json", "id: 7", 'data: {"a": [1, null]}']
        assert [":"] in blocks


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.text(), name=st.text(LINE), id=st.text(LINE))
def test_any_text_is_what_a_page_reads(data: str, name: str, id: str) -> None:
    block = sse.encode(data, name, id).decode()
    assert block.endswith("\n\n")
    lines = block[:-2].split("\n")
    assert lines[:2] == [f"event: {name}", f"id: {id}"]
    assert all(line.startswith("data: ") and "\r" not in line for line in lines[2:])
    assert "\n".join(line[6:] for line in lines[2:]) == data.replace("\r\n", "\n").replace("\r", "\n")


def test_line_breaks_in_names_and_ids_are_refused(server: Server) -> None:
    with Source(server.port, "/refused") as source:
        words = [f"line break or NUL in an event's {name}" for name in ("event", "id", "id", "event")]
        assert source.all() == [{"data": text} for text in words]


@pytest.mark.parametrize("last", ["41", "café"])
def test_the_last_event_id_is_known(server: Server, last: str) -> None:
    with Client(server.port) as client:
        client.send(f"GET /pull HTTP/1.1\r\nHost: test\r\nLast-Event-ID: {last}\r\n\r\n".encode())
        assert f"data: from {last}\n".encode() in client.rest()


def test_a_bad_last_event_id_is_none(server: Server) -> None:
    with Client(server.port) as client:
        client.send(b"GET /pull HTTP/1.1\r\nHost: test\r\nLast-Event-ID: \xff\r\n\r\n")
        assert b"data: from the start\n" in client.rest()


def test_http_1_0_gets_a_stream_that_ends_with_the_connection(server: Server) -> None:
    reply, rest = answers(server.port, request("GET", "/pull", version="1.0"))
    assert reply["Transfer-Encoding"] is None
    assert reply.body.endswith(b"retry: 200\ndata: 5\n\n")
    assert rest == b""


@pytest.mark.parametrize("path", ["/pull", "/ticks", "/news"])
def test_head_has_no_events(server: Server, path: str) -> None:
    with Client(server.port) as client:
        client.send(request("HEAD", path))
        assert client.reply("HEAD")["Content-Type"] == "text/event-stream"
        assert client.is_closed()


def test_each_event_goes_out_at_once(server: Server) -> None:
    with Source(server.port, "/ticks") as source:
        assert [source.next()["data"] for _ in range(5)] == ["1", "2", "3", "4", "5"]
    until(lambda: server.closed() == ["ticks"])


@pytest.mark.parametrize("end", ["close", "half_close", "reset"])
def test_a_handler_ends_when_its_client_has_gone(server: Server, end: str) -> None:
    server.closed()
    source = Source(server.port, "/ticks")
    source.next()
    source.client.sock.close() if end == "close" else getattr(source.client, end)()
    until(lambda: server.closed() == ["ticks"])
    source.client.sock.close()


# Channels


def join(server: Server, n: int = 1, path: str = "/news", **options: object) -> list[Source]:
    """Clients of a channel, that are listed there."""
    sources = [Source(server.port, path, **options) for _ in range(n)]  # type: ignore[arg-type]
    at = 0 if path == "/news" else 1
    until(lambda: server.clients()[at] == n)  # type: ignore[index]
    return sources


def test_twenty_clients_hear_the_same(server: Server) -> None:
    sources = join(server, 20)
    for n in range(10):
        assert server.publish(f"event {n}")["clients"] == 20  # type: ignore[index]
    for source in sources:
        assert [source.next()["data"] for _ in range(10)] == [f"event {n}" for n in range(10)]
        source.client.sock.close()


@pytest.mark.parametrize("end", ["close", "half_close", "reset"])
def test_a_client_that_has_gone_is_forgotten_without_an_event(server: Server, end: str) -> None:
    one, two = join(server, 2, "/hurried")
    one.client.sock.close() if end == "close" else getattr(one.client, end)()
    until(lambda: server.clients() == [0, 1], 5)
    server.publish("still here", "hurried")
    assert two.next()["data"] == "still here"
    one.client.sock.close()
    two.client.sock.close()


def test_what_a_client_says_does_no_harm(server: Server) -> None:
    with join(server)[0] as source:
        source.client.send(request("GET", "/") * 20)
        time.sleep(1.2)
        server.publish("still here")
        assert source.next()["data"] == "still here"


def test_a_silent_stream_shows_that_it_lives(server: Server) -> None:
    with join(server)[0] as source:
        assert source.block() == ["retry: 100"]
        assert source.block() == [":"]
        assert source.block() == [":"]


def fill(server: Server, channel: str, n: int = 400) -> int:
    """Publishes more than the clients' sockets and queues hold; returns how many events were lost."""
    before = server.publish("first", channel)["lost"]  # type: ignore[index]
    for i in range(n):
        lost = server.publish(f"{i} " + "x" * 16000, channel)["lost"]  # type: ignore[index]
        if lost - before > 5 or not server.clients()[channel != "news"]:  # type: ignore[index]
            break
    return int(lost - before)


def test_a_slow_client_loses_its_oldest_events(start: Callable[..., Server], server: Server) -> None:
    patient = start(connections=40, write_timeout=60000)
    with join(patient, window=4096)[0] as source:
        lost = fill(patient, "news")
        assert lost == 6
        patient.publish("last")
        assert source.next()["data"] == "first"
        numbers = []
        while (event := source.next())["data"] != "last":
            numbers.append(int(event["data"].partition(" ")[0]))
        assert numbers == sorted(numbers)
        assert numbers[-1] + 1 - len(numbers) == lost + 1  # and one more made room for the last


def test_a_slow_client_is_dropped_by_choice(server: Server) -> None:
    with join(server, path="/hurried", window=4096)[0]:
        assert fill(server, "hurried") == 1
        until(lambda: server.clients() == [0, 0])


def test_a_client_that_stops_reading_is_left_after_the_write_timeout(server: Server) -> None:
    with join(server, window=4096)[0]:
        assert fill(server, "news") > 0
        until(lambda: server.clients() == [0, 0])


@pytest.mark.parametrize(
    ("last", "missed"), [(4, []), (3, [4]), (2, [3, 4]), (0, [2, 3, 4]), ("before", [2, 3, 4]), (None, [])]
)
def test_who_comes_again_gets_what_was_missed(server: Server, last: object, missed: list[int]) -> None:
    with join(server)[0] as source:
        for n in range(5):
            server.publish(f"event {n}")
        ids = [source.next()["id"] for _ in range(5)]
    assert len(set(ids)) == 5
    until(lambda: server.clients() == [0, 0])
    last_id = ids[last] if isinstance(last, int) else str(last or "")
    with join(server, last=last_id)[0] as source:
        server.publish("new")
        seen = [source.next()["data"] for _ in range(len(missed) + 1)]
    assert seen == [*(f"event {n}" for n in missed), "new"]


def test_an_open_stream_takes_little_memory(server: Server) -> None:
    for source in join(server, 20):
        source.client.reset()
    until(lambda: server.clients() == [0, 0])
    before = server.used()
    sources = join(server, 20)
    assert server.used() - before < 20 * 4900  # docs/live.md has the figure
    for source in sources:
        source.client.reset()


def test_memory_comes_back(server: Server) -> None:
    def crowd() -> None:
        sources = join(server, 20)
        server.publish("x" * 500)
        for n, source in enumerate(sources):
            source.next()
            source.client.reset() if n % 2 else source.client.sock.close()
        until(lambda: server.clients() == [0, 0])

    crowd()
    before = server.used()
    for _ in range(3):
        crowd()
    until(lambda: server.used() <= before + 1500)


def test_idle_streams_count_as_connections(start: Callable[..., Server], server: Server) -> None:
    narrow = start(connections=3)
    sources = [Source(narrow.port, "/news") for _ in range(3)]
    with Client(narrow.port, timeout=1) as client:
        client.send(request("GET", "/"))
        with pytest.raises(socket.timeout):
            client.reply()
        sources.pop().client.sock.close()
        client.sock.settimeout(8)
        assert client.reply().status == 200
    for source in sources:
        source.client.sock.close()


# A browser

WATCH = """
path => new Promise(resolve => {
    window.seen = [];
    window.opened = 0;
    window.source = new EventSource(path);
    source.onopen = () => { window.opened += 1; resolve(); };
    const note = event => seen.push([event.type, event.data, event.lastEventId]);
    for (const name of ["message", "json", "naïve"]) source.addEventListener(name, note);
})"""


def test_a_browser_reads_every_kind_of_event(server: Server, browser: object) -> None:  # noqa: F811
    with Watched(browser) as watched:
        page = watched.page
        page.goto(f"http://127.0.0.1:{server.port}/")
        page.evaluate(WATCH, "/pull")
        page.wait_for_function("seen.length >= 12")  # it came again, with the id it had
        page.evaluate("source.close()")
        once = [
            ["message", "line 1\nline 2\nline 3\nline 4"],
            ["json", '{"a": [1, null]}'],
            ["message", ""],
            ["naïve", "é"],
            ["message", "5"],
        ]
        seen = page.evaluate("seen.slice(0, 12)")
        assert [event[:2] for event in seen] == [
            ["message", "from the start"], *once, ["message", "from café"], *once
        ]  # fmt: skip
        assert [event[2] for event in seen[:6]] == ["", "", "7", "7", "café", "café"]


def test_a_browser_comes_again_and_misses_nothing(server: Server, browser: object) -> None:  # noqa: F811
    with Watched(browser) as watched:
        page = watched.page
        page.goto(f"http://127.0.0.1:{server.port}/")
        page.evaluate(WATCH, "/news")
        until(lambda: server.clients() == [1, 0])
        server.publish("one")
        page.wait_for_function("seen.length == 1")
        server.json("/cut")  # the server ends the stream
        until(lambda: server.clients() == [0, 0])
        for text in ("two", "three"):
            server.publish(text)
        page.wait_for_function("seen.length == 3 && opened == 2")
        server.publish("four")
        page.wait_for_function("seen.length == 4")
        assert [event[1] for event in page.evaluate("seen")] == ["one", "two", "three", "four"]
        page.evaluate("source.close()")
    assert ask(server.port, "GET", "/").status == 200
