# ruff: noqa: E501  a row of a table is one line
"""What is told about routes that hide others, files that nothing leads to, and secrets that would be served."""

from __future__ import annotations

import pytest

from .hut import Change, changed, told

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n"

CASES: dict[str, tuple[Change, list[str]]] = {
    # Routes
    "a file that a path hides": ({"more": "  /static/style.css: {json: sensors.now}\n"}, ["site.yaml:8:3: warning: '/static/style.css' comes before '/static/*': static/style.css is never sent"]),
    "files that a pattern hides": ({"more": "  /static/<name>: {handler: relays.show}\n", "handlers/relays.py": "async def switch(req, resp, n):\n    pass\n\n\nasync def show(req, resp, name):\n    pass\n"}, ["site.yaml:8:3: warning: '/static/<name>' comes before '/static/*': static/leaf.svg and 1 more are never sent"]),
    "a file that another folder hides": ({"more": "  /static/img/*: {dir: pictures}\n", "static/img/a.png": "1", "pictures/a.png": "2", "pictures/b.png": "3"}, ["site.yaml:8:3: warning: '/static/img/*' comes before '/static/*': static/img/a.png is never sent"]),
    "two paths but for a slash": ({"more": "  /about/: {json: sensors.now}\n"}, ["site.yaml:8:3: warning: '/about' and '/about/' are two different pages; let one redirect to the other"]),
    "the same paths with the same methods": ({"more": "  /switch/<int:m>: {handler: relays.switch2, methods: [GET, POST]}\n", "handlers/relays.py": "async def switch(req, resp, n):\n    pass\n\n\nasync def switch2(req, resp, m):\n    return req.method\n"}, ["site.yaml:8:3: '/switch/<int:m>' is never reached: '/switch/<int:n>' takes the same paths"]),
    "a redirect to itself": ({"more": "  /a: {redirect: /a}\n"}, ["site.yaml:8:3: redirects without end: /a → /a"]),
    "redirects in a circle": ({"more": "  /a: {redirect: /b}\n  /b: {redirect: 'c?x=1'}\n  /c: {redirect: /a#x}\n"}, ["site.yaml:8:3: redirects without end: /a → /b → /c → /a", "site.yaml:9:3: redirects without end: /b → /c → /a → /b", "site.yaml:10:3: redirects without end: /c → /a → /b → /c"]),
    "a redirect to what it takes itself": ({"more": "  /a/<path:p>: {redirect: /a/b}\n"}, ["site.yaml:8:3: redirects without end: /a/<path:p> → /a/<path:p>"]),
    # Files that nothing leads to
    "a template that nothing uses": ({"templates/old.html": "x"}, ["templates/old.html: warning: no route and no other template uses it; remove it, or list it under 'ignore' in site.yaml"]),
    "a layout that nothing uses": ({"templates/old/a.html": "{% extends 'old/b.html' %}", "templates/old/b.html": "x"}, ["templates/old/a.html: warning: no route and no other template uses it; remove it, or list it under 'ignore' in site.yaml", "templates/old/b.html: warning: no route and no other template uses it; remove it, or list it under 'ignore' in site.yaml"]),
    "a module that nothing uses": ({"handlers/old.py": "import time\n"}, ["handlers/old.py: warning: no route and no module that is used names it; remove it, or list it under 'ignore' in site.yaml"]),
    "modules that use each other alone": ({"handlers/a.py": "from handlers import b\n", "handlers/b.py": "import handlers.a\n"}, ["handlers/a.py: warning: no route and no module that is used names it; remove it, or list it under 'ignore' in site.yaml", "handlers/b.py: warning: no route and no module that is used names it; remove it, or list it under 'ignore' in site.yaml"]),
    "a file beside one that is served": ({"more": "  /favicon.ico: {file: icons/favicon.ico}\n", "icons/favicon.ico": "x", "icons/large.ico": "x", "icons/README.md": "x"}, ["icons/large.ico: warning: no route leads to it; remove it, or list it under 'ignore' in site.yaml"]),
    "a folder for files without a route": ({"assets/app.js": "x", "tools/make.py": "x", "notes.txt": "x"}, ["assets/app.js: warning: no route leads to it; remove it, or list it under 'ignore' in site.yaml"]),
    # Secrets
    "a key in a folder that is served": ({"static/server.pem": "# mine\n" + KEY}, ["static/server.pem:2: a private key would be served; keep it out of folders that are"]),
    "a key of AWS": ({"static/app.js": "let a = 1;\nlet key = 'AKIAIOSFODNN7EXAMPLE';\n"}, ["static/app.js:2: an access key of AWS would be served; keep it out of folders that are"]),
    "a token of GitHub": ({"static/app.js": f"// ghp_{'a1B2' * 9}\n"}, ["static/app.js:1: a token of GitHub would be served; keep it out of folders that are"]),
    "a file of secrets in a folder that is served": ({"static/secrets.yaml": "wifi: x\n"}, ["static/secrets.yaml: this file would be served; keep it out of folders that are"]),
    # Several at once
    "several mistakes at once": ({
        "more": "  /about/: {json: {a: 1}}\n  /old: {redirect: /odl}\n",
        "templates/index.html": "<a href=/abot>x</a>{{ headnig }}\n<script src=https://cdn.example.com/x.js></script>",
        "static/style.css": "a { background: url(x.png) }",
        "handlers/relays.py": "import threading\nimport enum\n\n\nasync def switch(req, resp):\n    pass\n",
        "handlers/old.py": "x = 1\n",
    }, ["handlers/relays.py:1:1: warning: MicroPython has no 'threading'; use asyncio, or _thread", "handlers/relays.py:2:1: MicroPython has no 'enum'; use plain constants", "handlers/relays.py:5:1: switch must take (req, resp, n), as its route calls it", "site.yaml:8:3: warning: '/about' and '/about/' are two different pages; let one redirect to the other", "site.yaml:9:10: warning: '/odl' leads nowhere", "static/style.css:1:17: warning: 'x.png' leads nowhere: there is no '/static/x.png'", "templates/index.html:1: warning: 'headnig' has no value at /: sensors.now() does not give it; did you mean 'heading'?", "templates/index.html:1:9: warning: '/abot' leads nowhere; did you mean '/about'?", "templates/index.html:2:13: warning: 'https://cdn.example.com/x.js' needs the internet; keep a copy in the site, such as in static/"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told(site, name):
    change, lines = CASES[name]
    assert told(site(*changed(change))) == lines
