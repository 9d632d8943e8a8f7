# ruff: noqa: E501  a row of a table is one line
"""What is told about handlers, what they import, the values of templates, and handlers that anybody's GET runs."""

from __future__ import annotations

import pytest

from .hut import Change, changed, told


def sensors(source: str) -> Change:
    return {"handlers/sensors.py": source}


def relays(source: str) -> Change:
    return {"handlers/relays.py": source}


def imports(line: str) -> Change:
    return relays(f"{line}\n\n\nasync def switch(req, resp, n):\n    pass\n")


def handler(source: str, methods: str = "") -> Change:
    """A handler `go` of a route /go that answers GET."""
    return {"more": f"  /go: {{handler: more.go{methods}}}\n", "handlers/more.py": source}


def page(html: str, keys: str = "'a': 1", more: str = "") -> Change:
    """A page /p with a data function that returns these keys."""
    route = f"  /p: {{template: p.html, data: more.go{more}}}\n"
    return {"more": route, "templates/p.html": html, "handlers/more.py": f"def go(req):\n    return {{{keys}}}\n"}


CASES: dict[str, tuple[Change, list[str]]] = {
    # Functions
    "a handler that is a class": (relays("class switch:\n    pass\n"), ["site.yaml:6:21: handler 'relays.switch' is a class; name an async function"]),
    "a data function that is a class": (sensors("class now:\n    pass\n"), ["site.yaml:3:29: data 'sensors.now' is a class; name a function", "site.yaml:7:10: json 'sensors.now' is a class; name a function"]),
    "a handler of another module that takes something else": (relays("from handlers.tools import run as switch\n") | {"handlers/tools.py": "async def run(req, resp):\n    pass\n"}, ["handlers/tools.py:1:1: run must take (req, resp, n), as its route calls it"]),
    "a handler of another module, by a relative import": (relays("from .tools import run as switch\n") | {"handlers/tools.py": "def run(req, resp, n):\n    pass\n"}, ["handlers/tools.py:1:1: handler 'run' must be 'async def run(…)'"]),
    "a handler under another name": (relays("async def real(req, resp):\n    pass\n\n\nswitch = real\n"), ["handlers/relays.py:1:1: real must take (req, resp, n), as its route calls it"]),
    "a handler with a yield": (relays("async def switch(req, resp, n):\n    for i in range(n):\n        yield str(i)\n"), ["handlers/relays.py:3:9: switch has a yield, but MicroPython has no async generators; use awrite"]),
    "a data function that returns a list": (sensors("def now(req):\n    return [1, 2]\n"), ["handlers/sensors.py:2:5: now returns [1, 2] here, but must return a dict: the values of a template"]),
    "a data function that returns text": (sensors("async def now(req):\n    if req.args:\n        return {'heading': 1, 'n': 2}\n    return 'nothing'\n"), ["handlers/sensors.py:4:5: now returns 'nothing' here, but must return a dict: the values of a template"]),
    "a data function that returns nothing": (sensors("def now(req):\n    x = {'heading': 1}\n"), ["handlers/sensors.py:1:1: now returns nothing, but must return a dict: the values of a template"]),
    "a data function with an empty return": (sensors("def now(req):\n    if not req:\n        return\n    return {'heading': 1, 'n': 1}\n"), ["handlers/sensors.py:3:9: now returns nothing here, but must return a dict: the values of a template"]),
    "a data function with a yield": (sensors("def now(req):\n    yield {'heading': 1}\n"), ["handlers/sensors.py:2:5: now has a yield, but must return a dict: its values are those of a template"]),
    # Imports
    "a module that has another name": (imports("import logging"), ["handlers/relays.py:1:1: warning: MicroPython has no 'logging'; import ulogging, which is bundled"]),
    "a module of Python alone": (imports("import subprocess"), ["handlers/relays.py:1:1: MicroPython has no 'subprocess'"]),
    "a module of Python with something instead": (imports("from dataclasses import dataclass, field"), ["handlers/relays.py:1:1: MicroPython has no 'dataclasses'; write a class with __init__"]),
    "annotations": (imports("from typing import Any"), ["handlers/relays.py:1:1: MicroPython has no 'typing'; leave annotations out, or put quotes around them"]),
    "a package of computers": (imports("import numpy as np"), ["handlers/relays.py:1:1: MicroPython has no 'numpy'; use array and math"]),
    "another framework": (imports("from flask import Flask"), ["handlers/relays.py:1:1: MicroPython has no 'flask'; picoweb answers requests"]),
    "a module of Python that nobody names": (imports("import tkinter.ttk"), ["handlers/relays.py:1:1: MicroPython has no 'tkinter'"]),
    "a package of micropython-lib": (imports("from functools import partial"), ["handlers/relays.py:1:1: warning: 'functools' is not built into MicroPython; mpremote mip install functools, or guard it with try and except ImportError"]),
    "a driver": (imports("import bme280"), ["handlers/relays.py:1:1: warning: 'bme280' is no module of MicroPython; keep a copy in handlers/, or guard it with try and except ImportError"]),
    "a module that is misspelled": (imports("import tmie"), ["handlers/relays.py:1:1: warning: 'tmie' is no module of MicroPython; keep a copy in handlers/, or guard it with try and except ImportError; did you mean 'time'?"]),
    "an import in a function": (relays("async def switch(req, resp, n):\n    import threading\n"), ["handlers/relays.py:2:5: warning: MicroPython has no 'threading'; use asyncio, or _thread"]),
    "an import in a try that lets its error through": (imports("try:\n    import queue\nexcept OSError:\n    queue = None"), ["handlers/relays.py:2:5: MicroPython has no 'queue'; use a list and asyncio.Event"]),
    "a module beside, without its package": (imports("import sensors"), ["handlers/relays.py:1:1: there is no module 'sensors'; write: from handlers import sensors"]),
    "a module beside that is not there": (imports("from handlers import sensrs"), ["handlers/relays.py:1:1: there is no handlers/sensrs.py; did you mean 'sensors'?"]),
    "a module beside that is not there, as a whole": (imports("import handlers.pumps"), ["handlers/relays.py:1:1: there is no handlers/pumps.py"]),
    "a name that a module beside does not have": (imports("from handlers.sensors import nwo"), ["handlers/relays.py:1:1: handlers/sensors.py has no 'nwo'; did you mean 'now'?"]),
    "a name that picoweb does not have": (imports("from picoweb import jsonfy"), ["handlers/relays.py:1:1: picoweb has no 'jsonfy'; did you mean 'jsonify'?"]),
    "a module that picoweb does not have": (imports("import picoweb.session"), ["handlers/relays.py:1:1: picoweb has no 'session'; did you mean 'sessions'?"]),
    "several imports": (imports("import os, enum, time, uuid"), ["handlers/relays.py:1:1: MicroPython has no 'enum'; use plain constants", "handlers/relays.py:1:1: MicroPython has no 'uuid'; use binascii.hexlify(os.urandom(16))"]),
    # Values of templates
    "a name that the data function does not give": (page("{{ a }}\n{{ b }}"), ["templates/p.html:2: warning: 'b' has no value at /p: more.go() does not give it"]),
    "a name that is misspelled": (page("{{ hedaing }}", "'heading': 1"), ["templates/p.html:1: warning: 'hedaing' has no value at /p: more.go() does not give it; did you mean 'heading'?"]),
    "a name that neither gives": (page("{{ a }}{{ b }}{{ c }}", more=", context: {b: 1}"), ["templates/p.html:1: warning: 'c' has no value at /p: neither more.go() nor the context gives it"]),
    "a name without data": ({"more": "  /p: p.html\n", "templates/p.html": "<p>\n{{ heading }}"}, ["templates/p.html:2: warning: 'heading' has no value at /p: there is neither data nor a context that gives it"]),
    "a name in a loop": (page("{% for x in items %}{{ x }}{% endfor %}{{ a }}"), ["templates/p.html:1: warning: 'items' has no value at /p: more.go() does not give it"]),
    "a name in a condition's else": (page("{% if a %}{% else %}{{ b }}{% endif %}"), ["templates/p.html:1: warning: 'b' has no value at /p: more.go() does not give it"]),
    "a name of an included template": (page("{{ a }}{% include 'q.html' %}") | {"templates/q.html": "\n{{ b }}"}, ["templates/q.html:2: warning: 'b' has no value at /p: more.go() does not give it"]),
    "a name of a layout, on two pages": (page("{% extends 'l.html' %}") | {"templates/l.html": "<title>{{ title }}</title>", "more": "  /p: {template: p.html, data: more.go}\n  /q: {template: p.html, context: {x: 1}}\n"}, ["templates/l.html:1: warning: 'title' has no value at /p and 1 more: more.go() does not give it"]),
    "a name in strict templates": (page("{{ a }}{{ b }}") | {"more": "  /p: {template: p.html, data: more.go}\ntemplates: {strict: true}\n"}, ["templates/p.html:1: 'b' has no value at /p: more.go() does not give it"]),
    "a name that utemplate's syntax takes": (page("") | {"more": "  /p: {template: p.tpl, data: more.go}\n", "templates/p.tpl": "{% args a, b, c=1 %}\n{{ a }}{{ b }}{{ c }}"}, ["site.yaml:8:8: p.tpl takes 'b', but more.go() does not give it"]),
    "a name on an error page": ({"more": "errors:\n  404: {template: 404.html}\n", "templates/404.html": "{{ status }} {{ path }}"}, ["templates/404.html:1: warning: 'path' has no value at the error page 404: there is neither data nor a context that gives it"]),
    # Handlers that change something
    "a pin": (handler("from machine import Pin\n\nled = Pin(2)\n\n\nasync def go(req, resp):\n    led.value(1)\n"), ["site.yaml:8:9: warning: more.go calls led.value(…), but a GET runs it, also by accident; write methods: [POST]"]),
    "a pin, in a function of the same module": (handler("from machine import Pin\n\nfan = Pin(2)\n\n\ndef turn():\n    fan.toggle()\n\n\nasync def go(req, resp):\n    turn()\n"), ["site.yaml:8:9: warning: more.go calls fan.toggle(), but a GET runs it, also by accident; write methods: [POST]"]),
    "a file that is written": (handler("async def go(req, resp):\n    with open('a.txt', 'w') as f:\n        f.write('x')\n"), ["site.yaml:8:9: warning: more.go calls open(…, 'w'), but a GET runs it, also by accident; write methods: [POST]"]),
    "a file that is removed": (handler("import os\n\n\nasync def go(req, resp):\n    os.remove('a.txt')\n"), ["site.yaml:8:9: warning: more.go calls os.remove(), but a GET runs it, also by accident; write methods: [POST]"]),
    "a reset": (handler("import machine\n\n\nasync def go(req, resp):\n    machine.reset()\n", ", methods: [GET, POST]"), ["site.yaml:8:9: warning: more.go calls machine.reset(), but a GET runs it, also by accident; write methods: [POST]"]),
    "a form": (handler("async def go(req, resp):\n    await req.read_form_data()\n"), ["site.yaml:8:9: warning: more.go reads a form, but a GET runs it, also by accident; write methods: [POST]"]),
    "a name that says so": ({"more": "  /off: {handler: more.switch_off}\n", "handlers/more.py": "async def switch_off(req, resp):\n    pass\n"}, ["site.yaml:8:10: warning: more.switch_off seems to switch something, but a GET runs it, also by accident; write methods: [POST]"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told(site, name):
    change, lines = CASES[name]
    assert told(site(*changed(change))) == lines
