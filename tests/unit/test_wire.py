"""picoweb.wire: tables of bytes and values. Runs on MicroPython and CPython."""

from picoweb import wire
from picoweb.errors import HTTPError


def status_of(func, *args):
    """The status that func(*args) raises, None when it raises none."""
    try:
        func(*args)
    except HTTPError as e:
        return e.status


REQUEST_LINES = (
    (b"GET / HTTP/1.1", ("GET", "/", "", 1)),
    (b"HEAD /a/b HTTP/1.0", ("HEAD", "/a/b", "", 0)),
    (b"POST /a?b=c&d HTTP/1.1", ("POST", "/a", "b=c&d", 1)),
    (b"GET /a?b?c HTTP/1.1", ("GET", "/a", "b?c", 1)),
    (b"GET /? HTTP/1.1", ("GET", "/", "", 1)),
    (b"GET /caf%C3%A9 HTTP/1.1", ("GET", "/caf\u00e9", "", 1)),
    (b"GET /caf%c3%a9%20x HTTP/1.1", ("GET", "/caf\u00e9 x", "", 1)),
    (b"GET /a%2Fb%3Fc HTTP/1.1", ("GET", "/a/b?c", "", 1)),
    (b"GET /a?x=%41 HTTP/1.1", ("GET", "/a", "x=%41", 1)),
    (b"GET /a+b HTTP/1.1", ("GET", "/a+b", "", 1)),
    (b"OPTIONS * HTTP/1.1", ("OPTIONS", "*", "", 1)),
    (b"GET http://board/a?b HTTP/1.1", ("GET", "/a", "b", 1)),
    (b"GET http://board HTTP/1.1", ("GET", "/", "", 1)),
    (b"GET http://board?b HTTP/1.1", ("GET", "/", "b", 1)),
    (b"GET http://board?b=/c HTTP/1.1", ("GET", "/", "b=/c", 1)),
    (b"GET https://board:443/a HTTP/1.1", ("GET", "/a", "", 1)),
    (b"GET HTTP://board/a HTTP/1.1", ("GET", "/a", "", 1)),
    (b"GET / HTTP/1.2", ("GET", "/", "", 1)),
)

BAD_REQUEST_LINES = (
    (b"", 400),
    (b"GET", 400),
    (b"GET /", 400),
    (b"GET  / HTTP/1.1", 400),
    (b"GET / HTTP/1.1 ", 400),
    (b" GET / HTTP/1.1", 400),
    (b"GET / a HTTP/1.1", 400),
    (b"GET a HTTP/1.1", 400),
    (b"GET ftp://board/a HTTP/1.1", 400),
    (b"GET /%zz HTTP/1.1", 400),
    (b"GET /%4 HTTP/1.1", 400),
    (b"GET /% HTTP/1.1", 400),
    (b"GET /%+1 HTTP/1.1", 400),
    (b"GET /%FF HTTP/1.1", 400),
    (b"GET /\xff HTTP/1.1", 400),
    (b"GET /%c0%ae HTTP/1.1", 400),
    (b"GET /%ed%a0%80 HTTP/1.1", 400),
    (b"GET http:// HTTP/1.1", 400),
    (b"GET http:///a HTTP/1.1", 400),
    (b"G(T / HTTP/1.1", 400),
    (b"get / HTTP/1.1", 501),
    (b"BREW / HTTP/1.1", 501),
    (b"GET / HTTP/2.0", 505),
    (b"GET / HTTP/0.9", 505),
    (b"GET / HTTP/1.", 400),
    (b"GET / HTTP/1.11", 400),
    (b"GET / HTTP/1,1", 400),
    (b"GET / HTTP/a.1", 400),
    (b"GET / http/1.1", 400),
    (b"GET / HTTPS/1.1", 400),
)


def test_request_lines_are_read():
    for line, expected in REQUEST_LINES:
        assert expected == wire.request_line(line), line


def test_bad_request_lines_are_refused():
    for line, status in BAD_REQUEST_LINES:
        assert status == status_of(wire.request_line, line), line


HEADS = (
    (b"GET / HTTP/1.1\r\n\r\n", (0, 18)),
    (b"GET / HTTP/1.1\r\nHost: a\r\n\r\nrest", (0, 27)),
    (b"\r\nGET / HTTP/1.1\r\n\r\n", (2, 20)),
    (b"\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", (6, 24)),
)


