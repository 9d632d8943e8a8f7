"""The bytes of server-sent events, as the HTML standard §9.2.6 reads them."""

from picoweb.sse import encode

EVENTS = [
    (("hello",), b"data: hello\n\n"),
    (("",), b"data: \n\n"),
    (("a\nb",), b"data: a\ndata: b\n\n"),
    (("a\r\nb\rc\n",), b"data: a\ndata: b\ndata: c\ndata: \n\n"),
    (("\n\n",), b"data: \ndata: \ndata: \n\n"),
    ((" a",), b"data:  a\n\n"),
    (("é",), b"data: \xc3\xa9\n\n"),
    (({"a": 1},), b'data: {"a": 1}\n\n'),
    (([1, "b\n"],), b'data: [1, "b\\n"]\n\n'),
    ((5,), b"data: 5\n\n"),
    ((False,), b"data: false\n\n"),
    (("x", "name"), b"event: name\ndata: x\n\n"),
    (("x", None, 7), b"id: 7\ndata: x\n\n"),
    (("x", None, ""), b"id: \ndata: x\n\n"),
    (("x", "n", "i", 100), b"event: n\nid: i\nretry: 100\ndata: x\n\n"),
    ((None, None, None, 0), b"retry: 0\n\n"),
    ((None, None, "i"), b"id: i\n\n"),
]


def test_events():
    for args, block in EVENTS:
        assert encode(*args) == block, args


def test_what_would_start_another_line_is_refused():
    for args in (
        ("x", "a\nb"),
        ("x", "a\rb"),
        ("x", None, "a\nb"),
        ("x", None, "a\r\n"),
        ("x", None, "\0"),
        ("x", "\n"),
    ):
        try:
            encode(*args)
        except ValueError as e:
            assert ("event's " + ("event" if args[1] else "id")) in str(e), args
            continue
        raise AssertionError(args)
