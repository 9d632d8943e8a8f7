"""The log where there is no `ulogging`: one line a message, on the console."""

import sys

from .compat import MICROPYTHON, print_exception

if MICROPYTHON:

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

else:
    import logging

    class Logger(logging.LoggerAdapter):
        """The standard library's logger of that name, with exc().

        Where the program has set no handler up, INFO and more go to stderr.
        """

        def __init__(self, logger):
            if isinstance(logger, str):
                logger = logging.getLogger(logger)
                if not logger.hasHandlers():
                    handler = logging.StreamHandler()
                    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
                    logger.addHandler(handler)
                if logger.level == logging.NOTSET and logger.getEffectiveLevel() > logging.INFO:
                    logger.setLevel(logging.INFO)
            super().__init__(logger, {})

        def exc(self, exc, msg, *args):
            self.error(msg, *args, exc_info=exc)
