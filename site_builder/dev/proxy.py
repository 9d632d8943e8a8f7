"""The proxy in front of the running site: it adds the script that reloads to pages, and else only carries.

Each connection of a client has one of its own to the site, from its first moment to its last, so that the site's
limits, keep-alive and aborts are those that a client of the board meets.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from typing import Any, Protocol

import h11

from . import heads
from .link import Link
from .pages import PREFIX, SCRIPT, Overlay, Pages, of_message
from .peer import BUFFER, NotHttp, Peer, cancel, carry, connect, upload

_BEAT = 15.0  # seconds between signs of life to an open page
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"


class Site(Protocol):
    """What the proxy asks about the site."""

    port: int  # where it listens now, 0 when it does not
    buffer: int  # the longest head of a request that it takes; what is longer is its own affair

    async def ready(self) -> int:
        """Its port, when it has been started; 0 when it will not be before it is changed."""

    async def failure(self, request: h11.Request) -> Overlay | None:
        """What is known of the exception that a request has just raised."""


@dataclass
class Proxy:
    """Carries between clients and the site."""

    site: Site
    pages: Pages
    link: Link = field(default_factory=Link)

    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Listens for clients. Raises OSError when the address is taken."""
        self._server = await asyncio.start_server(self._take, host, port)

    async def close(self) -> None:
        """Ends all connections, and listens no more."""
        if self._server:
            self._server.close()
        if self._tasks:
            await cancel(*self._tasks)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        exchanges = Exchanges(self, Peer(reader, writer, h11.SERVER, self.link, self.site.buffer))
        try:
            await exchanges.run()
        except (OSError, h11.ProtocolError, RuntimeError):  # one of them is gone
            exchanges.close(hard=True)
        finally:
            exchanges.close()


class Unanswered(NotHttp):
    """The site ended the connection in place of an answer."""


