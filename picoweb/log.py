"""The log where there is no `ulogging`: one line a message, on the console."""

import sys

from .compat import MICROPYTHON, print_exception

if not MICROPYTHON:
    from .cpython import Logger
else:

    class Logger:
        """Writes "INFO:name:message" lines to stderr. `%` arguments are put in only when the line is written."""

        level = 20

        def __init__(self, name):
            self.name = name

        def setLevel(self, level):
            """The least that is written: 10 for debug(), 20 for info(), 30 and 40 for warning() and error()."""
            self.level = level

        def _line(self, level, number, msg, args):
            if number >= self.level:
                print("%s:%s:%s" % (level, self.name, msg % args if args else msg), file=sys.stderr)

        def debug(self, msg, *args):
            self._line("DEBUG", 10, msg, args)

        def info(self, msg, *args):
            self._line("INFO", 20, msg, args)

        def warning(self, msg, *args):
            self._line("WARN", 30, msg, args)

        def error(self, msg, *args):
            self._line("ERROR", 40, msg, args)

        def exc(self, exc, msg, *args):
            """An error line, then the traceback of `exc`."""
            self._line("ERROR", 40, msg, args)
            print_exception(exc, sys.stderr)
