"""HTTP/1.1 as a client on the wire sees it: RFC 9110 (semantics) and RFC 9112 (framing), on both runtimes.

The number in a case's name is the section. Where the RFC leaves a choice, all of the choices are accepted.
"""

from __future__ import annotations

import contextlib
import functools
import json
import random
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from site_builder import bundle, runner
from tests.wireclient import BadAnswer, BrokenOff, Client, Reply, answers, ask, request

_ROOT = Path(__file__).parents[1]
_PROGRAM = Path(__file__).parent / "apps" / "http_app.py"
_HELLO = request("GET", "/")
_HIDDEN = request("GET", "/hidden")  # the request that smugglers want to see answered
_BODY_LIMIT = 16384


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the file that its log goes to."""

    port: int
    log: Path

    @contextlib.contextmanager
    def quiet_log(self) -> Iterator[None]:
        """Asserts that no traceback is logged meanwhile."""
        start = self.log.stat().st_size
        yield
        assert ask(self.port, "GET", "/").status == 200
        assert "Traceback" not in self.log.read_bytes()[start:].decode()


Start = Callable[..., Server]


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def runtime(request: pytest.FixtureRequest) -> str:
    if request.param == "micropython" and not runner.micropython():
        pytest.skip("no MicroPython on this machine")
    return str(request.param)


@pytest.fixture(scope="module")
def start(runtime: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts http_app.py with limits such as head_timeout=500."""
    with contextlib.ExitStack() as stack:

        def start_one(**limits: int) -> Server:
            port = runner.free_port()
            command = runner.micropython() if runtime == "micropython" else [sys.executable, "-X", "utf8"]
            log = tmp_path_factory.mktemp("http") / "log"
            args = [str(_PROGRAM), str(port), *(f"{name}={n}" for name, n in limits.items())]
            with log.open("wb") as out:
                process = subprocess.Popen([*(command or ()), *args], cwd=_ROOT, stdout=out, stderr=out)
            stack.callback(runner.stop, process)
            runner.wait_ready(process, "127.0.0.1", port)
            return Server(port, log)

        yield start_one


@pytest.fixture(scope="module")
def server(start: Start) -> Server:
    """With the limits that a server has by itself."""
    return start()


@pytest.fixture(scope="module")
def hasty(start: Start) -> Server:
    """With short deadlines."""
    return start(head_timeout=500, body_timeout=500, write_timeout=500, idle_timeout=500)


@pytest.fixture(scope="module")
def narrow(start: Start) -> Server:
    """With three connections."""
    return start(connections=3, head_timeout=500)


_NOISE = random.Random(1).randbytes(3000)
_TEXT = b"".join(b"line %d\n" % i for i in range(700))


@pytest.fixture(scope="module")
def files(runtime: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a site with two files: text, which has a gzip'd form, and noise, which has none."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "text.txt").write_bytes(_TEXT)
    (folder / "noise.bin").write_bytes(_NOISE)
    (folder / "empty.txt").write_bytes(b"")
    (folder / "site.yaml").write_text("routes:\n  /text: text.txt\n  /noise: noise.bin\n  /empty: empty.txt\n")
    bundle.write(bundle.build(folder, python=runtime == "cpython"), folder / "build")
    with runner.running(folder / "build", python=runtime == "cpython") as port:
        yield port


def seen(reply: Reply) -> dict[str, object]:
    """What /echo saw of the request."""
    assert reply.status == 200, (reply.status, reply.body)
    value: dict[str, object] = json.loads(reply.body)
    return value


def at_once(*jobs: Callable[[], None]) -> None:
    """Runs them side by side."""
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)


def raw(*lines: str, body: bytes = b"") -> bytes:
    """A request of these lines exactly, with no Host unless they have it."""
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


# Requests that are answered


class TestPersistence:
    """RFC 9112 §9.3: connections stay open unless somebody says otherwise."""

    @pytest.mark.parametrize(
        ("version", "lines", "stays"),
        [
            ("1.1", [], True),
            ("1.1", ["Connection: keep-alive"], True),
            ("1.1", ["Connection: close"], False),
            ("1.1", ["Connection: Close"], False),
            ("1.1", ["connection:close"], False),
            ("1.1", ["Connection: x, cLOSE ,y"], False),
            ("1.1", ["Connection: x", "Connection: close"], False),
            ("1.1", ["Connection: keep-alive, close"], False),
            ("1.1", ["Connection: closed"], True),
            ("1.2", [], True),
            ("1.0", [], False),
            ("1.0", ["Connection: keep-alive"], True),
            ("1.0", ["Connection: Keep-Alive"], True),
            ("1.0", ["Connection: x, keep-alive"], True),
            ("1.0", ["Connection: keep-alive, close"], False),
        ],
    )
    def test_9112_9_3_the_connection_stays_or_ends(
        self, server: Server, version: str, lines: list[str], stays: bool
    ) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("GET", "/", *lines, version=version))
            assert reply.body == b"hello"
            assert reply.closes is not stays
            if version == "1.0" and stays:
                assert (reply["Connection"] or "").lower() == "keep-alive"
            assert client.is_open() if stays else client.is_closed()

    def test_9112_9_3_fifty_requests_on_one_connection(self, server: Server) -> None:
        with Client(server.port) as client:
            for i in range(50):
                assert seen(client.ask(request("POST", f"/echo?{i}", body=b"%d" % i)))["body"] == str(i)

    def test_9112_9_6_close_ends_the_connection_before_the_next_request(self, server: Server) -> None:
        reply, rest = answers(server.port, request("GET", "/", "Connection: close") + _HIDDEN)
        assert (reply.body, rest) == (b"hello", b"")


