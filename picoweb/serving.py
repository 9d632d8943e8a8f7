"""Serving beside other tasks, and its end. Imported by the first start() or shutdown()."""

import asyncio

from .boot import prepare
from .compat import DONE, has_input, ticks_diff, ticks_ms
from .response import Response
from .server import Server

if not hasattr(Response, "held"):
    Response.held = False


async def start(app, host="127.0.0.1", port=8081, debug=False, lazy_init=False, log=None, **limits):
    """Serves beside your own tasks: returns when it listens; shutdown() ends it. Arguments as for run()."""
    prepare(app, debug, lazy_init, log)
    app.serving = server = Server(app, **limits)
    server.listen(host, port)
    server.task = asyncio.create_task(server.run())


def shutdown(app, seconds=5):
    """Ends run() or start(): no new connections from now on; those at rest end, and streams that are kept open;
    answers on their way have so many seconds to go out.

    Awaitable, returns when all have ended; a handler that calls it must not await it, for its own is one of them.
    """
    server = app.serving
    if server is None:
        return DONE
    app.serving = None
    server.ending = asyncio.create_task(_stop(server, int(seconds * 1000)))
    return server.ending


async def _stop(server, time):
    server.task.cancel()
    start = ticks_ms()
    while server._open and ticks_diff(ticks_ms(), start) < time:
        for resp in list(server._open):
            if resp.held or (resp.idle is not None and not has_input(resp.sock)):
                resp.task.cancel()
            resp.keep = False
        await asyncio.sleep(0.01)
