"""Bytes to values of HTTP/1.1 (RFC 9110, 9112). Pure functions: no I/O, no state."""

from .errors import HTTPError

_METHODS = {
    b"GET": "GET",
    b"POST": "POST",
    b"HEAD": "HEAD",
    b"PUT": "PUT",
    b"DELETE": "DELETE",
    b"PATCH": "PATCH",
    b"OPTIONS": "OPTIONS",
}


def find_head(buf, end):
    """Looks for a whole request head in buf[:end].

    Returns (start, stop): `start` is the first byte of the request line (empty lines before it are skipped,
    RFC 9112 §2.2), `stop` the byte after the empty line that ends the head, or -1 when it has not all come.
    Raises HTTPError 400 for bytes that no head may have: NUL, and CR or LF alone (RFC 9112 §2.2, RFC 9110 §5.5).
    """
    start = 0
    while start < end and buf[start] in b"\r\n":
        start += 1
    stop = buf.find(b"\r\n\r\n", start, end)
    if stop < 0:
        return start, -1
    stop += 4
    lines = buf.count(b"\r\n", start, stop)
    if (
        buf.count(b"\r", start, stop) != lines
        or buf.count(b"\n", start, stop) != lines
        or buf.find(b"\0", start, stop) >= 0
    ):
        raise HTTPError(400)
    return start, stop


def request_line(line):
    """b"GET /a?b=c HTTP/1.1" -> ("GET", "/a", "b=c", 1).

    Method, decoded path, raw query string, minor version. Raises HTTPError: 400 for a malformed line, 501 for a
    method that is not known, 505 for another version (RFC 9112 §3, RFC 9110 §9.1, §15.6.6).
    """
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[1]:
        raise HTTPError(400)
    return (method(parts[0]),) + target(parts[1]) + (version(parts[2]),)


def version(text):
    """b"HTTP/1.1" -> 1, b"HTTP/1.0" -> 0; later minor versions of 1 count as 1.1 (RFC 9110 §2.5)."""
    if len(text) != 8 or not text.startswith(b"HTTP/") or text[6] != 46 or not (text[5:6] + text[7:]).isdigit():
        raise HTTPError(400)
    if text[5] != 49:
        raise HTTPError(505)
    return 0 if text[7] == 48 else 1


def method(text):
    """b"GET" -> "GET". Raises HTTPError 501 for a method that is not known, 400 for what is not a token."""
    name = _METHODS.get(text)
    if name is None:
        raise HTTPError(501 if is_token(text) else 400)
    return name


def is_token(text):
    """True for a token: the characters that names of methods and fields may have (RFC 9110 §5.6.2)."""
    for c in text:
        if not (48 <= c <= 57 or 65 <= c <= 90 or 94 <= c <= 122 or c in b"!#$%&'*+-.|~"):
            return False
    return len(text) > 0


def target(text):
    """b"/caf%C3%A9?x=1" -> ("/café", "x=1"); also absolute-form and "*" (RFC 9112 §3.2). 400 for anything else."""
    if text.startswith(b"http://") or text.startswith(b"https://"):
        slash = text.find(b"/", 8)
        query = text.find(b"?", 8)
        if 0 <= query < slash:
            slash = -1
        text = text[slash:] if slash >= 0 else b"/" + (text[query:] if query >= 0 else b"")
    path, _, query = text.partition(b"?")
    if not (path.startswith(b"/") or path == b"*"):
        raise HTTPError(400)
    try:
        return str(unquote(path) if b"%" in path else path, "utf-8"), str(query, "utf-8")
    except (UnicodeError, ValueError):
        raise HTTPError(400)


def unquote(text):
    """Percent-decoding (RFC 3986 §2.1): b"a%20b" -> b"a b". Raises ValueError for a bad escape."""
    parts = text.split(b"%")
    out = bytearray(parts[0])
    for part in parts[1:]:
        if len(part) < 2:
            raise ValueError("bad escape")
        out.append(hexadecimal(part[:2]))
        out.extend(part[2:])
    return bytes(out)


def hexadecimal(digits):
    """b"1F" -> 31. Only hexadecimal digits: no sign, no space, no underscore. Raises ValueError."""
    for c in digits:
        if not (48 <= c <= 57 or 65 <= c <= 70 or 97 <= c <= 102):
            raise ValueError("bad digit")
    return int(str(digits, "ascii"), 16)


def headers(buf, pos, stop, wanted=None):
    """The header fields of buf[pos:stop], which ends with the empty line, as {b"name": b"value"}.

    Names in lower case; `wanted`: the names to keep, None for all. The values of a field that comes more than once
    are joined with ", " (RFC 9110 §5.2). Raises HTTPError 400 for a line without a name, white space before the
    colon, a folded line (RFC 9112 §5), and a second Host or Content-Length.
    """
    found = {}
    stop -= 2
    while pos < stop:
        end = buf.find(b"\r\n", pos, stop)
        colon = buf.find(b":", pos, end)
        if colon <= pos or buf[colon - 1] in b" \t" or buf[pos] in b" \t":
            raise HTTPError(400)
        name = bytes(buf[pos:colon]).lower()
        if wanted is None or name in wanted:
            value = bytes(buf[colon + 1 : end]).strip(b" \t")
            if name in found:
                if name in (b"host", b"content-length"):
                    raise HTTPError(400)
                value = found[name] + b", " + value
            found[name] = value
        pos = end + 2
    return found


def content_length(value):
    """b"12" -> 12. Raises HTTPError 400 for anything but digits (RFC 9110 §8.6)."""
    if not value.isdigit() or len(value) > 15:
        raise HTTPError(400)
    return int(value)


def has_item(value, item):
    """True when the comma separated list `value` has `item`, in any case: has_item(b"a, Close", b"close")."""
    return value is not None and item in [part.strip() for part in value.lower().split(b",")]
