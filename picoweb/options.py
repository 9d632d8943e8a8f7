"""What a route may have beside a path and a function. Imported by the first route that has it."""

import gc

from .compat import MICROPYTHON, is_async
from .routing import ANY, GET


class Wrapper:
    """A route's function with a name of its own."""

    def __init__(self, func):
        self.func = func

    def __call__(self, req, resp, **params):
        return self.func(req, resp, **params)


def wrapped(url, func, headers=None, name=None):
    """The function of a route as it is called: any other than `async def`, and those with options, in a Wrapper."""
    own = func
    if not is_async(func):
        from .values import Plain

        func = Plain(func)
    if headers:
        func = Mode(headers, func)
    if not isinstance(url, str):
        func = Matched(func)
    if name and func is own:
        func = Wrapper(func)
    if func is not own:
        func.__name__ = name or getattr(own, "__name__", None)
    return func


class Matched(Wrapper):
    """The function of a route with a regular expression: the match becomes req.url_match."""

    def __call__(self, req, resp, url_match=None):
        req.url_match = url_match
        return self.func(req, resp)


class Mode(Wrapper):
    """The function of a route with a mode of header fields.

    "parse": they are in req.headers, once that is asked for. "skip": there is no req.headers. "leave": nor is there,
    and req.reader gives the lines as they came, the empty one that ends them, and then the body.
    """

    def __init__(self, mode, func):
        if mode not in ("parse", "skip", "leave"):
            raise ValueError("headers=%r is not 'parse', 'skip' or 'leave'" % mode)
        self.mode = mode
        self.func = func

    def __call__(self, req, resp, **params):
        req.mode = self.mode
        return self.func(req, resp, **params)


def log_more(app):
    """Has the log say of each request who asked, and on MicroPython how much memory there is after it."""
    plain = app.log_request

    def log_request(req, resp):
        plain(req, resp)
        app.log.debug("from %s, %s bytes free", req.remote_addr, gc.mem_free() if MICROPYTHON else "?")

    app.log_request = log_request


def adopt(app):
    """Gives the routes that do not say otherwise what holds for the whole app: the mode of header fields, and all
    methods in a program of 2014 to 2020; has handle_exc() of a subclass called."""
    if hasattr(type(app), "handle_exc"):
        from .hooks import own_errors

        own_errors(app)

    def changed(route):
        if len(route) != 2:  # of a table
            return route
        func, methods = route
        if app.headers_mode != "parse" and type(func) is not dict and not isinstance(func, Mode):
            func = Mode(app.headers_mode, func)
        return func, ANY if app.old and methods is GET else methods

    app._head = None
    app.exact = {path: changed(route) for path, route in app.exact.items()}
    app.patterns = [(parts, changed(route)) for parts, route in app.patterns]
