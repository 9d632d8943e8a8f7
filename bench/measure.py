"""What is measured: functions that take a prepared contestant and give plain figures; report.py makes words of them."""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .cases import KINDS, WORKLOADS, Workload, more, small_file
from .client import HOST, Answer, BadAnswer, Load, ask, parse
from .prepare import CHUNK, Contestant, prepare
from .process import BenchError, Server

# The heap of all runs that measure time. A Pico W has 203 KiB free; words here are twice as long as on a board.
HEAP = "400k"
_ROOMY = "64m"  # for runs without garbage collection
CROWDS = (10, 50, 100)
ROUTES = (1, 50, 500, 1000)
FILES = (10, 100, 1000)


@dataclass
class Rate:
    """How fast one workload went: requests a second, seconds that 50, 99 and 100 of a hundred took at most."""

    rate: float
    p50: float
    p99: float
    slowest: float
    busy: float  # the client's share of one core
    wrong: int


@dataclass
class Figures:
    """All that is known about one contestant; what was not measured, or can not be, is missing."""

    absent: str = ""  # why it takes no part
    broken: dict[str, str] = field(default_factory=dict)  # workload: what is wrong with its answer
    closes: bool = False  # it closes the connection after each answer
    rates: dict[tuple[str, str, int], Rate] = field(default_factory=dict)  # by workload, kind, connections
    instructions: dict[tuple[str, str], float] = field(default_factory=dict)  # by workload, kind
    garbage: dict[str, float] = field(default_factory=dict)
    least: int | None = None  # KiB
    heap: int | None = None  # bytes
    first: float | None = None  # seconds
    routes: dict[int, float] = field(default_factory=dict)
    route_heap: dict[int, int] = field(default_factory=dict)
    files: dict[int, int] = field(default_factory=dict)
    crowds: dict[int, tuple[int, float]] = field(default_factory=dict)  # right answers, seconds
    notes: list[str] = field(default_factory=list)


@contextlib.contextmanager
def folder_of(contestant: Contestant, routes: int = 0, files: Iterable[Workload] = ()) -> Iterator[Path]:
    """A contestant's folder, for a while."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield prepare(contestant, Path(folder), routes, files)


def start(
    contestant: Contestant,
    folder: Path,
    heap: str = "",
    probe: bool = False,
    counts: Path | None = None,
    routes: int = 0,
) -> Server:
    """Starts a contestant; use it as a context manager, and wait_ready() for it."""
    return Server(folder, contestant.program, CHUNK, routes, heap=heap, probe=probe, counts=counts)


def wait_ready(server: Server, workload: Workload = WORKLOADS["hello"], timeout: float = 15) -> None:
    """Waits for the first right answer. Raises BenchError when the program ends, or does not answer."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if server.ended():
            raise BenchError("it ends at its start")
        with contextlib.suppress(OSError, BadAnswer):
            if right_answer(server, workload):
                return
            raise BenchError("its first answer is wrong")
        time.sleep(0.001)
    raise BenchError(f"it does not answer within {timeout:.0f} s")


def right_answer(server: Server, workload: Workload, kind: str = "closed", timeout: float = 10) -> Answer | None:
    """The answer, None when it is not the right one. Raises OSError and BadAnswer as ask()."""
    answer = ask(server.port, workload.request(kind), to_end=kind != "kept", timeout=timeout)
    return answer if workload.is_right(answer.status, answer.body) else None


# Right or wrong


def check(contestant: Contestant, folder: Path, workloads: list[Workload], figures: Figures) -> None:
    """Asks for everything in every way once, and notes what is wrong."""
    with start(contestant, folder) as server:
        wait_ready(server)
        for workload in workloads:
            problem = _problem(server, workload, figures)
            if problem:
                figures.broken[workload.name] = problem


def _problem(server: Server, workload: Workload, figures: Figures) -> str:
    for kind in KINDS:
        try:
            answer = right_answer(server, workload, kind)
        except (OSError, BadAnswer) as e:
            return f"{kind}: {e}"
        if answer is None:
            return f"{kind}: another answer than the right one"
        if kind == "kept" and answer.closed:
            figures.closes = True
    return ""


