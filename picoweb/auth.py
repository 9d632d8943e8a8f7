"""Who is asking: HTTP Basic (RFC 7617) and Bearer tokens (RFC 6750).

    basic = Basic({"ada": "secret"}, realm="Greenhouse")

    @app.route("/relay", methods=["POST"])
    @basic
    async def relay(req, resp):
        await picoweb.respond(resp, "switched by " + req.user, "text/plain")

    app.before_request(basic.check)  # or: for the whole app

Both send the secret as it is with each request: only HTTPS, or a network that you trust, keeps it one.
"""

import asyncio
import os
from binascii import a2b_base64

from .compat import MICROPYTHON, const
from .errors import HTTPError
from .signing import decode, encode, mac, pads, same
from .targets import decode as decode_text

_KIND = "pbkdf2-sha256"
_TURN = const(32)  # iterations before other tasks have their turn


async def _nothing():
    pass


_ASYNC = type(_nothing)  # on MicroPython, what `async def` makes is of another type than what `def` does


def hash_password(password, iterations=1000, salt=None):
    """A salted hash of a password, for Basic(): "pbkdf2-sha256$iterations$salt$hash" (RFC 8018 §5.2).

    Who reads it must guess the password, at the price of the iterations for each guess.
    """
    salt = os.urandom(12) if salt is None else salt
    key = bytearray(32)
    for _ in _derive(password.encode(), salt, iterations, key):
        pass
    return "$".join((_KIND, str(iterations), encode(salt), encode(key)))


def _derive(password, salt, iterations, key):
    """PBKDF2 with HMAC-SHA256 into `key`, 32 bytes; a generator, so that others have their turn."""
    pair = pads(password)
    block = mac(pair, salt + b"\0\0\0\x01")
    total = int.from_bytes(block, "big")
    for n in range(1, iterations):
        block = mac(pair, block)
        total ^= int.from_bytes(block, "big")
        if n % _TURN == 0:
            yield
    key[:] = total.to_bytes(32, "big")


def _parts(stored):
    """What hash_password() gave -> (iterations, salt, hash). Raises ValueError."""
    try:
        _, iterations, salt, key = stored.split("$")
        parts = int(iterations), decode(salt), decode(key)
    except ValueError:
        raise ValueError("%r is not what hash_password() gives" % stored)
    return parts


def _quoted(realm):
    """A realm as a quoted string (RFC 9110 §5.6.4). Raises ValueError for what cannot stand in one."""
    for c in realm:
        if not " " <= c <= "~":
            raise ValueError("%r cannot stand in a realm" % c)
    return '"%s"' % realm.replace("\\", "\\\\").replace('"', '\\"')


class _Scheme:
    """What both ways have in common: the challenge, the decorator, and functions that decide."""

    def __init__(self, known, realm):
        self._ask = known if callable(known) else None
        self._pads = pads(os.urandom(32))
        self._challenge = "WWW-Authenticate: %s realm=%s" % (self.name, _quoted(realm))

    def _digest(self, text):
        """What secrets are compared by: all of one length, and of no use after a restart."""
        return mac(self._pads, text.encode())

    async def check(self, req, resp):
        """Sets req.user when the request says who asks; also a hook for app.before_request().

        Raises HTTPError 401 with the challenge otherwise.
        """
        given = req.headers.get(b"authorization") or b""
        scheme, _, rest = given.partition(b" ")
        given = self._given(rest.strip(b" ")) if scheme.lower() == self.name.lower().encode() else None
        user = await self._user(*given) if given else None
        if user is None or user is False:
            raise HTTPError(401, self._challenge + (self.refused if given else "") + "\r\n")
        req.user = user

    async def _asked(self, *given):
        """What the program's own function says; True stands for the name that was given."""
        user = self._ask(*given)
        if hasattr(user, "send") or hasattr(user, "__await__"):
            user = await user
        return given[0] if user is True else user or None

    def __call__(self, func):
        """Decorator: the handler runs when check() has passed."""
        return _Guarded(self, func)


class _Guarded:
    """A handler behind a check; it keeps its name, for url_for()."""

    def __init__(self, scheme, func):
        self.scheme = scheme
        self.func = func
        self.__name__ = getattr(func, "__name__", None)

    async def __call__(self, req, resp, **params):
        await self.scheme.check(req, resp)
        value = self.func(req, resp, **params)
        if hasattr(value, "__await__") or (MICROPYTHON and type(self.func) is _ASYNC):
            value = await value
        return value


class Basic(_Scheme):
    """Asks for a name and a password (RFC 7617).

    users: {"name": "password"}, or what hash_password() gives in place of a password; or a function (name, password),
    plain or async, that returns True, or what req.user shall be, or nothing to refuse. realm: what the browser may
    show. An unknown name takes the same steps as a wrong password. Raises ValueError for a bad hash or realm.
    """

    name = "Basic"
    refused = ""

    def __init__(self, users, realm="picoweb"):
        super().__init__(users, realm)
        self._challenge += ', charset="UTF-8"'
        self._known = {}  # digests of the passwords; of those given as hashes, once they were right
        self._hashes = {}
        for name in () if self._ask else users:
            password = users[name]
            if password.startswith(_KIND + "$"):
                self._hashes[name] = self._anybody = _parts(password)
            else:
                self._known[name] = self._digest(password)

    def _given(self, text):
        try:
            name, mark, password = decode_text(a2b_base64(text)).partition(":")
        except ValueError:
            return None
        return (name, password) if mark else None

    async def _user(self, name, password):
        if self._ask:
            return await self._asked(name, password)
        digest = self._digest(password)
        known = name in self._known
        good = same(digest, self._known.get(name, bytes(32))) and known
        if not good and self._hashes:
            iterations, salt, stored = self._hashes.get(name, self._anybody)
            key = bytearray(32)
            for _ in _derive(password.encode(), salt, iterations, key):
                await asyncio.sleep(0)
            good = same(key, stored) and name in self._hashes
            if good:
                self._known[name] = digest
        return name if good else None


class Bearer(_Scheme):
    """Asks for a token (RFC 6750), for programs that call an API.

    tokens: {"token": user}, where user is what req.user shall be; a list of tokens, which are then the users; or a
    function (token), plain or async, as for Basic.
    """

    name = "Bearer"
    refused = ', error="invalid_token"'

    def __init__(self, tokens, realm="picoweb"):
        super().__init__(tokens, realm)
        self._known = []
        for token in () if self._ask else tokens:
            user = tokens[token] if isinstance(tokens, dict) else token
            self._known.append((self._digest(token), user))

    def _given(self, text):
        try:
            return (decode_text(text),) if text else None
        except ValueError:
            return None

    async def _user(self, token):
        if self._ask:
            return await self._asked(token)
        digest = self._digest(token)
        user = None
        for stored, who in self._known:  # all of them: the time does not tell which one it was
            if same(digest, stored):
                user = who
        return user
