"""What can be wrong, and where: the errors that reach a user as plain lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class PicowebError(Exception):
    """An error that is shown to the user as its message alone, without a traceback."""


class DeviceError(PicowebError):
    """Something is wrong with the device or on the way to it; the message says what to do."""


class RunError(PicowebError):
    """A bundle can not be run here; the message says what to do."""


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a site: `file` as the user knows it, `line` and `column` from 1, each 0 when it is not known.

    warning: the site can be built all the same. code: the kind of mistake, for tools, such as "dead-link".
    """

    file: str
    line: int
    column: int
    message: str
    warning: bool = False
    code: str = "invalid"

    def __str__(self) -> str:
        where = ":".join([self.file, *map(str, filter(None, (self.line, self.column)))])
        return f"{where}: {'warning: ' * self.warning}{self.message}"


class SiteError(PicowebError):
    """A site that can not be built. `problems` are all that were found, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def suggest(word: str, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the nearest of `known`, else `"; expected one of …"` while that is short."""
    names = sorted(set(known))
    if near := nearest(word, names):
        return near
    if 0 < len(names) <= 12:
        return f"; expected one of: {', '.join(names)}"
    return ""


def nearest(word: str, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the nearest of `known`, "" when none is near."""
    near = difflib.get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def not_utf8(byte: int) -> str:
    """The message for a byte that is not UTF-8."""
    return f"byte {byte:#04x} is not UTF-8; save the file as UTF-8"
