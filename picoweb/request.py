"""What a handler sees of the request."""

from .errors import HTTPError
from .wire import content_length, fields, request_line

UNKNOWN = -1


class Request:
    """A request, as a handler gets it.

    method: "GET", …; a HEAD request is shown as it came. path: the decoded path, a str. qs: the raw query string,
    a str. minor: 1 for HTTP/1.1, 0 for 1.0. fields: what the server itself looks at of the head, {b"name": b"value"}.
    left: the bytes of the body that are not read yet, UNKNOWN for one in chunks. Read it with `await req.read()`.
    """

    left = 0
    chunk = 0  # of a body in chunks: the bytes of the current one that are not read yet
    rest = b""
    continued = False

    def __init__(self, resp, line, block, found):
        self.method, self.path, self.qs, self.minor = request_line(line)
        self.fields = found
        self._block = block
        self.resp = resp

    def __getattr__(self, name):
        """headers: all header fields as {b"name": b"value"}, names in lower case; parsed when first asked for.

        (A property would make every attribute of the class slower on MicroPython.)
        """
        if name != "headers":
            raise AttributeError(name)
        self.headers = value = fields(self._block, None)[0]
        return value

    def check(self):
        """Looks for what no handler should see, and for the body's length (RFC 9112 §6.3).

        Raises HTTPError: 400 without Host (RFC 9112 §3.2), for a bad Content-Length, both kinds of framing, or chunks
        in HTTP/1.0; 417 for another expectation than 100-continue (RFC 9110 §10.1.1); 501 for another transfer coding
        than chunked (RFC 9112 §6.1).
        """
        found = self.fields
        if b"host" not in found:
            if self.minor:
                raise HTTPError(400)
        elif len(found) == 1:
            return
        if b"expect" in found and found[b"expect"].lower() != b"100-continue":
            raise HTTPError(417)
        if b"content-length" in found:
            self.left = content_length(found[b"content-length"])
        if b"transfer-encoding" in found:
            if b"content-length" in found or not self.minor:
                raise HTTPError(400)
            if found[b"transfer-encoding"].lower() != b"chunked":
                raise HTTPError(501)
            self.left = UNKNOWN

    def begin_body(self, rest):
        """Takes the bytes that came after the head; returns what follows the body in them, the next request's."""
        if self.left <= 0:  # in chunks; or none, and what follows may be a protocol's that the handler changes to
            self.rest = rest
            return b""
        self.rest = rest[: self.left]
        return rest[self.left :]

    async def read(self, n=-1):
        """Reads up to n bytes of the body, all of it for -1; b"" at its end.

        Raises HTTPError 413 when that is more than the server's body_limit, 400 when the body breaks off or its
        chunks are malformed, 408 when it does not come in time.
        """
        from .body import read

        Request.read = read  # the next one finds it at once
        return await read(self, n)

    async def skip(self):
        """Reads a small rest of the body that the handler left. Returns False when it is too much to be worth it, or
        does not come."""
        from .body import skip

        Request.skip = skip
        return await skip(self)
