"""picoweb routes"""

from __future__ import annotations

import json
from pathlib import Path

import click

from .. import budget, bundle, listing, report, terminal


@click.command()
@terminal.site_argument
@click.option("--json", "as_json", is_flag=True, help="Print it for programs, as docs/budget.md says.")
def command(site: Path, as_json: bool) -> None:
    """Lists the routes of SITE in the order in which the board looks for a match."""
    with terminal.errors(site):
        made = bundle.build(site)
    rows, errors = listing.routes(made), listing.error_pages(made)
    if as_json:
        pairs = {"routes": rows, "errors": errors}
        shown = {"version": 1, **{name: [budget.row_json(row) for row in found] for name, found in pairs.items()}}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        report.routes(rows, errors)
