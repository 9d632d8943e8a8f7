"""WebSockets (RFC 6455): messages both ways over one connection. Loaded by programs that import it.

    @app.route("/echo")
    @websocket.websocket
    async def echo(req, ws):
        while True:
            await ws.send(await ws.receive())

Extensions, such as compression, are not offered: a client that asks for them goes on without.
"""

import asyncio

from .compat import const, send, ticks_ms
from .frames import Closed, check_handshake, close_reason, decode, parse_head, unmask
from .peer import Peer

_FIN = const(128)
_TEXT = const(1)
_BINARY = const(2)
_CLOSE = const(8)
_PING = const(9)
_PONG = const(10)
_READ = const(256)
_LEAST = const(288)  # of the connection's buffer: half of it holds a control frame
_TURN = const(16)  # frames that are read before others have their turn


async def accept(req, resp, origins=None, protocols=(), limit=None, ping=20):
    """Answers the handshake; returns the WebSocket.

    origins: the sites whose pages may connect, such as ["https://example.org"], "*" for all; None: the page's own
    host. Clients that are no browsers send no Origin, and may. protocols: the subprotocols that the handler speaks,
    best first; ws.protocol is the one the client knows too, or None. limit: the longest message in bytes, else the
    server's body_limit. ping: seconds of silence after which receive() asks the client for a sign of life; 0: never.

    Raises HTTPError: 426 for a request that is no WebSocket's (RFC 6455 §4.4), 400 for a malformed one, 403 for
    another origin. When the handler is done it should await ws.close().
    """
    lines = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n" % check_handshake(req, origins)
    if len(resp.buf) < _LEAST:
        raise ValueError("websockets need a buffer of %d bytes or more: Server(buffer=…)" % _LEAST)
    offered = [name.strip() for name in req.headers.get(b"sec-websocket-protocol", b"").split(b",")]
    chosen = [name for name in protocols if name.encode() in offered]
    if chosen:
        lines += b"Sec-WebSocket-Protocol: %s\r\n" % chosen[0].encode()
    resp.keep = False
    resp.status = 101
    await resp.awrite(b"HTTP/1.1 101 Switching Protocols\r\n%s%s\r\n" % (lines, resp.headers.encode()))
    await resp.drain()
    ws = WebSocket(resp, req.rest, resp.server.body_limit if limit is None else limit, ping * 1000)
    ws.protocol = chosen[0] if chosen else None
    return ws


def websocket(func=None, **options):
    """Decorator: makes a handler of `async def chat(req, ws)`; the parts of the path arrive as its arguments.

    Its end closes with 1000, its exception with 1011 and a traceback in the log, the server's end with 1001. Closed,
    which ws.receive() and ws.send() raise when the client has gone, needs no care. options: accept()'s, as in
    @websocket.websocket(protocols=("chat",)).
    """
    if func is None:
        return lambda func: websocket(func, **options)

    async def handler(req, resp, **parts):
        ws = await accept(req, resp, **options)
        code = 1011
        try:
            await func(req, ws, **parts)
            code = 1000
        except Closed:
            if ws.code is None and ws._closed is None:  # another connection's
                raise
        except (asyncio.CancelledError, KeyboardInterrupt):
            code = 1001
            raise
        finally:
            await ws._finish(code)

    return handler


