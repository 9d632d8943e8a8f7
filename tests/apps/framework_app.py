# The server of tests/test_framework.py, for MicroPython and CPython; run in the project's folder:
#     framework_app.py PORT
import asyncio
import re
import sys

sys.path.insert(0, ".")

import picoweb

sinks = []
seen = []


async def from_list(req, resp):
    return "%s of the list" % req.method


def by_regex(req, resp):
    return "regex %s" % req.url_match.group(1)


class Matcher:
    """Another object with match()."""

    def match(self, path):
        return path[9:] if path.startswith("/matcher/") else None


app = picoweb.WebApp(
    __name__,
    [
        ("/list", from_list),
        ("/list-get", from_list, {"methods": ["GET"]}),
        (re.compile("^/regex/(.+)$"), by_regex),
        (Matcher(), lambda req, resp: "matched " + req.url_match),
        (lambda path: path.endswith(".xyz"), lambda req, resp: "called"),
    ],
)


@app.route("/")
async def index(req, resp):
    await picoweb.respond(resp, "hello", "text/plain")


# What handlers return

VALUES = {
    "str": "<p>é</p>",
    "empty": "",
    "bytes": b"\x00\xff",
    "bytearray": bytearray(b"abc"),
    "dict": {"a": [1, None, "é"]},
    "list": [1, 2],
    "empty-dict": {},
    "created": ("made", 201),
    "status-text": ("x", "404"),
    "headers": ({"a": 1}, {"X-A": "b"}),
    "both": ("x", 202, {"X-A": "b"}),
    "raw-headers": ("x", 202, b"X-A: b\r\n"),
    "typed": ("a,b\n", 200, {"content-type": "text/csv", "Content-Length": "77"}),
    "nothing": (None, 204),
    "not-modified": ("", 304, {"ETag": '"1"'}),
    "none": None,
    "number": 5,
    "true": True,
    "set": {1},
    "object": object(),
    "four": ("a", 200, {}, 1),
    "bad-status": ("a", "much"),
    "bad-tuple": (1, 2),
    "injection": ("x", 200, {"X-A": "b\r\nX-B: c"}),
}


@app.route("/value/<name>")
async def value(req, resp, name):
    return VALUES[name]


@app.route("/plain/<name>")
def plain_value(req, resp, name):
    return VALUES[name]


@app.route("/old/<name>")
def old_value(req, resp, name):
    yield from asyncio.sleep(0).__await__() if hasattr(asyncio.sleep(0), "__await__") else asyncio.sleep(0)
    return VALUES[name]


def pieces(n):
    for i in range(n):
        yield "piece %d\n" % i


@app.route("/pieces/<int:n>")
def plain_pieces(req, resp, n):
    return pieces(n)


@app.route("/async-pieces/<int:n>")
async def async_pieces(req, resp, n):
    await asyncio.sleep(0)
    return pieces(n), 201, {"X-A": "b", "Content-Type": "text/plain"}


@app.route("/map")
async def mapped(req, resp):
    return map(str, range(4))


@app.route("/open-file")
async def open_file(req, resp):
    return open("LICENSE", "rb")


class Slow:
    """An object for `async for`."""

    def __init__(self):
        self.n = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.n += 1
        if self.n > 3:
            raise StopAsyncIteration
        await asyncio.sleep(0.01)
        return "slow %d\n" % self.n


@app.route("/slow")
async def slow(req, resp):
    return Slow()


def breaks_after(n):
    try:
        for _ in range(n):
            yield "x" * 1000
        raise ValueError("on purpose")
    finally:
        seen.append("closed")


@app.route("/breaks/<int:n>")
async def breaks(req, resp, n):
    return breaks_after(n)


@app.route("/seen")
async def what_was_seen(req, resp):
    found = list(seen)
    seen.clear()
    return found


@app.route("/bad-pieces")
async def bad_pieces(req, resp):
    return iter([1, 2])


@app.route("/returns-awaitable")
async def returns_awaitable(req, resp):
    await picoweb.start_response(resp, "text/plain")
    return resp.awrite("x" * 5000)


@app.route("/returns-too")
async def returns_too(req, resp):
    await picoweb.respond(resp, "written")
    return "returned"


@app.route("/lambda-respond")
def plain_respond(req, resp):
    return picoweb.jsonify(resp, [1])


def deco(func):
    async def inner(req, resp):
        await func(req, resp)

    return inner


