"""picoweb.signing: HMAC against RFC 4231, comparison that counts its steps. Runs on MicroPython and CPython."""

import os
from binascii import hexlify, unhexlify

from picoweb.signing import Signer, decode, encode, key_file, mac, pads, same

# RFC 4231 §4: (key, data, HMAC-SHA-256)
VECTORS = (
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data."
        b" The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)


def test_rfc_4231():
    for key, data, expected in VECTORS:
        assert str(hexlify(mac(pads(key), data)), "ascii").startswith(expected), key


def test_as_the_standard_librarys():
    try:
        import hmac
    except ImportError:  # MicroPython has none
        return
    for size in (0, 1, 31, 32, 63, 64, 65, 127, 200):
        for length in (0, 1, 55, 56, 63, 64, 65, 300):
            key, data = os.urandom(size), os.urandom(length)
            assert mac(pads(key), data) == hmac.digest(key, data, "sha256")


def test_same_compares():
    for a, b, expected in (
        (b"", b"", True),
        (b"a", b"a", True),
        ("a", b"a", True),
        (b"a", b"b", False),
        (b"abc", b"abd", False),
        (b"abc", b"bbc", False),
        (b"abc", b"ab", False),
        (b"ab", b"abc", False),
        (b"", b"a", False),
        (b"a", b"", False),
        ("ä", "ä".encode(), True),
        (b"a" * 256, b"", False),
        (b"a", b"a" * 257, False),
    ):
        assert same(a, b) is expected, (a, b)


class Counted:
    """Bytes that count how many of them were looked at."""

    def __init__(self, data):
        self.data = data
        self.looks = 0

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        self.looks += 1
        return self.data[i]


def test_a_comparison_looks_at_every_byte_wherever_the_difference_is():
    secret = bytes(range(32))
    for wrong in (secret, b"\xff" + secret[1:], secret[:31] + b"\0", b"\xff" * 32):
        for turned in (False, True):
            a, b = Counted(secret), Counted(wrong)
            assert same(*((b, a) if turned else (a, b))) is (wrong == secret)
            assert (a.looks, b.looks) == (32, 32), wrong
    a = Counted(secret)
    assert same(a, b"short") is False
    assert a.looks == 64


def test_text_of_bytes():
    for data, text in (
        (b"", ""),
        (b"a", "YQ"),
        (b"ab", "YWI"),
        (b"abc", "YWJj"),
        (b"\xff\xfe", "__4"),
        (b"\xfb", "-w"),
    ):
        assert encode(data) == text
        assert decode(text) == data
    data = bytes(range(256)) * 3
    assert decode(encode(data)) == data
    assert "\n" not in encode(data)


def test_what_is_no_such_text():
    for text in ("Y", "YQ==", "Y+", "Y/", "Y Q", "YQ\n", "ä", "YQ.", "YWJjY"):
        try:
            decode(text)
        except ValueError:
            continue
        raise AssertionError(text)


KEY = b"0123456789abcdef"
OTHER = b"fedcba9876543210"


def test_a_signed_text_comes_back():
    for text in ("", "a", "a.b", "ä€", "x" * 1000):
        signed = Signer(KEY, "test").sign(text)
        assert signed.startswith(text + ".")
        assert Signer(KEY, "test").text(signed) == text


def test_what_was_changed_is_not_taken():
    signer = Signer(KEY, "test")
    signed = signer.sign("text")
    for i in range(len(signed)):
        changed = signed[:i] + ("A" if signed[i] != "A" else "B") + signed[i + 1 :]
        assert signer.text(changed) is None, changed
    for changed in ("", ".", "text", "text.", signed[:-1], signed + "A", "." + signed, signed[5:], signed + "="):
        assert signer.text(changed) is None, changed


def test_another_key_or_purpose_is_not_taken():
    signed = Signer(KEY, "test").sign("text")
    assert Signer(OTHER, "test").text(signed) is None
    assert Signer(KEY, "other").text(signed) is None


def test_keys_rotate():
    old = Signer(KEY, "test").sign("text")
    both = Signer([OTHER, KEY], "test")
    assert both.text(old) == "text"
    assert both.sign("text") == Signer(OTHER, "test").sign("text")
    assert Signer([OTHER], "test").text(old) is None


def test_bad_keys():
    for key in (b"", b"short", "short", [], [KEY, b"short"], ()):
        try:
            Signer(key, "test")
        except ValueError:
            continue
        raise AssertionError(key)
    assert Signer("0123456789abcdef", "test").sign("a") == Signer(KEY, "test").sign("a")


def test_a_key_file_is_made_once():
    name = "test-key-%s" % str(hexlify(os.urandom(4)), "ascii")
    try:
        key = key_file(name)
        assert len(key) == 32
        assert key_file(name) == key
        with open(name, "wb") as f:
            f.write(unhexlify("00" * 16))
        assert key_file(name) == bytes(16)
        assert [entry for entry in os.listdir(".") if entry.startswith(name)] == [name]
    finally:
        os.remove(name)
