"""picoweb.csrf and picoweb.tokens: what other sites' pages send is refused. Runs on MicroPython and CPython."""

import asyncio

import picoweb
from picoweb import testing
from picoweb.csrf import Csrf
from picoweb.tokens import Tokens

KEY = b"0123456789abcdef"
HOST = "http://localhost"


def client(csrf):
    app = picoweb.WebApp("test_csrf")

    @app.route("/", methods=["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    async def index(req, resp):
        await csrf.protect(req, resp)
        await picoweb.respond(resp, "done", "text/plain")

    @app.route("/token")
    async def token(req, resp):
        await picoweb.respond(resp, csrf.tokens.token(req, resp), "text/plain")

    return testing.Client(app)


def status(headers=None, method="POST", csrf=None, **more):
    return asyncio.run((client(csrf or Csrf())).request(method, "/", headers, **more)).status


def test_what_reads_may_come_from_anywhere():
    for method in ("GET", "HEAD", "OPTIONS"):
        assert status({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, method) == 200


def test_what_changes_something_comes_from_this_site():
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert status({"Origin": HOST}, method) == 200
        assert status({"Origin": "https://evil.example"}, method) == 403
        assert status(None, method) == 403


ELSEWHERE = (
    "https://evil.example",
    "http://localhost:8080",
    "http://localhost.evil.example",
    "http://evil.example/localhost",
    "http://evil.example#localhost",
    "http://localhost@evil.example",
    "http://evil.example://localhost",
    "http://xlocalhost",
    "localhost",
    "http://",
    "//localhost",
    "null",
    "",
    "file://",
)


def test_other_origins_are_refused():
    for origin in ELSEWHERE:
        assert status({"Origin": origin}) == 403, origin
        assert status({"Referer": origin + "/page"}) == 403, origin
        assert status({"Origin": origin}, csrf=Csrf(Tokens(KEY))) == 403, origin


def test_the_port_counts_and_case_does_not():
    assert status({"Host": "board:8080", "Origin": "http://board:8080"}) == 200
    assert status({"Host": "board:8080", "Origin": "http://board"}) == 403
    assert status({"Host": "Board", "Origin": "http://bOARD"}) == 200
    assert status({"Host": "[::1]:80", "Origin": "http://[::1]:80"}) == 200
    assert status({"Host": "", "Origin": "http://"}) == 403
    assert status({"Host": "", "Origin": "x"}) == 403


def test_what_the_browser_says_counts_before_the_origin():
    for site, expected in (("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403), ("x", 403)):
        assert status({"Sec-Fetch-Site": site}) == expected
        assert status({"Sec-Fetch-Site": site, "Origin": HOST}) == expected
    assert status({"Sec-Fetch-Site": "same-origin", "Origin": "https://public.example"}) == 200


def test_the_referer_counts_where_nothing_else_comes():
    assert status({"Referer": HOST + "/page?a=b"}) == 200
    assert status({"Referer": HOST}) == 200
    assert status({"Referer": HOST + "/page", "Origin": "https://evil.example"}) == 403
    assert status({"Referer": HOST + "/page", "Origin": "null"}) == 403


def test_other_origins_can_be_allowed():
    csrf = Csrf(origins=["https://panel.example"])
    assert status({"Origin": "https://panel.example", "Sec-Fetch-Site": "cross-site"}, csrf=csrf) == 200
    assert status({"Origin": "https://panel.example.evil", "Sec-Fetch-Site": "cross-site"}, csrf=csrf) == 403
    assert status({"Origin": HOST}, csrf=csrf) == 200
    assert status(None, csrf=csrf) == 403


def with_token(token, user, **headers):
    headers = {name.replace("_", "-"): headers[name] for name in headers}
    headers["X-CSRF-Token"] = token
    return asyncio.run(user.request("POST", "/", headers)).status


def test_a_token_counts_where_the_browser_says_nothing():
    user = client(Csrf(Tokens(KEY)))
    token = asyncio.run(user.get("/token")).text
    assert with_token(token, user) == 200
    assert with_token(token, user, Origin="null") == 200
    assert with_token(token, user, Origin="https://evil.example") == 403
    assert with_token(token, user, Sec_Fetch_Site="cross-site") == 403
    assert asyncio.run(user.get("/token")).text == token
    assert with_token(token, user) == 200


def test_another_token_does_not():
    user, other = client(Csrf(Tokens(KEY))), client(Csrf(Tokens(KEY)))
    token, others = [asyncio.run(one.get("/token")).text for one in (user, other)]
    assert token != others
    for wrong in (others, "", token[:-1], token + "A", token.split(".")[0], "." + token.split(".")[1], "\xff"):
        assert with_token(wrong, user) == 403, wrong
    user.cookies = {}
    assert with_token(token, user) == 403
    user.cookies = {"csrf": ""}
    assert with_token(token, user) == 403
    user.cookies = {"csrf": token}
    assert with_token(token, user) == 403


def test_a_token_that_is_no_text():
    data = b"POST / HTTP/1.1\r\nHost: a\r\nX-CSRF-Token: \xff\r\nConnection: close\r\n\r\n"
    assert asyncio.run(client(Csrf(Tokens(KEY))).exchange(data)).startswith(b"HTTP/1.1 403 ")


def test_a_planted_cookie_is_replaced():
    user = client(Csrf(Tokens(KEY)))
    user.cookies = {"csrf": "short"}
    token = asyncio.run(user.get("/token")).text
    assert user.cookies["csrf"] != "short"
    assert with_token(token, user) == 200


def test_keys_rotate():
    user = client(Csrf(Tokens(KEY)))
    token = asyncio.run(user.get("/token")).text
    later = client(Csrf(Tokens([b"fedcba9876543210", KEY])))
    later.cookies = user.cookies
    assert with_token(token, later) == 200
    last = client(Csrf(Tokens(b"fedcba9876543210")))
    last.cookies = user.cookies
    assert with_token(token, last) == 403


def test_the_cookies_attributes():
    response = asyncio.run(client(Csrf(Tokens(KEY, name="__Host-csrf", secure=True, samesite="Strict"))).get("/token"))
    assert response.set_cookies[0].startswith("__Host-csrf=")
    assert response.set_cookies[0].endswith("; Path=/; Secure; HttpOnly; SameSite=Strict")


def test_a_token_in_a_form():
    csrf = Csrf(Tokens(KEY))
    user = client(csrf)

    @user.app.route("/echo", methods=["POST"])
    async def echo(req, resp):
        await csrf.protect(req, resp)
        await picoweb.respond(resp, await req.read(), "text/plain")

    async def calls(token):
        answers = []
        form = b"a=1&csrf_token=" + token + b"&b=2"
        length = b"Content-Length: %d\r\n\r\n%s" % (len(form), form)
        chunks = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(form), form)
        for body in (length, chunks):
            for kind in (b"application/x-www-form-urlencoded", b"text/plain"):
                head = b"POST /echo HTTP/1.1\r\nHost: a\r\nCookie: csrf=%s\r\nContent-Type: %s\r\n"
                data = head % (user.cookies["csrf"].encode(), kind) + body
                response = testing.Response(await user.exchange(data + b"GET /token HTTP/1.1\r\nHost: a\r\n\r\n"))
                answers.append(response.body if response.status == 200 else response.status)
        return form, answers

    token = asyncio.run(user.get("/token")).text.encode()
    form, answers = asyncio.run(calls(token))
    assert len(answers) == 4
    assert answers[0].startswith(form)
    assert answers[2].startswith(form)
    assert [answers[1], answers[3]] == [403, 403]
    for wrong in (b"", b"x", token + b"A", token[1:], b"%ff"):
        assert asyncio.run(calls(wrong))[1] == [403] * 4


def test_a_token_in_a_form_that_was_read():
    csrf = Csrf(Tokens(KEY))
    user = client(csrf)

    @user.app.route("/form", methods=["POST"])
    async def form(req, resp):
        req.form = {"csrf_token": [str(await req.read(), "utf-8")]}
        await csrf.protect(req, resp)
        await picoweb.respond(resp, "done", "text/plain")

    token = asyncio.run(user.get("/token")).text
    assert asyncio.run(user.post("/form", token)).status == 200
    assert asyncio.run(user.post("/form", token + "A")).status == 403
