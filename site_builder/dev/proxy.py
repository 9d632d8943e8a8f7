"""The proxy in front of the running site: it adds the script that reloads to pages, and else only carries.

Each connection of a client has one of its own to the site, from its first moment to its last, so that the site's
limits, keep-alive and aborts are those that a client of the board meets.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any, Protocol

import h11

from . import heads
from .link import Link
from .pages import PREFIX, SCRIPT, Overlay, Pages, of_message
from .peer import NotHttp, Peer, cancel, carry

_BEAT = 15.0  # seconds between signs of life to an open page
_UPLOAD = 15.0  # seconds that the rest of a request may take after its answer
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_LOCAL = Link()  # between the proxy and the site


class Site(Protocol):
    """What the proxy asks about the site."""

    port: int  # where it listens now, 0 when it does not

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

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Listens for clients. Raises OSError when the address is taken."""
        return await asyncio.start_server(self._serve, host, port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchanges = Exchanges(self, Peer(reader, writer, h11.SERVER, self.link))
        try:
            await exchanges.run()
        except (OSError, h11.ProtocolError):
            exchanges.close(hard=True)
        finally:
            exchanges.close()


@dataclass
class Exchanges:
    """A client's connection, and the one to the site that belongs to it."""

    proxy: Proxy
    client: Peer
    site: Peer | None = None

    def close(self, hard: bool = False) -> None:
        self.client.close(hard)
        if self.site:
            self.site.close(hard)

    async def run(self) -> None:
        """Serves the client until one side ends the connection."""
        try:
            await self._connect(self.proxy.site.port)  # as a board: those who only connect take a place, too
            while await self._exchange():
                self.client.http.start_next_cycle()
                if self.site:
                    self.site.http.start_next_cycle()
        except NotHttp as e:
            if await self._connect(await self.proxy.site.ready()):
                assert self.site
                await self.site.write(e.data)
                await carry(self.client, self.site)

    async def _connect(self, port: int) -> bool:
        if self.site is None and port:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                self.site = Peer(reader, writer, h11.CLIENT, _LOCAL)
        return self.site is not None

    async def _request(self) -> Any:
        """The next request; None when the client, or the site, has ended the connection."""
        head = asyncio.ensure_future(self.client.head())
        waiting = {head}
        if self.site:
            gone = asyncio.ensure_future(self.site.reader.read(1))
            waiting.add(gone)
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not head.done():
                return None
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
            await self._leave_site()
            return await self._own(request, path)
        if not await self._connect(await self.proxy.site.ready()):
            return await self._down(request)
        assert self.site
        return await self._forward(request, self.site)

    async def _leave_site(self) -> None:
        if self.site:
            self.site.close()
            self.site = None

    # Carrying

    async def _forward(self, request: h11.Request, site: Peer) -> bool:
        page = heads.asks_for_page(request)
        uploaded = asyncio.Event()
        upload = asyncio.ensure_future(self._upload(heads.for_page(request) if page else request, site, uploaded))
        try:
            switched = await self._answer(request, site, page)
            keep = not switched and self.client.http.our_state is h11.DONE and site.http.their_state is h11.DONE
            if keep:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(uploaded.wait(), _UPLOAD)
        except NotHttp as e:  # of the site: old programs may write what they like
            await cancel(upload)
            if not e.data:
                raise ConnectionResetError from None
            await self.client.write(e.data)
            return await self._carry(site)
        finally:
            await cancel(upload)
        if switched:
            return await self._carry(site)
        if not keep or not uploaded.is_set():
            await self.client.linger()
            return False
        return True

    async def _upload(self, request: h11.Request, site: Peer, uploaded: asyncio.Event) -> None:
        """Sends a request on, then looks whether the client goes away."""
        try:
            await site.relay(self.client, request)
            uploaded.set()
            await self.client.read_ahead()
            site.end()
        except (OSError, h11.ProtocolError):
            site.close(hard=True)

    async def _carry(self, site: Peer) -> bool:
        """Carries what follows, which is not HTTP."""
        for source, target in ((self.client, site), (site, self.client)):
            early, ended = source.http.trailing_data
            if early:
                await target.write(early)
            if ended:
                target.end()
        await carry(self.client, site)
        return False

    async def _answer(self, request: h11.Request, site: Peer, page: bool) -> bool:
        """Sends the site's answer on; True when it switches to another protocol."""
        answer = await site.head()
        while isinstance(answer, h11.InformationalResponse):
            await self.client.send(answer)
            if answer.status_code == 101:
                return True
            answer = await site.head()
        more = b""
        if page:
            overlay = await self.proxy.site.failure(request) if answer.status_code >= 500 else None
            if heads.is_page(answer):
                more = self.proxy.pages.snippet(overlay)
                answer = heads.longer(answer, len(more))
            elif overlay and request.method != b"HEAD":
                await self._replace(request, answer, site, self.proxy.pages.page(overlay))
                return False
        await self.client.relay(site, heads.fresh(answer), more=b"" if request.method == b"HEAD" else more)
        return False

    async def _replace(self, request: h11.Request, answer: h11.Response, site: Peer, body: bytes) -> None:
        """Sends a page in place of what the site says."""
        while type(await site.event()) is not h11.EndOfMessage:
            pass
        await self._send(request, answer.status_code, _HTML, body)

    # Answers of our own

    async def _send(self, request: h11.Request, status: int, kind: str, body: bytes) -> None:
        fields = [(b"Content-Type", kind.encode()), (b"Content-Length", b"%d" % len(body))]
        answer = h11.Response(status_code=status, headers=[*fields, (b"Cache-Control", b"no-store")])
        data = [] if request.method == b"HEAD" else [h11.Data(data=body)]
        await self.client.send(answer, *data, h11.EndOfMessage())

    async def _end_request(self) -> None:
        while type(await self.client.event()) is not h11.EndOfMessage:
            pass

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
