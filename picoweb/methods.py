"""Methods that most programs need not: they are loaded when they are first used. Imported by the first of them."""

from .app import WebApp
from .response import Response

_APP = {
    "route": "rules",
    "add_url_rule": "rules",
    "add_routes": "rules",
    "mount": "mounts",
    "before_request": "hooks",
    "after_request": "hooks",
    "errorhandler": "hooks",
    "url_for": "urls",
    "sendfile": "folders",
    "handle_static": "folders",
    "render_template": "templates",
    "render_str": "templates",
    "start": "serving",
    "shutdown": "serving",
}
_RESPONSE = ("write", "awritestr", "aclose", "wait_closed", "get_extra_info", "at_once")


def of_app(app, name):
    """An app's method, which is one of WebApp from now on. Raises AttributeError."""
    if name not in _APP:
        raise AttributeError("%s has no %s" % (type(app).__name__, name))
    return _loaded(app, WebApp, _APP[name], name)


def of_response(resp, name):
    """An answer's method, which is one of Response from now on. Raises AttributeError."""
    if name not in _RESPONSE:
        raise AttributeError("Response has no %s" % name)
    return _loaded(resp, Response, "stream", name)


def _loaded(obj, cls, module, name):
    setattr(cls, name, getattr(__import__("picoweb." + module, None, None, (name,)), name))
    return getattr(obj, name)
