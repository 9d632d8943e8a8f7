"""Templates alone, without a server: the same pages from picoweb's two languages, utemplate, and Microdot with it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_builder import bundle, libs, templates
from site_builder.bytecode import compile_all
from site_builder.templates.jinja import Options, Sources, library

from . import peers
from .prepare import fill
from .process import BenchError, _total, interpreter, valgrind
from .report import Table

_HERE = Path(__file__).parent
_PROGRAM = _HERE / "contestants" / "render.py"
PAGES = {"rows": "20 rows", "layout": "layout and macros", "table": "500 rows"}
WAYS = {
    "jinja": "Jinja",
    "tpl": ".tpl",
    "utemplate": "utemplate",
    "microdot": "Microdot",
    "microdot-stream": "in pieces",
}
_TIMES = {"rows": 20, "layout": 20, "table": 2}
MANY = 200


@dataclass
class Figures:
    """What a page takes: machine instructions and bytes allocated to render it, bytes of heap that its module holds and
    the library beside it, bytes of their .mpy files."""

    instructions: float | None
    allocated: int
    heap: int
    library_heap: int
    size: int
    library_size: int


@dataclass
class Results:
    """Figures by page and way; seconds by what the host did."""

    figures: dict[tuple[str, str], Figures]
    host: dict[str, float]


def _ours(page: str) -> dict[str, bytes]:
    """The modules of a page that picoweb compiles, by their paths."""
    kind = "utemplate" if page.endswith(".tpl") else "jinja"
    loader = templates.Loader(_HERE / "pages" / kind, f"bench/pages/{kind}")
    made = templates.compile_template(page, loader, Sources(loader, Options(trim_blocks=True)))
    found = {f"templates/{templates.module_name(page)}.py": made.source.encode()}
    shared = library.source(made.runtime)
    return found | ({f"templates/{library.NAME}.py": shared.encode()} if shared else {})


def _theirs(page: str, folder: Path) -> dict[str, bytes]:
    """The module that the real utemplate makes of a page, on MicroPython."""
    sources = {f"templates/{path.name}": path.read_bytes() for path in (_HERE / "pages" / "utemplate").iterdir()}
    fill(folder, peers.modules(peers.UTEMPLATE) | sources)
    program = f"from utemplate import source\nsource.Loader(None, 'templates').load({page!r})\n"
    fill(folder, {"compile_page.py": program})
    subprocess.run([*interpreter(), "compile_page.py"], cwd=folder, check=True, timeout=20, capture_output=True)
    path = f"templates/{page.replace('.', '_')}.py"
    return {path: (folder / path).read_bytes()}


@dataclass(frozen=True)
class Prepared:
    """A folder with all that a page needs, and the sizes of the .mpy files of the page and of what all pages share."""

    folder: Path
    size: int
    library_size: int


@contextlib.contextmanager
def prepared(page: str, way: str) -> Iterator[Prepared]:
    """What a board would have in its flash for a page. Raises LibraryError when it can not be had."""
    with tempfile.TemporaryDirectory(prefix="bench-") as top, tempfile.TemporaryDirectory(prefix="bench-") as work:
        folder = Path(top)
        if way in ("jinja", "tpl"):
            own = _ours(f"{page}.html" if way == "jinja" else f"{page}.tpl")
            around = libs.framework({"templates", "escaping", "undefined"})
            modules = ["picoweb/escaping.py", "picoweb/undefined.py"] if way == "jinja" else []
            shared = {f"templates/{library.NAME}.py", *modules}
        else:
            own = _theirs(f"{page}.tpl", Path(work))
            around = peers.modules(peers.UTEMPLATE) | (peers.modules(peers.MICRODOT) if way != "utemplate" else {})
            names = ["compiled"] if way == "utemplate" else ["compiled", "source", "recompile"]
            shared = {"microdot/utemplate.py", *(f"utemplate/{name}.py" for name in names)}
        code = compile_all(own | around)
        fill(folder, {f"{path.removesuffix('.py')}.mpy": data for path, data in code.items()})
        shutil.copy(_PROGRAM, folder)
        sizes = [sum(len(code[path]) for path in paths & code.keys()) for paths in (own.keys() - shared, shared)]
        yield Prepared(folder, *sizes)


def _run(folder: Path, way: str, page: str, counts: Path | None = None) -> dict[str, Any]:
    """Has the program render a page. Raises BenchError when it fails."""
    command = [*interpreter(), "-X", "heapsize=64m", _PROGRAM.name, way, page, str(_TIMES[page])]
    if counts:
        out = f"--callgrind-out-file={counts / 'counts'}"
        tool = [valgrind() or "valgrind", "-q", "--tool=callgrind", "--dump-before=mp_math_erf", "--dump-line=no", out]
        command = tool + command
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{way}, {page}: it does not end") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise BenchError(f"{way}, {page}: {lines[-1] if lines else 'it ends with an error'}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _counted(prepared: Prepared, way: str, page: str) -> float:
    """Instructions for a page: those between the last two marks, without those between the two before."""
    with tempfile.TemporaryDirectory(prefix="bench-") as counts:
        _run(prepared.folder, way, page, Path(counts))
        empty, full = (_total(Path(counts, f"counts.{number}")) for number in (2, 3))
        return (full - empty) / _TIMES[page]


def measure(page: str, way: str) -> tuple[Figures, str]:
    """The figures of a page, and its text."""
    with prepared(page, way) as ready:
        found = _run(ready.folder, way, page)
        instructions = _counted(ready, way, page) if valgrind() else None
        heap, shared = found["page"], found["library"]
        return Figures(instructions, found["allocated"], heap, shared, ready.size, ready.library_size), found["text"]


# On the host

_DATA = "async def now(req):\n    return {'title': 'Page', 'rows': [{'n': 1, 'name': 'Fan', 'value': 2.5}]}\n"


def _site(folder: Path, count: int) -> Path:
    """A site with many pages of rows in a layout, which all differ."""
    pages = {
        name: (_HERE / "pages" / "jinja" / name).read_text(encoding="utf-8") for name in ("rows.html", "base.html")
    }
    base = pages["base.html"].replace("{% for place in places %}", "{% for place in [] %}")
    body = pages["rows.html"].replace("{% for", "{% set own = NUMBER %}{{ own + rows|length }}{% for")
    files = {"handlers/data.py": _DATA, "templates/base.html": base}
    yaml = "routes:\n"
    for number in range(count):
        own = body.replace("NUMBER", str(number))
        text = f'{{% extends "base.html" %}}{{% block content %}}{own}{{% endblock %}}\n'
        files[f"templates/page{number}.html"] = text
        yaml += f"  /{number}: {{template: page{number}.html, data: data.now}}\n"
    fill(folder, {**files, "site.yaml": yaml})
    return folder


def _seconds(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def host(count: int = MANY) -> dict[str, float]:
    """Seconds to compile many templates to Python, to build their site, and to build it anew when one has changed."""
    with tempfile.TemporaryDirectory(prefix="bench-") as top:
        folder = _site(Path(top), count)
        loader = templates.Loader(folder / "templates", "templates")
        sources = Sources(loader, Options())
        names = [name for name in loader.names() if name != "base.html"]

        def compile_each() -> None:
            for name in names:
                templates.compile_template(name, loader, sources)

        def build() -> None:
            bundle.write(bundle.build(folder), folder / "build")

        found = {f"compile {count} Jinja templates to Python": _seconds(compile_each)}
        found[f"build a site of {count} pages"] = _seconds(build)
        with (folder / "templates" / "page0.html").open("a") as f:
            f.write("<p>changed</p>")
        found["build it again, one template has changed"] = _seconds(build)
        return found


# All of it


def run(pages: Iterable[str] = PAGES, ways: Iterable[str] = WAYS, count: int = MANY) -> Results:
    """Measures everything. Raises BenchError when two ways give different pages."""
    figures = {}
    for page in pages:
        right = None
        for way in ways:
            figures[page, way], text = measure(page, way)
            if right is not None and text != right:
                raise BenchError(f"{way}, {page}: another page than the others give")
            right = text
    return Results(figures, host(count))


_ROWS: dict[str, Callable[[Figures], float | None]] = {
    "instructions, thousands": lambda figures: figures.instructions and figures.instructions / 1000,
    "bytes allocated": lambda figures: figures.allocated,
    "heap of its module": lambda figures: figures.heap,
    "heap of the library": lambda figures: figures.library_heap,
    "size of its .mpy": lambda figures: figures.size,
    "size of the library's .mpy": lambda figures: figures.library_size,
}


_RATIOS = {"jinja": "Jinja ÷ ut.", "tpl": ".tpl ÷ ut."}  # of picoweb's to utemplate's own output
_MEANING = """\
Less is better. A page is rendered without a server, into a sink that counts its bytes; its module is looked up each \
time, as for a request. Everyone gives the same text. “Jinja” and “.tpl” are picoweb's; “utemplate” is what the \
real one compiles; “Microdot” is that through `Template.render()`, and “in pieces” through `generate()`. Jinja's pages \
escape every value, the others none. “÷ ut.” is divided by utemplate's. \
Instructions, bytes and heap are MicroPython's, for one page and without garbage collections. New names take heap in \
steps of about 2 KB, in the row in which a step falls."""


def _rendered(figures: dict[tuple[str, str], Figures]) -> Table:
    ways = list(dict.fromkeys(way for _, way in figures))
    ratios = {way: title for way, title in _RATIOS.items() if way in ways and "utemplate" in ways}
    header = ["page", "figure", *(WAYS[way] for way in ways), *ratios.values()]
    table = Table("Templates", _MEANING, header, labels=2)
    for page in dict.fromkeys(page for page, _ in figures):
        for name, value in _ROWS.items():
            values = {way: value(figures[page, way]) for way in ways}
            cells = ["–" if number is None else f"{number:,.0f}" for number in values.values()]
            cells += [_ratio(values[way], values["utemplate"]) for way in ratios]
            table.rows.append([PAGES[page], name, *cells])
    return table


def _ratio(ours: float | None, theirs: float | None) -> str:
    return "–" if ours is None or not theirs else f"{ours / theirs:.2f}"


def tables(results: Results) -> list[Table]:
    """The figures, as tables of the page."""
    meaning = "Seconds, once, on this machine. Nothing is kept from an earlier build."
    rows = [[what, f"{seconds:.2f}"] for what, seconds in results.host.items()]
    return [_rendered(results.figures), Table("Templates on the computer", meaning, ["what", "s"], rows)]
