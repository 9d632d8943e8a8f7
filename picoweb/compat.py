"""The only place that knows which Python this is: MicroPython or CPython."""

import asyncio
import select
import sys

MICROPYTHON = sys.implementation.name == "micropython"

if MICROPYTHON:
    from asyncio import core as _core
    from binascii import crc32
    from time import ticks_diff, ticks_ms

    def readable(sock):
        """Awaitable: returns when `sock` has something to read, to accept, or has failed."""
        yield _core._io_queue.queue_read(sock)

    def writable(sock):
        """Awaitable: returns when `sock` can take more bytes, or has failed."""
        yield _core._io_queue.queue_write(sock)

    def receive(sock, buf):
        """Reads what is there into `buf`: the number of bytes, 0 at the end, None when nothing is there yet."""
        return sock.readinto(buf)

    def send(sock, data):
        """Sends what the socket takes of `data` now: the number of bytes, None when it takes none yet."""
        return sock.write(data)

    DONE = ()  # what awaits nothing: cheaper than a coroutine that has nothing to wait for

    def has_input(sock):
        """True when there is something to read, without waiting."""
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))

    def print_exception(exc, file):
        """Writes the traceback of `exc` to `file`."""
        sys.print_exception(exc, file)

else:
    import traceback
    from time import monotonic
    from zlib import crc32  # noqa: F401  for others to import

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

    def receive(sock, buf):
        try:
            return sock.recv_into(buf)
        except BlockingIOError:
            return None

    def send(sock, data):
        try:
            return sock.send(data)
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


def const(value):
    """On CPython, what MicroPython's compiler knows as const(): the value itself."""
    return value


def get_logger(name):
    """A logger with info(), warning(), error() and exc(exception, message), taking % arguments.

    `ulogging` where a board has it, else the small one of picoweb.log.
    """
    if MICROPYTHON:
        try:
            from ulogging import getLogger

            return getLogger(name)
        except ImportError:
            pass
    from .log import Logger

    return Logger(name)
