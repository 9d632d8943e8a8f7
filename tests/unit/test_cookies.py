"""picoweb.cookies: RFC 6265. Runs on MicroPython and CPython."""

import asyncio

import picoweb
from picoweb import testing
from picoweb.cookies import delete_cookie, parse, set_cookie

app = picoweb.WebApp("test_cookies")
calls = []


@app.route("/")
async def index(req, resp):
    for call in calls:
        call(resp)
    await picoweb.jsonify(resp, parse(req))


def ask(*fields):
    """The answer to a request with these Cookie fields."""
    lines = b"".join([b"Cookie: " + field + b"\r\n" for field in fields])

    async def call():
        data = b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"Connection: close\r\n\r\n"
        response = testing.Response(await testing.Client(app).exchange(data))
        response.frame(False)
        return response

    return asyncio.run(call())


def lines_of(*todo):
    """The Set-Cookie values of an answer for which a handler made these calls with resp."""
    calls[:] = todo
    try:
        return ask().set_cookies
    finally:
        calls.clear()


def raised(*args, **kwargs):
    """What set_cookie(resp, *args, **kwargs) raises."""

    def call(resp):
        set_cookie(resp, *args, **kwargs)

    try:
        lines_of(call)
    except Exception as e:
        return e


SENT = (
    ((b"a=1",), {"a": "1"}),
    ((b"a=1; b=2",), {"a": "1", "b": "2"}),
    ((b"a=1;b=2",), {"a": "1", "b": "2"}),
    ((b"a=1 ;  b = 2 ;",), {"a": "1", "b": "2"}),
    ((b"",), {}),
    ((), {}),
    ((b";;;",), {}),
    ((b"a=",), {"a": ""}),
    ((b"a",), {}),
    ((b"=a",), {}),
    ((b"a; b=2",), {"b": "2"}),
    ((b"a=b=c",), {"a": "b=c"}),
    ((b'a="quoted"',), {"a": "quoted"}),
    ((b'a=""',), {"a": ""}),
    ((b'a="',), {"a": '"'}),
    ((b'a="b',), {"a": '"b'}),
    ((b"a=1; a=2",), {"a": "1"}),
    ((b"a=x y, z",), {"a": "x y, z"}),
    ((b"a=gr\xc3\xbc\xc3\x9fe",), {"a": "grüße"}),
    ((b"a=\xff; b=2",), {"b": "2"}),
    ((b"\xff=1; b=2",), {"b": "2"}),
    ((b"a=\xc0\x80; b=2",), {"b": "2"}),
    ((b"a=\xed\xa0\x80; b=2",), {"b": "2"}),
    ((b"a=1", b"b=2; c=3"), {"a": "1", "b": "2", "c": "3"}),
    ((b"$Version=1; a=1",), {"$Version": "1", "a": "1"}),
    ((b"A=1; a=2",), {"A": "1", "a": "2"}),
)


def test_what_browsers_send():
    for fields, expected in SENT:
        assert ask(*fields).json == expected, fields


def test_a_cookie_is_kept_for_the_browsers_session_and_from_scripts_by_itself():
    assert lines_of(lambda resp: set_cookie(resp, "a", "1")) == ["a=1; Path=/; HttpOnly; SameSite=Lax"]


def test_every_attribute():
    def call(resp):
        set_cookie(resp, "a", "1", 60, "/p q", "board.local", True, False, "Strict", "Wed, 21 Oct 2015 07:28:00 GMT")

    date = "Expires=Wed, 21 Oct 2015 07:28:00 GMT"
    expected = "a=1; Max-Age=60; %s; Domain=board.local; Path=/p q; Secure; SameSite=Strict" % date
    assert lines_of(call) == [expected]
    assert lines_of(lambda resp: set_cookie(resp, "a", "1", path=None, httponly=False, samesite=None)) == ["a=1"]
    assert lines_of(lambda resp: set_cookie(resp, "a", "1", secure=True, samesite="None"))[0].endswith("SameSite=None")


def test_a_time_becomes_a_date():
    import time

    try:
        at = time.mktime((2015, 10, 21, 7, 28, 0, 2, 294, 0)) - time.timezone
    except AttributeError:  # MicroPython knows UTC alone
        at = time.mktime((2015, 10, 21, 7, 28, 0, 2, 294))
    line = lines_of(lambda resp: set_cookie(resp, "a", "1", expires=at))[0]
    assert "; Expires=Wed, 21 Oct 2015 07:28:00 GMT;" in line


def test_several_cookies_in_one_answer():
    lines = lines_of(lambda resp: set_cookie(resp, "a", "1"), lambda resp: delete_cookie(resp, "b"))
    assert [line.split(";")[0] for line in lines] == ["a=1", "b="]


def test_a_deleted_cookie_is_past_its_time():
    line = lines_of(lambda resp: delete_cookie(resp, "a", "/p", "b.local"))[0]
    assert line.startswith("a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=b.local; Path=/p;")
    assert lines_of(lambda resp: delete_cookie(resp, "__Host-a", secure=True))[0].startswith("__Host-a=; Max-Age=0;")


INJECTIONS = ("\r\n", "\n", "\r", "\0", "\t", ";", "\x7f", "ä", "\u2028")


def test_nothing_can_be_injected():
    for text in INJECTIONS:
        bad = "x" + text + "Set-Cookie: y=1"
        assert isinstance(raised(bad, "1"), ValueError), text
        assert isinstance(raised("a", bad), ValueError), text
        assert isinstance(raised("a", "1", path=bad), ValueError), text
        assert isinstance(raised("a", "1", domain=bad), ValueError), text
        assert isinstance(raised("a", "1", samesite=bad), ValueError), text
        assert isinstance(raised("a", "1", expires=bad), ValueError), text


def test_values_that_would_not_come_back_are_refused():
    for value in ("a b", 'a"b', "a,b", "a\\b"):
        assert isinstance(raised("a", value), ValueError), value
    error = raised("a", "1;2")
    assert "';'" in str(error)
    assert "'a'" in str(error)
    for name in ("", "a b", "a=b", "a,b", '"a"', "a/b"):
        assert isinstance(raised(name, "1"), ValueError), name


def test_what_browsers_would_drop_is_refused():
    assert isinstance(raised("a", "1", samesite="None"), ValueError)
    assert isinstance(raised("__Secure-a", "1"), ValueError)
    assert isinstance(raised("__Host-a", "1"), ValueError)
    assert isinstance(raised("__Host-a", "1", secure=True, path="/p"), ValueError)
    assert isinstance(raised("__Host-a", "1", secure=True, domain="b.local"), ValueError)
    assert raised("__Host-a", "1", secure=True) is None
    assert raised("__Secure-a", "1", secure=True, path="/p") is None
    assert raised("__other", "1") is None


def test_a_cookie_after_the_start_of_the_answer_is_an_error():
    def call(resp):
        resp.start(200, "")
        set_cookie(resp, "a", "1")

    try:
        lines_of(call)
    except RuntimeError:
        return
    raise AssertionError("no RuntimeError")


def test_what_is_set_comes_back():
    characters = "".join([chr(c) for c in range(33, 127) if chr(c) not in '",;\\'])
    client = testing.Client(app)
    calls[:] = [lambda resp: set_cookie(resp, "all", characters)]
    asyncio.run(client.get("/"))
    calls.clear()
    assert asyncio.run(client.get("/")).json == {"all": characters}