# Time


def load(server: Server, workload: Workload, kind: str, connections: int = 1) -> Load:
    """A load for a server that answers `workload` rightly. Raises BenchError when it does not."""
    answer = right_answer(server, workload, kind)
    if answer is None:
        raise BenchError(f"{workload.name}: a wrong answer")
    return Load(server.port, workload.request(kind), answer.raw, kind == "kept" and not answer.closed, connections)


def rates(contestant: Contestant, folder: Path, workloads: list[Workload], figures: Figures, seconds: float) -> None:
    """Requests a second, with 1 and 8 connections, new ones and kept ones; the better of this and earlier rounds."""
    with start(contestant, folder, HEAP) as server:
        wait_ready(server)
        for workload in workloads:
            for kind in ("closed",) if figures.closes else ("closed", "kept"):
                for connections in (1,) if contestant.one_at_a_time and kind == "kept" else (1, 8):
                    new = _rate(load(server, workload, kind, connections).run(seconds))
                    old = figures.rates.get((workload.name, kind, connections))
                    if old is None or new.rate > old.rate:
                        figures.rates[workload.name, kind, connections] = new


def _rate(done: Load) -> Rate:
    p50, p99, slowest = map(done.percentile, (50, 99, 100))
    return Rate(done.rate, p50, p99, slowest, done.busy / (done.seconds or 1), done.wrong)


def first_answer(contestant: Contestant, folder: Path, tries: int) -> float:
    """Seconds from the start of the process to its first right answer, less those of an empty program.

    Both are the least of some tries: a busy machine only ever adds to them.
    """
    tried = [(_first_answer(contestant, folder), _nothing(folder)) for _ in range(tries)]
    return min(full for full, _ in tried) - min(empty for _, empty in tried)


def _first_answer(contestant: Contestant, folder: Path) -> float:
    with start(contestant, folder) as server:
        wait_ready(server)
        return time.perf_counter() - server.started


def _nothing(folder: Path) -> float:
    shutil.copy(Path(__file__).parent / "contestants" / "nothing.py", folder)
    with Server(folder, "nothing.py", probe=True) as empty:
        empty.hear()
        return time.perf_counter() - empty.started


# Instructions


def instructions(
    contestant: Contestant, folder: Path, workloads: list[Workload], kinds: Iterable[str], figures: Figures
) -> None:
    """Instructions for a request, by workload and kind of connection."""
    with _counting(contestant, folder) as server:
        empty = _empty_batch(server)
        for workload in workloads:
            for kind in kinds:
                if kind != "kept" or not figures.closes:
                    figures.instructions[workload.name, kind] = _batch(server, workload, kind, empty)


