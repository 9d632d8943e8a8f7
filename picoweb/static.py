"""Files: codings and validators. A URL never becomes a file path: only what the build listed can be served."""

import asyncio

from .compat import const
from .wire import has_item

_CACHED = const(8)
_TURN = const(16)  # buffers that are sent before others have their turn
_heads = {}  # the header lines of the files that were asked for last


def _accepts_gzip(field):
    global _accepts_gzip
    from .codings import accepts_gzip

    _accepts_gzip = accepts_gzip  # the next one finds it at once
    return accepts_gzip(field)


def is_current(field, etag):
    """True when If-None-Match names this strong ETag, in weak form or as "*" too (RFC 9110 §13.1.2)."""
    if field is None:
        return False
    return field == b"*" or has_item(field.replace(b"W/", b""), etag.encode())


def _lines(route, coded):
    """The header lines of a file, or of its gzip'd form, and those of a 304; they are put together once."""
    name = route[6] if coded else route[4]
    key = name, route[3]
    if key not in _heads:
        if len(_heads) >= _CACHED:
            _heads.clear()
        kind = "Content-Type: %s\r\n%s" % (route[3], "Content-Encoding: gzip\r\n" if coded else "")
        more = '%sETag: "%s"\r\n' % ("Vary: Accept-Encoding\r\n" if route[6] else "", name)
        _heads[key] = (kind + more).encode(), more
    return _heads[key]


async def respond(app, req, resp, route, params):
    """Sends a file: ["f", methods, headers, type, name, size, name of the gzip'd file or null, its size]."""
    fields = req.fields
    coded = route[6] and _accepts_gzip(fields.get(b"accept-encoding"))
    name, size = route[6:] if coded else route[4:6]
    lines, lines_304 = _lines(route, coded)
    status = resp.status
    start, length = 0, size
    if status == 200:
        if b"if-none-match" in fields and is_current(fields[b"if-none-match"], '"%s"' % name):
            return resp.start(304, lines_304)
        if b"range" in fields and req.method == "GET":
            from .ranges import select

            part = select(fields, '"%s"' % name, size)
            if part:
                start, length = part
                status = 206
                lines += b"Content-Range: bytes %d-%d/%d\r\n" % (start, start + length - 1, size)
    resp.start(status, lines, length)
    if not resp.head:
        await send_file(resp, "site/" + name, length, start)


async def send_file(resp, path, size, start=0):
    """Writes `size` bytes of a file, from `start` on, as the body of an answer of that length: through the connection's
    own buffer, all of it."""
    view = resp.view
    at = resp.fill
    turn = 0
    with open(path, "rb") as f:
        if start:
            f.seek(start)
        while True:
            n = f.readinto(view[at : at + size])
            if not n:
                break
            at += n
            size -= n
            if not size:
                break
            done = resp.send_some(0, at)
            if done < at:
                await resp.send(done, at)
            at = 0
            turn += 1
            if turn % _TURN == 0:
                await asyncio.sleep(0)
    resp.rest_is(at, size)
