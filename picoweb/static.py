"""Files: encodings and validators. A URL never becomes a file path: only what the build listed can be served."""

import asyncio
import json
import struct

from .compat import const, crc32
from .wire import has_item

_CACHED = const(8)
_TURN = const(16)  # buffers that are sent before others have their turn
_cache = {}


def lookup(name, buckets, key):
    """The route of `key` in a directory's index, None when it has none.

    The index is a file of the bundle: `buckets` + 1 offsets (uint32, little endian), then lines of key, tab, route
    as JSON. The line is in the bucket crc32(key) % buckets. So a directory costs no heap, however large it is; the
    few routes that were asked for last are kept.
    """
    route = _cache.get((name, key))
    if route is None:
        route = _read(name, buckets, key.encode())
        if route is not None:
            if len(_cache) >= _CACHED:
                _cache.clear()
            _cache[name, key] = route
    return route


def _read(name, buckets, key):
    with open("site/" + name, "rb") as f:
        f.seek(crc32(key) % buckets * 4)
        start, stop = struct.unpack("<II", f.read(8))
        f.seek(start)
        for line in f.read(stop - start).split(b"\n"):
            path, _, route = line.partition(b"\t")
            if path == key and route:
                return json.loads(route)


def accepts_gzip(field):
    """True when Accept-Encoding allows gzip (RFC 9110 §12.5.3); None, no such field, does not."""
    others = False
    for item in (field or b"").lower().split(b","):
        coding, _, weight = item.replace(b" ", b"").partition(b";q=")
        allowed = not weight or weight.strip(b"0.") != b""
        if coding in (b"gzip", b"x-gzip"):
            return allowed
        if coding == b"*":
            others = allowed
    return others


def is_current(field, etag):
    """True when If-None-Match names this strong ETag, in weak form or as "*" too (RFC 9110 §13.1.2)."""
    if field is None:
        return False
    return field == b"*" or has_item(field.replace(b"W/", b""), etag.encode())


async def respond(app, req, resp, route, params):
    """Sends a file: ["f", methods, headers, type, name, size, name of the gzip'd file or null, its size]."""
    _, _, _, kind, name, size, gz, gz_size = route
    more = ""
    if gz:
        more = "Vary: Accept-Encoding\r\n"
        if accepts_gzip(req.fields.get(b"accept-encoding")):
            name, size = gz, gz_size
            kind += "\r\nContent-Encoding: gzip"
    etag = '"%s"' % name
    more += "ETag: %s\r\n" % etag
    if resp.status == 200 and is_current(req.fields.get(b"if-none-match"), etag):
        return resp.start(304, more)
    status = resp.status
    start, length = 0, size
    if b"range" in req.fields and status == 200 and req.method == "GET":
        from .ranges import select

        part = select(req.fields, etag, size)
        if part:
            start, length = part
            status = 206
            more += "Content-Range: bytes %d-%d/%d\r\n" % (start, start + length - 1, size)
    resp.start(status, "Content-Type: %s\r\n%s" % (kind, more), length)
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