@contextlib.contextmanager
def _counting(contestant: Contestant, folder: Path, routes: int = 0) -> Iterator[Server]:
    """A server whose instructions are counted."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as counts,
        start(contestant, folder, counts=Path(counts), routes=routes) as server,
    ):
        wait_ready(server, timeout=60)
        yield server


def _empty_batch(server: Server) -> int:
    """What the probe itself takes between two marks."""
    for _ in range(2):
        server.ask("collect")
        server.mark()
        count = server.mark()
    return count


def _batch(server: Server, workload: Workload, kind: str, empty: int) -> float:
    n = workload.counted
    load(server, workload, kind).run(60, most=max(2, n // 20))  # what a first request sets up is not counted
    batch = load(server, workload, kind)
    server.ask("collect")
    server.mark()
    batch.run(120, most=n)
    count = server.mark() - empty
    if len(batch.times) != n:
        raise BenchError(f"{workload.name}: {n - len(batch.times)} of {n} answers are wrong")
    return count / n


def many_routes(contestant: Contestant, routes: int, figures: Figures) -> None:
    """Instructions for the last one of many routes, and the heap that they take."""
    workload = more(routes - 1)
    with folder_of(contestant, routes) as folder, _counting(contestant, folder, routes) as server:
        figures.routes[routes] = _batch(server, workload, "closed", _empty_batch(server))
        figures.route_heap[routes] = server.ask("collect")


# Memory


def garbage(contestant: Contestant, folder: Path, workloads: list[Workload], figures: Figures) -> None:
    """Bytes that a request allocates, with a connection of its own."""
    with start(contestant, folder, _ROOMY, probe=True) as server:
        wait_ready(server)
        server.ask("hold")
        for workload in workloads:
            n = min(20, workload.counted)
            load(server, workload, "closed").run(20, most=2)
            batch = load(server, workload, "closed")
            time.sleep(0.02)
            before = server.ask("used")
            batch.run(20, most=n)
            time.sleep(0.02)
            figures.garbage[workload.name] = (server.ask("used") - before) / n


def heap_after_boot(contestant: Contestant, folder: Path) -> int:
    """Bytes in use when it serves: after the first answer and a garbage collection."""
    with start(contestant, folder, probe=True) as server:
        wait_ready(server)
        time.sleep(0.05)
        return server.ask("collect")


def heap_with_files(contestant: Contestant, n: int) -> int:
    """Bytes in use when it serves n static files, after 20 of them were asked for."""
    files = [small_file(i) for i in range(n)]
    with folder_of(contestant, files=files) as folder, start(contestant, folder, probe=True) as server:
        wait_ready(server)
        for workload in files[:: max(1, n // 20)]:
            if not right_answer(server, workload):
                raise BenchError("a wrong answer")
        time.sleep(0.05)
        return server.ask("collect")


def least_heap(contestant: Contestant, folder: Path, workloads: list[Workload], most: int = 1024) -> int:
    """The smallest heap, in KiB, with which all workloads are answered rightly 20 times."""
    if not _serves(contestant, folder, workloads, most):
        raise BenchError(f"it fails with a heap of {most} KiB")
    too_small, enough = 4, 64
    while not _serves(contestant, folder, workloads, enough):
        too_small, enough = enough, enough * 2
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        if _serves(contestant, folder, workloads, middle):
            enough = middle
        else:
            too_small = middle
    return enough


def _serves(contestant: Contestant, folder: Path, workloads: list[Workload], heap: int) -> bool:
    try:
        with start(contestant, folder, f"{heap}k") as server:
            wait_ready(server, timeout=2)
            for workload in workloads:
                for _ in range(20):
                    if not right_answer(server, workload, timeout=2):
                        return False
    except (OSError, BadAnswer, BenchError):
        return False
    return True


# Many at once


def crowd(contestant: Contestant, folder: Path, n: int) -> tuple[int, float]:
    """n connections at once, each with one request: how many are answered rightly, and in how many seconds."""
    with start(contestant, folder, HEAP) as server:
        wait_ready(server)
        start_time = time.perf_counter()
        right = _crowd(server.port, n, WORKLOADS["hello"])
        return right, time.perf_counter() - start_time


def _crowd(port: int, n: int, workload: Workload, timeout: float = 15) -> int:
    socks = [socket.socket() for _ in range(n)]
    waiting = {sock.fileno(): (sock, bytearray()) for sock in socks}
    poll = select.poll()
    for sock in socks:
        sock.setblocking(False)
        sock.connect_ex((HOST, port))
        poll.register(sock, select.POLLOUT)
    end = time.monotonic() + timeout
    right = 0
    while waiting and time.monotonic() < end:
        for number, event in poll.poll(100):
            sock, raw = waiting[number]
            if event & select.POLLOUT and not event & (select.POLLERR | select.POLLHUP):
                sock.send(workload.request("closed"))
                poll.modify(sock, select.POLLIN)
            elif not _more(sock, raw):
                right += _is_right(bytes(raw), workload)
                poll.unregister(sock)
                del waiting[number]
    for sock in socks:
        sock.close()
    return right


def _more(sock: socket.socket, raw: bytearray) -> bool:
    try:
        data = sock.recv(65536)
    except OSError:
        return False
    raw += data
    return bool(data)


def _is_right(raw: bytes, workload: Workload) -> bool:
    try:
        answer = parse(raw, closed=True)
    except BadAnswer:
        return False
    return answer is not None and workload.is_right(answer.status, answer.body)
