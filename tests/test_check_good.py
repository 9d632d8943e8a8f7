# ruff: noqa: E501  a row of a table is one line
"""What is right, and must not be warned about."""

from __future__ import annotations

import pytest

from .conftest import ROOT, write_files
from .hut import Change, changed, told
from .test_broken_sites import GOOD, GOOD_YAML
from .test_check_links import about, css, index
from .test_check_python import handler, imports, page, relays, sensors

CASES: dict[str, Change] = {
    "the hut as it is": {},
    # Links
    "links that leave the page": about("<a href=mailto:a@b.c>x</a><a href=tel:1>x</a><a href='javascript:go()'>x</a><a href=https://example.com/>x</a><a href=//example.com>x</a>"),
    "links of the page itself": about("<a href=#>x</a><a href=#top>x</a><a href=#team>x</a><a href=''>x</a><a href=?page=2>x</a><a>x</a><a name=old href='#old'>x</a>"),
    "links with a query": about("<a href='/?a=1&amp;b=2'>x</a><a href=/about?x#team>x</a><a href=./about>x</a><a href='/api?deep=%2F'>x</a>"),
    "a link to a place that a script makes": about("<a href=#later>x</a><script>make('later')</script><a href='#/route'>x</a><a href='#:~:text=x'>x</a>"),
    "a link to a place that a script of the site makes": about("<a href=#later>x</a>") | {"static/app.js": "make('later')"},
    "a link to a place in a page with HTML of a value": index("{{ n|safe }}<a href=#any>x</a>"),
    "a link to a place with a part that is not known": index("{% for i in [1, 2] %}<p id='row-{{ i }}'>{% endfor %}<a href=#row-2>x</a>"),
    "a link to a path with letters": {"more": "  /über/<name>: about.html\n", "templates/index.html": "{{ heading }}<a href='/%C3%BCber/x'>x</a><a href='/über/ö'>x</a>"},
    "a link to a folder": {"static/docs/index.html": "<a href=../leaf.svg>x</a><a href=/static/docs/>x</a><a href=.>x</a>"},
    "links that are not known": index("<a href='{{ n }}'>x</a><a href='/about{{ n }}'>x</a><img src='/static/{{ n }}.svg'><a href='https://{{ n }}/'>x</a><a href=\"/{% if n %}about{% else %}api{% endif %}\">x</a>"),
    "attributes in an if": index("<a {% if n %}href='/about'{% else %}href=\"/api\"{% endif %} {% if n %}class=x{% endif %}>x</a>"),
    "what is in comments, scripts and text": about("<!-- <a href=/x> --><script>let a = \"<a href='/x'>\";</script><textarea>&lt;a href=/x></textarea>{# <a href=/x> #}{% raw %}{{ x }}{% endraw %}"),
    "a picture in the page": about("<img src='data:image/png;base64,iVBORw0KGgo='><img srcset='data:image/png;base64,aa== 1x, /static/leaf.svg 2x'>"),
    "links about the page": about("<link rel=canonical href=https://example.com/about><link rel='alternate' href=/api><link rel=me href=/nobody>"),
    "a script of the network at home": about("<script src=http://192.168.4.1/x.js></script><img src=http://nas.local/a.png><img src=http://printer/a.png>"),
    "a form to another host": about("<form method=post action=https://example.com/ask></form><form method=dialog></form>"),
    "a form that a handler answers": {"more": "  /set: {handler: more.go, methods: [GET, POST]}\n", "handlers/more.py": "async def go(req, resp):\n    if req.method == 'POST':\n        await req.read_form_data()\n    return '<form method=post>'\n", "templates/about.html": "<p id=team><form method=post action=/set></form><form action=/set></form><button formaction=/set>x</button>"},
    "styles": css("/* url(x.png) */ @charset 'utf-8'; @namespace svg url(http://www.w3.org/2000/svg); a { fill: url(#g); background: url(data:image/png,x), url( \"leaf.svg\" ) } @import url('/static/other.css');") | {"static/other.css": "a {}"},
    "an SVG of its own": {"static/b.svg": "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'><g id='a'/><use xlink:href='#a'/><image href='leaf.svg'/></svg>"},
    "a base of a layout": {"templates/l.html": "<base href=/static/>{% block a %}{% endblock %}", "templates/index.html": "{% extends 'l.html' %}{% block a %}{{ heading }}<img src=leaf.svg>{% endblock %}"},
    "an error page that begins with a slash": {"more": "errors:\n  404: {template: 404.html}\n", "templates/404.html": "<a href=/>x</a><a href=#top>x</a>{{ status }} {{ reason }} {{ req.path }} {{ site.title }}"},
    "a link of a page at two paths": {"more": "  /team/: about.html\n", "templates/about.html": "<p id=team><a href=/about>x</a>"},
    # Python
    "modules of MicroPython": imports("import machine, network, time, utime, ujson, uasyncio, asyncio, neopixel, dht, onewire, ds18x20, esp32, rp2, bluetooth, ntptime, binascii, hashlib, gc, sys, io, re, struct, random, math, collections, errno, select, socket, ssl\nfrom micropython import const\nfrom machine import Pin, I2C, SPI, PWM\nfrom umqtt.simple import MQTTClient"),
    "modules of ours": imports("import picoweb, ulogging, picoweb.sse\nfrom picoweb import jsonify, HTTPError, http_error, sessions\nfrom picoweb.auth import BasicAuth\nfrom picoweb.markup import Markup"),
    "modules beside": relays("from handlers import sensors, tools\nimport handlers.tools as t\nfrom .tools import help\nfrom handlers.tools import *\n\n\nasync def switch(req, resp, n):\n    pass\n") | {"handlers/tools.py": "def help():\n    pass\n"},
    "a module in a folder": relays("from handlers.lib import tools\nfrom handlers.lib.tools import help\nimport handlers.lib.tools\n\n\nasync def switch(req, resp, n):\n    pass\n") | {"handlers/lib/tools.py": "def help():\n    pass\n", "handlers/lib/__init__.py": ""},
    "imports that may fail": imports("try:\n    import numpy\nexcept ImportError:\n    import dataclasses\ntry:\n    import bme280\nexcept (OSError, Exception):\n    bme280 = None\ntry:\n    import typing\nexcept:\n    pass"),
    "imports for another Python": imports("import sys\n\nif sys.implementation.name != 'micropython':\n    import typing"),
    "a data function of several returns": sensors("import picoweb\n\n\ndef now(req):\n    if not req.args:\n        picoweb.http_error(None, 404)\n    if req.qs:\n        return {'heading': 1}\n    found = {'n': 2}\n    return found\n"),
    "a data function that raises": sensors("from picoweb import HTTPError\n\n\ndef now(req):\n    raise HTTPError(404)\n"),
    "a data function that gives an error": sensors("import picoweb\n\n\nasync def now(req):\n    await picoweb.http_error(None, 404)\n"),
    "a data function whose keys are not known": page("{{ x }}", "**{}"),
    "a data function that is decorated": sensors("def kept(function):\n    return lambda req: {}\n\n\n@kept\ndef now():\n    return 5\n"),
    "a handler that is an object": relays("class Switch:\n    async def __call__(self, req, resp, n):\n        pass\n\n\nswitch = Switch()\n"),
    "a function in a function": sensors("def now(req):\n    def inner():\n        return 5\n\n    return {'heading': inner(), 'n': 1}\n"),
    "a generator that a handler returns": relays("async def switch(req, resp, n):\n    return (str(i) for i in range(n))\n"),
    "names that templates make themselves": page("{% set b = 1 %}{{ b }}{% for c in [1] %}{{ c }}{{ loop.index }}{% endfor %}{% macro d(e, f=1) %}{{ e }}{{ f }}{{ varargs }}{{ caller() }}{% endmacro %}{% call d(1) %}x{% endcall %}{% with g = 1 %}{{ g }}{% endwith %}{{ range(3)|list }}{{ dict(a=1) }}{{ a }}"),
    "names that are asked for": page("{{ a }}{{ b|default('x') }}{{ c|d }}{% if d %}{{ d }}{% endif %}{% if e is defined and e > 1 %}{{ e }}{% endif %}{{ f if f else '' }}{{ g or '' }}{% if not h %}x{% endif %}"),
    "names that one page of two gives": {"more": "  /p: {template: p.html, data: sensors.now}\n  /q: {template: p.html, context: {error: x}}\n", "templates/p.html": "{% if error %}{{ error }}{% endif %}"},
    "names that are asked for in strict templates": page("{{ a }}{{ b|default('x') }}{% if c is defined %}{{ c }}{% endif %}{{ '' if d is undefined else d }}") | {"more": "  /p: {template: p.html, data: more.go}\ntemplates: {strict: true}\n"},
    "a block that replaces what is not given": page("{% extends 'l.html' %}{% block a %}x{% endblock %}") | {"templates/l.html": "{% block a %}{{ title }}{% endblock %}"},
    "a name that utemplate's syntax takes": sensors("def now(req):\n    return {'heading': 1, 'a': 1, 'n': 1}\n") | {"more": "  /p: {template: p.tpl, data: sensors.now, context: {b: 1}}\n", "templates/p.tpl": "{% args a, b, site, c=1 %}\n{{ a }}{{ b }}{{ c }}{{ site }}"},
    "a handler that shows something": handler("import time\n\nvisits = 0\n\n\nasync def go(req, resp):\n    global visits\n    visits += 1\n    with open('log.txt') as f:\n        return f.read()\n"),
    "a handler of POST that changes something": handler("import machine\n\n\nasync def go(req, resp):\n    machine.reset()\n", ", methods: [POST]"),
    "a handler that reads a pin": handler("from machine import ADC, Pin\n\nlight = ADC(26)\nbutton = Pin(2)\n\n\nasync def go(req, resp):\n    return {'light': light.read_u16(), 'button': button.value()}\n"),
    "a handler that is called settings": {"more": "  /settings: {handler: more.settings}\n", "handlers/more.py": "async def settings(req, resp):\n    return 'x'\n"},
    # Files and routes
    "a path that is a file of the folder": {"more": "  /static/style.css: {file: static/style.css, cache: 1y}\n"},
    "a path that leads to the one with a slash": {"more": "  /about/: {redirect: /about}\n"},
    "two patterns of which one says more": {"more": "  /switch/<name>: {handler: relays.show}\n  /switch/all: {json: sensors.now}\n", "handlers/relays.py": "async def switch(req, resp, n):\n    pass\n\n\nasync def show(req, resp, name):\n    pass\n"},
    "the same paths with other methods": {"more": "  /switch/<int:m>: {handler: relays.show}\n", "handlers/relays.py": "async def switch(req, resp, n):\n    pass\n\n\nasync def show(req, resp, m):\n    pass\n"},
    "a redirect to another host": {"more": "  /shop: {redirect: 'https://example.com/'}\n  /old/<path:p>: {redirect: /about}\n"},
    "files that are not for visitors": {"README.md": "x", "LICENSE": "x", "static/README.md": "x", "tests/test_a.py": "x", "tools/a.py": "x", ".editorconfig": "x", "pyproject.toml": "x", "notes/a.txt": "x", "build/site/a": "x"},
    "a template that a handler renders": relays("async def switch(req, resp, n):\n    await req.app.render_template(resp, 'other' + '.html', {})\n") | {"templates/other.html": "x"},
    "what is to be ignored": {"more": "ignore: [old.*, /assets/, '!keep.css']\n", "templates/old.html": "x", "handlers/old.py": "import bme280\n", "assets/app.js": "x"},
    "a certificate, which is no key": {"static/server.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n", "static/app.js": "let AKIA = 'ghp_short'\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_right_is_not_warned_about(site, name):
    assert told(site(*changed(CASES[name]))) == []


@pytest.mark.parametrize("folder", sorted((ROOT / "sites").iterdir()), ids=lambda path: path.name)
def test_our_own_sites_have_no_warnings(folder):
    assert told(folder) == []


def test_the_site_that_every_broken_one_changes_has_no_warnings(tmp_path):
    assert told(write_files(tmp_path, {"site.yaml": GOOD_YAML, **GOOD})) == []
