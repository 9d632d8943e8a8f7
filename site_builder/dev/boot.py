# Runs the bundle in the working folder for `picoweb serve`, on MicroPython or CPython:
#     micropython boot.py PORT CONTROL CONNECTIONS WATCH_HEAP [FOLDER …]
# CONTROL: a port of the development server, which is told there when the site listens, and says there when the
# running site shall take up a new table; when that connection ends, so does the site. CONNECTIONS: 0 leaves the number
# to the table. WATCH_HEAP: 1 tells what a page took that did not fit. The folders go before those of the table on
# sys.path. Exits with 98 when the port is taken.
import gc
import json
import os
import sys

_EADDRINUSE = (98, 48, 10048)
_port, _control, _connections, _watch_heap = [int(word) for word in sys.argv[1:5]]
_folders = sys.argv[5:]
_read = []  # what the table put on sys.path

if sys.platform == "win32":  # CPython's usual loop there can not wait for sockets
    import asyncio

    asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())


def _use_path(path):
    """Puts the code of a table on sys.path in place of an earlier one's, and of the packages that are loaded."""
    for old, new in zip(_read, path):
        for module in list(sys.modules.values()):
            place = getattr(module, "__path__", None)
            if type(place) is str and place.startswith(old + "/"):
                module.__path__ = new + place[len(old) :]
    at = len(_folders)
    sys.path[at : at + len(_read)] = path
    _read[:] = path


sys.path[:1] = _folders
try:
    with open("routes.json") as f:
        _use_path(json.load(f)["path"])
except (OSError, ValueError, LookupError, TypeError):
    _use_path(["site/" + name for name in os.listdir("site") if name.startswith("lib-")])

import picoweb.site  # noqa: E402  the path to it is known only now
from picoweb.compat import MICROPYTHON, Socket, readable  # noqa: E402


class Development(picoweb.site.Site):
    """A site that takes up a new table while it runs, and keeps what its handlers remember."""

    used = 0

    def serve(self, loop, host, port):
        loop.create_task(self.obey())
        super().serve(loop, host, port)

    async def obey(self):
        """Does what the development server says, until that ends the connection."""
        sock = Socket()
        sock.connect(("127.0.0.1", _control) if not MICROPYTHON else _address("127.0.0.1", _control))
        sock.setblocking(False)
        sock.write(b"ready\n")
        buf = bytearray(16)
        while True:
            await readable(sock)
            if not sock.readinto(buf):
                sys.exit()
            try:
                self.swap()
                sock.write(b"ok\n")
            except Exception as e:
                sock.write(b"no %s\n" % repr(e).encode())

    def swap(self):
        """Takes up the table that is there now. Modules of handlers stay as they are, with all they remember."""
        table = picoweb.site.read_table("routes.json")
        new = Development(table)
        _use_path(table["path"])
        for name in list(sys.modules):
            if name == "templates" or name.startswith("templates."):
                del sys.modules[name]
        if "picoweb.templates" in sys.modules:
            sys.modules["picoweb.templates"]._modules.clear()
        for name, value in new.__dict__.items():
            setattr(self, name, value)
        gc.collect()

    if _watch_heap:

        def call(self, route, req, resp, params):
            gc.collect()
            self.used = gc.mem_alloc()
            return super().call(route, req, resp, params)

        def report(self, exc, req):
            used = gc.mem_alloc()
            gc.collect()
            super().report(exc, req)
            if isinstance(exc, MemoryError):
                kept = gc.mem_alloc()
                figures = self.used, used, kept, kept + gc.mem_free()
                print("\1%s %s %d %d %d %d" % ((req.method, repr(req.path)[1:-1]) + figures))


def _address(host, port):
    import socket

    return socket.getaddrinfo(host, port)[0][-1]


picoweb.site.Site = Development
limits = {"connections": _connections} if _connections else {}
try:
    picoweb.site.run("127.0.0.1", _port, **limits)
except OSError as e:
    if e.errno not in _EADDRINUSE:
        raise
    sys.exit(98)
