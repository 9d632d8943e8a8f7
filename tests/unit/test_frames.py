"""Frames of WebSockets: RFC 6455 §4.2.2 and §5, byte by byte."""

from picoweb.frames import Closed, accept_key, close_reason, decode, parse_head, put_head, unmask

KEY = b"\x37\xfa\x21\x3d"

# A client's frame without its payload, and what it says: first byte, payload's length, head's size
HEADS = [
    (b"\x81\x80" + KEY, (0x81, 0, 6)),
    (b"\x81\x85" + KEY, (0x81, 5, 6)),
    (b"\x01\x83" + KEY, (0x01, 3, 6)),
    (b"\x80\x82" + KEY, (0x80, 2, 6)),
    (b"\x00\x82" + KEY, (0x00, 2, 6)),
    (b"\x82\xfd" + KEY, (0x82, 125, 6)),
    (b"\x82\xfe\x00\x7e" + KEY, (0x82, 126, 8)),
    (b"\x82\xfe\x01\x00" + KEY, (0x82, 256, 8)),
    (b"\x82\xfe\xff\xff" + KEY, (0x82, 65535, 8)),
    (b"\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00" + KEY, (0x82, 65536, 14)),
    (b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff" + KEY, (0x82, 2**63 - 1, 14)),
    (b"\x89\x80" + KEY, (0x89, 0, 6)),
    (b"\x89\xfd" + KEY, (0x89, 125, 6)),
    (b"\x8a\x85" + KEY, (0x8A, 5, 6)),
    (b"\x88\x82" + KEY, (0x88, 2, 6)),
]

# What a client must not send
BAD = [
    b"\x81\x05Hello",  # no mask, §5.1
    b"\x81\x00",
    b"\x81\x7e\x01\x00",
    b"\xc1\x85" + KEY,  # reserved bits, §5.2
    b"\xa1\x85" + KEY,
    b"\x91\x85" + KEY,
    b"\xf1\x85" + KEY,
    b"\x83\x80" + KEY,  # reserved opcodes, §5.2
    b"\x84\x80" + KEY,
    b"\x85\x80" + KEY,
    b"\x86\x80" + KEY,
    b"\x87\x80" + KEY,
    b"\x8b\x80" + KEY,
    b"\x8c\x80" + KEY,
    b"\x8d\x80" + KEY,
    b"\x8e\x80" + KEY,
    b"\x8f\x80" + KEY,
    b"\x03\x80" + KEY,
    b"\x89\xfe\x00\x7e" + KEY,  # long control frames, §5.5
    b"\x88\xfe\x00\x7e" + KEY,
    b"\x8a\xff\x00\x00\x00\x00\x00\x01\x00\x00" + KEY,
    b"\x09\x80" + KEY,  # fragmented control frames, §5.5
    b"\x08\x80" + KEY,
    b"\x0a\x80" + KEY,
    b"\x82\xfe\x00\x7d" + KEY,  # lengths that are not minimal, §5.2
    b"\x82\xfe\x00\x00" + KEY,
    b"\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff" + KEY,
    b"\x82\xff\x80\x00\x00\x00\x00\x01\x00\x00" + KEY,  # the most significant bit must be 0, §5.2
]

GOOD_UTF8 = [
    b"",
    b"plain",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
    b"\x00",
    b"\x7f",
    b"\xc2\x80",
    b"\xdf\xbf",
    b"\xe0\xa0\x80",
    b"\xed\x9f\xbf",
    b"\xee\x80\x80",
    b"\xef\xbf\xbf",
    b"\xf0\x90\x80\x80",
    b"\xf4\x8f\xbf\xbf",
]

BAD_UTF8 = [
    b"\x80",
    b"\xbf",
    b"abc\x80",
    b"\xc2",
    b"\xe1\x80",
    b"\xf1\x80\x80",
    b"\xc2\x41",
    b"\xc0\x80",  # overlong
    b"\xc1\xbf",
    b"\xe0\x80\x80",
    b"\xe0\x9f\xbf",
    b"\xf0\x80\x80\x80",
    b"\xf0\x8f\xbf\xbf",
    b"\xed\xa0\x80",  # surrogates
    b"\xed\xbf\xbf",
    b"\xf4\x90\x80\x80",  # above U+10FFFF
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xfe",
    b"\xff",
    b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80edited",
]


def code_of(call, *args):
    """The code with which a call raises Closed; None when it does not."""
    try:
        call(*args)
    except Closed as e:
        return e.code
    return None


def test_the_key_of_the_rfc_is_accepted_as_there():
    assert accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_heads_are_read():
    for data, expected in HEADS:
        assert parse_head(bytearray(data), 0, len(data)) == expected, data
        behind = bytearray(b"before" + data + b"payload")
        assert parse_head(behind, 6, len(behind)) == expected, data


def test_a_head_that_has_not_all_come_is_waited_for():
    for data, _ in HEADS:
        for end in range(len(data)):
            assert parse_head(bytearray(data), 0, end) is None, (data, end)


def test_what_the_rfc_forbids_is_1002():
    for data in BAD:
        assert code_of(parse_head, bytearray(data), 0, len(data)) == 1002, data


def test_what_the_rfc_forbids_is_found_byte_by_byte():
    for data in BAD:
        codes = [code_of(parse_head, bytearray(data), 0, end) for end in range(len(data) + 1)]
        first = codes.index(1002)
        assert first >= 2, data
        assert codes == [None] * first + [1002] * (len(codes) - first), data


def test_a_servers_heads():
    expected = [
        (0x81, 0, b"\x81\x00"),
        (0x81, 5, b"\x81\x05"),
        (0x82, 125, b"\x82\x7d"),
        (0x82, 126, b"\x82\x7e\x00\x7e"),
        (0x01, 65535, b"\x01\x7e\xff\xff"),
        (0x80, 65536, b"\x80\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ]
    for first, size, head in expected:
        buf = bytearray(10)
        n = put_head(memoryview(buf), first, size)
        assert bytes(buf[:n]) == head, (first, size)


def test_the_masked_hello_of_the_rfc():
    data = bytearray(b"\x7f\x9f\x4d\x51\x58")
    unmask(memoryview(data), KEY)
    assert data == b"Hello"


def test_every_length_and_key_is_unmasked():
    for key in (KEY, b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\x80\x00\x00\x00"):
        for size in sorted({255, 256, 257, 511, 512, 513, 1027} | set(range(20))):
            plain = bytes([i * 7 & 255 for i in range(size)])
            data = bytearray([c ^ key[i & 3] for i, c in enumerate(plain)])
            unmask(memoryview(data), key)
            assert data == plain, (key, size)


def test_utf8_is_decoded():
    for data in GOOD_UTF8:
        assert decode(memoryview(data)).encode() == data, data


def test_what_is_not_utf8_is_an_error():
    for data in BAD_UTF8:
        try:
            decode(bytearray(data))
        except UnicodeError:
            continue
        raise AssertionError(data)


def test_close_codes():
    assert close_reason(b"") == (1005, "")
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
        assert close_reason(code.to_bytes(2, "big")) == (code, "")
        assert close_reason(code.to_bytes(2, "big") + b"caf\xc3\xa9") == (code, "café")
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        assert code_of(close_reason, code.to_bytes(2, "big")) == 1002, code
    assert code_of(close_reason, b"\x03") == 1002
    assert code_of(close_reason, b"\x03\xe8\xff") == 1007
