"""The answer: the write stream of a connection, and the functions that handlers answer with."""

import asyncio
import json
from builtins import int, isinstance, len, str  # found at once; those that are not named here cost a search of 1,000

from .compat import DONE, both, const, ticks_ms, writable
from .errors import HTTPError, reason

_NEW = const(0)  # nothing written yet
_OPEN = const(1)  # head and body still in the buffer; the framing is chosen when it is full, or at the end
_LENGTH = const(2)  # Content-Length is sent
_CHUNKED = const(3)
_CLOSE = const(4)  # the body, or raw bytes, end with the connection
_NO_BODY = const(5)  # HEAD, 204, 304: what is written is dropped
_RAW = const(6)  # bytes without a head from us, of which some are sent

# The framing's place in the buffer, after the other header lines: it holds either field, the empty line
# and, if need be, the first chunk's size, so that every answer that fits the buffer is one send.
_SLOT = const(36)
_NUMBER = const(20)  # what of it follows "Content-Length: "
_CHUNK_HEAD = const(6)  # "03F0\r\n"
_CHUNK_TAIL = const(7)  # "\r\n0\r\n\r\n" and no more
_OK = b"HTTP/1.1 200 OK\r\n"
_LENGTH_NAME = b"Content-Length: "
_CLOSE_LINE = b"Connection: close\r\n"
_HTML = "text/html; charset=utf-8"
_TURN = const(16)  # buffers that are sent before others have their turn
_HEADS = const(4)  # content types that are remembered

_kept = {}  # content type: the head of plain answers up to their length, the last one's length, and its whole head
_closing = {}  # the same for connections that end with it


