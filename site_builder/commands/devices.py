"""picoweb devices"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from .. import boardchoice, fleet, terminal
from ..errors import DeviceError
from ..fleet import Target
from ..ports import ports
from ..status import Status, status


def _line(found: Status) -> str:
    return f"{found.info.machine}, MicroPython {'.'.join(map(str, found.info.version))}, runs {found.runs}"


@click.command()
@terminal.site_argument
@boardchoice.port_option
@boardchoice.to_option
@click.option("--quick", is_flag=True, help="Ask no board, and so disturb none: list the ports.")
def command(site: Path, port: tuple[str, ...], to: tuple[str, ...], quick: bool) -> None:
    """Lists the boards that are connected, and what they run; each restarts. SITE: the folder of devices.yaml."""
    with terminal.errors(site):
        found = ports()
        if not (port or to):
            for one in found:
                if quick or not one.usb:
                    terminal.out.print(f"{one.name}: {one.about}", markup=False)
            targets = [Target(one.name, one.name) for one in found if one.usb]
        else:
            targets = fleet.select(port, to, site, boardchoice.ask)
        if not found and not targets:
            raise DeviceError("no serial port found: connect a board with a data cable")
        if quick or not targets:
            return
        outcomes = fleet.each(targets, lambda target: status(target.port, brief=True), threading.Event())
    sys.exit(boardchoice.report(outcomes, _line))
