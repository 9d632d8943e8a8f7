"""Words, tables and a chart of the figures: for the terminal, docs/benchmarks.md and docs/benchmarks.svg."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

import picoweb

from . import chart, peers
from .cases import KINDS, WORKLOADS
from .measure import CROWDS, FILES, HEAP, ROUTES, Figures
from .prepare import CHUNK, CONTESTANTS
from .process import interpreter, valgrind

Results = Mapping[str, Figures]
_PEER, _FLOOR = "microdot", "asyncio"
_STALL = 0.9  # seconds: who waits that long was not let in at first
_CLOSES, _CLIENT, _STALLS = "†", "≥", "‡"

_LEGEND = f"""\
{_CLOSES} closes the connection after each answer, so these are the figures with a new connection for each.
{_CLIENT} the client was busy for more than nine tenths of the time: the server may be faster than it can ask.
{_STALLS} new connections did not get through at once, and were tried again by the system a second later; not compared.
– does not apply, or was not measured.
“÷ microdot” and “÷ asyncio” are picoweb's figures divided by theirs."""


@dataclass
class Table:
    """A title, what its figures mean, and rows of text; the first `labels` columns say what a row is."""

    title: str
    meaning: str
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)
    labels: int = 1


class _Maker:
    """Makes a table row by row: a column for each contestant, then picoweb's ratios to the peer and to the floor."""

    def __init__(self, results: Results, title: str, meaning: str, labels: list[str], skip: tuple[str, ...] = ()):
        self.names = [name for name in results if name not in skip]
        self.results = results
        self.others = [name for name in (_PEER, _FLOOR) if "picoweb" in self.names and name in self.names]
        header = [*labels, *self.names, *(f"÷ {name}" for name in self.others)]
        self.table = Table(title, meaning, header, labels=len(labels))

    def add(
        self,
        labels: list[str],
        value: Callable[[Figures], float | None],
        text: Callable[[Figures, float], str],
        workload: str = "",
        compared: Callable[[Figures], float | None] | None = None,
    ) -> None:
        """Adds a row, when anyone has a value for it.

        workload: the one that it is about. compared: the value for the ratios, where it is not the same.
        """
        values = {name: value(self.results[name]) for name in self.names}
        if all(number is None for number in values.values()):
            return
        cells = [self._cell(name, workload, number, text) for name, number in values.items()]
        compare = compared or value
        ratios = [ratio(compare(self.results["picoweb"]), compare(self.results[name])) for name in self.others]
        self.table.rows.append([*labels, *cells, *ratios])

    def _cell(self, name: str, workload: str, number: float | None, text: Callable[[Figures, float], str]) -> str:
        figures = self.results[name]
        if workload in figures.broken:
            return "failed"
        return "–" if number is None else text(figures, number)


def ratio(ours: float | None, theirs: float | None) -> str:
    """One figure divided by another, as the tables show it."""
    if ours is None or not theirs:
        return "–"
    found = ours / theirs
    return f"{found:.0f}" if found >= 100 else f"{found:.1f}" if found >= 10 else f"{found:.2f}"


def _whole(figures: Figures, number: float) -> str:
    return f"{number:,.0f}"


def _thousands(figures: Figures, number: float) -> str:
    return f"{number / 1000:,.0f}" if number >= 100_000 else f"{number / 1000:,.1f}"


# Tables


def _rates(results: Results) -> list[Table]:
    rates = _Maker(
        results, "Requests a second", f"More is better. The best of several rounds in turn, heap {HEAP}.",
        ["workload", "connections"], skip=("microdot-py",),
    )  # fmt: skip
    times = _Maker(
        results, "Latency", "Milliseconds in which 50 % / 99 % of the answers had come, in the round above.",
        ["workload", "connections"], skip=("microdot-py",),
    )  # fmt: skip
    for name, workload in WORKLOADS.items():
        for connections in (1, 8):
            for kind in ("closed", "kept"):
                _add_rate(rates, times, [workload.title, f"{connections}, {kind}"], (name, kind, connections))
    times.table.header = times.table.header[: 2 + len(times.names)]
    times.table.rows = [row[: 2 + len(times.names)] for row in times.table.rows]
    return [rates.table, times.table]


def _add_rate(rates: _Maker, times: _Maker, labels: list[str], key: tuple[str, str, int]) -> None:
    def real(figures: Figures) -> tuple[str, str, int]:
        return (key[0], "closed", key[2]) if figures.closes else key

    def rate(figures: Figures) -> float | None:
        found = figures.rates.get(real(figures))
        return found.rate if found else None

    def text(figures: Figures, number: float) -> str:
        found = figures.rates[real(figures)]
        marks = (_CLOSES if real(figures) != key else "") + (_STALLS if found.slowest > _STALL else "")
        wrong = f" ({found.wrong} wrong)" if found.wrong else ""
        return f"{_CLIENT if found.busy > 0.9 else ''}{number:,.0f}{marks}{wrong}"

    def latency(figures: Figures, number: float) -> str:
        found = figures.rates[real(figures)]
        return f"{found.p50 * 1000:.2f} / {found.p99 * 1000:.2f}{_CLOSES if real(figures) != key else ''}"

    def steady(figures: Figures) -> float | None:
        found = figures.rates.get(real(figures))
        return found.rate if found and found.slowest <= _STALL else None

    rates.add(labels, rate, text, key[0], steady)
    times.add(labels, rate, latency, key[0])


