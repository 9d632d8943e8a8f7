"""picoweb: a small, asynchronous web framework for MicroPython and CPython.

Names are loaded when they are touched: `import picoweb` alone loads nothing else.
"""

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


def __getattr__(name):
    if name in _NAMES:
        value = getattr(__import__("picoweb." + _NAMES[name], None, None, (name,)), name)
    elif name.startswith("_"):
        raise AttributeError(name)
    else:  # `from picoweb import wire`: MicroPython asks here before it looks for a module
        try:
            value = __import__("picoweb." + name, None, None, (name,))
        except ImportError:
            raise AttributeError(name)
    globals()[name] = value
    return value
