"""picoweb.cors: the Fetch standard's CORS protocol. Runs on MicroPython and CPython."""

import asyncio

import picoweb
from picoweb import testing
from picoweb.cors import Cors

PANEL = "https://panel.example"
OTHER = "https://other.example"


def ask(cors, method, origin=None, **more):
    """The answer's headers for a request; more: other header fields, with _ for -."""
    app = picoweb.WebApp("test_cors")

    @app.route("/", methods=["GET", "POST", "PUT", "OPTIONS"])
    async def index(req, resp):
        cors.before(req, resp)
        if not resp.started():
            await picoweb.respond(resp, "the handler", "text/plain")

    headers = {name.replace("_", "-"): more[name] for name in more}
    if origin:
        headers["Origin"] = origin
    return asyncio.run(testing.Client(app).request(method, "/", headers))


def preflight(cors, origin=PANEL, method="PUT"):
    response = ask(cors, "OPTIONS", origin, access_control_request_method=method)
    assert (response.status, response.body) == (204, b"")
    vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    assert response.headers["vary"] == vary
    return granted(response)


def granted(response):
    start = "access-control-"
    return {name[len(start) :]: response.headers[name] for name in response.headers if name.startswith(start)}


def test_an_allowed_origin_may_read_the_answer():
    response = ask(Cors([PANEL, OTHER]), "GET", PANEL)
    assert response.text == "the handler"
    assert granted(response) == {"allow-origin": PANEL}
    assert response.headers["vary"] == "Origin"


def test_another_origin_may_not():
    for origin in (OTHER, "http://panel.example", PANEL + ":8443", PANEL + ".evil.example", "null", "*", "x" + PANEL):
        response = ask(Cors([PANEL]), "GET", origin)
        assert (response.status, granted(response)) == (200, {}), origin
        assert response.headers["vary"] == "Origin"
        assert preflight(Cors([PANEL]), origin) == {}


def test_requests_of_the_site_itself_are_as_before_but_vary():
    response = ask(Cors([PANEL]), "GET")
    assert granted(response) == {}
    assert response.headers["vary"] == "Origin"


def test_all_origins():
    cors = Cors("*")
    response = ask(cors, "GET", OTHER)
    assert granted(response) == {"allow-origin": "*"}
    assert "vary" not in response.headers
    assert preflight(cors)["allow-origin"] == "*"


def test_a_function_decides():
    cors = Cors(lambda origin: origin.endswith(".example"))
    assert granted(ask(cors, "GET", PANEL)) == {"allow-origin": PANEL}
    assert granted(ask(cors, "GET", "https://panel.example.org")) == {}


def test_a_preflight_is_answered_before_the_handler():
    cors = Cors([PANEL], methods=["GET", "PUT"], headers=["Content-Type", "X-Key"], max_age=600)
    assert preflight(cors) == {
        "allow-origin": PANEL,
        "allow-methods": "GET, PUT",
        "allow-headers": "Content-Type, X-Key",
        "max-age": "600",
    }


def test_options_that_are_no_preflight_go_on():
    assert ask(Cors([PANEL]), "OPTIONS", PANEL).text == "the handler"
    assert ask(Cors([PANEL]), "OPTIONS", access_control_request_method="PUT").text == "the handler"


def test_credentials():
    cors = Cors([PANEL], credentials=True)
    assert granted(ask(cors, "GET", PANEL)) == {"allow-origin": PANEL, "allow-credentials": "true"}
    assert preflight(cors)["allow-credentials"] == "true"
    assert granted(ask(cors, "GET", OTHER)) == {}


def test_what_scripts_may_see():
    cors = Cors([PANEL], expose=["X-Left", "ETag"])
    assert granted(ask(cors, "GET", PANEL))["expose-headers"] == "X-Left, ETag"
    assert "expose-headers" not in preflight(cors)


def test_an_origin_that_is_not_text_is_not_allowed():
    async def call():
        app = picoweb.WebApp("test_cors")

        @app.route("/")
        async def index(req, resp):
            Cors(lambda origin: True).before(req, resp)
            await picoweb.respond(resp, "", "text/plain")

        data = b"GET / HTTP/1.1\r\nHost: a\r\nOrigin: https://\xff\r\nConnection: close\r\n\r\n"
        return testing.Response(await testing.Client(app).exchange(data))

    assert granted(asyncio.run(call())) == {}


def test_mistakes_are_told():
    for call in (
        lambda: Cors("*", credentials=True),
        lambda: Cors([PANEL], credentials=True, headers="*"),
        lambda: Cors(PANEL),
        lambda: Cors(["panel.example"]),
        lambda: Cors([PANEL + "/"]),
        lambda: Cors(["https://Panel.example"]),
        lambda: Cors([PANEL], headers=["a\r\nb: c"]),
        lambda: Cors([PANEL], expose=["a\r\nb: c"]),
        lambda: Cors([PANEL], methods=["a\nb"]),
    ):
        try:
            call()
        except ValueError:
            continue
        raise AssertionError
