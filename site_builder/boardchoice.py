"""What the commands for boards have in common: which boards, and a line for each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from . import terminal
from .errors import SiteError
from .fleet import Outcome
from .health import WAIT, Stopped
from .ports import choose, ports

T = TypeVar("T")

port_option = click.option("--port", multiple=True, help="The serial port of a board; not needed for the only one.")
to_option = click.option("--to", multiple=True, metavar="NAME", help="A device or group of devices.yaml, or `all`.")
wait_option = click.option(
    "--wait",
    default=WAIT,
    type=click.IntRange(1),
    metavar="SECONDS",
    help="How long the board may take to start the site.",
    show_default=True,
)


def ask() -> str:
    """The only port; where there are more, the one that a person at the terminal chooses."""
    found = [port for port in ports() if port.usb] or ports()
    if len(found) < 2 or not (sys.stdin.isatty() and terminal.out.is_terminal):
        return choose(None)
    for number, port in enumerate(found, 1):
        terminal.out.print(f"{number}  {port.name}  {port.about}", markup=False)
    number = click.prompt("Which port", type=click.IntRange(1, len(found)))
    return found[number - 1].name


def report(outcomes: Sequence[Outcome[T]], words: Callable[[T], str]) -> int:
    """Prints a line for each board; returns the exit code. words: the line for a result."""
    failed = []
    for outcome in outcomes:
        name = outcome.target.name
        if outcome.error is not None:
            failed.append(name)
            said = str(outcome.error).removeprefix(f"{outcome.target.port}: ")
            terminal.print_error(f"picoweb: {name}: {said}")
            assert not isinstance(outcome.error, SiteError)
        elif outcome.result is not None:
            terminal.out.print(f"{name}: {words(outcome.result)}", markup=False)
    if failed and len(outcomes) > 1:
        terminal.print_error(f"{len(failed)} of {terminal.count(len(outcomes), 'board')} failed: {', '.join(failed)}")
    if any(isinstance(outcome.error, Stopped) for outcome in outcomes):
        return terminal.INTERRUPTED
    return 1 if failed else 0