class WebSocket(Peer):
    """A connection, and the messages on it. protocol: the subprotocol, or None. See Peer for code and reason."""

    protocol = None
    _kind = _left = _got = _turn = 0  # of the message under way its opcode, and what is left of its frame
    _final = True
    _mask = _body = None  # _body[:_got] is what receive() has of the message

    def __init__(self, resp, rest, limit, ping):
        super().__init__(resp, ping)
        self._in = resp.view[: len(resp.buf) // 2]
        self._in[: len(rest)] = rest  # it came with the head
        self._at = 0
        self._end = len(rest)
        self._limit = limit

    # Messages

    async def receive(self):
        """The next message: a str for text, bytes for binary. Pings are answered meanwhile.

        Raises Closed at the end, also for what RFC 6455 forbids: 1002 for malformed frames, 1007 for bad UTF-8, 1009
        for a message longer than the limit. Its task may be cancelled: the next call goes on. (asyncio.wait_for() of
        MicroPython drops a message that comes at the very moment its time is up: cancel a task instead.)
        """
        data = None
        while data is None:
            n = self._left
            if not n:
                if self._kind and self._final:
                    data = self._body or b""
                else:
                    await self._next()
            elif self._got + n > self._limit:
                await self._fail(1009, "more than %d bytes" % self._limit)
            elif self._body is None and self._final and n <= self._end - self._at:  # it is all in the buffer
                data = self._in[self._at : self._at + n]
                unmask(data, self._mask)
                self._at += n
            else:
                await self._gather(self._got + n)
        kind = self._kind
        self._kind = self._left = self._got = 0
        self._body = None
        if kind == _BINARY:
            return bytes(data)
        try:
            return decode(data)
        except UnicodeError:
            await self._fail(1007)

    async def read(self, n):
        """Reads a long message in pieces: up to n bytes of the one under way or the next, b"" at its end.

        For messages of any length; text comes as its UTF-8, which is not checked.
        """
        while not self._left:
            if self._kind and self._final:
                self._kind = 0
                return b""
            await self._next()
        part = bytearray(min(n, self._left))
        return bytes(part[: await self._take(memoryview(part))])

    async def send(self, data):
        """Sends a message: text for a str, binary for bytes; for an iterator of such pieces, one message of them.

        Several tasks may send: each message goes out whole. Raises Closed when the connection is over, also when the
        client takes nothing for the server's write_timeout. Cancelled half-way it ends the connection.
        """
        await self._lock.acquire()
        try:
            if isinstance(data, str):
                await self._write(_FIN | _TEXT, data.encode())
            elif isinstance(data, (bytes, bytearray, memoryview)):
                await self._write(_FIN | _BINARY, data)
            else:
                await self._write_pieces(data)
        finally:
            self._lock.release()

    async def ping(self):
        """Sends a ping. receive() does that by itself, see accept()."""
        await self._control(_PING, b"")

    async def close(self, code=1000, reason=""):
        """Closes: says why, and waits for the client's part of it, 2 seconds at most.

        While another task is in receive(), that one waits. Raises ValueError for a reason above 123 bytes of UTF-8.
        """
        if self.code is None and self._closed is None:
            try:
                await self._send_close(code, reason)
            except Closed:
                return
        if self.code is None and not self._reader:
            await self._linger(self.read, _READ)

    async def _write_pieces(self, pieces):
        first = 0
        try:
            for piece in pieces:
                is_text = isinstance(piece, str)
                await self._write(0 if first else _TEXT if is_text else _BINARY, piece.encode() if is_text else piece)
                first = 1
            await self._write(_FIN | (0 if first else _TEXT), b"")
        except Closed:
            raise
        except Exception:
            if first:  # the rest of the message is missing: nothing else can follow
                await self._write(_FIN | _CLOSE, b"\x03\xf3")
                self._closed = ticks_ms()
            raise

    async def _finish(self, code):
        """The handler has ended: closes, and wakes other tasks."""
        if code == 1001:  # the server ends: there is no time to wait
            if self.code is None and self._closed is None and not self._lock.locked():
                try:
                    send(self._sock, b"\x88\x02\x03\xe9")
                except OSError:
                    pass
        else:
            await self.close(code)
        self._drop()
        await asyncio.sleep(0)  # for other tasks that waited

    # Frames

    async def _gather(self, size):
        """Reads some of a message into _body, which grows to `size` when a frame begins."""
        body = self._body
        if body is None or len(body) < size:
            self._body = bytearray(size)
            if body:
                self._body[: self._got] = body
        self._got += await self._take(memoryview(self._body)[self._got : size])

    async def _take(self, view):
        """Reads what is there of a frame's payload into a memoryview that is no longer; returns the number of bytes."""
        n = min(len(view), self._end - self._at)
        if n:
            view[:n] = self._in[self._at : self._at + n]
            self._at += n
        else:
            n = await self._receive(view)
        unmask(view[:n], self._mask)
        self._mask = self._mask[n & 3 :] + self._mask[: n & 3]
        self._left -= n
        return n

    async def _next(self):
        """Reads the head of the next data frame; deals with control frames before it."""
        while True:
            self._turn += 1
            if self._turn % _TURN == 0:
                await asyncio.sleep(0)
            try:
                head = parse_head(self._buf, self._at, self._end)
                if head and self._begin(*head):
                    return
            except Closed as e:
                await self._fail(e.code, e.reason)
            if not head or (head[0] & 8 and self._end - self._at < head[1] + head[2]):
                await self._more()
            else:
                await self._answer(*head)

    def _begin(self, first, size, n):
        """Takes the head of a data frame: True, False for a control frame. Raises Closed 1002 (RFC 6455 §5.4)."""
        if first & 8:
            return False
        if (first & 15 == 0) != (self._kind != 0):
            raise Closed(1002, "fragments out of order")
        self._at += n
        self._mask = bytes(self._in[self._at - 4 : self._at])
        self._kind = self._kind or first & 15
        self._final = first >= _FIN
        self._left = size
        return True

    async def _answer(self, first, size, n):
        """Does what a control frame asks for, which is whole in the buffer (RFC 6455 §5.5)."""
        at = self._at + n
        data = self._in[at : at + size]
        unmask(data, bytes(self._in[at - 4 : at]))
        data = bytes(data)
        self._at = at + size
        first &= 15
        if first == _PING and self._closed is None:
            await self._control(_PONG, data)
        elif first == _CLOSE:
            try:
                code, reason = close_reason(data)
            except Closed as e:
                await self._fail(e.code, e.reason)
            if self._closed is None:
                await self._send_close(code)
            self._over(code, reason)

    async def _more(self):
        """Reads more into the buffer, behind the start of a head or control frame."""
        n = self._end - self._at
        if n:
            self._in[:n] = bytes(self._in[self._at : self._end])
        self._at = 0
        self._end = n
        self._end = n + await self._receive(self._in[n:])