class Response:
    """What a handler writes its answer to; one a connection, used again for each request on it.

    status: the status code that start_response() sends unless it is given one. headers: more header lines for
    this answer, a str whose lines each end in CRLF. Bytes written without start_response() go out as they are,
    and the connection is closed after them.
    """

    # What each request sets is set on the instance: there it is found four times as fast as in the class.
    buf = view = None  # the buffer of a busy connection, a bytearray, and a memoryview of it
    _mark = 0  # where in the buffer the body begins, or will end when its length is known; in the end, what is sent
    limit = 2048 - _CHUNK_TAIL  # how far the buffer can be filled
    idle = None  # since when it rests between two requests, in milliseconds
    deadline = None
    task = None
    minor = 1
    keep = head = served = broken = False
    _turn = 0

    def __init__(self, server, sock):
        self.server = server
        self.sock = sock
        limit = server.buffer - _CHUNK_TAIL
        if limit != self.limit:  # the less attributes of its own, the less time it takes to make one
            self.limit = limit

    def __getattr__(self, name):
        from .methods import of_response

        return of_response(self, name)

    def reset(self):
        """Makes ready for the next answer on the connection."""
        self.mode = _NEW
        self.fill = 0
        self.sent = False
        self.status = 200
        self.headers = ""

    def started(self):
        """True when something of the answer is written, even if it is still in the buffer."""
        return self.mode != _NEW or self.fill > 0 or self.sent

    def withdraw(self):
        """Takes back what is written while it is all still in the buffer. Returns False when it is too late."""
        if self.sent:
            return False
        self.reset()
        return True

    def abort(self):
        """Leaves an answer unfinished, so that the client can tell: the connection is closed after what was sent."""
        self.keep = False
        self.mode = _NO_BODY
        self.fill = 0

    def close(self):
        """Closes the connection at once."""
        self.sock.close()

    # The head

    def start(self, status, headers, length=None):
        """Writes the head: status code, header lines (a str, each line ending in CRLF), body length if known.

        Without a length the body is framed when its end or the end of the buffer is reached: Content-Length when
        it all fits, else chunks, or the end of the connection for HTTP/1.0 (RFC 9112 §6.3). Raises ValueError when
        the head does not fit the buffer.
        """
        if self.mode or self.fill:
            raise RuntimeError("the response has already been started")
        self.status = status
        if isinstance(headers, str):
            headers = headers.encode()
        if self.headers:
            headers += self.headers.encode()
        if status == 205:
            length = 0
        empty = status == 204 or status == 205 or status == 304
        if length is None and (empty or not self.minor):
            self.keep = self.keep and empty
        line = _OK if status == 200 else b"HTTP/1.1 %d %s\r\n" % (status, reason(status).encode())
        more = _CLOSE_LINE
        if self.keep:
            more = b"" if self.minor else b"Connection: keep-alive\r\n"
        head = b"".join((line, headers, more))
        if length is None and (empty or not self.minor):
            _begin(self, head + b"\r\n", 0)
            self.mode = _NO_BODY if empty or self.head else _CLOSE
        elif length is None:
            _begin(self, head + _LENGTH_NAME, None)
        else:
            _begin(self, head + _LENGTH_NAME + b"%d\r\n\r\n" % length, length)
            if empty:
                self.mode = _NO_BODY

    # The body

    def rest_is(self, fill, left):
        """For those who send from the buffer themselves: buf[:fill] is still to be sent, and `left` bytes of the
        promised length do not come."""
        self.fill = self._mark = fill
        if left:
            self.abort()

    def put(self, data):
        """Copies a str or bytes into the buffer if it fits there: True, else False and nothing is copied."""
        if isinstance(data, str):
            data = data.encode()
        at = self.fill
        end = at + len(data)
        if end > self.limit:
            return False
        if self.mode != _NO_BODY:
            self.buf[at:end] = data
            self.fill = end
        return True

    def drops(self):
        """True when what is written goes nowhere: the answer to HEAD, or one that has no body."""
        return self.mode == _NO_BODY

    @both
    async def _put_long(self, data):
        data = memoryview(data.encode() if isinstance(data, str) else data)
        at = 0
        while at < len(data):
            n = min(self.limit - self.fill, len(data) - at)
            self.put(data[at : at + n])
            at += n
            if at < len(data) or not self.mode:
                await self.flush()

    def awrite(self, data, off=0, sz=-1):
        """Awaitable: writes a str (as UTF-8) or bytes, or the sz bytes of it from off.

        Data is gathered in the connection's buffer; it goes out when that is full, at the end, and at drain(). At once
        goes what is written without start_response(), and to a text/event-stream.
        """
        if off or sz >= 0:
            data = data.encode() if isinstance(data, str) else data
            data = memoryview(data)[off : off + sz if sz >= 0 else len(data)]
        elif isinstance(data, str):
            data = data.encode()
        at = self.fill
        end = at + len(data)
        if end > self.limit:
            return self._put_long(data)
        if self.mode != _NO_BODY:  # as put() does: its call would be a fourth of all this
            self.buf[at:end] = data
            self.fill = end
        return DONE if self.mode and self.mode != _RAW else self.drain()

    @both
    async def drain(self):
        """Sends what is in the buffer now, for answers that go on for a while."""
        if self.fill:
            await self.flush()

    async def flush(self):
        """Sends the buffer; the first time, this decides how the body is framed (RFC 9112 §6)."""
        if self.mode == _OPEN:
            at = self._mark
            self.buf[at - _SLOT : at - _CHUNK_HEAD] = b"Transfer-Encoding: chunked\r\n\r\n"
            if self.head:
                self.fill = at - _CHUNK_HEAD
                self.mode = _NO_BODY
            else:
                self.mode = _CHUNKED
        elif self.mode == _NEW:
            self.mode = _RAW
        stop = self.fill
        if self.mode == _CHUNKED:
            stop = self._end_chunk()
        elif self.mode == _LENGTH:
            if stop > self._mark:  # more than was promised would be taken for the next answer
                stop = self._mark
                self.keep = False
            self._mark -= stop
        await self.send(0, stop)
        self.fill = 0
        if self.mode == _CHUNKED:
            self.fill = self._mark = _CHUNK_HEAD
        self._turn += 1
        if self._turn % _TURN == 0:
            await asyncio.sleep(0)

    def _end_chunk(self):
        """Puts the size and the end to a chunk; returns where it stops."""
        size = self.fill - self._mark
        if not size:  # before the first bytes of a body: the head alone, without a chunk's size
            return self.fill - _CHUNK_HEAD
        self.buf[self._mark - _CHUNK_HEAD : self._mark] = b"%04X\r\n" % size
        self.buf[self.fill : self.fill + 2] = b"\r\n"
        return self.fill + 2

    def send_some(self, at, stop):
        """Sends what the socket takes now of buf[at:stop]; returns where to go on."""
        self.sent = True
        try:
            return at + (self.sock.write(self.buf, at, stop - at) or 0)
        except OSError:
            self.broken = True
            raise

    async def send(self, at, stop):
        """Sends buf[at:stop], waiting while the socket is full."""
        while at < stop:
            at = self.send_some(at, stop)
            if at < stop:
                self.deadline = ticks_ms() + self.server.write_timeout
                await writable(self.sock)
                self.deadline = None

    def end(self):
        """Ends the answer, and sends what the socket takes of it now. Returns True when that was all, else go on with
        send_rest()."""
        mode = self.mode
        fill = self.fill
        if mode == _LENGTH:
            if fill != self._mark:
                self.keep = False
                self.fill = fill = min(fill, self._mark)
        elif mode == _OPEN:
            at = self._mark
            self.buf[at - _NUMBER : at] = b"%-16d\r\n\r\n" % (fill - at)
            if self.head:
                self.fill = fill = at
        elif mode == _CHUNKED:
            fill = self._end_chunk()
            self.buf[fill : fill + 5] = b"0\r\n\r\n"
            self.fill = fill = fill + 5
        elif mode != _NO_BODY:
            self.keep = False
        done = self.sock.write(self.buf, 0, fill) if fill else 0
        if done == fill:
            return True
        self._mark = done or 0
        return False

    async def send_rest(self):
        """Sends what end() could not."""
        await self.send(self._mark, self.fill)


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


