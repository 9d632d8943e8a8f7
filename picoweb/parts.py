"""The parts of a form with files, multipart/form-data (RFC 7578, RFC 2046), read as they come with one small buffer."""

import asyncio

from .compat import const
from .errors import HTTPError
from .targets import decode
from .wire import fields

SIZE = const(1024)  # of the buffer
_TURN = const(16)  # reads before others have their turn
_NAME = const(64)  # the longest name of a file
_ENCODINGS = (b"7bit", b"8bit", b"binary")


def parameters(value):
    """b'form-data; name="a"' -> (b"form-data", {b"name": b"a"}), what is before the first ; in lower case.

    Line breaks and quotes come as %0D, %0A and %22 in what browsers send, a quote as backslash quote from others; a
    backslash alone is one. Raises ValueError for what is malformed, or comes twice.
    """
    kind, _, rest = value.partition(b";")
    found = {}
    while rest.strip(b" \t"):
        name, mark, rest = rest.partition(b"=")
        name = name.strip(b" \t").lower()
        rest = rest.lstrip(b" \t")
        if not mark or not name or name in found:
            raise ValueError("malformed parameter")
        if rest.startswith(b'"'):
            end = _end_of_quoted(rest)
            value = rest[1:end].replace(b'\\"', b'"')
            tail, _, rest = rest[end + 1 :].partition(b";")
            if tail.strip(b" \t"):
                raise ValueError("malformed parameter")
        else:
            value, _, rest = rest.partition(b";")
            value = value.strip(b" \t")
        found[name] = value
    return kind.strip(b" \t").lower(), found


def _end_of_quoted(text):
    """Where the quote is that ends the string at the start of `text`."""
    end = text.find(b'"', 1)
    while end > 0 and text[end - 1] == 92 and text.find(b'"', end + 1) > 0:
        end = text.find(b'"', end + 1)
    if end < 0:
        raise ValueError("no closing quote")
    return end


def _text(value):
    return decode(value.replace(b"%22", b'"').replace(b"%0D", b"\r").replace(b"%0A", b"\n"))


def safe_name(name):
    """A name for a file, whatever a client says: letters, digits and ._- of ASCII, at most 64, never a path, never
    hidden: "../../boot.py" -> "boot.py", "naïve.txt" -> "na_ve.txt", ".." -> "file"."""
    name = name.replace("\\", "/").split("/")[-1]
    safe = ""
    for c in name:
        safe += c if "a" <= c <= "z" or "A" <= c <= "Z" or "0" <= c <= "9" or c in "._-" else "_"
    safe = safe.strip(".")
    if len(safe) > _NAME:
        end = safe[-16:].find(".")
        safe = safe[: _NAME - 16] + safe[-16:] if end >= 0 else safe[:_NAME]
    return safe or "file"


class Part:
    """One part of a form. name: the field's. filename: None for a plain field, "" for a file field without a file, else
    a safe name; never a path. content_type: a str. headers: {b"name": b"value"}. Its content is read once."""

    def __init__(self, parts, headers):
        self._parts = parts
        self.headers = headers
        if headers.get(b"content-transfer-encoding", b"binary").lower() not in _ENCODINGS:
            raise ValueError("encoded content")
        kind, found = parameters(headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in found:
            raise ValueError("no field of a form")
        self.name = _text(found[b"name"])
        self.filename = filename = None
        if b"filename" in found:
            filename = _text(found[b"filename"])
            self.filename = safe_name(filename) if filename else ""
        self.content_type = decode(headers.get(b"content-type", b"text/plain"))

    async def piece(self, n=SIZE):
        """What comes next, up to n bytes: a memoryview, which is right until the next call; b"" at the end."""
        return await self._parts.piece(n) if self._parts.part is self else b""

    async def readinto(self, buf):
        """Reads what comes next into `buf`; returns the number of bytes, 0 at the end."""
        piece = await self.piece(len(buf))
        buf[: len(piece)] = piece
        return len(piece)

    async def content(self, limit):
        """All of the content, bytes. Raises HTTPError 413 when it is longer than `limit`."""
        content = b""
        piece = await self.piece()
        while piece:
            if len(content) + len(piece) > limit:
                raise HTTPError(413)
            content += piece
            piece = await self.piece()
        return content


class Parts:
    """The parts of a request's body, one after the other.

    limit: the bytes of the whole body, boundaries and headers too. size: those of the buffer, which holds all headers
    of a part. Raises HTTPError 415 for another type of content, 400 without a boundary, 413 beyond a limit; next() and
    the methods of a part raise 400 for a malformed body too, and what req.read() raises.
    """

    def __init__(self, req, limit, size=SIZE):
        if req.left > limit:
            raise HTTPError(413)
        self.req = req
        self.limit = limit
        self.part = None
        try:
            kind, found = parameters(req.headers.get(b"content-type", b""))
        except ValueError:
            raise HTTPError(400)
        if kind != b"multipart/form-data":
            raise HTTPError(415)
        boundary = found.get(b"boundary", b"")
        if not 0 < len(boundary) <= 70:  # RFC 2046 §5.1.1
            raise HTTPError(400)
        self._mark = b"\r\n--" + boundary
        self._buf = bytearray(size)
        self._view = memoryview(self._buf)
        self._buf[:2] = b"\r\n"  # so that the first boundary is as the others
        self._start = self._stop = 0  # what is known to belong to the part
        self._end = 2
        self._reads = 0
        self._ended = False  # the part's end is at _stop

    async def next(self):
        """The next Part, None after the last one. What was not read of the one before is skipped."""
        if not self._mark:
            return None
        while await self.piece(SIZE):
            pass
        self._start += len(self._mark)
        self._ended = False
        while self._end - self._start < 2:
            await self._fill()
        if self._buf[self._start : self._start + 2] == b"--":
            self._mark = self.part = None
            return None
        padding, _, lines = (await self._head()).partition(b"\r\n")
        self._stop = self._start
        try:
            if padding.strip(b" \t"):
                raise ValueError("this was no boundary")
            self.part = Part(self, fields(lines + b"\r\n\r\n", None)[0])
        except ValueError:
            raise HTTPError(400)
        return self.part

    async def piece(self, n):
        """What comes next of the part, up to n bytes, as a memoryview; b"" at its end."""
        while self._start == self._stop:
            if self._ended:
                return b""
            at = self._buf.find(self._mark, self._start, self._end)
            self._ended = at >= 0
            self._stop = at if at >= 0 else max(self._start, self._end - len(self._mark) + 1)
            if self._start == self._stop and at < 0:
                await self._fill()
        start = self._start
        self._start = min(start + n, self._stop)
        return self._view[start : self._start]

    async def _head(self):
        """The rest of a boundary's line, and the lines after it up to an empty one."""
        while True:
            at = self._buf.find(b"\r\n\r\n", self._start, self._end)
            if at >= 0:
                head = bytes(self._view[self._start : at])
                self._start = at + 4
                return head
            if self._end - self._start == len(self._buf):
                raise HTTPError(413)
            await self._fill()

    async def _fill(self):
        """Reads more of the body behind what is left in the buffer. Raises HTTPError 400 at the body's end."""
        left = self._end - self._start
        self._view[:left] = bytes(self._view[self._start : self._end])
        self._start = self._stop = 0
        self._reads += 1
        if self._reads % _TURN == 0:
            await asyncio.sleep(0)
        data = await self.req.read(len(self._buf) - left)
        if not data:
            raise HTTPError(400)
        self.limit -= len(data)
        if self.limit < 0:
            raise HTTPError(413)
        self._end = left + len(data)
        self._view[left : self._end] = data
