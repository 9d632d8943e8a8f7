"""What is between a client and the site in `picoweb serve`: nothing that can be told, but for what pages need."""

import gzip
import json
import socket
import time

import pytest

from .conftest import write_files
from .devserver import serving, until
from .wireclient import BrokenOff, Client, answers, ask, request

PAGE = ("Accept: text/html,*/*;q=0.8",)
SNIPPET = b"/_picoweb/reload.js"
FILES = {
    "site.yaml": """\
title: T
routes:
  /:            {template: index.html, data: wire.now}
  /page/*:      {dir: static, cache: 1d}
  /stream:      {handler: wire.stream}
  /length:      {handler: wire.length}
  /raw:         {handler: wire.raw}
  /half:        {handler: wire.half}
  /echo:        {handler: wire.echo, methods: [GET, POST]}
  /gone:        {handler: wire.gone}
  /wait:        {handler: wire.wait}
  /ws:          {handler: wire.chat}
  /sse:         {handler: wire.events}
""",
    "templates/index.html": "<h1>{{ n }}</h1>{% for i in range(400) %}<p>{{ i }}</p>{% endfor %}",
    "static/plain.html": "<p>as it is</p>" * 200,
    "static/a.txt": "0123456789" * 100,
    "static/small.html": "<p>",
    "handlers/wire.py": """\
import asyncio

import picoweb
from picoweb import sse, websocket

ended = []


def now(req):
    return {"n": 1}


async def stream(req, resp):
    await picoweb.start_response(resp, "text/plain")
    for n in range(3):
        await resp.awrite("part %d\\n" % n)
        await resp.drain()
        if n == 0:
            await asyncio.sleep(0.5)


async def length(req, resp):
    await picoweb.start_response(resp, "text/html", 200, {"Content-Length": "5"})
    await resp.awrite("<br/>")


async def raw(req, resp):
    await resp.awrite("HTTP/1.0 200 OK\\r\\nContent-Type: text/html\\r\\nX-Old: yes\\r\\n\\r\\n<p>old")


async def half(req, resp):
    await picoweb.start_response(resp, "text/plain", 200, {"Content-Length": "5000"})
    await resp.awrite("x" * 3000)
    raise ValueError("in the middle")


async def echo(req, resp):
    return {"size": len(await req.read()), "method": req.method, "type": req.headers.get("Content-Type", "")}


async def wait(req, resp):
    try:
        await picoweb.start_response(resp, "text/plain")
        for n in range(200):
            await resp.awrite(".")
            await resp.drain()
            await asyncio.sleep(0.05)
    finally:
        ended.append(n)


async def gone(req, resp):
    return {"ended": len(ended)}


@websocket.websocket
async def chat(req, ws):
    while True:
        await ws.send(await ws.receive())


async def events(req, resp):
    stream = await sse.start(resp)
    for n in range(3):
        await stream.send("event %d" % n)
""",
}


@pytest.fixture(scope="module", params=[[], ["--python"]], ids=["micropython", "cpython"])
def serve(request, tmp_path_factory, micropython):
    folder = tmp_path_factory.mktemp("proxy")
    with serving(write_files(folder / "site", FILES), folder, *request.param) as started:
        yield started


@pytest.fixture
def port(serve):
    return serve.port


# What is added to pages


def test_the_script_is_added_to_pages_and_their_length_says_so(port):
    for path in ("/length", "/page/small.html"):
        page = ask(port, "GET", path, *PAGE)
        assert page.status == 200
        assert page.body.count(SNIPPET) == 1
        assert int(page["Content-Length"]) == len(page.body)
        assert page["Cache-Control"] == "no-store"


def test_the_script_is_added_to_a_page_in_chunks(port):
    page = ask(port, "GET", "/", *PAGE)
    assert page.chunked
    assert page.body.rstrip().endswith(b"</script>")
    assert page.body.startswith(b"<h1>1</h1><p>0</p>")


