"""picoweb info"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from .. import boardchoice, bundle, fleet, terminal
from ..errors import PicowebError
from ..onboard import named
from ..status import Status, status


def _compared(site: Path, found: Status) -> list[tuple[str, str]]:
    """Whether a board runs what is in a folder here."""
    if not (site / "site.yaml").is_file() or found.site is None:
        return []
    try:
        here = named(bundle.build(site).files["routes.json"])
    except PicowebError:
        return [("here", f"{site}: can not be built, so that it can not be compared")]
    same = "the board runs this one" if here == found.site else f"another one ({here})"
    return [("here", f"{site / 'site.yaml'}: {same}")]


def _words(site: Path, found: Status) -> str:
    rows = [*found.lines(), *_compared(site, found)]
    return "".join(f"\n  {name:12} {value}" for name, value in rows)


@click.command()
@terminal.site_argument
@boardchoice.port_option
@boardchoice.to_option
def command(site: Path, port: tuple[str, ...], to: tuple[str, ...]) -> None:
    """Shows what a board is and runs, and whether that is SITE; the board restarts."""
    with terminal.errors(site):
        targets = fleet.select(port, to, site, boardchoice.ask)
        outcomes = fleet.each(targets, lambda target: status(target.port), threading.Event())
    sys.exit(boardchoice.report(outcomes, lambda found: _words(site, found)))
