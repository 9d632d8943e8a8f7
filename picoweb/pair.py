"""A pair of connected ends: what socket.socketpair() gives, and the same in memory where there is none."""

from .compat import MICROPYTHON, Socket, const

if not MICROPYTHON:
    from socket import socketpair as _pair

    def socketpair():
        """Two connected ends, each like a socket of the server's."""
        return [Socket(fileno=sock.detach()) for sock in _pair()]

else:
    from io import IOBase

    _ROOM = const(4096)
    _POLL = const(3)  # MP_STREAM_POLL
    _IN = const(1)
    _OUT = const(4)

    class _End(IOBase):
        """One of two connected ends: what a socket that does not block can, as far as a server needs it."""

        def __init__(self):
            self.inbox = b""
            self.closed = False

        def setblocking(self, flag):
            pass

        def setsockopt(self, *args):
            pass

        def readinto(self, buf):
            """What socket.readinto() gives: a number of bytes, 0 at the end, None when nothing is there yet."""
            n = min(len(buf), len(self.inbox))
            if not n:
                return 0 if self.other.closed else None
            buf[:n] = self.inbox[:n]
            self.inbox = self.inbox[n:]
            return n

        def write(self, data, at=0, size=-1):
            """What socket.write() gives: a number of bytes, None when there is no room now."""
            if self.other.closed:
                raise OSError(32)
            data = data[at : at + size] if size >= 0 else data
            n = min(len(data), _ROOM - len(self.other.inbox))
            self.other.inbox += bytes(data[:n])
            return n or None

        def close(self):
            self.closed = True

        def ioctl(self, request, flags):
            """Tells select.poll() what can be done now."""
            if request != _POLL:
                return 0
            ready = 0
            if self.inbox or self.other.closed:
                ready = _IN
            if self.other.closed or len(self.other.inbox) < _ROOM:
                ready |= _OUT
            return ready & flags

    def socketpair():
        one = _End()
        one.other = other = _End()
        other.other = one
        return one, other
