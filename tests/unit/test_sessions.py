"""picoweb.sessions: kept, forged, expired, rotated. Runs on MicroPython and CPython."""

import asyncio
import json

import picoweb
from picoweb import testing
from picoweb.sessions import Sessions
from picoweb.signing import Signer, encode

KEY = b"0123456789abcdef"
OTHER = b"fedcba9876543210"


def client(sessions):
    """A client of an app that adds what is posted to its session, and shows it."""
    app = picoweb.WebApp("test_sessions")

    @app.route("/", methods=["GET", "POST"])
    async def index(req, resp):
        sessions.attach(req, resp)
        if req.method == "POST":
            req.session.update(json.loads(await req.read()))
            sessions.save(resp, req.session)
        await picoweb.jsonify(resp, req.session)

    @app.route("/logout", methods=["POST"])
    async def logout(req, resp):
        sessions.save(resp, {})
        await picoweb.jsonify(resp, {})

    return testing.Client(app)


def post(user, value):
    return asyncio.run(user.post("/", json=value))


def seen(user):
    return asyncio.run(user.get("/")).json


def test_a_session_is_kept():
    user = client(Sessions(KEY))
    assert seen(user) == {}
    post(user, {"a": 1})
    post(user, {"b": ["ä", None, 1.5]})
    assert seen(user) == {"a": 1, "b": ["ä", None, 1.5]}
    assert seen(client(Sessions(KEY))) == {}


def test_a_session_that_is_emptied_is_deleted():
    user = client(Sessions(KEY, path="/", secure=True))
    post(user, {"a": 1})
    response = asyncio.run(user.post("/logout"))
    assert response.set_cookies[0].startswith("session=; Max-Age=0;")
    assert user.cookies == {}
    assert seen(user) == {}


def test_the_cookie_says_what_it_shall():
    cookie = post(client(Sessions(KEY)), {"a": 1}).set_cookies[0]
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert "Max-Age" not in cookie
    sessions = Sessions(KEY, name="__Host-s", max_age=60, secure=True, samesite="Strict")
    cookie = post(client(sessions), {"a": 1}).set_cookies[0]
    assert cookie.startswith("__Host-s=")
    assert cookie.endswith("; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Strict")


def forged():
    """Cookie values that we did not make."""
    value = encode(b'{"admin":true}')
    user = client(Sessions(KEY))
    post(user, {"a": 1})
    good = user.cookies["session"]
    stamp, text, signature = good.split(".")
    yield ""
    yield "."
    yield ".."
    yield "x"
    yield value
    yield "." + value + "."
    yield ".".join((stamp, value, signature))
    yield ".".join(("9", text, signature))
    yield ".".join((stamp, text, signature[:-1] + ("A" if signature[-1] != "A" else "E")))
    yield ".".join((stamp, text))
    yield good + "A"
    yield good[1:]
    yield Signer(OTHER, "session session").sign("." + value)
    yield Signer(KEY, "csrf").sign("." + value)
    yield Signer(KEY, "session other").sign("." + value)
    yield "A" * 1500


def test_forged_sessions_are_empty():
    user = client(Sessions(KEY))
    count = 0
    for value in forged():
        user.cookies = {"session": value}
        assert seen(user) == {}, value
        count += 1
    assert count == 16


def test_a_session_of_another_name_is_not_taken():
    user, other = client(Sessions(KEY)), client(Sessions(KEY, name="other"))
    post(other, {"admin": True})
    user.cookies = {"session": other.cookies["other"]}
    assert seen(user) == {}


def test_a_key_can_be_replaced():
    user = client(Sessions(KEY))
    post(user, {"a": 1})
    after = client(Sessions([OTHER, KEY]))
    after.cookies = user.cookies
    assert seen(after) == {"a": 1}
    post(after, {"b": 2})
    last = client(Sessions(OTHER))
    last.cookies = after.cookies
    assert seen(last) == {"a": 1, "b": 2}
    first = client(Sessions(KEY))
    first.cookies = after.cookies
    assert seen(first) == {}


class Clock:
    now = 1000

    def __call__(self):
        return self.now


def test_a_session_ends_at_its_time():
    clock = Clock()
    user = client(Sessions(KEY, max_age=100, clock=clock))
    post(user, {"a": 1})
    for now, expected in ((1000, {"a": 1}), (1099, {"a": 1}), (1100, {}), (5000, {})):
        clock.now = now
        assert seen(user) == expected, now
    clock.now = 1050
    post(user, {})
    clock.now = 1149
    assert seen(user) == {"a": 1}


def test_a_session_from_the_future_is_not_taken():
    """A board whose clock begins anew when it starts must not take what should have ended long ago."""
    clock = Clock()
    user = client(Sessions(KEY, max_age=100, clock=clock))
    post(user, {"a": 1})
    for now, expected in ((990, {"a": 1}), (939, {}), (0, {})):
        clock.now = now
        assert seen(user) == expected, now


def test_a_session_without_a_time_is_not_taken_where_times_count():
    user = client(Sessions(KEY))
    post(user, {"a": 1})
    timed = client(Sessions(KEY, max_age=100))
    timed.cookies = user.cookies
    assert seen(timed) == {}


def test_time_is_not_asked_for_unless_it_counts():
    def no_clock():
        raise AssertionError("asked for the time")

    user = client(Sessions(KEY, clock=no_clock))
    post(user, {"a": 1})
    assert seen(user) == {"a": 1}


def raised(sessions, value):
    try:
        post(client(sessions), value)
    except Exception as e:
        return e


def test_a_session_that_is_too_long_is_an_error():
    error = raised(Sessions(KEY), {"a": "x" * 1000})
    assert isinstance(error, ValueError)
    assert "1024" in str(error)
    assert raised(Sessions(KEY), {"a": "x" * 600}) is None
    assert isinstance(raised(Sessions(KEY, limit=100), {"a": "x" * 100}), ValueError)


def test_a_value_that_json_cannot_hold_is_an_error_or_no_session():
    user = client(Sessions(KEY))
    user.cookies = {"session": Signer(KEY, "session session").sign("." + encode(b'{"a": <object>}'))}
    assert seen(user) == {}
