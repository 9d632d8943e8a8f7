"""One end of a connection that speaks HTTP/1.1, for the development server's proxy."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from typing import Any

import h11

from .link import Link

BUFFER = 16384  # bytes under way each way: a client that does not read shall be noticed, as by a board
_READ = 65536
_AHEAD = 65536  # bytes of the next requests that are read while one is answered
_ENDS = (h11.EndOfMessage, h11.ConnectionClosed)


class NotHttp(Exception):
    """What came is not HTTP/1.1: it can only be carried as it is."""


@dataclass
class Peer:
    """A connection. role: ours in it. link: the way to the peer. longest: head that is looked at, in bytes. raw: what
    came, and was not sent on yet.

    h11 only looks at what comes: what is sent on is the same, byte for byte.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    role: type[h11.SERVER] | type[h11.CLIENT]
    link: Link
    longest: int = _READ
    raw: bytes = b""
    ended: bool = False
    http: h11.Connection = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Expects a new message."""
        self.http = h11.Connection(self.role, max_incomplete_event_size=self.longest)
        if self.raw:
            self.http.receive_data(self.raw)
        if self.ended:
            self.http.receive_data(b"")

    async def receive(self) -> bool:
        """Reads some bytes; False at the end."""
        data = await self.reader.read(_READ)
        self.raw += data
        self.ended = not data
        self.http.receive_data(data)
        return bool(data)

    def next(self) -> Any:
        """The next event, h11.NEED_DATA when it has not come. Raises NotHttp."""
        try:
            event = self.http.next_event()
        except h11.RemoteProtocolError:
            raise NotHttp from None
        if isinstance(event, h11.Request) and not (event.http_version == b"1.1" and self._came().endswith(b"\r\n\r\n")):
            raise NotHttp  # an older version, or line ends that h11 forgives and the site does not
        return event

    async def event(self) -> Any:
        """The next event. Raises NotHttp."""
        while (event := self.next()) is h11.NEED_DATA:
            await self.receive()
        return event

    def _came(self) -> bytes:
        return self.raw[: len(self.raw) - len(self.http.trailing_data[0])]

    def take(self) -> bytes:
        """The bytes of the events that there were."""
        taken = self._came()
        self.raw = self.raw[len(taken) :]
        return taken

    async def write(self, data: bytes) -> None:
        """Sends bytes; waits while the peer takes none."""
        if data:
            await self.link.carry(len(data))
            self.writer.write(data)
            await self.writer.drain()

    async def send(self, *events: Any) -> None:
        await self.write(b"".join(self.http.send(event) or b"" for event in events))

    async def follow(self, source: Peer, out: bytes = b"") -> None:
        """Sends `out`, then what comes from another peer, byte for byte, to the end of its message. Raises NotHttp."""
        while (event := source.next()) is not h11.PAUSED and type(event) not in _ENDS:
            if event is h11.NEED_DATA:
                await self.write(out + source.take())
                out = b""
                await source.receive()
        await self.write(out + source.take())

    async def relay(self, source: Peer, head: h11.Response, more: bytes) -> None:
        """Sends an answer that another peer sends, with another head, and with `more` at the end of its body."""
        event: Any = head
        out = b""
        while type(event) is not h11.EndOfMessage:
            out += self.http.send(event) or b""
            event = source.next()
            if event is h11.NEED_DATA:
                await self.write(out)
                out = b""
                event = await source.event()
        source.take()
        out += (self.http.send(h11.Data(data=more)) or b"") if more else b""
        await self.write(out + (self.http.send(event) or b""))

    async def read_ahead(self) -> None:
        """Reads what comes after a message, so that its end is noticed; returns at the end."""
        while not self.ended:
            if len(self.raw) >= _AHEAD:
                await asyncio.get_running_loop().create_future()
            await self.receive()

    def end(self) -> None:
        """Says that nothing more will be sent."""
        with contextlib.suppress(OSError, RuntimeError):
            if self.writer.can_write_eof():
                self.writer.write_eof()

    async def linger(self) -> None:
        """Ends the connection so that what was sent arrives: closing on what the peer still sends could destroy it
        (RFC 9112 §9.6)."""
        self.end()
        with contextlib.suppress(asyncio.TimeoutError, OSError):
            await asyncio.wait_for(self._drop(), 1)
        self.close()

    async def _drop(self) -> None:
        while await self.reader.read(_READ):
            pass

    def close(self, hard: bool = False) -> None:
        """Closes the connection. hard: at once, so that the peer can tell that something is missing."""
        if hard:
            self.writer.transport.abort()
        else:
            self.writer.close()


async def connect(port: int) -> Peer:
    """A connection to a server of this machine. Raises OSError."""
    sock = socket.socket()
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        return Peer(*await asyncio.open_connection(sock=sock, limit=BUFFER), h11.CLIENT, Link())
    except BaseException:
        sock.close()
        raise


async def cancel(*tasks: asyncio.Future[Any]) -> None:
    """Cancels tasks, and returns when they have ended: two can not wait for the same reader."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def _pump(source: Peer, target: Peer) -> None:
    data, source.raw = source.raw, b""
    while data:
        await target.write(data)
        data = await source.reader.read(_READ)


async def upload(client: Peer, site: Peer) -> None:
    """Carries what a client sends as it is, and says when it ends."""
    try:
        if client.raw or not client.ended:
            client.raw = client.raw or await client.reader.read(_READ)
            await _pump(client, site)
        site.end()
    except (OSError, RuntimeError):  # one of them is gone; the site's way to the client will notice
        site.close(hard=True)


async def carry(client: Peer, site: Peer) -> None:
    """Carries bytes as they are, both ways, until the site ends."""
    up = asyncio.ensure_future(upload(client, site))
    try:
        if site.raw or not site.ended:
            site.raw = site.raw or await site.reader.read(_READ)
            await _pump(site, client)
    finally:
        await cancel(up)
    await client.linger()
