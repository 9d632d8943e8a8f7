"""What a built site takes, and what it may take: the limits, and what is over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import boards, listing, littlefs, units
from .boards import Board
from .bundle import Bundle
from .listing import Row
from .littlefs import Module, Part

if TYPE_CHECKING:
    from .measure import Measured

_CONNECTIONS = 8  # the server's default


@dataclass(frozen=True)
class Limit:
    """What a site may take, in bytes, and who says so."""

    size: int
    source: str


@dataclass(frozen=True)
class Limits:
    """The limits of a site; None where there is none."""

    board: Board | None = None
    flash: Limit | None = None
    heap: Limit | None = None


def limits(
    made: Bundle, board: Board | None = None, max_flash: int | None = None, max_heap: int | None = None
) -> Limits:
    """The limits that hold: what is given here, else the site's own; and the board's, where they are less."""
    site = made.checked.site
    if board is None and site.board:
        board = boards.find(site.board)
    return Limits(
        board,
        _least(_given("flash", max_flash, site.budget.flash), Limit(board.flash, board.name) if board else None),
        _least(_given("heap", max_heap, site.budget.heap), Limit(board.heap, board.name) if board else None),
    )


def _given(name: str, option: int | None, own: int | None) -> Limit | None:
    if option is not None:
        return Limit(option, f"--max-{name}")
    return None if own is None else Limit(own, f"budget: {name} in site.yaml")


def _least(*found: Limit | None) -> Limit | None:
    return min((limit for limit in found if limit), key=lambda limit: limit.size, default=None)


# The report


@dataclass(frozen=True)
class Report:
    """All that can be said of what a built site takes. measured: None when it was not."""

    made: Bundle
    limits: Limits
    measured: Measured | None
    parts: list[Part]
    modules: list[Module]
    routes: list[Row]
    errors: list[Row]

    @property
    def blocks(self) -> int:
        """Blocks of flash in all."""
        return sum(part.blocks for part in self.parts)

    @property
    def flash(self) -> int:
        """Bytes of flash in all."""
        return self.blocks * littlefs.BLOCK

    def over(self) -> list[str]:
        """What is over its limit, each with the largest contributors and what to do."""
        found = []
        room, heap = self.limits.flash, self.limits.heap
        if room and self.flash > room.size:
            found.append(f"{_over('flash', self.flash, room)}\n{_most(self._in_flash())}\n{_HELP['flash']}")
        if heap and self.measured and self.measured.on_board > heap.size:
            found.append(f"{_over('heap', self.measured.on_board, heap)}\n{_most(self._in_heap())}\n{_HELP['heap']}")
        return found

    def notes(self) -> list[str]:
        """What is good to know, although nothing is over a limit."""
        board = self.limits.board
        found = []
        if board and self.flash <= board.flash < 2 * self.flash:
            found.append(
                f"an upload keeps the old site until the new one is complete; there is no room on {board.name} for two"
                f" of {units.size(self.flash)} ({units.size(board.flash)} in all), so one that changes all files fails"
            )
        if board and (self.made.checked.site.server.connections or _CONNECTIONS) > board.sockets:
            found.append(
                f"{board.name} has {board.sockets} connections at the same time;"
                f" write 'server: {{connections: {board.sockets}}}' into site.yaml, so that picoweb knows"
            )
        failed = [skipped.path for skipped in self.measured.skipped if skipped.failed] if self.measured else []
        if failed:
            found.append(
                f"the heap is measured without what did not answer here ({', '.join(failed)});"
                " stand-ins for modules that only boards have go into fakes/"
            )
        return found

    def _in_flash(self) -> list[tuple[str, int]]:
        rows = [row for row in [*self.routes, *self.errors] if row.kind != "json" and not row.files]
        files = {(row.path, row.size): row for row in [*rows, *(file for row in self.routes for file in row.files)]}
        both = [(row.path, _stored(row)) for row in files.values()]
        return (
            both
            + [(module.name, module.size) for module in self.modules if module.part != "picoweb"]
            + [("picoweb", sum(module.size for module in self.modules if module.part == "picoweb"))]
        )

    def _in_heap(self) -> list[tuple[str, int]]:
        assert self.measured
        found = [(f"the modules of {part.name}", part.size) for part in self.parts if part.name in _CODE]
        found.append(("the table", len(self.made.files["routes.json"])))
        page = self.measured.costliest
        return [*found, (f"a request for {page.name}", page.garbage)] if page else found


_CODE = ("picoweb", "libraries", "handlers", "templates")
_HELP = {
    "flash": "  leave out or shrink the largest, or take a board with more flash",
    "heap": "  let pages and handlers make less at once, leave modules out, or take a board with more heap",
}


def _stored(row: Row) -> int:
    """What a file takes, with its compressed form."""
    size, sent = row.size or 0, row.sent or 0
    return size + sent if sent < size else size


def _over(what: str, size: int, limit: Limit) -> str:
    about = "about " if what == "heap" else ""
    return f"over budget: the site takes {about}{size:,} bytes of {what}; {limit.source} allows {limit.size:,}"


def _most(found: Iterable[tuple[str, int]]) -> str:
    largest = sorted(found, key=lambda item: (-item[1], item[0]))[:5]
    return "  the largest: " + ", ".join(f"{name} {size:,}" for name, size in largest if size)


def report(made: Bundle, held: Limits, measured: Measured | None = None) -> Report:
    """What a built site takes."""
    return Report(
        made,
        held,
        measured,
        littlefs.parts(made),
        littlefs.modules(made),
        listing.routes(made),
        listing.error_pages(made),
    )


# For programs: the shape that docs/budget.md describes


def as_json(found: Report) -> dict[str, Any]:
    """A report for `picoweb size --json`."""
    board = found.limits.board
    return {
        "version": 1,
        "title": found.made.title,
        "routes": [row_json(row) for row in found.routes],
        "errors": [row_json(row) for row in found.errors],
        "flash": {
            "bytes": found.flash,
            "blocks": found.blocks,
            "files": len(found.made.files),
            "parts": [vars(part) for part in found.parts],
        },
        "modules": [vars(module) for module in found.modules],
        "heap": _heap_json(found.measured) if found.measured else None,
        "board": vars(board) if board else None,
        "limits": {"flash": _limit_json(found.limits.flash), "heap": _limit_json(found.limits.heap)},
        "over": found.over(),
        "notes": found.notes(),
    }


def row_json(row: Row) -> dict[str, Any]:
    """A route for programs."""
    values = {**vars(row), "methods": list(row.methods), "files": [row_json(file) for file in row.files]}
    return values if row.kind == "dir" else {name: value for name, value in values.items() if name != "files"}


def _limit_json(limit: Limit | None) -> dict[str, Any] | None:
    return vars(limit) if limit else None


def _heap_json(measured: Measured) -> dict[str, Any]:
    page = measured.costliest
    return {
        "boot": measured.boot,
        "least": measured.least,
        "on_board": measured.on_board,
        "costliest": vars(page) if page else None,
        "pages": [vars(page) for page in measured.pages],
        "skipped": [vars(skipped) for skipped in measured.skipped],
    }
