"""Forms of other sites: what changes something must come from this site (CSRF).

    csrf = Csrf()
    app.before_request(csrf.protect)

Browsers say where a request comes from: Sec-Fetch-Site over HTTPS, Origin with every form, script and fetch() that can
change something. Where neither comes, Referer is looked at; where that does not come either, as from some browsers from
before 2020, a token can: see tokens.py.
"""

from .errors import HTTPError

_SAFE = ("GET", "HEAD", "OPTIONS")  # RFC 9110 §9.2.1: they must not change anything


class Csrf:
    """Refuses requests that other sites' pages make.

    tokens: a Tokens, for requests that do not say where they come from; None: they are refused. origins: other origins
    that may ask, such as "https://panel.example".
    """

    def __init__(self, tokens=None, origins=()):
        self.tokens = tokens
        self.origins = [origin.encode() for origin in origins]

    async def protect(self, req, resp):
        """A hook for app.before_request(), or a call in a handler. Raises HTTPError 403 for what comes from elsewhere,
        or may and has no token."""
        if req.method in _SAFE:
            return
        ours = self._is_ours(req.headers)
        if ours is None and self.tokens:
            ours = await self.tokens.check(req)
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
