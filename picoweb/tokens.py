"""Tokens in forms, for browsers that do not say where a request comes from; see csrf.py.

    tokens = Tokens(key_file("csrf.key"))
    csrf = Csrf(tokens)
    '<input type="hidden" name="csrf_token" value="%s">' % tokens.token(req, resp)

A token is a signed copy of a cookie's random value: another site can make the browser send the cookie, but not read it.
"""

import os

from .cookies import parse, set_cookie
from .signing import Signer, encode, same

_FIELD = "csrf_token"
_HEADER = b"x-csrf-token"


class Tokens:
    """Makes tokens and knows them again.

    key: at least 16 random bytes, or a list of keys as for Signer(). name: the cookie's. cookie: more arguments for
    set_cookie().
    """

    def __init__(self, key, name="csrf", **cookie):
        self._signer = Signer(key, "csrf")
        self.name = name
        self.cookie = cookie

    def token(self, req, resp):
        """The token for this browser's forms, a str; sets a cookie, so call it before the answer starts."""
        kept = parse(req).get(self.name)
        if not kept or len(kept) != 22:
            kept = encode(os.urandom(16))
            set_cookie(resp, self.name, kept, **self.cookie)
        return self._signer.sign(kept)

    async def check(self, req):
        """True when a request has the token that belongs to its cookie: in the header X-CSRF-Token, or in the field
        csrf_token of a form."""
        given = req.headers.get(_HEADER)
        if given is None:
            given = await _in_form(req)
        try:
            given = self._signer.text(str(given, "utf-8"))
        except ValueError:  # no UTF-8
            return False
        kept = parse(req).get(self.name)
        return bool(kept) and given is not None and same(given, kept)


async def _in_form(req):
    """The token in a form's body, bytes; the body is there for the next who reads it, as if nobody had."""
    form = getattr(req, "form", None)
    if form is not None:
        return form.get(_FIELD, ("",))[0].encode()
    if not req.headers.get(b"content-type", b"").lower().startswith(b"application/x-www-form-urlencoded"):
        return b""
    body = await req.read()
    req.rest = body + req.rest
    req.left = len(body)
    return (b"&" + body).partition(b"&%s=" % _FIELD.encode())[2].split(b"&")[0]
