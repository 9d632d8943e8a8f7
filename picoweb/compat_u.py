"""The names of 2014 to 2020 on CPython: `import picoweb.compat_u` before all else, and programs of that time find
uasyncio, ulogging, ure, utime and the others. MicroPython has them, or gets them as libraries; nothing is done there.
"""

import sys

from .compat import MICROPYTHON


def _install():
    import asyncio
    import logging
    import time
    import types

    from . import compat
    from .log import Logger

    def module(name, base, **more):
        """A module with all that `base` has, and more."""
        if name not in sys.modules:
            sys.modules[name] = made = types.ModuleType(name)
            made.__dict__.update({key: value for key, value in vars(base).items() if not key.startswith("__")})
            made.__dict__.update(more)

    def ticks_add(ticks, n):
        return ticks + n

    @types.coroutine
    def drive(gen):
        return (yield from gen)

    async def task(gen):
        return await drive(gen)

    def coroutine(value):
        """What asyncio takes for a coroutine, of a coroutine or generator."""
        return task(value) if type(value) is types.GeneratorType else value

    class Loop:
        """The one loop of a program: tasks can be made before run() serves in it."""

        def __init__(self):
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)

        def __getattr__(self, name):
            return getattr(self.loop, name)

        def create_task(self, gen):
            return self.loop.create_task(coroutine(gen))

        def run_until_complete(self, gen):
            return self.loop.run_until_complete(coroutine(gen))

    state = []

    def get_event_loop(*_, **__):
        if not state or state[0].is_closed():
            state[:] = [Loop()]
        return state[0]

    def create_task(gen):
        return get_event_loop().create_task(gen)

    async def sleep_ms(n):
        await asyncio.sleep(n / 1000)

    async def gather(*gens, return_exceptions=False):
        return await asyncio.gather(*[coroutine(gen) for gen in gens], return_exceptions=return_exceptions)

    async def wait_for(gen, timeout):
        return await asyncio.wait_for(coroutine(gen), timeout)

    class Event(asyncio.Event):
        wait = compat.both(asyncio.Event.wait)

    class Lock(asyncio.Lock):
        acquire = compat.both(asyncio.Lock.acquire)

    module(
        "uasyncio",
        asyncio,
        Event=Event,
        Lock=Lock,
        create_task=create_task,
        gather=compat.both(gather),
        get_event_loop=get_event_loop,
        open_connection=compat.both(asyncio.open_connection),
        run=lambda gen: get_event_loop().run_until_complete(gen),
        sleep=compat.both(asyncio.sleep),
        sleep_ms=compat.both(sleep_ms),
        wait_for=compat.both(wait_for),
    )
    globals()["get_event_loop"] = get_event_loop  # for boot.py
    names = "ure re,ujson json,uos os,uio io,uerrno errno,uhashlib hashlib,ubinascii binascii,uselect select"
    names += ",usocket socket,ustruct struct,uzlib zlib,urandom random,ucollections collections,uheapq heapq,ussl ssl"
    for pair in names.split(","):
        old, new = pair.split()
        sys.modules.setdefault(old, __import__(new))
    module("usys", sys, print_exception=lambda exc, file=sys.stdout: compat.print_exception(exc, file))
    module(
        "utime",
        time,
        sleep_ms=lambda n: time.sleep(n / 1e3),
        sleep_us=lambda n: time.sleep(n / 1e6),
        ticks_add=ticks_add,
        ticks_diff=compat.ticks_diff,
        ticks_ms=compat.ticks_ms,
        ticks_us=lambda: time.monotonic_ns() // 1000,
    )
    module("ulogging", logging, getLogger=lambda name=None: Logger(name or "root"))
    module("micropython", types.ModuleType(""), const=compat.const, native=lambda f: f, viper=lambda f: f)
    _utemplate(types)


def _utemplate(types):
    """Loaders of templates that are compiled already, where utemplate is not installed."""
    try:
        __import__("utemplate")
        return
    except ImportError:
        pass
    from .templates import load

    class Loader:
        def __init__(self, pkg, folder):
            self.package = pkg + "." if pkg and pkg != "__main__" else ""

        def load(self, name):
            return load(name, self.package).render

    top = sys.modules["utemplate"] = types.ModuleType("utemplate")
    top.__path__ = []
    for name in ("compiled", "source", "recompile"):
        part = sys.modules["utemplate." + name] = types.ModuleType("utemplate." + name)
        part.Loader = Loader
        setattr(top, name, part)


if not MICROPYTHON:
    _install()
