"""The names of 2014 to 2020 on CPython: `import picoweb.compat_u` before all else, and programs of that time find
uasyncio, ulogging, ure, utime and the others. MicroPython has them, or gets them as libraries; nothing is done there.
"""

from .compat import MICROPYTHON

if not MICROPYTHON:
    from .unames import get_event_loop, install  # noqa: F401

    install()
