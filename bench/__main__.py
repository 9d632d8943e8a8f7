"""The command line: python -m bench."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from site_builder.errors import PicowebError
from site_builder.libs import LibraryError

from . import builders, measure, report, templates, uploads
from .cases import KINDS, WORKLOADS, Workload
from .measure import Figures
from .prepare import CONTESTANTS, Contestant
from .process import BenchError, valgrind

DOCS = Path(__file__).parent.parent / "docs"
_ROUNDS, _SECONDS = 5, 0.25
_ABOUT = """\
Measures picoweb, Microdot and two floors side by side on MicroPython. A full run takes about five minutes and writes
docs/benchmarks.md and docs/benchmarks.svg."""


class Run:
    """One run: who takes part, with which workloads, and what came out."""

    def __init__(self, contestants: list[Contestant], workloads: list[Workload], quick: bool) -> None:
        self.contestants = contestants
        self.workloads = workloads
        self.quick = quick
        self.results = {contestant.name: Figures() for contestant in contestants}
        self.folders: dict[str, Path] = {}
        self.started = time.monotonic()

    def say(self, words: str) -> None:
        """Tells what is going on."""
        print(f"{time.monotonic() - self.started:4.0f} s  {words}", file=sys.stderr, flush=True)

    def figures(self, contestant: Contestant) -> Figures:
        """What is known about a contestant."""
        return self.results[contestant.name]

    def right(self, contestant: Contestant) -> list[Workload]:
        """The workloads that a contestant answers rightly."""
        return [workload for workload in self.workloads if workload.name not in self.figures(contestant).broken]

    def each(self, what: str, do: Callable[[Contestant], None], at_once: int = 1, time_too: bool = True) -> None:
        """Does something for each contestant; what fails is noted and leaves the others alone."""
        taking_part = [c for c in self.contestants if c.name in self.folders and (time_too or not c.memory_only)]
        self.say(what)

        def one(contestant: Contestant) -> None:
            try:
                do(contestant)
            except (BenchError, OSError) as e:
                self.figures(contestant).notes.append(f"{what}: {e}")

        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(one, taking_part))

    def failed(self) -> bool:
        """True when something went wrong with somebody who takes part."""
        return any(figures.broken or figures.notes for figures in self.results.values())

    @contextlib.contextmanager
    def prepared(self) -> Iterator[None]:
        """All folders are there, and all answers checked."""
        with contextlib.ExitStack() as stack:
            for contestant in self.contestants:
                try:
                    folder = stack.enter_context(measure.folder_of(contestant))
                except LibraryError as e:
                    self.figures(contestant).absent = str(e)
                except PicowebError as e:
                    self.figures(contestant).notes.append(f"can not be made: {e}")
                else:
                    self.folders[contestant.name] = folder
            self.each("answers", self.check)
            yield

    def check(self, contestant: Contestant) -> None:
        """Which workloads a contestant answers rightly."""
        try:
            measure.check(contestant, self.folders[contestant.name], self.workloads, self.figures(contestant))
        except BenchError:
            del self.folders[contestant.name]
            raise

    # The stages

    def rates(self) -> None:
        seconds = 0.05 if self.quick else _SECONDS
        for number in range(1, 2 if self.quick else _ROUNDS + 1):
            self.each(f"requests a second, round {number}", lambda c: self._rates(c, seconds), time_too=False)

    def _rates(self, contestant: Contestant, seconds: float) -> None:
        folder = self.folders[contestant.name]
        measure.rates(contestant, folder, self.right(contestant), self.figures(contestant), seconds)

    def memory(self) -> None:
        tries = 2 if self.quick else 20

        def one(contestant: Contestant) -> None:
            figures, folder = self.figures(contestant), self.folders[contestant.name]
            figures.heap = measure.heap_after_boot(contestant, folder)
            figures.first = measure.first_answer(contestant, folder, tries)
            if not contestant.memory_only:
                measure.garbage(contestant, folder, self.right(contestant), figures)

        self.each("memory and start", one)
        if not self.quick:
            self.each("least heap", self._least, at_once=2)
            self.each("many static files", self._files, at_once=2)

    def _least(self, contestant: Contestant) -> None:
        folder = self.folders[contestant.name]
        self.figures(contestant).least = measure.least_heap(contestant, folder, self.right(contestant))

    def _files(self, contestant: Contestant) -> None:
        if contestant.static:
            for n in measure.FILES:
                self.figures(contestant).files[n] = measure.heap_with_files(contestant, n)

    def crowds(self) -> None:
        def one(contestant: Contestant) -> None:
            for n in measure.CROWDS[:1] if self.quick else measure.CROWDS:
                self.figures(contestant).crowds[n] = measure.crowd(contestant, self.folders[contestant.name], n)

        self.each("many connections at once", one, at_once=2, time_too=False)

    def instructions(self, workloads: list[Workload] | None = None) -> None:
        """Instructions for all workloads, or for those given."""

        def one(contestant: Contestant) -> None:
            chosen = [workload for workload in self.right(contestant) if not workloads or workload in workloads]
            figures = self.figures(contestant)
            measure.instructions(contestant, self.folders[contestant.name], chosen, KINDS, figures)

        self.each("instructions a request", one, at_once=2, time_too=False)

    def routes(self) -> None:
        def one(contestant: Contestant) -> None:
            if not contestant.floor:
                for n in measure.ROUTES:
                    measure.many_routes(contestant, n, self.figures(contestant))

        self.each("many routes", one, at_once=2, time_too=False)

    def templates(self) -> list[report.Table]:
        """Templates alone; none, and a note, when something is wrong with them."""
        self.say("templates")
        try:
            return templates.tables(templates.run())
        except (PicowebError, BenchError, OSError) as e:
            self.results.setdefault("picoweb", Figures()).notes.append(f"templates: {e}")
            return []

    def builders(self) -> list[report.Table]:
        """Builders of sites; those that are not installed, or fail, get a note."""
        found = {}
        for name in builders.BUILDERS:
            self.say(f"a site of {builders.PAGES:,} pages, {name}")
            try:
                found[name] = builders.measure(name)
            except (BenchError, OSError) as e:
                found[name] = builders.Figures(missing=f"{name}: {e}")
            if found[name].missing:
                self.results.setdefault("picoweb", Figures()).notes.append(found[name].missing)
        return [builders.table(found)]

    def uploads(self) -> list[report.Table]:
        """Uploads to a board; none, and a note, when something is wrong with them."""
        try:
            return uploads.tables(uploads.run(self.say))
        except (PicowebError, BenchError, OSError) as e:
            self.results.setdefault("picoweb", Figures()).notes.append(f"uploads: {e}")
            return []

    def everything(self) -> None:
        """All stages that the options and this machine allow."""
        self.rates()
        self.memory()
        self.crowds()
        if self.quick:
            return
        if valgrind():
            self.instructions()
            self.routes()
        else:
            self.say("instructions are not counted: valgrind is not installed here")


def _choose(only: str, parser: argparse.ArgumentParser) -> tuple[list[Contestant], list[Workload]]:
    words = [word for word in only.split(",") if word]
    for word in words:
        if word not in CONTESTANTS and word not in WORKLOADS:
            parser.error(f"{word!r} is none of {', '.join([*WORKLOADS, *CONTESTANTS])}")
    contestants = [CONTESTANTS[word] for word in words if word in CONTESTANTS]
    workloads = [WORKLOADS[word] for word in words if word in WORKLOADS]
    return contestants or list(CONTESTANTS.values()), workloads or list(WORKLOADS.values())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=_ABOUT)
    parser.add_argument("--quick", action="store_true", help="less of everything, and no instructions: half a minute")
    parser.add_argument(
        "--only", default="", metavar="NAMES", help="some workloads or contestants, such as hello,picoweb"
    )
    parser.add_argument(
        "--instructions", metavar="WORKLOADS", help="nothing but instructions, of picoweb unless --only says otherwise"
    )
    parser.add_argument("--templates", action="store_true", help="nothing but templates, without a server: a minute")
    parser.add_argument("--builders", action="store_true", help="nothing but builders of sites: a minute")
    parser.add_argument(
        "--upload", action="store_true", help="nothing but uploads, to a board in software: two minutes"
    )
    parser.add_argument("--out", type=Path, help="a folder for benchmarks.md and .svg; docs/ in a full run")
    return parser


def main() -> int:
    """Runs what the command line says; 1 when a contestant failed somewhere."""
    parser = _parser()
    args = parser.parse_args()
    contestants, workloads = _choose(args.only, parser)
    if args.instructions is not None:
        if not valgrind():
            parser.error("valgrind is not installed here")
        _, workloads = _choose(args.instructions, parser)
        contestants = contestants if args.only else [CONTESTANTS["picoweb"]]
    alone = [name for name in ("templates", "builders", "upload") if getattr(args, name)]
    if alone and (len(alone) > 1 or args.quick or args.only or args.instructions is not None or args.out):
        parser.error(f"--{alone[0]} stands alone; its figures are printed, and `make bench` writes them")
    run = Run([] if alone else contestants, workloads, args.quick)
    if not alone:
        with run.prepared():
            run.everything() if args.instructions is None else run.instructions()
    full = not (args.quick or args.only or args.instructions is not None)
    stages = {"templates": run.templates, "builders": run.builders, "upload": run.uploads}
    wanted = [stage for name, stage in stages.items() if full and (not alone or name in alone)]
    more = [table for stage in wanted for table in stage()]
    report.show(run.results, more)
    out = args.out or (DOCS if full and not alone else None)
    if out:
        report.write(run.results, out, more)
    run.say("done")
    return 1 if run.failed() else 0


if __name__ == "__main__":
    sys.exit(main())
