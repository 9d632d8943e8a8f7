"""The board's boot: routes.json -> an app that serves the site."""

import gc
import json
from builtins import dict, isinstance

from .app import WebApp
from .compat import const, is_async
from .errors import HTTPError
from .response import jsonify, redirect

VERSION = 1
_NAMED = const(48)  # functions that are found at once; a table without an index names fewer


class TableError(Exception):
    """routes.json can not be used; the message says why."""


def read_table(path):
    """The table in a file. Raises TableError: it is not there, broken, or of a version that we do not know."""
    try:
        with open(path) as f:
            table = json.load(f)
    except OSError:
        raise TableError("%s is missing: upload the site again" % path)
    except ValueError:
        raise TableError("%s is broken: upload the site again" % path)
    version = table.get("picoweb") if isinstance(table, dict) else None
    if version != VERSION:
        raise TableError("%s has version %s, this picoweb reads %d: build and upload again" % (path, version, VERSION))
    return table


class Site(WebApp):
    """A site from its table. Without a table (None), every path answers 500."""

    old = False

    def __init__(self, table):
        super().__init__("picoweb", None, False)
        self.broken = table is None
        table = table or {}
        self.site = table.get("site")
        self.server = table.get("server", {})
        self.exact = table.get("routes", {})
        if table.get("patterns"):
            from .routing import split

            self.patterns = [(split(at) if isinstance(at, str) else at, route) for at, route in table["patterns"]]
        self.errors = {int(status): route for status, route in table.get("errors", {}).items()}
        self._features = {}
        self._named = {}  # functions by name
        self._modules = table.get("modules", ())  # those of functions that only routes on flash name
        self._broken = set()  # modules that can not be imported, and names that are not in theirs

    def find(self, path, method):
        if self.broken:
            raise HTTPError(500)
        return super().find(path, method)

    def expand(self, route, params):
        """An index's route is the one in it that the path names: of a file in a folder, or of one of many routes."""
        if route[0] != "d":
            return route
        return self._feature("d")(route[3], route[4], params.pop("*"))

    def spilled(self, depth, route, segments):
        """The routes of an index of patterns that match, and the values of their parts."""
        return self._feature("g")(route[3], route[4], depth, segments)

    def named(self, name, handler=False):
        """The function with a name such as "sensors.now", of the module handlers/sensors.

        A module that can not be imported is told once in the log. Raises HTTPError 500 when there is no such function.
        """
        if name not in self._named:
            func = self._load(name, handler)
            if func is None:
                raise HTTPError(500)
            if len(self._named) >= _NAMED:
                self._named.clear()
            self._named[name] = func
        return self._named[name]

    def _load(self, name, handler):
        module, _, attr = name.rpartition(".")
        found = None if name in self._broken else self._import(module)
        if found is None:
            return None
        func = getattr(found, attr, None)
        if func is None:
            self._broken.add(name)
            self.log and self.log.error("handlers.%s has no %s; its routes answer 500", module, attr)
        elif handler and not is_async(func):
            from .values import Plain

            return Plain(func)
        return func

    def _import(self, module):
        if module in self._broken:
            return None
        try:
            return __import__("handlers." + module, None, None, ("__name__",))
        except MemoryError:
            raise
        except Exception as e:
            self._broken.add(module)
            self.log and self.log.exc(e, "handlers.%s can not be imported; its routes answer 500", module)

    def call(self, route, req, resp, params):
        kind = route[0]
        if route[2]:
            resp.headers += route[2]
        if kind == "h":
            func = self._named.get(route[3]) or self.named(route[3], True)
            return func(req, resp, **params) if params else func(req, resp)
        if kind == "j":
            value = route[4]
            if route[3]:
                func = self._named.get(route[3]) or self.named(route[3])
                value = func(req, **params) if params else func(req)
                if not isinstance(value, dict) and hasattr(value, "send"):
                    return self._json(resp, value)
            return jsonify(resp, value)
        if kind == "r":
            return redirect(resp, route[4], route[3])
        return self._feature(kind)(self, req, resp, route, params)

    def _feature(self, kind):
        """The function that answers for a kind of target; its module is imported when the first one is asked for."""
        if kind not in self._features:
            if kind == "t":
                from .templates import respond as func
            elif kind == "f":
                from .static import respond as func
            elif kind == "g":
                from .groups import find as func
            else:
                from .lookup import lookup as func
            self._features[kind] = func
        return self._features[kind]

    async def _json(self, resp, value):
        await jsonify(resp, await value)

    def import_handlers(self):
        """Imports what the table names, so that memory is taken, and mistakes are told, at boot.

        The names stay in the table: a hole for each of them would slow down every allocation.
        """
        for module in self._modules:
            self._early(self._import, module)
        routes = list(self.exact.values()) + [route for _, route in self.patterns] + list(self.errors.values())
        for route in routes:
            name = route[3] if route[0] in "hj" else route[5] if route[0] == "t" else None
            if name and name not in self._named:
                self._early(self.named, name, route[0] == "h")

    def _early(self, func, name, *more):
        try:
            func(name, *more)
        except HTTPError:  # the log has it
            pass
        except MemoryError as e:
            self.log and self.log.exc(e, "no memory for %s", name)


def run(host=None, port=None, table="routes.json", log=None, debug=0, **limits):
    """Serves the site of a table; what the table says of the server holds unless it is given here."""
    gc.collect()  # what the imports left would lie between what stays
    if log is None and debug >= 0:
        from .boot import get_logger

        log = get_logger("picoweb")
        del get_logger  # else its module stays in memory
    try:
        site = Site(read_table(table))
    except TableError as e:
        site = Site(None)
        log and log.error("%s", e)
    site.log = log
    site.import_handlers()
    gc.collect()
    settings = dict(site.server)
    settings.update(limits)
    own_host = settings.pop("host", "0.0.0.0")
    own_port = settings.pop("port", 80)
    site.run(host or own_host, port or own_port, debug, log=log, **settings)
