"""What a small program loads and takes on MicroPython, and that features give back what they took."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import Program, command, paths, serving
from tests.wireclient import Client, ask, request

HELLO = """\
import gc
import sys

gc.collect()
before = gc.mem_alloc()

import picoweb

app = picoweb.WebApp("hello")


@app.route("/")
async def hello(req, resp):
    await picoweb.respond(resp, "hello", "text/plain")


@app.route("/loaded")
async def loaded(req, resp):
    names = " ".join(sorted(name for name in sys.modules if name.startswith("picoweb")))
    gc.collect()
    await picoweb.respond(resp, "%d %s" % (gc.mem_alloc() - before, names), "text/plain")


app.run("127.0.0.1", int(sys.argv[1]), debug=-1)
"""

FEATURES = """\
import asyncio
import gc
import sys

import picoweb

app = picoweb.WebApp("features")
sub = picoweb.WebApp("sub")
held = []


@app.route("/heap")
async def heap(req, resp):
    gc.collect()
    return {"used": gc.mem_alloc(), "held": len(held), "open": len(app.serving._open)}


@app.route("/value")
async def value(req, resp):
    return {"a": [1, 2]}, 201, {"X-A": "b"}


@app.route("/plain")
def plain(req, resp):
    return "plain"


@app.route("/pieces")
def pieces(req, resp):
    return ("piece %d" % i for i in range(500))


@app.route("/form", methods=["POST"])
async def form(req, resp):
    await req.read_form_data()
    return req.form


@app.route("/headers")
async def headers(req, resp):
    return [req.headers["Host"], req.remote_addr, req.args]


@app.route("/fails")
async def fails(req, resp):
    raise KeyError("on purpose")


@app.route("/hold")
async def hold(req, resp):
    await picoweb.start_response(resp, "text/event-stream")
    held.append(resp)
    return False


@app.route("/push")
async def push(req, resp):
    for sink in list(held):
        try:
            await sink.awrite("data: x\\n\\n")
        except OSError:
            held.remove(sink)
    return "pushed"


@app.errorhandler(KeyError)
async def key_error(req, resp, exc):
    return "caught", 409


@app.before_request
def before(req, resp):
    req.seen = True


@app.after_request
async def after(req, resp):
    resp.headers += "X-After: 1\\r\\n"


@sub.route("/")
def index(req, resp):
    return "sub"


app.mount("/sub", sub)
app.run("127.0.0.1", int(sys.argv[1]), debug=-1, connections=6)
"""


@contextlib.contextmanager
def program(text: str, tmp_path: Path) -> Iterator[Program]:
    command("micropython")
    (tmp_path / "program.py").write_text(text)
    with serving("micropython", tmp_path / "program.py", tmp_path / "log", cwd=tmp_path, env=paths()) as app:
        yield app


def test_a_small_program_loads_no_feature(tmp_path: Path) -> None:
    with program(HELLO, tmp_path) as app:
        assert ask(app.port, "GET", "/").body == b"hello"
        used, *names = ask(app.port, "GET", "/loaded").body.decode().split()
    core = "app compat errors methods request response routing rules server wire"
    assert names == ["picoweb", *(f"picoweb.{name}" for name in core.split())]
    assert int(used) < 54_000  # with the buffers of a connection, and words of 64 bits: a board needs half


# Requests, and the status of their answers.
MIX = (
    (request("GET", "/value"), 201),
    (request("GET", "/plain"), 200),
    (request("GET", "/pieces"), 200),
    (request("POST", "/form", body=b"a=1&b=%C3%A9&c=d+e"), 200),
    (request("GET", "/headers?a=b"), 200),
    (request("GET", "/fails"), 409),
    (request("GET", "/nothing"), 404),
    (request("GET", "/sub/"), 200),
    (request("GET", "/sub/nothing"), 404),
    (request("GET", "/static/none"), 404),
)


def used(app: Program) -> int:
    """Bytes in use, without connections that are just ending."""
    end = time.monotonic() + 10
    while True:
        found = json.loads(ask(app.port, "GET", "/heap").body)
        if (found["held"], found["open"]) == (0, 1):
            return int(found["used"])
        assert time.monotonic() < end, found
        ask(app.port, "GET", "/push")
        time.sleep(0.05)


def cycle(app: Program) -> None:
    with Client(app.port) as client:
        for asked, status in MIX * 10:
            client.send(asked)
            assert client.reply().status == status
    for end in (Client.reset, lambda client: client.sock.close()):
        client = Client(app.port)
        client.send(request("GET", "/hold"))
        client._until(b"\r\n\r\n")
        assert ask(app.port, "GET", "/push").body == b"pushed"
        client._until(b"data: x\n\n")
        end(client)


@pytest.mark.parametrize("cycles", [20])
def test_features_give_back_what_they_took(tmp_path: Path, cycles: int) -> None:
    with program(FEATURES, tmp_path) as app:
        for _ in range(2):
            cycle(app)
        before = min(used(app) for _ in range(3))
        for _ in range(cycles):
            cycle(app)
        after = min(used(app) for _ in range(3))
    assert (tmp_path / "log").read_text() == ""
    assert abs(after - before) <= 2048, (before, after)
