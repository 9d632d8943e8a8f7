"""The libraries that make one form of a file from another: what they can not do."""

from __future__ import annotations


class Unsafe(Exception):
    """A file is better served as it is; the message says why. line: where in it, 0 for all of it."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line
