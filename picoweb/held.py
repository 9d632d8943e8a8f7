"""Streams that stay open when their handler has returned. Imported by the first handler that returns False."""

import asyncio

from .compat import both, const, readable, receive, send, ticks_ms, writable
from .response import Response

_CHUNKED = const(3)  # as in response.py
_NO_BODY = const(5)
_NOT_CONNECTED = const(107)

Response.writer = None  # the task that waits to write
Response.held = False


async def hold(resp):
    """Keeps the stream of a connection open for other tasks, until they close it with aclose(), or the client does.

    It has no deadlines, and holds no buffer: what is written goes out at once. To write to one that is closed raises
    OSError.
    """
    resp.keep = False
    if resp.drops():
        return
    await resp.drain()
    resp.server.lend(resp)
    resp.lock = asyncio.Lock()
    resp.awrite = resp.awritestr = lambda data, off=0, sz=-1: _write(resp, data, off, sz)
    resp.drain = lambda: _write(resp, b"", 0, -1)
    resp.aclose = lambda: _close(resp)
    resp.held = True
    trash = memoryview(bytearray(64))
    try:
        while receive(resp.sock, trash) != 0:  # what a client sends here means nothing
            await readable(resp.sock)
    except OSError:
        pass
    except asyncio.CancelledError:
        if resp.held:  # not by _stop()
            raise
    finally:
        _end(resp)


def _end(resp):
    resp.held = False
    resp.abort()
    if resp.writer:
        resp.writer.cancel()


@both
async def _write(resp, data, off, sz):
    data = memoryview(data.encode() if isinstance(data, str) else data)
    if off or sz >= 0:
        data = data[off : off + sz if sz >= 0 else len(data)]
    async with resp.lock:
        if not resp.held:
            raise OSError(_NOT_CONNECTED)
        if not len(data) or resp.mode == _NO_BODY:
            return
        if resp.mode == _CHUNKED:
            data = memoryview(b"%x\r\n%s\r\n" % (len(data), bytes(data)))
        await _send(resp, data)


async def _send(resp, data):
    try:
        while data:
            data = data[send(resp.sock, data) or 0 :]
            if data:
                resp.writer = asyncio.current_task()
                resp.deadline = ticks_ms() + resp.server.write_timeout
                await writable(resp.sock)
    except asyncio.CancelledError:
        if not resp.held:  # by _end()
            raise OSError(_NOT_CONNECTED)
        _stop(resp)
        raise
    except OSError:
        _stop(resp)
        raise
    finally:
        resp.deadline = resp.writer = None


def _stop(resp):
    if resp.held:
        resp.held = False
        resp.task.cancel()


@both
async def _close(resp):
    async with resp.lock:
        if resp.held and resp.mode == _CHUNKED:
            try:
                await _send(resp, memoryview(b"0\r\n\r\n"))
            except OSError:
                pass
        _stop(resp)
