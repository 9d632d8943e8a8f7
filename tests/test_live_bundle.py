"""WebSockets and server-sent events in a site: a bundle holds their modules when a handler imports them."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder import bundle, runner

from .wireclient import Client, request
from .wsclient import Socket

WEBSOCKET = {"attributes", "headers", "websocket", "frames", "peer", "keeper"}
SSE = {"attributes", "headers", "sse", "keeper", "methods", "stream"}

YAML = "routes:\n  /now: {json: a.now}\n"
NOW = "\n\ndef now(req):\n    return 1\n"


def modules(folder: Path, source: str, python: bool) -> set[str]:
    """The modules of picoweb in the bundle of a site with this handler module."""
    (folder / "handlers").mkdir(parents=True)
    (folder / "site.yaml").write_text(YAML)
    (folder / "handlers" / "a.py").write_text(source + NOW)
    paths = [Path(name) for name in bundle.build(folder, python=python).files]
    return {path.stem for path in paths if path.parent.name == "picoweb"}


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("from picoweb import websocket", WEBSOCKET),
        ("import picoweb.websocket", WEBSOCKET),
        ("import picoweb\n\nsocket = picoweb.websocket", WEBSOCKET),
        ("from picoweb.websocket import accept", WEBSOCKET),
        ("import picoweb.sse", SSE),
        ("import picoweb.sse as events", SSE),
        ("from picoweb.sse import Channel", SSE),
        ("def f():\n    from picoweb import sse, websocket", SSE | WEBSOCKET),
        ("from picoweb import asgi", set()),
        ("import picoweb.asgi", set()),
        ("from picoweb.asgi import ASGI", set()),
    ],
)
def test_what_a_handler_imports_is_in_the_bundle(tmp_path, source, more, python):
    with_it = modules(tmp_path / "with", source, python)
    without = modules(tmp_path / "without", "import picoweb", python)
    assert "server" in without
    assert with_it - without == more


HANDLERS = """\
from picoweb import sse, websocket

news = sse.Channel()


@websocket.websocket
async def chat(req, ws, room):
    while True:
        message = await ws.receive()
        news.publish(message)
        await ws.send(room + ": " + message)


async def listen(req, resp):
    await news.serve(req, resp)
"""


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
def test_a_site_with_both(tmp_path, python):
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    (tmp_path / "handlers").mkdir()
    (tmp_path / "site.yaml").write_text("routes:\n  /chat/<room>: {handler: a.chat}\n  /news: {handler: a.listen}\n")
    (tmp_path / "handlers" / "a.py").write_text(HANDLERS)
    bundle.write(bundle.build(tmp_path, python=python), tmp_path / "out")
    with runner.running(tmp_path / "out", python=python) as port, Client(port) as listener:
        listener.send(request("GET", "/news"))
        assert listener.head().status == 200
        with Socket(port, "/chat/kitchen") as ws:
            ws.say("hello")
            assert ws.take(1) == [("text", "kitchen: hello")]
        assert listener._until(b"\n\n").endswith(b"data: hello")
