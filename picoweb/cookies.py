"""Cookies (RFC 6265): what the browser sent, and what it shall keep."""

from .targets import decode
from .wire import is_token

_SAME_SITE = ("Strict", "Lax", "None")


def parse(req):
    """The cookies of a request, {"name": "value"}.

    Of a name that came twice the first counts: browsers send the cookie with the longest path first (RFC 6265 §5.4).
    What is no name=value pair of UTF-8 is left out, the rest counts.
    """
    found = {}
    for name, value in pairs(req.headers.get(b"cookie") or b""):
        if name not in found:
            found[name] = value
    return found


def pairs(field):
    """The (name, value) pairs of a Cookie field's value, as bytes; quotes around a value are taken off."""
    for pair in field.split(b";"):
        name, mark, value = pair.partition(b"=")
        name = name.strip(b" \t")
        value = value.strip(b" \t")
        if len(value) > 1 and value[0] == value[-1] == 34:
            value = value[1:-1]
        if mark and name:
            try:
                yield decode(name), decode(value)
            except ValueError:
                pass


def set_cookie(
    resp, name, value, max_age=None, path="/", domain=None, secure=False, httponly=True, samesite="Lax", expires=None
):
    """Lets the browser keep a cookie, from this answer on. Call it before the answer starts.

    value: a str of ASCII without spaces, quotes, commas, semicolons and backslashes: encode others, in hexadecimal or
    with signing.encode(). max_age: seconds to keep it; without it and `expires`, until the browser is closed. path,
    domain: where it is sent. secure: over HTTPS only. httponly: scripts in the page do not see it. samesite:
    "Strict", "Lax", "None" (needs secure) or None: whether it comes along from other sites' pages. expires: a time as
    time.time() gives it, or an HTTP date as a str.

    Raises ValueError for what would not come back as it is, or would be another attribute; RuntimeError when the
    answer has started.
    """
    if resp.started():
        raise RuntimeError("the response has already been started: set cookies before it")
    if not is_token(name.encode()):
        raise ValueError("%r cannot be a cookie's name" % name)
    _check(value, '",\\', "value of cookie %r" % name)
    line = "Set-Cookie: %s=%s" % (name, value)
    if max_age is not None:
        line += "; Max-Age=%d" % max_age
    if expires is not None:
        line += "; Expires=" + _check(_date(expires), "", "expires", " ")
    if domain:
        line += "; Domain=" + _check(domain, ",", "domain")
    if path:
        line += "; Path=" + _check(path, "", "path", " ")
    _check_flags(name, path, domain, secure, samesite)
    line += "; Secure" if secure else ""
    line += "; HttpOnly" if httponly else ""
    line += "; SameSite=" + samesite if samesite else ""
    resp.headers += line + "\r\n"


def delete_cookie(resp, name, path="/", domain=None, secure=False):
    """Lets the browser forget a cookie; path and domain as when it was set, and `secure` for a name of __Host-…."""
    set_cookie(resp, name, "", 0, path, domain, secure, expires="Thu, 01 Jan 1970 00:00:00 GMT")


def _check(text, unwanted, what, wanted=""):
    """Returns text. Raises ValueError when it has a character that cannot stand in an attribute."""
    for c in text:
        if c not in wanted and (not "!" <= c <= "~" or c == ";" or c in unwanted):
            raise ValueError("%r cannot stand in the %s" % (c, what))
    return text


def _check_flags(name, path, domain, secure, samesite):
    """Raises ValueError for what browsers drop without a word (RFC 6265bis §4.1.2, §4.1.3)."""
    if samesite is not None and samesite not in _SAME_SITE:
        raise ValueError("samesite is %r, not one of %s" % (samesite, ", ".join(_SAME_SITE)))
    if not secure:
        if samesite == "None":
            raise ValueError('samesite="None" needs secure=True')
        if name.startswith("__Secure-") or name.startswith("__Host-"):
            raise ValueError("a cookie named %s needs secure=True" % name)
    if name.startswith("__Host-") and (domain or path != "/"):
        raise ValueError("a cookie named %s needs the path / and no domain" % name)


def _date(value):
    """An HTTP date (RFC 9110 §5.6.7): 0 -> "Thu, 01 Jan 1970 00:00:00 GMT" where time began in 1970."""
    if isinstance(value, str):
        return value
    from time import gmtime

    year, month, day, hour, minute, second, weekday = gmtime(value)[:7]
    names = "MonTueWedThuFriSatSun"[weekday * 3 :][:3], "JanFebMarAprMayJunJulAugSepOctNovDec"[month * 3 - 3 :][:3]
    return "%s, %02d %s %d %02d:%02d:%02d GMT" % (names[0], day, names[1], year, hour, minute, second)