@app.route("/decorated")
@deco
async def decorated(req, resp):
    await picoweb.respond(resp, "decorated")


class Views:
    async def coroutine(self, req, resp):
        return "method"

    def plain(self, req, resp):
        return "plain method"


app.add_url_rule("/method", Views().coroutine)
app.add_url_rule("/plain-method", Views().plain)
app.add_url_rule("/lambda", lambda req, resp: {"a": 1})


@app.route("/generator")
def generator(req, resp):
    yield from picoweb.start_response(resp, "text/plain")
    yield from resp.awrite("one ")
    yield from resp.drain()
    yield from resp.awrite("x" * 5000)
    yield from resp.awritestr("two")


@app.route("/tasks", methods=["POST"])
async def tasks(req, resp):
    body = await asyncio.wait_for(req.read(), 2)
    await picoweb.start_response(resp, "text/plain")
    await asyncio.create_task(resp.awrite(body * 3000))
    await asyncio.gather(resp.drain())


# Names


@app.route("/item/<int:n>")
@app.route("/item")
async def item(req, resp, n=0):
    return "item %d" % n


@app.route("/url")
async def url(req, resp):
    return [
        app.url_for("index"),
        app.url_for("item"),
        app.url_for("item", n=3),
        app.url_for("item", n=3, q="a b", r="é"),
        app.url_for("named"),
        app.url_for("tree", rest="a b/é"),
        app.url_for("plain_value", name="a/b?"),
        app.url_for("sub_index"),
        app.url_for("sub_item", n=2),
        sub.url_for("sub_index"),
        inner.url_for("inner_index"),
    ]


@app.route("/url-missing")
async def url_missing(req, resp):
    try:
        app.url_for("nothing", a=1)
    except LookupError as e:
        return str(e)


@app.route("/other", name="named")
async def other(req, resp):
    return "other"


@app.route("/tree/<path:rest>")
async def tree(req, resp, rest):
    return rest


@app.route("/twice")
async def first(req, resp):
    return "first"


@app.route("/twice", methods="POST")
async def second(req, resp):
    return "second"


@app.route("/twice", methods=["GET", "PUT"])
async def third(req, resp):
    return "third"


# Apps within apps


class SubApp(picoweb.WebApp):
    inits = 0

    def init(self):
        self.inits += 1
        super().init()


sub = SubApp("sub")
inner = SubApp("inner")


@sub.route("/")
async def sub_index(req, resp):
    return "sub %s %d" % (req.path, sub.inits)


@sub.route("/item/<int:n>")
def sub_item(req, resp, n):
    return "sub item %d at %s?%s" % (n, req.path, req.qs)


@sub.route("/fails")
async def sub_fails(req, resp):
    raise KeyError("of sub")


@sub.route("/unhandled")
async def sub_unhandled(req, resp):
    raise ValueError("of sub")


@sub.before_request
def sub_before(req, resp):
    resp.headers += "X-Sub: %s\r\n" % req.path


@sub.errorhandler(KeyError)
def sub_key_error(req, resp, exc):
    return "sub caught %s" % exc.args[0], 409


@sub.errorhandler(404)
async def sub_missing(req, resp):
    return "sub has no %s" % req.path


@inner.route("/")
def inner_index(req, resp):
    return "inner %s" % req.path


@inner.route("/inits")
async def inner_inits(req, resp):
    return [sub.inits, inner.inits]


app.mount("/sub", sub)
sub.mount("/inner/", inner)


# Hooks


class Hooked(picoweb.WebApp):
    pass


hooked = Hooked("hooked")


@hooked.before_request
async def check(req, resp):
    seen.append("before " + req.path)
    if req.qs == "stop":
        return "stopped", 403
    if req.qs == "write":
        await picoweb.respond(resp, "written by the hook")
    if req.qs == "raise":
        await picoweb.http_error(resp, 418)


@hooked.before_request
def check_too(req, resp):
    seen.append("second")


@hooked.after_request
async def add(req, resp):
    await asyncio.sleep(0)
    resp.headers += "X-After: %d\r\n" % resp.status


@hooked.after_request
def note(req, resp):
    seen.append("after %d" % resp.status)


@hooked.route("/")
async def hooked_index(req, resp):
    return "hooked"


@hooked.route("/made")
def hooked_made(req, resp):
    return "made", 201


@hooked.route("/fails")
async def hooked_fails(req, resp):
    raise ValueError("on purpose")


app.mount("/hooked", hooked)


