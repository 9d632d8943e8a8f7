"""What picoweb.asgi gives a Server for the socket of a WebSocket: frames of ASGI messages, and the other way around."""

from .asgi_http import HOP, Connection, request_head, target

_OPENING = [
    (b"upgrade", b"websocket"),
    (b"connection", b"upgrade, close"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"AAAAAAAAAAAAAAAAAAAAAA=="),  # the ASGI server has answered the client's
]


class WebSocket(Connection):
    """One WebSocket; the server sees a client that masks with 0."""

    _denied = None  # an answer that is no 101, its headers as soon as they are known
    _opcode = 0
    _message = b""

    def _head(self, scope):
        self._extensions = scope.get("extensions") or ()
        headers = [(name, value) for name, value in scope["headers"] if not name.startswith(b"sec-websocket-")]
        headers = [field for field in headers if field[0] not in HOP] + _OPENING
        protocols = scope.get("subprotocols")
        if protocols:
            headers.append((b"sec-websocket-protocol", ", ".join(protocols).encode()))
        return request_head(b"GET", target(scope), b"1.1", headers)

    def take(self, message):
        """Makes frames of a message from the ASGI server; their mask is 0."""
        kind = message["type"]
        if kind == "websocket.receive":
            text = message.get("text")
            self._frame(0x82 if text is None else 0x81, message["bytes"] if text is None else text.encode())
        elif kind == "websocket.disconnect":
            code = message.get("code") or 1005
            if code != 1006:
                reason = (message.get("reason") or "").encode()
                self._frame(0x88, b"" if code == 1005 else code.to_bytes(2, "big") + reason)
            self._gone = True

    def _frame(self, first, data):
        size = len(data)
        if size < 126:
            head = bytes((first, 128 | size))
        else:
            n = 2 if size < 65536 else 8
            head = bytes((first, 254 if n == 2 else 255)) + size.to_bytes(n, "big")
        self._in += head + b"\0\0\0\0" + data

    def write(self, data, at=0, size=-1):
        if self._gone and self._step == self._on_frame and data[at] == 0x88:
            return len(data) if size < 0 else size  # the answer to a Close: the ASGI server has given it
        return super().write(data, at, size)

    def _on_head(self):
        answer = self._answer()
        if answer is None:
            return False
        status, fields = answer
        headers = [field for field in fields if field[0] not in HOP and not field[0].startswith(b"sec-websocket-")]
        if status == 101:
            protocol = dict(fields).get(b"sec-websocket-protocol")
            self._say(type="websocket.accept", subprotocol=protocol and protocol.decode(), headers=headers)
            self._step = self._on_frame
        else:
            self._denied = status, headers
            self._step = lambda: False
        return True

    def _on_frame(self):
        raw = self._raw
        start = 2 if len(raw) < 2 or raw[1] < 126 else 4 if raw[1] == 126 else 10
        if len(raw) < start:
            return False
        size = raw[1] if start == 2 else int.from_bytes(raw[2:start], "big")
        if len(raw) < start + size:
            return False
        first = raw[0]
        data = bytes(raw[start : start + size])
        del raw[: start + size]
        self._on_message(first & 15, data, first > 127)
        return True

    def _on_message(self, opcode, data, final):
        if opcode == 8:
            code = int.from_bytes(data[:2], "big") if data else 1000
            self._say(type="websocket.close", code=code, reason=data[2:].decode())
        elif opcode == 9:  # the ASGI server looks after the client
            self._frame(0x8A, data)
            self._wake()
        elif opcode < 8:
            self._message += data
            self._opcode = opcode or self._opcode
            if final:
                text = self._opcode == 1
                message = {"text": self._message.decode()} if text else {"bytes": self._message}
                self._say(type="websocket.send", **message)
                self._message = b""

    def close(self):
        """The server is done: a refusal is whole now."""
        if self._denied and not self._gone:
            status, headers = self._denied
            if "websocket.http.response" in self._extensions:
                self._say(type="websocket.http.response.start", status=status, headers=headers)
                self._say(type="websocket.http.response.body", body=bytes(self._raw))
            else:
                self._say(type="websocket.close", code=1008, reason="")
            self._start()
