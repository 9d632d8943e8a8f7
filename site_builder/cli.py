"""The command line. The only place that prints errors and sets exit codes: 0 done, 1 an error, 2 wrong usage."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

import picoweb

from . import bundle, runner
from .errors import PicowebError, SiteError

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

_site = click.argument("site", default=".", type=click.Path(path_type=Path))


@contextlib.contextmanager
def _errors(site: Path | None = None) -> Iterator[None]:
    """Turns our errors into lines on stderr and exit code 1."""
    try:
        yield
    except SiteError as e:
        for problem in e.problems:
            _print_error(_located(str(problem), site))
        count = len(e.problems)
        _print_error(f"{count} problem{'s' * (count != 1)}; nothing was written")
        sys.exit(1)
    except PicowebError as e:
        _print_error(f"picoweb: {e}")
        sys.exit(1)


def _print_error(text: str) -> None:
    _err.print(text, markup=False, style="red" if _err.is_terminal else None)


def _located(line: str, site: Path | None) -> str:
    """A problem's file, as the user would name it from where they stand."""
    return line if site is None or site == Path(".") or line.startswith("/") else f"{site.as_posix()}/{line}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(picoweb.__version__, prog_name="picoweb")
def main() -> None:
    """Builds web sites for MicroPython boards from a site.yaml."""


@main.command()
@_site
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the bundle goes; by default SITE/build.")
def build(site: Path, output: Path | None) -> None:
    """Builds SITE into a bundle: what a board runs."""
    with _errors(site):
        made = bundle.build(site)
        target = output or site / "build"
        bundle.write(made, target)
    _out.print(f"{target}: {len(made.files)} files, {made.size:,} bytes")


@main.command()
@_site
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; 0.0.0.0 for all.")
@click.option("--python", is_flag=True, help="Serve on CPython instead of MicroPython.")
@click.option("--heap", help="MicroPython's heap, such as 64k.")
def serve(site: Path, port: int, host: str, python: bool, heap: str | None) -> None:
    """Builds SITE and serves it on real MicroPython, until Ctrl-C."""
    with _errors(site), tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        if not python and runner.micropython() is None:
            _err.print("There is no MicroPython for this machine: serving on CPython.")
            python = True
        made = bundle.build(site, python=python)
        bundle.write(made, Path(folder))
        _serve(made.title or site.resolve().name, Path(folder), host, port, python, heap)


def _serve(title: str, folder: Path, host: str, port: int, python: bool, heap: str | None) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the server is stopped below
    process = None
    try:
        process = runner.serve(folder, host, port, python=python, heap=heap)
        shown = "127.0.0.1" if host == "0.0.0.0" else host
        _out.print(f"{title}: http://{shown}:{port}/ on {'CPython' if python else 'MicroPython'}; Ctrl-C stops it")
        code = process.wait()
        if code:
            raise PicowebError(f"the server ended with exit code {code}")
    except KeyboardInterrupt:
        _out.print("stopped")
    finally:
        if process is not None:
            runner.stop(process)


@main.command()
@_site
@click.option("--port", help="The serial port of the board; not needed when there is only one.")
@click.option("--force", is_flag=True, help="Replace a main.py on the board that is not picoweb's.")
def upload(site: Path, port: str | None, force: bool) -> None:
    """Builds SITE and puts it on a board, checked, all or nothing; then the board starts it."""
    from . import device
    from .upload import upload as send

    with _errors(site), tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        made = bundle.build(site)
        bundle.write(made, Path(folder))
        chosen = device.choose(port)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=_out, transient=True, disable=not _out.is_terminal) as bar:
            task = bar.add_task(f"to {chosen}", total=None)
            done = send(
                Path(folder),
                chosen,
                force=force,
                progress=lambda step: bar.update(task, completed=step.done, total=step.total),
            )
    sent = f"{done.files_sent} files sent ({done.bytes_sent:,} bytes), {done.files_kept} kept"
    _out.print(f"{chosen}: {sent}, {done.files_removed} removed, in {done.seconds:.1f} s")


if __name__ == "__main__":
    main()
