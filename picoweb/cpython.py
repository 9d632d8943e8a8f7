"""What compat has for CPython, and what else that needs. A board never loads it."""

import asyncio
import collections.abc
import functools
import logging
import select
import socket
import sys
import traceback
import types
from time import monotonic
from zlib import crc32  # noqa: F401  for compat


def ticks_ms():
    return int(monotonic() * 1000)


def ticks_diff(new, old):
    return new - old


async def _ready(sock, add, remove):
    future = asyncio.get_running_loop().create_future()
    add(sock.fileno(), lambda: future.done() or future.set_result(None))
    try:
        await future
    finally:
        if sock.fileno() >= 0:  # else close() has done it
            remove(sock.fileno())


async def readable(sock):
    if hasattr(sock, "readable"):  # not one of the system's sockets: picoweb.asgi's
        return await sock.readable()
    loop = asyncio.get_running_loop()
    await _ready(sock, loop.add_reader, loop.remove_reader)


async def writable(sock):
    if hasattr(sock, "writable"):
        return await sock.writable()
    loop = asyncio.get_running_loop()
    await _ready(sock, loop.add_writer, loop.remove_writer)


class Socket(socket.socket):
    """A socket that reads and writes as those of MicroPython do: None for "nothing yet"."""

    def close(self):
        """Closes it; the loop forgets it first, for the next socket may have the same number."""
        if self.fileno() >= 0:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                loop = None
            if loop:
                loop.remove_reader(self.fileno())
                loop.remove_writer(self.fileno())
        super().close()

    def accept(self):
        sock, address = super().accept()
        return Socket(fileno=sock.detach()), address

    def readinto(self, buf):
        try:
            return self.recv_into(buf)
        except BlockingIOError:
            return None

    def write(self, data, at=0, size=-1):
        try:
            return self.send(memoryview(data)[at : at + size] if size >= 0 else data)
        except BlockingIOError:
            return None


class _Done:
    def __await__(self):
        return iter(())

    __iter__ = __await__


DONE = _Done()


def has_input(sock):
    return bool(select.select([sock], [], [], 0)[0])


def print_exception(exc, file):
    traceback.print_exception(type(exc), exc, exc.__traceback__, file=file)


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
