"""Bodies of requests in chunks (RFC 9112 §7.1). Imported when the first one is read."""

from .body import bad, fill, take
from .errors import HTTPError

_LINE_LIMIT = 256
_READ = 256


async def read(req, n, limit):
    """Reads up to n bytes of a body in chunks, all of it for -1. `limit`: the longest that is read at once."""
    if n > limit:
        raise HTTPError(413)
    body = bytearray()
    while n < 0 or len(body) < n:
        if not req.chunk and not await _next_chunk(req):
            break
        if n < 0 and len(body) + req.chunk > limit:
            raise bad(req, 413)
        size = req.chunk if n < 0 else min(req.chunk, n - len(body))
        part = bytearray(size)
        await fill(req, memoryview(part))
        req.chunk -= size
        body.extend(part)
        if not req.chunk and await _line(req):
            raise bad(req, 400)
    return bytes(body)


async def _next_chunk(req):
    """Reads a chunk's size; at the last one also the trailers, which are dropped. Returns False then."""
    if req.left == 0:
        return False
    digits = (await _line(req)).split(b";")[0].rstrip(b" \t")
    try:
        if not 0 < len(digits) <= 8:
            raise ValueError
        req.chunk = _hexadecimal(digits)
    except ValueError:
        raise bad(req, 400)
    if req.chunk:
        return True
    size = 0
    line = b" "
    while line:
        line = await _line(req)
        size += len(line)
        if size > 1024:
            raise bad(req, 431)
    req.left = 0
    return False


async def _line(req):
    """The next line, without its CRLF. Raises HTTPError 400 for one that is too long, or ends in LF alone."""
    while True:
        end = req.rest.find(b"\n")
        if end >= 0:
            line = req.rest[:end]
            req.rest = req.rest[end + 1 :]
            if not line.endswith(b"\r") or b"\r" in line[:-1]:
                raise bad(req, 400)
            return line[:-1]
        if len(req.rest) > _LINE_LIMIT:
            raise bad(req, 400)
        part = bytearray(_READ)
        n = await take(req, memoryview(part))
        req.rest += part[:n]


def _hexadecimal(digits):
    """b"1F" -> 31. Only hexadecimal digits: no sign, no space, no underscore. Raises ValueError."""
    for c in digits:
        if not (48 <= c <= 57 or 65 <= c <= 70 or 97 <= c <= 102):
            raise ValueError("bad digit")
    return int(str(digits, "ascii"), 16)
