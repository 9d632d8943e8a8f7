"""picoweb serve"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import signal
import socket
import tempfile
from pathlib import Path

import click

from .. import runner, terminal
from ..boards import Board
from ..dev.child import Machine
from ..dev.limits import heap_here
from ..dev.link import WIFI, Link
from ..dev.peer import cancel
from ..dev.session import Session
from ..errors import RunError
from ..report import board_names, to_board, to_size


def _heap(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """A size, also with the small letters of MicroPython's own option."""
    return to_size(ctx, param, value.upper() if value and value[:-1].isdigit() else value)


@click.command()
@terminal.site_argument
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; 0.0.0.0 for all.")
@click.option("--python", is_flag=True, help="Serve on CPython instead of MicroPython; breakpoint() works there.")
@click.option(
    "--board",
    callback=to_board,
    metavar="NAME",
    shell_complete=board_names,
    help="With the limits of this board, see picoweb boards.",
)
@click.option("--slow", is_flag=True, help="With the latency and the bandwidth of Wi-Fi.")
@click.option("--heap", callback=_heap, metavar="SIZE", help="MicroPython's heap, such as 64k.")
def command(site: Path, port: int, host: str, python: bool, board: Board | None, slow: bool, heap: int | None) -> None:
    """Builds SITE and serves it on real MicroPython, until Ctrl-C.

    What you save is built and shown at once: open pages reload by themselves. See docs/serve.md.
    """
    with terminal.errors(site), tempfile.TemporaryDirectory(prefix="picoweb-") as folder:
        if not python and runner.micropython() is None:
            terminal.err.print("There is no MicroPython for this machine: serving on CPython.")
            python = True
        if not (site / "site.yaml").is_file():
            raise RunError(f"there is no site.yaml in {site}; name the folder of a site")
        runner.check_port(host, port)
        bytes_ = 0 if python else heap or (heap_here(board.heap) if board else 0)
        machine = Machine(python, bytes_, board.sockets if board else 0)
        try:
            asyncio.run(
                _serve(site, Path(folder), machine, WIFI if slow else Link(), board.name if board else "", host, port)
            )
        except (KeyboardInterrupt, asyncio.CancelledError):
            terminal.out.print("stopped")


async def _serve(site: Path, work: Path, machine: Machine, link: Link, board: str, host: str, port: int) -> None:
    session = Session(site, work, machine, link, board)
    watching = asyncio.ensure_future(session.watch())
    task = asyncio.current_task()
    assert task
    with contextlib.suppress(NotImplementedError):  # on Windows Ctrl-C raises KeyboardInterrupt
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await session.start(host, port)
        _announce(session, host, port, board)
        await watching
    finally:
        await cancel(watching)
        await session.stop()


def _announce(session: Session, host: str, port: int, board: str) -> None:
    title = session.built.bundle.title if session.built else ""
    shown = "127.0.0.1" if host == "0.0.0.0" else host
    limits = "sockets" if session.machine.python else "limits"
    where = session.machine.name + (f" with the {limits} of {board}" if board else "")
    terminal.out.print(
        f"{title or session.site.resolve().name}: http://{shown}:{port}/ on {where}; Ctrl-C stops it", markup=False
    )
    for address in _addresses() if host == "0.0.0.0" else ():
        terminal.out.print(f"on your network: http://{address}:{port}/")


def _addresses() -> list[str]:
    """This machine's addresses in its networks."""
    found = set()
    with contextlib.suppress(OSError):
        found |= {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("192.0.2.1", 9))  # sends nothing: it only chooses the network
        found.add(str(sock.getsockname()[0]))
    return sorted(address for address in found if not ipaddress.ip_address(address).is_loopback)
