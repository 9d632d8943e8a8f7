"""picoweb.routing and WebApp.find. Runs on MicroPython and CPython."""

from picoweb.app import WebApp
from picoweb.errors import HTTPError
from picoweb.routing import allow, is_pattern, match, split

MATCHES = (
    ("/relay/<int:n>", "/relay/12", {"n": 12}),
    ("/relay/<int:n>", "/relay/007", {"n": 7}),
    ("/relay/<int:n>", "/relay/", None),
    ("/relay/<int:n>", "/relay/-1", None),
    ("/relay/<int:n>", "/relay/\u00b2", None),
    ("/relay/<int:n>", "/relay/\u0667", None),
    ("/relay/<int:n>", "/relay/1x", None),
    ("/relay/<int:n>", "/relay/1/", None),
    ("/relay/<int:n>", "/relay", None),
    ("/<name>", "/ada", {"name": "ada"}),
    ("/<str:name>", "/ada", {"name": "ada"}),
    ("/<name>", "/", None),
    ("/<name>", "/a/b", None),
    ("/<a>/x/<int:b>", "/1/x/2", {"a": "1", "b": 2}),
    ("/f/<path:rest>", "/f/a/b", {"rest": "a/b"}),
    ("/f/<path:rest>", "/f/", {"rest": ""}),
    ("/f/<path:rest>", "/f", None),
    ("/static/*", "/static/a/b.css", {"*": "a/b.css"}),
    ("/*", "/", {"*": ""}),
    ("/a//<b>", "/a//x", {"b": "x"}),
    ("/a//*", "/a//x/y", {"*": "x/y"}),
)


def test_patterns_match():
    for pattern, path, expected in MATCHES:
        assert expected == match(split(pattern), path[1:].split("/")), (pattern, path)


def test_bad_patterns_are_refused():
    for pattern in ("/<float:x>", "/<int:>", "/<>", "/<path:a>/b", "/*/b"):
        try:
            split(pattern)
        except ValueError:
            continue
        raise AssertionError(pattern)


def test_patterns_are_told_from_paths():
    assert is_pattern("/<a>")
    assert is_pattern("/a/*")
    assert not is_pattern("/a")


def make_app():
    app = WebApp("test")

    @app.route("/")
    async def index(req, resp):
        pass

    @app.route("/form")
    async def show(req, resp):
        pass

    @app.route("/form", methods=["POST"])
    async def save(req, resp):
        pass

    @app.route("/item/<int:n>", methods=("PUT",))
    async def item(req, resp, n):
        pass

    return app, {"index": index, "show": show, "save": save, "item": item}


def find(path, method):
    """The found function's name and the parts; or the error's status and headers."""
    app, funcs = make_app()
    try:
        route, params = app.find(path, method)
    except HTTPError as e:
        return e.status, e.headers
    func = route[0][method] if type(route[0]) is dict else route[0]
    return next(name for name in funcs if funcs[name] is func), params


def test_routes_are_found_by_path_and_method():
    assert find("/", "GET") == ("index", {})
    assert find("/", "HEAD") == ("index", {})
    assert find("/form", "GET") == ("show", {})
    assert find("/form", "POST") == ("save", {})
    assert find("/item/3", "PUT") == ("item", {"n": 3})


def test_what_is_not_there_is_404_and_another_method_405_with_allow():
    assert find("/nothing", "GET") == (404, "")
    assert find("/item/x", "PUT") == (404, "")
    assert find("/", "POST") == (405, "Allow: GET, HEAD, OPTIONS\r\n")
    assert find("/form", "PUT") == (405, "Allow: GET, HEAD, POST, OPTIONS\r\n")
    assert find("/item/3", "GET") == (405, "Allow: PUT, OPTIONS\r\n")


def test_options_is_answered_for_every_route():
    assert find("/form", "OPTIONS") == (204, "Allow: GET, HEAD, POST, OPTIONS\r\n")


def test_allow_lists_each_method_once():
    assert allow([(None, None), (None, ("GET", "POST"))]) == "GET, HEAD, POST, OPTIONS"


def test_a_central_list_makes_routes():
    async def hello(req, resp):
        pass

    app = WebApp("test", [("/", hello), ("/save", hello, {"methods": ["POST"]})])
    assert app.find("/", "GET")[0][0] is hello
    assert app.find("/save", "POST")[0][0] is hello
