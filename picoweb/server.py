"""A connection's life: accept, deadlines, limits, keep-alive, close."""

import asyncio
import socket

from .compat import const, has_input, readable, receive, ticks_diff, ticks_ms
from .errors import HTTPError
from .request import Request
from .response import Response
from .wire import fields, find_head, has_item, is_host

_BACKLOG = const(64)
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)  # else the second send of an answer waits for the client's delayed acknowledgement
_LOOK = 0.02  # seconds between two looks for a connection that can go, when there are too many
_SILENT = const(1000)  # a new connection that has said nothing for so long may have to go for another


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
        self._spare = None  # a buffer that is not in use, and its memoryview
        self._open = []
        self._listener = self.ending = None
        self._block = self._fields = None  # the header fields of the last request, as they came and parsed

    # Accepting

    def listen(self, host, port):
        """Opens the listening socket. Raises OSError when the address is taken."""
        self._listener = sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(socket.getaddrinfo(host, port)[0][-1])
        sock.listen(_BACKLOG)
        sock.setblocking(False)

    def close(self):
        """Closes all sockets, so that the port is free for the next run."""
        for resp in self._open:
            resp.close()
        if self._listener:
            self._listener.close()
        self._listener = None

    async def run(self):
        """Serves until it is cancelled, or has ended as shutdown() does it; listen() comes before."""
        self.task = asyncio.current_task()
        reaper = asyncio.create_task(self._reap())
        try:
            while True:
                await readable(self._listener)
                await self._make_room()
                self._accept()
        except asyncio.CancelledError:
            if not self.ending:
                raise
            self._listener.close()
            await self.ending
        finally:
            reaper.cancel()
            for resp in self._open:
                resp.task.cancel()
            self._listener.close()

    def _accept(self):
        try:
            sock, address = self._listener.accept()
        except OSError:  # it went away before it was accepted, or the system has no more sockets
            return
        sock.setblocking(False)
        try:
            sock.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        except OSError:  # this port of MicroPython can not
            pass
        resp = Response(self, sock)
        resp.address = address
        self._open.append(resp)
        resp.task = asyncio.create_task(self._serve(resp, sock))

    async def _make_room(self):
        """Waits until one more connection may come: one that rests between two requests goes for it, or one that never
        sent any."""
        while len(self._open) >= self.connections:
            resp = self._idle_longest()
            if resp:
                resp.task.cancel()
            await asyncio.sleep(_LOOK)  # an Event and wait_for() would cost 2 KB, and each request a little

    def _idle_longest(self):
        now = ticks_ms()
        found = None
        for resp in self._open:
            if resp.idle is not None and (resp.served or ticks_diff(now, resp.idle) >= _SILENT):
                if (found is None or ticks_diff(resp.idle, found.idle) < 0) and not has_input(resp.sock):
                    found = resp
        return found

    async def _reap(self):
        """Ends connections whose deadline has passed."""
        while True:
            await asyncio.sleep(1)
            now = ticks_ms()
            for resp in list(self._open):
                if resp.idle is not None:
                    late = ticks_diff(now, resp.idle) > self.idle_timeout
                else:
                    late = resp.deadline is not None and ticks_diff(resp.deadline, now) < 0
                if late:
                    resp.deadline = None
                    resp.task.cancel()

    # One connection

    async def _serve(self, resp, sock):
        # What a request needs stands in this loop and in _exchange(): each call less counts here.
        try:
            end = 0
            while True:
                if not end:
                    resp.idle = ticks_ms()
                    await readable(sock)
                    resp.idle = None
                    if self._spare:
                        resp.buf, resp.view = self._spare
                        self._spare = None
                    else:
                        resp.buf = bytearray(self.buffer)
                        resp.view = memoryview(resp.buf)
                    end = receive(sock, resp.view)
                    if end == 0:
                        break
                rest = await self._exchange(resp, sock, end or 0)
                if rest is None:
                    break
                end = len(rest)
                if end:
                    resp.buf[:end] = rest
                else:
                    self._spare = resp.buf, resp.view
                    resp.buf = resp.view = None
        except (OSError, MemoryError, asyncio.CancelledError):
            pass  # the client is gone, its time is up, or the heap is full
        finally:
            resp.close()
            self._drop(resp)

    def _drop(self, resp):
        """Forgets a connection; its buffer is kept for the next one."""
        if resp.buf is not None:
            self._spare = resp.buf, resp.view
        resp.buf = resp.view = None
        self._open.remove(resp)

    async def _exchange(self, resp, sock, end):
        """One request, of which buf[:end] has come, and its answer. Returns the bytes that came after it, None when the
        connection is over."""
        app = self.app
        resp.mode = resp.fill = 0  # as reset() does
        resp.sent = False
        resp.status = 200
        resp.headers = ""
        req = None
        try:
            start, stop = find_head(resp.buf, end)
            if not stop:
                start, stop, end = await self._read_head(resp, sock, end)
                if not stop:
                    return None
            req, rest = self._parse(resp, start, stop, end)
            req.check()
            if rest:
                rest = req.begin_body(rest)
        except HTTPError as e:
            req = None
            resp.keep = resp.head = False
            await app.answer_error(None, resp, e.status, e.headers)
        else:
            try:
                value = await app.dispatch(req, resp)
                if value is not None:
                    await app.returned(req, resp, value)
                if not resp.mode and not resp.started():
                    raise RuntimeError("the handler of %s wrote no answer" % req.path)
            except Exception as e:
                if resp.broken and isinstance(e, OSError):  # the client is gone: nobody waits for an answer
                    raise
                await app.fail(e, req, resp)
            if app.log:
                app.log_request(req, resp)
        if not resp.end():
            await resp.send_rest()
        if resp.keep and (not req.left or await req.skip()):
            resp.served = True
            return rest or req.rest
        if req is None or req.left:
            await self._linger(resp, sock)

    def _parse(self, resp, start, stop, end):
        """The request in the buffer's bytes from start to stop, and the bytes that follow up to end.

        Browsers send the same fields again and again: those of the last request are kept, and not parsed again.
        """
        view = resp.view
        at = resp.buf.find(b"\r\n", start, stop)
        line = bytes(view[start:at])
        at += 2
        block = view[at:stop]
        if block != self._block:
            block = bytes(block)
            found, size = fields(block)
            if not is_host(found.get(b"host", b"")):
                raise HTTPError(400)
            stop = at + size
            self._block = block[:size] if size < len(block) else block
            self._fields = found
        found = self._fields
        req = Request(resp, line, self._block, found)
        resp.minor = minor = req.minor
        resp.head = req.method == "HEAD"
        resp.keep = minor > 0
        if b"connection" in found:
            connection = found[b"connection"]
            resp.keep = not has_item(connection, b"close") and (minor > 0 or has_item(connection, b"keep-alive"))
        return req, bytes(view[stop:end]) if stop < end else b""

    async def _linger(self, resp, sock):
        """Reads what the client still sends, for a second: closing on it could destroy the answer on its way
        (RFC 9112 §9.6)."""
        resp.deadline = ticks_ms() + 1000
        n = 0
        while n is not None:
            await readable(sock)
            n = receive(sock, resp.view) or None

    async def _read_head(self, resp, sock, end):
        """Reads the rest of a head: (start, stop, end of what came), zeros when the client has closed.

        Raises HTTPError 408 when it does not come in time, 414 or 431 when it is longer than the buffer.
        """
        resp.deadline = ticks_ms() + self.head_timeout
        while True:
            start, stop = find_head(resp.buf, end)
            if stop:
                resp.deadline = None
                return start, stop, end
            if end == self.buffer:
                raise HTTPError(414 if resp.buf.find(b"\r\n", start) < 0 else 431)
            n = receive(sock, resp.view[end:])
            if n == 0:
                return 0, 0, 0
            if n is None:
                await self._more(resp, sock)
            end += n or 0

    async def _more(self, resp, sock):
        try:
            await readable(sock)
        except asyncio.CancelledError:
            raise asyncio.CancelledError if resp.deadline else HTTPError(408)
