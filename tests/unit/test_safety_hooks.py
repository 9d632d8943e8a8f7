"""auth, cors, csrf and sessions as hooks of a whole app. Runs on MicroPython and CPython."""

import asyncio

import picoweb
from picoweb import testing
from picoweb.auth import Basic
from picoweb.cors import Cors
from picoweb.csrf import Csrf
from picoweb.sessions import Sessions
from picoweb.tokens import Tokens

ADA = {"Authorization": "Basic YWRhOnNlY3JldA=="}
KEY = b"0123456789abcdef"
PANEL = "https://panel.example"


def app_with(*hooks):
    app = picoweb.WebApp("test_safety_hooks")

    @app.route("/", methods=["GET", "POST"])
    async def index(req, resp):
        if req.method == "POST":
            await req.read_form_data()
            await picoweb.jsonify(resp, req.form)
        else:
            await picoweb.respond(resp, getattr(req, "user", "nobody"), "text/plain")

    @app.route("/fails")
    async def fails(req, resp):
        raise KeyError("on purpose")

    for hook in hooks:
        app.before_request(hook)
    return app


def ask(app, method="GET", path="/", headers=None, **more):
    return asyncio.run(testing.Client(app, raises=False).request(method, path, headers, **more))


def test_a_password_for_a_whole_app():
    app = app_with(Basic({"ada": "secret"}).check)
    assert ask(app).status == 401
    assert ask(app, path="/nothing").status == 401
    assert ask(app, headers=ADA).text == "ada"
    assert ask(app, path="/nothing", headers=ADA).status == 404


def test_other_sites_forms_for_a_whole_app():
    app = app_with(Csrf().protect)
    assert ask(app).status == 200
    assert ask(app, "POST", data={"a": "1"}).status == 403
    response = ask(app, "POST", headers={"Origin": "http://localhost"}, data={"a": "1"})
    assert response.json == {"a": ["1"]}


def test_a_token_in_a_form_is_seen_and_the_form_can_still_be_read():
    tokens = Tokens(KEY)
    app = app_with(Csrf(tokens).protect)

    @app.route("/token")
    async def token(req, resp):
        await picoweb.respond(resp, tokens.token(req, resp), "text/plain")

    async def calls():
        client = testing.Client(app)
        token = (await client.get("/token")).text
        good = await client.post("/", {"csrf_token": token, "a": "1"})
        bad = await client.post("/", {"csrf_token": token + "A", "a": "1"})
        return good.json == {"csrf_token": [token], "a": ["1"]}, bad.status

    assert asyncio.run(calls()) == (True, 403)


def test_other_sites_scripts_for_a_whole_app():
    app = app_with()
    Cors([PANEL], methods=["PUT"]).init(app)
    asked = {"Origin": PANEL, "Access-Control-Request-Method": "PUT"}
    for path in ("/", "/nothing"):
        response = ask(app, "OPTIONS", path, asked)
        assert response.status == 204
        assert response.headers["access-control-allow-methods"] == "PUT"
    for path, status in (("/", 200), ("/nothing", 404), ("/fails", 500)):
        response = ask(app, path=path, headers={"Origin": PANEL})
        assert response.status == status
        assert response.headers["access-control-allow-origin"] == PANEL, path
        assert response.headers["vary"] == "Origin"
        response = ask(app, path=path, headers={"Origin": "https://other.example"})
        assert "access-control-allow-origin" not in response.headers
        assert response.headers["vary"] == "Origin"
    assert ask(app, "OPTIONS").headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_who_may_ask_from_elsewhere_still_needs_the_password():
    app = app_with()
    Cors([PANEL], credentials=True).init(app)
    app.before_request(Basic({"ada": "secret"}).check)
    assert ask(app, "OPTIONS", "/", {"Origin": PANEL, "Access-Control-Request-Method": "PUT"}).status == 204
    response = ask(app, headers={"Origin": PANEL})
    assert response.status == 401
    assert response.headers["access-control-allow-origin"] == PANEL
    headers = {"Origin": PANEL}
    headers.update(ADA)
    assert ask(app, headers=headers).text == "ada"


def test_a_session_for_each_request():
    sessions = Sessions(KEY)
    app = app_with(sessions.attach)

    @app.route("/count")
    async def count(req, resp):
        req.session["n"] = req.session.get("n", 0) + 1
        sessions.save(resp, req.session)
        await picoweb.jsonify(resp, req.session)

    async def calls():
        client = testing.Client(app)
        await client.get("/count")
        return (await client.get("/count")).json

    assert asyncio.run(calls()) == {"n": 2}


if not hasattr(picoweb.WebApp(), "before_request"):  # an app without hooks
    for name in [name for name in globals() if name.startswith("test_")]:
        del globals()[name]

    def test_there_are_no_hooks():
        assert not hasattr(picoweb.WebApp(), "after_request")
