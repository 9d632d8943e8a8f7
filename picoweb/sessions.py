"""Sessions: a dict for each browser, kept in a signed cookie. The board stores nothing.

    sessions = Sessions(key_file("session.key"))

    @app.route("/")
    async def index(req, resp):
        session = sessions.load(req)
        session["visits"] = session.get("visits", 0) + 1
        sessions.save(resp, session)
        await picoweb.respond(resp, "visit %d" % session["visits"], "text/plain")

Who has the cookie can read what is in it, but not change it: keep no secrets there.
"""

import json
import time

from .compat import const
from .cookies import delete_cookie, parse, set_cookie
from .signing import Signer, decode, encode

_SKEW = const(60)  # seconds that a clock may be set back


class Sessions:
    """Loads and saves sessions.

    key: at least 16 random bytes, or a list of keys, of which the first signs and all are taken. name: the cookie's.
    max_age: the seconds after which a session that was not saved anew is over; None: when the browser is closed, or
    the key is gone; no clock is needed then. clock: what tells the seconds for max_age; it must not go back, else
    sessions from what is now the future are not taken. limit: the longest cookie value, in characters; browsers keep
    4096 bytes, and a request's head must fit the server's buffer. cookie: more arguments for set_cookie().
    """

    def __init__(self, key, name="session", max_age=None, clock=time.time, limit=1024, **cookie):
        self.name = name
        self.max_age = max_age
        self.clock = clock
        self.limit = limit
        self.cookie = cookie
        self._signer = Signer(key, "session " + name)

    def load(self, req):
        """The session of a request, a dict; {} when there is none, or what came was not made by us, or is too old."""
        signed = parse(req).get(self.name)
        text = self._signer.text(signed) if signed else None
        if text is None:
            return {}
        stamp, _, text = text.partition(".")
        try:
            return json.loads(decode(text)) if self._is_valid(stamp) else {}
        except ValueError:  # MicroPython writes values that JSON cannot hold in some way that cannot be read
            return {}

    def _is_valid(self, stamp):
        if self.max_age is None:
            return True
        age = int(self.clock()) - int(stamp) if stamp else self.max_age
        return -_SKEW <= age < self.max_age

    def save(self, resp, session):
        """Sends the session along with this answer; call it before the answer starts. An empty one is deleted.

        Raises ValueError when it is too long, RuntimeError when the answer has started, and on CPython TypeError for
        what JSON cannot hold; MicroPython's JSON does not tell.
        """
        if not session:
            more = {name: self.cookie[name] for name in self.cookie if name in ("path", "domain", "secure")}
            return delete_cookie(resp, self.name, **more)
        stamp = "" if self.max_age is None else str(int(self.clock()))
        text = json.dumps(session, separators=(",", ":"))
        signed = self._signer.sign(stamp + "." + encode(text.encode()))
        if len(signed) > self.limit:
            raise ValueError("the session takes %d characters, its limit is %d" % (len(signed), self.limit))
        set_cookie(resp, self.name, signed, self.max_age, **self.cookie)

    def attach(self, req, resp):
        """A hook for app.before_request(): the session is in req.session; save it with save()."""
        req.session = self.load(req)
