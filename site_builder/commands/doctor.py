"""picoweb doctor"""

from __future__ import annotations

import sys

import click

from .. import doctor, terminal

_STYLES = {doctor.State.OK: "green", doctor.State.NOTE: "yellow", doctor.State.LACK: "red"}


@click.command()
def command() -> None:
    """Says what this machine has of what picoweb needs, and what to do about what it lacks.

    The exit code is 1 when no site can be built here.
    """
    lacks = False
    for finding in doctor.examine():
        lacks |= finding.state is doctor.State.LACK
        terminal.show(f"{finding.state.value:5} {finding.part}: {finding.text}", _STYLES[finding.state])
        if finding.advice:
            terminal.show(f"      {finding.advice}")
    sys.exit(int(lacks))
