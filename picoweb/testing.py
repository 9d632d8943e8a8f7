"""A test client in memory, for tests of an app on this computer or on a board. Never part of a bundle.

    client = Client(app)
    response = await client.post("/login", {"name": "Ada"})
    assert response.status == 303

A request goes through the very same server, request and response code as one from the network; only the socket is a
pair of connected ends in this program.
"""

import asyncio
import json as _json

from .boot import begin
from .compat import const, readable, receive, send, writable
from .cookies import pairs
from .pair import socketpair
from .server import Server

_PIECE = const(1024)


class _Door:
    """A listening socket, at which one client waits."""

    def __init__(self, sock):
        self.sock = sock

    def accept(self):
        return self.sock, ("127.0.0.1", 50000)

    def close(self):
        pass


class _Log:
    """A log that remembers the last exception of a handler."""

    raised = None

    def exc(self, exc, *args):
        self.raised = exc

    def info(self, *args):
        pass

    debug = warning = error = exception = critical = log = info


class Response:
    """An answer. status: a number. headers: {"name": "value"}, names in lower case, the values of a name that came
    more than once joined with ", ". set_cookies: the values of Set-Cookie, a list. body: bytes.

    text: the body as a str. json: the value that the body holds as JSON. Both raise ValueError when it is no such.
    """

    def __init__(self, data):
        head, mark, body = data.partition(b"\r\n\r\n")
        while mark and head.startswith(b"HTTP/1.1 1"):  # 100 Continue
            head, mark, body = body.partition(b"\r\n\r\n")
        if not mark:
            raise ValueError("the answer breaks off in its head: %r" % head)
        lines = str(head, "utf-8").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {}
        self.set_cookies = []
        for line in lines[1:]:
            self._add(line)
        self.body = body

    def _add(self, line):
        name, _, value = line.partition(":")
        name = name.lower()
        value = value.strip()
        if name == "set-cookie":
            self.set_cookies.append(value)
        elif name in self.headers:
            value = self.headers[name] + ", " + value
        self.headers[name] = value

    def frame(self, empty):
        """Takes the framing off the body; `empty`: the answer to HEAD, which has none."""
        length = self.headers.get("content-length")
        if empty:
            length = 0
        elif self.headers.get("transfer-encoding") == "chunked":
            self.body = _unchunk(self.body)
            if self.body is None:
                raise ValueError("the answer breaks off in its chunks")
        if length is not None and len(self.body) != int(length):
            raise ValueError("%s bytes were promised, %d came" % (length, len(self.body)))

    @property
    def text(self):
        return str(self.body, "utf-8")

    @property
    def json(self):
        return _json.loads(self.body)


def _unchunk(data):
    """The bytes in chunks, None when they do not end as they should."""
    body = b""
    size = 1
    while size:
        line, mark, data = data.partition(b"\r\n")
        size = int(str(line, "utf-8"), 16) if mark else 0
        if not mark or data[size : size + 2] != b"\r\n":
            return None
        body += data[:size]
        data = data[size + 2 :]
    return body


