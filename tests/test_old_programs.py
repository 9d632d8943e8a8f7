"""Programs in the style of 2014 to 2020: as they are on MicroPython, with one more line on CPython."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_builder import libs
from tests.programs import RUNTIMES, Program, paths, serving
from tests.wireclient import Client, ask, request

_PROGRAMS = Path(__file__).parent / "apps" / "old"
_ONE_LINE = "import picoweb.compat_u\n"


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextlib.contextmanager
def old(runtime: str, name: str, tmp_path: Path) -> Iterator[Program]:
    folder = shutil.copytree(_PROGRAMS, tmp_path / "old")
    lib = tmp_path / "lib"
    program = folder / f"{name}.py"
    for path, data in libs.sources(["ulogging", "utemplate"]).items():
        if runtime == "micropython" or path.startswith("utemplate"):
            (lib / path).parent.mkdir(parents=True, exist_ok=True)
            (lib / path).write_bytes(data)
    if runtime == "cpython":
        program.write_text(_ONE_LINE + program.read_text())
    with serving(runtime, program, tmp_path / "log", cwd=folder, env=paths(lib, folder)) as started:
        yield started


def body(app: Program, path: str, *lines: str, method: str = "GET", data: bytes | None = None) -> bytes:
    reply = ask(app.port, method, path, *lines, body=data)
    assert reply.status == 200, reply
    return reply.body


def test_a_central_list(runtime: str, tmp_path: Path) -> None:
    with old(runtime, "routes", tmp_path) as app:
        with Client(app.port) as client:
            client.send(request("GET", "/"))
            assert client.rest() == (
                b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nSee the <a href='squares'>squares</a>."
            )
        for _ in range(2):
            assert body(app, "/squares").split() == b"<h1>Squares at /squares</h1> 0: 0 1: 1 2: 4".split()
        assert body(app, "/source") == (tmp_path / "old" / "routes.py").read_bytes()
        assert body(app, "/hi/you/there") == b"Hi, you/there"
        assert json.loads(body(app, "/data?a=b", method="PUT", data=b"")) == {"method": "PUT", "qs": "a=b"}
        assert json.loads(body(app, "/body", method="POST", data=b"text")) == {"got": "text"}
        assert b"x-a=b\n" in body(app, "/shown", "X-A: b")
        assert body(app, "/skipped") == b"none"
        assert body(app, "/left", "X-A: b") == b"Host: test\r\nX-A: b\r\n"
        reply = ask(app.port, "GET", "/page.css", "Accept-Encoding: gzip")
        assert (reply.status, reply["Content-Type"], reply["X-Could"]) == (200, "text/css", "gzip")
        assert reply.body == (_PROGRAMS / "static" / "page.css").read_bytes()
        assert reply["Cache-Control"] == "max-age=86400"
        reply = ask(app.port, "GET", "/away")
        assert (reply.status, reply["Location"]) == (303, "/")
        assert ask(app.port, "GET", "/gone").status == 410
        assert ask(app.port, "GET", "/nothing").status == 404
        with Client(app.port) as client:
            client.send(request("GET", "/secret"))
            assert client.rest().startswith(b"HTTP/1.0 401 NA\r\n")
        assert body(app, "/secret", "Authorization: Basic eDp5") == b"inside"
        assert "GET /hi/you/there" in app.text()
        assert f"* Running on http://127.0.0.1:{app.port}/" in app.text()
        assert "Traceback" not in app.text()


def test_decorators_and_forms(runtime: str, tmp_path: Path) -> None:
    with old(runtime, "forms", tmp_path) as app:
        assert body(app, "/form?name=Ada") == b"Hello Ada"
        assert (
            body(app, "/form", method="POST", data="name=Gr%C3%A4ce+H&name=é".encode()) == "Hello Gräce H, é".encode()
        )
        assert body(app, "/checked") == b"checked " * 500
        assert ask(app.port, "GET", "/checked?no").status == 403
        assert body(app, "/static/page.css") == (_PROGRAMS / "static" / "page.css").read_bytes()


def test_events(runtime: str, tmp_path: Path) -> None:
    with old(runtime, "events", tmp_path) as app:
        with Client(app.port) as client, Client(app.port) as other, Client(app.port) as third:
            client.send(request("GET", "/own"))
            other.send(request("GET", "/pushed"))
            third.send(request("GET", "/pushed"))
            for each in (client, other, third):
                assert each._until(b"\r\n\r\n").startswith(b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream")
            for n in range(3):
                assert client._until(b"\n\n") == b"data: %d" % n
                assert other._until(b"\n\n").startswith(b"data: ")
            third.sock.close()
            for _ in range(3):
                assert other._until(b"\n\n").startswith(b"data: ")
        end = time.monotonic() + 10
        while app.text().count("pushed: gone") < 2 or "own: gone" not in app.text():
            assert time.monotonic() < end, app.text()
            time.sleep(0.05)
        assert "Traceback" not in app.text()


def test_mounted_apps_and_one_place_for_exceptions(runtime: str, tmp_path: Path) -> None:
    with old(runtime, "whole", tmp_path) as app:
        assert body(app, "/") == b"whole 0"
        assert body(app, "/part") == b"part at /"
        assert body(app, "/part/") == b"part at /"
        assert body(app, "/late/page") == b"late 1"
        assert body(app, "/late/page") == b"late 1"
        reply = ask(app.port, "GET", "/wrong")
        assert reply.status == 500
        assert reply.body.startswith(b"all is lost: ")
        reply = ask(app.port, "GET", "/half")
        assert (reply.status, reply.body) == (500, b"all is lost: 'half'")
        assert app.text() == "serving\n"  # and no log, with debug=-1
