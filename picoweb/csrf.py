"""Forms of other sites: what changes something must come from this site (CSRF).

    csrf = Csrf()
    app.before_request(csrf.protect)

Browsers say where a request comes from: Sec-Fetch-Site over HTTPS, Origin with every form, script and fetch() that can
change something. Where neither comes, Referer is looked at, and then a token, for browsers from before 2020:

    csrf = Csrf(key_file("csrf.key"))
    '<input type="hidden" name="csrf_token" value="%s">' % csrf.token(req, resp)
"""

import os

from .cookies import parse, set_cookie
from .errors import HTTPError
from .signing import Signer, encode, same

_SAFE = ("GET", "HEAD", "OPTIONS")  # RFC 9110 §9.2.1: they must not change anything
_FIELD = "csrf_token"
_HEADER = b"x-csrf-token"


class Csrf:
    """Refuses requests that other sites' pages make.

    key: at least 16 random bytes, or a list of keys as for Signer(), for tokens; None: a request that does not say
    where it comes from is refused. origins: other origins that may ask, such as "https://panel.example". name: the
    cookie that belongs to the tokens. cookie: more arguments for set_cookie().
    """

    def __init__(self, key=None, origins=(), name="csrf", **cookie):
        self._signer = Signer(key, "csrf") if key is not None else None
        self.origins = [origin.encode() for origin in origins]
        self.name = name
        self.cookie = cookie

    async def protect(self, req, resp):
        """A hook for app.before_request(), or a call in a handler. Raises HTTPError 403 for what comes from elsewhere,
        or may: then, with a key, a token counts, in the form or the header X-CSRF-Token."""
        if req.method in _SAFE:
            return
        ours = self._is_ours(req.headers)
        if ours is None and self._signer:
            ours = await self._has_token(req)
        if not ours:
            raise HTTPError(403)

    def _is_ours(self, sent):
        """True, False, or None when the request's headers do not tell."""
        origin = sent.get(b"origin")
        if origin in self.origins:
            return True
        site = sent.get(b"sec-fetch-site")
        if site:
            return site == b"same-origin" or site == b"none"
        origin = origin or sent.get(b"referer")
        if not origin or origin == b"null":
            return None
        host = sent.get(b"host")
        return bool(host) and origin.partition(b"://")[2].partition(b"/")[0].lower() == host.lower()

    async def _has_token(self, req):
        given = req.headers.get(_HEADER)
        if given is None:
            given = await _in_form(req)
        try:
            given = self._signer.text(str(given, "utf-8"))
        except ValueError:  # no UTF-8
            return False
        kept = parse(req).get(self.name)
        return bool(kept) and given is not None and same(given, kept)

    def token(self, req, resp):
        """The token for this browser's forms, a str; sets a cookie, so call it before the answer starts."""
        kept = parse(req).get(self.name)
        if not kept or len(kept) != 22:
            kept = encode(os.urandom(16))
            set_cookie(resp, self.name, kept, **self.cookie)
        return self._signer.sign(kept)


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
