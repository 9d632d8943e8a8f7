# The server of tests/test_websocket.py and tests/test_sse.py, for MicroPython and CPython; run in the project's folder:
#     live_app.py PORT [LIMIT=NUMBER …]
import asyncio
import gc
import sys

sys.path.insert(0, ".")

import picoweb
from picoweb import sse, websocket

app = picoweb.WebApp("live_app")
closed = []  # why the handlers of /note ended


@app.route("/")
async def hello(req, resp):
    await picoweb.respond(resp, "hello", "text/plain")


@app.route("/heap")
async def heap(req, resp):
    gc.collect()
    used = gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0
    await picoweb.jsonify(resp, {"used": used, "closed": closed})
    del closed[:]


@app.route("/short")
async def short(req, resp):
    await picoweb.start_response(resp, "text/plain", headers={"Content-Length": "10"})
    await resp.awrite("abc")


# WebSockets


@app.route("/echo")
@websocket.websocket(ping=0)
async def echo(req, ws):
    while True:
        await ws.send(await ws.receive())


@app.route("/small")
@websocket.websocket(limit=100, protocols=("v2", "v1"), origins=["https://good.example"])
async def small(req, ws):
    await ws.send(f"protocol {ws.protocol}")
    while True:
        await ws.send(await ws.receive())


@app.route("/any-origin/<int:n>")
@websocket.websocket(origins="*")
async def any_origin(req, ws, n):
    await ws.send(str(n))


@app.route("/note")
@websocket.websocket(ping=1)
async def note(req, ws):
    try:
        while True:
            await ws.receive()
    except websocket.Closed as e:
        closed.append([e.code, e.reason])
        raise


@app.route("/pieces")
@websocket.websocket
async def pieces(req, ws):
    await ws.send(str(n) + "," for n in range(1000))
    await ws.send(b"%d," % n for n in range(3))
    await ws.send(iter(()))


@app.route("/bad-pieces")
@websocket.websocket
async def bad_pieces(req, ws):
    def numbers():
        yield "1"
        raise ValueError("no more numbers")

    await ws.send(numbers())


@app.route("/count")
@websocket.websocket
async def count(req, ws):
    size = 0
    while True:
        data = await ws.read(700)
        if not data:
            await ws.send(str(size))
            size = 0
        size += len(data)


@app.route("/hurry")
@websocket.websocket
async def hurry(req, ws):
    async def receive():
        try:
            return await ws.receive()
        except websocket.Closed:
            return None

    n = 0
    while ws.code is None:
        task = asyncio.create_task(receive())
        await asyncio.sleep(0.05)
        if not task.done():
            task.cancel()
        try:
            message = await task
        except asyncio.CancelledError:
            n += 1
            continue
        if message:
            await ws.send(message + (" after waiting" if n else " at once"))


@app.route("/together")
@websocket.websocket
async def together(req, ws):
    async def sends(letter):
        for _ in range(20):
            await ws.send(letter * 5000)

    tasks = [asyncio.create_task(sends(letter)) for letter in "abc"]
    for task in tasks:
        await task


@app.route("/flood")
@websocket.websocket
async def flood(req, ws):
    try:
        while True:
            await ws.send(b"x" * 4096)
    except websocket.Closed as e:
        closed.append([e.code, e.reason])
        raise


@app.route("/flood-beside")
@websocket.websocket(ping=0)
async def flood_beside(req, ws):
    async def flood():
        try:
            while True:
                await ws.send(b"x" * 4096)
        except websocket.Closed as e:
            closed.append(["flood", e.code])

    task = asyncio.create_task(flood())
    try:
        await ws.receive()
    except websocket.Closed as e:
        closed.append(["receive", e.code])
    await task


@app.route("/close/<int:code>")
@websocket.websocket
async def closes(req, ws, code):
    await ws.close(code, "as asked")
    closed.append([ws.code, ws.reason])


@app.route("/raise")
@websocket.websocket
async def fails(req, ws):
    await ws.receive()
    raise ValueError("in a websocket")


@app.route("/misuse")
@websocket.websocket
async def misuse(req, ws):
    other = asyncio.create_task(ws.receive())
    await asyncio.sleep(0)
    seen = []
    for call in (lambda: ws.receive(), lambda: ws.read(1), lambda: ws.close(1000, "é" * 62), lambda: ws.send(5)):
        try:
            await call()
        except (RuntimeError, ValueError, TypeError) as e:
            seen.append(type(e).__name__)
    await ws.send(" ".join(seen))
    await ws.send(await other)
    await ws.ping()
    await ws.close(1000, "é" * 61)
    try:
        await ws.send("too late")
    except websocket.Closed as e:
        closed.append([e.code, e.reason])


@app.route("/leave")
@websocket.websocket
async def leave(req, ws):
    async def reads():
        try:
            await ws.receive()
        except websocket.Closed:
            closed.append("left")

    ws.task = asyncio.create_task(reads())
    await asyncio.sleep(0)


@app.route("/accept")
async def accepts(req, resp):
    ws = await websocket.accept(req, resp)
    if await ws.receive() == "close":
        await ws.close(4000, "done")
    elif await ws.receive() == "leave":
        return
    await ws.receive()


# Server-sent events


@app.route("/pull")
async def pull(req, resp):
    events = await sse.start(resp, retry=100)
    await events.send("from " + (sse.last_event_id(req) or "the start"))
    await events.send("line 1\nline 2\r\nline 3\rline 4")
    await events.send({"a": [1, None]}, event="json", id="7")
    await events.send("")
    await events.send("é", id="café", event="naïve")
    await events.ping()
    await events.send(5, retry=200)


@app.route("/ticks")
async def ticks(req, resp):
    events = await sse.start(resp)
    n = 0
    try:
        while True:
            n += 1
            await events.send(n)
            await asyncio.sleep(0.05)
    finally:
        closed.append("ticks")


@app.route("/refused")
async def refused(req, resp):
    events = await sse.start(resp)
    for options in ({"event": "a\nb"}, {"id": "a\rb"}, {"id": "a\0"}, {"event": "a\r\ndata: b"}):
        try:
            await events.send("x", **options)
        except ValueError as e:
            await events.send(str(e))


news = sse.Channel(limit=4, history=3, ping=1, retry=100)
hurried = sse.Channel(limit=4, drop_slow=True)


@app.route("/news")
async def serve_news(req, resp):
    await news.serve(req, resp)


@app.route("/hurried")
async def serve_hurried(req, resp):
    await hurried.serve(req, resp)


@app.route("/publish/<channel>", methods=["POST"])
async def publish(req, resp, channel):
    data = str(await req.read(), "utf-8")
    to = news if channel == "news" else hurried
    n = to.publish(data)
    await picoweb.jsonify(resp, {"clients": n, "lost": to.lost})


@app.route("/cut")
async def cut(req, resp):
    for client in news.clients:
        client.task.cancel()
    await picoweb.jsonify(resp, None)


@app.route("/clients")
async def clients(req, resp):
    await picoweb.jsonify(resp, [len(news.clients), len(hurried.clients)])


app.run("127.0.0.1", int(sys.argv[1]), **{name: int(n) for name, n in (arg.split("=") for arg in sys.argv[2:])})
