"""picoweb.asgi: the same apps under uvicorn answer as under picoweb's own server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from wsproto.events import CloseConnection

import picoweb
from picoweb import asgi
from site_builder import runner

from .liveserver import ROOT, Server, running, until
from .programs import command
from .test_sse import Source, join
from .wireclient import BrokenOff, Client, Reply, ask, request
from .wsclient import Seen, Socket, frame

APPS = Path(__file__).parent / "apps"
END: list[Seen] = [("close", 1000), ("end", None)]


@contextlib.contextmanager
def uvicorn(name: str, folder: Path) -> Iterator[Server]:
    """An app of asgi_app.py under uvicorn."""
    port = runner.free_port()
    log = folder / f"uvicorn-{name}"
    options = ["--app-dir", str(APPS), "--port", str(port), "--ws", "wsproto", "--lifespan", "on"]
    with log.open("wb") as out:
        args = [sys.executable, "-X", "utf8", "-m", "uvicorn", f"asgi_app:{name}", *options]
        process = subprocess.Popen(args, cwd=ROOT, stdout=out, stderr=out)
    try:
        runner.wait_ready(process, "127.0.0.1", port, 30)
        yield Server(port, log, process.pid)
    finally:
        runner.stop(process)
        text = log.read_text("utf-8", "replace")
        assert "Application shutdown complete" in text
        assert "Exception in ASGI application" not in text, text


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(command("cpython"), APPS / "http_app.py", tmp_path_factory.mktemp("own")) as server:
        yield server


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with uvicorn("http", tmp_path_factory.mktemp("http")) as server:
        yield server


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with uvicorn("live", tmp_path_factory.mktemp("live")) as server:
        yield server


CHUNKED = b"POST /%s HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"

REQUESTS = {
    "hello": request("GET", "/"),
    "HEAD": request("HEAD", "/"),
    "HEAD of a stream": request("HEAD", "/stream"),
    "HTTP/1.0": request("GET", "/", version="1.0"),
    "HTTP/1.0 of a stream": request("GET", "/stream", version="1.0"),
    "path, query, fields": request("GET", "/echo/caf%C3%A9/%2F?a=b%20c&d", "X: y", "Accept: */*"),
    "body": request("POST", "/echo", body=b"caf\xc3\xa9"),
    "empty body": request("POST", "/echo", body=b""),
    "PUT": request("PUT", "/echo", body=b"x" * 5000),
    "chunks": CHUNKED % b"echo" + b"5\r\nhello\r\n1\r\n \r\n6\r\npeople\r\n0\r\n\r\n",
    "body in parts": request("POST", "/count", body=b"x" * 200_000),
    "chunks in parts": CHUNKED % b"count" + b"3E8\r\n%s\r\n" % (b"x" * 1000) * 90 + b"0\r\n\r\n",
    "body that nobody reads": request("POST", "/ignore", body=b"x" * 300_000),
    "body half read": request("POST", "/part", body=b"abcdefgh"),
    "body read late": request("POST", "/read-late", body=b"x" * 1000),
    "body above the limit": request("POST", "/echo", body=b"x" * 16385),
    "chunks above the limit": CHUNKED % b"echo" + b"4001\r\n%s\r\n0\r\n\r\n" % (b"x" * 16385),
    "stream": request("GET", "/stream"),
    "stream in pieces": request("GET", "/pieces"),
    "slices": request("GET", "/slice"),
    "nothing": request("GET", "/size/0"),
    "one buffer": request("GET", "/size/2000"),
    "many buffers": request("GET", "/size/300000"),
    "256 KB": request("GET", "/big"),
    "a length of the handler's own": request("GET", "/given-length"),
    "raw": request("GET", "/raw"),
    "number": request("GET", "/int/42"),
    "no number": request("GET", "/int/x"),
    "missing": request("GET", "/nothing"),
    "another method": request("POST", "/", body=b"a=b"),
    "OPTIONS": request("OPTIONS", "/echo"),
    "unknown method": request("BREW", "/"),
    "bad escape": request("GET", "/%ff"),
    "bad expectation": request("GET", "/", "Expect: tea"),
    "long head": request("GET", "/", "X: " + "x" * 3000),
    "204": request("GET", "/status/204"),
    "304": request("GET", "/status/304"),
    "418": request("GET", "/status/418"),
    "error": request("GET", "/error/403"),
    "redirect": request("GET", "/redirect"),
    "exception": request("GET", "/raise"),
    "exception with output in the buffer": request("GET", "/raise-buffered"),
    "OSError": request("GET", "/os-error"),
    "no answer": request("GET", "/silent"),
    "injection": request("GET", "/inject"),
}  # fmt: skip


def shown(reply: Reply) -> dict[str, object]:
    """What a client sees of an answer, whoever sends it. Field names of the echo are in its body."""
    fields = ("Content-Type", "Allow", "Location", "X-Why", "X-A", "Retry-After")
    return {"status": reply.status, "body": reply.body, **{name: reply[name] for name in fields}}


def answer(server: Server, data: bytes) -> Reply:
    with Client(server.port) as client:
        with contextlib.suppress(ConnectionError):  # it was answered before all of it was read
            client.send(data)
        return client.reply(data.partition(b" ")[0].decode())


@pytest.mark.parametrize("name", REQUESTS)
def test_uvicorn_answers_as_picowebs_own_server(own: Server, http: Server, name: str) -> None:
    assert shown(answer(http, REQUESTS[name])) == shown(answer(own, REQUESTS[name]))


def test_an_answer_that_breaks_off_is_seen_as_such(own: Server, http: Server, live: Server) -> None:
    for server, path in [(own, "/raise-sent"), (http, "/raise-sent"), (live, "/short")]:
        with pytest.raises(BrokenOff):
            ask(server.port, "GET", path)


def test_an_exception_is_in_the_log(http: Server) -> None:
    begin = http.log.stat().st_size
    assert ask(http.port, "GET", "/raise").status == 500
    assert "ValueError: before output" in http.log.read_bytes()[begin:].decode()


def test_connections_are_kept(http: Server) -> None:
    with Client(http.port) as client:
        for name in ("hello", "stream", "HEAD", "chunks", "body", "missing"):
            reply = client.ask(REQUESTS[name])
            assert reply.status == (404 if name == "missing" else 200)


def test_a_body_that_waits_for_100_continue(http: Server) -> None:
    with Client(http.port) as client:
        client.send(request("POST", "/post", "Expect: 100-continue", "Content-Length: 5"))
        assert client.reply().status == 100
        client.send(b"hello")
        assert client.reply().body == b"hello"
    with Client(http.port) as client:
        client.send(request("POST", "/ignore", "Expect: 100-continue", "Content-Length: 5"))
        assert client.reply().status == 200  # nobody wants it


def test_a_body_that_stops_is_answered_with_408(http: Server) -> None:
    with Client(http.port) as client:
        client.send(request("POST", "/post", "Content-Length: 10") + b"half")
        assert client.reply().status == 408


def test_what_is_written_goes_out_before_the_end(http: Server) -> None:
    with Client(http.port) as client:
        client.send(request("POST", "/read-late", "Content-Length: 5"))
        assert client.head().status == 200
        assert b"started, " in client._until(b"\r\n") + client._until(b"\r\n")
        client.send(b"hello")
        assert b"hello" in client._until(b"0\r\n\r\n")


def test_an_endless_answer_waits_for_its_reader_and_ends_with_it(http: Server) -> None:
    client = Client(http.port, window=4096)
    client.send(request("GET", "/endless"))
    assert client.head().status == 200
    time.sleep(0.5)
    with Client(http.port) as other:
        assert other.is_open()
    client.reset()
    assert ask(http.port, "GET", "/").status == 200


# Server-sent events


def test_events(live: Server) -> None:
    with Source(live.port, "/pull", last="41") as source:
        assert source.block() == ["retry: 100"]
        assert [event["data"] for event in source.all()][:2] == ["from 41", "line 1\nline 2\nline 3\nline 4"]


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_handler_ends_when_its_client_has_gone(live: Server, end: str) -> None:
    live.closed()
    source = Source(live.port, "/ticks")
    source.next()
    source.client.sock.close() if end == "close" else source.client.reset()
    until(lambda: live.closed() == ["ticks"])


def test_a_channel(live: Server) -> None:
    sources = join(live, 5)
    live.publish("hello")
    for source in sources:
        assert source.next()["data"] == "hello"
    sources.pop().client.sock.close()
    until(lambda: live.clients() == [4, 0])
    for source in sources:
        source.client.reset()
    until(lambda: live.clients() == [0, 0])


# WebSockets


@pytest.mark.parametrize("size", [0, 1, 125, 126, 1025, 16384])
def test_messages(live: Server, size: int) -> None:
    with Socket(live.port, "/echo") as ws:
        ws.say("x" * size)
        ws.raw(frame(0x82, b"\xff" * size))
        ws.raw(frame(0x01, b"a") + frame(0x89, b"p") + frame(0x80, "é".encode()))
        seen = ws.take(4)
        assert ("pong", b"p") in seen  # uvicorn's, at once
        seen.remove(("pong", b"p"))
        assert seen == [("text", "x" * size), ("bytes", b"\xff" * size), ("text", "aé")]
        ws.send(CloseConnection(code=1000))
        assert ws.all() == END


def test_a_message_above_the_limit_is_1009(live: Server) -> None:
    with Socket(live.port, "/echo") as ws:
        ws.say("x" * 16385)
        assert ws.all() == [("close", 1009), ("end", None)]


def test_subprotocols_origins_and_other_refusals(live: Server) -> None:
    with Socket(live.port, "/small", subprotocols=["v1", "v2"]) as ws:
        assert ws.accepted
        assert ws.accepted.subprotocol == "v2"
        assert ws.take(1) == [("text", "protocol v2")]
    with Socket(live.port, "/small", extra_headers=[(b"Origin", b"http://evil.example")]) as ws:
        assert ws.status == 403
    with Socket(live.port, "/nothing") as ws:
        assert ws.status == 404
    assert ask(live.port, "GET", "/echo").status == 426


def test_handlers(live: Server) -> None:
    with Socket(live.port, "/any-origin/42") as ws:
        assert ws.all() == [("text", "42"), *END]
    with Socket(live.port, "/pieces") as ws:
        numbers = "".join(f"{n}," for n in range(1000))
        assert ws.all() == [("text", numbers), ("bytes", b"0,1,2,"), ("text", ""), *END]
    with Socket(live.port, "/together") as ws:
        seen = ws.all()
        assert sorted(str(data) for _, data in seen[:-2]) == [letter * 5000 for letter in "abc" for _ in range(20)]
    with Socket(live.port, "/raise") as ws:
        ws.say("now")
        assert ws.all() == [("close", 1011), ("end", None)]
    with Socket(live.port, "/close/4001") as ws:
        assert ws.all() == [("close", 4001), ("end", None)]


def test_a_handler_learns_why_it_is_over(live: Server) -> None:
    for end, expected in [
        (lambda ws: ws.send(CloseConnection(code=4005, reason="bye")), [4005, "bye"]),
        (lambda ws: ws.crash(), [1005, ""]),  # as uvicorn has it
    ]:
        live.closed()
        with Socket(live.port, "/note") as ws:
            end(ws)
            until(lambda expected=expected: live.closed() == [expected])


def test_a_client_that_goes_ends_a_handler_that_only_sends(live: Server) -> None:
    live.closed()
    with Socket(live.port, "/flood", window=4096) as ws:
        time.sleep(0.2)
        ws.crash()
        until(lambda: live.closed() == [[1006, ""]])
    assert json.loads(ask(live.port, "GET", "/clients").body) == [0, 0]


# What uvicorn does not do: other ASGI servers, HTTP/2


def call(scope: dict[str, object], *messages: dict[str, object]) -> list[dict[str, object]]:
    """What an app sends for a scope and what it receives: the echo of http_app.py, in small."""
    app = picoweb.WebApp("called")

    @app.route("/echo/<word>", methods=["GET", "POST"])
    async def echo(req, resp, word):  # type: ignore[no-untyped-def]
        await picoweb.respond(resp, await req.read() + word.encode() + req.qs.encode(), "text/plain")

    sent: list[dict[str, object]] = []
    todo = list(messages)

    async def receive() -> dict[str, object]:
        if not todo:
            await asyncio.sleep(60)
        return todo.pop(0)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(asgi.ASGI(app)(scope, receive, send), 10))
    return sent


HTTP2 = {"type": "http", "http_version": "2", "method": "POST", "path": "/echo/é", "query_string": b"a"}


def test_http_2_has_bodies_without_a_length() -> None:
    scope = {**HTTP2, "headers": [(b"host", b"test")]}
    parts = [b"one ", b"", b"two "]
    body = [{"type": "http.request", "body": part, "more_body": part != b"two "} for part in parts]
    first, *rest = call(scope, *body)
    assert (first["type"], first["status"]) == ("http.response.start", 200)
    assert b"".join(message["body"] for message in rest) == "one two éa".encode()  # type: ignore[misc]
    assert [message["more_body"] for message in rest] == [True] * (len(rest) - 1) + [False]


def test_a_client_that_goes_before_its_body_gets_no_answer() -> None:
    scope = {**HTTP2, "headers": [(b"host", b"test"), (b"content-length", b"9")]}
    assert call(scope, {"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}) == []


def test_line_breaks_in_fields_are_refused() -> None:
    with pytest.raises(ValueError, match="line break in a header"):
        call({**HTTP2, "headers": [(b"host", b"test"), (b"x", b"a\r\nhost: b")]})


def test_a_scope_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="no ASGI scope of the type smoke"):
        call({"type": "smoke"})


def test_a_refused_websocket_is_closed_where_the_server_knows_no_better() -> None:
    scope = {"type": "websocket", "path": "/nothing", "headers": [(b"host", b"test")]}
    assert [message["type"] for message in call(scope, {"type": "websocket.connect"})] == ["websocket.close"]