# Errors


class Base(Exception):
    pass


class Derived(Base):
    pass


@app.errorhandler(Base)
async def base_error(req, resp, exc):
    return {"base": str(exc)}, 400


@app.errorhandler(Derived)
def derived_error(req, resp, exc):
    return "derived %s" % exc


@app.errorhandler(LookupError)
async def lookup_error(req, resp, exc):
    raise ValueError("the handler of errors fails")


@app.errorhandler(404)
async def missing(req, resp):
    return "nothing at %s" % req.path


@app.errorhandler(410)
async def gone(req, resp):
    await picoweb.respond(resp, "gone", "text/plain")


@app.route("/raise/<name>")
async def raises(req, resp, name):
    if name == "sent":
        await picoweb.start_response(resp)
        await resp.awrite("x" * 5000)
        raise Derived("late")
    kinds = {"base": Base, "derived": Derived, "index": IndexError, "other": ValueError, "memory": MemoryError}
    raise kinds[name]("why")


@app.route("/error/<int:n>")
def error(req, resp, n):
    yield from picoweb.http_error(resp, str(n))


class Handles(picoweb.WebApp):
    async def handle_exc(self, req, resp, exc):
        if req.qs == "default":
            return
        await picoweb.start_response(resp, status="500")
        await resp.awrite("handled %r" % exc.args[0])


handles = Handles("handles")


@handles.route("/before")
async def handles_before(req, resp):
    raise ValueError("early")


