"""The answer: the write stream of a connection, and the functions that handlers answer with."""

import asyncio

from .compat import const, send, ticks_ms, writable
from .errors import HTTPError, reason

_NEW = const(0)  # nothing written yet
_OPEN = const(1)  # head and body still in the buffer; the framing is chosen when it is full, or at the end
_LENGTH = const(2)  # Content-Length is sent
_CHUNKED = const(3)
_CLOSE = const(4)  # the body, or raw bytes, end with the connection
_NO_BODY = const(5)  # HEAD, 204, 304: what is written is dropped

# The framing's place in the buffer, after the other header lines: it holds either field, the empty line
# and, if need be, the first chunk's size, so that every answer that fits the buffer is one send.
_SLOT = const(36)
_CHUNK_HEAD = const(6)  # "03F0\r\n"
_CHUNK_TAIL = const(7)  # "\r\n0\r\n\r\n" and no more
_TURN = const(16)  # buffers that are sent before others have their turn


class Response:
    """What a handler writes its answer to; one a connection, used again for each request on it.

    status: the status code that start_response() sends unless it is given one. headers: more header lines for
    this answer, a str whose lines each end in CRLF. Bytes written without start_response() go out as they are,
    and the connection is closed after them.
    """

    def __init__(self, server, sock):
        self._server = server
        self._sock = sock
        self.buf = None
        self.deadline = None
        self.task = None
        self.minor = 1
        self.keep = self.idle = self.broken = False
        self.reset()

    def reset(self):
        """Makes ready for the next answer on the connection."""
        self._mode = _NEW
        self._fill = self._start = self._left = self._turn = 0
        self.sent = self.head = False
        self.status = 200
        self.headers = ""

    @property
    def started(self):
        """True when something of the answer is written, even if it is still in the buffer."""
        return self._mode != _NEW or self._fill > 0 or self.sent

    def withdraw(self):
        """Takes back what is written while it is all still in the buffer. Returns False when it is too late."""
        if self.sent:
            return False
        head = self.head
        self.reset()
        self.head = head
        return True

    def close(self):
        """Closes the connection at once."""
        self._sock.close()

    # The head

    async def start(self, status, headers, length=None):
        """Writes the head: status code, header lines (a str, each line ending in CRLF), body length if known.

        Without a length the body is framed when its end or the end of the buffer is reached: Content-Length when
        it all fits, else chunks, or the end of the connection for HTTP/1.0 (RFC 9112 §6.3).
        """
        if self.started:
            raise RuntimeError("the response has already been started")
        self.status = status
        empty = status == 204 or status == 304
        known = empty or length is not None
        if not known and not self.minor:
            self.keep = False
        head = "HTTP/1.1 %d %s\r\n%s%s%s" % (status, reason(status), headers, self.headers, self._connection())
        if known:
            head += "\r\n" if length is None or status == 204 else "Content-Length: %d\r\n\r\n" % length
        await self._put(head)
        if not known:
            await self._open()
        else:
            self._mode = _NO_BODY if empty or self.head else _LENGTH
            self._left = length

    def _connection(self):
        if not self.keep:
            return "Connection: close\r\n"
        return "" if self.minor else "Connection: keep-alive\r\n"

    async def _open(self):
        if not self.minor:
            await self._put("\r\n")
            self._mode = _NO_BODY if self.head else _CLOSE
            return
        if len(self.room()) < _SLOT + 64:
            await self._send(self._fill)
        self._fill += _SLOT
        self._start = self._fill
        self._mode = _OPEN

    def _frame(self, text):
        at = self._start - _SLOT
        self.buf[0][at : at + len(text)] = text

    # The body

    def _take(self):
        if self.buf is None:
            self.buf = self._server.take()
            self._fill = 0
        return self.buf

    def room(self):
        """The free part of the buffer, a memoryview for readinto(); then call wrote(n)."""
        buf, view = self._take()
        return view[self._fill : len(buf) - _CHUNK_TAIL]

    def put(self, data):
        """Copies a str or bytes into the buffer if it fits there: True, else False and nothing is copied."""
        if isinstance(data, str):
            data = data.encode()
        buf = self._take()[0]
        end = self._fill + len(data)
        if end > len(buf) - _CHUNK_TAIL:
            return False
        if self._mode != _NO_BODY:
            buf[self._fill : end] = data
            self.wrote(end - self._fill)
        return True

    def wrote(self, n):
        """Says that n bytes were read into room()."""
        if self._mode != _NO_BODY:
            self._fill += n
            if self._mode == _LENGTH:
                self._left -= n

    async def _put(self, data):
        if self.put(data):
            return
        data = memoryview(data.encode() if isinstance(data, str) else data)
        at = 0
        while at < len(data):
            n = min(len(self.room()), len(data) - at)
            self.put(data[at : at + n])
            at += n
            if at < len(data):
                await self.flush()

    async def awrite(self, data, off=0, sz=-1):
        """Writes a str (as UTF-8) or bytes, or the sz bytes of it from off.

        Data is gathered in the connection's buffer; it goes out when that is full, at the end, and at drain().
        """
        if off or sz >= 0:
            data = memoryview(data.encode() if isinstance(data, str) else data)[
                off : off + sz if sz >= 0 else len(data)
            ]
        await self._put(data)

    async def drain(self):
        """Sends what is in the buffer now, for answers that go on for a while."""
        if self._fill:
            await self.flush()

    async def flush(self):
        """Sends the buffer; the first time, this decides how the body is framed (RFC 9112 §6)."""
        if self._mode == _OPEN:
            self._decide()
        stop = self._fill
        if self._mode == _CHUNKED:
            stop = self._end_chunk()
        await self._send(stop)
        if self._mode == _CHUNKED:
            self._fill = self._start = _CHUNK_HEAD
        self._turn += 1
        if self._turn % _TURN == 0:
            await asyncio.sleep(0)

    def _decide(self):
        if self.head:
            self._frame(b"Transfer-Encoding: chunked\r\n\r\n")
            self._fill = self._start - _CHUNK_HEAD
            self._mode = _NO_BODY
        else:
            self._frame(b"Transfer-Encoding: chunked\r\n\r\n")
            self._mode = _CHUNKED

    def _end_chunk(self):
        size = self._fill - self._start
        if not size:
            return self._fill if self._start > _CHUNK_HEAD else 0
        buf = self.buf[0]
        buf[self._start - _CHUNK_HEAD : self._start] = b"%04X\r\n" % size
        buf[self._fill : self._fill + 2] = b"\r\n"
        return self._fill + 2

    async def _send(self, stop):
        view = self.buf[1]
        at = 0
        while at < stop:
            self.sent = True
            try:
                n = send(self._sock, view[at:stop])
            except OSError:
                self.broken = True
                raise
            if n is None:
                self.deadline = ticks_ms() + self._server.write_timeout
                await writable(self._sock)
                self.deadline = None
            else:
                at += n
        self._fill = 0

    async def finish(self):
        """Ends the answer and sends what is left of it. Returns True when the connection can go on."""
        if self._mode == _NEW or (self._mode == _LENGTH and self._left):
            self.keep = False
        if self._mode == _OPEN:
            self._frame(b"Content-Length: %-16d\r\n\r\n" % (self._fill - self._start))
            if self.head:
                self._fill = self._start
        elif self._mode == _CHUNKED:
            self._fill = self._end_chunk() if self._fill > self._start else 0
            self.buf[0][self._fill : self._fill + 5] = b"0\r\n\r\n"
            self._fill += 5
        if self._fill:
            await self._send(self._fill)
        return self.keep


