"""picoweb.static: negotiation and validators. Runs on MicroPython and CPython."""

from picoweb.codings import accepts_gzip
from picoweb.static import is_current

ACCEPT_ENCODING = (
    (None, False),
    (b"", False),
    (b"gzip", True),
    (b"GZIP", True),
    (b"x-gzip", True),
    (b"gzip, deflate, br", True),
    (b"deflate, br", False),
    (b"br;q=1.0, gzip;q=0.8", True),
    (b"gzip;q=0", False),
    (b"gzip; q=0.000", False),
    (b"gzip;q=0.001", True),
    (b"*", True),
    (b"*;q=0", False),
    (b"*, gzip;q=0", False),
    (b"gzip;q=0, *", False),
    (b"identity", False),
)

IF_NONE_MATCH = (
    (None, False),
    (b'"a"', True),
    (b'W/"a"', True),
    (b'"b"', False),
    (b'"b", "a"', True),
    (b'"b","c"', False),
    (b"*", True),
    (b"a", False),
)


def test_gzip_is_sent_to_those_who_accept_it():
    for field, expected in ACCEPT_ENCODING:
        assert expected == accepts_gzip(field), field


def test_an_etag_is_current_when_the_client_names_it():
    for field, expected in IF_NONE_MATCH:
        assert expected == is_current(field, '"a"'), field
