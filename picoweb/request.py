"""What a handler sees of the request."""

from .compat import both, const
from .errors import HTTPError
from .wire import content_length, fields, has_item, is_host, request_line

UNKNOWN = -1

# A head is read into a tuple, which requests with the same bytes share: the head, its size, the length of the body that
# follows, whether the connection is kept, then what is at these places, with whether the method is HEAD among it; last,
# where in the head its fields begin.
_PLACES = {"minor": 4, "method": 6, "path": 7, "qs": 8, "fields": 9}
_FIRST = const(10)


class Request:
    """A request, as a handler gets it.

    method: "GET", …; a HEAD request is shown as it came. path: the decoded path, a str. qs: the raw query string,
    a str. minor: 1 for HTTP/1.1, 0 for 1.0. fields: what the server itself looks at of the head, {b"name": b"value"}.
    left: the bytes of the body that are not read yet, UNKNOWN for one in chunks. Read it with `await req.read()`.
    """

    left = 0
    rest = b""
    continued = False
    chunk = 0  # of a body in chunks: the bytes of the current one that are not read yet

    def __init__(self, resp, known):
        # No more attributes: for these two an instance has room at once, and others are asked for less often.
        self.resp = resp
        self.known = known

    def __getattr__(self, name):
        """What is known of the head, and what is found out when it is first asked for, see attributes.py.

        (A property would make every attribute of the class slower on MicroPython.)
        """
        if name in _PLACES:
            return self.known[_PLACES[name]]
        if name == "block":
            return self.known[0][self.known[_FIRST] :]
        from .attributes import attribute

        return attribute(self, name)

    def unanswered(self):
        """Raises RuntimeError: the handler wrote no answer."""
        raise RuntimeError("the handler of %s wrote no answer" % self.path)

    def begin_body(self, left, rest):
        """Takes the bytes that came after the head; returns what follows the body in them, the next request's."""
        if not left:
            self.rest = rest  # for handlers that go on in another protocol
            return rest
        self.left = left
        if left == UNKNOWN:
            self.rest = rest
            return b""
        self.rest = rest[:left]
        return rest[left:]

    @both
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
        does not come, or this is a site where none is read."""
        try:
            from .body import skip
        except ImportError:  # such a site has no module for it
            return False
        Request.skip = skip
        return await skip(self)


def read_head(view, start, stop, last):
    """What the head in view[start:stop] says, as above; what follows it up to `stop` is not looked at.

    Browsers send the same fields again and again: with those of `last`, a head that was read before, they are not
    parsed again. Raises HTTPError.
    """
    head = bytes(view[:stop])
    at = head.find(b"\r\n", start)
    method, path, qs, minor = request_line(head[start:at])
    at += 2
    block = head[at:]
    if len(last) > 2 and block == last[0][last[_FIRST] :] and minor == last[4]:
        return head, stop, last[2], last[3], minor, method == "HEAD", method, path, qs, last[9], at
    found, size = fields(block)
    if not is_host(found.get(b"host", b"")):
        raise HTTPError(400)
    keep = minor > 0
    if b"connection" in found:
        connection = found[b"connection"]
        keep = not has_item(connection, b"close") and (keep or has_item(connection, b"keep-alive"))
    size += at
    left = body_length(found, minor)
    return head[:size], size, left, keep, minor, method == "HEAD", method, path, qs, found, at


def body_length(found, minor):
    """The length of a request's body, UNKNOWN for one in chunks (RFC 9112 §6.3), after a look for what no handler
    should see.

    Raises HTTPError: 400 without Host (RFC 9112 §3.2), for a bad Content-Length, both kinds of framing, or chunks in
    HTTP/1.0; 417 for another expectation than 100-continue (RFC 9110 §10.1.1); 501 for another transfer coding than
    chunked (RFC 9112 §6.1).
    """
    if b"host" not in found and minor:
        raise HTTPError(400)
    if b"expect" in found and found[b"expect"].lower() != b"100-continue":
        raise HTTPError(417)
    left = content_length(found[b"content-length"]) if b"content-length" in found else 0
    if b"transfer-encoding" in found:
        if b"content-length" in found or not minor:
            raise HTTPError(400)
        if found[b"transfer-encoding"].lower() != b"chunked":
            raise HTTPError(501)
        left = UNKNOWN
    return left
