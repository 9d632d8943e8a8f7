"""Bytes to values of HTTP/1.1 (RFC 9110, 9112). Pure functions: no I/O, no state."""

from builtins import len, min, str

from .compat import const
from .errors import HTTPError

_METHODS = b" GET POST HEAD PUT DELETE PATCH OPTIONS "  # tables of bytes: dicts and sets of them take 1.3 KB

# The fields that the server itself looks at, and bits for the lengths of their names: others are only checked.
_FIELDS = (
    b"\nhost\nconnection\ncontent-length\ntransfer-encoding\nexpect\naccept-encoding\nif-none-match\nrange\nif-range\n"
)
_LENGTHS = const(1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 17)


def find_head(buf, end):
    """Looks for a whole request head in buf[:end], a bytearray.

    Returns (start, stop): `start` is the first byte of the request line (empty lines before it are skipped,
    RFC 9112 §2.2), `stop` the byte after the empty line that ends the head, 0 when it has not all come. In what
    ends with an empty line, `stop` is its end: most requests come so, and fields() finds those that do not.
    Raises HTTPError 400 for an empty line that ends in LF alone.
    """
    start = 0
    while start < end and (buf[start] == 13 or buf[start] == 10):
        start += 1
    if end - start > 4 and buf[end - 1] == 10 and buf[end - 2] == 13 and buf[end - 3] == 10 and buf[end - 4] == 13:
        return start, end
    at = buf.find(b"\r\n\r\n", start, end)
    if at < 0 and buf.find(b"\n\n", start, end) >= 0:
        raise HTTPError(400)
    return start, at + 4 if at >= 0 else 0


def request_line(line):
    """b"GET /a?b=c HTTP/1.1" -> ("GET", "/a", "b=c", 1).

    Method, decoded path, raw query string, minor version. Raises HTTPError: 400 for a malformed line, 501 for a
    method that is not known, 505 for another version (RFC 9112 §3, RFC 9110 §9.1, §15.6.6).
    """
    if line.startswith(b"GET /") and line.endswith(b" HTTP/1.1"):  # most are so
        path, query = target(line[4:-9])
        return "GET", path, query, 1
    parts = line.split(b" ")
    if len(parts) != 3:
        raise HTTPError(400)
    path, query = target(parts[1])
    minor = version(parts[2])
    if not is_token(parts[0]):
        raise HTTPError(400)
    if b" " + parts[0] + b" " not in _METHODS:
        raise HTTPError(501)
    return str(parts[0], "ascii"), path, query, minor


def version(text):
    """b"HTTP/1.1" -> 1, b"HTTP/1.0" -> 0; later minor versions of 1 count as 1.1 (RFC 9110 §2.5)."""
    if len(text) != 8 or not text.startswith(b"HTTP/") or text[6] != 46 or not (text[5:6] + text[7:]).isdigit():
        raise HTTPError(400)
    if text[5] != 49:
        raise HTTPError(505)
    return 0 if text[7] == 48 else 1


def is_token(text):
    """True for a token: the characters that names of methods and fields may have (RFC 9110 §5.6.2)."""
    if text.replace(b"-", b"").isalpha():  # most are so, and this needs no loop
        return True
    for c in text:
        if not (48 <= c <= 57 or 65 <= c <= 90 or 94 <= c <= 122 or c in b"!#$%&'*+-.|~"):
            return False
    return len(text) > 0


def target(text):
    """b"/caf%C3%A9?x=1" -> ("/café", "x=1"); also absolute-form and "*" (RFC 9112 §3.2). 400 for anything else."""
    if not text or min(text) <= 32 or b"\x7f" in text:
        raise HTTPError(400)
    if not text.startswith(b"/"):
        from .targets import origin_form

        text = origin_form(text)
    query = ""
    try:
        if b"?" in text:
            text, _, query = text.partition(b"?")
            query = str(query, "utf-8")
        if b"%" in text:
            from .targets import unquote

            return unquote(text), query
        return str(text, "utf-8"), query
    except (UnicodeError, ValueError):
        raise HTTPError(400)


def fields(block, wanted=_FIELDS):
    """The header fields of `block`, bytes from the first field to the empty line that ends the head, and its size.

    Returns ({b"name": b"value"}, size): names in lower case, those `wanted` (None: all); `size` is less than
    len(block) when more follows the empty line. The values of a field that comes more than once are joined with
    ", " (RFC 9110 §5.2), those of Cookie with "; " (RFC 9113 §8.2.3). Raises HTTPError 400 for NUL, CR or LF within a
    line, a name that is not a token, white space before the colon, a folded line (RFC 9110 §5.1, §5.5, RFC 9112 §2.2,
    §5), a second Host or Content-Length.
    """
    found = {}
    size = 2
    for line in block.splitlines():
        if not line:
            break
        size += len(line) + 2
        colon = line.find(b":")
        name = line[:colon]
        if colon < 1 or not is_token(name):
            raise HTTPError(400)
        if wanted is None or _LENGTHS >> colon & 1:
            name = name.lower()
            if wanted is None or b"\n" + name + b"\n" in wanted:
                _add(found, name, line[colon + 1 :].strip(b" \t"))
    if size == len(block):
        if b"\0" in block:
            raise HTTPError(400)
        return found, size
    first = 2 if block.startswith(b"\r\n") else block.find(b"\r\n\r\n") + 4
    if first == len(block):  # its lines do not end in CRLF, all of them
        raise HTTPError(400)
    return fields(block[:first], wanted)  # another request, or a body, follows


def _add(found, name, value):
    if name in found:
        if name == b"host" or name == b"content-length":
            raise HTTPError(400)
        value = found[name] + (b"; " if name == b"cookie" else b", ") + value
    found[name] = value


def is_host(value):
    """True for the value of Host: a name or an address, and a port (RFC 9110 §7.2); an empty one too."""
    name = value.replace(b".", b"")
    if name.isalpha() or name.isdigit():
        return True
    for c in value:
        if not (48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c in b"-._~:[]%!$&'()*+;="):
            return False
    return True


def content_length(value):
    """b"12" -> 12. Raises HTTPError 400 for anything but digits (RFC 9110 §8.6)."""
    if not value.isdigit() or len(value) > 15:
        raise HTTPError(400)
    return int(value)


def has_item(value, item):
    """True when the comma separated list `value` has `item`, in any case: has_item(b"a, Close", b"close")."""
    return value is not None and item in [part.strip() for part in value.lower().split(b",")]
