"""What a handler sees of the request."""

import asyncio

from .compat import readable, receive, send, ticks_ms
from .errors import HTTPError
from .wire import content_length, headers


class Request:
    """A request, as a handler gets it.

    method: "GET", …; a HEAD request is shown as it came. path: the decoded path, a str. qs: the raw query string,
    a str. minor: 1 for HTTP/1.1, 0 for 1.0. Read the body with `await req.read()`.
    """

    def __init__(self, line, fields):
        self.method, self.path, self.qs, self.minor = line
        self.fields = fields  # what the server itself looks at: {b"name": b"value"}
        self.head = None  # the raw header lines, kept for those who ask for `headers`
        self._headers = None
        self._resp = None
        self._rest = b""
        self.left = 0

    @property
    def headers(self):
        """All header fields as {b"name": b"value"}, names in lower case; parsed when first asked for."""
        if self._headers is None:
            self._headers = self.fields if self.head is None else headers(self.head, 0, len(self.head))
        return self._headers

    def attach_body(self, resp, rest):
        """Finds the body's length (RFC 9112 §6.3); `rest`: the bytes that came after the head. Returns what
        follows the body in them: the next request's first bytes.

        Raises HTTPError 400 for a bad Content-Length or both kinds of framing, 501 for another transfer coding than
        chunked, 411 for chunked.
        """
        self._resp = resp
        length = self.fields.get(b"content-length")
        coding = self.fields.get(b"transfer-encoding")
        if self.fields.get(b"expect", b"100-continue").lower() != b"100-continue":
            raise HTTPError(417)
        if coding is not None:
            raise HTTPError(400 if length is not None else 411 if coding.lower() == b"chunked" else 501)
        self.left = content_length(length) if length is not None else 0
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
        if self.minor and self.fields.pop(b"expect", b"").lower() == b"100-continue" and not self._resp.started:
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
