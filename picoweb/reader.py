"""The body of a request as a stream. Imported by the first handler that reads one so."""

from .compat import both
from .errors import HTTPError

_STEP = 256


class Reader:
    """What a client sends after the head, piece by piece, never more at once than the server's body_limit."""

    def __init__(self, req, head=b""):
        self.req = req
        self.rest = head  # what comes before the body: the lines that "leave" left

    def _take(self, n):
        data = self.rest[:n]
        self.rest = self.rest[n:]
        return data

    @both
    async def read(self, n=-1):
        """Reads up to n bytes, all for -1; b"" at the end. Raises HTTPError 413 when all is too much."""
        if n < 0:
            return self._take(len(self.rest)) + await self.req.read()
        if self.rest:
            return self._take(n)
        return await self.req.read(min(n, self.req.resp.server.body_limit))

    @both
    async def readexactly(self, n):
        """Reads n bytes. Raises EOFError when there are fewer."""
        data = b""
        while len(data) < n:
            part = await self.read(n - len(data))
            if not part:
                raise EOFError("the body ends after %d bytes" % len(data))
            data += part
        return data

    @both
    async def readinto(self, buf):
        """Reads into a bytearray or memoryview; returns the number of bytes, 0 at the end."""
        data = await self.read(len(buf))
        buf[: len(data)] = data
        return len(data)

    @both
    async def readline(self):
        """Reads a line with its end, the rest when there is none; b"" at the end. Raises HTTPError 413 for a line
        longer than body_limit."""
        at = 0
        while True:
            end = self.rest.find(b"\n", at)
            if end >= 0:
                return self._take(end + 1)
            at = len(self.rest)
            if at > self.req.resp.server.body_limit:
                raise HTTPError(413)
            part = await self.req.read(_STEP)
            if not part:
                return self._take(at)
            self.rest += part
