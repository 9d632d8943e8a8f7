"""Request targets that are not plain paths. Imported when the first one comes."""

from binascii import unhexlify

from .errors import HTTPError


def origin_form(text):
    """The origin-form of a target in absolute-form: b"http://board/a" -> b"/a"."""
    if text == b"*":
        return text
    start = text.find(b"://") + 3
    if text[:start].lower() not in (b"http://", b"https://") or text[start : start + 1] in (b"", b"/", b"?"):
        raise HTTPError(400)
    slash = text.find(b"/", start)
    query = text.find(b"?", start)
    if slash >= 0 and not 0 <= query < slash:
        return text[slash:]
    return b"/" + (text[query:] if query >= 0 else b"")


def decode(text):
    """UTF-8 to str, as strict as RFC 3629 on every Python. Raises ValueError (UnicodeError is one)."""
    found = str(text, "utf-8")
    if len(found) == len(text):
        return found
    for c in found:
        if 0xD800 <= ord(c) < 0xE000:
            raise ValueError("surrogate")
    if "".join([chr(ord(c)) for c in found]).encode() != text:  # MicroPython takes more bytes than a character needs
        raise ValueError("overlong")
    return found


def unquote(text):
    """Percent-decoding (RFC 3986 §2.1): b"a%20b" -> "a b". Raises ValueError for a bad escape, or another encoding
    than UTF-8."""
    if b"%" not in text:
        return decode(text)
    parts = text.split(b"%")
    out = bytearray(parts[0])
    for part in parts[1:]:
        if len(part) < 2:
            raise ValueError("bad escape")
        out.extend(unhexlify(part[:2]))
        out.extend(part[2:])
    return decode(bytes(out))
