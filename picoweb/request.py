"""What a handler sees of the request."""

import asyncio

from .compat import readable, receive, send, ticks_ms
from .errors import HTTPError
from .wire import content_length, fields, headers, request_line


class Request:
    """A request, as a handler gets it.

    method: "GET", …; a HEAD request is shown as it came. path: the decoded path, a str. qs: the raw query string,
    a str. minor: 1 for HTTP/1.1, 0 for 1.0. Read the body with `await req.read()`.
    """

    _rest = b""
    left = 0

    def __init__(self, resp, lines):
        self.method, self.path, self.qs, self.minor = request_line(lines[0])
        self.fields = fields(lines)  # what the server itself looks at: {b"name": b"value"}
        self._lines = lines
        self._resp = resp

    def __getattr__(self, name):
        """headers: all header fields as {b"name": b"value"}, names in lower case; parsed when first asked for.

        (A property would make every attribute of the class slower on MicroPython.)
        """
        if name != "headers":
            raise AttributeError(name)
        self.headers = value = headers(self._lines)
        return value

    def check(self):
        """Looks for what no handler should see. Raises HTTPError: 400 without Host (RFC 9112 §3.2), 417 for another
        expectation than 100-continue (RFC 9110 §10.1.1), and what find_body() raises."""
        found = self.fields
        if b"host" not in found:
            if self.minor:
                raise HTTPError(400)
        elif len(found) == 1:
            return
        if b"expect" in found and found[b"expect"].lower() != b"100-continue":
            raise HTTPError(417)
        if b"transfer-encoding" in found or b"content-length" in found:
            self._find_body()

    def _find_body(self):
        """The body's length (RFC 9112 §6.3).

        Raises HTTPError 400 for a bad Content-Length or both kinds of framing, 501 for another transfer coding than
        chunked, 411 for chunked.
        """
        length = self.fields.get(b"content-length")
        coding = self.fields.get(b"transfer-encoding")
        if coding is not None:
            raise HTTPError(400 if length is not None else 411 if coding.lower() == b"chunked" else 501)
        self.left = content_length(length)

    def begin_body(self, rest):
        """Takes the bytes that came after the head; returns what follows the body in them, the next request's."""
        self._rest = rest[: self.left]
        return rest[self.left :]

    async def read(self, n=-1):
        """Reads up to n bytes of the body, all of it for -1; b"" at its end.

        Raises HTTPError 413 when that is more than the server's body_limit, 400 when the body breaks off.
        """
        limit = self._resp._server.body_limit
        if n < 0 or n > self.left:
            n = self.left
        if n > limit:
            raise HTTPError(413)
        if not n:
            return b""
        body = bytearray(n)
        at = min(n, len(self._rest))
        body[:at] = self._rest[:at]
        self._rest = self._rest[at:]
        if at < n:
            await self._continue()
            await self._fill(memoryview(body), at)
        self.left -= n
        return bytes(body)

    async def _continue(self):
        """Says that the body may come, to a client that waits for that (RFC 9110 §10.1.1)."""
        if self.minor and self.fields.pop(b"expect", b"").lower() == b"100-continue" and not self._resp.started():
            send(self._resp._sock, b"HTTP/1.1 100 Continue\r\n\r\n")

    async def _fill(self, view, at):
        resp = self._resp
        resp.deadline = ticks_ms() + resp._server.body_timeout
        try:
            while at < len(view):
                n = receive(resp._sock, view[at:])
                if n is None:
                    await readable(resp._sock)
                elif n == 0:
                    raise HTTPError(400)
                else:
                    at += n
        except asyncio.CancelledError:
            raise HTTPError(408) if resp.deadline is None else asyncio.CancelledError
        except OSError:
            resp.broken = True
            raise
        resp.deadline = None

    async def skip(self):
        """Reads a small rest of the body that the handler left. Returns False when it is too much to be worth it."""
        if self.left > 4096 or (b"expect" in self.fields and self.left):
            return False
        await self.read()
        return True
