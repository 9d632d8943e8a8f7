"""A client of raw sockets: it sends the bytes it is told, and takes only answers that are right by RFC 9112."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import time
from dataclasses import dataclass

_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) ([\t -~]*)")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~]*?)[ \t]*")


class BadAnswer(AssertionError):
    """The server's answer is not HTTP."""


class BrokenOff(BadAnswer):
    """The connection ended before the answer was whole."""


@dataclass(frozen=True)
class Reply:
    """An answer. `fields`: its header lines, names in lower case."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        """The value of a header field, None without it."""
        values = [value for key, value in self.fields if key == name.lower()]
        return ", ".join(values) if values else None

    @property
    def chunked(self) -> bool:
        return self["Transfer-Encoding"] == "chunked"

    @property
    def closes(self) -> bool:
        return "close" in (self["Connection"] or "").lower()


class Client:
    """A connection. Every wait ends after `timeout` seconds."""

    def __init__(self, port: int, timeout: float = 5, window: int = 0) -> None:
        self.sock = socket.socket()
        if window:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.sock.settimeout(timeout)
        self.sock.connect(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: bytes, pieces: int = 0) -> None:
        """Sends data; in pieces of so many bytes, each on its own way, if that is not 0."""
        for at in range(0, len(data), pieces or len(data)):
            self.sock.sendall(data[at : at + (pieces or len(data))])
            if pieces:
                time.sleep(0.001)

    def half_close(self) -> None:
        """Says that nothing more will come."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Ends the connection as a crash does, with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def _more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise BrokenOff(f"the connection ended after {self.got[-200:]!r}")
        self.got += data

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.got:
            self._more()
        found, _, self.got = self.got.partition(mark)
        return found

    def _exactly(self, n: int) -> bytes:
        while len(self.got) < n:
            self._more()
        found, self.got = self.got[:n], self.got[n:]
        return found

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = self._until(b"\r\n")
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
                raise BadAnswer(f"bad chunk size {size!r}")
            if int(size, 16) == 0:
                break
            body += self._exactly(int(size, 16))
            if self._exactly(2) != b"\r\n":
                raise BadAnswer("no line break after a chunk")
        if self._until(b"\r\n"):
            raise BadAnswer("trailers that nobody asked for")
        return body

    def rest(self) -> bytes:
        """What still comes until the server closes or resets the connection."""
        with contextlib.suppress(ConnectionError):
            while data := self.sock.recv(65536):
                self.got += data
        found, self.got = self.got, b""
        return found

    def head(self) -> Reply:
        """The next answer's head, checked."""
        first, *lines = self._until(b"\r\n\r\n").split(b"\r\n")
        status = _STATUS_LINE.fullmatch(first)
        if not status:
            raise BadAnswer(f"bad status line {first!r}")
        fields = []
        for line in lines:
            field = _FIELD.fullmatch(line)
            if not field:
                raise BadAnswer(f"bad header line {line!r}")
            fields.append((field[1].decode().lower(), field[2].decode()))
        reply = Reply(int(status[1]), fields, b"")
        framing = [name for name, _ in fields if name in ("content-length", "transfer-encoding")]
        if len(framing) > 1 or (framing and (reply.status < 200 or reply.status == 204)):
            raise BadAnswer(f"framing {framing} of a {reply.status}")
        if not re.fullmatch(r"\d+", reply["Content-Length"] or "0"):
            raise BadAnswer(f"Content-Length {reply['Content-Length']!r}")
        return reply

    def _body(self, reply: Reply) -> bytes:
        if reply.chunked:
            return self._chunks()
        length = reply["Content-Length"]
        return self.rest() if length is None else self._exactly(int(length))

    def reply(self, method: str = "GET") -> Reply:
        """The next answer, to a request of this method; it must be whole."""
        reply = self.head()
        if method == "HEAD" or reply.status < 200 or reply.status in (204, 304):
            return reply
        return Reply(reply.status, reply.fields, self._body(reply))

    def ask(self, request: bytes) -> Reply:
        """Sends a request and gives its answer."""
        self.send(request)
        return self.reply(request.partition(b" ")[0].decode())

    def is_open(self) -> bool:
        """True when the connection can be used for another request."""
        return self.ask(request("GET", "/")).status == 200

    def is_closed(self) -> bool:
        """True when the server closes the connection now and sends nothing more."""
        return self.rest() == b""


def request(method: str, target: str, *lines: str, body: bytes | None = None, version: str = "1.1") -> bytes:
    """The bytes of a request, with Host, and with Content-Length when it has a body."""
    head = [f"{method} {target} HTTP/{version}", "Host: test", *lines]
    if body is not None:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + (body or b"")


def ask(port: int, method: str, target: str, *lines: str, body: bytes | None = None, version: str = "1.1") -> Reply:
    """The answer to one request on a connection of its own."""
    with Client(port) as client:
        return client.ask(request(method, target, *lines, body=body, version=version))


def answers(port: int, data: bytes, method: str = "GET") -> tuple[Reply, bytes]:
    """The first answer to some bytes, and all that comes after it."""
    with Client(port) as client:
        client.send(data)
        first = client.reply(method)
        client.half_close()
        return first, client.rest()
