"""Bodies of requests. Imported when the first one is read."""

import asyncio

from .compat import both, const, readable, receive, send, ticks_ms
from .errors import HTTPError

_SKIP = const(4096)


@both
async def read(req, n=-1):
    """Reads up to n bytes of a request's body, all of it for -1; see Request.read()."""
    if not req.left:
        return b""
    limit = req.resp.server.body_limit
    if req.left < 0:
        from .chunks import read

        return await read(req, n, limit)
    if n < 0 or n > req.left:
        n = req.left
    if n > limit:
        raise HTTPError(413)
    if n <= len(req.rest):  # it came with the head
        body = req.rest[:n]
        req.rest = req.rest[n:]
        req.left -= n
        return body
    body = bytearray(n)
    await fill(req, memoryview(body))
    req.left -= n
    return bytes(body)


async def fill(req, view):
    """Fills a memoryview with the next bytes from the client, whatever they mean."""
    at = min(len(view), len(req.rest))
    view[:at] = req.rest[:at]
    req.rest = req.rest[at:]
    while at < len(view):
        at += await take(req, view[at:])


async def take(req, view):
    """Reads what comes next into a memoryview, at least one byte; returns their number."""
    resp = req.resp
    _continue(req)
    resp.deadline = ticks_ms() + resp.server.body_timeout
    try:
        while True:
            n = receive(resp.sock, view)
            if n:
                resp.deadline = None
                return n
            if n == 0:
                resp.broken = True
                raise bad(req, 400)
            await readable(resp.sock)
    except asyncio.CancelledError:
        raise bad(req, 408) if resp.deadline is None else asyncio.CancelledError
    except OSError:
        resp.broken = True
        raise


def bad(req, status):
    """The HTTPError for a body after which no other request can be found: the connection ends with its answer."""
    req.resp.keep = False
    return HTTPError(status)


def _continue(req):
    """Says that the body may come, to a client that waits for that (RFC 9110 §10.1.1)."""
    if not req.continued and req.minor and b"expect" in req.fields and not req.resp.started():
        send(req.resp.sock, b"HTTP/1.1 100 Continue\r\n\r\n")
    req.continued = True


async def skip(req):
    """Reads a small rest of a body; see Request.skip()."""
    if req.left > _SKIP or (b"expect" in req.fields and not req.continued):
        return False
    size = 0
    try:
        while req.left and size < _SKIP:
            size += len(await read(req, 256))
    except (HTTPError, OSError):
        pass
    return not req.left