@dataclass
class Exchanges:
    """A client's connection, and the one to the site that belongs to it."""

    proxy: Proxy
    client: Peer
    site: Peer | None = None
    port: int = 0  # of the site that it is connected to

    def close(self, hard: bool = False) -> None:
        self.client.close(hard)
        if self.site:
            self.site.close(hard)

    async def run(self) -> None:
        """Serves the client until one side ends the connection."""
        await self._connect(self.proxy.site.port)  # as a board: those who only connect take a place, too
        try:
            while await self._exchange():
                self.client.begin()
                if self.site:
                    self.site.begin()
        except NotHttp:
            if await self._connect(await self.proxy.site.ready()):
                assert self.site
                await carry(self.client, self.site)

    async def _connect(self, port: int) -> bool:
        if self.site is None and port:
            with contextlib.suppress(OSError):
                self.site = await connect(port)
                self.port = port
        return self.site is not None

    async def _request(self) -> h11.Request | None:
        """The next request, None when the client has ended the connection. Raises NotHttp when the site has."""
        head = asyncio.ensure_future(self.client.event())
        waiting: set[asyncio.Future[Any]] = {head}
        if self.site:
            waiting.add(asyncio.ensure_future(self.site.receive()))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not head.done():
                if not self._restarted():
                    raise NotHttp
                self._leave_site()
                await asyncio.wait({head})
            request = head.result()
            return request if isinstance(request, h11.Request) else None
        finally:
            await cancel(*waiting)

    async def _exchange(self) -> bool:
        """Answers one request; False when the connection ends with it."""
        request = await self._request()
        if request is None:
            return False
        path = request.target.partition(b"?")[0].decode("latin-1")
        if path.startswith(PREFIX):
            self._leave_site()  # an open page shall not take a place there
            return await self._own(request, path)
        as_it_came = self.client.take()
        while await self._connect(await self.proxy.site.ready()):
            assert self.site
            try:
                return await self._forward(request, as_it_came, self.site)
            except Unanswered:
                if not self._restarted() or request.method not in (b"GET", b"HEAD"):
                    raise
                self._leave_site()  # it was restarted under way: the new one is asked
        return await self._down(request)

    def _restarted(self) -> bool:
        return self.port != self.proxy.site.port

    def _leave_site(self) -> None:
        if self.site:
            self.site.close()
            self.site = None

    # Carrying

    async def _forward(self, request: h11.Request, as_it_came: bytes, site: Peer) -> bool:
        page = heads.asks_for_page(request)
        head = site.http.send(heads.for_page(request) if page else request)  # h11 has to know what is asked for
        try:
            await site.write(head or b"" if page else as_it_came)
        except OSError:
            raise Unanswered from None
        uploaded: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        uploading = asyncio.ensure_future(self._upload(site, uploaded))
        try:
            if await self._answer(request, site, page) and await self._is_up(uploaded, site):
                return True
        finally:
            await cancel(uploading)
        raise NotHttp

    async def _is_up(self, uploaded: asyncio.Future[bool], site: Peer) -> bool:
        """True when all of a request is at the site; False when it was none, or the site has ended the connection."""
        if not uploaded.done():
            ended = asyncio.ensure_future(site.receive())
            await asyncio.wait({uploaded, ended}, return_when=asyncio.FIRST_COMPLETED)
            await cancel(ended)
        return uploaded.done() and uploaded.result()

    async def _upload(self, site: Peer, uploaded: asyncio.Future[bool]) -> None:
        """Sends the rest of a request on, then looks whether the client goes away."""
        try:
            await site.follow(self.client)
            uploaded.set_result(True)
            await self.client.read_ahead()
            site.end()
        except NotHttp:
            uploaded.set_result(False)
            await upload(self.client, site)
        except OSError:
            site.close(hard=True)

    async def _answer(self, request: h11.Request, site: Peer, page: bool) -> bool:
        """Sends the site's answer on; False when no other request can follow. Raises NotHttp."""
        try:
            answer = await site.event()
        except (OSError, NotHttp):
            if site.raw:
                raise
            raise Unanswered from None
        while isinstance(answer, h11.InformationalResponse):
            await self.client.write(site.take())
            if answer.status_code == 101:
                return False
            answer = await site.event()
        if not isinstance(answer, h11.Response):
            raise NotHttp
        if not page or not await self._page(request, answer, site):
            await self.client.follow(site, heads.fresh(site.take()))
        return site.http.their_state is h11.DONE

    async def _page(self, request: h11.Request, answer: h11.Response, site: Peer) -> bool:
        """Sends the answer to who asks for a page, with more in it; False when there is nothing to add."""
        overlay = await self.proxy.site.failure(request) if answer.status_code >= 500 else None
        if heads.is_page(answer):
            more = self.proxy.pages.snippet(overlay)
            body = b"" if request.method == b"HEAD" else more
            await self.client.relay(site, heads.longer(answer, len(more)), body)
            return True
        if overlay:
            while type(await site.event()) is not h11.EndOfMessage:
                pass
            site.take()
            await self._send(request, answer.status_code, _HTML, self.proxy.pages.page(overlay))
        return overlay is not None

    # Answers of our own

    async def _send(self, request: h11.Request, status: int, kind: str, body: bytes) -> None:
        fields = [(b"Content-Type", kind.encode()), (b"Content-Length", b"%d" % len(body))]
        answer = h11.Response(status_code=status, headers=[*fields, (b"Cache-Control", b"no-store")])
        data = [] if request.method == b"HEAD" else [h11.Data(data=body)]
        await self.client.send(answer, *data, h11.EndOfMessage())

    async def _end_request(self) -> None:
        while type(await self.client.event()) is not h11.EndOfMessage:
            pass
        self.client.take()

    def _keep(self) -> bool:
        return self.client.http.states[h11.CLIENT] is self.client.http.states[h11.SERVER] is h11.DONE

    async def _down(self, request: h11.Request) -> bool:
        """Answers while there is no site."""
        await self._end_request()
        overlay = self.proxy.pages.overlay or of_message("The site is not running")
        if heads.asks_for_page(request):
            await self._send(request, 503, _HTML, self.proxy.pages.page(overlay))
        else:
            await self._send(request, 503, _TEXT, f"{overlay['title']}\n".encode())
        return self._keep()

    async def _own(self, request: h11.Request, path: str) -> bool:
        """Answers for the paths of the development server."""
        await self._end_request()
        if path == PREFIX + "events" and request.method == b"GET":
            await self._events()
        elif path == PREFIX + SCRIPT.name:
            await self._send(request, 200, "text/javascript; charset=utf-8", SCRIPT.read_bytes())
        else:
            await self._send(request, 404, _TEXT, b"404 Not Found\n")
        return self._keep()

    async def _events(self) -> None:
        """Tells an open page how the site is, until the page goes."""
        fields = [(b"Content-Type", b"text/event-stream"), (b"Cache-Control", b"no-store")]
        await self.client.send(h11.Response(status_code=200, headers=fields), h11.Data(data=b"retry: 500\n\n"))
        queue = self.proxy.pages.open()
        gone = asyncio.ensure_future(self.client.read_ahead())
        try:
            while not gone.done():
                told = asyncio.ensure_future(queue.get())
                await asyncio.wait({told, gone}, timeout=_BEAT, return_when=asyncio.FIRST_COMPLETED)
                data = told.result() if told.done() else b": still here\n\n"
                await cancel(told)
                await self.client.send(h11.Data(data=data))
        finally:
            self.proxy.pages.close(queue)
            await cancel(gone)
        await self.client.send(h11.EndOfMessage())
