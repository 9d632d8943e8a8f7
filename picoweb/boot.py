"""What is done once before an app serves."""

import asyncio
import gc
import sys

from .compat import MICROPYTHON
from .server import Server

if MICROPYTHON:

    def event_loop():
        """The loop that run() serves in."""
        return asyncio.get_event_loop()

    def close_loop(loop):
        """Drops a loop and its tasks."""
        asyncio.new_event_loop()
else:
    from .cpython import close_loop, event_loop


def get_logger(name, debug=0, log=None):
    """A logger with debug(), info(), warning(), error() and exc(exception, message), taking % arguments: `log`, or
    for None one of `ulogging` where there is that, else `logging` on CPython, else the small one of picoweb.log.

    debug: None without a `log` when it is less than 0; debug() is written too when it is more.
    """
    if log is None and debug >= 0:
        try:
            from ulogging import getLogger

            log = getLogger(name)
        except ImportError:
            from .log import Logger

            log = Logger(name)
    if log is not None and not MICROPYTHON and not hasattr(log, "exc"):
        from .log import Logger

        log = Logger(log)
    if debug > 0 and hasattr(log, "setLevel"):
        log.setLevel(10)
    return log


def is_old():
    """True for a program of 2014 to 2020: it has imported what only those import."""
    return "uasyncio" in sys.modules or "ulogging" in sys.modules


def prepare_run(app, host, port, debug, lazy_init, log, limits):
    """What WebApp.run() does first; returns the loop to serve in."""
    prepare(app, debug, lazy_init, log)
    if debug > 0:
        print("* Running on http://%s:%s/" % (host, port))
    gc.collect()  # the buffer is one large piece
    app.serving = Server(app, **limits)
    return event_loop()


def end_run(app, loop):
    """What WebApp.run() does at last: all is closed, and the port free."""
    close_loop(loop)  # tasks that can still say something to their clients do
    if app.serving:
        app.serving.close()


def prepare(app, debug=0, lazy_init=False, log=None):
    """Makes an app ready to serve: its log, init(), and that of mounted apps unless lazy_init; see WebApp.run()."""
    if app.old is None and is_old():
        app.old = True
    app.log = get_logger(app.pkg, debug, log)
    if debug > 1 and app.log:
        from .options import log_more

        log_more(app)
    begin(app)
    for sub in () if lazy_init else app.mounts:
        begin(sub, app)


def begin(app, parent=None):
    """Calls init(), once, and readies the routes; for mounted apps with the settings of the app around it."""
    if parent:
        app.log, app.old = parent.log, parent.old
    if not app.inited:
        app.init()
        app.inited = True
        if app.old or app.headers_mode != "parse" or hasattr(type(app), "handle_exc"):
            from .options import adopt

            adopt(app)
    for sub in app.mounts if parent else ():
        begin(sub, app)
