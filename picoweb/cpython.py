"""What CPython needs of its own beside compat.py. Boards never have it."""

import asyncio
import collections.abc
import functools
import logging
import sys
import types


def is_async(func):
    code = getattr(func, "__code__", None)
    if code is not None and code.co_flags & 0x20:  # `yield` in a `def`: so that it can be awaited
        types.coroutine(getattr(func, "__func__", func))
    return code is not None and func.__code__.co_flags & 0x180 != 0


class _Both(collections.abc.Coroutine):
    """A coroutine that a plain generator can `yield from`."""

    def __init__(self, coroutine):
        self._coroutine = coroutine

    def send(self, value):
        return self._coroutine.send(value)

    def throw(self, *args):
        return self._coroutine.throw(*args)

    def __await__(self):
        return self._coroutine.__await__()

    __iter__ = __await__


def both(func):
    @functools.wraps(func)
    def run(*args, **kwargs):
        return _Both(func(*args, **kwargs))

    return run


def event_loop():
    shim = sys.modules.get("picoweb.compat_u")
    return shim.get_event_loop() if shim else asyncio.new_event_loop()


async def _end_tasks(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def close_loop(loop):
    loop = getattr(loop, "loop", loop)  # of compat_u, which has it in a loop of its own
    loop.run_until_complete(_end_tasks(asyncio.all_tasks(loop)))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


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
