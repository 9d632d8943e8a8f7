"""Makes a folder for each contestant: what its board would have in its flash."""

from __future__ import annotations

import inspect
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from picoweb.server import Server
from site_builder import bundle, libs, templates
from site_builder.bytecode import compile_all

from . import peers
from .cases import WORKLOADS, Workload
from .process import interpreter

PROGRAMS = Path(__file__).parent / "contestants"
SITE = PROGRAMS / "site"

# The size of the pieces that files go in: what picoweb's buffer has, for everyone.
CHUNK: int = inspect.signature(Server).parameters["buffer"].default


@dataclass(frozen=True)
class Contestant:
    """Who takes part, and how its folder is made: make(folder, number of additional routes)."""

    name: str
    what: str
    program: str
    make: Callable[[Path, int], None]
    floor: bool = False
    one_at_a_time: bool = False
    memory_only: bool = False
    static: bool = False  # it serves folders


# What bench/contestants/picoweb_app.py uses of the framework.
_APP = (
    *("app", "boot", "methods", "rules", "options", "values", "routing", "response", "wire", "targets"),
    *("attributes", "headers", "readers", "forms", "body", "static", "log"),
)


def fill(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Writes files, given by their paths below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def prepare(contestant: Contestant, folder: Path, routes: int = 0, files: Iterable[Workload] = ()) -> Path:
    """Makes a contestant's folder with all that it serves. Raises LibraryError when its code can not be had."""
    sent = [*WORKLOADS.values(), *files]
    fill(folder, {workload.file: workload.content for workload in sent if workload.file})
    shutil.copy(PROGRAMS / contestant.program, folder)
    contestant.make(folder, routes)
    return folder


def _bytecode(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name.removesuffix(".py") + ".mpy": code for name, code in compile_all(files).items()}


def _make_site(folder: Path, routes: int) -> None:
    """Builds the site; its source is a folder of its own, whose static files are those beside it."""
    source = folder / "source"
    shutil.copytree(SITE, source)
    shutil.copy(PROGRAMS / "data.py", source / "handlers")
    shutil.move(folder / "static", source)
    shutil.move(folder / "big.bin", source)
    with (source / "site.yaml").open("a") as f:
        f.writelines(f"  /more/{n}: {{handler: work.hello}}\n" for n in range(routes))
    bundle.write(bundle.build(source), folder / "bundle")
    shutil.copytree(folder / "bundle", folder, dirs_exist_ok=True)


def _make_app(folder: Path, routes: int) -> None:
    code = libs.framework({*_APP})
    code["handlers/work.py"] = (SITE / "handlers" / "work.py").read_bytes()
    code["handlers/data.py"] = (PROGRAMS / "data.py").read_bytes()
    page = templates.compile_template("page.tpl", templates.Loader(SITE / "templates", "templates"))
    code["templates/page_tpl.py"] = page.source.encode()
    fill(folder, _bytecode(code))


def _make_microdot_source(folder: Path, routes: int) -> None:
    fill(folder, peers.modules(peers.MICRODOT) | peers.modules(peers.UTEMPLATE))
    fill(folder, {"templates/page.tpl": (SITE / "templates" / "page.tpl").read_bytes()})
    shutil.copy(PROGRAMS / "data.py", folder)
    program = str(PROGRAMS / "compile_template.py")
    command = [*interpreter(), shutil.copy(program, folder)]
    subprocess.run(command, cwd=folder, check=True, timeout=20, capture_output=True)


def _make_microdot(folder: Path, routes: int) -> None:
    """Compiled ahead, as its introduction recommends for small boards; so is picoweb."""
    _make_microdot_source(folder, routes)
    sources = [path for top in ("microdot", "utemplate", "templates") for path in (folder / top).glob("*.py")]
    sources.append(folder / "data.py")
    fill(folder, _bytecode({path.relative_to(folder).as_posix(): path.read_bytes() for path in sources}))
    for path in sources:
        path.unlink()


def _make_floor(folder: Path, routes: int) -> None:
    answers = {workload.path.encode(): _answer(workload) for workload in WORKLOADS.values()}
    lines = [f"    {path!r}: {answer!r},\n" for path, answer in answers.items()]
    code = "ANSWERS = {\n" + "".join(lines) + "}\n"
    fill(folder, _bytecode({"answers.py": code.encode()}))


def _answer(workload: Workload) -> bytes | tuple[bytes, str]:
    """The bytes of an answer, or those of its head and the name of a file."""
    size = len(workload.content)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {workload.type}\r\nContent-Length: {size}\r\n\r\n".encode()
    return (head, workload.file) if workload.file else head + workload.content


CONTESTANTS = {
    contestant.name: contestant
    for contestant in [
        Contestant("picoweb", "a site from routes.json", "picoweb_site.py", _make_site, static=True),
        Contestant("picoweb-app", "the same as a program, a WebApp", "picoweb_app.py", _make_app),
        Contestant("microdot", "Microdot, compiled to .mpy", "microdot_app.py", _make_microdot, static=True),
        Contestant(
            "microdot-py", "Microdot as it comes, .py", "microdot_app.py", _make_microdot_source, memory_only=True
        ),
        Contestant("asyncio", "asyncio's streams, fixed answers", "asyncio_floor.py", _make_floor, floor=True),
        Contestant(
            "blocking", "a plain socket, fixed answers", "blocking_floor.py", _make_floor,
            floor=True, one_at_a_time=True,
        ),
    ]
}  # fmt: skip