def header_lines(headers):
    """{"X-A": "b"}, or raw lines as bytes or str -> the lines as a str, each ending in CRLF.

    Raises ValueError for a line break in a name or value: it would start a header of somebody else's making.
    """
    if not headers:
        return ""
    if isinstance(headers, dict):
        lines = ""
        for name, value in headers.items():
            line = "%s: %s" % (name, value)
            if "\r" in line or "\n" in line:
                raise ValueError("line break in header %r" % name)
            lines += line + "\r\n"
        return lines
    return headers if isinstance(headers, str) else str(headers, "utf-8")


async def start_response(resp, content_type="text/html; charset=utf-8", status=None, headers=None):
    """Starts the answer; then write the body with resp.awrite(). `headers`: a dict, or raw lines ending in CRLF."""
    lines = "Content-Type: %s\r\n%s" % (content_type, header_lines(headers))
    await resp.start(int(status or resp.status), lines)


async def respond(resp, body, content_type="text/html; charset=utf-8", status=None, headers=None):
    """Answers with a body that is at hand, a str or bytes, in one go."""
    if isinstance(body, str):
        body = body.encode()
    lines = "Content-Type: %s\r\n%s" % (content_type, header_lines(headers))
    await resp.start(status or resp.status, lines, len(body))
    await resp.awrite(body)


async def jsonify(resp, value, status=None, headers=None):
    """Answers with `value` as JSON."""
    import json

    await respond(resp, json.dumps(value), "application/json", status, headers)


async def redirect(resp, location, status=302):
    """Sends the browser to `location`: 302, 303 after a POST, 301 and 308 for good (RFC 9110 §15.4)."""
    await resp.start(status, header_lines({"Location": location}), 0)


async def http_error(resp, status, headers=""):
    """Ends the handler: the site's error page for `status` is sent. Raises HTTPError, so nothing after it runs."""
    raise HTTPError(status, header_lines(headers))
