"""WebSockets on the wire, as RFC 6455 has them, on both runtimes. The number in a case's name is the section."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from .liveserver import Server, starter, until
from .unit.test_frames import BAD, BAD_UTF8, GOOD_UTF8
from .wireclient import ask
from .wsclient import Seen, Socket, connect, frame, handshake

Start = Callable[..., Server]
CLOSED_WELL: list[Seen] = [("close", 1000), ("end", None)]


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts live_app.py with limits such as write_timeout=500."""
    with starter(request.param, tmp_path_factory.mktemp("live")) as start:
        yield start


@pytest.fixture(scope="module")
def server(start: Start) -> Server:
    return start()


@pytest.fixture(scope="module")
def hasty(start: Start) -> Server:
    """With short deadlines."""
    return start(write_timeout=500, connections=40)


@pytest.fixture(autouse=True)
def the_server_goes_on(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test the server still answers, and nothing unexpected is in its log."""
    names = [name for name in ("server", "hasty") if name in request.fixturenames]
    servers = [request.getfixturevalue(name) for name in names]
    starts = [server.log.stat().st_size for server in servers]
    yield
    for server, begin in zip(servers, starts, strict=True):
        assert ask(server.port, "GET", "/").status == 200
        log = server.log.read_bytes()[begin:].decode()
        assert log.count("Traceback") == log.count("Error: in a websocket") + log.count("Error: no more numbers"), log


# §4: the opening handshake


def test_4_2_2_the_handshake_of_the_rfc(server: Server) -> None:
    client, head = connect(server.port, handshake())
    with client:
        lines = head.split(b"\r\n")
        assert lines[0] == b"HTTP/1.1 101 Switching Protocols"
        assert sorted(lines[1:]) == [
            b"Connection: Upgrade",
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            b"Upgrade: websocket",
        ]


GOOD_HANDSHAKES = [
    ["Upgrade: WebSocket", "Connection: keep-alive, UPGRADE"],
    ["Upgrade: h2c, websocket"],
    ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"],
    ["Sec-WebSocket-Protocol: chat"],
    ["Origin: http://test"],
    ["Origin: https://test"],
]


@pytest.mark.parametrize("lines", GOOD_HANDSHAKES)
def test_4_2_1_handshakes_that_are_right(server: Server, lines: list[str]) -> None:
    client, head = connect(server.port, handshake(*lines))
    with client:
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"Sec-WebSocket-Extensions" not in head
        assert b"Sec-WebSocket-Protocol" not in head
        client.send(frame(0x81, b"hi"))
        assert client._exactly(4) == b"\x81\x02hi"


BAD_HANDSHAKES = [
    (426, handshake(leave=["upgrade"])),
    (426, handshake(leave=["connection"])),
    (426, handshake("Upgrade: h2c")),
    (426, handshake("Connection: keep-alive")),
    (426, handshake(leave=["sec-websocket-version"])),
    (426, handshake("Sec-WebSocket-Version: 8")),
    (426, handshake("Sec-WebSocket-Version: 14")),
    (426, handshake().replace(b"HTTP/1.1", b"HTTP/1.0")),
    (400, handshake(leave=["sec-websocket-key"])),
    (400, handshake("Sec-WebSocket-Key: ")),
    (400, handshake("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j")),
    (400, handshake("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=!")),
    (400, handshake("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSBub24=")),
    (400, handshake().replace(b"GET", b"HEAD")),
    (400, handshake("Content-Length: 5") + b"hello"),
    (405, handshake().replace(b"GET", b"POST")),
    (403, handshake("Origin: http://evil.example")),
    (403, handshake("Origin: http://test.evil.example")),
    (403, handshake("Origin: null")),
    (403, handshake("Origin: test")),
    (403, handshake("Origin: http://caf\xe9")),
]


@pytest.mark.parametrize(("status", "data"), BAD_HANDSHAKES)
def test_4_4_handshakes_that_are_refused(server: Server, status: int, data: bytes) -> None:
    client, head = connect(server.port, data)
    with client:
        assert head.startswith(b"HTTP/1.1 %d " % status)
        if status == 426:
            assert b"\r\nSec-WebSocket-Version: 13" in head
            assert b"\r\nUpgrade: websocket" in head


def test_1_9_the_servers_first_choice_among_the_subprotocols_is_taken(server: Server) -> None:
    for offered, chosen in [(["v1"], "v1"), (["v1", "v2"], "v2"), (["v3", "v1"], "v1"), (["v3"], None), ([], None)]:
        with Socket(server.port, "/small", subprotocols=offered) as ws:
            assert ws.accepted
            assert ws.accepted.subprotocol == chosen
            assert ws.take(1) == [("text", f"protocol {chosen}")]


def test_10_2_only_pages_of_known_origins_may_connect(server: Server) -> None:
    for origin, status in [("https://good.example", 101), ("http://good.example", 403), ("http://127.0.0.1", 403)]:
        with Socket(server.port, "/small", extra_headers=[(b"Origin", origin.encode())]) as ws:
            assert ws.status == status
    with Socket(server.port, "/any-origin/5", extra_headers=[(b"Origin", b"null")]) as ws:
        assert ws.all() == [("text", "5"), *CLOSED_WELL]


def test_frames_that_come_with_the_handshake_are_not_lost(server: Server) -> None:
    client, _ = connect(server.port, handshake() + frame(0x81, b"early") + frame(0x81, b"bird"))
    with client:
        assert client._exactly(13) == b"\x81\x05early\x81\x04bird"
    client, head = connect(server.port, handshake() + frame(0x81, b"x" * 1500))
    with client:
        assert head.startswith(b"HTTP/1.1 400 ")


# §5 to §8: frames. Each case: what a client sends, and all that the server of /echo answers.

BIG = "".join(chr(33 + n % 90) for n in range(16384))


def text(data: str) -> Seen:
    return "text", data


def binary(data: bytes) -> Seen:
    return "bytes", data


BYE = frame(0x88, b"\x03\xe8")
ENDS = {code: [("close", code), ("end", None)] for code in (1000, 1002, 1007, 1009, 1011)}
GOOD = "κόσμε".encode()
EACH = b"".join(frame(0x00, bytes([c])) for c in GOOD)
NUMBERS = [str(n) for n in range(200)]
TEN = [b"%d" % n for n in range(10)]
LONG = frame(0x01, b"a" * 5000) + frame(0x00, b"b" * 5000) + frame(0x80, b"c" * 6384) + BYE

CASES: dict[str, tuple[bytes, list[Seen]]] = {
    # 5.2, 5.6: framing of text and binary messages, of all forms of length
    **{
        f"5.6 text of {size}": (frame(0x81, BIG[:size].encode()) + BYE, [text(BIG[:size]), *ENDS[1000]])
        for size in (0, 1, 125, 126, 127, 128, 255, 256, 1000, 1023, 1024, 1025, 2048, 4096, 16383, 16384)
    },
    **{
        f"5.6 binary of {size}": (frame(0x82, b"\xfe" * size) + BYE, [binary(b"\xfe" * size), *ENDS[1000]])
        for size in (0, 1, 125, 126, 127, 128, 1025, 16384)
    },
    "5.6 many": (b"".join(frame(0x81, b"%d" % n) for n in range(200)) + BYE, [*map(text, NUMBERS), *ENDS[1000]]),
    # 5.5.2, 5.5.3: pings and pongs
    "5.5.2 ping": (frame(0x89) + BYE, [("pong", b""), *ENDS[1000]]),
    "5.5.2 ping with text": (frame(0x89, b"Hello") + BYE, [("pong", b"Hello"), *ENDS[1000]]),
    "5.5.2 ping with bytes": (frame(0x89, b"\0\xff\xfe\xfd") + BYE, [("pong", b"\0\xff\xfe\xfd"), *ENDS[1000]]),
    "5.5.2 ping of 125": (frame(0x89, b"\xfe" * 125) + BYE, [("pong", b"\xfe" * 125), *ENDS[1000]]),
    "5.5.2 ping of 126": (frame(0x89, b"\xfe" * 126), ENDS[1002]),
    "5.5.2 ten pings": (b"".join(frame(0x89, n) for n in TEN) + BYE, [*(("pong", n) for n in TEN), *ENDS[1000]]),
    "5.5.3 pong that nobody asked for": (frame(0x8A, b"x") + frame(0x81, b"a") + BYE, [text("a"), *ENDS[1000]]),
    "5.5.3 pongs and pings": (frame(0x8A) + frame(0x89, b"p") + frame(0x8A, b"p") + BYE, [("pong", b"p"), *ENDS[1000]]),
    # 5.2, 5.5: what is reserved, malformed or not masked
    **{f"5.2 {data.hex()}": (data + frame(0x81, b"late"), ENDS[1002]) for data in BAD},
    "5.2 after a good message": (frame(0x81, b"a") + frame(0xC1, b"b"), [text("a"), *ENDS[1002]]),
    "5.2 in a message": (frame(0x01, b"a") + frame(0x83, b"b"), ENDS[1002]),
    # 5.4: fragments
    "5.4 text in two": (frame(0x01, b"ab") + frame(0x80, b"cd") + BYE, [text("abcd"), *ENDS[1000]]),
    "5.4 text in 99": (frame(0x01) + frame(0x00, b"b") * 97 + frame(0x80) + BYE, [text("b" * 97), *ENDS[1000]]),
    "5.4 binary in two": (frame(0x02, b"\xff") + frame(0x80, b"\0") + BYE, [binary(b"\xff\0"), *ENDS[1000]]),
    "5.4 long": (LONG, [text("a" * 5000 + "b" * 5000 + "c" * 6384), *ENDS[1000]]),
    "5.4 empty ones": (frame(0x01) + frame(0x00) + frame(0x80) + BYE, [text(""), *ENDS[1000]]),
    "5.4 empty ones around": (frame(0x01) + frame(0x00, b"a") + frame(0x80) + BYE, [text("a"), *ENDS[1000]]),
    "5.4 ping between": (frame(0x01, b"a") + frame(0x89) + frame(0x80) + BYE, [("pong", b""), text("a"), *ENDS[1000]]),
    "5.4 pong between": (frame(0x01, b"a") + frame(0x8A, b"p") + frame(0x80, b"b") + BYE, [text("ab"), *ENDS[1000]]),
    "5.4 close between": (frame(0x01, b"a") + BYE, ENDS[1000]),
    "5.4 nothing to continue": (frame(0x80, b"a"), ENDS[1002]),
    "5.4 nothing to continue, not the last": (frame(0x00, b"a"), ENDS[1002]),
    "5.4 nothing to continue any more": (frame(0x01, b"a") + frame(0x80) + frame(0x80), [text("a"), *ENDS[1002]]),
    "5.4 a new message in a message": (frame(0x01, b"a") + frame(0x81, b"b"), ENDS[1002]),
    "5.4 binary in text": (frame(0x01, b"a") + frame(0x02, b"b"), ENDS[1002]),
    # 8.1: UTF-8
    **{f"8.1 {data.hex()}": (frame(0x81, data) + BYE, [text(data.decode()), *ENDS[1000]]) for data in GOOD_UTF8},
    **{f"8.1 bad {data.hex()}": (frame(0x81, data), ENDS[1007]) for data in BAD_UTF8},
    **{
        f"8.1 split at {n}": (frame(0x01, GOOD[:n]) + frame(0x80, GOOD[n:]) + BYE, [text(GOOD.decode()), *ENDS[1000]])
        for n in range(len(GOOD))
    },
    "8.1 a byte a frame": (frame(0x01) + EACH + frame(0x80) + BYE, [text(GOOD.decode()), *ENDS[1000]]),
    "8.1 bad in fragments": (frame(0x01, GOOD + b"\xed") + frame(0x80, b"\xa0\x80edited"), ENDS[1007]),
    "8.1 cut off": (frame(0x01, GOOD) + frame(0x80, b"\xce"), ENDS[1007]),
    "8.1 binary may be anything": (frame(0x82, b"\xed\xa0\x80") + BYE, [binary(b"\xed\xa0\x80"), *ENDS[1000]]),
    # 5.5.1, 7: the closing handshake
    "5.5.1 without a code": (frame(0x88), [("close", 1005), ("end", None)]),
    "5.5.1 half a code": (frame(0x88, b"\x03"), ENDS[1002]),
    "5.5.1 with a reason": (frame(0x88, b"\x03\xe8" + "späť".encode()), ENDS[1000]),
    "5.5.1 with the longest reason": (frame(0x88, b"\x03\xe8" + b"x" * 123), ENDS[1000]),
    "5.5.1 too long": (frame(0x88, b"\x03\xe8" + b"x" * 124), ENDS[1002]),
    "5.5.1 with bad UTF-8": (frame(0x88, b"\x03\xe8\xce\xba\xed\xa0\x80"), ENDS[1007]),
    "5.5.1 nothing counts after it": (BYE + frame(0x81, b"late") + frame(0x89), ENDS[1000]),
    "5.5.1 twice": (BYE + BYE, ENDS[1000]),
    **{
        f"7.4 code {code}": (frame(0x88, code.to_bytes(2, "big")), [("close", code), ("end", None)])
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    },
    **{
        f"7.4 bad code {code}": (frame(0x88, code.to_bytes(2, "big")), ENDS[1002])
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    # 10.4: limits
    "10.4 too long": (frame(0x81, b"x" * 16385), ENDS[1009]),
    "10.4 says that it is too long": (frame(0x82, head=b"\x82\x7f\0\0\0\1\0\0\0\0"), ENDS[1009]),
    "10.4 too long in fragments": (frame(0x01, b"x" * 10000) + frame(0x80, b"x" * 10000), ENDS[1009]),
    "10.4 long after a short one": (frame(0x81, b"a") + frame(0x81, b"x" * 16385), [text("a"), *ENDS[1009]]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_frames_case(server: Server, name: str) -> None:
    data, expected = CASES[name]
    for pieces in (0, 1) if len(data) < 300 else (0, 997):
        with Socket(server.port, "/echo") as ws:
            ws.raw(data, pieces)
            assert ws.all() == expected, pieces


def test_10_4_a_handlers_own_limit(server: Server) -> None:
    for size, last in [(100, ("text", "x" * 100)), (101, ("close", 1009))]:
        with Socket(server.port, "/small") as ws:
            ws.say("x" * size)
            assert ws.take(2)[1] == last


MESSAGES = st.lists(
    st.tuples(
        st.one_of(st.text(max_size=300), st.binary(max_size=300)),
        st.lists(st.integers(0, 300), max_size=4),  # where it is cut into fragments
        st.binary(max_size=20),  # a ping between them
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=MESSAGES, pieces=st.sampled_from([0, 1, 7, 100]), seed=st.integers(0, 9))
def test_what_wsproto_sends_comes_back(
    server: Server, messages: list[tuple[str | bytes, list[int], bytes]], pieces: int, seed: int
) -> None:
    with Socket(server.port, "/echo") as ws:
        data = b""
        expected: list[Seen] = []
        for message, cuts, ping in messages:
            kind = TextMessage if isinstance(message, str) else BytesMessage
            at = [0, *sorted(min(cut, len(message)) for cut in cuts), len(message)]
            for n, (a, b) in enumerate(itertools.pairwise(at)):
                data += ws.peer.send(kind(data=message[a:b], message_finished=n == len(at) - 2))  # type: ignore[arg-type]
                if n == 0 and len(at) > 2:
                    data += ws.peer.send(Ping(payload=ping))
                    expected.append(("pong", ping))
            expected.append(("text" if isinstance(message, str) else "bytes", message))
        data += ws.peer.send(CloseConnection(code=1000))
        ws.raw(data, pieces)
        assert ws.all() == [*expected, *CLOSED_WELL]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=400))
def test_noise_is_answered_with_a_close(server: Server, data: bytes) -> None:
    with Socket(server.port, "/echo") as ws:
        ws.raw(data)
        ws.client.half_close()
        seen = ws.all()
        assert seen[-1] == ("end", None)
        assert all(kind in ("text", "bytes", "pong", "close", "end") for kind, _ in seen)


# Handlers


def test_the_parts_of_the_path_arrive_and_the_handlers_end_closes(server: Server) -> None:
    with Socket(server.port, "/any-origin/42") as ws:
        assert ws.all() == [("text", "42"), *CLOSED_WELL]


def test_an_iterator_is_sent_as_one_message_in_fragments(server: Server) -> None:
    with Socket(server.port, "/pieces") as ws:
        numbers = "".join(f"{n}," for n in range(1000))
        assert ws.all() == [text(numbers), binary(b"0,1,2,"), text(""), *CLOSED_WELL]


def test_an_iterator_that_raises_ends_the_connection_with_1011(server: Server) -> None:
    with Socket(server.port, "/bad-pieces") as ws:
        assert ws.all() == ENDS[1011]


def test_a_handler_that_raises_closes_with_1011(server: Server) -> None:
    with Socket(server.port, "/raise") as ws:
        ws.say("now")
        assert ws.all() == ENDS[1011]


def test_a_long_message_is_read_in_pieces(server: Server) -> None:
    with Socket(server.port, "/count") as ws:
        for size in (0, 1, 699, 700, 701, 100_000):
            ws.raw(frame(0x82, bytes(size)))
        ws.raw(frame(0x01, b"x" * 30_000) + frame(0x89, b"p") + frame(0x80, b"x" * 30_000))
        sizes = ["0", "1", "699", "700", "701", "100000"]
        assert ws.take(8) == [*map(text, sizes), ("pong", b"p"), text("60000")]


def test_receive_goes_on_where_it_was_cancelled(server: Server) -> None:
    with Socket(server.port, "/hurry") as ws:
        message = random.Random(2).randbytes(150).hex()
        data = frame(0x01, message[:200].encode()) + frame(0x80, message[200:].encode())
        for part in (data[:1], data[1:4], data[4:100], data[100:207], data[207:]):
            time.sleep(0.12)
            ws.raw(part)
        assert ws.take(1) == [text(message + " after waiting")]


def test_messages_of_several_tasks_do_not_mix(server: Server) -> None:
    with Socket(server.port, "/together") as ws:
        seen = ws.all()
        assert seen[-2:] == CLOSED_WELL
        assert sorted(str(data) for _, data in seen[:-2]) == [letter * 5000 for letter in "abc" for _ in range(20)]


def test_a_handler_may_accept_by_itself(server: Server) -> None:
    with Socket(server.port, "/accept") as ws:
        ws.say("close")
        assert ws.all() == [("close", 4000), ("end", None)]
    with Socket(server.port, "/accept") as ws:
        ws.say("a")
        ws.say("leave")
        assert ws.all() == [("end", None)]
    with Socket(server.port, "/accept") as ws:
        ws.send(CloseConnection(code=1001))
        assert ws.all() == [("close", 1001), ("end", None)]


def test_misuse_is_told_and_does_no_harm(server: Server) -> None:
    server.closed()
    with Socket(server.port, "/misuse") as ws:
        assert ws.take(1) == [text("RuntimeError RuntimeError ValueError TypeError")]
        ws.raw(frame(0x81, b"message"))
        assert ws.all() == [text("message"), ("ping", b""), *CLOSED_WELL]
    until(lambda: server.closed() == [[1000, "é" * 61]])


# §7: the end, and clients that are no good


def test_7_1_the_server_closes_and_waits_for_the_clients_part(server: Server) -> None:
    server.closed()
    with Socket(server.port, "/close/4001") as ws:
        assert ws.take(1) == [("close", 4001)]
        assert ws.client.is_closed()
    until(lambda: server.closed() == [[4001, "as asked"]])


def test_7_1_a_client_that_does_not_answer_the_close_is_left(server: Server) -> None:
    server.closed()
    client, _ = connect(server.port, handshake(path="/close/4001"))
    with client:
        close = b"\x88\x0a\x0f\xa1as asked"
        assert client._exactly(len(close)) == close
        assert client.is_closed()
    until(lambda: server.closed() == [[1006, ""]])


def test_5_5_2_a_ping_after_the_close_has_no_pong(server: Server) -> None:
    server.closed()
    client, _ = connect(server.port, handshake(path="/close/4001"))
    with client:
        client._exactly(12)
        client.send(frame(0x89, b"p") + frame(0x81, b"late") + frame(0x88, b"\x0f\xa1as asked"))
        assert client.is_closed()
    until(lambda: server.closed() == [[4001, "as asked"]])


def test_a_task_that_still_receives_hears_of_the_handlers_end(server: Server) -> None:
    server.closed()
    with Socket(server.port, "/leave") as ws:
        assert ws.all() == CLOSED_WELL
    until(lambda: server.closed() == ["left"])


def test_a_client_that_floods_after_a_mistake_is_left(server: Server) -> None:
    with Socket(server.port, "/echo") as ws, contextlib.suppress(OSError):
        ws.client.send(frame(0xF1))
        while True:
            ws.client.send(bytes(50_000))


def test_a_handler_learns_why_it_is_over(server: Server) -> None:
    for end, expected in [
        (lambda ws: ws.send(CloseConnection(code=4005, reason="bye")), [4005, "bye"]),
        (lambda ws: ws.crash(), [1006, ""]),
        (lambda ws: ws.client.half_close(), [1006, ""]),
        (lambda ws: ws.raw(frame(0xC1)), [1002, "reserved bits or opcode"]),
    ]:
        server.closed()
        with Socket(server.port, "/note") as ws:
            end(ws)
            until(lambda expected=expected: server.closed() == [expected])


def test_a_silent_client_is_asked_for_a_sign_of_life(server: Server) -> None:
    with Socket(server.port, "/note") as ws:
        assert ws.take(1) == [("ping", b"")]
        ws.raw(frame(0x8A))
        assert ws.take(1) == [("ping", b"")]


def test_a_dead_client_is_found(server: Server) -> None:
    server.closed()
    with Socket(server.port, "/note") as ws:
        assert ws.client._exactly(2) == b"\x89\0"  # and no answer
        until(lambda: server.closed() == [[1006, ""]])
        assert ws.client.is_closed()


@pytest.mark.parametrize(
    ("path", "why"), [("/flood", [[1006, ""]]), ("/flood-beside", [["receive", 1006], ["flood", 1006]])]
)
def test_a_client_that_stops_reading_is_left_after_the_write_timeout(
    hasty: Server, path: str, why: list[object]
) -> None:
    hasty.closed()
    seen: list[object] = []
    with Socket(hasty.port, path, window=4096):
        until(lambda: seen.extend(hasty.closed()) or len(seen) == len(why))
    assert sorted(map(str, seen)) == sorted(map(str, why))


def test_an_open_websocket_takes_little_memory(hasty: Server) -> None:
    def some() -> list[Socket]:
        sockets = [Socket(hasty.port, "/echo") for _ in range(20)]
        for ws in sockets:
            ws.say("hello")
            assert ws.take(1) == [text("hello")]
        return sockets

    for ws in some():
        ws.crash()
    time.sleep(1.5)
    before = hasty.used()
    sockets = some()
    assert hasty.used() - before < 20 * 7000  # docs/live.md has the figure
    for ws in sockets:
        ws.crash()


def test_memory_comes_back(hasty: Server) -> None:
    def crowd() -> None:
        sockets = [Socket(hasty.port, "/echo") for _ in range(20)]
        for n, ws in enumerate(sockets):
            ws.raw(frame(0x81, b"x" * 3000) + frame(0x01, b"y" * 2000))
            assert ws.take(1) == [text("x" * 3000)]
            if n % 3 == 0:
                ws.crash()
            elif n % 3 == 1:
                ws.raw(frame(0xFF))
                assert ws.all() == ENDS[1002]
            else:
                ws.send(CloseConnection(code=1000))
                assert ws.all() == ENDS[1000]

    crowd()
    time.sleep(1.5)
    before = hasty.used()
    for _ in range(3):
        crowd()
    until(lambda: hasty.used() <= before + 2500)


def test_a_connection_reset_in_the_middle_of_a_message_is_no_error(server: Server) -> None:
    for data in (frame(0x81, b"x" * 5000)[:3000], frame(0x01, b"abc"), frame(0x81, b"abc")[:1]):
        with Socket(server.port, "/echo") as ws:
            ws.raw(data)
            ws.crash()


def test_a_server_that_ends_says_so(start: Start, request: pytest.FixtureRequest) -> None:
    server = start()
    with Socket(server.port, "/echo") as ws:
        ws.say("a")
        assert ws.take(1) == [text("a")]
        os.kill(server.pid, signal.SIGINT)
        end: list[Seen] = [("end", None)]
        said: list[Seen] = [("close", 1001), *end]
        if "cpython" in request.node.name:
            assert ws.all() == said
        else:  # MicroPython's asyncio leaves its tasks where they are, but for the one that runs
            assert ws.all() in (end, said)
