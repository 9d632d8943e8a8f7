"""Features of the site description that meet in one site, as MicroPython and CPython serve it."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from site_builder import bundle, runner

from .conftest import write_files
from .crawler import Page, crawl
from .wireclient import ask

COUNT = 12  # of style sheets with a route of their own: with their names with a hash more than a board keeps in memory
YAML = (
    """\
title: Together
context: {owner: !env TOGETHER Ada, key: !secret key}
defaults:
  cache: 1h
  headers: {X-A: all, X-B: all}
  file: {headers: {X-A: file}}
  dir: {cache: 1d}
server: {buffer: 1K}
assets: {keep: ["vendor/v.js"]}
x-fresh: &fresh {cache: 0, headers: {X-B: null}}
routes:
  /: {template: index.html, context: {names: [Ada, Bob]}}
  /live: {<<: *fresh, template: live.html, data: h.now}
  /old: {template: old.tpl, context: {n: 1}}
  /now: {<<: *fresh, json: h.now}
  /s/*: {dir: static}
  /s/vendor/*: {dir: vendor, cache: 0}
  /<name>: {handler: h.any, cache: null}
"""
    + "".join(f"  /c{n}.css: sheets/c{n}.css\n" for n in range(COUNT))
    + "errors: {404: {template: lost.html}, 500: {file: static/500.html}}\n"
)
FILES = {
    "secrets.yaml": "key: swordfish\n",
    "templates/base.html": "<!doctype html>\n<title>{{ site.title }}</title>\n{% import 'm.html' as m %}"
    "{{ m.sheets() }}<link rel=icon href=\"{{ asset('leaf.svg') }}\">\n"
    '<script src="{{ asset("v.js") }}"></script>\n'
    '<script src="{{ asset("vendor/more/m.js") }}"></script>\n{% block body %}{% endblock %}\n',
    "templates/m.html": "{% macro sheets() %}"
    + "".join(f"<link rel=stylesheet href=\"{{{{ asset('c{n}.css') }}}}\">\n" for n in range(COUNT))
    + "{% endmacro %}",
    "templates/index.html": "{% extends 'base.html' %}{% block body %}<h1>  {{ site.owner }}</h1>\n"
    "{% for name in names %}<pre>  {{ name }}\n\n  x</pre>{% endfor %}{% include 'foot.html' %}{% endblock %}",
    "templates/live.html": "{% extends 'base.html' %}{% block body %}<pre>  {{ n }}\n\n  x</pre>   <p>"
    "{% include 'foot.html' %}{% endblock %}",
    "templates/foot.html": "<style>{{ inline('s.css') }}</style><p>{{ inline('leaf.svg') }}<a href=/old>old</a>",
    "templates/old.tpl": "{% args n %}<link rel=stylesheet href=\"{{ asset('s.css') }}\">{{ n }}",
    "templates/lost.html": "{% extends 'base.html' %}{% block body %}{{ status }} {{ reason }}{% endblock %}",
    "handlers/h.py": "def now(req):\n    return {'n': '<1>'}\n\n\n"
    "async def any(req, resp, name):\n    if name == 'fail':\n        return 1 / 0\n    return 'any ' + name\n",
    "static/s.css": "/* green */\nbody  { background : url(leaf.svg) }\n" + "p { margin: 0 }\n" * 20,
    "static/leaf.svg": "<svg xmlns='http://www.w3.org/2000/svg'>  <g/>  </svg>",
    "static/500.html": "<!doctype html>\n<title>Sorry</title>\n<!-- x --><p>   Sorry\n",
    "static/a/index.html": "<!doctype html>\n<title>A</title><a href='../s.css'>s</a>\n",
    "static/vendor/more/m.js": "let  b = 2 ;",
    "vendor/v.js": "let  a = 1 ;  // kept\n",
    **{
        f"sheets/c{n}.css": f"/* {n} */\n.c{n} {{ color: red }}\n" + ".more { color: blue }\n" * n for n in range(COUNT)
    },
}


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def served(request, tmp_path_factory):
    """The bundle, and the port where it is served."""
    python = request.param == "cpython"
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    where = write_files(tmp_path_factory.mktemp("together"), {"site.yaml": YAML, **FILES})
    made = bundle.build(where, python)
    bundle.write(made, where / "build")
    with (where / "log").open("wb") as log, runner.running(where / "build", python=python, log=log) as port:
        yield made, port
    assert (where / "log").read_text().count("Traceback") <= 1  # the one of /fail


