"""Uploads to the board of the tests, by picoweb and by mpremote's own copy: seconds, and bytes on the wire."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from site_builder import bundle, onboard, runner
from tests.board import Board

from .process import BenchError
from .report import Table

_EXAMPLE = Path(__file__).parent.parent / "sites" / "example"
_OURS = """
import sys, time
start = time.perf_counter()
from pathlib import Path
from site_builder.upload import upload
upload(Path(sys.argv[1]), sys.argv[2])
print(time.perf_counter() - start)
"""
_COPY = """
import sys, time
start = time.perf_counter()
from mpremote.main import main
sys.argv[1:] = ["connect", sys.argv[2], "fs", "cp", "-r", sys.argv[1] + "/.", ":"]
assert not main()
print(time.perf_counter() - start)
"""
WIRES = {"115,200 baud": 115_200, "as fast as it goes": 0}
WAYS = {"picoweb upload": _OURS, "mpremote fs cp -r": _COPY}
# What is uploaded, one after the other, to the same board.
KINDS = ("all", "one page changed", "nothing changed")
_MEANING = """\
Less is better. The example ({files} files, {size:,} bytes) is sent to an empty board, then again with one page \
changed, and again with nothing changed. The board is that of the tests: MicroPython on this machine, with LittleFS, \
at the end of a wire as slow as it is said. Seconds are those of the whole process. picoweb's have more in them: all \
files are checked on the board, it restarts, and says that the new site serves. mpremote checks and removes nothing, \
and leaves the board at its prompt."""


@dataclass
class Figures:
    """What one upload took: seconds, bytes to the board and bytes from it."""

    seconds: float
    received: int
    sent: int


@dataclass
class Results:
    """Figures by wire, way and kind; how many files and bytes were uploaded."""

    files: int = 0
    size: int = 0
    figures: dict[tuple[str, str, str], Figures] = field(default_factory=dict)


def _made(folder: Path) -> tuple[dict[str, Path], int, int]:
    """The bundles of the example for each kind of upload, below a folder; the number of files, and bytes."""
    site = folder / "site"
    shutil.copytree(_EXAMPLE, site, ignore=shutil.ignore_patterns("build"))
    description = site / "site.yaml"
    text = description.read_text(encoding="utf-8")
    description.write_text(text.replace("{port: 80}", f"{{port: {runner.free_port()}}}"), encoding="utf-8")
    first = bundle.build(site)
    page = site / "templates" / "about.html"
    page.write_text(page.read_text(encoding="utf-8").replace("</h1>", "!</h1>", 1), encoding="utf-8")
    second = bundle.build(site)
    if first.files == second.files:
        raise BenchError("the change of a page changed nothing")
    bundle.write(first, folder / "first")
    bundle.write(second, folder / "second")
    for name in ("first", "second"):
        (folder / name / ".gitignore").unlink()
    kinds = dict(zip(KINDS, (folder / "first", folder / "second", folder / "second"), strict=True))
    return kinds, len(first.files), first.size


def _one(way: str, made: Path, board: Board) -> Figures:
    received, sent = board.received, board.sent
    command = [sys.executable, "-c", WAYS[way], str(made), board.port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise BenchError(f"{way}: {(done.stdout + done.stderr).strip()[-200:]}")
    return Figures(float(done.stdout.split()[-1]), board.received - received, board.sent - sent)


def run(say: Callable[[str], None] = lambda _: None) -> Results:
    """Measures everything. Raises BenchError when an upload fails, or leaves another site than the one it sent."""
    with tempfile.TemporaryDirectory() as name:
        kinds, files, size = _made(Path(name))
        results = Results(files, size)
        for wire, baud in WIRES.items():
            for way in WAYS:
                say(f"uploads, {wire}, {way}")
                folder = Path(name) / f"{baud}-{way.split()[0]}"
                folder.mkdir()
                with Board(folder, baud=baud) as board:
                    for kind in KINDS:
                        results.figures[wire, way, kind] = _one(way, kinds[kind], board)
                    _check(way, kinds[KINDS[-1]], board)
    return results


def _check(way: str, made: Path, board: Board) -> None:
    there = board.files()
    if way in WAYS and way.startswith("picoweb"):
        site = onboard.Site.read(made)
        expected = {**site.files, **site.start}
    else:
        expected = {p.relative_to(made).as_posix(): p.read_bytes() for p in made.rglob("*") if p.is_file()}
    if not expected.items() <= there.items():
        raise BenchError(f"{way}: the board has other files than were sent")


def tables(results: Results) -> list[Table]:
    """The figures, as a table of the page."""
    header = [
        "wire",
        "upload",
        *(f"{way}, {unit}" for unit in ("s", "kB on the wire") for way in WAYS),
        "time, ÷ mpremote",
    ]
    table = Table("Uploads", _MEANING.format(files=results.files, size=results.size), header, labels=2)
    for wire in WIRES:
        for kind in KINDS:
            ours, copy = (results.figures[wire, way, kind] for way in WAYS)
            seconds = [f"{one.seconds:.2f}" for one in (ours, copy)]
            traffic = [f"{(one.received + one.sent) / 1000:.1f}" for one in (ours, copy)]
            table.rows.append([wire, kind, *seconds, *traffic, f"{ours.seconds / copy.seconds:.2f}"])
    return [table]
