"""picoweb rollback"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from .. import boardchoice, fleet, terminal
from ..upload import rollback


@click.command()
@terminal.site_argument
@boardchoice.port_option
@boardchoice.to_option
@boardchoice.wait_option
def command(site: Path, port: tuple[str, ...], to: tuple[str, ...], wait: int) -> None:
    """Makes a board run the site that it ran before; once more, and it is back. SITE: the folder of devices.yaml."""
    with terminal.errors(site):
        targets = fleet.select(port, to, site, boardchoice.ask)
        stop = threading.Event()
        outcomes = fleet.each(targets, lambda target: rollback(target.port, wait, stop), stop)
    sys.exit(boardchoice.report(outcomes, lambda site: f"runs the site before, {site}"))
