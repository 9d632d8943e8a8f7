"""What a handler returned becomes the answer. Imported when the first one returns something, or is a plain `def`.

| returned | answer |
|---|---|
| str, bytes | text/html |
| dict, list | JSON |
| generator, iterator, file, or an object for `async for` | its pieces, each str or bytes, as they come |
| (body, status), (body, headers), (body, status, headers) | a body as above, "" for None |
| False | the stream stays open for other tasks, see held.py |
| None | the handler has written the answer itself |
"""

import json

from .compat import DONE, MICROPYTHON
from .response import header_lines

_TEXT = (str, bytes, bytearray, memoryview)
_GENERATOR = type((lambda: (yield))())
if MICROPYTHON:

    def _driver(func):
        return func
else:
    from types import coroutine as _driver
_HTML = "text/html; charset=utf-8"


class Plain:
    """A handler that is no `async def`: a `def`, a lambda, a method, or another object that can be called."""

    def __init__(self, func):
        self.func = func

    def __call__(self, req, resp, **params):
        return body_of(resp, self.func(req, resp, **params))


class Pieces:
    """A stream of pieces, of which the first one has already come."""

    def __init__(self, first, rest):
        self.first = first
        self.rest = rest

    def __iter__(self):
        return self

    def __next__(self):
        first = self.first
        if first is None:
            return next(self.rest)
        self.first = None
        return first

    def close(self):
        if hasattr(self.rest, "close"):
            self.rest.close()


@_driver
def _drive(gen):
    """Runs a generator that may be a coroutine, or make pieces of a body: MicroPython has one type for both.

    Returns what the coroutine returned, or Pieces, once the first piece has come.
    """
    exc = None
    while True:
        try:
            piece = gen.throw(exc) if exc else gen.send(None)
        except StopIteration as e:
            return e.value
        if isinstance(piece, _TEXT):
            return Pieces(piece, gen)
        exc = None
        try:
            yield piece
        except BaseException as e:
            exc = e


async def settle(value):
    """A value that is no coroutine any more: what is to be awaited has been awaited."""
    while True:
        if type(value) is _GENERATOR:
            value = await _drive(value)
        elif hasattr(value, "__await__") and value is not DONE:
            value = await value
        else:
            return None if value is DONE else value


async def body_of(resp, value):
    """As settle(), for what may be a generator that makes no piece at all: the body is empty then."""
    found = await settle(value)
    if found is None and type(value) is _GENERATOR and not resp.started():
        return Pieces("", iter(()))
    return found


async def returned(app, req, resp, value):
    """Answers with what a handler returned, other than text, or JSON for a handler that wrote nothing."""
    value = await body_of(resp, value)
    if value is False:
        from .held import hold

        req.left = 0
        await hold(resp)
    elif value is not None and not resp.started():
        headers = None
        if type(value) is tuple:
            value, headers = unpack(req, resp, value)
        await _answer(req, resp, value, header_lines(headers))
    elif value is not None and app.log:
        app.log.warning("%s: what the handler returned is not sent, it had begun to answer", req.path)


def unpack(req, resp, value):
    """(body, status, headers), of which one or two may be missing -> (body, headers); sets the status.

    Raises RuntimeError for other tuples.
    """
    body, status, headers = (value + (None, None, None))[:3]
    if len(value) == 2 and not isinstance(status, (int, str)):
        status, headers = None, status
    try:
        resp.status = int(status or resp.status)
        if not 2 <= len(value) <= 3 or not 200 <= resp.status <= 999:
            raise ValueError
    except (ValueError, TypeError):
        raise RuntimeError("the handler of %s returned %r, not (body, status, headers)" % (req.path, value))
    return body, headers


async def _answer(req, resp, body, lines):
    if body is None:
        body = ""
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        _start(resp, "application/json", lines, body)
    elif isinstance(body, _TEXT):
        _start(resp, _HTML, lines, body)
    elif hasattr(body, "__aiter__") or _is_iterator(body):
        return await _stream(req, resp, body, lines)
    else:
        raise RuntimeError(
            "the handler of %s returned a %s: a handler returns a str, bytes, a dict or list for JSON, an iterator"
            " of str or bytes, (body, status, headers), or nothing when it has written its answer"
            % (req.path, type(body).__name__)
        )
    await resp.awrite(body)


def _is_iterator(value):
    try:
        return iter(value) is value
    except TypeError:
        return False


def _start(resp, kind, lines, body=None):
    """Starts an answer with header lines that may have a type, and a length, of their own."""
    kept = ""
    for line in lines.split("\r\n"):
        name = line.partition(":")[0].lower()
        if name == "content-type":
            kind = line[13:].strip()
        elif line and name != "content-length":
            kept += line + "\r\n"
    if resp.status == 204 or resp.status == 304:
        return resp.start(resp.status, kept)
    length = None if body is None else len(body.encode() if isinstance(body, str) else body)
    resp.start(resp.status, "Content-Type: %s\r\n%s" % (kind, kept), length)


async def _stream(req, resp, pieces, lines):
    if hasattr(pieces, "__aiter__"):
        _start(resp, _HTML, lines)
        async for piece in pieces:
            await _write(req, resp, piece)
        return
    try:
        piece = next(pieces, b"")  # an exception before the first one still gives an error page
        _start(resp, _HTML, lines)
        if not resp.drops():
            await _write(req, resp, piece)
            for piece in pieces:
                await _write(req, resp, piece)
    finally:
        if hasattr(pieces, "close"):
            pieces.close()


def _write(req, resp, piece):
    if isinstance(piece, _TEXT):
        return resp.awrite(piece)
    raise RuntimeError("the handler of %s makes pieces of %s, not str or bytes" % (req.path, type(piece).__name__))
