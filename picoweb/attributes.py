"""What a request knows when it is asked. Imported when the first one is.

headers: a Headers of all fields. cookies: {name: value}. args: the query as parse_qs() has it. stream, also called
reader: the body as a Reader. client: (address, port) of the other side; remote_addr: the address alone.
"""

from .request import Request
from .wire import fields

if not hasattr(Request, "mode"):
    Request.mode = "parse"  # of the header fields, see options.py
_METHODS = {"parse_qs": "readers", "read_form_data": "readers", "read_json": "readers"}


def attribute(req, name):
    """A request's attribute that is not there yet. Raises AttributeError when there is none of that name."""
    if name in _METHODS:
        func = getattr(__import__("picoweb." + _METHODS[name], None, None, (name,)), name)
        setattr(Request, name, func)
        return getattr(req, name)
    find = _FOUND.get(name)
    if find is None or (name == "headers" and req.mode != "parse"):
        raise AttributeError("the request has no %s" % name)
    value = find(req)
    setattr(req, name, value)
    return value


def _headers(req):
    from .headers import Headers

    return Headers(fields(req.block, None)[0])


def _cookies(req):
    from .cookies import parse

    return parse(req)


def _args(req):
    from .forms import parse_qs

    return parse_qs(req.qs)


def _reader(req):
    from .reader import Reader

    req.stream = req.reader = Reader(req, req.block if req.mode == "leave" else b"")
    return req.reader


def address(peer):
    """What accept() says of the other side -> (address, port); some MicroPythons give it in bytes."""
    if isinstance(peer, tuple):
        return peer[:2]
    if len(peer) < 8:  # of another family
        return "", 0
    return ".".join([str(n) for n in bytes(peer[4:8])]), peer[2] << 8 | peer[3]


_FOUND = {
    "headers": _headers,
    "cookies": _cookies,
    "args": _args,
    "reader": _reader,
    "stream": _reader,
    "client": lambda req: address(req.resp.address),
    "remote_addr": lambda req: req.client[0],
}
