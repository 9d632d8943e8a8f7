"""One end of a connection that speaks HTTP/1.1, for the development server's proxy."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

import h11

from .link import Link

_READ = 65536
_AHEAD = 65536  # bytes of the next requests that are read while one is answered


class NotHttp(Exception):
    """What came is not HTTP/1.1: `data`, all of it."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data


@dataclass
class Peer:
    """A connection, and what h11 knows of it. role: ours in it. link: the way to the peer."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    role: type[h11.SERVER] | type[h11.CLIENT]
    link: Link
    http: h11.Connection = field(init=False)

    def __post_init__(self) -> None:
        self.http = h11.Connection(self.role, max_incomplete_event_size=_READ)

    async def _receive(self) -> None:
        self.http.receive_data(await self.reader.read(_READ))

    async def head(self) -> Any:
        """The next event, where a head should come. Raises NotHttp for anything else."""
        while True:
            before = self.http.trailing_data[0]
            try:
                event = self.http.next_event()
            except h11.RemoteProtocolError:
                raise NotHttp(before) from None
            if isinstance(event, h11.Request) and event.http_version < b"1.1":
                raise NotHttp(before)
            if event is not h11.NEED_DATA:
                return event
            await self._receive()

    async def event(self) -> Any:
        """The next event of a body. Raises h11.RemoteProtocolError when it breaks off."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            await self._receive()
        return event

    async def write(self, data: bytes) -> None:
        """Sends bytes as they are; waits while the peer takes none."""
        await self.link.carry(len(data))
        self.writer.write(data)
        await self.writer.drain()

    async def send(self, *events: Any) -> None:
        await self.write(b"".join(self.http.send(event) or b"" for event in events))

    async def relay(self, source: Peer, head: Any, *, more: bytes = b"") -> None:
        """Sends a message that another peer sends, from its head on, as it comes. more: is added to the body."""
        event = head
        out = b""
        while type(event) is not h11.EndOfMessage:
            out += self.http.send(event) or b""
            event = source.http.next_event()
            if event is h11.NEED_DATA:
                await self.write(out)
                out = b""
                event = await source.event()
        out += (self.http.send(h11.Data(data=more)) or b"") if more else b""
        await self.write(out + (self.http.send(event) or b""))

    async def read_ahead(self) -> None:
        """Reads what comes after a message, so that its end is noticed; returns at the end."""
        size = 0
        while size < _AHEAD:
            data = await self.reader.read(_READ)
            self.http.receive_data(data)
            if not data:
                return
            size += len(data)
        await asyncio.get_running_loop().create_future()

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


async def cancel(*tasks: asyncio.Future[Any]) -> None:
    """Cancels tasks, and returns when they have ended: two can not wait for the same reader."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def _pump(source: Peer, target: Peer) -> None:
    while data := await source.reader.read(_READ):
        await target.write(data)
    target.end()


async def carry(one: Peer, other: Peer) -> None:
    """Carries bytes as they are, both ways, until both have ended or one has failed."""
    ways = [asyncio.ensure_future(_pump(one, other)), asyncio.ensure_future(_pump(other, one))]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
        for way in done:
            way.result()
    finally:
        await cancel(*ways)
