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
    "start_response": "response",
    "run": "site",
    "Site": "site",
}


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    module = _NAMES.get(name, name)  # `from picoweb import wire`: MicroPython asks here before it looks for a module
    tight = getattr(gc, "threshold", None)  # collect often: what imports leave behind would lie between what stays
    before = tight and tight()
    tight and tight(_OFTEN)
    try:
        value = __import__("picoweb." + module, None, None, (name,))
    except ImportError:
        if module is name:
            raise AttributeError(name)
        raise
    finally:
        tight and tight(before)
    if module is not name:
        value = getattr(value, name)
    globals()[name] = value
    return value


_OFTEN = 4000
