"""A small logger for boards that have no `ulogging`: one line a message, on the console."""

import sys

from .compat import print_exception


class Logger:
    """Writes "INFO:name:message" lines to stderr. `%` arguments are put in only when the line is written."""

    def __init__(self, name):
        self.name = name

    def _line(self, level, msg, args):
        print("%s:%s:%s" % (level, self.name, msg % args if args else msg), file=sys.stderr)

    def info(self, msg, *args):
        self._line("INFO", msg, args)

    def warning(self, msg, *args):
        self._line("WARN", msg, args)

    def error(self, msg, *args):
        self._line("ERROR", msg, args)

    def exc(self, exc, msg, *args):
        """An error line, then the traceback of `exc`."""
        self._line("ERROR", msg, args)
        print_exception(exc, sys.stderr)