class TestPipelining:
    """RFC 9112 §9.3.2: requests sent at once are answered in order."""

    @pytest.mark.parametrize("count", [2, 10])
    @pytest.mark.parametrize("size", [0, 7, 700])
    def test_9112_9_3_2_answers_come_in_order(self, server: Server, count: int, size: int) -> None:
        bodies = [b"%c" % (97 + i) * size for i in range(count)]
        with Client(server.port) as client:
            client.send(b"".join(request("POST", f"/echo?{i}", body=body) for i, body in enumerate(bodies)))
            for i, body in enumerate(bodies):
                value = seen(client.reply("POST"))
                assert (value["qs"], value["body"]) == (str(i), body.decode())

    def test_9112_9_3_2_ten_gets_in_one_send(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(_HELLO * 10)
            assert [client.reply().body for _ in range(10)] == [b"hello"] * 10
            assert client.is_open()

    def test_9112_9_3_2_of_mixed_methods_and_errors(self, server: Server) -> None:
        steps = [("HEAD", "/", 200), ("GET", "/none", 404), ("DELETE", "/", 405), ("GET", "/status/204", 204)]
        with Client(server.port) as client:
            client.send(b"".join(request(method, target) for method, target, _ in steps) + _HELLO)
            for method, _, status in steps:
                assert client.reply(method).status == status
            assert client.reply().body == b"hello"

    def test_9112_2_2_empty_lines_before_a_request_are_skipped(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(b"\r\n\r\n" + request("POST", "/echo", body=b"x") + b"\r\n" + _HELLO)
            assert seen(client.reply())["body"] == "x"
            assert client.reply().body == b"hello"

    def test_9112_2_2_empty_lines_alone_are_no_request(self, server: Server) -> None:
        with Client(server.port) as client:
            for data in (b"\r\n", b"\r\n", _HELLO):
                client.send(data)
                time.sleep(0.02)
            assert client.reply().body == b"hello"


class TestPieces:
    """TCP knows no messages: a request may come in any pieces."""

    def test_byte_by_byte(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(request("POST", "/echo?q", "X: y", body=b"body"), pieces=1)
            value = seen(client.reply())
            assert (value["qs"], value["x"], value["body"]) == ("q", "y", "body")

    def test_head_split_at_every_position(self, server: Server) -> None:
        data = request("POST", "/echo?q", body=b"ab")
        with Client(server.port) as client:
            for at in range(1, len(data)):
                client.send(data[:at])
                time.sleep(0.002)
                client.send(data[at:])
                assert seen(client.reply())["body"] == "ab", data[:at]

    def test_two_pipelined_requests_split_anywhere(self, server: Server) -> None:
        data = request("POST", "/echo", body=b"one") + request("POST", "/echo", body=b"two")
        with Client(server.port) as client:
            for at in range(3, len(data), 5):
                client.send(data[:at])
                time.sleep(0.002)
                client.send(data[at:])
                assert [seen(client.reply())["body"] for _ in "12"] == ["one", "two"]

    def test_body_in_pieces(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(request("POST", "/post", body=b"0123456789" * 30), pieces=50)
            assert client.reply().body == b"0123456789" * 30


class TestTheSameAgain:
    """What is known of the last head and the last answer is used again for the same, and for nothing else."""

    def test_the_same_head_with_other_bodies(self, server: Server) -> None:
        for _ in range(2):
            with Client(server.port) as client:
                for body in (b"abc", b"def", b"ghi"):
                    assert client.ask(request("POST", "/post", body=body)).body == body
                client.send(b"".join(request("POST", "/post", body=body) for body in (b"123", b"456")))
                assert [client.reply().body for _ in "12"] == [b"123", b"456"]

    def test_a_head_that_begins_as_the_last_one_and_goes_on_otherwise(self, server: Server) -> None:
        with Client(server.port) as client:
            for target in ("/", "/echo?1", "/", "/hidden"):
                assert client.ask(_HELLO).body == b"hello"
                data = request("GET", target)
                client.send(data[:5])  # what is still in the buffer would make the last head whole
                time.sleep(0.01)
                client.send(data[5:])
                reply = client.reply()
                assert reply.status == 200
                assert (b"HIDDEN" in reply.body, b"hello" in reply.body) == (target == "/hidden", target == "/")

    def test_the_same_fields_in_another_request(self, server: Server) -> None:
        for version, stays in (("1.1", True), ("1.0", False), ("1.1", True)):
            with Client(server.port) as client:
                assert client.ask(request("GET", "/", version=version)).closes is not stays
        with Client(server.port) as client:
            for method, target, size in (("GET", "/", 5), ("HEAD", "/", 0), ("GET", "/", 5), ("GET", "/hidden", 6)):
                assert len(client.ask(request(method, target)).body) == size
            for target, status in (("/none", 404), ("/none", 404), ("/post", 405), ("/post", 405), ("/", 200)):
                assert client.ask(request("GET", target)).status == status

    def test_clients_with_other_fields_by_turns(self, server: Server) -> None:
        with Client(server.port) as one, Client(server.port) as two:
            for _ in range(3):
                for client, value in ((one, "1"), (one, "1"), (two, "2"), (two, "2")):
                    assert seen(client.ask(request("GET", "/echo", f"X: {value}")))["x"] == value

    def test_answers_of_one_type_and_other_lengths(self, server: Server) -> None:
        with Client(server.port) as client:
            for size in (1, 1, 10, 10, 3000, 0, 1):
                body = b"x" * size
                assert client.ask(request("POST", "/post", body=body)).body == body
                reply, rest = answers(server.port, request("POST", "/post", "Connection: close", body=body))
                assert (reply.body, reply.closes, rest) == (body, True, b"")

    def test_an_empty_line_before_it_changes_nothing(self, server: Server) -> None:
        with Client(server.port) as client:
            for data in (_HELLO, b"\r\n" + _HELLO, _HELLO, b"\r\n" + _HELLO):
                assert client.ask(data).body == b"hello"


class TestMethods:
    """RFC 9110 §9."""

    @pytest.mark.parametrize(
        "target",
        ["/", "/stream", "/pieces", "/big", "/none", "/echo", "/raise", "/size/100", "/size/5000", "/status/204"],
    )
    def test_9110_9_3_2_head_is_get_without_the_body(self, server: Server, target: str) -> None:
        get = ask(server.port, "GET", target)
        with Client(server.port) as client:
            head = client.ask(request("HEAD", target))
            assert head.status == get.status
            # The fields that only making the body would tell may be left out.
            assert (
                dict(head.fields).items() <= dict(get.fields).items() | {("content-length", "0")} or target == "/echo"
            )
            if head["Content-Length"] is not None and target != "/echo":
                assert head["Content-Length"] == (get["Content-Length"] or str(len(get.body)))
            assert client.is_open(), "a body may have been sent"

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_9110_9_the_handler_sees_the_method(self, server: Server, method: str) -> None:
        assert seen(ask(server.port, method, "/echo", body=b"b"))["method"] == method

    @pytest.mark.parametrize(
        ("target", "allowed"),
        [
            ("/", {"GET", "HEAD", "OPTIONS"}),
            ("/post", {"POST", "OPTIONS"}),
            ("/ignore", {"GET", "HEAD", "POST", "OPTIONS"}),
            ("/int/5", {"GET", "HEAD", "OPTIONS"}),
        ],
    )
    @pytest.mark.parametrize("method", ["OPTIONS", "DELETE"])
    def test_9110_15_5_6_allow_lists_the_methods(
        self, server: Server, target: str, allowed: set[str], method: str
    ) -> None:
        with Client(server.port) as client:
            reply = client.ask(request(method, target))
            assert reply.status in ((200, 204) if method == "OPTIONS" else (405,))
            assert set((reply["Allow"] or "").split(", ")) == allowed
            assert client.is_open()

    def test_9110_9_3_7_options_of_the_server(self, server: Server) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("OPTIONS", "*"))
            assert reply.status in (200, 204)
            assert {"GET", "HEAD", "OPTIONS"} <= set((reply["Allow"] or "").split(", "))
            assert client.is_open()

    def test_9110_9_3_7_options_of_what_is_not_there(self, server: Server) -> None:
        assert ask(server.port, "OPTIONS", "/none").status == 404

    @pytest.mark.parametrize("method", ["BREW", "get", "Get", "PROPFIND", "TRACE", "G", "M-SEARCH", "A" * 40])
    def test_9110_15_6_2_unknown_methods_are_501(self, server: Server, method: str) -> None:
        # A 405 says that the method is known, which is right for TRACE only (RFC 9110 §9.3.8).
        assert ask(server.port, method, "/").status in ((405, 501) if method == "TRACE" else (501,))

    def test_9110_9_3_6_connect_opens_no_tunnel(self, server: Server) -> None:
        reply, rest = answers(server.port, raw("CONNECT test:80 HTTP/1.1", "Host: test:80") + _HIDDEN)
        assert reply.status in (400, 405, 501)
        assert b"HIDDEN" not in rest


class TestTargets:
    """RFC 9112 §3.2, RFC 3986 §2.1."""

    @pytest.mark.parametrize(
        ("target", "path", "query"),
        [
            ("/echo", "/echo", ""),
            ("/echo?", "/echo", ""),
            ("/echo?a=b&c=%20+d", "/echo", "a=b&c=%20+d"),
            ("/echo?a?b/../c", "/echo", "a?b/../c"),
            ("/echo/", "/echo/", ""),
            ("/echo/a+b", "/echo/a+b", ""),
            ("/echo/a%20b", "/echo/a b", ""),
            ("/%65cho", "/echo", ""),
            ("/echo/%C3%A9", "/echo/é", ""),
            ("/echo/%c3%a9", "/echo/é", ""),
            ("/echo/%E2%82%AC/%F0%9F%8C%B1", "/echo/€/🌱", ""),
            ("/echo/100%25", "/echo/100%", ""),
            ("/echo/%2525", "/echo/%25", ""),
            ("/echo/a%3Fb", "/echo/a?b", ""),
            ("/echo/a%23b", "/echo/a#b", ""),
            ("/echo/;a=1,b@:!$&'()*", "/echo/;a=1,b@:!$&'()*", ""),
            ("http://test/echo?q=1", "/echo", "q=1"),
            ("http://test:80/echo", "/echo", ""),
            ("HTTP://test/echo", "/echo", ""),
            ("https://test/echo", "/echo", ""),
            ("http://test/echo?u=http://x/y", "/echo", "u=http://x/y"),
        ],
    )
    def test_9112_3_2_forms_of_the_target(self, server: Server, target: str, path: str, query: str) -> None:
        value = seen(ask(server.port, "GET", target))
        assert (value["path"], value["qs"]) == (path, query)

    @pytest.mark.parametrize("target", ["http://test", "http://test/", "http://test?", "/?x"])
    def test_9112_3_2_2_absolute_form_without_a_path_is_the_root(self, server: Server, target: str) -> None:
        assert ask(server.port, "GET", target).body == b"hello"

    @pytest.mark.parametrize(
        ("target", "statuses"),
        [
            ("/echo/%", (400,)),
            ("/echo/%4", (400,)),
            ("/echo/%zz", (400,)),
            ("/echo/%+1", (400,)),
            ("/echo/% 1", (400,)),
            ("/echo/%1_", (400,)),
            ("/echo/%ff", (400, 404)),
            ("/echo/%c3", (400, 404)),
            ("/echo/%c0%ae", (400, 404)),  # "." in more bytes than it needs
            ("/echo/%ed%a0%80", (400, 404)),  # half of a surrogate pair
            ("/echo/\xff", (400, 404)),
            ("/echo/\x01", (400,)),
            ("/echo/\x7f", (400,)),
            ("/echo\x00", (400,)),
            ("/echo?\x01", (400,)),
            ("/echo?\xff", (400,)),
            ("echo", (400,)),
            ("", (400,)),
            ("*", (400, 404)),  # for OPTIONS alone
            ("test:80", (400,)),  # for CONNECT alone
            ("http://", (400,)),
            ("http:///echo", (400,)),  # RFC 9110 §4.2.1: an empty host must be rejected
            ("ftp://test/echo", (400, 404, 421)),
            # A fragment is not part of a target; that it is 404 for being another path is as good.
            ("/echo#a", (400, 404)),
        ],
    )
    def test_9112_3_2_bad_targets_are_rejected(self, server: Server, target: str, statuses: tuple[int, ...]) -> None:
        reply, rest = answers(server.port, request("GET", target))
        assert (reply.status, rest) in [(status, b"") for status in statuses]
        assert ask(server.port, "GET", "/").status == 200

    def test_3986_2_5_raw_utf8_in_a_target_is_rejected_or_read_right(self, server: Server) -> None:
        reply = ask(server.port, "GET", "/echo/\xc3\xa9")
        assert reply.status == 400 or seen(reply)["path"] == "/echo/é"

    @pytest.mark.parametrize(
        ("segment", "status"), [("7", 200), ("007", 200), ("-7", 404), ("7x", 404), ("", 404), ("7/", 404)]
    )
    def test_int_part_takes_digits_only(self, server: Server, segment: str, status: int) -> None:
        reply = ask(server.port, "GET", f"/int/{segment}")
        assert reply.status == status
        assert status == 404 or reply.body == b"7"

    @pytest.mark.parametrize("segment", ["%D9%A7", "%C2%B2", "+7", "0x7", "1_0", "%207"])
    def test_int_part_takes_ascii_digits_only(self, server: Server, segment: str) -> None:
        assert ask(server.port, "GET", f"/int/{segment}").status == 404


class TestVersions:
    """RFC 9112 §2.3, RFC 9110 §15.6.6."""

    @pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.9"])
    def test_9112_2_3_known_major_version_is_answered_as_1_1(self, server: Server, version: str) -> None:
        assert ask(server.port, "GET", "/", version=version).body == b"hello"


class TestFields:
    """RFC 9112 §5, RFC 9110 §5."""

    @pytest.mark.parametrize(
        ("line", "value"),
        [
            ("X: a", "a"),
            ("X:a", "a"),
            ("x:\t a b \t", "a b"),
            ("X:", ""),
            ("X: a:b", "a:b"),
            ("X: \xc3\xa9", "é"),
            ("X: " + "v" * 1000, "v" * 1000),
            ("X: a\r\nX: b", "a, b"),
        ],
    )
    def test_9110_5_5_values_are_stripped_and_joined(self, server: Server, line: str, value: str) -> None:
        assert seen(ask(server.port, "GET", "/echo", line))["x"] == value

    def test_9110_5_6_2_every_token_character_may_be_in_a_name(self, server: Server) -> None:
        name = "!#$%&'*+-.^_`|~09azAZ"
        assert name.lower() in seen(ask(server.port, "GET", "/echo", f"{name}: x"))["names"]  # type: ignore[operator]

    def test_9112_3_2_http_1_0_needs_no_host(self, server: Server) -> None:
        reply, _ = answers(server.port, raw("GET / HTTP/1.0"))
        assert reply.body == b"hello"

    @pytest.mark.parametrize("value", ["test", "test:8080", "192.168.4.1", "[::1]:80", "a-b.c_d", "TEST"])
    def test_9110_7_2_any_valid_host_is_served(self, server: Server, value: str) -> None:
        reply, _ = answers(server.port, raw("GET / HTTP/1.1", f"hOsT: {value}"))
        assert reply.status == 200

    def test_9112_3_2_an_empty_host_is_valid_or_rejected(self, server: Server) -> None:
        # RFC 9112 §3.2 has clients send it empty for targets without an authority; http URIs always have one.
        reply, _ = answers(server.port, raw("GET / HTTP/1.1", "Host:"))
        assert reply.status in (200, 400)

    @pytest.mark.parametrize("char", [*map(chr, [1, 8, 11, 12, 27, 31, 127])])
    def test_9110_5_5_a_control_character_in_a_value_is_rejected_or_kept_apart(self, server: Server, char: str) -> None:
        # Only CR, LF and NUL must be rejected; others may be kept (RFC 9110 §5.5).
        reply = ask(server.port, "GET", "/echo", f"X: a{char}b", "Y: c")
        assert reply.status == 400 or seen(reply)["x"] == f"a{char}b"


class TestBodies:
    """RFC 9112 §6 and §7.1: how long a request's body is."""

    @pytest.mark.parametrize("size", [0, 1, 100, 1800, 2048, 5000, _BODY_LIMIT])
    def test_9110_8_6_content_length(self, server: Server, size: int) -> None:
        body = b"x" * size
        with Client(server.port) as client:
            assert client.ask(request("POST", "/post", body=body)).body == body
            assert client.is_open()

    @pytest.mark.parametrize(
        "line", ["content-length: 2", "CONTENT-LENGTH:2", "Content-Length:\t2 ", "Content-Length: 02"]
    )
    def test_9110_8_6_spellings_of_content_length(self, server: Server, line: str) -> None:
        reply, rest = answers(server.port, request("POST", "/post", line) + b"ab" + _HELLO)
        assert reply.body == b"ab"
        assert rest.endswith(b"hello")

    def test_9112_6_3_no_framing_is_no_body(self, server: Server) -> None:
        reply, rest = answers(server.port, request("POST", "/post") + _HELLO)
        assert (reply.status, reply.body) == (200, b"")
        assert rest.endswith(b"hello")

    def test_9110_9_3_1_get_may_have_a_body(self, server: Server) -> None:
        with Client(server.port) as client:
            assert seen(client.ask(request("GET", "/echo", body=b"abc")))["body"] == "abc"
            assert client.is_open()

    @pytest.mark.parametrize(
        ("chunks", "body"),
        [
            (b"0\r\n\r\n", b""),
            (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
            (b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", b"abc"),
            (b"0000a\r\n0123456789\r\n000\r\n\r\n", b"0123456789"),
            (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
            (b"1f\r\n" + b"x" * 31 + b"\r\n0\r\n\r\n", b"x" * 31),
            (b"1F\r\n" + b"x" * 31 + b"\r\n0\r\n\r\n", b"x" * 31),
            (b"5;ext\r\nhello\r\n0;last\r\n\r\n", b"hello"),
            (b'5;a=b;c="d;e"\r\nhello\r\n0\r\n\r\n', b"hello"),
            (b"5 ; a = b\r\nhello\r\n0\r\n\r\n", b"hello"),
            (b"5\r\nhello\r\n0\r\nX: trailer\r\n\r\n", b"hello"),
            (b"5\r\nhello\r\n0\r\nContent-Length: 3\r\nHost: other\r\nY: z\r\n\r\n", b"hello"),
            (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n"),
            (b"8\r\n0\r\n\r\n0\r\n\r\n0\r\n\r\n", b"0\r\n\r\n0\r\n"),
            (b"1000\r\n" + b"y" * 4096 + b"\r\n800\r\n" + b"z" * 2048 + b"\r\n0\r\n\r\n", b"y" * 4096 + b"z" * 2048),
            (b"".join(b"1\r\n%c\r\n" % (97 + i % 26) for i in range(300)) + b"0\r\n\r\n", None),
        ],
        ids=range(16),
    )
    @pytest.mark.parametrize("how", ["at once", "byte by byte", "head first"])
    def test_9112_7_1_chunked(self, server: Server, chunks: bytes, body: bytes | None, how: str) -> None:
        if body is None:
            body = bytes(97 + i % 26 for i in range(300))
        if how == "byte by byte" and len(chunks) > 100:
            chunks, body = b"3\r\nabc\r\n0\r\n\r\n", b"abc"
        head = request("POST", "/echo", "Transfer-Encoding: chunked")
        with Client(server.port) as client:
            if how == "head first":
                client.send(head)
                time.sleep(0.02)
                client.send(chunks + _HELLO)
            else:
                client.send(head + chunks + _HELLO, pieces=1 if how == "byte by byte" else 0)
            value = seen(client.reply())
            assert value["body"] == body.decode()
            # Trailers are no header fields (RFC 9110 §6.5.1).
            assert value["names"] == ["host", "transfer-encoding"]
            assert value["x"] == ""
            assert client.reply().body == b"hello"

    @pytest.mark.parametrize(
        "line", ["Transfer-Encoding: Chunked", "transfer-encoding:CHUNKED ", "TRANSFER-ENCODING: chunked"]
    )
    def test_9112_7_coding_names_have_no_case(self, server: Server, line: str) -> None:
        reply, _ = answers(server.port, request("POST", "/post", line) + b"2\r\nab\r\n0\r\n\r\n")
        assert (reply.status, reply.body) == (200, b"ab")

    def test_9112_7_1_a_body_longer_than_the_limit_is_read_in_parts(self, server: Server) -> None:
        head = request("POST", "/count", "Transfer-Encoding: chunked")
        chunks = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        with Client(server.port) as client:
            client.send(head + chunks * 10 + b"0\r\n\r\n")
            assert client.reply().body == b"40960"
            assert client.ask(request("POST", "/count", body=b"x" * 40960)).body == b"40960"

    @pytest.mark.parametrize("size", [10, 2000, 4000])
    @pytest.mark.parametrize("target", ["/ignore", "/part", "/none", "/hidden/none", "/raise"])
    def test_9112_9_3_a_body_left_unread_is_never_taken_for_a_request(
        self, server: Server, target: str, size: int
    ) -> None:
        body = (_HIDDEN * 100)[:size]
        with Client(server.port) as client:
            client.send(request("POST", target, body=body) + _HELLO)
            first = client.reply()
            assert first.body != b"HIDDEN"
            client.half_close()
            # The next one is answered, or the connection is closed.
            assert first.closes or client.reply().body == b"hello"
            assert client.rest() == b""

    @pytest.mark.parametrize("target", ["/ignore", "/part", "/none"])
    def test_9112_9_3_chunks_left_unread_are_never_taken_for_a_request(self, server: Server, target: str) -> None:
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(_HIDDEN), _HIDDEN)
        with Client(server.port) as client:
            client.send(request("POST", target, "Transfer-Encoding: chunked") + chunks + _HELLO)
            first = client.reply()
            assert first.status == (404 if target == "/none" else 200)
            client.half_close()
            assert first.closes or client.reply().body == b"hello"
            assert client.rest() == b""

    def test_9112_9_6_an_answer_outlives_a_big_unread_body(self, server: Server) -> None:
        with Client(server.port) as client, contextlib.suppress(ConnectionError):
            client.send(request("POST", "/ignore", "Content-Length: 1000000"))
            client.send(b"x" * 200000)
            assert client.reply().body == b"ignored"

    @pytest.mark.parametrize("sent", [0, 1, 9])
    def test_9112_8_a_body_that_breaks_off_is_no_body(self, server: Server, sent: int) -> None:
        with server.quiet_log(), Client(server.port) as client:
            client.send(request("POST", "/post", "Content-Length: 10") + b"x" * sent)
            client.half_close()
            got = client.rest()
            assert got == b"" or got.startswith(b"HTTP/1.1 400 ")

    def test_9112_8_chunks_that_break_off_are_no_body(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(request("POST", "/post", "Transfer-Encoding: chunked") + b"5\r\nhello\r\n")
            client.half_close()
            got = client.rest()
            assert got == b"" or got.startswith(b"HTTP/1.1 400 ")


class TestExpect:
    """RFC 9110 §10.1.1."""

    @pytest.mark.parametrize("line", ["Expect: 100-continue", "expect: 100-Continue"])
    def test_9110_10_1_1_continue_comes_before_the_answer(self, server: Server, line: str) -> None:
        with Client(server.port) as client:
            client.send(request("POST", "/post", line, "Content-Length: 3"))
            assert client.reply().status == 100
            client.send(b"abc")
            assert client.reply().body == b"abc"
            assert client.is_open()

    def test_9110_10_1_1_continue_for_chunks(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(request("POST", "/post", "Expect: 100-continue", "Transfer-Encoding: chunked"))
            assert client.reply().status == 100
            client.send(b"3\r\nabc\r\n0\r\n\r\n")
            assert client.reply().body == b"abc"

    def test_9110_10_1_1_continue_may_be_left_out_when_the_body_is_there(self, server: Server) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("POST", "/post", "Expect: 100-continue", body=b"abc"))
            if reply.status == 100:
                reply = client.reply()
            assert reply.body == b"abc"
            assert client.is_open()

    @pytest.mark.parametrize(
        ("method", "target", "length", "status"),
        [
            ("POST", "/none", 10, 404),
            ("DELETE", "/", 10, 405),
            ("POST", "/post", _BODY_LIMIT + 1, 413),
            ("POST", "/ignore", 10, 200),
            ("BREW", "/post", 10, 501),
        ],
    )
    def test_9110_10_1_1_no_continue_for_a_body_that_nobody_wants(
        self, server: Server, method: str, target: str, length: int, status: int
    ) -> None:
        with Client(server.port) as client:
            first = client.ask(request(method, target, "Expect: 100-continue", f"Content-Length: {length}"))
            assert first.status == status
            # The body may come all the same, or the next request instead of it: the connection must end.
            client.send(_HIDDEN)
            client.half_close()
            assert b"HIDDEN" not in client.rest()

    def test_9110_10_1_1_no_continue_in_http_1_0(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(request("POST", "/post", "Expect: 100-continue", "Content-Length: 3", version="1.0"))
            time.sleep(0.05)
            client.send(b"abc")
            assert client.reply().body == b"abc"

    def test_9110_10_1_1_no_continue_without_a_body(self, server: Server) -> None:
        assert ask(server.port, "POST", "/post", "Expect: 100-continue").status == 200

    def test_9110_10_1_1_no_continue_inside_an_answer(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(request("POST", "/read-late", "Expect: 100-continue", "Content-Length: 3"))
            time.sleep(0.1)
            client.send(b"abc")
            reply = client.reply()
            if reply.status == 100:
                reply = client.reply()
            assert reply.body == b"started, abc"

    def test_9110_15_5_18_other_expectations_fail(self, server: Server) -> None:
        assert ask(server.port, "GET", "/", "Expect: a-miracle").status == 417


# Answers


class TestAnswers:
    """RFC 9112 §6, RFC 9110 §8.6 and §15."""

    @pytest.mark.parametrize("status", [204, 304])
    def test_9110_15_3_5_no_body_where_there_is_none(self, server: Server, status: int) -> None:
        with Client(server.port) as client:
            assert client.ask(request("GET", f"/status/{status}")).status == status
            assert client.is_open()

    @pytest.mark.parametrize("status", [200, 201, 205, 299, 400, 418, 499, 503, 599])
    def test_9112_4_any_status_has_its_body(self, server: Server, status: int) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("GET", f"/status/{status}"))
            assert reply.status == status
            # RFC 9110 §15.3.6: a 205 has no content.
            assert reply.body == (b"" if status == 205 else b"body of %d" % status)
            assert client.is_open()

    @pytest.mark.parametrize("size", [0, 1, 1000, *range(1850, 2060, 7), 2048, 4096, 10000, 200000])
    def test_9112_6_a_body_of_any_size_arrives_whole(self, server: Server, size: int) -> None:
        with Client(server.port) as client:
            assert client.ask(request("GET", f"/size/{size}")).body == b"x" * size
            assert client.is_open()

    @pytest.mark.parametrize(("path", "body"), [("/given-length", b"0123456789" * 600), ("/wrong-length", b"four")])
    def test_9112_6_3_a_handlers_own_length_is_the_only_one(self, server: Server, path: str, body: bytes) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("GET", path))
            assert [value for name, value in reply.fields if name == "content-length"] == [str(len(body))]
            assert (reply.body, reply.chunked, reply["X-A"]) == (body, False, "b")
            assert client.ask(request("GET", "/")).body == b"hello"

    def test_9112_7_1_streams_are_chunked(self, server: Server) -> None:
        reply = ask(server.port, "GET", "/stream")
        assert reply.chunked
        assert reply.body == b"".join(b"line %d\n" % i for i in range(1000))

    def test_9112_7_1_an_empty_piece_does_not_end_the_stream(self, server: Server) -> None:
        with Client(server.port) as client:
            assert client.ask(request("GET", "/pieces")).body == b"one two three four"
            assert client.is_open()

    @pytest.mark.parametrize("target", ["/stream", "/pieces"])
    @pytest.mark.parametrize("lines", [[], ["Connection: keep-alive"]])
    def test_9112_7_1_no_chunks_for_http_1_0(self, server: Server, target: str, lines: list[str]) -> None:
        body = ask(server.port, "GET", target).body
        with Client(server.port) as client:
            reply = client.ask(request("GET", target, *lines, version="1.0"))
            assert not reply.chunked
            assert reply.body == body
            assert reply.closes or reply["Content-Length"] or not lines

    def test_9110_8_6_known_lengths_are_told(self, server: Server) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("GET", "/big"))
            assert reply["Content-Length"] == "262144"
            assert reply.body == b"0123456789abcdef" * 16384
            assert client.is_open()

    def test_a_slice_of_data_is_written(self, server: Server) -> None:
        assert ask(server.port, "GET", "/slice").body == b"23456ef"

    def test_raw_bytes_go_out_as_they_are_and_the_connection_ends(self, server: Server) -> None:
        reply, rest = answers(server.port, request("GET", "/raw") + _HIDDEN)
        assert (reply.status, reply.body, rest) == (200, b"raw", b"")

    def test_9110_15_4_redirect(self, server: Server) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("GET", "/redirect"))
            assert (reply.status, reply["Location"]) == (302, "/")
            assert client.is_open()

    def test_http_error_answers_with_its_status_and_headers(self, server: Server) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("GET", "/error/403"))
            assert (reply.status, reply["X-Why"]) == (403, "test")
            assert reply.body == b"403 Forbidden\n"
            assert client.is_open()

    @pytest.mark.parametrize("target", ["/raise", "/raise-buffered", "/os-error", "/silent", "/inject"])
    def test_9110_15_6_1_a_handler_that_fails_before_output_is_500(self, server: Server, target: str) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("GET", target))
            assert (reply.status, reply["Content-Type"]) == (500, "text/plain")
            assert reply.body == b"500 Internal Server Error\n"
            assert reply["X-Injected"] is None
            assert client.is_open()

    @pytest.mark.parametrize("target", ["/raise-sent", "/raise-length", "/short"])
    def test_9112_8_a_handler_that_fails_after_output_leaves_it_unfinished(self, server: Server, target: str) -> None:
        with Client(server.port) as client:
            client.send(request("GET", target))
            status = 0
            with contextlib.suppress(BrokenOff):
                status = client.reply().status
            assert status in (0, 500), "what is still in the buffer may be taken back"
        assert ask(server.port, "GET", "/").status == 200

    def test_9112_8_a_failed_answer_to_http_1_0_just_ends(self, server: Server) -> None:
        with Client(server.port) as client:
            assert client.ask(request("GET", "/raise-sent", version="1.0")).body == b"some of it"

    def test_9112_6_3_a_body_never_runs_over_its_length(self, server: Server) -> None:
        with Client(server.port) as client:
            reply = client.ask(request("GET", "/long"))
            assert (reply.status, reply.body) == (200, b"abc")
            client.half_close()
            assert client.rest() == b""

    def test_the_log_names_what_failed(self, server: Server) -> None:
        start = server.log.stat().st_size
        ask(server.port, "GET", "/raise")
        logged = server.log.read_bytes()[start:].decode()
        assert "GET /raise" in logged
        assert "ValueError: before output" in logged

    def test_9112_9_3_1_a_slow_handler_holds_nobody_up(self, server: Server) -> None:
        with Client(server.port) as slow:
            slow.send(request("GET", "/sleep"))
            time.sleep(0.05)
            began = time.monotonic()
            assert ask(server.port, "GET", "/").status == 200
            assert time.monotonic() - began < 0.3
            assert slow.reply().body == b"slept"


# Requests that are rejected


def _lines(*lines: str, method: str = "POST", target: str = "/post", body: bytes = b"") -> bytes:
    return request(method, target, *lines) + body


_400 = (400,)
_CODING = (400, 501)
_CHUNK = "Transfer-Encoding: chunked"
_END = b"0\r\n\r\n"
_TOO_LONG = (400, 413)
# Bad requests by name, the statuses that are right for them. Another request follows each on the wire.
REJECTED: dict[str, tuple[bytes, tuple[int, ...]]] = {
    # The request line
    "9112-3 no version": (raw("GET /", "Host: test"), _400),
    "9112-3 only a method": (raw("GET", "Host: test"), _400),
    "9112-3 two spaces": (raw("GET  / HTTP/1.1", "Host: test"), _400),
    "9112-3 space before": (raw(" GET / HTTP/1.1", "Host: test"), _400),
    "9112-3 space after": (raw("GET / HTTP/1.1 ", "Host: test"), _400),
    "9112-3 space in the target": (raw("GET /a b HTTP/1.1", "Host: test"), _400),
    "9112-3 tabs": (raw("GET\t/\tHTTP/1.1", "Host: test"), _400),
    "9112-3 four words": (raw("GET / HTTP/1.1 x", "Host: test"), _400),
    "9112-3 vertical tab": (raw("GET /\x0bHTTP/1.1", "Host: test"), _400),
    "9112-3 garbage": (raw("\x16\x03\x01\x02\x00\x01\xfc\x03\x03"), _400),
    "9112-3 header first": (raw("Host: test", "GET / HTTP/1.1"), _400),
    "9110-9 method with @": (raw("G@T / HTTP/1.1", "Host: test"), _400),
    "9110-9 method with (": (raw("GE(T / HTTP/1.1", "Host: test"), _400),
    "9110-9 method with NUL": (raw("GET\0 / HTTP/1.1", "Host: test"), _400),
    "9110-9 method not ASCII": (raw("G\xc9T / HTTP/1.1", "Host: test"), _400),
    # Versions
    "9110-15.6.6 HTTP/2.0": (raw("GET / HTTP/2.0", "Host: test"), (505,)),
    "9110-15.6.6 HTTP/3.0": (raw("GET / HTTP/3.0", "Host: test"), (505,)),
    "9110-15.6.6 HTTP/0.9": (raw("GET / HTTP/0.9", "Host: test"), (505,)),
    "9112-2.3 HTTP/1": (raw("GET / HTTP/1", "Host: test"), _400),
    "9112-2.3 HTTP/11": (raw("GET / HTTP/11", "Host: test"), _400),
    "9112-2.3 HTTP/1.": (raw("GET / HTTP/1.", "Host: test"), _400),
    "9112-2.3 HTTP/1.10": (raw("GET / HTTP/1.10", "Host: test"), _400),
    "9112-2.3 HTTP/01.1": (raw("GET / HTTP/01.1", "Host: test"), _400),
    "9112-2.3 HTTP/1,1": (raw("GET / HTTP/1,1", "Host: test"), _400),
    "9112-2.3 HTTP/+.1": (raw("GET / HTTP/+.1", "Host: test"), _400),
    "9112-2.3 HTTP/x.y": (raw("GET / HTTP/x.y", "Host: test"), _400),
    "9112-2.3 http/1.1": (raw("GET / http/1.1", "Host: test"), _400),
    "9112-2.3 HTTPS/1.1": (raw("GET / HTTPS/1.1", "Host: test"), _400),
    "9112-2.3 FTP": (raw("GET / FTP/1.1", "Host: test"), _400),
    "9113-3.4 HTTP/2 preface": (raw("PRI * HTTP/2.0") + b"SM\r\n\r\n", (400, 501, 505)),
    # Host
    "9112-3.2 no Host": (raw("GET / HTTP/1.1"), _400),
    "9112-3.2 no Host, others": (raw("GET / HTTP/1.1", "X-Host: test"), _400),
    "9112-3.2 no Host, absolute-form": (raw("GET http://test/ HTTP/1.1"), _400),
    "9112-3.2 two Hosts": (raw("GET / HTTP/1.1", "Host: a", "Host: b"), _400),
    "9112-3.2 two equal Hosts": (raw("GET / HTTP/1.1", "Host: a", "host: a"), _400),
    "9112-3.2 two Hosts in 1.0": (raw("GET / HTTP/1.0", "Host: a", "Host: b"), _400),
    "9112-3.2 two empty Hosts": (raw("GET / HTTP/1.1", "Host:", "Host:"), _400),
    "9112-3.2 Host with a space": (raw("GET / HTTP/1.1", "Host: a b"), _400),
    "9112-3.2 Host with a slash": (raw("GET / HTTP/1.1", "Host: a/b"), _400),
    "9112-3.2 Host with user": (raw("GET / HTTP/1.1", "Host: a@b"), _400),
    "9112-3.2 Host with a comma and space": (raw("GET / HTTP/1.1", "Host: a, b"), _400),
    "9112-3.2 Host with a control character": (raw("GET / HTTP/1.1", "Host: a\x01"), _400),
    # Fields
    "9112-5.1 space before the colon": (_lines("X : y"), _400),
    "9112-5.1 tab before the colon": (_lines("X\t: y"), _400),
    "9112-5.1 space before the colon of Host": (raw("GET / HTTP/1.1", "Host : test"), _400),
    "9112-5.1 space in a name": (_lines("X Y: z"), _400),
    "9112-5.2 folded with a space": (_lines("X: y", " z"), _400),
    "9112-5.2 folded with a tab": (_lines("X: y", "\tz"), _400),
    "9112-5.2 folded Host": (raw("GET / HTTP/1.1", "Host:", " test"), _400),
    "9112-2.2 space after the request line": (raw("GET / HTTP/1.1", " Host: test", "Host: test"), _400),
    "9112-5 no colon": (_lines("XY"), _400),
    "9112-5 empty name": (_lines(": y"), _400),
    "9112-5 only a colon": (_lines(":"), _400),
    "9110-5.1 parenthesis in a name": (_lines("X(Y): z"), _400),
    "9110-5.1 quote in a name": (_lines('X"Y: z'), _400),
    "9110-5.1 slash in a name": (_lines("X/Y: z"), _400),
    "9110-5.1 control character in a name": (_lines("X\x01Y: z"), _400),
    "9110-5.1 DEL in a name": (_lines("X\x7f: z"), _400),
    "9110-5.1 NUL in a name": (_lines("X\0Y: z"), _400),
    "9110-5.1 name not ASCII": (_lines("X\xe9: z"), _400),
    "9110-5.5 NUL in a value": (_lines("X: y\0z"), _400),
    "9110-5.5 bare CR in a value": (_lines("X: y\rz"), _400),
    "9110-5.5 bare CR at a line's end": (_lines("X: y\r"), _400),
    # A bare LF may be taken for a line's end (RFC 9112 §2.2), but a mixture of both is an attack more often than not.
    "9112-2.2 bare LF in the fields": (_lines("X: y\nZ: a"), _400),
    "9112-2.2 bare LF after the request line": (b"GET / HTTP/1.1\nHost: test\r\n\r\n", _400),
    "9112-2.2 bare CR after the request line": (b"GET / HTTP/1.1\rHost: test\r\n\r\n", _400),
    "9112-2.2 LF CR": (b"GET / HTTP/1.1\n\rHost: test\n\r\n\r\r\n\r\n", _400),
    # Content-Length
    "9110-8.6 +5": (_lines("Content-Length: +5", body=b"hello"), _400),
    "9110-8.6 -5": (_lines("Content-Length: -5", body=b"hello"), _400),
    "9110-8.6 -0": (_lines("Content-Length: -0"), _400),
    "9110-8.6 0x5": (_lines("Content-Length: 0x5", body=b"hello"), _400),
    "9110-8.6 5.0": (_lines("Content-Length: 5.0", body=b"hello"), _400),
    "9110-8.6 5e0": (_lines("Content-Length: 5e0", body=b"hello"), _400),
    "9110-8.6 1_0": (_lines("Content-Length: 1_0", body=b"hellohello"), _400),
    "9110-8.6 5 5": (_lines("Content-Length: 5 5", body=b"hello"), _400),
    "9110-8.6 5;": (_lines("Content-Length: 5;", body=b"hello"), _400),
    "9110-8.6 quoted": (_lines('Content-Length: "5"', body=b"hello"), _400),
    "9110-8.6 empty": (_lines("Content-Length:"), _400),
    "9110-8.6 word": (_lines("Content-Length: five"), _400),
    "9110-8.6 other digits": (_lines("Content-Length: \xd9\xa5", body=b"hello"), _400),
    "9110-8.6 superscript": (_lines("Content-Length: \xb2", body=b"hi"), _400),
    "9110-8.6 vertical tab": (_lines("Content-Length: \x0b5", body=b"hello"), _400),
    "9110-8.6 no-break space": (_lines("Content-Length: \xa05", body=b"hello"), _400),
    "9110-8.6 huge": (_lines("Content-Length: " + "9" * 30), _TOO_LONG),
    "9110-8.6 2^32+5": (_lines("Content-Length: 4294967301", body=b"hello"), _TOO_LONG),
    "9110-8.6 2^64+5": (_lines("Content-Length: 18446744073709551621", body=b"hello"), _TOO_LONG),
    "9110-8.6 5, 6": (_lines("Content-Length: 5, 6", body=b"hello"), _400),
    "9112-6.3 two that differ": (_lines("Content-Length: 5", "Content-Length: 6", body=b"hello"), _400),
    "9112-6.3 two that differ, in GET": (
        _lines("Content-Length: 0", f"content-length: {len(_HIDDEN)}", method="GET", target="/"),
        _400,
    ),
    # Transfer-Encoding; with Content-Length it may be read instead of it, but then the connection must end.
    "9112-6.1 with Content-Length": (_lines("Content-Length: 5", _CHUNK, body=_END), _400),
    "9112-6.1 with Content-Length after": (_lines(_CHUNK, "Content-Length: 5", body=_END), _400),
    "9112-6.1 with Content-Length 0": (_lines(_CHUNK, "Content-Length: 0", body=_END), _400),
    "9112-6.1 gzip": (_lines("Transfer-Encoding: gzip", body=b"x"), _CODING),
    "9112-6.1 gzip, chunked": (_lines("Transfer-Encoding: gzip, chunked", body=_END), _CODING),
    "9112-6.1 identity": (_lines("Transfer-Encoding: identity"), _CODING),
    "9112-6.1 unknown": (_lines("Transfer-Encoding: xchunked", body=_END), _CODING),
    "9112-6.1 chunked with x": (_lines("Transfer-Encoding: chunkedx", body=_END), _CODING),
    "9112-6.1 quoted": (_lines('Transfer-Encoding: "chunked"', body=_END), _CODING),
    "9112-6.1 vertical tab": (_lines("Transfer-Encoding: \x0bchunked", body=_END), _CODING),
    "9112-6.1 form feed": (_lines("Transfer-Encoding: chunked\x0c", body=_END), _CODING),
    "9112-6.1 no-break space": (_lines("Transfer-Encoding: \xa0chunked", body=_END), _CODING),
    "9112-6.1 with a parameter": (_lines("Transfer-Encoding: chunked;a=b", body=_END), _CODING),
    "9112-6.3 chunked, gzip": (_lines("Transfer-Encoding: chunked, gzip", body=_END), _CODING),
    "9112-6.3 chunked, identity": (_lines("Transfer-Encoding: chunked, identity", body=_END), _CODING),
    "9112-6.1 chunked twice": (_lines("Transfer-Encoding: chunked, chunked", body=_END), _CODING),
    "9112-6.1 chunked on two lines": (_lines(_CHUNK, _CHUNK, body=_END), _CODING),
    "9112-6.1 chunked and identity on two lines": (_lines(_CHUNK, "Transfer-Encoding: identity", body=_END), _CODING),
    "9112-6.1 in HTTP/1.0": (request("POST", "/post", _CHUNK, version="1.0") + _END, _CODING),
    "9112-6.1 in HTTP/1.0, kept alive": (
        request("POST", "/post", _CHUNK, "Connection: keep-alive", version="1.0") + _END,
        _CODING,
    ),
    "9112-5.1 chunked after a space": (_lines("Transfer-Encoding : chunked", body=_END), _400),
    "9112-5.2 chunked folded": (_lines("Transfer-Encoding:", " chunked", body=_END), _400),
    # Chunks
    "9112-7.1 size empty": (_lines(_CHUNK, body=b"\r\nhello\r\n" + _END), _400),
    "9112-7.1 size -1": (_lines(_CHUNK, body=b"-1\r\nhello\r\n" + _END), _400),
    "9112-7.1 size +5": (_lines(_CHUNK, body=b"+5\r\nhello\r\n" + _END), _400),
    "9112-7.1 size 0x5": (_lines(_CHUNK, body=b"0x5\r\nhello\r\n" + _END), _400),
    "9112-7.1 size g": (_lines(_CHUNK, body=b"g\r\nhello\r\n" + _END), _400),
    "9112-7.1 size 1_0": (_lines(_CHUNK, body=b"1_0\r\n" + b"x" * 16 + b"\r\n" + _END), _400),
    "9112-7.1 size 5 5": (_lines(_CHUNK, body=b"5 5\r\nhello\r\n" + _END), _400),
    "9112-7.1 size after a space": (_lines(_CHUNK, body=b" 5\r\nhello\r\n" + _END), _400),
    "9112-7.1 size with NUL": (_lines(_CHUNK, body=b"5\0\r\nhello\r\n" + _END), _400),
    "9112-7.1 size other digits": (_lines(_CHUNK, body="٥".encode() + b"\r\nhello\r\n" + _END), _400),
    "9112-7.1 size 2^64+5": (_lines(_CHUNK, body=b"10000000000000005\r\nhello\r\n" + _END), _TOO_LONG),
    "9112-7.1 size 2^32+5": (_lines(_CHUNK, body=b"100000005\r\nhello\r\n" + _END), _TOO_LONG),
    "9112-7.1 size of many digits": (_lines(_CHUNK, body=b"F" * 40 + b"\r\nhello\r\n" + _END), _TOO_LONG),
    "9112-7.1 size of endless zeros": (_lines(_CHUNK, body=b"0" * 3000), _TOO_LONG),
    "9112-7.1.1 endless extension": (_lines(_CHUNK, body=b"5;" + b"x" * 5000), (400, 413, 431)),
    "9112-7.1.2 endless trailers": (_lines(_CHUNK, body=b"0\r\n" + b"X: y\r\n" * 3000), (400, 413, 431)),
    "9112-7.1 data too long": (_lines(_CHUNK, body=b"3\r\nhello\r\n" + _END), _400),
    "9112-7.1 data too short": (_lines(_CHUNK, body=b"6\r\nhello\r\n" + _END), _400),
    "9112-7.1 bare LF after the size": (_lines(_CHUNK, body=b"5\nhello\r\n" + _END), _400),
    "9112-7.1 bare CR after the size": (_lines(_CHUNK, body=b"5\rhello\r\n" + _END), _400),
    "9112-7.1 bare LF after the data": (_lines(_CHUNK, body=b"5\r\nhello\n" + _END), _400),
    "9112-7.1 bare LF in the extension": (_lines(_CHUNK, body=b"5;a\nb\r\nhello\r\n" + _END), _400),
    "9112-7.1 too big": (_lines(_CHUNK, body=b"4001\r\n"), (413,)),
    "9112-7.1 too big in all": (_lines(_CHUNK, body=(b"800\r\n" + b"x" * 2048 + b"\r\n") * 9), (413,)),
    # Sizes
    "9110-15.5.15 request line": (raw("GET /" + "a" * 3000 + " HTTP/1.1", "Host: test"), (414,)),
    "9110-15.5.15 query": (raw("GET /?" + "a" * 3000 + " HTTP/1.1", "Host: test"), (414,)),
    "9110-15.5.15 no end of the line": (b"GET /" + b"a" * 10000, (414,)),
    "6585-5 one long field": (_lines("X: " + "a" * 3000), (431,)),
    "6585-5 many fields": (_lines(*(f"X-{i}: y" for i in range(400))), (431,)),
    "9110-15.5.14 body": (_lines(f"Content-Length: {_BODY_LIMIT + 1}"), (413,)),
}


@pytest.mark.parametrize(("data", "statuses"), REJECTED.values(), ids=REJECTED.keys())
def test_rejected(server: Server, data: bytes, statuses: tuple[int, ...]) -> None:
    with server.quiet_log():
        reply, rest = answers(server.port, data + _HIDDEN * 2)
        assert reply.status in statuses
        assert rest == b"", "another answer came after the rejection"


def test_9112_7_1_2_a_bad_trailer_is_dropped_or_rejected(server: Server) -> None:
    reply, _ = answers(server.port, _lines(_CHUNK, body=b"1\r\na\r\n0\r\nno colon\r\n\r\n"))
    assert reply.status == 400 or (reply.status, reply.body) == (200, b"a")


def test_a_head_with_bare_line_feeds_is_not_left_waiting(server: Server) -> None:
    # RFC 9112 §2.2: they may be taken for line ends.
    with Client(server.port, timeout=2) as client:
        assert client.ask(b"GET / HTTP/1.1\nHost: test\n\n").status in (200, 400)


def test_9110_8_6_equal_lengths_in_a_list_are_one_length_or_rejected(server: Server) -> None:
    for lines in (["Content-Length: 5, 5"], ["Content-Length: 5", "Content-Length: 5"]):
        reply, rest = answers(server.port, request("POST", "/post", *lines) + b"hello" + _HELLO)
        assert reply.body == b"hello" or (reply.status, rest) == (400, b"")


# Smuggling: bytes that another reader takes for a body, and that must not be answered as a request of their own.

_LONG = f"Content-Length: {len(_HIDDEN)}"
SMUGGLED: dict[str, bytes] = {
    "CL, unread, GET": request("GET", "/ignore", _LONG),
    "CL, HEAD": request("HEAD", "/", _LONG),
    "CL, OPTIONS": request("OPTIONS", "/", _LONG),
    "CL, OPTIONS *": request("OPTIONS", "*", _LONG),
    "CL, 404": request("POST", "/none", _LONG),
    "CL, 405": request("DELETE", "/", _LONG),
    "CL, 501": request("BREW", "/", _LONG),
    "CL, handler fails": request("POST", "/raise", _LONG),
    "CL, handler reads a part": request("POST", "/part", _LONG),
    "CL, raw answer": request("GET", "/raw", _LONG),
    "CL, 1.0 kept alive": request("GET", "/ignore", "Connection: keep-alive", _LONG, version="1.0"),
    "CL, 204": request("GET", "/status/204", _LONG),
    "CL, redirect": request("GET", "/redirect", _LONG),
    "CL, bad escape": request("GET", "/%zz", _LONG),
    "CL, 417": request("POST", "/post", "Expect: x", _LONG),
    "CL, Expect, 404": request("POST", "/none", "Expect: 100-continue", _LONG),
    "CL, Expect, unread": request("POST", "/ignore", "Expect: 100-continue", _LONG),
    "CL, Upgrade": request("GET", "/ignore", "Connection: Upgrade", "Upgrade: h2c", _LONG),
    "CL, name with underscore first": request("GET", "/ignore", "Content_Length: 0", _LONG),
    "CL.TE": request("POST", "/ignore", f"Content-Length: {len(_HIDDEN) + 5}", _CHUNK) + _END,
    "CL.TE, other order": request("POST", "/ignore", _CHUNK, f"Content-Length: {len(_HIDDEN) + 5}") + _END,
    "TE.CL": request("POST", "/ignore", _CHUNK, "Content-Length: 4") + b"%x\r\n" % len(_HIDDEN),
    "TE.TE": request("POST", "/ignore", _CHUNK, "Transfer-Encoding: x") + b"%x\r\n" % len(_HIDDEN),
    "TE, unread": request("GET", "/ignore", _CHUNK) + b"%x\r\n" % len(_HIDDEN),
    "TE, 404": request("POST", "/none", _CHUNK) + b"%x\r\n" % len(_HIDDEN),
    "TE, 501": request("BREW", "/", _CHUNK) + b"%x\r\n" % len(_HIDDEN),
    "TE, in 1.0": request("GET", "/ignore", _CHUNK, "Connection: keep-alive", version="1.0") + _END,
    "TE, extension with LF": request("GET", "/ignore", _CHUNK) + b"0;\n\r\n\r\n",
    "TE, size wraps": request("GET", "/ignore", _CHUNK) + b"10000000000000000\r\n\r\n",
    "TE with vertical tab, CL": request("POST", "/ignore", "Transfer-Encoding:\x0bchunked", _LONG),
    "CL with NUL in its name": request("POST", "/ignore", "Content-Length\0: 0", _LONG),
    "CL of two lines": request("POST", "/ignore", "Content-Length: 0", _LONG),
    "CL with a plus": request("POST", "/ignore", f"Content-Length: +{len(_HIDDEN)}"),
    "CL negative": request("POST", "/ignore", "Content-Length: -1"),
    "CL folded": request("POST", "/ignore", "Content-Length:", f" {len(_HIDDEN)}"),
    "CL after a space": request("POST", "/ignore", f"Content-Length : {len(_HIDDEN)}"),
    "CL behind a bare CR": request("POST", "/ignore", f"X: y\rContent-Length: {len(_HIDDEN)}"),
    "CL behind a bare LF": request("POST", "/ignore", f"X: y\nContent-Length: {len(_HIDDEN)}"),
    "head in the request line": b"GET / HTTP/1.1\rHost: test\r\n\r\n",
    "LF CR LF ends no head": b"GET / HTTP/1.1\r\nHost: test\n\r\n",
}


@pytest.mark.parametrize("data", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_9112_11_2_a_hidden_request_is_never_answered(server: Server, data: bytes) -> None:
    with Client(server.port) as client:
        client.send(data + _HIDDEN)
        first = client.reply(data.partition(b" ")[0].decode())
        client.half_close()
        assert b"HIDDEN" not in first.body + client.rest()
    assert ask(server.port, "GET", "/").status == 200


# Connections


class TestConnections:
    def test_silent_connections_do_not_keep_others_out(self, server: Server) -> None:
        with contextlib.ExitStack() as stack:
            silent = [stack.enter_context(Client(server.port)) for _ in range(11)]
            for _ in range(3):
                assert ask(server.port, "GET", "/").body == b"hello"
            assert silent[-1].is_open()

    def test_half_sent_heads_keep_others_out_only_until_their_deadline(self, narrow: Server) -> None:
        with contextlib.ExitStack() as stack:
            for _ in range(6):
                stack.enter_context(Client(narrow.port)).send(b"GET / HT")
            with Client(narrow.port, timeout=8) as client:
                assert client.ask(_HELLO).body == b"hello"

    def test_an_idle_connection_makes_room(self, narrow: Server) -> None:
        with contextlib.ExitStack() as stack:
            kept = [stack.enter_context(Client(narrow.port)) for _ in range(3)]
            for client in kept:
                assert client.is_open()
            began = time.monotonic()
            assert ask(narrow.port, "GET", "/").body == b"hello"
            assert time.monotonic() - began < 0.5
            assert kept[0].is_closed(), "the one that was idle for longest has to go"
            assert kept[2].is_open()

    def test_a_busy_connection_is_not_ended_for_a_new_one(self, narrow: Server) -> None:
        with contextlib.ExitStack() as stack:
            busy = [stack.enter_context(Client(narrow.port)) for _ in range(3)]
            for client in busy:
                client.send(request("GET", "/sleep"))
            time.sleep(0.1)
            assert ask(narrow.port, "GET", "/").body == b"hello"
            assert [client.reply().body for client in busy] == [b"slept"] * 3

    def test_more_clients_than_connections_are_all_served(self, narrow: Server) -> None:
        seen: list[object] = []

        def one() -> None:
            try:
                seen.append(len(ask(narrow.port, "GET", "/big").body))
            except (BadAnswer, OSError) as e:
                seen.append(e)

        at_once(*[one] * 12)
        assert seen == [262144] * 12

    def test_a_burst_of_connections_that_close_at_once_does_no_harm(self, server: Server) -> None:
        with server.quiet_log():
            for _ in range(300):
                with socket.socket() as sock:
                    sock.setblocking(False)
                    sock.connect_ex(("127.0.0.1", server.port))
            assert ask(server.port, "GET", "/").body == b"hello"

    def test_ordinary_disconnects_leave_no_traceback(self, server: Server) -> None:
        endings: list[Callable[[Client], None]] = [Client.reset, lambda client: client.sock.close()]
        requests = [b"", b"GET / HT", _HELLO, request("GET", "/endless"), request("GET", "/big")]
        requests += [request("POST", "/post", "Content-Length: 10") + b"abc", _HELLO * 5]
        requests += [request("POST", "/post", _CHUNK) + b"5\r\nabc", request("GET", "/sleep")]
        with server.quiet_log():
            for end in endings:
                for data in requests:
                    client = Client(server.port)
                    if data:
                        client.send(data)
                        time.sleep(0.02)
                    end(client)
            time.sleep(0.7)

    def test_a_client_that_only_half_closes_is_answered(self, server: Server) -> None:
        with Client(server.port) as client:
            client.send(_HELLO)
            client.half_close()
            assert client.reply().body == b"hello"
            assert client.is_closed()


_STALLED = {
    "no request": [],
    "an answered request": [_HELLO],
    "one byte": [b"G"],
    "an empty line": [b"\r\n"],
    "a part of a head": [b"GET / HTTP/1.1\r\nHost: test\r\n"],
    "a head that drips": [b"x"] * 60,
    "a part of a body": [request("POST", "/post", "Content-Length: 10") + b"ab"],
    "a part of a chunk": [request("POST", "/post", _CHUNK) + b"5\r\nab"],
    "a part of chunks": [request("POST", "/post", _CHUNK) + b"2\r\nab\r\n"],
    "a body that is not read": [request("POST", "/ignore", "Content-Length: 10") + b"ab"],
}


@pytest.fixture(scope="module")
def ends(start: Start) -> dict[str, tuple[bytes, float]]:
    """What came to clients that sent that much and stopped, and after what time the connection ended."""
    limits = dict.fromkeys(("head_timeout", "body_timeout", "idle_timeout"), 500)
    port = start(connections=len(_STALLED), **limits).port
    found = {}

    def stall(name: str, pieces: list[bytes]) -> None:
        with Client(port) as client:
            began = time.monotonic()
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    client.sock.sendall(piece)
                    time.sleep(0.1)
            found[name] = client.rest(), time.monotonic() - began

    at_once(*(functools.partial(stall, name, pieces) for name, pieces in _STALLED.items()))
    return found


class TestDeadlines:
    @pytest.mark.parametrize("name", _STALLED)
    def test_9112_9_5_a_client_that_stops_is_ended_in_time(
        self, ends: dict[str, tuple[bytes, float]], name: str
    ) -> None:
        _, took = ends[name]
        assert 0.3 < took < 4, "half a second, and the time to read the answer"

    @pytest.mark.parametrize("name", _STALLED)
    def test_9110_15_5_9_it_is_told_408_or_nothing(self, ends: dict[str, tuple[bytes, float]], name: str) -> None:
        got, _ = ends[name]
        if name in ("an answered request", "a body that is not read"):
            assert got.count(b"HTTP/1.1 ") == got.count(b"HTTP/1.1 200 OK\r\n") == 1
        elif name == "no request":
            assert got == b""
        else:
            assert got == b"" or got.startswith(b"HTTP/1.1 408 ")

    def test_a_reader_that_stops_holds_nobody_up_and_is_dropped(self, hasty: Server) -> None:
        with Client(hasty.port, window=4096) as stopped, hasty.quiet_log():
            stopped.send(request("GET", "/endless"))
            time.sleep(0.2)
            began = time.monotonic()
            assert ask(hasty.port, "GET", "/").body == b"hello"
            assert time.monotonic() - began < 0.5
            time.sleep(2)
            with pytest.raises((BrokenOff, ConnectionError)):
                stopped.reply()
            assert len(stopped.got) < 64 << 20

    def test_a_slow_reader_that_goes_on_is_served_to_the_end(self, hasty: Server) -> None:
        with Client(hasty.port, window=4096) as slow:
            slow.send(request("GET", "/big"))
            for _ in range(10):
                slow.got += slow.sock.recv(4096)
                time.sleep(0.1)
            assert slow.reply().body == b"0123456789abcdef" * 16384


# Ranges of files


class TestRanges:
    """RFC 9110 §14."""

    @pytest.mark.parametrize(
        ("value", "start", "stop"),
        [
            ("bytes=0-0", 0, 1),
            ("bytes=0-99", 0, 100),
            ("bytes=100-", 100, 3000),
            ("bytes=-50", 2950, 3000),
            ("bytes=-5000", 0, 3000),
            ("bytes=2999-2999", 2999, 3000),
            ("bytes=2990-9999", 2990, 3000),
            ("bytes=0-99999999999999999999", 0, 3000),
            ("bytes= 0-9", 0, 10),
            ("BYTES=0-9", 0, 10),
        ],
    )
    def test_9110_14_2_one_range(self, files: int, value: str, start: int, stop: int) -> None:
        with Client(files) as client:
            reply = client.ask(request("GET", "/noise", f"Range: {value}"))
            # Nobody has to be served a part (RFC 9110 §14.2); these two spellings are rare enough to ignore.
            if value in ("bytes= 0-9", "BYTES=0-9") and reply.status == 200:
                assert reply.body == _NOISE
                return
            assert (reply.status, reply["Content-Range"]) == (206, f"bytes {start}-{stop - 1}/3000")
            assert reply.body == _NOISE[start:stop]
            assert reply["ETag"]
            assert client.ask(request("GET", "/noise")).body == _NOISE

    @pytest.mark.parametrize("value", ["bytes=3000-", "bytes=3000-4000", "bytes=-0", "bytes=99999999999999999999-"])
    def test_9110_15_5_17_a_range_past_the_end_is_416(self, files: int, value: str) -> None:
        with Client(files) as client:
            reply = client.ask(request("GET", "/noise", f"Range: {value}"))
            assert (reply.status, reply["Content-Range"]) == (416, "bytes */3000")
            assert client.ask(request("GET", "/noise")).body == _NOISE

    @pytest.mark.parametrize(
        "value",
        ["lines=0-4", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-4-8", "bytes=0x1-5", "0-4"],
    )
    def test_9110_14_2_a_range_that_is_none_is_ignored_or_416(self, files: int, value: str) -> None:
        reply = ask(files, "GET", "/noise", f"Range: {value}")
        assert (reply.status == 200 and reply.body == _NOISE) or reply.status in (400, 416)

    def test_9110_14_2_many_ranges_are_all_sent_or_ignored(self, files: int) -> None:
        reply = ask(files, "GET", "/noise", "Range: bytes=0-4,10-14")
        if reply.status == 206:
            assert (reply["Content-Type"] or "").startswith("multipart/byteranges")
            assert _NOISE[0:5] in reply.body
            assert _NOISE[10:15] in reply.body
        else:
            assert (reply.status, reply.body) == (200, _NOISE)

    def test_9110_14_2_head_and_other_statuses_know_no_ranges(self, files: int) -> None:
        head = ask(files, "HEAD", "/noise", "Range: bytes=0-4")
        assert (head.status, head["Content-Length"]) == (200, "3000")
        assert ask(files, "GET", "/none", "Range: bytes=0-4").status == 404

    def test_9110_13_1_5_if_range(self, files: int) -> None:
        etag = ask(files, "GET", "/noise")["ETag"]
        assert ask(files, "GET", "/noise", "Range: bytes=0-4", f"If-Range: {etag}").status == 206
        for other in ('"other"', f"W/{etag}", "Sun, 06 Nov 1994 08:49:37 GMT"):
            reply = ask(files, "GET", "/noise", "Range: bytes=0-4", f"If-Range: {other}")
            assert (reply.status, reply.body) == (200, _NOISE)

    def test_9110_13_2_2_not_modified_comes_before_ranges(self, files: int) -> None:
        etag = ask(files, "GET", "/noise")["ETag"]
        assert ask(files, "GET", "/noise", "Range: bytes=0-4", f"If-None-Match: {etag}").status == 304

    def test_9110_14_2_a_range_is_of_the_form_that_is_sent(self, files: int) -> None:
        whole = ask(files, "GET", "/text", "Accept-Encoding: gzip")
        part = ask(files, "GET", "/text", "Accept-Encoding: gzip", "Range: bytes=2-9")
        if part.status == 206 and part["Content-Encoding"] == "gzip":
            assert part.body == whole.body[2:10]
            assert part["ETag"] == whole["ETag"]
        elif part.status == 206:
            assert part.body == _TEXT[2:10]
            assert part["ETag"] != whole["ETag"]
        else:
            assert (part.status, part.body) == (200, whole.body)

    def test_9110_14_2_an_empty_file_has_no_ranges(self, files: int) -> None:
        assert ask(files, "GET", "/empty").body == b""
        assert ask(files, "GET", "/empty", "Range: bytes=0-").status in (200, 416)


def test_every_rejection_has_its_section() -> None:
    assert all(re.match(r"\d{4}-[\d.]+ ", name) for name in REJECTED)
