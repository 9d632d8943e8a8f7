"""A connection's life: accept, deadlines, limits, keep-alive, close."""

import asyncio
import socket
from builtins import Exception, bytes, len  # found at once; those that are not named here cost a search of 1,000

from .compat import Socket, const, has_input, readable, ticks_diff, ticks_ms
from .errors import HTTPError
from .request import Request, read_head
from .response import Response
from .wire import find_head

_BACKLOG = const(64)
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)  # else the second send of an answer waits for the client's delayed acknowledgement
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
        self.buf = bytearray(buffer)  # taken now: later there may be no such piece of the heap
        self.view = memoryview(self.buf)
        self._rested = self  # who has a buffer, and nothing to do
        self._open = []
        self._listener = self.ending = None
        self._known = b"", buffer + 1  # the last head, and what it says; nothing is as long as this one

    # Accepting

    def listen(self, host, port):
        """Opens the listening socket. Raises OSError when the address is taken."""
        self._listener = sock = Socket()
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
                if len(self._open) >= self.connections:
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
        except (OSError, MemoryError):  # it went away before it was accepted, or there are no more sockets
            return
        try:
            sock.setblocking(False)
            try:
                sock.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
            except OSError:  # this port of MicroPython can not
                pass
            resp = Response(self, sock)
            resp.address = address
            resp.task = asyncio.create_task(self._serve(resp, sock))
            self._open.append(resp)
        except MemoryError:
            sock.close()

    async def _make_room(self):
        """Waits until one more connection may come: one that rests between two requests goes for it, or one that never
        sent any."""
        while len(self._open) >= self.connections:
            resp = self._idle_longest()
            if resp:
                resp.task.cancel()
            await asyncio.sleep(0.02)  # an Event and wait_for() would cost 2 KB, and each request a little

    def _idle_longest(self):
        now = ticks_ms()
        found = None
        for resp in self._open:
            if resp.idle is not None and (resp.served or ticks_diff(now, resp.idle) >= _SILENT):
                if (found is None or ticks_diff(resp.idle, found.idle) < 0) and not has_input(resp.sock):
                    found = resp
        return found

    async def _reap(self):
        """Ends connections whose deadline has passed. (While a task sleeps, each event costs asyncio 8,000 instructions
        more; but one that only comes when somebody waits comes too often to be worth it.)"""
        while True:
            await asyncio.sleep(1)
            now = ticks_ms()
            for resp in self._open:
                if resp.idle is not None:
                    late = ticks_diff(now, resp.idle) > self.idle_timeout
                else:
                    late = resp.deadline is not None and ticks_diff(resp.deadline, now) < 0
                if late:
                    resp.deadline = None
                    resp.task.cancel()

    # One connection

    # What each request needs stands in this loop: a call costs 1,000 instructions, a coroutine 3,500.
    async def _serve(self, resp, sock):
        app = self.app
        rest = b""
        try:
            while True:
                end = self._take(resp, sock, rest) if rest or not resp.served else None  # the first one mostly is there
                while end is None:
                    await self._pause(resp, sock)
                    end = self._take(resp, sock, rest)
                known = self._known
                if end < known[1] or not resp.buf.startswith(known[0]):  # another head than the last one
                    known, end = self._find(resp, end) or await self._read_head(resp, sock, end)
                    if not end:
                        break
                _, size, left, resp.keep, resp.minor, resp.head, _, _, _, _, _ = known
                req = Request(resp, known)
                rest = req.begin_body(left, bytes(resp.view[size:end])) if left or size < end else b""
                try:
                    value = await app.dispatch(req, resp)
                    value is None or await app.returned(req, resp, value)
                    resp.mode or resp.started() or req.unanswered()
                except Exception as e:
                    if resp.broken and isinstance(e, OSError):  # the client is gone: nobody waits for an answer
                        raise
                    await app.fail(e, req, resp)
                app.log and app.log_request(req, resp)
                if not resp.end():
                    await resp.send_rest()
                if left:
                    rest = await self._end_body(req, resp, sock, rest)
                if not resp.keep:
                    break
                resp.served = True
                known = req = None  # it may rest for long
        except HTTPError as e:  # of a head
            await self._refuse(resp, sock, e)
        except (OSError, MemoryError, asyncio.CancelledError):
            pass  # the client is gone, its time is up, or the heap is full
        finally:
            self._end(resp)

    def _take(self, resp, sock, rest):
        """Makes ready for the next request, of which `rest` has come, or else reads what is there into a buffer.

        Returns the number of bytes, 0 at the end, None when there are none yet.
        """
        resp.idle = None
        resp.mode = resp.fill = 0  # as reset() does
        resp.sent = False
        resp.status = 200
        resp.headers = ""
        if rest:
            end = len(rest)
            resp.buf[:end] = rest
            return end
        if self._rested is resp:
            self._rested = None
        elif resp.buf is None:
            other = self._rested
            self._rested = None
            if other:
                resp.buf = other.buf
                resp.view = other.view
                other.buf = other.view = None
            else:
                resp.buf = bytearray(self.buffer)
                resp.view = memoryview(resp.buf)
        return sock.readinto(resp.buf)

    def _pause(self, resp, sock):
        """Awaitable: returns when the client says more."""
        resp.idle = ticks_ms()
        if self._rested:  # as lend() does
            resp.buf = resp.view = None
        else:
            self._rested = resp
        return readable(sock)

    def lend(self, resp):
        """Takes the buffer of a connection that does not need it: the next one that is busy may have it."""
        if self._rested:
            resp.buf = resp.view = None
        else:
            self._rested = resp

    def _end(self, resp):
        resp.sock.close()
        self._open.remove(resp)
        if self._rested is resp:
            self._rested = None
        if not self._rested and resp.buf is not None and len(resp.buf) == self.buffer:
            self.buf, self.view, self._rested = resp.buf, resp.view, self
        resp.buf = resp.view = None

    def _find(self, resp, end):
        """What the head in buf[:end] says, and `end`; None when it has not all come."""
        start, stop = find_head(resp.buf, end)
        if stop:
            known = self._known = read_head(resp.view, start, stop, self._known)
            return known, end

    async def _read_head(self, resp, sock, end):
        """Reads the rest of a head; as _find(), zeros when the client has closed.

        Raises HTTPError 408 when it does not come in time, 414 or 431 when it is longer than the buffer.
        """
        resp.deadline = ticks_ms() + self.head_timeout
        while True:
            if end == self.buffer:
                start, _ = find_head(resp.buf, end)
                raise HTTPError(414 if resp.buf.find(b"\r\n", start) < 0 else 431)
            n = sock.readinto(resp.view[end:])
            if n == 0:
                return 0, 0
            if n is None:
                try:
                    await readable(sock)
                except asyncio.CancelledError:
                    raise asyncio.CancelledError if resp.deadline else HTTPError(408)
            else:
                end += n
                found = self._find(resp, end)
                if found:
                    resp.deadline = None
                    return found

    async def _refuse(self, resp, sock, error):
        """Answers a request whose head is not one."""
        try:
            resp.keep = resp.head = False
            await self.app.answer_error(None, resp, error.status, error.headers)
            if not resp.end():
                await resp.send_rest()
            await self._linger(resp, sock)
        except (OSError, MemoryError, asyncio.CancelledError):
            pass

    async def _end_body(self, req, resp, sock, rest):
        """Sees to what the handler left of a body; returns the bytes that came after it."""
        if resp.keep and (not req.left or await req.skip()):
            return rest or req.rest
        resp.keep = False
        if req.left:
            await self._linger(resp, sock)

    async def _linger(self, resp, sock):
        """Reads what the client still sends, for a second: closing on it could destroy the answer on its way
        (RFC 9112 §9.6)."""
        resp.deadline = ticks_ms() + 1000
        n = 0
        while n is not None:
            await readable(sock)
            n = sock.readinto(resp.view) or None
