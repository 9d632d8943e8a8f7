"""The terminal: what the commands print, the only place that prints errors and sets exit codes.

Exit codes: 0 done, 1 an error, 2 wrong usage. Colours only on a terminal, and not with NO_COLOR set.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from .errors import PicowebError, Problem, SiteError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

verbose = False  # picoweb -v


def set_level(more: bool, less: bool) -> None:
    """more: also what only helps to find mistakes. less: nothing but what is wrong."""
    global verbose
    verbose = more
    out.quiet = less


site_argument = click.argument("site", default=".", type=click.Path(path_type=Path))


@contextlib.contextmanager
def errors(site: Path | None = None) -> Iterator[None]:
    """Turns our errors into lines on stderr and exit code 1. site: the folder as the user named it."""
    try:
        yield
    except SiteError as e:
        show_problems(e.problems, site)
        print_error(f"{count(len(e.problems), 'problem')}; nothing was written")
        sys.exit(1)
    except PicowebError as e:
        print_error(f"picoweb: {e}")
        sys.exit(1)
    except (click.ClickException, click.Abort, click.exceptions.Exit):
        raise
    except Exception as e:
        if verbose:
            raise
        print_error(f"picoweb: a mistake of picoweb itself, {type(e).__name__}: {e}")
        print_error("picoweb -v and the same command says where; please report what it prints")
        sys.exit(1)


def show_problems(problems: list[Problem], site: Path | None) -> None:
    """A line for each problem, with its file as the user would name it from where they stand."""
    for problem in problems:
        style = "yellow" if problem.warning else "red"
        err.print(place(site, str(problem)), markup=False, style=_style(style))


def place(site: Path | None, line: str) -> str:
    """A line that begins with the name of a file, as the user would name that from where they stand."""
    inside = site is not None and site != Path(".") and not line.startswith("/")
    return f"{site.as_posix()}/{line}" if site and inside else line


def log(line: str, style: str | None = None) -> None:
    """A line of what a running site says."""
    err.print(Text(line), style=_style(style) if style else None)


def show(line: str, style: str = "") -> None:
    """A line of what a command found out."""
    out.print(Text(line, style if out.is_terminal else ""))


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
