"""Which address of a site leads where: as the board's routing has it."""

from __future__ import annotations

import pytest

from picoweb import routing
from picoweb.app import WebApp
from site_builder import bundle
from site_builder.check.map import Map, base_of, resolve

from .hut import changed

MORE = """\
  /item/<name>: {json: {a: 1}}
  /item/<int:n>: {handler: relays.switch, methods: [PUT, DELETE]}
  /item/all: {json: {a: 1}}
  /files/<path:p>: {json: {a: 1}}
  /files/own/*: {dir: static}
  /old: {redirect: /about#team}
  /kept: {redirect: /switch/1, status: 307}
"""
PATHS = """/ /about /about/ /static/style.css /static/ /static/no.css /switch/1 /switch/x /item/all /item/5 /item/x
/item/ /item /files/ /files/a/b /files/own/leaf.svg /files/own/x /old /kept // /api"""


@pytest.fixture
def checked(site):
    yaml, files = changed({"more": MORE})
    files["handlers/sensors.py"] = "def now(req, **k):\n    return {'heading': 'x', 'n': 1}\n"
    return bundle.read_site(site(yaml, files))


def methods_on_the_board(checked, path):
    """What the board's own routing answers."""
    app = WebApp("picoweb", None, False)
    folders = {}
    for url, target in checked.site.routes.items():
        methods = getattr(target, "methods", None) or ["GET"]
        methods = routing.ANY if getattr(target, "status", 302) == 307 else methods
        route = (url, None if methods == ["GET"] else methods)
        if url.endswith("/*"):
            folders[url] = {url[:-1] + name for name in checked.files.below(target.dir)}
        if routing.is_pattern(url):
            app.patterns.append((routing.split(url), route))
        else:
            app.exact[url] = route
    app.expand = lambda route, params: route if route[0] not in folders or path in folders[route[0]] else None
    found = set()
    for method in routing.ANY:
        try:
            routing.find(app, path, method)
            found.add(method)
        except Exception:  # 404 and 405
            pass
    return found


@pytest.mark.parametrize("path", PATHS.split())
def test_a_path_has_the_methods_that_the_board_answers(checked, path):
    assert Map(checked).methods(path) - {"OPTIONS"} == methods_on_the_board(checked, path)


def test_what_begins_so(checked):
    site = Map(checked)
    assert site.methods_below("/switch/") == {"POST"}
    assert site.methods_below("/item/a") == {"GET"}
    assert site.methods_below("/item/4") == {"GET", "PUT", "DELETE"}
    assert site.methods_below("/static/st") == {"GET"}
    assert site.methods_below("/static/x") == set()
    assert site.methods_below("/swi") == {"POST"}
    assert site.methods_below("/switch/1/") == set()


def test_redirects_lead_to_a_path_and_its_route(checked):
    assert Map(checked).follow("/old") == ("/about", "/about")
    assert Map(checked).follow("/about") is None


def test_a_name_that_the_build_adds_stands_for_a_path(checked):
    checked.added = {"/static/style.1a2b.css": "/static/style.css"}
    assert Map(checked).resolve("/a/b", "../static/style.1a2b.css#x") == ("/static/style.css", "x")


@pytest.mark.parametrize(
    ("base", "link", "found"),
    [
        ("/a/b", "c", ("/a/c", "")),
        ("/a/b", "../c?d#e", ("/c", "e")),
        ("/a/b", "/c%20d#%C3%A4", ("/c d", "ä")),
        ("/a/b", "?x", ("/a/b", "")),
        ("/", "//other/x", None),
        ("/", "mailto:a@b", None),
        ("/", "/%ff", None),
        ("/", "http://[", None),
        ("/a/", ".", ("/a/", "")),
        ("/", "../../x", ("/x", "")),
    ],
)
def test_links_are_resolved_as_browsers_do(base, link, found):
    assert resolve(base, link) == found


def test_relative_links_have_a_base_where_the_depth_is_known():
    assert [base_of(path) for path in ("/", "/a/<int:n>/<name>", "/a/<path:p>", "/a/*")] == ["/", "/a/0/x", None, None]
