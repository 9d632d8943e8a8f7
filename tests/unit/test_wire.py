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
            found = wire.find_head(buf, end)[1]
            assert (found == stop) == (end >= stop), (text, end)
            assert (found == -1) == (end < stop), (text, end)


def test_bytes_after_the_end_are_not_looked_at():
    assert wire.find_head(bytearray(b"GET / HTTP/1.1\r\n\r\n"), 10)[1] == -1


def test_line_breaks_of_other_kinds_and_nul_are_refused():
    for text in (
        b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\r\n\r\n",
    ):
        assert status_of(wire.find_head, bytearray(text), len(text)) == 400, text


HEADERS = (
    (b"\r\n", {}),
    (b"Host: a\r\n\r\n", {b"host": b"a"}),
    (b"HOST:a\r\n\r\n", {b"host": b"a"}),
    (b"Host: \t a b \t\r\n\r\n", {b"host": b"a b"}),
    (b"Host:\r\n\r\n", {b"host": b""}),
    (b"A: 1\r\nHost: a:80\r\nB: 2\r\n\r\n", {b"host": b"a:80", b"a": b"1", b"b": b"2"}),
    (b"A: 1\r\na: 2\r\n\r\n", {b"a": b"1, 2"}),
    (b"A: \xc3\xa9\r\n\r\n", {b"a": b"\xc3\xa9"}),
)

BAD_HEADERS = (
    b"Host : a\r\n\r\n",
    b"Host\t: a\r\n\r\n",
    b"Host\r\n\r\n",
    b": a\r\n\r\n",
    b"A: b\r\n c\r\n\r\n",
    b"A: b\r\n\tc: d\r\n\r\n",
    b" A: b\r\n\r\n",
    b"Host: a\r\nHost: a\r\n\r\n",
    b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
)


def test_headers_are_read():
    for text, expected in HEADERS:
        assert expected == wire.headers(bytearray(text), 0, len(text)), text


def test_only_wanted_headers_are_kept():
    text = b"A: 1\r\nHost: a\r\nB: 2\r\n\r\n"
    assert wire.headers(bytearray(text), 0, len(text), (b"host",)) == {b"host": b"a"}


def test_bad_headers_are_refused_wanted_or_not():
    for text in BAD_HEADERS:
        assert status_of(wire.headers, bytearray(text), 0, len(text)) == 400, text
    for text in BAD_HEADERS[:-2]:
        assert status_of(wire.headers, bytearray(text), 0, len(text), (b"x",)) == 400, text


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
