"""picoweb serve"""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

import click

from .. import bundle, runner, terminal
from ..errors import PicowebError


@click.command()
@terminal.site_argument
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; 0.0.0.0 for all.")
@click.option("--python", is_flag=True, help="Serve on CPython instead of MicroPython.")
@click.option("--heap", help="MicroPython's heap, such as 64k.")
def command(site: Path, port: int, host: str, python: bool, heap: str | None) -> None:
    """Builds SITE and serves it on real MicroPython, until Ctrl-C."""
    with terminal.errors(site), tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        if not python and runner.micropython() is None:
            terminal.err.print("There is no MicroPython for this machine: serving on CPython.")
            python = True
        made = bundle.build(site, python=python)
        terminal.show_problems(made.checked.warnings, site)
        bundle.write(made, Path(folder))
        _serve(made.title or site.resolve().name, Path(folder), host, port, python, heap)


def _serve(title: str, folder: Path, host: str, port: int, python: bool, heap: str | None) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the server is stopped below
    process = None
    try:
        process = runner.serve(folder, host, port, python=python, heap=heap)
        shown = "127.0.0.1" if host == "0.0.0.0" else host
        where = "CPython" if python else "MicroPython"
        terminal.out.print(f"{title}: http://{shown}:{port}/ on {where}; Ctrl-C stops it")
        code = process.wait()
        if code:
            raise PicowebError(f"the server ended with exit code {code}")
    except KeyboardInterrupt:
        terminal.out.print("stopped")
    finally:
        if process is not None:
            runner.stop(process)