@handles.route("/buffered")
def handles_buffered(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("some of it")
    raise ValueError("buffered")


@handles.route("/sent")
async def handles_sent(req, resp):
    await picoweb.start_response(resp)
    await resp.awrite("x" * 5000)
    raise ValueError("late")


app.mount("/handles", handles)


# Requests


@app.route("/headers")
async def headers(req, resp):
    found = req.headers
    return {
        "bytes": str(found[b"X-Test"], "utf-8"),
        "str": found["x-TEST"],
        "get": [found.get("nothing"), found.get(b"nothing", 1) == 1, found.get("X-Latin")],
        "in": ["X-Test" in found, b"x-test" in found, "nothing" in found],
        "host": str(found[b"host"], "utf-8"),
        "names": sorted([str(name, "utf-8") for name in found]),
        "size": len(found) == len(list(found.items())),
    }


@app.route("/mode/<name>")
async def mode_parse(req, resp, name):
    return [hasattr(req, "headers")]


for mode in ("parse", "skip", "leave"):

    @app.route("/mode-" + mode, methods=["GET", "POST"], headers=mode)
    async def mode_of(req, resp):
        lines = []
        if req.mode == "leave":
            line = b" "
            while line != b"\r\n":
                line = await req.reader.readline()
                lines.append(str(line, "utf-8"))
        return [hasattr(req, "headers"), lines, str(await req.reader.read(), "utf-8")]


@app.route("/form", methods=["GET", "POST"])
def form(req, resp):
    if req.method == "POST":
        yield from req.read_form_data()
    else:
        req.parse_qs()
    return req.form


@app.route("/blank", methods=["GET", "POST"])
async def blank(req, resp):
    if req.method == "POST":
        await req.read_form_data(keep_blank_values=True)
    else:
        await req.parse_qs(keep_blank_values=True)
    return req.form


@app.route("/args")
async def args(req, resp):
    return req.args


@app.route("/json", methods=["POST"])
async def json_body(req, resp):
    return {"value": await req.read_json()}


@app.route("/stream", methods=["POST"])
async def stream(req, resp):
    buf = bytearray(100)
    sizes = [await req.stream.readinto(memoryview(buf)[:10]), len(await req.stream.read(5))]
    sizes.append(len(await req.stream.readexactly(300)))
    n = total = 0
    while True:
        n = await req.stream.readinto(buf)
        if not n:
            break
        total += n
    return sizes + [total]


@app.route("/lines", methods=["POST"])
async def lines(req, resp):
    found = []
    line = await req.reader.readline()
    while line:
        found.append(str(line, "utf-8"))
        line = await req.reader.readline()
    return found


@app.route("/too-short", methods=["POST"])
async def too_short(req, resp):
    try:
        await req.reader.readexactly(100)
    except EOFError as e:
        return str(e)


@app.route("/client")
async def client(req, resp):
    return [req.client[0], req.client[1], req.remote_addr, resp.get_extra_info("peername")[0]]


@app.route("/no-attribute")
async def no_attribute(req, resp):
    return [hasattr(req, "nonsense"), hasattr(resp, "nonsense"), hasattr(app, "nonsense")]


# Files and streams


@app.route("/sendfile")
def sendfile(req, resp):
    yield from app.sendfile(resp, "../../LICENSE")


@app.route("/module-sendfile")
async def module_sendfile(req, resp):
    await picoweb.sendfile(resp, "LICENSE", "text/x-test", {"X-A": "b"})


@app.route("/sendfile-missing/<path:name>")
async def sendfile_missing(req, resp, name):
    await app.sendfile(resp, name)


@app.route("/sendstream")
async def sendstream(req, resp):
    import io

    await picoweb.start_response(resp, "text/plain")
    await picoweb.sendstream(resp, io.BytesIO(b"0123456789" * 1000))


@app.route("/write")
async def write(req, resp):
    await picoweb.start_response(resp, "text/plain")
    for i in range(500):
        resp.write("line %d\n" % i)
    await resp.drain()
    resp.write("the end")
    await resp.wait_closed()


@app.route("/write-much")
async def write_much(req, resp):
    await picoweb.start_response(resp, "text/plain")
    try:
        resp.write("x" * 100000)
    except ValueError as e:
        await resp.awrite(str(e))


@app.route("/aclose")
async def aclose(req, resp):
    await picoweb.start_response(resp, "text/plain")
    await resp.awrite("all")
    await resp.aclose()
    await resp.awrite("more")
    await asyncio.sleep(0.3)


@app.route("/template")
async def template(req, resp):
    await app.render_template(resp, "list.tpl", {"title": "é", "rows": range(3), "more": 1})


@app.route("/template-tuple")
def template_tuple(req, resp):
    yield from picoweb.start_response(resp, "text/plain", 201)
    yield from app.render_template(resp, "list.tpl", ("T", range(1000)))


@app.route("/template-str")
def template_str(req, resp):
    return app.render_str("list.tpl", {"title": "é"})


@app.route("/template-missing")
def template_missing(req, resp):
    return app.render_str("nothing.tpl")


# Streams that stay open


@app.route("/hold/<kind>")
async def hold(req, resp, kind):
    if kind == "raw":
        await resp.awrite(b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    elif kind == "events":
        await picoweb.start_response(resp, "text/event-stream")
    else:
        await picoweb.start_response(resp, "text/plain")
        await resp.awrite("begun\n")
    sinks.append(resp)
    return False


@app.route("/push", methods=["POST"])
async def push(req, resp):
    body = str(await req.read(), "utf-8")
    sent = 0
    for sink in list(sinks):
        try:
            await sink.awrite("data: %s\n\n" % body)
            sent += 1
        except OSError:
            await sink.aclose()
            sinks.remove(sink)
    return {"sent": sent, "sinks": len(sinks)}


@app.route("/push-much", methods=["POST"])
async def push_much(req, resp):
    for sink in list(sinks):
        writes = [sink.awrite("0123456789" * 10000) for _ in range(4)]
        done = await asyncio.gather(*writes, return_exceptions=True)
        if any(isinstance(result, OSError) for result in done):
            sinks.remove(sink)
    return {"sinks": len(sinks)}


@app.route("/close-all", methods=["POST"])
async def close_all(req, resp):
    for sink in sinks:
        await sink.awrite(b"last", 1, 2)
        await sink.aclose()
    sinks.clear()
    return "closed"


@app.route("/events")
def events(req, resp):
    yield from resp.awrite("HTTP/1.0 200 OK\r\n")
    yield from resp.awrite("Content-Type: text/event-stream\r\n\r\n")
    for i in range(3):
        yield from resp.awrite("data: %d\n\n" % i)
        if hasattr(asyncio.sleep(0), "__await__"):
            yield from asyncio.sleep(0.3).__await__()
        else:
            yield from asyncio.sleep(0.3)


@app.route("/open")
async def how_many_are_open(req, resp):
    return {"open": len(app.serving._open)}


@app.route("/shutdown", methods=["POST"])
async def shutdown(req, resp):
    app.shutdown(float(req.qs or 5))
    return "ending"


@app.route("/sleep")
async def sleep(req, resp):
    await asyncio.sleep(0.5)
    return "slept"


app.run("127.0.0.1", int(sys.argv[1]), **{name: int(n) for name, n in (arg.split("=") for arg in sys.argv[2:])})
print("run() has returned")