def _lines(content_type, headers):
    """The header lines of an answer, and its length if `headers` says it: a Content-Length beside our own framing would
    break that (RFC 9112 §6.3)."""
    lines = b"Content-Type: " + content_type.encode() + b"\r\n"
    length = None
    if headers:
        for line in header_lines(headers).split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
            elif line:
                lines += line.encode() + b"\r\n"
    return lines, length


def _begin(resp, head, length):
    """Writes a head; one that lacks its length when that is None."""
    at = len(head)
    if at > resp.limit - _NUMBER:
        raise ValueError("the headers do not fit the buffer")
    resp.buf[:at] = head
    if length is None:
        resp.fill = resp._mark = at + _NUMBER
        resp.mode = _OPEN
    else:
        resp.fill = at
        resp._mark = at + length
        resp.mode = _NO_BODY if resp.head else _LENGTH


def _plain(resp, content_type, status, headers, length):
    """The head of a plain answer, 200 without lines of its own: it is remembered. None for another answer."""
    if status or headers or resp.headers or resp.status != 200 or not resp.minor:
        return None
    if resp.mode or resp.fill:
        raise RuntimeError("the response has already been started")
    heads = _kept if resp.keep else _closing
    if content_type not in heads:
        if len(heads) >= _HEADS:
            heads.clear()
        line = b"" if resp.keep else _CLOSE_LINE
        head = _OK + _lines(content_type, None)[0] + line + _LENGTH_NAME
        heads[content_type] = head, None, head
    head, last, whole = heads[content_type]
    if length is None:
        return head
    if length != last:  # most pages are as long as they were
        whole = head + b"%d\r\n\r\n" % length
        heads[content_type] = head, length, whole
    return whole


def start_response(resp, content_type=_HTML, status=None, headers=None):
    """Awaitable: starts the answer; then write the body with resp.awrite().

    status: a number, or a str of one. headers: a dict, or raw lines that each end in CRLF, as str or bytes. Raises
    RuntimeError when an answer has been started, ValueError for a line break in a header.
    """
    if content_type == "text/event-stream":
        resp.at_once()
    head = _plain(resp, content_type, status, headers, None)
    if head:
        _begin(resp, head, None)
    else:
        lines, length = _lines(content_type, headers)
        resp.start(int(status or resp.status), lines, length)
    return DONE


def respond(resp, body, content_type=_HTML, status=None, headers=None):
    """Awaitable: answers with a body that is at hand, a str or bytes, in one go."""
    if isinstance(body, str):
        body = body.encode()
    size = len(body)
    head = _plain(resp, content_type, status, headers, size)
    if head:
        at = len(head)
        end = at + size
        if end <= resp.limit and not resp.head:  # what _begin() and awrite() do, without their calls
            buf = resp.buf
            buf[:at] = head
            buf[at:end] = body
            resp.fill = resp._mark = end
            resp.mode = _LENGTH
            return DONE
        _begin(resp, head, size)
    else:
        resp.start(int(status or resp.status), _lines(content_type, headers)[0], size)
    return resp.awrite(body)


def jsonify(resp, value, status=None, headers=None):
    """Awaitable: answers with `value` as JSON."""
    return respond(resp, json.dumps(value), "application/json", status, headers)


def redirect(resp, location, status=302):
    """Awaitable: sends the browser to `location`; 303 after a POST, 301 and 308 for good (RFC 9110 §15.4)."""
    resp.start(status, header_lines({"Location": location}), 0)
    return DONE


def http_error(resp, status, headers=""):
    """Ends the handler: the site's error page for `status` is sent. Raises HTTPError, so nothing after it runs."""
    raise HTTPError(int(status), header_lines(headers))
