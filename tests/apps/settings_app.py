# Settings of an app, for MicroPython and CPython; run in the project's folder: settings_app.py PORT
import sys

sys.path.insert(0, ".")

import picoweb


class Log:
    """A logger of the program's own."""

    def _line(self, msg, *args):
        print("LOG", msg % args)

    debug = info = warning = error = _line

    def exc(self, exc, msg, *args):
        print("EXC", type(exc).__name__, msg % args)


class App(picoweb.WebApp):
    def init(self):
        print("init", self.inited)
        super().init()


app = App(__name__, serve_static=False)
sub = App("sub")
app.headers_mode = "skip"
app.mount("/sub", sub)


@app.route("/")
async def index(req, resp):
    return [hasattr(req, "headers")]


@app.route("/parse", headers="parse")
async def parse(req, resp):
    return [hasattr(req, "headers")]


@app.route("/fails")
async def fails(req, resp):
    raise ValueError("on purpose")


@sub.route("/")
async def sub_index(req, resp):
    return [sub.inited]


app.run(port=int(sys.argv[1]), debug=2, lazy_init=True, log=Log(), connections=3)
