# ruff: noqa: E501  a row of a table is one line
"""What is told about links, pictures, styles and forms of a site's own pages."""

from __future__ import annotations

import pytest

from .hut import Change, changed, told


def about(html: str) -> Change:
    """Another page that is known ahead: /about."""
    return {"templates/about.html": f"<p id=team>\n{html}\n"}


def index(html: str) -> Change:
    """Another page that the board makes: /."""
    return {"templates/index.html": f"{{{{ heading }}}}<p id=now>\n{html}\n"}


def css(text: str) -> Change:
    return {"static/style.css": text}


def static(html: str, more: str = "") -> Change:
    return {"static/a.html": html, "more": more}


CASES: dict[str, tuple[Change, list[str]]] = {
    "a dead link": (about("<a href='/abuot'>x</a>"), ["templates/about.html:2:10: warning: '/abuot' leads nowhere; did you mean '/about'?"]),
    "a dead link in a page of the board": (index("<p>\n<a class=b\n  href='/abuot'>x</a>"), ["templates/index.html:4:9: warning: '/abuot' leads nowhere; did you mean '/about'?"]),
    "a dead link to nothing that is near": (about("<a href=/completely/different>x</a>"), ["templates/about.html:2:9: warning: '/completely/different' leads nowhere"]),
    "a dead picture": (about("<img alt='' src=/static/laef.svg>"), ["templates/about.html:2:17: warning: '/static/laef.svg' leads nowhere; did you mean '/static/leaf.svg'?"]),
    "one of several pictures": (about("<img srcset='/static/leaf.svg 1x, /static/leaf2.svg 2x'>"), ["templates/about.html:2:14: warning: '/static/leaf2.svg' leads nowhere; did you mean '/static/leaf.svg'?"]),
    "a dead style": (about("<link rel='Stylesheet' href=/static/stile.css>"), ["templates/about.html:2:29: warning: '/static/stile.css' leads nowhere; did you mean '/static/style.css'?"]),
    "a dead script": (about("<script defer src=/static/app.js></script>"), ["templates/about.html:2:19: warning: '/static/app.js' leads nowhere"]),
    "a dead icon": (about("<link rel='shortcut icon' href=/favicon.ico>"), ["templates/about.html:2:32: warning: '/favicon.ico' leads nowhere"]),
    "a dead poster": (about("<video poster=/static/a.png></video>"), ["templates/about.html:2:15: warning: '/static/a.png' leads nowhere"]),
    "a dead frame": (about("<iframe src=/stats></iframe>"), ["templates/about.html:2:13: warning: '/stats' leads nowhere"]),
    "a dead refresh": (about("<meta http-equiv=refresh content='5; url=/nwo'>"), ["templates/about.html:2:35: warning: '/nwo' leads nowhere"]),
    "a dead picture in a style": (about("<p style='color: red; background: url(/static/x.png)'>"), ["templates/about.html:2:11: warning: '/static/x.png' leads nowhere"]),
    "a dead picture in a style element": (about("<style>\np { background: url('/static/x.png') }\n</style>"), ["templates/about.html:3:17: warning: '/static/x.png' leads nowhere"]),
    "a dead symbol": (about("<svg><use href='/static/leaf.svg#laef'/></svg>"), ["templates/about.html:2:17: warning: '/static/leaf.svg#laef': /static/leaf.svg has no id 'laef'; did you mean 'leaf'?"]),
    "a relative link": (about("<a href='team'>x</a>"), ["templates/about.html:2:10: warning: 'team' leads nowhere: there is no '/team'"]),
    "a relative link that is right on one page alone": ({"more": "  /d/e: {template: d.html}\n  /d: {template: d.html}\n", "templates/d.html": "<a href=about>x</a>"}, ["templates/d.html:1:9: warning: 'about' leads nowhere: there is no '/d/about'; did you mean '/about'?"]),
    "a relative link from a path with parts": ({"more": "  /d/<int:n>: {template: d.html, data: sensors.day}\n", "templates/d.html": "{{ n }}<a href=style.css>x</a> <a href=../about>x</a> <a href=7>x</a>", "handlers/sensors.py": "def now(req): return {'heading': 'x', 'n': 1}\ndef day(req, n): return {'n': n}\n"}, ["templates/d.html:1:16: warning: 'style.css' leads nowhere: there is no '/d/style.css'; did you mean '/static/style.css'?"]),
    "a relative link from a base": (about("<base href=/static/><img src=leaf.svg><img src=laef.svg>"), ["templates/about.html:2:48: warning: 'laef.svg' leads nowhere: there is no '/static/laef.svg'; did you mean '/static/leaf.svg'?"]),
    "a relative link from an error page": ({"more": "errors:\n  404: {template: 404.html}\n", "templates/404.html": "<link rel=stylesheet href=static/style.css><a href=/>x</a>"}, ["templates/404.html:1:27: warning: 'static/style.css' leads elsewhere from each address that this page is shown at; begin it with '/'"]),
    "a relative link of a file": (static("<img src=leaf.svg><img src=img/leaf.svg>"), ["static/a.html:1:28: warning: 'img/leaf.svg' leads nowhere: there is no '/static/img/leaf.svg'; did you mean '/static/leaf.svg'?"]),
    "a link with a part that is not known": (index("<a href='/abuot/{{ n }}'>x</a><a href='/about?a={{ n }}'>x</a><a href='{{ n }}'>x</a>"), ["templates/index.html:2:10: warning: '/abuot/…' leads nowhere: no path begins so"]),
    "a link in an if": (index("<a href=\"{% if n %}/about{% else %}/{% endif %}\">x</a>{% if n %}<a href=/x-{{ n }}>x</a>{% endif %}"), ["templates/index.html:2:73: warning: '/x-…' leads nowhere: no path begins so"]),
    "a link of a layout": ({"templates/layout.html": "<title>x</title>\n<a href=/hom>Home</a>{% block a %}{% endblock %}", "templates/about.html": "{% extends 'layout.html' %}{% block a %}<p id=team>{% endblock %}", "templates/index.html": "{% extends 'layout.html' %}{% block a %}{{ heading }}{% endblock %}"}, ["templates/layout.html:2:9: warning: '/hom' leads nowhere"]),
    "a link of an included template": ({"templates/foot.html": "<a href=/imprint>x</a>", "templates/index.html": "{{ heading }}{% include 'foot.html' %}"}, ["templates/foot.html:1:9: warning: '/imprint' leads nowhere"]),
    "a link that a value makes": ({"more": "context: {shop: /shop}\n", "templates/about.html": "<p id=team><a href='{{ site.shop }}/new'>x</a>"}, ["templates/about.html:1:21: warning: '/shop/new' leads nowhere"]),
    "a link in utemplate's syntax": ({"more": "  /t: {template: t.tpl, data: sensors.now}\n", "templates/t.tpl": "{% args heading %}\n<a href='/{{ heading }}'>x</a> <a href='/apy'>x</a>"}, ["templates/t.tpl:2:41: warning: '/apy' leads nowhere; did you mean '/api'?"]),
    "a picture of a style sheet": (css("a{}\nb { background: no-repeat url( 'laef.svg' ) }"), ["static/style.css:2:27: warning: 'laef.svg' leads nowhere: there is no '/static/laef.svg'; did you mean '/static/leaf.svg'?"]),
    "a style sheet in a style sheet": (css("@import 'reset.css';\n@import url(print.css) print;"), ["static/style.css:1:9: warning: 'reset.css' leads nowhere: there is no '/static/reset.css'", "static/style.css:2:9: warning: 'print.css' leads nowhere: there is no '/static/print.css'"]),
    "a picture of a set in a style sheet": (css("a { background: image-set('leaf.svg' 1x, 'retina.png' type('image/png')) }"), ["static/style.css:1:42: warning: 'retina.png' leads nowhere: there is no '/static/retina.png'"]),
    "a picture in a media query": (css("@media print { @supports (x: y) { a { src: url(/f.woff2) } } }"), ["static/style.css:1:44: warning: '/f.woff2' leads nowhere"]),
    "a picture of a template's style sheet": ({"more": "  /s.css: {template: s.css, data: sensors.now}\n", "templates/s.css": "a { width: {{ n }}px; background: url(/leaf.svg), url(/static/{{ n }}.svg) }"}, ["templates/s.css:1:35: warning: '/leaf.svg' leads nowhere; did you mean '/static/leaf.svg'?"]),
    "a fragment that is not there": (about("<a href=#taem>x</a>"), ["templates/about.html:2:9: warning: '#taem': the page has no id 'taem'; did you mean 'team'?"]),
    "a fragment of another page": (index("<a href=/about#teem>x</a>"), ["templates/index.html:2:9: warning: '/about#teem': /about has no id 'teem'; did you mean 'team'?"]),
    "a fragment behind a redirect": ({"more": "  /us: {redirect: /about}\n", "templates/index.html": "{{ heading }}<a href=/us#them>x</a>"}, ["templates/index.html:1:22: warning: '/us#them': /about has no id 'them'; did you mean 'team'?"]),
    "a form that sends POST to a page": (about("<form method=post action=/api></form>"), ["templates/about.html:2:26: warning: this form sends POST to '/api', which answers GET alone; it needs a handler with methods: [POST]"]),
    "a form that sends POST to a file": (about("<form method=POST action=/static/leaf.svg></form>"), ["templates/about.html:2:26: warning: this form sends POST to '/static/leaf.svg', which answers GET alone; it needs a handler with methods: [POST]"]),
    "a form that sends GET to a handler of POST": (about("<form action=/switch/1></form>"), ["templates/about.html:2:14: warning: this form sends GET to '/switch/1', which answers POST alone; write method=\"post\""]),
    "a form that sends to its own page": (index("<form method=post><button>x</button></form>"), ["templates/index.html:2:1: warning: this form sends POST to '/', which answers GET alone; it needs a handler with methods: [POST]"]),
    "a form that leads nowhere": (about("<form method=post action=/swich/1></form>"), ["templates/about.html:2:26: warning: '/swich/1' leads nowhere; did you mean '/switch/1'?"]),
    "a form with a part that is not known": ({"site.yaml": "routes:\n  /: {template: index.html, data: sensors.now}\n  /about: about.html\n  /static/*: {dir: static}\n  /switch/<int:n>: {handler: relays.show}\n", "handlers/relays.py": "async def show(req, resp, n):\n    pass\n"}, ["templates/index.html:6:29: warning: this form sends POST to '/switch/…', which answers GET alone; it needs a handler with methods: [POST]"]),
    "a button that sends elsewhere": (about("<form method=post action=/switch/1><button formaction=/api>x</button></form>"), ["templates/about.html:2:55: warning: this form sends POST to '/api', which answers GET alone; it needs a handler with methods: [POST]"]),
    "a link to a handler of POST": (about("<a href=/switch/1>x</a>"), ["templates/about.html:2:9: warning: a browser asks '/switch/1' with GET, but it answers POST alone; use a form with method=\"post\""]),
    "a redirect to nothing": ({"more": "  /old: {redirect: /abuot}\n"}, ["site.yaml:8:10: warning: '/abuot' leads nowhere; did you mean '/about'?"]),
    "a script of another host": (about("<script src=https://cdn.example.com/htmx.js></script>"), ["templates/about.html:2:13: warning: 'https://cdn.example.com/htmx.js' needs the internet; keep a copy in the site, such as in static/"]),
    "a style of another host": (about("<link rel=stylesheet href=//cdn.example.com/a.css>"), ["templates/about.html:2:27: warning: '//cdn.example.com/a.css' needs the internet; keep a copy in the site, such as in static/"]),
    "a font of another host": (css("@font-face { font-family: a; src: url(https://fonts.example.com/a.woff2) format('woff2') }"), ["static/style.css:1:35: warning: 'https://fonts.example.com/a.woff2' needs the internet; keep a copy in the site, such as in static/"]),
    "a picture of another host": (index("<img src='http://example.com/{{ n }}.png'>"), ["templates/index.html:2:11: warning: 'http://example.com/….png' needs the internet; keep a copy in the site, such as in static/"]),
    "a frame of another host": (about("<iframe src=https://maps.example.com/></iframe>"), ["templates/about.html:2:13: warning: 'https://maps.example.com/' needs the internet; keep a copy in the site, such as in static/"]),
    "a hint for another host": (about("<link rel=preconnect href=https://fonts.example.com>"), ["templates/about.html:2:27: warning: 'https://fonts.example.com' is another host, which needs the internet; a board's page should not"]),
    "the same mistake in two pages": ({"templates/foot.html": "<a href=/imprint>x</a>", "templates/index.html": "{{ heading }}{% include 'foot.html' %}", "templates/about.html": "<p id=team>{% include 'foot.html' %}"}, ["templates/foot.html:1:9: warning: '/imprint' leads nowhere"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told(site, name):
    change, lines = CASES[name]
    assert told(site(*changed(change))) == lines
