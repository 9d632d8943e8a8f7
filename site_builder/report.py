"""What `picoweb build`, `picoweb size` and `picoweb routes` print for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from . import terminal, units
from .boards import BOARDS, Board, find
from .budget import Report
from .bundle import Bundle
from .errors import PicowebError
from .listing import Row
from .littlefs import BLOCK, PARTS
from .values import size

if TYPE_CHECKING:
    from .measure import Measured

_SIZE = size()
_FEW = {"routes": 10, "modules": 5}  # rows of a table, unless all are asked for


def to_size(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """The callback of an option that takes a size."""
    try:
        return None if value is None else int(str(_SIZE.read(value)))
    except ValueError as e:
        raise click.BadParameter(f"{value!r}: {e}") from None


def to_board(ctx: click.Context, param: click.Parameter, value: str | None) -> Board | None:
    """The callback of an option that takes the name of a board."""
    try:
        return None if value is None else find(value)
    except PicowebError as e:
        raise click.BadParameter(str(e)) from None


def measured(made: Bundle) -> Measured | None:
    """Measures a site where there is a MicroPython to do it with; elsewhere says so."""
    from . import measure, runner  # few builds measure

    if runner.micropython() is None:
        terminal.err.print("note: there is no MicroPython for this machine, so the heap is not measured")
        return None
    return measure.site(made)


def board_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """What completes the name of a board."""
    return [name for name in BOARDS if name.startswith(incomplete)]


def limit_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options for limits, of the commands that have them."""
    for option in (
        click.option(
            "--max-heap", callback=to_size, metavar="SIZE", help="The most heap it may take on a board, such as 64K."
        ),
        click.option("--max-flash", callback=to_size, metavar="SIZE", help="The most flash it may take, such as 200K."),
        click.option(
            "--board",
            callback=to_board,
            metavar="NAME",
            shell_complete=board_names,
            help="The board it is for; picoweb boards lists them.",
        ),
    ):
        command = option(command)
    return command


def routes(rows: Sequence[Row], errors: Sequence[Row]) -> None:
    """The table of `picoweb routes`."""
    lines = [[", ".join(row.methods), row.path, *_what(row), f"site.yaml:{row.line}", row.cache or ""] for row in rows]
    lines += [["", f"error {row.path}", *_what(row), f"site.yaml:{row.line}", row.cache or ""] for row in errors]
    terminal.show_table(["method", "address", "what", ">sent", "from", "cache"], lines)


def _what(row: Row) -> tuple[str, str]:
    files = f", {terminal.count(len(row.files), 'file')}" if row.kind == "dir" else ""
    return f"{row.kind} {row.target}{files}", _number(row.sent)


def _number(size: int | None) -> str:
    return "" if size is None else f"{size:,}"


def summary(found: Report) -> str:
    """`"36 files, 204 KB of flash, about 78 KB of heap"`."""
    text = f"{terminal.count(len(found.made.files), 'file')}, {units.size(found.flash)} of flash"
    return f"{text}, about {units.size(found.measured.on_board)} of heap" if found.measured else text


def show(name: str, found: Report, everything: bool = False) -> None:
    """A line that says it in short, then the tables of a report; of the long ones the first rows, the largest."""
    terminal.out.print(name + summary(found), markup=False, emoji=False)
    _routes(found, everything)
    _flash(found)
    _modules(found, everything)
    _heap(found)


def _routes(found: Report, everything: bool) -> None:
    made = {page.path: page.size for page in found.measured.pages} if found.measured else {}
    rows = []
    for row in _all(found) if everything else found.routes:
        size = made.get(row.path) if row.size is None else row.size
        rows.append((size or 0, [row.path, f"{row.kind} {row.target}", _number(size), _number(row.sent)]))
    rows.sort(key=lambda item: -item[0])
    terminal.out.print()
    _table(["address", "what", ">bytes", ">sent"], [line for _, line in rows], everything, "routes")


def _all(found: Report) -> list[Row]:
    """Routes, the files of folders beside them."""
    return [row for route in found.routes for row in (route, *route.files)]


def _flash(found: Report) -> None:
    rows = [[part.name, str(part.files or ""), _number(part.size or None), str(part.blocks)] for part in found.parts]
    files = sum(part.files for part in found.parts)
    size = sum(part.size for part in found.parts)
    rows.append(["in all", str(files), _number(size), str(found.blocks)])
    terminal.out.print()
    texts = [PARTS.get(part.name, "") for part in found.parts] + [f"{found.flash:,} bytes of flash"]
    lines = [[*row, text] for row, text in zip(rows, texts, strict=True)]
    terminal.show_table(["flash", ">files", ">bytes", f">blocks of {BLOCK // 1024} KB", ""], lines)


def _modules(found: Report, everything: bool) -> None:
    terminal.out.print()
    rows = [[module.name, f"{module.size:,}"] for module in found.modules]
    _table(["module", ">bytes"], rows, everything, "modules")


def _heap(found: Report) -> None:
    measured = found.measured
    if measured is None:
        return
    from .measure import on_board

    page = measured.costliest
    rows = [("in use after boot", measured.boot), ("least heap that answers every page", measured.least)]
    if page:
        rows.append((f"a request for {page.name}, the costliest", page.garbage))
    terminal.out.print()
    lines = [[name, f"{size:,}", f"{on_board(size):,}"] for name, size in rows]
    terminal.show_table(["heap", ">measured here (64 bits)", ">on a board, at most (32 bits)"], lines)
    for skipped in measured.skipped:
        terminal.out.print(f"not measured: {skipped.path}: {skipped.why}", markup=False, emoji=False)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], everything: bool, what: str) -> None:
    shown = rows if everything else rows[: _FEW[what]]
    terminal.show_table(columns, shown)
    if len(shown) < len(rows):
        terminal.out.print(f"… and {len(rows) - len(shown):,} more {what}; all of them: picoweb size --all")


def boards() -> None:
    """The table of `picoweb boards`."""
    lines = [
        [board.name, units.size(board.flash), units.size(board.heap), str(board.sockets), board.about]
        for board in BOARDS.values()
    ]
    terminal.show_table(["board", ">flash", ">heap", ">connections", ""], lines)


def verdict(found: Report) -> bool:
    """Tells what is over its limit, and what is good to know. Returns False when something is over."""
    for note in found.notes():
        terminal.err.print(f"note: {note}", markup=False, emoji=False)
    over = found.over()
    for text in over:
        terminal.print_error(text)
    return not over
