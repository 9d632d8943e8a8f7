"""Handshake and frames of WebSockets (RFC 6455): bytes to values, and back. Pure functions: no I/O, no state."""

import hashlib
from binascii import a2b_base64, b2a_base64

from .compat import MICROPYTHON, const
from .errors import HTTPError
from .wire import has_item

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
_FIN = const(128)
_KNOWN = const(0x707)  # a bit for each opcode that RFC 6455 §5.2 defines
_BLOCK = const(256)  # bytes that are unmasked at once: the fastest of 16 to 1024


class Closed(OSError):
    """The connection is over. code, reason: as RFC 6455 §7.4 has them; 1005: none was given, 1006: it broke off."""

    def __init__(self, code, reason=""):
        super().__init__("the websocket is closed: %d %s" % (code, reason))
        self.code = code
        self.reason = reason


def accept_key(key):
    """The value of Sec-WebSocket-Accept for a Sec-WebSocket-Key, both bytes (RFC 6455 §4.2.2)."""
    return b2a_base64(hashlib.sha1(key + _GUID).digest()).strip()


def check_handshake(req, origins):
    """The value of Sec-WebSocket-Accept for a request (RFC 6455 §4.2).

    Raises HTTPError: 426 when it does not open a WebSocket, 400 when it does so wrongly, 403 when it comes from
    another site's page; see accept().
    """
    fields = req.headers
    upgrade = has_item(fields.get(b"upgrade"), b"websocket") and has_item(fields.get(b"connection"), b"upgrade")
    if not upgrade or not req.minor or fields.get(b"sec-websocket-version") != b"13":
        raise HTTPError(426, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
    try:
        key = fields.get(b"sec-websocket-key", b"")
        if req.method != "GET" or req.left or len(key) != 24 or len(a2b_base64(key)) != 16:
            raise ValueError
        if len(req.rest) > len(req.resp.buf) // 2:  # a client should wait for the answer; this one can not
            raise ValueError
    except ValueError:
        raise HTTPError(400)
    origin = fields.get(b"origin")
    if origin and origins != "*":
        own = fields[b"host"]
        known = [name.encode() for name in origins] if origins else (b"http://" + own, b"https://" + own)
        if origin not in known:
            raise HTTPError(403)
    return accept_key(key)


def parse_head(buf, at, end):
    """The head of a client's frame in buf[at:end]: (first byte, payload's length, head's size); None: not all has come.

    The mask is the last 4 bytes of the head. Raises Closed 1002 for what RFC 6455 §5.2 and §5.5 forbid.
    """
    if end - at < 2:
        return None
    first = buf[at]
    size = buf[at + 1] - 128
    if size < 0 or first & 0x70 or not _KNOWN >> (first & 15) & 1:
        raise Closed(1002, "no mask" if size < 0 else "reserved bits or opcode")
    if first & 8 and (size > 125 or first < _FIN):
        raise Closed(1002, "long or fragmented control frame")
    start = 2
    if size > 125:
        start = 4 if size == 126 else 10
        if end - at < start:
            return None
        size = int.from_bytes(bytes(buf[at + 2 : at + start]), "big")
        if size < 126 or (start == 10 and (size < 65536 or size >> 63)):
            raise Closed(1002, "bad length")
    return (first, size, start + 4) if end - at >= start + 4 else None


def put_head(buf, first, size):
    """Writes the head of a server's frame to the start of `buf`; returns its size."""
    buf[0] = first
    if size < 126:
        buf[1] = size
        return 2
    n = 2 if size < 65536 else 8
    buf[1] = 126 if n == 2 else 127
    buf[2 : 2 + n] = size.to_bytes(n, "big")
    return 2 + n


def unmask(view, key):
    """Takes the mask, 4 bytes, off a memoryview, in place: blocks as numbers, 7 times as fast as bytes."""
    size = len(view)
    key = key * (min(size, _BLOCK) // 4 + 1)
    mask = None
    for at in range(0, size, _BLOCK):
        part = view[at : at + _BLOCK]
        n = len(part)
        if mask is None or n < _BLOCK:
            mask = int.from_bytes(key[:n], "little")
        part[:] = (int.from_bytes(part, "little") ^ mask).to_bytes(n, "little")


def decode(data):
    """UTF-8 -> str. Raises UnicodeError also for what MicroPython alone would let pass (RFC 3629 §4)."""
    text = str(data, "utf-8")
    if MICROPYTHON and len(text) != len(data):
        last = 0
        for c in data:
            if c == 0xC0 or c == 0xC1 or c > 0xF4 or (last > 0xDF and _is_bad_pair(last, c)):
                raise UnicodeError
            last = c
    return text


def _is_bad_pair(lead, c):
    """True for an overlong form, a surrogate, or a code point above U+10FFFF."""
    if lead == 0xE0 or lead == 0xF0:
        return c < (0xA0 if lead == 0xE0 else 0x90)
    return (lead == 0xED and c > 0x9F) or (lead == 0xF4 and c > 0x8F)


def close_reason(data):
    """The payload of a Close frame -> (code, reason). Raises Closed 1002 or 1007 (RFC 6455 §5.5.1, §7.4)."""
    if not data:
        return 1005, ""
    code = int.from_bytes(data[:2], "big")
    if len(data) < 2 or not (1000 <= code < 1015 or 3000 <= code < 5000) or code in (1004, 1005, 1006):
        raise Closed(1002, "bad close code")
    try:
        return code, decode(data[2:])
    except UnicodeError:
        raise Closed(1007)
