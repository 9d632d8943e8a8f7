"""Jinja's templates in a site: built, booted on both Pythons, and asked over a socket."""

import http.client
import io
import json

import pytest

from picoweb.markup import Markup
from site_builder import bundle, runner
from site_builder.errors import SiteError

YAML = """\
title: Ada & co
context: {owner: Ada}
templates: {filters: {celsius: units.celsius}, tests: {warm: units.warm}}
routes:
  /: {template: index.html, data: units.now}
  /about: about.html
  /words: {template: about.html, context: {word: "<b>"}, type: text/plain, cache: 1d}
  /query: {template: query.html}
  /fail: {template: fail.html, data: units.now}
  /safe: {template: safe.html, data: units.safe}
  /later: {handler: units.later}
errors:
  404: {template: 404.html}
"""
BASE = "<title>{% block title %}{{ site.title }}{% endblock %}</title>\n{% block body %}{% endblock %}"
ROW = "<li>{{ a.n|celsius }}{{ '!' if a.n is warm }} {{ a.name }}</li>"
FILES = {
    "templates/base.html": BASE,
    "templates/macros.html": "{% macro row(a) %}" + ROW + "{% endmacro %}",
    "templates/index.html": '{% extends "base.html" %}{% from "macros.html" import row %}\n'
    "{% block body %}{% for x in rows %}{{ row(x) }}{% endfor %}{% endblock %}",
    "templates/fail.html": '{% extends "base.html" %}\n{% block body %}\n{% for x in rows %}\n{{ x.no.way }}\n'
    "{% endfor %}{% endblock %}",
    "templates/about.html": '{% extends "base.html" %}{% block body %}'
    "<h1>{{ site.owner }} {{ word }}</h1>{% endblock %}",
    "templates/query.html": "{{ req.qs }}",
    "templates/404.html": '{% extends "base.html" %}{% block body %}{{ status }} {{ reason }}{% endblock %}',
    "templates/safe.html": "{{ text }} {{ text|upper }} {{ other }}",
    "templates/later.html": "later",
    "handlers/units.py": """\
from picoweb import respond
from picoweb.markup import Markup
from picoweb.templates import load


def celsius(value):
    return "%.1f °C" % value


def warm(value):
    return value > 20


def now(req):
    return {"rows": [{"n": 1.5, "name": "<b>"}, {"n": 25, "name": "ok"}]}


def safe(req):
    return {"text": Markup("<i>x</i>"), "other": "<i>"}


async def later(req, resp):
    await respond(resp, b"".join(load("later.html").render()))
""",
}


@pytest.fixture(params=["micropython", "python"])
def python(request):
    if request.param == "micropython":
        request.getfixturevalue("micropython")
    return request.param == "python"


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.headers, body


@pytest.fixture
def served(site, tmp_path, python):
    folder = site(YAML, FILES)
    out = tmp_path / "out"
    built = bundle.build(folder, python=python)
    bundle.write(built, out)
    with open(tmp_path / "log", "wb") as log, runner.running(out, python=python, log=log) as port:
        yield port, built, tmp_path / "log"


def test_pages_are_served(served):
    port, _, _ = served
    row = "<li>1.5 °C &lt;b&gt;</li><li>25.0 °C! ok</li>"
    assert ask(port, "/")[2] == f"<title>Ada &amp; co</title>\n{row}"
    assert ask(port, "/query?a=<b>")[2] == "a=&lt;b&gt;"
    assert ask(port, "/safe")[2] == "<i>x</i> <I>X</I> &lt;i&gt;"
    assert ask(port, "/later")[2] == "later"


def test_a_page_that_is_known_ahead_is_a_file(served):
    port, built, _ = served
    status, headers, body = ask(port, "/about")
    assert (status, body) == (200, "<title>Ada &amp; co</title>\n<h1>Ada </h1>")
    assert headers["ETag"]
    assert headers["Cache-Control"] == "no-cache"
    status, headers, body = ask(port, "/words")
    assert body.endswith("<h1>Ada &lt;b&gt;</h1>")
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("text/plain", "max-age=86400")
    status, headers, body = ask(port, "/nothing")
    assert (status, body) == (404, "<title>Ada &amp; co</title>\n404 Not Found")
    modules = [
        path.split("templates/")[1].split(".")[0] for path in built.files if "/app-" in path and "templates/" in path
    ]
    assert sorted({*modules}) == ["_jinja", "fail_html", "index_html", "later_html", "query_html", "safe_html"]


def test_an_error_names_the_template_and_the_line(served):
    port, _, log = served
    assert ask(port, "/fail")[0] == 500
    told = log.read_text()
    assert "templates/fail.html:4: UndefinedError: 'no' is undefined\n" in told
    assert "Traceback" in told


def test_only_the_functions_that_are_used_are_in_the_bundle(site):
    built = bundle.build(site(YAML, FILES), python=True)
    (library,) = [data for path, data in built.files.items() if path.endswith("/_jinja.py")]
    found = [line[4:].split("(")[0] for line in library.decode().splitlines() if line.startswith("def ")]
    assert found == ["attr", "key", "text", "_like", "f_upper"]


def test_a_site_without_templates_on_the_board_has_no_code_for_them(site):
    built = bundle.build(site("routes: {/: a.html}\n", {"templates/a.html": "{{ 1 + 1 }}"}))
    names = {path.rsplit("/", 1)[-1] for path in built.files}
    assert not names & {"templates.mpy", "markup.mpy", "places.mpy", "_jinja.mpy"}
    table = json.loads(built.files["routes.json"])
    assert built.files["site/" + table["routes"]["/"][4]] == b"2"


def test_a_name_that_is_not_defined_can_be_an_error(site):
    yaml = "templates: {strict: true}\nroutes:\n  /: a.html\n"
    with pytest.raises(SiteError) as caught:
        bundle.build(site(yaml, {"templates/a.html": "a\n{{ nme }}"}))
    assert str(caught.value) == "templates/a.html:2: UndefinedError: 'nme' is undefined"


def test_blocks_can_leave_no_lines(site):
    yaml = "templates: {trim_blocks: true, lstrip_blocks: true}\nroutes:\n  /: a.html\n"
    built = bundle.build(site(yaml, {"templates/a.html": "a\n  {% if 1 %}\nb\n  {% endif %}\nc"}))
    table = json.loads(built.files["routes.json"])
    assert built.files["site/" + table["routes"]["/"][4]] == b"a\nb\nc"


def test_safe_text_stays_safe():
    text = Markup("<b>%s</b>")
    assert str(text % "<") == "<b>&lt;</b>"
    assert str(text + "<") == "<b>%s</b>&lt;"
    assert str("<" + text) == "&lt;<b>%s</b>"
    assert str(text.replace("%s", "<")) == "<b>&lt;</b>"
    assert [str(part) for part in Markup("a b").split()] == ["a", "b"]
    assert Markup(", ").join(["<", Markup("<")]) == Markup("&lt;, <")
    assert io.StringIO().write(str(Markup("é"))) == 1
