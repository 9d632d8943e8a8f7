"""Server-sent events (WHATWG HTML §9.2): a page's EventSource hears of what happens. Loaded by programs that import it.

One handler that tells one page:

    @app.route("/seconds")
    async def seconds(req, resp):
        events = await sse.start(resp)
        while True:
            await events.send(time.time())
            await asyncio.sleep(1)

Many pages that hear the same:

    news = sse.Channel()

    @app.route("/news")
    async def serve(req, resp):
        await news.serve(req, resp)

    news.publish({"door": "open"})
"""

import asyncio
import json
import os
from binascii import hexlify

from .compat import receive, ticks_diff, ticks_ms
from .keeper import keeper
from .response import start_response

_PING = b":\n\n"  # a comment, which clients ignore
_scrap = memoryview(bytearray(64))


class Closed(OSError):
    """The client has gone."""


def _field(name, value):
    value = str(value)
    if "\n" in value or "\r" in value or "\0" in value:
        raise ValueError("line break or NUL in an event's " + name)
    return "%s: %s\n" % (name, value)


def encode(data, event=None, id=None, retry=None):
    """An event's bytes; see Events.send()."""
    text = ""
    if event is not None:
        text = _field("event", event)
    if id is not None:
        text += _field("id", id)
    if retry is not None:
        text += "retry: %d\n" % retry
    if data is not None:
        if not isinstance(data, str):
            data = json.dumps(data)
        for line in data.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
            text += "data: %s\n" % line
    return (text + "\n").encode()


def last_event_id(req):
    """The id of the last event that a client has had before it lost the connection, "" when it had none."""
    try:
        return str(req.headers.get(b"last-event-id", b""), "utf-8")
    except UnicodeError:
        return ""


def _is_gone(resp):
    """True when the client has closed its side. What it sends is dropped: nothing can follow the stream."""
    try:
        return receive(resp.sock, _scrap) == 0
    except OSError:
        return True


class Events:
    """A stream of events to one client."""

    def __init__(self, resp):
        self._resp = resp

    async def send(self, data, event=None, id=None, retry=None):
        """Sends an event, at once.

        data: a str, of any number of lines; anything else goes as JSON; None for none, then pages are told nothing.
        event: its name, "message" without one. id: what the client shows as Last-Event-ID when it comes again.
        retry: the milliseconds after which it comes again. Raises Closed when the client has gone, ValueError for a
        line break in event or id.
        """
        await self.write(encode(data, event, id, retry))

    async def ping(self):
        """Sends a comment: proxies keep the connection, and a client that has gone is found."""
        await self.write(_PING)

    async def write(self, block):
        """Sends events that are bytes already, as encode() gives them."""
        resp = self._resp
        if _is_gone(resp):
            resp.broken = True  # should a handler let Closed pass, that is no error
            raise Closed("the client has gone")
        await resp.awrite(block)
        await resp.drain()


async def start(resp, retry=None):
    """Starts the answer; returns its Events. For a HEAD request the handler ends here.

    retry: the milliseconds after which the client comes again when the connection is lost.
    """
    resp.keep = False
    await start_response(resp, "text/event-stream", headers="Cache-Control: no-store\r\n")
    await resp.drain()
    if resp.drops():
        resp.broken = True
        raise Closed("a HEAD request has no events")
    events = Events(resp)
    if retry is not None:
        await events.send(None, retry=retry)
    return events


class _Client:
    """One client of a channel: the events that it has yet to get."""

    def __init__(self, channel, resp):
        self.channel = channel
        self.resp = resp
        self.queue = []
        self.wake = asyncio.Event()
        self.task = asyncio.current_task()
        self.gone = False
        self.sent = ticks_ms()

    def put(self, block):
        channel = self.channel
        if self.gone:
            return
        if len(self.queue) >= channel.limit:
            channel.lost += 1
            if channel.drop_slow:
                self.gone = True
                self.task.cancel()
                return
            self.queue.pop(0)
        self.queue.append(block)
        self.wake.set()

    def look(self, now):
        """Once a second: is it still there, is it time for a sign of life?"""
        if _is_gone(self.resp):
            self.gone = True
            self.wake.set()
        elif not self.queue and ticks_diff(now, self.sent) > self.channel.ping:
            self.put(_PING)

    async def send_all(self, events):
        while not self.gone:
            while self.queue:
                await events.write(self.queue.pop(0))
                self.sent = ticks_ms()
            self.wake.clear()
            await self.wake.wait()


class Channel:
    """Events for many clients.

    limit: the events that wait for a slow client; one more, and it loses the oldest, or the connection when drop_slow
    is true. history: so many of the last events are kept for clients that come again. ping: seconds of silence after
    which a comment is sent. retry: see start(). clients: who is connected. lost: how many events slow ones have lost.
    """

    def __init__(self, limit=16, drop_slow=False, history=0, ping=15, retry=None):
        self.limit = limit
        self.drop_slow = drop_slow
        self.ping = ping * 1000
        self.retry = retry
        self.clients = []
        self.lost = 0
        self._history = history
        self._kept = []  # (id, event as bytes)
        self._boot = str(hexlify(os.urandom(3)), "ascii")  # an id of before the restart is nobody's now
        self._count = 0

    def publish(self, data, event=None, id=None):
        """Sends an event to all clients, from any function; returns their number. See Events.send().

        With a history, an event without an id gets one.
        """
        if self._history:
            if id is None:
                self._count += 1
                id = "%s-%d" % (self._boot, self._count)
            id = str(id)
        block = encode(data, event, id)
        if self._history:
            self._kept.append((id, block))
            if len(self._kept) > self._history:
                self._kept.pop(0)
        for client in list(self.clients):
            client.put(block)
        return len(self.clients)

    async def serve(self, req, resp):
        """A handler's whole body: sends events until the client has gone.

        A client that comes again gets what it missed of the history, all of it when its last event is not there.
        """
        try:
            events = await start(resp, self.retry)
        except Closed:
            return
        client = _Client(self, resp)
        missed = self._missed(last_event_id(req))
        self.clients.append(client)
        keeper(resp.server).add(client)
        try:
            for block in missed:
                await events.write(block)
            await client.send_all(events)
        except Closed:
            pass
        finally:
            self.clients.remove(client)
            keeper(resp.server).remove(client)

    def _missed(self, last):
        kept = self._kept if last else []
        for n, (id, _) in enumerate(kept):
            if id == last:
                kept = kept[n + 1 :]
                break
        return [block for _, block in kept]
