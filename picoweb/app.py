"""WebApp: the routes, the answers to errors, and run()."""

import sys

from .compat import is_async
from .errors import HTTPError, reason
from .response import respond
from .routing import ANY, GET, accepts, allow, is_pattern, match, match_path, split

_NONE = {}


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

    Methods that are loaded when first used: mount(), url_for(), before_request(), after_request(), errorhandler(),
    sendfile(), render_template(), render_str(), shutdown(); see docs/framework.md.
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
        for rule in routes or ():
            options = rule[2] if len(rule) > 2 else _NONE
            self.add_url_rule(rule[0], rule[1], **(options if "methods" in options else dict(options, methods=ANY)))

    def __getattr__(self, name):
        from .methods import of_app

        return of_app(self, name)

    def route(self, url, methods=None, **options):
        """Decorator: the function answers `url`. Parts such as <int:n> arrive as its arguments."""

        def decorate(func):
            self.add_url_rule(url, func, methods, **options)
            return func

        return decorate

    def add_url_rule(self, url, func, methods=None, **options):
        """Makes `func(req, resp, **parts)` answer `url` for `methods` (GET and HEAD when None).

        Options: headers, "parse", "skip" or "leave", see options.py; name, for url_for(), else the function's own. Of
        two functions for the same path and method, the first answers.
        """
        if options or not isinstance(url, str) or not is_async(func):
            from .options import wrapped

            func = wrapped(url, func, **options)
        self._head = None
        methods = (methods,) if isinstance(methods, str) else tuple(methods) if methods else GET
        if not isinstance(url, str):
            self.patterns.append((url, (func, methods)))
            self.varies = True
        elif is_pattern(url):
            self.patterns.append((split(url), (func, methods)))
        elif url in self.exact:
            by_method, known = self.exact[url]
            by_method = by_method if type(by_method) is dict else dict.fromkeys(known, by_method)
            methods = tuple([method for method in methods if method not in known])
            by_method.update(dict.fromkeys(methods, func))
            self.exact[url] = by_method, known + methods
        else:
            self.exact[url] = func, methods

    def find(self, path, method):
        """The route for a path, and the values of its parts. Raises HTTPError 404, or 405 with Allow."""
        others = ()
        if path in self.exact:
            route = self.exact[path]
            if accepts(route, method):
                return route, _NONE
            others = [route]
        for route, params in self._candidates(path):
            if accepts(route, method):
                return route, params
            others = list(others) + [route]
        if path == "*":
            raise HTTPError(204 if method == "OPTIONS" else 400, "Allow: GET, HEAD, POST, OPTIONS\r\n")
        if not others:
            if self.serve_static and path.startswith("/static/") and method in ("GET", "HEAD"):
                return (self.handle_static, None), _NONE
            raise HTTPError(404)
        raise HTTPError(204 if method == "OPTIONS" else 405, "Allow: %s\r\n" % allow(others))

    def _candidates(self, path):
        if self.patterns:
            segments = path[1:].split("/")
            for parts, route in self.patterns:
                params = match(parts, segments) if type(parts) is tuple else match_path(parts, path)
                if params is not None:
                    route = self.expand(route, params)
                    if route is not None:
                        yield route, params

    def expand(self, route, params):
        """For subclasses: the route that a route stands for, None when it has none for these parts."""
        return route

    def dispatch(self, req, resp):
        """Awaitable: runs the target of the request's route; gives what it returned. What it raises is for fail()."""
        head = req.known
        if head is not self._head:  # those who ask again for the same need no search
            self._found = self.find(req.path, req.method)
            self._head = None if self.varies else head
        route, params = self._found
        return self.call(route, req, resp, params)

    def returned(self, req, resp, value):
        """Awaitable: answers with what a handler returned, something other than None; see values.py."""
        from .values import returned

        WebApp.returned = returned  # the next one finds it at once
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
