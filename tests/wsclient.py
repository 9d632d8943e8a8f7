"""A WebSocket client for tests: wsproto checks what the server says; what is sent may be any bytes."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterable, Iterator

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError

from .wireclient import Client

Seen = tuple[str, object]


def frame(first: int, payload: bytes = b"", *, mask: bool = True, head: bytes = b"") -> bytes:
    """A client's frame: first byte, payload. head: the bytes of another head than the right one, without the mask."""
    if not head:
        size = len(payload)
        if size < 126:
            head = bytes([first, size])
        elif size < 65536:
            head = bytes([first, 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([first, 127]) + size.to_bytes(8, "big")
    if not mask:
        return head + payload
    key = os.urandom(4)
    masked = bytes(c ^ key[i & 3] for i, c in enumerate(payload))
    return bytes([head[0], head[1] | 128]) + head[2:] + key + masked


class Socket:
    """A WebSocket to a server of this machine."""

    def __init__(self, port: int, path: str, *, timeout: float = 8, window: int = 0, **request: object) -> None:
        self.client = Client(port, timeout, window)
        self.peer = WSConnection(ConnectionType.CLIENT)
        self.client.send(self.peer.send(Request(host=f"127.0.0.1:{port}", target=path, **request)))  # type: ignore[arg-type]
        self._messages: list[str | bytes] = []
        first = next(self._events())
        assert isinstance(first, (AcceptConnection, RejectConnection)), first
        self.accepted = first if isinstance(first, AcceptConnection) else None
        self.status = 101 if self.accepted else first.status_code
        self.closed = False

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.sock.close()

    def send(self, *events: Event) -> None:
        for event in events:
            self.client.send(self.peer.send(event))

    def say(self, text: str) -> None:
        self.send(TextMessage(data=text))

    def raw(self, data: bytes, pieces: int = 0) -> None:
        """Sends any bytes; what the server thinks of them does not stop it."""
        with contextlib.suppress(ConnectionError):
            self.client.send(data, pieces)

    def _events(self) -> Iterator[Event]:
        while True:
            yield from self.peer.events()
            try:
                data = self.client.sock.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                return
            self.peer.receive_data(data)

    def seen(self) -> Iterator[Seen]:
        """What the server says: ("text", …), ("bytes", …), ("ping", …), ("pong", …), ("close", code), ("end", None).

        Fragments of a message are put together. A Close is answered.
        """
        parts: list[str | bytes] = []
        for event in self._events():
            if isinstance(event, (TextMessage, BytesMessage)):
                parts.append(event.data)
                if event.message_finished:
                    kind = "text" if isinstance(event, TextMessage) else "bytes"
                    yield kind, ("" if kind == "text" else b"").join(parts)  # type: ignore[arg-type]
                    parts = []
            elif isinstance(event, (Ping, Pong)):
                yield ("ping" if isinstance(event, Ping) else "pong"), bytes(event.payload)
            elif isinstance(event, CloseConnection):
                with contextlib.suppress(ConnectionError, LocalProtocolError):
                    self.send(event.response())
                self.client.half_close()
                yield "close", int(event.code)
            else:
                assert isinstance(event, RejectData)
        yield "end", None

    def take(self, n: int) -> list[Seen]:
        """The next n things that the server says."""
        seen = self.seen()
        return [next(seen) for _ in range(n)]

    def all(self) -> list[Seen]:
        """All that the server says until it closes the connection."""
        return list(self.seen())

    def crash(self) -> None:
        """Goes without a word."""
        self.client.reset()


def handshake(*lines: str, path: str = "/echo", leave: Iterable[str] = ()) -> bytes:
    """The bytes of an opening handshake: with other or more lines, or without those that `leave` names."""
    fields = {
        "host": "Host: test",
        "upgrade": "Upgrade: websocket",
        "connection": "Connection: Upgrade",
        "sec-websocket-key": "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "Sec-WebSocket-Version: 13",
    }
    fields.update({line.partition(":")[0].lower(): line for line in lines})
    kept = [line for name, line in fields.items() if name not in leave]
    return "\r\n".join([f"GET {path} HTTP/1.1", *kept, "", ""]).encode("latin-1")


def connect(port: int, data: bytes) -> tuple[Client, bytes]:
    """A connection on which `data` was sent, and the head of the answer."""
    client = Client(port)
    client.send(data)
    return client, client._until(b"\r\n\r\n")


__all__ = ["Seen", "Socket", "connect", "frame", "handshake", "socket"]
