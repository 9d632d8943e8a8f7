"""Memory on MicroPython: what a server takes, and that it gives it back."""

import contextlib
import json
import os
import socket
import time

import pytest

from site_builder import bundle, runner

from .wireclient import Client

pytestmark = pytest.mark.skipif(
    runner.micropython() is None and not os.environ.get("PICOWEB_NO_SKIP"), reason="no MicroPython for this machine"
)

HANDLERS = """\
import gc

import picoweb


def now(req):
    return {"title": "T", "rows": range(20)}


def heap(req):
    gc.collect()
    return {"used": gc.mem_alloc()}


async def echo(req, resp):
    await picoweb.respond(resp, await req.read(), "text/plain")


async def stream(req, resp):
    await picoweb.start_response(resp, "text/plain")
    for n in range(400):
        await resp.awrite("line %d\\n" % n)


async def greedy(req, resp):
    await picoweb.respond(resp, bytearray(1 << 24), "text/plain")


async def breaks(req, resp):
    raise ValueError("on purpose")
"""
YAML = """\
routes:
  /: {template: index.tpl, data: work.now}
  /heap: {json: work.heap}
  /echo: {handler: work.echo, methods: [POST]}
  /stream: {handler: work.stream}
  /greedy: {handler: work.greedy}
  /breaks: {handler: work.breaks}
  /f/*: {dir: static}
server: {connections: 4}
"""
INDEX = "{% args title, rows %}\n<h1>{{ title }}</h1>\n{% for row in rows %}\n<p>{{ row }}</p>\n{% endfor %}\n"


@contextlib.contextmanager
def serving(site, tmp_path, files, heap="160k"):
    """The port of the site above with some files, on a small heap; then checks its log."""
    folder = site(YAML, {"handlers/work.py": HANDLERS, "templates/index.tpl": INDEX, **files})
    bundle.write(bundle.build(folder), tmp_path / "out")
    with (tmp_path / "log").open("wb") as log, runner.running(tmp_path / "out", heap=heap, log=log) as port:
        yield port


def get(path, more=""):
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n".encode()


def heap_used(port):
    """Bytes in use, without what connections hold that are just ending: the least of a few looks."""
    looks = []
    for _ in range(4):
        with Client(port) as client:
            looks.append(json.loads(client.ask(get("/heap")).body)["used"])
        time.sleep(0.4)
    return min(looks)


def post(body):
    return b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


CHUNKED = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
# What a site meets, again and again: (request, status).
MIX = (
    (get("/"), 200),
    (get("/f/a.css", "Accept-Encoding: gzip\r\n"), 200),
    (get("/f/a.css", "Range: bytes=0-9\r\n"), 206),
    (get("/f/big.bin"), 200),
    (get("/f/nothing"), 404),
    (get("/stream"), 200),
    (post(b"x" * 300), 200),
    (CHUNKED, 200),
    (get("/echo"), 405),
    (get("/", "X-Other: 1\r\nConnection: keep-alive\r\n"), 200),
)


def rude(port, n):
    """A client that goes away: before, within or after a head, or while it should read."""
    with socket.socket() as sock:
        sock.connect(("127.0.0.1", port))
        sock.sendall((b"", b"GET / HT", get("/"), get("/f/big.bin") * 5)[n % 4])


def mixed_requests(port, count):
    """Asks so many times, on connections that are kept, and among clients that go away."""
    for done in range(0, count, 10 * len(MIX)):
        rude(port, done // 100)
        with Client(port) as client:
            for request, status in MIX * 10:
                client.send(request)
                assert client.reply().status == status


def test_memory_is_as_before_after_20000_mixed_requests(site, tmp_path):
    files = {"static/a.css": "a { color: red }\n" * 100, "static/big.bin": os.urandom(20_000)}
    with serving(site, tmp_path, files) as port:
        mixed_requests(port, 6_000)  # what is made once is made now; it stayed so up to the 92,000th
        before = heap_used(port)
        mixed_requests(port, 20_000)
        after = heap_used(port)
        for _ in range(5):  # what is lost stays, what the collector took for live does not
            mixed_requests(port, 50)
            after = min(after, heap_used(port))
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert "Error" not in log
    # The collector takes some dead blocks for live ones, now these and now those; a tenth of a byte lost with each
    # request would be as much.
    assert abs(after - before) <= 2048


def test_a_request_that_needs_too_much_memory_costs_itself_alone(site, tmp_path):
    with serving(site, tmp_path, {"static/a.css": ""}) as port:
        with Client(port) as client:
            client.ask(get("/"))
            before = heap_used(port)
            for _ in range(3):
                reply = client.ask(get("/greedy"))
                assert (reply.status, reply["Retry-After"]) == (503, "1")
                assert client.ask(get("/")).status == 200
        assert abs(heap_used(port) - before) <= 512


def test_a_thousand_files_need_the_memory_of_ten(site, tmp_path):
    used = []
    for count in (10, 1000):
        folder = tmp_path / str(count)
        folder.mkdir()
        files = {f"static/{n}.txt": f"file {n}" for n in range(count)}
        with serving(site, folder, files) as port:
            with Client(port) as client:
                assert client.ask(get(f"/f/{count - 1}.txt")).body == b"file %d" % (count - 1)
            used.append(heap_used(port))
    assert used[1] - used[0] <= 256


def test_silent_connections_take_no_buffer(site, tmp_path):
    with serving(site, tmp_path, {"static/a.css": ""}) as port:
        heap_used(port)
        before = heap_used(port)
        with contextlib.ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(Client(port))
            assert heap_used(port) - before < 3 * 1300  # a task and its objects each, and no buffer of 2048 bytes
        assert abs(heap_used(port) - before) <= 1200  # what the last connection was is not swept up at once