class Client:
    """A client of an app, which keeps cookies from one request to the next. It takes the place of the app's log.

    cookies: {"name": "value"}, whatever their path and domain; change it as you like. timeout: seconds that an answer
    may take. raises: whether an exception of a handler comes out of the call; else its 500 is given. limits: as
    Server() takes them.
    """

    def __init__(self, app, raises=True, timeout=10, **limits):
        self.app = app
        self.cookies = {}
        self.raises = raises
        self.timeout = timeout
        self.server = Server(app, **limits)
        if not isinstance(app.log, _Log):
            app.log = _Log()
        begin(app)

    def get(self, path, headers=None):
        """Awaitable: the Response to a GET."""
        return self.request("GET", path, headers)

    def post(self, path, data=None, headers=None, json=None, files=None):
        """Awaitable: the Response to a POST; see request() for what it can carry."""
        return self.request("POST", path, headers, data, json, files)

    async def request(self, method, path, headers=None, data=None, json=None, files=None):
        """The Response to a request.

        headers: a dict. data: the body, bytes or str, or a dict of a form's fields (a list as a value: one field each).
        json: a value to send as JSON. files: {"field": (filename, content, content_type)}, sent as multipart/form-data
        with the fields of data. Raises what the handler raised, asyncio.TimeoutError, ValueError for a broken answer.
        """
        body, kind = _body(data, json, files)
        head = {"Host": "localhost", "Connection": "close"}
        if body is not None:
            head["Content-Length"] = len(body)
        if kind:
            head["Content-Type"] = kind
        if self.cookies:
            head["Cookie"] = "; ".join(["%s=%s" % (name, self.cookies[name]) for name in self.cookies])
        head.update(headers or {})
        lines = "".join(["%s: %s\r\n" % (name, head[name]) for name in head])
        data = "%s %s HTTP/1.1\r\n%s\r\n" % (method, path, lines)
        response = Response(await self.exchange(data.encode() + (body or b"")))
        response.frame(method == "HEAD")
        for line in response.set_cookies:
            self._keep(line)
        return response

    async def exchange(self, data, piece=_PIECE):
        """Sends bytes on a connection of their own, at most `piece` at once; returns the answer's bytes: what comes
        until it is whole, or the server closes."""
        ours, theirs = socketpair()
        ours.setblocking(False)
        log = self.app.log
        log.raised = None
        self.server._listener = _Door(theirs)
        self.server._accept()
        sender = asyncio.create_task(_send(ours, data, piece))
        try:
            answer = await asyncio.wait_for(_read(ours, data.startswith(b"HEAD ")), self.timeout)
        finally:
            sender.cancel()
            try:
                await sender
            except asyncio.CancelledError:
                pass
            ours.close()
        if log.raised and self.raises:
            raise log.raised
        return answer

    def _keep(self, line):
        """Keeps or drops a cookie as a Set-Cookie field says."""
        for name, value in pairs(line.split(";")[0].encode()):
            if "max-age=0" in line.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


async def _send(sock, data, piece):
    at = 0
    try:
        while at < len(data):
            await writable(sock)
            at += send(sock, data[at : at + piece]) or 0
            await asyncio.sleep(0)
    except OSError:  # the server has closed, maybe without reading all; its answer tells why
        pass


async def _read(sock, bare):
    data = b""
    buf = bytearray(_PIECE)
    while not _is_whole(data, bare):
        await readable(sock)
        try:
            n = receive(sock, buf)
        except OSError:  # it closed on what we still sent
            n = 0
        if n == 0:
            break
        data += buf[: n or 0]
    return data


def _is_whole(data, bare):
    """True when an answer's end has come, as far as its framing tells. `bare`: it has no body, that to HEAD."""
    head, mark, body = data.partition(b"\r\n\r\n")
    if not mark or head.startswith(b"HTTP/1.1 1"):
        return bool(mark) and _is_whole(body, bare)
    head = head.lower() + b"\r\n"
    if b"\r\ntransfer-encoding: chunked\r\n" in head and not bare:
        return body.endswith(b"0\r\n\r\n") and _unchunk(body) is not None
    _, mark, length = head.partition(b"\r\ncontent-length:")
    return bare or (bool(mark) and len(body) >= int(length.split(b"\r\n")[0]))


# Bodies


def _body(data, json, files):
    """(body, its Content-Type), None for what there is not."""
    if json is not None:
        return _json.dumps(json).encode(), "application/json"
    if files:
        return multipart(data or {}, files)
    if isinstance(data, dict):
        text = "&".join(["%s=%s" % (quote(name), quote(value)) for name, value in _fields(data)])
        return text.encode(), "application/x-www-form-urlencoded"
    return data.encode() if isinstance(data, str) else data, None


def _fields(data):
    for name in data:
        values = data[name]
        for value in values if isinstance(values, (list, tuple)) else (values,):
            yield name, value


def quote(text):
    """A str as a form sends it: "a b&c" -> "a+b%26c"."""
    out = ""
    for c in str(text).encode():
        if 48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c in b"-._~":
            out += chr(c)
        else:
            out += "+" if c == 32 else "%%%02X" % c
    return out


def multipart(data, files, boundary="picoweb-test-boundary"):
    """A multipart/form-data body as a browser makes it, and its Content-Type."""
    body = b""
    for name, value in _fields(data):
        body += _part(boundary, name, "", str(value).encode())
    for name in files:
        filename, content, kind = files[name]
        more = '; filename="%s"\r\nContent-Type: %s' % (_escape(filename), kind)
        body += _part(boundary, name, more, content)
    return body + b"--%s--\r\n" % boundary.encode(), "multipart/form-data; boundary=" + boundary


def _part(boundary, name, more, content):
    head = '--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n' % (boundary, _escape(name), more)
    return head.encode() + content + b"\r\n"


def _escape(text):
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
