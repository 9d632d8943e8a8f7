"""Queries and forms, as the standard library's urllib.parse reads them. Imported by the first that is read."""

from binascii import unhexlify

from .targets import decode

_BAD = "\ufffd"
_HEX = b"0123456789abcdefABCDEF"


def parse_qs(query, keep_blank_values=False):
    """ "a=1&a=2&b=x+y" -> {"a": ["1", "2"], "b": ["x y"]}: always lists. Names without a value are left out, unless
    keep_blank_values. Bad escapes stay as they are, bytes that are no UTF-8 become U+FFFD."""
    found = {}
    data = query.encode()
    ascii = len(data) == len(query)  # then it is cut as bytes: each new str costs MicroPython 4,000 instructions
    mark, equals, text = (b"&", b"=", _text) if ascii else ("&", "=", unquote_plus)
    for pair in (data if ascii else query).split(mark):
        name, _, value = pair.partition(equals)
        if value or (keep_blank_values and pair):
            found.setdefault(text(name), []).append(text(value))
    return found


def unquote_plus(text):
    """ "caf%C3%A9+au+lait" -> "café au lait"."""
    out = run = ""
    for c in text:
        if c < "\x80":
            run += c
        else:  # escapes on both sides of it do not belong together
            out += _text(run.encode()) + c
            run = ""
    return out + _text(run.encode())


def _text(part):
    """The same for bytes that are ASCII."""
    if b"+" in part:
        part = part.replace(b"+", b" ")
    if b"%" not in part:
        return str(part, "utf-8")
    parts = part.split(b"%")
    data = bytearray(parts[0])
    for part in parts[1:]:
        if len(part) > 1 and part[0] in _HEX and part[1] in _HEX:
            data.extend(unhexlify(part[:2]))
            part = part[2:]
        else:
            data.extend(b"%")
        data.extend(part)
    return decoded(bytes(data))


def decoded(data):
    """UTF-8 to str, with U+FFFD for each sequence that breaks off and each byte that begins none."""
    try:
        return decode(data)
    except ValueError:
        pass
    out = ""
    at = 0
    while at < len(data):
        size, whole = _character(data, at)
        out += str(data[at : at + size], "utf-8") if whole else _BAD
        at += size
    return out


def _character(data, at):
    """How many bytes at `at` belong together, and whether they are a character (Unicode, table 3-7)."""
    first = data[at]
    if first < 0x80:
        return 1, True
    if not 0xC2 <= first <= 0xF4:
        return 1, False
    more = 1 + (first >= 0xE0) + (first >= 0xF0)
    least = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
    most = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
    for n in range(1, more + 1):
        if at + n >= len(data) or not least <= data[at + n] <= most:
            return n, False
        least, most = 0x80, 0xBF
    return more + 1, True
