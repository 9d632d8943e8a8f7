# The server of tests/test_http.py, for MicroPython and CPython; run in the project's folder:
#     http_app.py PORT [LIMIT=NUMBER …]
import asyncio
import sys

sys.path.insert(0, ".")

import picoweb

app = picoweb.WebApp("http_app")


@app.route("/")
async def hello(req, resp):
    await picoweb.respond(resp, "hello", "text/plain")


@app.route("/echo", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@app.route("/echo/<path:rest>")
async def echo(req, resp, rest=None):
    body = await req.read()
    seen = {"method": req.method, "path": req.path, "rest": rest, "qs": req.qs, "minor": req.minor}
    seen["body"] = str(body, "utf-8")
    seen["names"] = sorted(str(name, "utf-8") for name in req.headers)
    seen["x"] = str(req.headers.get(b"x", b""), "utf-8")
    await picoweb.jsonify(resp, seen)


@app.route("/given-length")
async def given_length(req, resp):
    await picoweb.start_response(resp, "text/plain", headers={"X-A": "b", "content-length": 6000})
    for _ in range(600):
        await resp.awrite("0123456789")


@app.route("/wrong-length")
async def wrong_length(req, resp):
    await picoweb.respond(resp, "four", "text/plain", headers=b"Content-Length: 9\r\nX-A: b\r\n")


@app.route("/hidden", methods=["GET", "POST"])
async def hidden(req, resp):
    await picoweb.respond(resp, "HIDDEN", "text/plain")


@app.route("/post", methods=["POST"])
async def only_post(req, resp):
    await picoweb.respond(resp, await req.read(), "text/plain")


@app.route("/ignore", methods=["GET", "POST"])
async def ignore(req, resp):
    await picoweb.respond(resp, "ignored", "text/plain")


@app.route("/part", methods=["POST"])
async def part(req, resp):
    await picoweb.respond(resp, await req.read(3), "text/plain")


@app.route("/count", methods=["POST"])
async def count(req, resp):
    n = 0
    while True:
        data = await req.read(1000)
        if not data:
            break
        n += len(data)
    await picoweb.respond(resp, str(n), "text/plain")


@app.route("/read-late", methods=["POST"])
async def read_late(req, resp):
    await picoweb.start_response(resp, "text/plain")
    await resp.awrite("started, ")
    await resp.drain()
    await resp.awrite(await req.read())


@app.route("/int/<int:n>")
async def number(req, resp, n):
    await picoweb.jsonify(resp, n)


@app.route("/stream")
async def stream(req, resp):
    await picoweb.start_response(resp, "text/plain")
    for i in range(1000):
        await resp.awrite(f"line {i}\n")


@app.route("/pieces")
async def pieces(req, resp):
    await picoweb.start_response(resp, "text/plain")
    for text in ("one ", "", "two ", b"three ", "four"):
        await resp.awrite(text)
        await resp.drain()


@app.route("/slice")
async def slices(req, resp):
    await picoweb.start_response(resp, "text/plain")
    await resp.awrite(b"0123456789", 2, 5)
    await resp.awrite("abcdef", 4)


@app.route("/size/<int:n>")
async def size(req, resp, n):
    await picoweb.start_response(resp, "text/plain")
    await resp.awrite(b"x" * n)


@app.route("/big")
async def big(req, resp):
    await picoweb.respond(resp, b"0123456789abcdef" * 16384, "text/plain")


@app.route("/endless")
async def endless(req, resp):
    await picoweb.start_response(resp, "text/plain")
    data = b"0123456789abcdef" * 64
    for _ in range(65536):
        await resp.awrite(data)


@app.route("/raw")
async def raw(req, resp):
    await resp.awrite(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nraw")


@app.route("/sleep")
async def sleep(req, resp):
    await asyncio.sleep(0.5)
    await picoweb.respond(resp, "slept", "text/plain")


@app.route("/status/<int:n>")
async def status(req, resp, n):
    await picoweb.start_response(resp, "text/plain", status=n)
    await resp.awrite(f"body of {n}")


@app.route("/error/<int:n>")
async def error(req, resp, n):
    await picoweb.http_error(resp, n, {"X-Why": "test"})


@app.route("/raise")
async def fails(req, resp):
    raise ValueError("before output")


@app.route("/raise-buffered")
async def fails_buffered(req, resp):
    await picoweb.start_response(resp, "text/plain")
    await resp.awrite("some of it")
    raise ValueError("output in the buffer")


@app.route("/raise-sent")
async def fails_after(req, resp):
    await picoweb.start_response(resp, "text/plain")
    await resp.awrite("some of it")
    await resp.drain()
    raise ValueError("after output")


@app.route("/raise-length")
async def fails_inside(req, resp):
    resp.start(200, "Content-Type: text/plain\r\n", 100)
    await resp.awrite("some of it")
    await resp.drain()
    raise ValueError("inside a body of known length")


@app.route("/os-error")
async def fails_with_os_error(req, resp):
    raise OSError(2)


@app.route("/silent")
async def silent(req, resp):
    pass


@app.route("/short")
async def short(req, resp):
    resp.start(200, "Content-Type: text/plain\r\n", 10)
    await resp.awrite("abc")


@app.route("/long")
async def long(req, resp):
    resp.start(200, "Content-Type: text/plain\r\n", 3)
    await resp.awrite("abcHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nHIDDEN")


@app.route("/inject")
async def inject(req, resp):
    await picoweb.start_response(resp, "text/plain", headers={"X-Test": "a\r\nX-Injected: b"})
    await resp.awrite("injected")


@app.route("/redirect")
async def leads_away(req, resp):
    await picoweb.redirect(resp, "/")


app.run("127.0.0.1", int(sys.argv[1]), **{name: int(n) for name, n in (arg.split("=") for arg in sys.argv[2:])})
