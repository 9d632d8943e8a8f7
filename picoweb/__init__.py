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
    "start_response": "response",
    "run": "site",
    "Site": "site",
}


def __getattr__(name):
    if name not in _NAMES:
        raise AttributeError(name)
    value = getattr(__import__("picoweb." + _NAMES[name], None, None, (name,)), name)
    globals()[name] = value
    return value
