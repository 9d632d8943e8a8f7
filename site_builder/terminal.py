"""The terminal: what the commands print, the only place that prints errors and sets exit codes.

Exit codes are EXIT_CODES. Colours are for a terminal, or wherever FORCE_COLOR is set; NO_COLOR is without any.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from .errors import PicowebError, Problem, SiteError

FAULT, INTERRUPTED = 70, 130
EXIT_CODES = {
    0: "done; `picoweb serve` that is stopped by Ctrl-C, too",
    1: "an error: what it says is wrong, or over a limit",
    2: "wrong usage: no such command or option",
    FAULT: "a mistake in picoweb itself",
    INTERRUPTED: "stopped by Ctrl-C",
}

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
_logger = logging.getLogger("site_builder")


def _sites(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What completes the folder of a site: the sites there, or where there is none, any folder."""
    start = incomplete.rpartition("/")[0] + "/" if "/" in incomplete else ""
    with contextlib.suppress(OSError):
        names = sorted(path.parent.name for path in Path(start or ".").glob("*/site.yaml"))
        if found := [start + name for name in names if (start + name).startswith(incomplete)]:
            return [CompletionItem(name) for name in found]
    return [CompletionItem(incomplete, type="dir")]


site_argument = click.argument("site", default=".", type=click.Path(path_type=Path), shell_complete=_sites)


def _be_quiet(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    out.quiet = value or (ctx.parent is not None and out.quiet)  # before the command or behind it


def _be_verbose(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not _logger.handlers:
        _logger.addHandler(_Lines())
        _logger.setLevel(logging.DEBUG)


class _Lines(logging.Handler):
    """Prints what is logged on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        err.print(record.getMessage(), markup=False, style=_style("dim"))


def add_options(command: click.Command) -> None:
    """Gives a command the options that all have, once."""
    if all(param.name != "verbose" for param in command.params):
        about = "Say what is made anew, how long it takes, and where errors come from."
        for names, callback, text in (
            (("-q", "--quiet"), _be_quiet, "Print nothing but what is wrong."),
            (("-v", "--verbose"), _be_verbose, about),
        ):
            option = click.Option(names, is_flag=True, is_eager=True, expose_value=False, callback=callback, help=text)
            command.params.append(option)


@contextlib.contextmanager
def errors(site: Path | None = None, then: str = "") -> Iterator[None]:
    """Turns our errors into lines on stderr and exit code 1. site: the folder as the user named it. then: what is said
    after the count of its problems."""
    try:
        yield
    except SiteError as e:
        show_problems(e.problems, site)
        print_error(tally(e.problems) + then)
        sys.exit(1)
    except (PicowebError, OSError) as e:
        if isinstance(e, BrokenPipeError):  # nobody reads on: not an error
            raise
        print_error(f"picoweb: {_reason(e)}")
        _logger.debug(_traceback(e))
        sys.exit(1)


def _reason(error: Exception) -> str:
    """An error in a line: one of the system with the file that it is about."""
    if isinstance(error, OSError) and error.strerror:
        return ": ".join([str(name) for name in [error.filename] if name is not None] + [error.strerror])
    return str(error)


def _traceback(error: Exception) -> str:
    return "".join(traceback.format_exception(error)).rstrip()


def show_fault(error: Exception) -> None:
    """Says that picoweb itself is wrong."""
    print_error(f"picoweb: this is a mistake in picoweb: {type(error).__name__}: {error}")
    print_error("Please report it, with what the same command prints with -v, and what picoweb doctor prints.")
    _logger.debug(_traceback(error))


def show_problems(problems: list[Problem], site: Path | None) -> None:
    """A line for each problem, with its file as the user would name it from where they stand."""
    for problem in problems:
        style = "yellow" if problem.warning else "red"
        err.print(place(site, str(problem)), markup=False, style=_style(style))


def tally(problems: Sequence[Problem]) -> str:
    """`"1 error, 2 warnings"`, "no problems"."""
    warnings = sum(problem.warning for problem in problems)
    numbers = {"error": len(problems) - warnings, "warning": warnings}
    return ", ".join(count(number, what) for what, number in numbers.items() if number) or "no problems"


def place(site: Path | None, line: str) -> str:
    """A line that begins with the name of a file, as the user would name that from where they stand."""
    inside = site is not None and site != Path(".") and not line.startswith("/")
    return f"{site.as_posix()}/{line}" if site and inside else line


def log(line: str, style: str | None = None) -> None:
    """A line of what a running site says."""
    err.print(Text(line), style=_style(style) if style else None)


def print_error(text: str) -> None:
    err.print(text, markup=False, style=_style("red"))


def _style(name: str) -> str | None:
    return name if err.is_terminal else None


def count(number: int, what: str) -> str:
    """`"1 file"`, `"2 files"`."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns, each as wide as it has to be: one whose heading begins with ">" is on the right."""
    lines = [[column.lstrip(">") for column in columns], *rows]
    widths = [max(map(cell_len, cells)) for cells in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        cells = []
        for column, cell, width in zip(columns, line, widths, strict=True):
            space = " " * (width - cell_len(cell))
            cells.append(space + cell if column.startswith(">") else cell + space)
        out.print(Text("  ".join(cells).rstrip(), "bold" if number == 0 and out.is_terminal else ""))
