"""What is done once before an app serves."""

import gc
import sys

from .compat import MICROPYTHON


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
    if log is not None and not hasattr(log, "exc"):
        from .log import Logger

        log = Logger(log)
    if debug > 0 and hasattr(log, "setLevel"):
        log.setLevel(10)
    return log


def is_old():
    """True for a program of 2014 to 2020: it has imported what only those import."""
    return "uasyncio" in sys.modules or "ulogging" in sys.modules


def prepare(app, debug=0, lazy_init=False, log=None):
    """Makes an app ready to serve: its log, init(), and that of mounted apps unless lazy_init; see WebApp.run()."""
    if app.old is None and is_old():
        app.old = True
    if debug:
        app.debug = int(debug)
    app.log = get_logger(app.pkg, debug, log)
    if debug > 1 and app.log:
        _log_more(app)
    begin(app)
    for sub in () if lazy_init else app.mounts:
        begin(sub, app)


def _log_more(app):
    """Has the log say of each request who asked, and on MicroPython how much memory there is after it."""
    plain = app.log_request

    def log_request(req, resp):
        plain(req, resp)
        app.log.debug("from %s, %s bytes free", req.remote_addr, gc.mem_free() if MICROPYTHON else "?")

    app.log_request = log_request


def begin(app, parent=None):
    """Calls init(), once, and readies the routes; for mounted apps with the settings of the app around it."""
    if parent:
        app.debug, app.log, app.old = parent.debug, parent.log, parent.old
    if not app.inited:
        app.init()
        app.inited = True
        if app.old or app.headers_mode != "parse":
            from .options import adopt

            adopt(app)
    for sub in app.mounts if parent else ():
        begin(sub, app)
