"""picoweb build"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import budget, bundle, report, terminal
from ..boards import Board


@click.command()
@terminal.site_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the bundle goes; by default SITE/build.")
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@report.limit_options
@click.option("--measure", "measured", is_flag=True, help="Boot the site here to measure its heap, as with a limit.")
def command(
    site: Path,
    output: Path | None,
    strict: bool,
    board: Board | None,
    max_flash: int | None,
    max_heap: int | None,
    measured: bool,
) -> None:
    """Builds SITE into a bundle: what a board runs. With a limit that it is over, nothing is written."""
    with terminal.errors(site, "; nothing was written"), bundle.no_collector():
        made = bundle.build(site, strict=strict)
        terminal.show_problems(made.checked.warnings, site)
        target = output or site / "build"
        held = budget.limits(made, board, max_flash, max_heap)
        found = budget.report(made, held, report.measured(made) if measured or held.heap else None)
        fits = report.verdict(found)
        if fits:
            bundle.write(made, target)
    report.show(f"{target}: ", found)
    if not fits:
        terminal.print_error("nothing was written")
        sys.exit(1)
