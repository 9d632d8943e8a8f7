"""Signatures: HMAC-SHA256 (RFC 2104, FIPS 198-1), comparison in constant time, bytes as text for cookies and forms."""

import os
from binascii import a2b_base64, b2a_base64
from hashlib import sha256

from .compat import const

_BLOCK = const(64)
_LEAST = const(16)  # bytes of a key: 128 bits


def pads(key):
    """The two keys that HMAC makes of one, for mac(): bytes of any length -> (inner, outer)."""
    if len(key) > _BLOCK:
        key = sha256(key).digest()
    key = bytes(key) + bytes(_BLOCK - len(key))
    return bytes([c ^ 0x36 for c in key]), bytes([c ^ 0x5C for c in key])


def mac(pair, data):
    """HMAC-SHA256 of `data` with pads(key): 32 bytes."""
    inner = sha256(pair[0])
    inner.update(data)
    outer = sha256(pair[1])
    outer.update(inner.digest())
    return outer.digest()


def same(a, b):
    """True when two bytes or str are equal; every comparison of this length takes the same steps.

    What is secret must not have a length that is secret: compare what mac() or sha256 gives.
    """
    a = a.encode() if isinstance(a, str) else a
    b = b.encode() if isinstance(b, str) else b
    different = len(a) ^ len(b)
    if different:
        b = a
    for i in range(len(a)):
        different |= a[i] ^ b[i]
    return different == 0


def encode(data):
    """Bytes as text for cookies, forms and URLs (base64url without padding, RFC 4648 §5): b"\\xff\\xfe" -> "__4"."""
    text = str(b2a_base64(data), "ascii")
    return text.rstrip("\n=").replace("+", "-").replace("/", "_")


def decode(text):
    """What encode() made, back to bytes. Raises ValueError for anything else."""
    for c in text:
        if not ("a" <= c <= "z" or "A" <= c <= "Z" or "0" <= c <= "9" or c == "-" or c == "_"):
            raise ValueError("%r cannot stand in base64url" % c)
    padded = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    return a2b_base64(padded.encode())


def key_file(path):
    """The key in a file; made of 32 random bytes when there is none yet, so that it outlives a restart.

    Keep the file out of what is served and out of version control.
    """
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        pass
    key = os.urandom(32)
    with open(path + ".new", "wb") as f:
        f.write(key)
    os.rename(path + ".new", path)
    return key


class Signer:
    """Signs texts for one purpose: what was signed for another, with the same key, is not taken.

    key: at least 16 random bytes, such as key_file() gives; or a list of keys: the first signs, all are taken, so that
    a new key can be put before an old one. Raises ValueError for a short key.
    """

    def __init__(self, key, purpose):
        self._pads = []
        for one in key if isinstance(key, (list, tuple)) else (key,):
            one = one.encode() if isinstance(one, str) else one
            if len(one) < _LEAST:
                raise ValueError("a key needs at least %d random bytes; see signing.key_file()" % _LEAST)
            self._pads.append(pads(mac(pads(one), purpose.encode())))
        if not self._pads:
            raise ValueError("the list of keys is empty")

    def sign(self, text):
        """ "text" -> "text.signature"."""
        return text + "." + encode(mac(self._pads[0], text.encode()))

    def text(self, signed):
        """The text of what sign() made, None when the signature is not ours."""
        text, _, given = signed.rpartition(".")
        data = text.encode()
        found = False
        for pair in self._pads:  # all of them: the time does not tell which one it was
            found |= same(encode(mac(pair, data)), given)
        return text if found else None
