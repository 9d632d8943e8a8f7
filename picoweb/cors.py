"""Which other sites' scripts may use this one: CORS, https://fetch.spec.whatwg.org/#http-cors-protocol.

    cors = Cors(["https://panel.example"], methods=["GET", "POST"], headers=["Content-Type"])
    cors.init(app)

It loosens what browsers forbid by themselves, and protects nothing: others than browsers do not ask.
"""

from .response import header_lines


class Cors:
    """Answers the questions that browsers ask for scripts of other origins.

    origins: a list of origins, such as "https://panel.example" (scheme, host, and port unless it is the scheme's own);
    "*" for all; or a function (origin) that returns True for those allowed. credentials: whether cookies and passwords
    may come along. methods, headers: what may be asked for beside what every form can do. expose: header fields of
    answers that scripts may see beside the usual. max_age: seconds for which browsers may remember the answer.

    Raises ValueError for "*" with credentials, which would give every site what its visitors may see here; for an
    origin that can match nothing; for a line break.
    """

    def __init__(
        self, origins, credentials=False, methods=("GET", "HEAD", "POST"), headers=(), expose=(), max_age=None
    ):
        if isinstance(origins, str) and origins != "*":
            raise ValueError('origins are a list, "*" or a function, not %r' % origins)
        self.origins = origins
        if credentials and "*" in (origins, methods, headers, expose):
            raise ValueError('"*" cannot go with credentials: list what is allowed')
        if not callable(origins) and origins != "*":
            for origin in origins:
                if origin != "null" and (origin.count("/") != 2 or "://" not in origin or origin != origin.lower()):
                    raise ValueError("%r is no origin such as https://panel.example" % origin)
        also = {"Access-Control-Allow-Credentials": "true"} if credentials else {}
        self._simple = header_lines(_with(also, "Access-Control-Expose-Headers", expose))
        also = _with(also, "Access-Control-Allow-Methods", methods)
        if max_age is not None:
            also["Access-Control-Max-Age"] = int(max_age)
        self._preflight = header_lines(_with(also, "Access-Control-Allow-Headers", headers))

    def allows(self, origin):
        """True for an origin whose scripts may read answers."""
        if callable(self.origins):
            return bool(self.origins(origin))
        return self.origins == "*" or origin in self.origins

    def init(self, app):
        """Answers for a whole app, for its errors too."""
        app.before_request(self.before)
        app.after_request(self.after)

    def after(self, req, resp):
        """A hook for app.after_request(): the answer to an error begins with new headers, and needs ours again."""
        if not (resp.started() or "Access-Control-Allow-Origin: " in resp.headers or "Vary: Origin" in resp.headers):
            self.before(req, resp)

    def before(self, req, resp):
        """A hook for app.before_request(), or a call before the answer starts: adds to its headers.

        Answers a preflight request itself, with 204, so that no handler runs for it.
        """
        sent = req.headers
        origin = sent.get(b"origin")
        preflight = req.method == "OPTIONS" and origin and b"access-control-request-method" in sent
        if preflight:
            resp.headers += "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n"
        elif self.origins != "*":
            resp.headers += "Vary: Origin\r\n"
        if origin and self._echo(origin, resp):
            resp.headers += self._preflight if preflight else self._simple
        if preflight:
            resp.start(204, "")

    def _echo(self, origin, resp):
        try:
            origin = str(origin, "utf-8")
        except ValueError:
            return False
        if not self.allows(origin):
            return False
        resp.headers += "Access-Control-Allow-Origin: %s\r\n" % ("*" if self.origins == "*" else origin)
        return True


def _with(headers, name, values):
    """The headers, and one more with a list's values if there are any."""
    headers = dict(headers)
    if values:
        headers[name] = values if isinstance(values, str) else ", ".join(values)
    return headers
