"""The modules that a program imports when it needs them: what a bundle has of them."""

from __future__ import annotations

import pytest

from site_builder import bundle, libs, runner

from .test_bundle import modules
from .wireclient import ask

IMPORTS = {
    "import picoweb\nfrom picoweb import cookies\n": {"cookies"},
    "import picoweb.cookies\n": {"cookies"},
    "import picoweb.cookies as jar\n": {"cookies"},
    "from picoweb.cookies import parse\n": {"cookies"},
    "from picoweb.sessions import Sessions\n": {"sessions", "cookies", "signing"},
    "from picoweb import multipart\n": {"multipart", "parts", "body", "chunks"},
}


@pytest.mark.parametrize("source", IMPORTS)
def test_a_bundle_has_what_a_handler_imports_in_every_way(site, source):
    handler = "async def go(req, resp): pass\n"
    without = modules(bundle.build(site("routes: {/: {handler: a.go}}", {"handlers/a.py": handler}, "without")))
    made = modules(bundle.build(site("routes: {/: {handler: a.go}}", {"handlers/a.py": source + handler})))
    assert made - without - {"attributes", "headers"} == IMPORTS[source]  # with these they read a request's headers
    assert without <= made


GUARDED = """\
import picoweb
from picoweb.auth import Basic

people = Basic({"ada": "secret"})


@people
async def item(req, resp, n):
    await picoweb.respond(resp, "%d for %s" % (n, req.user), "text/plain")
"""


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
def test_a_handler_of_a_site_may_ask_for_a_password(site, tmp_path, request, python):
    if not python:
        request.getfixturevalue("micropython")
    folder = site("routes: {/item/<int:n>: {handler: h.item}}", {"handlers/h.py": GUARDED})
    bundle.write(bundle.build(folder, python=python), tmp_path / "out")
    with runner.running(tmp_path / "out", python=python) as port:
        assert ask(port, "GET", "/item/3").status == 401
        assert ask(port, "GET", "/item/3", "Authorization: Basic YWRhOnNlY3JldA==").body == b"3 for ada"


@pytest.mark.parametrize("source", ["import picoweb.testing\n", "from picoweb import testing\n"])
def test_the_test_client_is_in_no_bundle(site, source):
    folder = site("routes: {/: {handler: a.go}}", {"handlers/a.py": source + "async def go(req, resp): pass\n"})
    assert "testing" not in modules(bundle.build(folder))
    assert libs.features(["testing", "cookies"]) == {"cookies"}