def test_nothing_is_warned_about(served):
    assert [str(problem) for problem in served[0].checked.warnings] == []


def test_every_link_leads_somewhere_and_names_with_a_hash_are_kept_for_good(served):
    made, port = served
    pages = crawl(port)
    assert {path: found.reply.status for path, found in pages.items() if found.reply.status != 200} == {}
    assert {*made.checked.served.names.values()} <= {*pages}
    for name in made.checked.served.names.values():
        reply = pages[name].reply
        assert (reply["Cache-Control"], reply["X-B"]) == ("max-age=31536000, immutable", "all")


def test_every_file_has_its_plain_name_too_and_the_same_content(served):
    made, port = served
    for plain, name in made.checked.served.names.items():
        for head in ("", "Accept-Encoding: gzip"):
            one, other = ask(port, "GET", plain, head), ask(port, "GET", name, head)
            assert (one.status, one.body, one["ETag"]) == (200, other.body, other["ETag"])
            assert ask(port, "GET", name, head or "X-A: b", f"If-None-Match: {one['ETag']}").status == 304


def test_headers_and_cache_are_those_of_the_nearest_place(served):
    _, port = served
    found = {}
    for path in ("/", "/live", "/now", "/old", "/s/s.css", "/s/vendor/v.js", "/c0.css", f"/c{COUNT - 1}.css", "/x"):
        reply = ask(port, "GET", path)
        found[path] = reply["Cache-Control"], reply["X-A"], reply["X-B"]
    hour, day = "max-age=3600", "max-age=86400"
    assert found == {
        "/": (hour, "all", "all"),
        "/live": ("no-store", "all", None),
        "/now": ("no-store", "all", None),
        "/old": (hour, "all", "all"),
        "/s/s.css": (day, "all", "all"),
        "/s/vendor/v.js": ("no-store", "all", "all"),
        "/c0.css": (hour, "file", "all"),
        f"/c{COUNT - 1}.css": (hour, "file", "all"),
        "/x": (None, "all", "all"),
    }


def test_files_that_are_not_cached_or_kept_stay_as_they_are(served):
    _, port = served
    reply = ask(port, "GET", "/")
    assert b'<script src="/s/vendor/v.js">' in reply.body
    assert ask(port, "GET", "/s/vendor/v.js").body == FILES["vendor/v.js"].encode()


def test_pages_lose_spaces_but_not_those_that_show(served):
    _, port = served
    text = ask(port, "GET", "/").body.decode()
    assert "<h1> Ada</h1>" in text
    assert "<pre>  Ada\n\n  x</pre><pre>  Bob\n\n  x</pre>" in text
    assert "<pre>  &lt;1&gt;\n\n  x</pre> <p>" in ask(port, "GET", "/live").body.decode()
    (style,) = re.findall("<style>(.*?)</style>", text)
    assert re.match(r"body\{background:url\(/s/leaf\.[0-9a-f]{8}\.svg\)\}p\{margin:0\}", style)


def test_error_pages_have_the_default_headers_and_the_names_with_a_hash(served):
    _, port = served
    lost = ask(port, "GET", "/none/none")
    assert (lost.status, lost["X-A"], lost["Cache-Control"]) == (404, "all", None)
    assert "404 Not Found" in lost.body.decode()
    assert len(Page(lost.body.decode()).addresses) == COUNT + 3
    failed = ask(port, "GET", "/fail")
    assert (failed.status, failed["X-A"]) == (500, "file")
    assert failed.body == b"<!doctype html>\n<title>Sorry</title>\n<p> Sorry\n"


def test_what_is_compressed_is_the_same(served):
    _, port = served
    coded = ask(port, "GET", "/s/s.css", "Accept-Encoding: gzip")
    assert coded["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.body) == ask(port, "GET", "/s/s.css").body


def test_secrets_that_no_page_shows_are_on_the_board_alone(served):
    made, port = served
    assert made.table["site"]["key"] == "swordfish"
    assert [path for path, found in crawl(port).items() if b"swordfish" in found.reply.body] == []
    assert json.loads(made.files["routes.json"])["site"]["owner"] == "Ada"