def _instructions(results: Results) -> Table:
    maker = _Maker(
        results, "Instructions a request",
        "Less is better. Thousands of machine instructions of the server's process, without the system's own;"
        " garbage collections that happen are in it. They repeat within 1 %, also where other programs run and the"
        " rates above go up and down. “browser” is a closed connection and a browser's twelve header fields.",
        ["workload", "connection"], skip=("microdot-py",),
    )  # fmt: skip
    for name, workload in WORKLOADS.items():
        for kind in KINDS:
            _add_instructions(maker, [workload.title, kind], name, kind)
    return maker.table


def _add_instructions(maker: _Maker, labels: list[str], name: str, kind: str) -> None:
    def real(figures: Figures) -> str:
        return "closed" if figures.closes and kind == "kept" else kind

    def text(figures: Figures, number: float) -> str:
        return _thousands(figures, number) + (_CLOSES if real(figures) != kind else "")

    maker.add(labels, lambda figures: figures.instructions.get((name, real(figures))), text, name)


def _garbage(results: Results) -> Table:
    maker = _Maker(
        results, "Bytes allocated a request",
        "Less is better: a board collects garbage when its heap is full of them, and stands still meanwhile."
        " With a new connection for each request.",
        ["workload"], skip=("microdot-py",),
    )  # fmt: skip
    for name, workload in WORKLOADS.items():
        maker.add([workload.title], lambda figures, name=name: figures.garbage.get(name), _whole, name)  # type: ignore[misc]
    return maker.table


def _memory(results: Results) -> Table:
    maker = _Maker(
        results, "Memory and start",
        "Less is better. Least heap: the smallest `-X heapsize` with which all workloads are answered rightly 20 times."
        " Heap in use: after the first answer and a garbage collection. First answer: from the start of the process,"
        " less the time of an empty program.",
        ["figure"],
    )  # fmt: skip
    maker.add(["least heap, KiB"], lambda figures: figures.least, _whole)
    maker.add(["heap in use, bytes"], lambda figures: figures.heap, _whole)
    maker.add(["first answer, ms"], lambda figures: figures.first, lambda _, number: f"{number * 1000:.1f}")
    return maker.table


def _routes(results: Results) -> Table:
    maker = _Maker(
        results, "Many routes",
        "Less is better. Thousands of instructions for a request of the last one, and the heap in use, in bytes.",
        ["figure"], skip=("microdot-py", *(name for name in results if CONTESTANTS[name].floor)),
    )  # fmt: skip
    for n in ROUTES:
        maker.add([f"the last of {n}"], lambda figures, n=n: figures.routes.get(n), _thousands)  # type: ignore[misc]
    for n in ROUTES:
        maker.add([f"heap for {n}"], lambda figures, n=n: figures.route_heap.get(n), _whole)  # type: ignore[misc]
    return maker.table


def _files(results: Results) -> Table:
    maker = _Maker(
        results, "Many static files", "Less is better. Heap in use, in bytes, after 20 of them were asked for.",
        ["files"], skip=tuple(name for name in results if not results[name].files),
    )  # fmt: skip
    for n in FILES:
        maker.add([str(n)], lambda figures, n=n: figures.files.get(n), _whole)  # type: ignore[misc]
    return maker.table


def _crowds(results: Results) -> Table:
    table = Table(
        "Many connections at once",
        "Right answers, and after how many seconds the last one had come; what takes more than 15 s is given up.",
        ["connections", *(name for name in results if results[name].crowds)],
    )
    for n in CROWDS:
        found = [figures.crowds.get(n) for figures in results.values() if figures.crowds]
        if any(found):
            table.rows.append([str(n), *(f"{one[0]} in {one[1]:.2f} s" if one else "–" for one in found)])
    return table


def tables(results: Results) -> list[Table]:
    """All tables that have figures."""
    results = {name: figures for name, figures in results.items() if not figures.absent}
    found = [
        *_rates(results), _instructions(results), _garbage(results), _memory(results),
        _routes(results), _files(results), _crowds(results),
    ]  # fmt: skip
    return [table for table in found if table.rows]


def problems(results: Results) -> list[str]:
    """One line for everything that failed."""
    lines = []
    for name, figures in results.items():
        if figures.absent:
            lines.append(f"{name} takes no part: {figures.absent}")
        lines += [f"{name} fails {workload}: {problem}" for workload, problem in figures.broken.items()]
        lines += [f"{name}: {note}" for note in figures.notes]
    return lines


