"""What the package promises as a whole. Runs on MicroPython and CPython."""

import sys

from picoweb.errors import reason
from picoweb.response import header_lines


def test_importing_picoweb_loads_nothing_else():
    loaded = {name: sys.modules[name] for name in list(sys.modules) if name.startswith("picoweb")}
    for name in loaded:
        del sys.modules[name]
    try:
        import picoweb

        assert [name for name in sys.modules if name.startswith("picoweb")] == ["picoweb"]
        assert picoweb.HTTPError.__name__ == "HTTPError"
        assert sorted(name for name in sys.modules if name.startswith("picoweb")) == ["picoweb", "picoweb.errors"]
    finally:
        sys.modules.update(loaded)


def test_an_unknown_name_is_an_attribute_error():
    import picoweb

    try:
        picoweb.nonsense  # noqa: B018
    except AttributeError:
        return
    raise AssertionError("no AttributeError")


def test_reason_phrases():
    assert reason(200) == "OK"
    assert reason(404) == "Not Found"
    assert reason(505) == "HTTP Version Not Supported"
    assert reason(299) == ""


def test_headers_become_lines():
    assert header_lines(None) == ""
    assert header_lines({"A": 1}) == "A: 1\r\n"
    assert header_lines(b"A: 1\r\n") == "A: 1\r\n"
    assert header_lines("A: 1\r\n") == "A: 1\r\n"


def test_a_line_break_in_a_header_is_refused():
    for headers in ({"A": "b\r\nC: d"}, {"A\n": "b"}, {"A": "b\r"}):
        try:
            header_lines(headers)
        except ValueError:
            continue
        raise AssertionError(headers)


class Taker:
    """A socket that takes everything, without a byte of heap."""

    def send(self, data):
        return len(data)

    write = send


def test_the_way_of_bytes_through_the_buffer_takes_no_heap():
    from picoweb.response import Response
    from picoweb.server import Server

    try:
        from micropython import heap_lock, heap_unlock
    except ImportError:  # CPython has no such lock
        return
    resp = Response(Server(None), Taker())
    resp.buf = bytearray(2048)
    resp.view = memoryview(resp.buf)
    resp.reset()
    resp.start(200, "Content-Type: text/plain\r\n")
    heap_lock()
    try:
        resp.reset()
        resp.put(b"some bytes")
        resp.put(b"some more")
    finally:
        heap_unlock()
