"""What picoweb.asgi gives a Server for a socket: HTTP/1.1 of ASGI messages, and the other way around."""

import asyncio
from urllib.parse import quote

_HIGH = 65536  # bytes that wait on either way before the other side has to
HOP = (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")  # between two neighbours


def request_head(method, target, version, headers):
    """The bytes of a request's head."""
    lines = [method + b" " + target + b" HTTP/" + version]
    lines += [name + b": " + value for name, value in headers]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise ValueError("line break in a header")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def target(scope):
    """The path and the query of a request as they came."""
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string", b"")
    return path + b"?" + query if query else path


class Connection:
    """What Server takes for a socket, without blocking: the bytes of one request, and of its answer."""

    def __init__(self, scope, receive, send):
        self._receive = receive
        self._send = send
        self._peer = tuple(scope.get("client") or ("", 0))
        self._in = bytearray(self._head(scope))  # for the server to read
        self._out = []  # ASGI messages to send
        self._waiting = 0  # … and the bytes in them
        self._raw = bytearray()  # of the answer, not understood yet
        self._step = self._on_head
        self._gone = self._complete = False
        self._change = asyncio.Event()
        self._tasks = ()

    # What Server and Response use

    def readinto(self, view):
        n = min(len(view), len(self._in))
        if n:
            view[:n] = self._in[:n]
            del self._in[:n]
            self._wake()
        elif not self._gone and not self._complete:
            self._start()
            return None
        return n

    def write(self, data, at=0, size=-1):
        if size >= 0:
            data = memoryview(data)[at : at + size]
        if self._gone:
            raise BrokenPipeError
        if self._waiting > _HIGH:
            return None
        self._raw += data
        while not self._complete and self._step():
            pass
        self._start()
        return len(data)

    async def readable(self):
        self._start()
        await self._until(lambda: self._in or self._gone or self._complete)

    async def writable(self):
        await self._until(lambda: self._waiting <= _HIGH or self._gone)

    def getpeername(self):
        return self._peer

    # Both ways

    def _wake(self):
        self._change.set()

    async def _until(self, true):
        while not true():
            self._change.clear()
            await self._change.wait()

    def _start(self):
        """Begins to send and to receive: not before, an ASGI server says 100 Continue when it is asked for the body."""
        if not self._tasks:
            self._tasks = asyncio.create_task(self._speak()), asyncio.create_task(self._listen())
        self._wake()

    async def _listen(self):
        while not self._gone:
            self.take(await self._receive())
            self._wake()
            await self._until(lambda: len(self._in) < _HIGH)

    async def _speak(self):
        while True:
            await self._until(lambda: self._out)
            message = self._out[0]
            try:
                await self._send(message)
            except OSError:  # the client is gone (ASGI 2.4)
                self._gone = True
            self._out.pop(0)
            self._waiting -= self._size(message)
            self._wake()

    def _say(self, **message):
        self._out.append(message)
        self._waiting += self._size(message)

    def _size(self, message):
        return len(message.get("body") or message.get("bytes") or message.get("text") or b"")

    async def flush(self):
        """Returns when all that was written is sent."""
        await self._until(lambda: not self._out or self._gone)

    def stop(self):
        self._gone = True
        for task in self._tasks:
            task.cancel()

    # HTTP/1.1

    def _split(self, mark):
        """What comes before `mark` in the answer's bytes, and takes it out of them; None when it has not all come."""
        at = self._raw.find(mark)
        if at < 0:
            return None
        found = bytes(self._raw[:at])
        del self._raw[: at + len(mark)]
        return found

    def _answer(self):
        """The status and the header fields of the answer, None when they have not all come."""
        head = self._split(b"\r\n\r\n")
        if head is None:
            return None
        first, *lines = head.split(b"\r\n")
        pairs = [line.partition(b":") for line in lines]
        return int(first.split(b" ")[1]), [(name.lower(), value.strip()) for name, _, value in pairs]


class HTTP(Connection):
    """One request and its answer. Each _on_… understands some of the answer; False: it needs more."""

    def _head(self, scope):
        headers = [(name, value) for name, value in scope["headers"] if name not in HOP]
        version = scope.get("http_version", "1.1")
        names = [name for name, _ in scope["headers"]]
        self._chunked = b"transfer-encoding" in names or (version[0] != "1" and b"content-length" not in names)
        if self._chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        self._method = scope["method"]
        line = b"1.0" if version == "1.0" else b"1.1"
        return request_head(self._method.encode(), target(scope), line, headers)

    def take(self, message):
        """Makes bytes of a message from the ASGI server."""
        if message["type"] == "http.disconnect":
            self._gone = True
            return
        body = message.get("body", b"")
        if self._chunked and body:
            body = b"%x\r\n%s\r\n" % (len(body), body)
        self._in += body
        if self._chunked and not message.get("more_body"):
            self._in += b"0\r\n\r\n"

    def _on_head(self):
        answer = self._answer()
        if answer is None:
            return False
        status, fields = answer
        if status < 200:  # 100 Continue, which the ASGI server has said by itself
            return True
        framing = dict(fields)
        headers = [field for field in fields if field[0] not in HOP]
        self._say(type="http.response.start", status=status, headers=headers)
        self._left = int(framing.get(b"content-length", -1))
        if self._method == "HEAD" or status in (204, 304) or self._left == 0:
            self._end()
        self._step = self._on_chunk if b"transfer-encoding" in framing else self._on_body
        return True

    def _body(self, n):
        if n:
            self._say(type="http.response.body", body=bytes(self._raw[:n]), more_body=True)
            del self._raw[:n]

    def _on_body(self):
        n = len(self._raw) if self._left < 0 else min(self._left, len(self._raw))
        self._body(n)
        self._left -= n
        if self._left == 0:
            self._end()
        return False

    def _on_chunk(self):
        if self._left <= 0:
            line = self._split(b"\r\n")
            if line is None:
                return False
            if line:  # else it is what ends the chunk before
                self._left = int(line, 16)
                if not self._left:
                    self._end()
            return True
        n = min(self._left, len(self._raw))
        self._body(n)
        self._left -= n
        return n > 0

    def _end(self):
        self._say(type="http.response.body", body=b"", more_body=False)
        self._complete = True
        self._wake()

    def close(self):
        """The server is done: an answer that ends with the connection is whole now."""
        if self._step == self._on_body and self._left < 0 and not self._gone:
            self._end()
