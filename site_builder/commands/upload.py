"""picoweb upload"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from .. import boardchoice, budget, bundle, fleet, measure, report, terminal
from ..errors import DeviceError
from ..upload import Options, UploadResult, upload
from ..upload import Progress as Step


def _line(done: UploadResult, dry: bool) -> str:
    files = terminal.count(len(done.sent), "file")
    copied = f", {len(done.copied)} copied there" if done.copied else ""
    line = f"{files} sent ({done.bytes_sent:,} bytes){copied}, {done.files_kept} kept, {len(done.removed)} removed"
    if dry:
        changes = [
            *(f"\n  + {path}" for path in [*done.sent, *done.copied]),
            *(f"\n  - {path}" for path in done.removed),
        ]
        return f"nothing was changed; an upload would be: {line}{''.join(changes)}"
    return f"{line}, in {done.seconds:.1f} s; the site runs"


def _warn(text: str) -> None:
    terminal.print_error(f"picoweb: warning: {text}")


@click.command()
@terminal.site_argument
@boardchoice.port_option
@boardchoice.to_option
@click.option("--force", is_flag=True, help="Replace a main.py on the board that is not picoweb's.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent and removed; change nothing.")
@click.option("--keep/--no-keep", default=True, help="Leave the site before on the board, for `picoweb rollback`.")
@boardchoice.wait_option
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option("--measure", "measured", is_flag=True, help="Measure the heap SITE needs; warn if a board has less.")
def command(
    site: Path,
    port: tuple[str, ...],
    to: tuple[str, ...],
    force: bool,
    dry_run: bool,
    keep: bool,
    wait: int,
    strict: bool,
    measured: bool,
) -> None:
    """Builds SITE and puts it on a board, checked, all or nothing; then the board starts it."""
    with terminal.errors(site), tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        targets = fleet.select(port, to, site, boardchoice.ask)
        made = bundle.build(site, strict=strict)
        terminal.show_problems(made.checked.warnings, site)
        heap = measure.site(made) if measured else None
        if not report.verdict(budget.report(made, budget.limits(made), heap)):
            raise DeviceError("nothing was sent")
        bundle.write(made, Path(folder))
        need = heap.on_board if heap else None
        options = Options(force, keep, wait, need, dry_run, warn=_warn)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=terminal.out, transient=True, disable=not terminal.out.is_terminal) as bar:
            tasks = {target: bar.add_task(f"{target.name}: looking", total=None) for target in targets}

            def work(target: fleet.Target) -> UploadResult:
                def show(step: Step) -> None:
                    doing = f"{target.name}: {'sending' if step.path else 'starting'}"
                    bar.update(tasks[target], description=doing, completed=step.done, total=step.total)

                return upload(Path(folder), target.port, options, show)

            outcomes = fleet.each(targets, work, options.stop)
    sys.exit(boardchoice.report(outcomes, lambda done: _line(done, dry_run)))
