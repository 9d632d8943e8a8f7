"""picoweb.testing: a client in memory. Runs on MicroPython and CPython."""

import asyncio

import picoweb
from picoweb import testing

app = picoweb.WebApp("test_testing")


@app.route("/hello")
async def hello(req, resp):
    await picoweb.respond(resp, "Grüße", "text/plain", headers={"X-A": "1"})


@app.route("/stream")
async def stream(req, resp):
    await picoweb.start_response(resp, "text/plain")
    for n in range(2000):
        await resp.awrite("line %d\n" % n)


@app.route("/echo", methods=["POST", "PUT"])
async def echo(req, resp):
    kind = str(req.headers.get(b"content-type", b""), "utf-8")
    size = 0
    part = b"-"
    while part:
        part = await req.read(5000)
        size += len(part)
    await picoweb.jsonify(resp, {"method": req.method, "kind": kind, "size": size, "qs": req.qs}, 201)


@app.route("/body", methods=["POST"])
async def body(req, resp):
    await picoweb.respond(resp, await req.read(), "text/plain")


@app.route("/ignore", methods=["POST"])
async def ignore(req, resp):
    await picoweb.respond(resp, "ignored", "text/plain")


@app.route("/raise")
async def fails(req, resp):
    raise KeyError("on purpose")


@app.route("/late")
async def late(req, resp):
    await picoweb.start_response(resp, "text/plain")
    await resp.awrite("begun")
    await resp.drain()
    raise KeyError("late")


@app.route("/sleep")
async def sleep(req, resp):
    await asyncio.sleep(5)


@app.route("/cookies")
async def cookies(req, resp):
    from picoweb.cookies import delete_cookie, parse, set_cookie

    if req.qs == "set":
        set_cookie(resp, "a", "1")
        set_cookie(resp, "b", "2", httponly=False)
    elif req.qs == "delete":
        delete_cookie(resp, "a")
    await picoweb.jsonify(resp, parse(req))


def ask(method, path, client=None, **more):
    return asyncio.run((client or testing.Client(app)).request(method, path, **more))


def raised(func, *args, **kwargs):
    """What func(*args) raises."""
    try:
        func(*args, **kwargs)
    except Exception as e:
        return e


def test_an_answer_has_status_headers_and_body():
    response = ask("GET", "/hello")
    assert response.status == 200
    assert response.headers["x-a"] == "1"
    assert response.headers["content-type"] == "text/plain"
    assert response.body == "Grüße".encode()
    assert response.text == "Grüße"


def test_a_head_request_has_no_body():
    response = ask("HEAD", "/hello")
    assert (response.status, response.body, response.headers["content-length"]) == (200, b"", "7")


def test_an_answer_in_chunks_is_put_together():
    response = ask("GET", "/stream")
    assert response.headers["transfer-encoding"] == "chunked"
    assert response.text == "".join(["line %d\n" % n for n in range(2000)])


def test_errors_of_the_app_are_answers():
    assert ask("GET", "/nothing").status == 404
    response = ask("POST", "/hello")
    assert (response.status, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_bodies_of_every_kind():
    form = ask("POST", "/body", data={"a": "1 2", "b": ["x&y", "ä", 3]})
    assert sorted(form.text.split("&")) == ["a=1+2", "b=%C3%A4", "b=3", "b=x%26y"]
    response = ask("POST", "/echo", data={"a": "1"})
    assert response.json == {"method": "POST", "kind": "application/x-www-form-urlencoded", "size": 3, "qs": ""}
    assert response.status == 201
    assert ask("PUT", "/echo?q=1", data="text").json == {"method": "PUT", "kind": "", "size": 4, "qs": "q=1"}
    assert ask("POST", "/echo", data=b"bytes").json["size"] == 5
    assert ask("POST", "/echo", json={"a": [1]}).json["kind"] == "application/json"
    assert ask("POST", "/echo").json["size"] == 0
    files = {"f": ("a.txt", b"content", "text/plain")}
    assert ask("POST", "/echo", data={"a": "1"}, files=files).json["kind"].startswith("multipart/form-data; boundary=")


def test_a_body_that_is_longer_than_any_buffer_between():
    assert ask("POST", "/echo", data=b"x" * 300000).json["size"] == 300000


def test_an_answer_that_comes_before_the_body_was_sent():
    assert ask("POST", "/ignore", data=b"x" * 300000).text == "ignored"


def test_what_a_handler_raises_comes_out_of_the_call():
    assert isinstance(raised(ask, "GET", "/raise"), KeyError)
    assert isinstance(raised(ask, "GET", "/late"), KeyError)
    assert ask("GET", "/raise", testing.Client(app, raises=False)).status == 500


def test_a_broken_answer_is_an_error():
    assert isinstance(raised(ask, "GET", "/late", testing.Client(app, raises=False)), ValueError)
    for data in (b"", b"HTTP/1.1 200 OK\r\n"):
        assert isinstance(raised(testing.Response, data), ValueError)
    for body in (b"5\r\nab", b"2\r\nab\r\n", b"0\r\n"):
        response = testing.Response(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        assert isinstance(raised(response.frame, False), ValueError), body
    response = testing.Response(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")
    assert isinstance(raised(response.frame, False), ValueError)


def test_an_answer_that_does_not_come_is_an_error():
    error = raised(ask, "GET", "/sleep", testing.Client(app, timeout=0.05))
    assert isinstance(error, asyncio.TimeoutError)


def test_cookies_are_kept_from_one_request_to_the_next():
    client = testing.Client(app)

    async def calls():
        answers = []
        for qs in ("set", "", "delete", ""):
            answers.append((await client.get("/cookies?" + qs)).json)
        return answers

    assert asyncio.run(calls()) == [{}, {"a": "1", "b": "2"}, {"a": "1", "b": "2"}, {"b": "2"}]
    assert client.cookies == {"b": "2"}
    client.cookies["c"] = "3"
    assert ask("GET", "/cookies", client).json == {"b": "2", "c": "3"}


def test_limits_are_those_of_the_server():
    assert ask("POST", "/body", testing.Client(app, body_limit=3), data=b"1234").status == 413


def test_connections_end():
    client = testing.Client(app)

    async def calls():
        for _ in range(20):
            await client.get("/hello")
        await asyncio.sleep(0.05)
        return len(client.server._open)

    assert asyncio.run(calls()) == 0


def test_requests_arrive_in_pieces_of_any_size():
    data = b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"

    async def call(piece):
        return await testing.Client(app).exchange(data, piece)

    for piece in (1, 2, 7, 50):
        assert asyncio.run(call(piece)).endswith(b"\r\n\r\nhello")
