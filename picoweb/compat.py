"""The only place that knows which Python this is: MicroPython, whose parts are here, or CPython."""

import sys

MICROPYTHON = sys.implementation.name == "micropython"

if MICROPYTHON:
    import select
    import socket
    from asyncio import core as _core
    from binascii import crc32
    from time import ticks_diff, ticks_ms

    _ONCE = (None,)  # what awaits one turn

    def readable(sock):
        """Awaitable, to be awaited at once: returns when `sock` has something to read, to accept, or has failed."""
        _core._io_queue.queue_read(sock)
        return _ONCE

    def writable(sock):
        """Awaitable, to be awaited at once: returns when `sock` can take more bytes, or has failed."""
        _core._io_queue.queue_write(sock)
        return _ONCE

    Socket = socket.socket

    async def _nothing():
        pass

    def is_async(func):
        """True when calling `func` surely gives a coroutine: it is `async def`, or has `yield` in it."""
        return type(func) is type(_nothing)

    def both(func):
        """What `async def` gives, for `await` and `yield from` alike."""
        return func

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
    from .cpython import (  # noqa: F401  for others to import
        DONE,
        Socket,
        both,
        crc32,
        has_input,
        is_async,
        print_exception,
        readable,
        ticks_diff,
        ticks_ms,
        writable,
    )


def receive(sock, buf):
    """Reads what is there into `buf`: the number of bytes, 0 at the end, None when nothing is there yet."""
    return sock.readinto(buf)


def send(sock, data):
    """Sends what the socket takes of `data` now: the number of bytes, None when it takes none yet."""
    return sock.write(data)


def const(value):
    """On CPython, what MicroPython's compiler knows as const(): the value itself."""
    return value
