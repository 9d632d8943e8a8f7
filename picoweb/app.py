"""WebApp: the routes, the answers to errors, and run()."""

import asyncio

from .errors import HTTPError, reason
from .response import respond
from .routing import accepts, allow, is_pattern, match, split
from .server import Server

_NONE = {}


class WebApp:
    """An application: routes and their handlers.

    pkg: the name of the package it belongs to (`__name__`), used in the log. routes: a list of
    (path, handler) or (path, handler, {"methods": […]}).
    """

    def __init__(self, pkg="picoweb", routes=None):
        self.pkg = pkg
        self.log = None
        self.exact = {}
        self.patterns = []
        self.errors = {}
        self._head = self._found = None  # the last request's head, and its route and the values of its parts
        for rule in routes or ():
            self.add_url_rule(rule[0], rule[1], **(rule[2] if len(rule) > 2 else _NONE))

    def route(self, url, methods=None):
        """Decorator: the function answers `url`. Parts such as <int:n> arrive as its arguments."""

        def decorate(func):
            self.add_url_rule(url, func, methods)
            return func

        return decorate

    def add_url_rule(self, url, func, methods=None):
        """Makes `await func(req, resp, **parts)` answer `url` for `methods` (GET and HEAD when None)."""
        methods = tuple(methods) if methods else ("GET",)
        self._head = None
        if is_pattern(url):
            self.patterns.append((split(url), (func, methods)))
        elif url in self.exact:
            by_method, known = self.exact[url]
            by_method = by_method if type(by_method) is dict else dict.fromkeys(known, by_method)
            by_method.update(dict.fromkeys(methods, func))
            self.exact[url] = by_method, known + tuple([method for method in methods if method not in known])
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
            raise HTTPError(404)
        raise HTTPError(204 if method == "OPTIONS" else 405, "Allow: %s\r\n" % allow(others))

    def _candidates(self, path):
        if self.patterns:
            segments = path[1:].split("/")
            for parts, route in self.patterns:
                params = match(parts, segments)
                if params is not None:
                    route = self.expand(route, params)
                    if route is not None:
                        yield route, params

    def expand(self, route, params):
        """For subclasses: the route that a route stands for, None when it has none for these parts."""
        return route

    def dispatch(self, req, resp):
        """Awaitable: runs the target of the request's route. What it raises is for fail()."""
        head = req.known
        if head is not self._head:  # those who ask again for the same need no search
            self._found = self.find(req.path, req.method)
            self._head = head
        route, params = self._found
        return self.call(route, req, resp, params)

    async def fail(self, exc, req, resp):
        """Answers for an exception of a handler, or of what is below it; the log gets its traceback."""
        if isinstance(exc, HTTPError):
            return await self.answer_error(req, resp, exc.status, exc.headers)
        self._report(exc, req)
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

    def _report(self, exc, req):
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
                return await self.call(page, req, resp, _NONE)
            except Exception as e:
                self._report(e, req)
                if not resp.withdraw():
                    return resp.abort()
                resp.status = status
                resp.headers = headers
        if status < 400:
            resp.start(status, "")
        else:
            await respond(resp, "%d %s\n" % (status, reason(status)), "text/plain")

    def run(self, host="127.0.0.1", port=8081, debug=0, log=None, **limits):
        """Serves until it is interrupted. debug: -1 logs nothing. limits: see Server."""
        if log is None and debug >= 0:
            from .compat import get_logger

            log = get_logger(self.pkg)
        self.log = log
        server = Server(self, **limits)
        try:
            asyncio.run(server.run(host, port))
        except KeyboardInterrupt:
            pass
        finally:
            server.close()
            asyncio.new_event_loop()
