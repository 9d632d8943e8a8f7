"""ASGI 3: the same app under uvicorn and its like, on CPython (https://asgi.readthedocs.io).

    application = asgi.ASGI(app)  # uvicorn module:application

The app's own Server answers, with its limits. It speaks HTTP/1.1 and WebSocket frames as ever, to a connection that is
not a socket: it makes bytes of the ASGI server's messages, and messages of bytes.
"""

import asyncio

from .asgi_http import HTTP
from .asgi_websocket import WebSocket
from .boot import begin
from .cpython import Logger
from .response import Response
from .server import Server

_KINDS = {"http": HTTP, "websocket": WebSocket}


class _Errors(Logger):
    """A log without the lines of requests: ASGI servers write their own."""

    def info(self, msg, *args, **kwargs):
        pass


class ASGI:
    """An ASGI application that runs a WebApp. limits: as Server's; those of its listening socket have no effect.

    log: as for WebApp.run(); None writes errors alone.
    """

    def __init__(self, app, log=None, **limits):
        app.log = log or app.log or _Errors(app.pkg)
        begin(app)
        for sub in app.mounts:
            begin(sub, app)
        self.server = Server(app, **limits)
        self._reaper = None

    async def __call__(self, scope, receive, send):
        kind = scope["type"]
        if kind == "lifespan":
            return await self._lifespan(receive, send)
        if kind not in _KINDS:
            raise ValueError("picoweb knows no ASGI scope of the type " + kind)
        server = self.server
        if self._reaper is None or self._reaper.done():
            self._reaper = asyncio.create_task(server._reap())
        connection = _KINDS[kind](scope, receive, send)
        resp = Response(server, connection)
        resp.address = connection.getpeername()
        server._open.append(resp)
        resp.task = asyncio.create_task(server._serve(resp, connection))
        try:
            await resp.task
            await connection.flush()
        finally:
            connection.stop()

    async def _lifespan(self, receive, send):
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.shutdown":
                for resp in self.server._open:
                    resp.task.cancel()
                if self._reaper:
                    self._reaper.cancel()
            await send({"type": kind + ".complete"})
            if kind == "lifespan.shutdown":
                return