# Where and with what it was measured


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    return (done.stdout + done.stderr).strip()


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _micropython() -> str:
    program = Path(__file__).parent / "contestants" / "version.py"
    return _output(*interpreter(), str(program)).splitlines()[-1]


def surroundings() -> dict[str, str]:
    """What the figures depend on, by name."""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "MicroPython": _micropython(),
        "picoweb": picoweb.__version__,
        "Microdot": f"{peers.MICRODOT.version}, with utemplate {peers.UTEMPLATE.version}",
        "instructions": _output(valgrind() or "true", "--version") or "not counted, there is no valgrind here",
        "pieces of files": f"{CHUNK} bytes, for everyone",
    }


# Output


def show(results: Results, more: Sequence[Table] = ()) -> None:
    """Prints everything to the terminal; `more`: tables that are not about requests."""
    console = Console(width=max(132, Console().width), highlight=False)
    for table in [*tables(results), *more]:
        console.print(f"\n[bold]{table.title}[/]  {table.meaning}")
        rich = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
        for i, name in enumerate(table.header):
            rich.add_column(name, justify="left" if i < table.labels else "right", no_wrap=True)
        for row in table.rows:
            rich.add_row(*row)
        console.print(rich)
    if results:
        console.print(_LEGEND)
    for line in problems(results):
        console.print(f"[red]{line}[/]")


def _markdown(table: Table) -> str:
    marks = ["---"] * table.labels + ["--:"] * (len(table.header) - table.labels)
    lines = [f"| {' | '.join(row)} |" for row in [table.header, *table.rows]]
    lines.insert(1, f"|{'|'.join(marks)}|")
    return f"## {table.title}\n\n{table.meaning}\n\n" + "\n".join(lines) + "\n"


def page(results: Results, more: Sequence[Table] = ()) -> str:
    """docs/benchmarks.md."""
    who = "\n".join(f"| `{name}` | {CONTESTANTS[name].what} |" for name in results)
    where = "\n".join(f"| {name} | {value} |" for name, value in surroundings().items())
    parts = [
        _INTRODUCTION,
        f"| name | what it is |\n|---|---|\n{who}\n",
        f"| measured with | |\n|---|---|\n{where}\n",
        *map(_markdown, [*tables(results), *more]),
        "## Signs\n\n" + _LEGEND.replace("\n", "  \n") + "\n",
    ]
    if problems(results):
        parts.append("## What failed\n\n" + "".join(f"- {line}\n" for line in problems(results)))
    return "\n".join(parts)


_INTRODUCTION = f"""\
# Benchmarks

This page is written by `make bench`, which measures everything again on your computer, in one run and side by side:
the same six workloads, on the same MicroPython, over the loopback interface.

![Requests a second and memory, compared](benchmarks.svg)

Every answer is compared with the one that is right, byte by byte (JSON by its value), also under load. The files are
bytes that cannot be compressed, so everyone sends as many. Nobody writes a log. All Python is compiled to `.mpy`
beforehand, but for the short server programs and `microdot-py`. Microdot is used in the fastest way that its
documentation shows: templates compiled ahead and rendered in one piece, and pieces of files as large as ours. The last
two contestants are floors: what no framework can go below that is built like them. They parse and check nothing.

Words are 64 bits here and 32 on most boards, where heaps need about half of this.
Workloads: {"; ".join(f"{workload.title} (`{workload.path}`)" for workload in WORKLOADS.values())}.
"""


def write(results: Results, folder: Path, more: Sequence[Table] = ()) -> None:
    """Writes the page and the chart."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.md").write_text(page(results, more), encoding="utf-8")
    (folder / "benchmarks.svg").write_text(chart.draw(*_panels(results)), encoding="utf-8")


def _panels(results: Results) -> tuple[list[str], list[chart.Panel]]:
    names = [name for name in ("picoweb", _PEER, _FLOOR) if name in results]

    def bars(value: Callable[[Figures], float | None]) -> list[float | None]:
        return [value(results[name]) for name in names]

    def rate(name: str) -> Callable[[Figures], float | None]:
        return lambda figures: figures.rates[name, "closed", 1].rate if (name, "closed", 1) in figures.rates else None

    shown = ("hello", "static", "template", "json", "form")
    rates = {WORKLOADS[name].title: bars(rate(name)) for name in shown}
    heaps = {
        "least heap, KiB": bars(lambda figures: figures.least),
        "heap in use, KiB": bars(lambda figures: figures.heap and figures.heap / 1024),
    }
    garbage = {WORKLOADS[name].title: bars(lambda f, name=name: f.garbage.get(name)) for name in shown[:3]}  # type: ignore[misc]
    return names, [
        chart.Panel("Requests a second, more is better", rates),
        chart.Panel("Memory, less is better", heaps),
        chart.Panel("Bytes allocated a request, less is better", garbage),
    ]
