"""picoweb.wire against generated heads: what was meant is what is read, and anything else is an HTTPError."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from picoweb import wire
from picoweb.errors import HTTPError

settings.register_profile("here", deadline=None, derandomize=True, max_examples=300)
settings.load_profile("here")

TOKEN = st.text(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~", min_size=1, max_size=12)
VALUE = st.binary(max_size=20).map(lambda b: bytes(c for c in b if c not in b"\r\n\0").strip(b" \t"))
SPACE = st.text(" \t", max_size=3)
FIELDS = st.lists(st.tuples(TOKEN, SPACE, VALUE, SPACE), max_size=8, unique_by=lambda field: field[0].lower())
PATH = st.text(string.ascii_letters + "/-._~é€𝄞 ?#%+", max_size=20).map(lambda text: "/" + text)


def block_of(fields):
    lines = [f"{name}:{left}".encode() + value + f"{right}\r\n".encode() for name, left, value, right in fields]
    return b"".join(lines) + b"\r\n"


@given(FIELDS, st.binary(max_size=20))
def test_fields_are_read_as_they_were_meant_whatever_follows(fields, more):
    block = block_of(fields)
    expected = {name.lower().encode(): value for name, _, value, _ in fields}
    assert wire.fields(block + more, None) == (expected, len(block))


@given(FIELDS, st.data())
def test_a_byte_that_breaks_a_line_is_refused_wherever_it_stands(fields, data):
    block = block_of([*fields, ("A", "", b"b", "")])
    at = data.draw(st.integers(0, len(block) - 3))
    byte = data.draw(st.sampled_from([b"\r", b"\n", b"\0"]))
    broken = block[:at] + byte + block[at:]
    if broken[at - 1 : at + 3].count(b"\r\n\r\n"):
        return
    try:
        found, size = wire.fields(broken, None)
    except HTTPError as e:
        assert e.status == 400
    else:  # it made an empty line, or stands before one: what was read ends there, and is what was meant
        assert broken[:size].endswith(b"\r\n\r\n") or size == 2
        assert byte not in b"".join(found.values())


@given(st.binary(max_size=120))
def test_any_bytes_are_a_block_or_an_http_error(data):
    try:
        found, size = wire.fields(data + b"\r\n\r\n", None)
    except HTTPError as e:
        assert e.status == 400
    else:
        assert size <= len(data) + 4
        assert all(name == name.lower() and wire.is_token(name) for name in found)


@given(PATH, st.text(string.ascii_letters + "=&%+", max_size=10))
def test_a_path_survives_percent_encoding(path, query):
    quoted = "".join(f"%{c:02X}" if c in b"?#% \xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e" else chr(c) for c in path.encode())
    line = f"GET {quoted}?{query} HTTP/1.1".encode()
    assert wire.request_line(line) == ("GET", path, query, 1)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_request_line_or_an_http_error(data):
    for line in (data, b"GET " + data + b" HTTP/1.1", b"GET /" + data + b" HTTP/1.1"):
        try:
            method, path, query, minor = wire.request_line(line)
        except HTTPError as e:
            assert e.status in (400, 501, 505)
        else:
            assert method.isupper()
            assert path == "*" or path.startswith("/")
            assert isinstance(query, str)
            assert minor in (0, 1)


@given(FIELDS, st.integers(0, 3), st.data())
def test_a_head_is_found_however_it_is_cut(fields, empty, data):
    head = b"\r\n" * empty + b"GET / HTTP/1.1\r\n" + block_of(fields)
    end = data.draw(st.integers(1, len(head)))
    start, stop = wire.find_head(bytearray(head), end)
    assert stop == (len(head) if end == len(head) else 0) or head[start:stop].endswith(b"\r\n\r\n")
    if end == len(head):
        assert start == 2 * empty
