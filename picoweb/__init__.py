"""picoweb: a small, asynchronous web framework for MicroPython and CPython.

Names are loaded when they are touched: `import picoweb` alone loads nothing else.
"""

import gc

__version__ = "0.1.0"

_NAMES = {
    "WebApp": "app",
    "HTTPError": "errors",
    "http_error": "response",
    "jsonify": "response",
    "redirect": "response",
    "respond": "response",
    "sendfile": "files",
    "sendstream": "files",
    "start_response": "response",
    "run": "site",
    "Site": "site",
}


_OFTEN = 4000  # bytes


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    module = _NAMES.get(name, name)  # `from picoweb import wire`: MicroPython asks here before it looks for a module
    # What imports leave behind would lie between what stays: collecting often meanwhile saves 4 KB of the least heap.
    threshold = getattr(gc, "threshold", None)
    before = threshold and threshold()
    threshold and threshold(_OFTEN)
    try:
        value = __import__("picoweb." + module, None, None, (name,))
    except ImportError:
        if module != name:
            raise
        raise AttributeError(name)
    finally:
        threshold and threshold(before)
    if module != name:
        value = getattr(value, name)
    globals()[name] = value
    return value
