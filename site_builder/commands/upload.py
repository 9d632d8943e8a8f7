"""picoweb upload"""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from .. import bundle, device, terminal
from ..upload import upload as send


@click.command()
@terminal.site_argument
@click.option("--port", help="The serial port of the board; not needed when there is only one.")
@click.option("--force", is_flag=True, help="Replace a main.py on the board that is not picoweb's.")
def command(site: Path, port: str | None, force: bool) -> None:
    """Builds SITE and puts it on a board, checked, all or nothing; then the board starts it."""
    with terminal.errors(site), tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        made = bundle.build(site)
        terminal.show_problems(made.checked.warnings, site)
        bundle.write(made, Path(folder))
        chosen = device.choose(port)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=terminal.out, transient=True, disable=not terminal.out.is_terminal) as bar:
            task = bar.add_task(f"to {chosen}", total=None)
            done = send(
                Path(folder),
                chosen,
                force=force,
                progress=lambda step: bar.update(task, completed=step.done, total=step.total),
            )
    sent = f"{terminal.count(done.files_sent, 'file')} sent ({done.bytes_sent:,} bytes), {done.files_kept} kept"
    terminal.out.print(f"{chosen}: {sent}, {done.files_removed} removed, in {done.seconds:.1f} s")
