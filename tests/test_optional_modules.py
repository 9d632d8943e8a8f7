"""The modules that a program imports when it needs them: what a bundle has of them."""

from __future__ import annotations

import pytest

from site_builder import bundle, libs

from .test_bundle import modules

IMPORTS = {
    "import picoweb\nfrom picoweb import cookies\n": {"cookies"},
    "import picoweb.cookies\n": {"cookies"},
    "import picoweb.cookies as jar\n": {"cookies"},
    "from picoweb.cookies import parse\n": {"cookies"},
    "from picoweb.sessions import Sessions\n": {"sessions", "cookies", "signing"},
    "from picoweb import multipart\n": {"multipart", "parts"},
}


@pytest.mark.parametrize("source", IMPORTS)
def test_a_bundle_has_what_a_handler_imports_in_every_way(site, source):
    handler = "async def go(req, resp): pass\n"
    without = modules(bundle.build(site("routes: {/: {handler: a.go}}", {"handlers/a.py": handler}, "without")))
    made = modules(bundle.build(site("routes: {/: {handler: a.go}}", {"handlers/a.py": source + handler})))
    assert made - without == IMPORTS[source]
    assert without <= made


@pytest.mark.parametrize("source", ["import picoweb.testing\n", "from picoweb import testing\n"])
def test_the_test_client_is_in_no_bundle(site, source):
    folder = site("routes: {/: {handler: a.go}}", {"handlers/a.py": source + "async def go(req, resp): pass\n"})
    assert "testing" not in modules(bundle.build(folder))
    assert libs.features(["testing", "cookies"]) == {"cookies"}
