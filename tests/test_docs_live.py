"""docs/live.md: its programs and its site do what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from wsproto.events import BytesMessage

from site_builder import bundle, runner

from .liveserver import ROOT, running
from .programs import command
from .test_docs import blocks, write_file
from .test_sse import Source
from .wireclient import ask
from .wsclient import Seen, Socket, frame

RUN = ROOT / "tests" / "apps" / "run_app.py"
END: list[Seen] = [("close", 1000), ("end", None)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files of the page."""
    folder = tmp_path_factory.mktemp("page")
    for file, _, text in blocks("docs/live.md"):
        if file:
            write_file(folder, file, text)
    return folder


@pytest.fixture(params=["micropython", "cpython"])
def start(request, folder, tmp_path):
    """Runs a program of the page."""
    interpreter = command(request.param)
    return lambda name: running(interpreter, RUN, tmp_path, name, str(folder))


def test_every_program_is_tested(folder):
    tested = Path(__file__).read_text("utf-8")
    programs = [path.stem for path in folder.glob("*.py")]
    assert len(programs) == 5
    assert [name for name in programs if name not in tested] == []


def test_echo(start):
    with start("echo") as server, Socket(server.port, "/echo") as ws:
        ws.say("hello")
        ws.send(BytesMessage(data=b"\0"))
        assert ws.take(2) == [("text", "hello"), ("bytes", b"\0")]


def test_options(start):
    with start("careful") as server:
        with Socket(server.port, "/log/boot", subprotocols=["log.v1"]) as ws:
            assert ws.all() == [("text", "log of boot, log.v1"), *END]
        with Socket(server.port, "/log/boot", extra_headers=[(b"Origin", b"http://127.0.0.1")]) as ws:
            assert ws.status == 403
        with Socket(server.port, "/count") as ws:
            assert ws.status == 403
        with Socket(server.port, "/count?key=sesame") as ws:
            ws.raw(frame(0x02, bytes(5000)) + frame(0x80, bytes(5000)))
            assert ws.all() == [("text", "10000"), *END]


def test_seconds(start):
    with start("seconds") as server, Source(server.port, "/seconds") as source:
        assert json.loads(source.next()["data"])["seconds"] > 0


def test_a_channel(start):
    with start("door") as server:
        with Source(server.port, "/news") as source:
            assert json.loads(ask(server.port, "POST", "/door/open").body) == {"listening": 1}
            event = source.next()
            assert json.loads(event["data"]) == {"door": "open"}
        ask(server.port, "POST", "/door/closed")
        with Source(server.port, "/news", last=event["id"]) as source:
            assert json.loads(source.next()["data"]) == {"door": "closed"}


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
def test_the_site(folder, tmp_path, python):
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    bundle.write(bundle.build(folder, python=python), tmp_path / "out")
    served = runner.running(tmp_path / "out", python=python)
    with served as port, Source(port, "/news") as source, Socket(port, "/say") as ws:
        ws.say("hello")
        assert source.next()["data"] == "hello"


def test_under_uvicorn(folder):
    port = runner.free_port()
    commands = [text.split() for _, kind, text in blocks("docs/live.md") if kind == "sh"]
    assert commands == [["uvicorn", "under_uvicorn:application"]]
    assert (folder / "under_uvicorn.py").exists()
    program = [str(Path(sys.executable).parent / "uvicorn"), *commands[0][1:], "--port", str(port)]
    process = subprocess.Popen(program, cwd=folder, stderr=subprocess.DEVNULL)
    try:
        runner.wait_ready(process, "127.0.0.1", port, 30)
        reply = ask(port, "GET", "/")
        assert (reply.status, reply.body) == (200, b"Hello!")
    finally:
        runner.stop(process)
