"""The socket's side of a WebSocket: reads with deadlines, frames that go out whole, pings, the end."""

import asyncio

from .compat import const, readable, receive, send, ticks_diff, ticks_ms, writable
from .frames import Closed, put_head
from .keeper import keeper

_FIN = const(128)
_CLOSE = const(8)
_CLOSE_TIME = const(2000)  # milliseconds that a client has for its part of a close


class Peer:
    """A client, and the connection to it. code, reason: why it is closed; code is None while it is open."""

    code = None
    reason = ""
    _reader = _writer = None  # the tasks that wait for the socket
    _since = _pinged = _closed = None  # ticks: since when one waits to write, of our ping, and of our Close
    _cut = False

    def __init__(self, resp, ping):
        self._resp = resp
        self._sock = resp.sock
        self._buf = resp.buf
        self._out = resp.view[len(resp.buf) // 2 :]
        self._ping = ping
        self._lock = asyncio.Lock()
        self._heard = ticks_ms()
        keeper(resp.server).add(self)

    async def _receive(self, view):
        """Reads at least one byte into a memoryview; returns their number. Raises Closed 1006 at the end."""
        if self._reader:
            raise RuntimeError("another task is in receive()")
        while self._resp.buf is self._buf:
            try:
                n = receive(self._sock, view)
            except OSError:
                break
            if n is not None:
                self._heard = ticks_ms()
                self._pinged = None
                if not n:
                    break
                return n
            self._reader = asyncio.current_task()
            try:
                await readable(self._sock)
            except asyncio.CancelledError:
                if not self._cut:
                    raise
                break
            finally:
                self._reader = None
        self._over(1006)

    # Writing

    async def _write(self, first, data):
        """Sends a frame; the lock is held."""
        if self.code is not None or self._closed is not None or self._resp.buf is not self._buf:
            raise Closed(1006 if self.code is None else self.code, self.reason)
        out = self._out
        size = len(data)
        at = put_head(out, first, size)
        n = min(size, len(out) - at)
        data = memoryview(data)
        out[at : at + n] = data[:n]
        await self._send(out[: at + n])
        if n < size:
            await self._send(data[n:])

    async def _send(self, view):
        at = 0
        while True:
            try:
                at += send(self._sock, view[at:]) or 0
                if at == len(view):
                    return
                self._writer = asyncio.current_task()
                self._since = ticks_ms()
                await writable(self._sock)
            except asyncio.CancelledError:
                cut = self._cut
                self._drop()  # a frame that is not whole: nothing can follow it
                if not cut:
                    raise
                self._over(1006)
            except (OSError, ValueError):  # ValueError: closed meanwhile, on CPython
                self._over(1006)
            finally:
                self._writer = None

    async def _control(self, opcode, data):
        await self._lock.acquire()
        try:
            await self._write(_FIN | opcode, data)
            if opcode == _CLOSE:
                self._closed = ticks_ms()
        finally:
            self._lock.release()

    # The end

    def _send_close(self, code, reason=""):
        data = b"" if code == 1005 else code.to_bytes(2, "big") + reason.encode()
        if len(data) > 125:
            raise ValueError("the reason is longer than 123 bytes")
        return self._control(_CLOSE, data)

    async def _fail(self, code, reason=""):
        """Ends the connection for a fault of the client's: says so, and raises Closed."""
        try:
            if self._closed is None:
                await self._send_close(code)
            self.code = code
            self.reason = reason
            await self._linger(self._receive, self._in)  # else what is unread could destroy the Close on its way
        except Closed:
            pass
        self._over(code, reason)

    async def _linger(self, read, arg):
        """Reads on until the client closes too, or 2 seconds are over."""
        try:
            while ticks_diff(ticks_ms(), self._closed) < _CLOSE_TIME:
                await read(arg)
                await asyncio.sleep(0)
        except Closed:
            pass

    def _over(self, code, reason=""):
        if self.code is None:
            self.code = code
            self.reason = reason
        self._drop()
        raise Closed(self.code, self.reason)

    def _drop(self):
        """Ends it at once: wakes the tasks that wait, with Closed 1006 unless another code is known."""
        if self.code is None:
            self.code = 1006
        self._resp.broken = True  # should a handler let Closed pass, that is no error
        self._cut = True
        keeper(self._resp.server).remove(self)
        for task in (self._reader, self._writer):
            if task and task is not asyncio.current_task():
                task.cancel()

    def look(self, now):
        """The keeper's look at it, once a second."""
        if self._resp.buf is not self._buf:  # the handler has ended
            self._drop()
        elif self._writer:
            if ticks_diff(now, self._since) > self._resp.server.write_timeout:
                self._drop()
        elif self._closed is not None:
            if ticks_diff(now, self._closed) > _CLOSE_TIME:
                self._drop()
        elif self._reader and self._ping:
            if self._pinged is not None:
                if ticks_diff(now, self._pinged) > self._ping:
                    self._drop()
            elif ticks_diff(now, self._heard) > self._ping and not self._lock.locked():
                self._pinged = now
                try:
                    send(self._sock, b"\x89\0")
                except OSError:
                    self._drop()
