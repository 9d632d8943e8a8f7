"""A connection's life: accept, deadlines, limits, keep-alive, close."""

import asyncio
import socket

from .compat import readable, receive, ticks_diff, ticks_ms
from .errors import HTTPError
from .request import Request
from .response import Response
from .wire import find_head, has_item, split_head

class Server:
    """Serves an app. All limits have names; times are in milliseconds, sizes in bytes.

    buffer: the one buffer of a busy connection: the longest request head, and what goes out in one send.
    body_limit: the longest body that read() gives at once. connections: how many at the same time; one more
    takes the place of an idle one, or waits. head_timeout, body_timeout, write_timeout, idle_timeout: how
    long a client may take for each, and may rest between two requests.
    """

    def __init__(
        self,
        app,
        buffer=2048,
        body_limit=16384,
        connections=8,
        head_timeout=10000,
        body_timeout=10000,
        write_timeout=10000,
        idle_timeout=15000,
    ):
        self.app = app
        self.buffer = buffer
        self.body_limit = body_limit
        self.connections = connections
        self.head_timeout = head_timeout
        self.body_timeout = body_timeout
        self.write_timeout = write_timeout
        self.idle_timeout = idle_timeout
        self._buffers = []
        self._open = []
        self._listener = None
        self._closed = asyncio.Event()

    def _take(self, resp):
        """Gives a buffer to a connection that becomes busy."""
        if self._buffers:
            resp.buf, resp.view = self._buffers.pop()
        else:
            resp.buf = bytearray(self.buffer)
            resp.view = memoryview(resp.buf)

    def _give(self, resp):
        """Takes the buffer of a connection back; one more than is in use is kept."""
        if resp.buf is not None:
            if len(self._buffers) < 2:
                self._buffers.append((resp.buf, resp.view))
            resp.buf = resp.view = None

    # Accepting

    def listen(self, host, port):
        """Opens the listening socket. Raises OSError when the address is taken."""
        self._listener = sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(socket.getaddrinfo(host, port)[0][-1])
        sock.listen(self.connections)
        sock.setblocking(False)

    def close(self):
        """Closes all sockets, so that the port is free for the next run."""
        for resp in self._open:
            resp.close()
        if self._listener:
            self._listener.close()
        self._listener = None

    async def run(self, host, port):
        """Serves until it is cancelled."""
        self.listen(host, port)
        reaper = asyncio.create_task(self._reap())
        try:
            while True:
                await readable(self._listener)
                await self._make_room()
                self._accept()
        finally:
            reaper.cancel()
            for resp in self._open:
                resp.task.cancel()
            self._listener.close()

    def _accept(self):
        try:
            sock, _ = self._listener.accept()
        except OSError:  # it went away before it was accepted, or the system has no more sockets
            return
        sock.setblocking(False)
        resp = Response(self, sock)
        self._open.append(resp)
        resp.task = asyncio.create_task(self._serve(resp, sock))

    async def _make_room(self):
        """Waits until one more connection may come; the one that has been idle for longest has to go for it."""
        while len(self._open) >= self.connections:
            self._closed.clear()
            for resp in self._open:
                if resp.idle:
                    resp.task.cancel()
                    break
            await self._closed.wait()

    async def _reap(self):
        """Ends connections whose deadline has passed."""
        while True:
            await asyncio.sleep(1)
            now = ticks_ms()
            for resp in list(self._open):
                if resp.deadline is not None and ticks_diff(resp.deadline, now) < 0:
                    resp.deadline = None
                    resp.task.cancel()

    # One connection

    async def _serve(self, resp, sock):
        rest = b""
        try:
            while rest is not None:
                rest = await self._exchange(resp, sock, rest)
                self._give(resp)
        except (OSError, MemoryError, asyncio.CancelledError):  # the client is gone, its time is up, or the heap is full
            pass
        finally:
            resp.close()
            self._give(resp)
            self._open.remove(resp)
            self._closed.set()

    async def _exchange(self, resp, sock, rest):
        """One request and its answer. Returns the bytes that came after it, None when the connection is over."""
        resp.reset()
        resp.keep = False
        req = None
        try:
            head = await self._read_head(resp, sock, rest)
            if head is None:
                return None
            lines, rest = head
            req = Request(resp, lines)
            rest = self._prepare(req, resp, rest)
        except HTTPError as e:
            await self.app.answer_error(None, resp, e.status, e.headers)
        else:
            await self.app.handle(req, resp)
            if req.left and not await req.skip():
                resp.keep = False
        if not resp.end():
            await resp.send_rest()
        if resp.keep:
            return rest
        if req is None or req.left:
            await self._linger(resp, sock)

    def _prepare(self, req, resp, rest):
        """Checks a request, and says how its answer is framed. Returns the bytes that follow it."""
        resp.minor = req.minor
        resp.head = req.method == "HEAD"
        req.check()
        connection = req.fields.get(b"connection")
        if connection is None:
            resp.keep = req.minor > 0
        else:
            resp.keep = not has_item(connection, b"close") if req.minor else has_item(connection, b"keep-alive")
        return req.begin_body(rest) if rest else rest

    async def _linger(self, resp, sock):
        """Reads what the client still sends, for a second: closing on it could destroy the answer on its way
        (RFC 9112 §9.6)."""
        resp.deadline = ticks_ms() + 1000
        n = 0
        while n is not None:
            await readable(sock)
            n = receive(sock, resp.view) or None

    async def _read_head(self, resp, sock, rest):
        """Reads a head: its lines and the bytes that came after it, None when the client has closed."""
        end = len(rest)
        if end:
            self._take(resp)
            resp.buf[:end] = rest
            resp.deadline = ticks_ms() + self.head_timeout
        else:
            resp.idle = True
            resp.deadline = ticks_ms() + self.idle_timeout
        while True:
            if end:
                start, stop = find_head(resp.buf, end)
                if stop:
                    break
                if end == self.buffer:
                    raise HTTPError(414 if resp.buf.find(b"\r\n", start) < 0 else 431)
            try:
                await readable(sock)
            except asyncio.CancelledError:
                raise asyncio.CancelledError if resp.idle or resp.deadline else HTTPError(408)
            if resp.idle:
                resp.idle = False
                resp.deadline = ticks_ms() + self.head_timeout
                self._take(resp)
            n = receive(sock, resp.view[end:] if end else resp.view)
            if n == 0:
                return None
            end += n or 0
        resp.deadline = None
        lines, size = split_head(bytes(resp.view[start:stop]))
        start += size
        return lines, bytes(resp.view[start:end]) if start < end else b""
