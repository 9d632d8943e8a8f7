"""The client: HTTP answers as they are framed, and loads of many requests over raw sockets, fast."""

from __future__ import annotations

import gzip
import select
import socket
import time
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """An answer: its bytes as they came, what they mean, and whether the server closed the connection after them."""

    raw: bytes
    status: int
    fields: dict[str, str]
    body: bytes
    closed: bool


class BadAnswer(Exception):
    """What came is not a whole answer."""


def _split(raw: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = {}
    for line in lines:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    try:
        return int(first.split()[1]), fields, body
    except (IndexError, ValueError):
        raise BadAnswer(f"no status: {first[:40]!r}") from None


def _unchunked(data: bytes) -> bytes | None:
    """The body of a chunked answer, None when it is not all there."""
    body = b""
    while True:
        size, found, data = data.partition(b"\r\n")
        if not found:
            return None
        n = int(size, 16)
        if len(data) < n + 2:
            return None
        if n == 0:
            return body
        body += data[:n]
        data = data[n + 2 :]


def parse(raw: bytes, closed: bool) -> Answer | None:
    """The answer in what has come so far, None when it is not all there. Raises BadAnswer when it never will be."""
    if b"\r\n\r\n" not in raw:
        if closed:
            raise BadAnswer(f"{len(raw)} bytes and no head")
        return None
    status, fields, data = _split(raw)
    body: bytes | None
    if fields.get("transfer-encoding") == "chunked":
        body = _unchunked(data)
    elif "content-length" in fields:
        body = data if len(data) >= int(fields["content-length"]) else None
    else:
        body = data if closed else None
    if body is None:
        if closed:
            raise BadAnswer("the answer breaks off")
        return None
    if fields.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return Answer(raw, status, fields, body, closed)


def ask(port: int, request: bytes, to_end: bool, timeout: float = 10) -> Answer:
    """Sends one request. to_end: waits until the server closes. Raises OSError or BadAnswer."""
    raw = bytearray()
    with socket.create_connection((HOST, port), timeout=timeout) as sock:
        sock.sendall(request)
        while True:
            data = sock.recv(65536)
            raw += data
            answer = parse(bytes(raw), not data) if not to_end or not data else None
            if answer:
                return _with_end(sock, answer) if not to_end else answer


def _with_end(sock: socket.socket, answer: Answer) -> Answer:
    """The answer, and whether the server closes after it: it says so, or it does so at once."""
    says = answer.fields.get("connection", "").lower()
    if says != "keep-alive" and (says == "close" or answer.raw.startswith(b"HTTP/1.0") or _ends(sock)):
        return Answer(answer.raw, answer.status, answer.fields, answer.body, True)
    return answer


def _ends(sock: socket.socket) -> bool:
    sock.settimeout(0.1)
    try:
        return sock.recv(1) == b""
    except TimeoutError:
        return False


@dataclass
class Load:
    """Asks for the same again and again, and compares every answer with the one that was checked, byte by byte.

    kept: uses a connection again when its answer has come, else waits until the server has closed it. A server that
    answers with other bytes at every request has all its answers counted as wrong.
    """

    port: int
    request: bytes
    answer: bytes
    kept: bool
    connections: int = 1
    times: list[float] = field(default_factory=list)  # seconds for each right answer
    buffers: list[tuple[bytearray, memoryview]] = field(default_factory=list)
    wrong: int = 0
    seconds: float = 0  # how long it took in all
    busy: float = 0  # how much of that the client itself took

    def run(self, seconds: float, most: int = 10**9) -> Load:
        """Asks for `seconds`, but no more than `most` times; what is not answered 10 s later is wrong."""
        self._most, self._asked = most, 0
        self._poll = select.poll()
        self._open: dict[int, _Connection] = {}
        cpu, start = time.process_time(), time.perf_counter()
        self._until = start + seconds
        for _ in range(self.connections):
            self._begin()
        while self._open and time.perf_counter() < self._until + 10:
            for number, _ in self._poll.poll(1000):
                self._receive(self._open[number])
        self.seconds, self.busy = time.perf_counter() - start, time.process_time() - cpu
        self._give_up()
        return self

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0

    def percentile(self, percent: int) -> float:
        """The time in which that many of a hundred answers came, in seconds."""
        times = sorted(self.times)
        return times[min(len(times) - 1, len(times) * percent // 100)] if times else 0

    def _may_ask(self) -> bool:
        if self._asked >= self._most or time.perf_counter() >= self._until:
            return False
        self._asked += 1
        return True

    def _begin(self) -> None:
        """Opens a connection and asks, when there is time for one more."""
        if self._may_ask():
            connection = _Connection(self)
            self._open[connection.number] = connection
            self._poll.register(connection.number, select.POLLIN)

    def _receive(self, connection: _Connection) -> None:
        done = connection.receive()
        if done is None:
            return
        if done and self.kept:
            self._count(connection)
            if self._may_ask():
                connection.ask()
                return
        elif done:
            self._count(connection)
        elif connection.at or not self.kept:
            self.wrong += 1
        self._poll.unregister(connection.number)
        del self._open[connection.number]
        connection.close()
        self._begin()

    def _count(self, connection: _Connection) -> None:
        if connection.is_right():
            self.times.append(time.perf_counter() - connection.start)
        else:
            self.wrong += 1

    def _give_up(self) -> None:
        self.wrong += len(self._open)
        for connection in self._open.values():
            connection.sock.close()


def _buffer(size: int) -> tuple[bytearray, memoryview]:
    buffer = bytearray(size)
    return buffer, memoryview(buffer)


class _Connection:
    """One connection of a load, with room for one answer and a byte more."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer, self.view = load.buffers.pop() if load.buffers else _buffer(len(load.answer) + 1)
        self.sock = socket.socket()
        self.start = time.perf_counter()
        self.sock.connect((HOST, load.port))
        self.number = self.sock.fileno()
        self.ask(self.start)

    def close(self) -> None:
        self.sock.close()
        self.load.buffers.append((self.buffer, self.view))

    def ask(self, start: float | None = None) -> None:
        self.at = 0
        self.start = start or time.perf_counter()
        self.sock.send(self.load.request)

    def receive(self) -> bool | None:
        """Receives what is there. True: that is the end of an answer; False: it broke off; None: not yet."""
        try:
            n = self.sock.recv_into(self.view[self.at :], 0, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            n = 0
        self.at += n
        whole = self.at >= len(self.load.answer)
        if self.load.kept:
            return True if whole else None if n else False
        return None if n and self.at <= len(self.load.answer) else whole

    def is_right(self) -> bool:
        return self.at == len(self.load.answer) and self.buffer.startswith(self.load.answer)