def test_the_head_of_a_page_is_the_one_that_get_gives(port):
    head, page = (ask(port, method, "/length", *PAGE) for method in ("HEAD", "GET"))
    assert head.fields == page.fields
    assert head.body == b""


@pytest.mark.parametrize("lines", [(), ("Accept: */*",), (*PAGE, "Sec-Fetch-Dest: empty")])
def test_what_a_script_or_a_program_fetches_is_as_the_site_gives_it(port, lines):
    assert ask(port, "GET", "/length", *lines).body == b"<br/>"
    assert SNIPPET not in ask(port, "GET", "/", *lines).body


def test_a_compressed_page_is_asked_for_without_compression(port):
    page = ask(port, "GET", "/page/plain.html", *PAGE, "Accept-Encoding: gzip, br")
    assert page["Content-Encoding"] is None
    assert page.body.startswith(b"<p>as it is</p>")
    assert SNIPPET in page.body
    fetched = ask(port, "GET", "/page/plain.html", "Accept-Encoding: gzip")
    assert fetched["Content-Encoding"] == "gzip"
    assert SNIPPET not in gzip.decompress(fetched.body)


def test_a_page_is_always_whole_and_new(port):
    etag = ask(port, "GET", "/page/plain.html")["ETag"]
    page = ask(port, "GET", "/page/plain.html", *PAGE, f"If-None-Match: {etag}", "Range: bytes=0-3")
    assert page.status == 200
    assert SNIPPET in page.body
    assert page["ETag"] is None


def test_files_keep_their_validators_but_are_asked_for_again(port):
    reply = ask(port, "GET", "/page/a.txt")
    assert reply["Cache-Control"] == "no-cache"
    again = ask(port, "GET", "/page/a.txt", f"If-None-Match: {reply['ETag']}")
    assert (again.status, again.body, again["ETag"]) == (304, b"", reply["ETag"])
    part = ask(port, "GET", "/page/a.txt", "Range: bytes=5-14")
    assert (part.status, part.body, part["Content-Range"]) == (206, b"5678901234", "bytes 5-14/1000")


# What is only carried


def test_a_connection_stays_and_takes_requests_in_a_row(port):
    with Client(port) as client:
        client.send(request("GET", "/echo") + request("GET", "/", *PAGE) + request("GET", "/echo") * 3)
        assert json.loads(client.reply().body)["method"] == "GET"
        assert SNIPPET in client.reply().body
        for _ in range(3):
            assert client.reply().status == 200
        for _ in range(3):
            assert SNIPPET in client.ask(request("GET", "/", *PAGE)).body


def test_an_answer_comes_as_the_site_writes_it(port):
    with Client(port) as client:
        began = time.monotonic()
        client.send(request("GET", "/stream"))
        assert client.head().status == 200
        assert client._until(b"part 0\n").endswith(b"\r\n")
        first = time.monotonic() - began
        client._until(b"part 2\n")
        assert time.monotonic() - began - first > 0.3, "the first part did not wait for the others"


def test_events_and_websockets_go_through(port):
    from .wsclient import Socket

    assert ask(port, "GET", "/sse", "Accept: text/event-stream").body.count(b"data: event") == 3
    with Socket(port, "/ws") as ws:
        for text in ("hello", "x" * 3000):
            ws.say(text)
            assert ws.take(1) == [("text", text)]


@pytest.mark.parametrize("size", [0, 1, 16000])
@pytest.mark.parametrize("chunked", [False, True])
def test_uploads_arrive(port, size, chunked):
    body = b"u" * size
    if chunked:
        data = b"".join(b"%x\r\n%s\r\n" % (len(body[n : n + 999]), body[n : n + 999]) for n in range(0, size, 999))
        message = request("POST", "/echo", "Content-Type: a/b", "Transfer-Encoding: chunked") + data + b"0\r\n\r\n"
    else:
        message = request("POST", "/echo", "Content-Type: a/b", body=body)
    with Client(port) as client:
        for _ in range(2):
            assert json.loads(client.ask(message).body) == {"size": size, "method": "POST", "type": "a/b"}


