"""What compat has for CPython. A board never loads it."""

import asyncio
import select
import socket
import traceback
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
        remove(sock.fileno())


async def readable(sock):
    loop = asyncio.get_running_loop()
    await _ready(sock, loop.add_reader, loop.remove_reader)


async def writable(sock):
    loop = asyncio.get_running_loop()
    await _ready(sock, loop.add_writer, loop.remove_writer)


class Socket(socket.socket):
    """A socket that reads and writes as those of MicroPython do: None for "nothing yet"."""

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
