"""Modules as programs of 2014 to 2020 know them, on CPython; see compat_u.py."""

import asyncio
import logging
import sys
import time
import types

from .compat import both, print_exception, ticks_diff, ticks_ms
from .cpython import Logger
from .templates import load

_SAME = (
    "ure re,ujson json,uos os,uio io,uerrno errno,uhashlib hashlib,ubinascii binascii,uselect select,usocket socket,"
    "ustruct struct,uzlib zlib,urandom random,ucollections collections,uheapq heapq,ussl ssl"
)


# uasyncio


@types.coroutine
def _drive(gen):
    return (yield from gen)


async def _task(gen):
    return await _drive(gen)


def _coroutine(value):
    """What asyncio takes for a coroutine, of a coroutine or generator."""
    return _task(value) if type(value) is types.GeneratorType else value


class Loop:
    """The one loop of a program: tasks can be made before run() serves in it."""

    current = None

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)

    def __getattr__(self, name):
        return getattr(self.loop, name)

    def create_task(self, gen):
        return self.loop.create_task(_coroutine(gen))

    def run_until_complete(self, gen):
        return self.loop.run_until_complete(_coroutine(gen))


def get_event_loop(*_, **__):
    """The loop, a new one when the last is closed."""
    if Loop.current is None or Loop.current.is_closed():
        Loop.current = Loop()
    return Loop.current


async def _sleep_ms(n):
    await asyncio.sleep(n / 1000)


async def _wait_for(gen, timeout):
    return await asyncio.wait_for(_coroutine(gen), timeout)


async def _gather(*gens, return_exceptions=False):
    return await asyncio.gather(*[_coroutine(gen) for gen in gens], return_exceptions=return_exceptions)


class Event(asyncio.Event):
    wait = both(asyncio.Event.wait)


class Lock(asyncio.Lock):
    acquire = both(asyncio.Lock.acquire)


def _uasyncio():
    _module(
        "uasyncio",
        asyncio,
        Event=Event,
        Lock=Lock,
        create_task=lambda gen: get_event_loop().create_task(gen),
        gather=both(_gather),
        get_event_loop=get_event_loop,
        open_connection=both(asyncio.open_connection),
        run=lambda gen: get_event_loop().run_until_complete(gen),
        sleep=both(asyncio.sleep),
        sleep_ms=both(_sleep_ms),
        wait_for=both(_wait_for),
    )


# The others


class Loader:
    """utemplate's, for templates that are compiled already."""

    def __init__(self, pkg, folder):
        self.package = pkg + "." if pkg and pkg != "__main__" else ""

    def load(self, name):
        return load(name, self.package).render


def _utemplate():
    try:
        __import__("utemplate")
        return
    except ImportError:
        pass
    top = sys.modules["utemplate"] = types.ModuleType("utemplate")
    top.__path__ = []
    for name in ("compiled", "source", "recompile"):
        part = sys.modules["utemplate." + name] = types.ModuleType("utemplate." + name)
        part.Loader = Loader
        setattr(top, name, part)


def _module(name, base, **more):
    """A module with all that `base` has, and more."""
    if name not in sys.modules:
        sys.modules[name] = made = types.ModuleType(name)
        made.__dict__.update({key: value for key, value in vars(base).items() if not key.startswith("__")})
        made.__dict__.update(more)


def install():
    """Makes the modules."""
    for pair in _SAME.split(","):
        old, new = pair.split()
        sys.modules.setdefault(old, __import__(new))
    _uasyncio()
    _utemplate()
    _module("usys", sys, print_exception=lambda exc, file=sys.stdout: print_exception(exc, file))
    _module("ulogging", logging, getLogger=lambda name=None: Logger(name or "root"))
    _module(
        "micropython",
        types.ModuleType(""),
        const=lambda value: value,
        native=lambda func: func,
        viper=lambda func: func,
    )
    _module(
        "utime",
        time,
        sleep_ms=lambda n: time.sleep(n / 1e3),
        sleep_us=lambda n: time.sleep(n / 1e6),
        ticks_add=lambda ticks, n: ticks + n,
        ticks_diff=ticks_diff,
        ticks_ms=ticks_ms,
        ticks_us=lambda: time.monotonic_ns() // 1000,
    )