def test_a_client_that_waits_for_100_continue_is_told(port):
    with Client(port) as client:
        client.send(request("POST", "/echo", "Content-Length: 3", "Expect: 100-continue"))
        assert client.head().status == 100
        client.send(b"abc")
        assert json.loads(client.reply().body)["size"] == 3


def test_bad_requests_are_answered_by_the_site(port):
    for data in (b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n"):
        first, rest = answers(port, data)
        assert (first.status, rest) == (400, b"")
    with Client(port) as client:
        client.send(request("POST", "/echo", "Transfer-Encoding: chunked") + b"nonsense\r\n")
        assert client.reply().status == 400
        assert client.is_closed()
    with Client(port) as client:
        client.send(b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n")
        assert client.reply().status == 414


def test_an_older_client_is_served_as_it_asks(port):
    with Client(port) as client:
        client.send(b"GET /echo HTTP/1.0\r\n\r\n")
        reply = client.reply()
        assert (reply.status, reply["Connection"]) == (200, "close")
        assert client.is_closed()


def test_what_old_programs_write_themselves_goes_through(port):
    with Client(port) as client:
        client.send(request("GET", "/raw"))
        assert client.rest() == b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nX-Old: yes\r\n\r\n<p>old"


def test_an_answer_that_breaks_off_breaks_off(port):
    with pytest.raises((BrokenOff, ConnectionError)):
        ask(port, "GET", "/half")


def test_the_site_notices_a_client_that_goes_away(port):
    before = json.loads(ask(port, "GET", "/gone").body)["ended"]
    with Client(port) as client:
        client.send(request("GET", "/wait"))
        assert client.head().status == 200
        client.reset()
    until(lambda: json.loads(ask(port, "GET", "/gone").body)["ended"] == before + 1, 5)


def test_a_client_that_says_it_is_done_still_gets_its_answer(port):
    with Client(port) as client:
        client.send(request("GET", "/", *PAGE))
        client.half_close()
        assert SNIPPET in client.reply().body


def test_the_paths_of_the_development_server_are_its_own(port):
    assert ask(port, "GET", "/_picoweb/reload.js")["Content-Type"] == "text/javascript; charset=utf-8"
    assert ask(port, "GET", "/_picoweb/other").status == 404
    assert ask(port, "HEAD", "/_picoweb/reload.js").body == b""


def test_open_pages_take_no_place_at_the_site(serve):
    """The site has 8 connections; twelve pages listen for changes, and it answers all the same."""
    clients = [Client(serve.port) for _ in range(12)]
    try:
        for client in clients:
            client.send(request("GET", "/_picoweb/events"))
            assert client.head()["Content-Type"] == "text/event-stream"
        assert ask(serve.port, "GET", "/echo").status == 200
    finally:
        for client in clients:
            client.sock.close()


def test_requests_wait_while_the_site_is_restarted(serve):
    before = serve.text().count(" restarted")
    serve.edit("handlers/wire.py", "ended = []", "ended = [None]")
    asked = 0
    end = time.monotonic() + 15
    while serve.text().count(" restarted") == before:
        assert time.monotonic() < end
        try:
            assert ask(serve.port, "GET", "/gone").status == 200
        except ConnectionError:  # this one was on its way when the site ended
            continue
        asked += 1
    assert ask(serve.port, "GET", "/gone").status == 200
    assert asked


def test_a_listening_socket_is_all_that_a_lan_needs(tmp_path, micropython):
    site = write_files(tmp_path / "site", {"site.yaml": "routes: {/: {json: {a: 1}}}\n"})
    with serving(site, tmp_path, "--host", "0.0.0.0") as serve:
        shown = [line.rpartition("//")[2].partition(":")[0] for line in serve.text().splitlines() if "network" in line]
        for address in shown:
            with socket.create_connection((address, serve.port), timeout=5) as sock:
                sock.sendall(request("GET", "/", "Connection: close"))
                assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert f"http://127.0.0.1:{serve.port}/" in serve.text()