def test_a_head_is_found_when_it_is_whole():
    for text, expected in HEADS:
        assert expected == wire.find_head(bytearray(text), len(text)), text


def test_a_head_that_comes_byte_by_byte_is_found_at_its_last_byte():
    for text, (_, stop) in HEADS:
        buf = bytearray(len(text))
        for end in range(1, len(text) + 1):
            buf[end - 1] = text[end - 1]
            assert wire.find_head(buf, end)[1] == (stop if end >= stop else 0), (text, end)


def test_bytes_after_the_end_are_not_looked_at():
    assert wire.find_head(bytearray(b"GET / HTTP/1.1\r\n\r\n"), 10)[1] == 0


def test_a_head_whose_lines_end_in_lf_alone_is_refused_at_once():
    text = bytearray(b"GET / HTTP/1.1\nHost: a\n\n")
    assert status_of(wire.find_head, text, len(text)) == 400


FIELDS = (
    (b"\r\n", {}),
    (b"Host: a\r\n\r\n", {b"host": b"a"}),
    (b"HOST:a\r\n\r\n", {b"host": b"a"}),
    (b"Host: \t a b \t\r\n\r\n", {b"host": b"a b"}),
    (b"Host:\r\n\r\n", {b"host": b""}),
    (b"A: 1\r\nHost: a:80\r\nB: 2\r\n\r\n", {b"host": b"a:80", b"a": b"1", b"b": b"2"}),
    (b"A: 1\r\na: 2\r\n\r\n", {b"a": b"1, 2"}),
    (b"A: \xc3\xa9\r\n\r\n", {b"a": b"\xc3\xa9"}),
)

BAD_FIELDS = (
    b"Host : a\r\n\r\n",
    b"Host\t: a\r\n\r\n",
    b"Host\r\n\r\n",
    b": a\r\n\r\n",
    b"A: b\r\n c\r\n\r\n",
    b"A: b\r\n\tc: d\r\n\r\n",
    b" A: b\r\n\r\n",
    b"A b: c\r\n\r\n",
    b"A\x01: c\r\n\r\n",
    b"A: b\nC: d\r\n\r\n",
    b"A: b\rC: d\r\n\r\n",
    b"A: b\0c\r\n\r\n",
    b"A: b\n\r\n",
    b"A: b\r\r\n\r\n",
    b"Host: a\r\nHost: a\r\n\r\n",
    b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
)


def test_fields_are_read():
    for text, expected in FIELDS:
        assert (expected, len(text)) == wire.fields(text, None), text


def test_what_follows_the_head_is_left_alone():
    for more in (b"x", b"\r\n\r\n", b"GET / HTTP/1.1\r\nB: 1\r\n\r\n", b"\n\n\0: "):
        for text, expected in FIELDS:
            assert (expected, len(text)) == wire.fields(text + more, None), (text, more)


def test_only_the_fields_that_the_server_looks_at_are_kept():
    text = b"A: 1\r\nHost: a\r\nHosts: b\r\nExpect: c\r\n\r\n"
    assert wire.fields(text) == ({b"host": b"a", b"expect": b"c"}, len(text))


def test_bad_fields_are_refused():
    for text in BAD_FIELDS:
        assert status_of(wire.fields, text, None) == 400, text
        assert status_of(wire.fields, text) == 400, text
        assert status_of(wire.fields, text + b"GET / HTTP/1.1\r\n\r\n") == 400, text


def test_a_host_is_a_name_or_an_address_and_a_port():
    for text in (b"", b"board", b"board.local:8080", b"[::1]:80", b"127.0.0.1"):
        assert wire.is_host(text), text
    for text in (b"a b", b"a/b", b"a@b", b"a\x01", b"a,b\x7f", b"\xc3\xa9"):
        assert not wire.is_host(text), text


def test_a_content_length_is_digits():
    assert wire.content_length(b"0") == 0
    assert wire.content_length(b"0012") == 12
    for text in (b"", b"-1", b"+1", b"1 2", b"1,1", b"0x1", b"1.0", b"9" * 30):
        assert status_of(wire.content_length, text) == 400, text


def test_items_of_a_list_are_found_in_any_case():
    assert wire.has_item(b"Keep-Alive, Close", b"close")
    assert wire.has_item(b"close", b"close")
    assert not wire.has_item(b"closed", b"close")
    assert not wire.has_item(None, b"close")
