"""picoweb size"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .. import budget, bundle, report, terminal
from ..boards import Board


@click.command()
@terminal.site_argument
@report.limit_options
@click.option("--json", "as_json", is_flag=True, help="Print it for programs, as docs/budget.md says.")
@click.option("--all", "everything", is_flag=True, help="Print every route, file and module.")
@click.option("--measure/--no-measure", "measured", default=True, help="Boot the site here to measure its heap.")
def command(
    site: Path,
    board: Board | None,
    max_flash: int | None,
    max_heap: int | None,
    as_json: bool,
    everything: bool,
    measured: bool,
) -> None:
    """Says what SITE takes of a board: flash, heap, and each route and module. Over a limit is exit code 1."""
    with terminal.errors(site):
        made = bundle.build(site)
        found = budget.report(
            made,
            budget.limits(made, board, max_flash, max_heap),
            report.measured(made) if measured else None,
        )
    if as_json:
        click.echo(json.dumps(budget.as_json(found), indent=2, ensure_ascii=False))
    else:
        report.show(f"{made.title or site.resolve().name}: ", found, everything)
    if not report.verdict(found):
        sys.exit(1)
