"""WebApp: the routes, the answers to errors, and run()."""

import sys

from .errors import HTTPError, reason
from .response import jsonify, respond

_NONE = {}
_GET = ("GET",)


def boot(name, *args):
    """Calls a function of boot.py, and frees the memory of that module."""
    value = getattr(__import__("picoweb.boot", None, None, (name,)), name)(*args)
    sys.modules.pop("picoweb.boot", None)
    sys.modules["picoweb"].__dict__.pop("boot", None)
    return value


class WebApp:
    """An application: routes and their handlers.

    pkg: the name of the package it belongs to (`__name__`), used in the log, and to find files and templates.
    routes: a list of (path, handler) or (path, handler, options); a path may be a compiled regular expression, or
    anything else that has match(path) or can be called with it. These answer all methods, unless the options have
    {"methods": […]}. serve_static: the folder static/ beside the program is served as /static/….

    Methods that are loaded when first used: route(), add_url_rule(), mount(), url_for(), before_request(),
    after_request(), errorhandler(), sendfile(), render_template(), render_str(), start(), shutdown(); see
    docs/framework.md.
    """

    log = parent = None
    inited = False
    varies = False  # True when a route has a matcher that may match now and not later
    old = None  # True for a program of 2014 to 2020, once that is known
    serve_static = True
    mounts = ()
    url = ""  # where it is mounted
    headers_mode = "parse"

    def __init__(self, pkg="picoweb", routes=None, serve_static=True):
        self.pkg = pkg
        if not serve_static:  # the less attributes, the faster they are found
            self.serve_static = serve_static
        self.exact = {}
        self.patterns = []
        self.errors = {}
        self._head = self._found = None  # the last request's head, and its route and the values of its parts
        if routes:
            self.add_routes(routes)

    def __getattr__(self, name):
        from .methods import of_app

        return of_app(self, name)

    def find(self, path, method):
        """The route for a path, and the values of its parts. Raises HTTPError 404, or 405 with Allow."""
        from .routing import find

        WebApp.find = find  # the next one finds it at once
        return self.find(path, method)

    def expand(self, route, params):
        """For subclasses: the route that a route stands for, None when it has none for these parts."""
        return route

    def dispatch(self, req, resp):
        """Awaitable: runs the target of the request's route; gives what it returned. What it raises is for fail()."""
        head = req.known
        if head is not self._head:  # those who ask again for the same need no search
            path, method = req.path, req.method
            route = self.exact.get(path)
            found = route and method in (route[1] or _GET)
            self._found = (route, _NONE) if found else self.find(path, method)
            self._head = None if self.varies else head
        route, params = self._found
        return self.call(route, req, resp, params)

    def returned(self, req, resp, value):
        """Awaitable: answers with what a handler returned, something other than None; see values.py."""
        kind = type(value)
        if kind is str and not resp.started():
            return respond(resp, value)
        if (kind is dict or kind is list) and not resp.started():
            return jsonify(resp, value)
        return self.other_value(req, resp, value)

    def other_value(self, req, resp, value):
        from .values import returned

        WebApp.other_value = returned  # the next one finds it at once
        return returned(self, req, resp, value)

    async def fail(self, exc, req, resp):
        """Answers for an exception of a handler, or of what is below it; the log gets its traceback."""
        if isinstance(exc, HTTPError):
            return await self.answer_error(req, resp, exc.status, exc.headers)
        self.report(exc, req)
        if isinstance(exc, MemoryError):
            await self.answer_error(req, resp, 503, "Retry-After: 1\r\n")
        else:
            await self.answer_error(req, resp, 500)

    def log_request(self, req, resp):
        """Writes the log's line of an answered request."""
        self.log.info("%s %s %d", req.method, repr(req.path)[1:-1], resp.status)

    def call(self, route, req, resp, params):
        """Awaitable: runs a route's target."""
        func = route[0]
        if type(func) is dict:
            func = func.get(req.method) or func["GET"]
        return func(req, resp, **params) if params else func(req, resp)

    def report(self, exc, req):
        if self.log:
            self.log.exc(exc, "%s %s", req.method, repr(req.path)[1:-1])

    async def answer_error(self, req, resp, status, headers=""):
        """Answers with the page for an error status; ends the connection when an answer had begun to go out."""
        if not resp.withdraw():
            return resp.abort()
        resp.status = status
        resp.headers = headers
        page = self.errors.get(status) if req and status >= 400 else None
        if page is not None:
            try:
                value = await self.call(page, req, resp, _NONE)
                return value if value is None else await self.returned(req, resp, value)
            except Exception as e:
                self.report(e, req)
                if not resp.withdraw():
                    return resp.abort()
                resp.status = status
                resp.headers = headers
        if status < 400:
            resp.start(status, "")
        else:
            await respond(resp, "%d %s\n" % (status, reason(status)), "text/plain")

    def init(self):
        """For subclasses: called once before the first request, or for a mounted app before its own first one."""
        self.inited = True

    def serve(self, loop, host, port):
        """For subclasses: opens the address and serves in `loop`, until shutdown() or an exception."""
        self.serving.listen(host, port)
        loop.run_until_complete(self.serving.run())

    def run(self, host="127.0.0.1", port=8081, debug=False, lazy_init=False, log=None, **limits):
        """Serves until it is interrupted, or shutdown() is called. limits: see Server.

        debug: -1 logs nothing, 0 requests and errors, 1 also the program's own debug(). lazy_init: mounted apps are
        initialised at their first request. log: a logger of your own. Raises OSError when the address is taken.
        """
        loop = boot("prepare_run", self, host, port, debug, lazy_init, log, limits)
        try:
            self.serve(loop, host, port)
        except KeyboardInterrupt:
            pass
        finally:
            boot("end_run", self, loop)
