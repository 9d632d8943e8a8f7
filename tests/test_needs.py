"""Only what is used ships: each kind of site has the modules it needs, works with them, and has no others."""

from __future__ import annotations

import pytest

from site_builder import bundle, runner

from .test_bundle import BASE, modules
from .wireclient import Client, ask

HANDLER = "routes: {/: {handler: h.go}}"
POST = "routes: {/: {handler: h.go, methods: [GET, POST]}}"
DATA = "routes: {/: {json: h.go}}"
TEXT = "hello, hello, " * 40
ANSWER = "import picoweb\nasync def go(req, resp):\n    "
READ = {"body", "chunks"}
RETURN = {"values", "held"}
STREAM = {"methods", "stream", "attributes"}  # get_extra_info() knows addresses as a request does

# The site, its handlers, and the modules beside those that every site has.
SITES = {
    "a constant": ("routes: {/: {json: {a: 1}}}", "", set()),
    "a redirect": ("routes: {/: {redirect: /x}}", "", set()),
    "a small file": ("routes: {/: a.txt}", "", {"static", "ranges"}),
    "a file that gzip makes smaller": ("routes: {/: b.txt}", "", {"static", "ranges", "codings"}),
    "a folder": ("routes: {/*: {dir: static}}", "", {"static", "ranges", "lookup"}),
    "a folder with one that gzip makes smaller": (
        "routes: {/*: {dir: packed}}",
        "",
        {"static", "ranges", "codings", "lookup"},
    ),
    "names with a hash that are too many for the memory": (
        "routes:\n  /: all.html\n" + "".join(f"  /{n}.css: css/{n}.css\n" for n in range(9)),
        "",
        {"static", "ranges", "codings", "lookup"},
    ),
    "a page that is ready": ("routes: {/: small.html}", "", {"static", "ranges"}),
    "an error page that gzip makes smaller": ("errors: {404: {file: b.txt}}", "", {"static", "ranges", "codings"}),
    "a page": ("routes: {/: {template: p.tpl, data: h.go}}", "def go(req):\n    return {}", {"templates", "places"}),
    "values": (DATA, "def go(req):\n    return {'a': 1}", set()),
    "values of the query": (DATA, "def go(req):\n    return req.args", {"attributes", "forms"}),
    "values of the body": (DATA, "async def go(req):\n    return {'n': len(await req.read())}", READ),
    "a handler": (HANDLER, f"{ANSWER}await picoweb.respond(resp, 'x')", set()),
    "a handler that returns text": (HANDLER, "async def go(req, resp):\n    return 'x'", set()),
    "a handler that returns JSON": (HANDLER, "async def go(req, resp):\n    return {'a': 1}", set()),
    "a handler that ends early": (HANDLER, f"{ANSWER}await picoweb.respond(resp, 'x')\n    return", set()),
    "a handler that returns a status": (HANDLER, "async def go(req, resp):\n    return 'x', 201", RETURN),
    "a handler that returns what it was given": (
        HANDLER,
        "async def go(req, resp):\n    x = 'x'\n    return x",
        RETURN,
    ),
    "a handler that makes pieces": (HANDLER, "async def go(req, resp):\n    return iter(['x'])", RETURN),
    "a handler that is a generator": (HANDLER, "async def go(req, resp):\n    return (c for c in 'x')", RETURN),
    "a handler made by a call": (HANDLER, "async def a(req, resp):\n    return 'x'\n\n\ngo = a", RETURN),
    "a form": (
        POST,
        "async def go(req, resp):\n    await req.read_form_data()\n    return str(req.form)",
        READ | RETURN | {"attributes", "readers", "forms", "multipart", "parts", "headers"},
    ),
    "a handler that answers POST": (POST, "async def go(req, resp):\n    return 'x'", READ),
    "a handler that writes": (HANDLER, f"{ANSWER}await picoweb.start_response(resp)\n    resp.write('x')", STREAM),
    "a handler that asks for the address": (
        HANDLER,
        "async def go(req, resp):\n    return '%s' % req.remote_addr",
        {"attributes", *RETURN},
    ),
    "a handler that looks for what may not be there": (
        HANDLER,
        "async def go(req, resp):\n    return 'yes' if hasattr(req, 'user') or hasattr(resp, 'user') else 'no'",
        {"attributes", "methods", *RETURN},
    ),
    "a handler that asks for what nothing has": (
        HANDLER,
        "async def go(req, resp):\n    try:\n        req.user\n    except AttributeError:\n        return 'x'",
        {"attributes"},
    ),
    "events": (
        HANDLER,
        f"{ANSWER}await picoweb.start_response(resp, 'text/event-stream')\n    await resp.awrite('data: x\\n\\n')",
        STREAM,
    ),
}
FILES = {"a.txt": "x", "b.txt": TEXT, "static/index.html": "x", "packed/index.html": TEXT}
FILES |= {f"css/{n}.css": f"a {{ margin: {n}px }}" for n in range(9)}
TEMPLATES = {"templates/p.tpl": "x", "templates/small.html": "x"}
TEMPLATES["templates/all.html"] = "".join(f"<link rel=stylesheet href='{{{{ asset('{n}.css') }}}}'>" for n in range(9))


def make(site, name):
    """The bundle of one of the sites."""
    yaml, handlers, _ = SITES[name]
    return bundle.build(site(yaml, {**FILES, **TEMPLATES, "handlers/h.py": handlers}))


@pytest.mark.parametrize("name", SITES)
def test_a_site_has_what_it_needs_works_and_has_nothing_else(site, tmp_path, micropython, name):
    made = make(site, name)
    assert modules(made) == BASE | {"log"} | SITES[name][2]
    bundle.write(made, tmp_path / "out")
    with (tmp_path / "log").open("wb") as log, runner.running(tmp_path / "out", log=log) as port:
        path = "/nothing" if "error" in name else "/"
        for head in ("", "Accept-Encoding: gzip"):
            assert ask(port, "GET", path, head).status in (200, 201, 302, 404)
        ask(port, "POST", path, body=b"a=1&b=2")
        with Client(port) as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n")
            assert client.reply().status in (200, 201, 405, 404)
    assert "Error" not in (tmp_path / "log").read_text()


def test_a_site_that_reads_no_bodies_ends_a_connection_with_one(site, tmp_path, micropython):
    bundle.write(make(site, "a constant"), tmp_path / "out")
    with (tmp_path / "log").open("wb") as log, runner.running(tmp_path / "out", log=log) as port:
        with Client(port) as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
            assert client.reply().status == 405
            assert client.sock.recv(1) == b""
        assert ask(port, "GET", "/").status == 200
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_tiny_site_takes_23_kilobytes(site):
    assert make(site, "a constant").size < 23 * 1024
    assert make(site, "a handler").size - make(site, "a constant").size < 256
