"""picoweb boards"""

from __future__ import annotations

import click

from .. import report


@click.command()
def command() -> None:
    """Lists the boards that `board:` in site.yaml and --board may name, and what they have."""
    report.boards()
