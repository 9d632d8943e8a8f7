# The apps of tests/test_asgi.py: what the programs beside it serve, as ASGI applications. They end in app.run(), which
# is made to build the application here.
import runpy
import sys
from pathlib import Path

import picoweb
from picoweb import asgi

_FOLDER = Path(__file__).parent


def _application(program):
    built = []

    def run(self, host, port, **limits):
        built.append(asgi.ASGI(self, body_timeout=1000, write_timeout=1000))

    sys.argv = [program, "0"]
    original, picoweb.WebApp.run = picoweb.WebApp.run, run
    try:
        runpy.run_path(str(_FOLDER / program))
    finally:
        picoweb.WebApp.run = original
    return built[0]


http = _application("http_app.py")
live = _application("live_app.py")
