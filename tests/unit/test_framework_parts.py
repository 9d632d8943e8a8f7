"""Parts of the framework without a server. Runs on MicroPython and CPython."""

import re

from picoweb.app import WebApp
from picoweb.attributes import address
from picoweb.errors import HTTPError
from picoweb.files import content_type
from picoweb.forms import decoded, parse_qs, unquote_plus
from picoweb.headers import Headers
from picoweb.urls import quote


def refused(kind, func, *args, **kwargs):
    """The message of the exception that a call raises, which is of that kind."""
    try:
        func(*args, **kwargs)
    except kind as e:
        return str(e)
    raise AssertionError("no %s" % kind.__name__)


QUERIES = (
    ("", {}, {}),
    ("a=1", {"a": ["1"]}, {"a": ["1"]}),
    ("a=1&a=2", {"a": ["1", "2"]}, {"a": ["1", "2"]}),
    ("a", {}, {"a": [""]}),
    ("a=&=b&=&&", {"": ["b"]}, {"a": [""], "": ["b", ""]}),
    ("a=b=c", {"a": ["b=c"]}, {"a": ["b=c"]}),
    ("a+b=c+d", {"a b": ["c d"]}, {"a b": ["c d"]}),
    ("%61=%2B", {"a": ["+"]}, {"a": ["+"]}),
    ("a=%", {"a": ["%"]}, {"a": ["%"]}),
    ("a=%4", {"a": ["%4"]}, {"a": ["%4"]}),
    ("a=%4g%41", {"a": ["%4gA"]}, {"a": ["%4gA"]}),
    ("a=%C3%A9", {"a": ["\xe9"]}, {"a": ["\xe9"]}),
    ("a=\xe9", {"a": ["\xe9"]}, {"a": ["\xe9"]}),
    ("a=%C3", {"a": ["\ufffd"]}, {"a": ["\ufffd"]}),
    ("a=%C3\xe9%A9", {"a": ["\ufffd\xe9\ufffd"]}, {"a": ["\ufffd\xe9\ufffd"]}),
    ("a;b=1", {"a;b": ["1"]}, {"a;b": ["1"]}),
)


def test_queries_become_lists():
    for query, plain, blank in QUERIES:
        assert parse_qs(query) == plain, query
        assert parse_qs(query, True) == blank, query


def test_values_are_unquoted():
    assert unquote_plus("a+b%20c%2b") == "a b c+"


def test_bytes_that_are_no_text():
    for data, text in (
        (b"abc", "abc"),
        (b"\xff", "\ufffd"),
        (b"\xc3\xa9", "\xe9"),
        (b"\xc3", "\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\xf0\x9f\x98", "\ufffd"),
        (b"\xf0\x9f\x98\x80", "\U0001f600"),
        (b"\xc0\x80", "\ufffd\ufffd"),
        (b"\xe2\x82A", "\ufffdA"),
        (b"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"),
    ):
        assert decoded(data) == text, data


def test_header_fields_by_name():
    found = Headers({b"host": b"a", b"x-a": b"\xe9"})
    assert found["Host"] == "a"
    assert found[b"HOST"] == b"a"
    assert found["X-A"] == "\xe9"
    assert found.get("nothing") is None
    assert found.get(b"nothing", b"x") == b"x"
    assert "host" in found
    assert b"Host" in found
    assert "b" not in found
    assert sorted(found) == sorted(found.keys()) == [b"host", b"x-a"]
    assert dict(found.items()) == {b"host": b"a", b"x-a": b"\xe9"}
    assert len(found) == 2
    assert sorted(found.values()) == [b"a", b"\xe9"]
    refused(KeyError, lambda: found["nothing"])


def test_types_of_files():
    assert content_type("a/index.html") == "text/html; charset=utf-8"
    assert content_type("A.PNG") == "image/png"
    assert content_type("a.zip") == "application/zip"
    for name in ("a", "html", "a.unknown", "a.", ".", "a.text/html;", "a.html b"):
        assert content_type(name) == "application/octet-stream", name


def test_addresses_of_clients():
    assert address(("10.0.0.1", 80)) == ("10.0.0.1", 80)
    assert address(("::1", 80, 0, 0)) == ("::1", 80)
    assert address(b"\x02\x00\x1f\x90\x7f\x00\x00\x01" + bytes(8)) == ("127.0.0.1", 8080)
    assert address(b"\x01\x00") == ("", 0)


def test_urls_are_quoted():
    assert quote("a b/\xe9&=?") == "a%20b%2F%C3%A9%26%3D%3F"
    assert quote("a/b-._~", b"/") == "a/b-._~"


async def handler(req, resp, n=0):
    pass


def test_urls_of_names():
    app = WebApp("test", [("/", handler)])
    app.add_url_rule("/a/<int:n>", handler)
    app.add_url_rule("/named", handler, name="other")
    app.add_url_rule(re.compile("/x"), handler, name="expression")
    assert app.url_for("handler") == "/"
    assert app.url_for("handler", n=1) == "/a/1"
    assert app.url_for("handler", m=1) == "/?m=1"
    assert app.url_for("other") == "/named"
    assert "no route named 'nothing' takes no parts" in refused(LookupError, app.url_for, "nothing")
    refused(LookupError, app.url_for, "expression")


def test_mistakes_in_routes_are_told():
    app = WebApp("test")
    assert "'parse', 'skip' or 'leave'" in refused(ValueError, app.add_url_rule, "/", handler, headers="jump")
    refused(TypeError, app.add_url_rule, "/", handler, method="GET")
    assert "WebApp has no nonsense" in refused(AttributeError, lambda: app.nonsense)


def test_a_matcher_is_an_expression_an_object_or_a_function():
    app = WebApp("test", [(re.compile("^/a/(.)$"), handler), (lambda path: path == "/b", handler)])
    assert app.find("/a/x", "GET")[1]["url_match"].group(1) == "x"
    assert app.find("/b", "POST")[1] == {"url_match": True}
    refused(HTTPError, app.find, "/c", "GET")


def test_methods_can_be_one_name():
    app = WebApp("test")
    app.add_url_rule("/", handler, "POST")
    assert app.find("/", "POST")[0][0] is handler
    refused(HTTPError, app.find, "/", "GET")
