"""What templates asked of a site's files, so that one that is kept is made anew when an answer is another."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..errors import Problem
from .addresses import AssetError

if TYPE_CHECKING:
    from .served import Served

_TRACES = ("names", "warnings", "mistakes", "_made")  # of Served: what an answer changes


class Answers:
    """asked: what was asked so far, such as "asset style.css". told: what is wrong with templates themselves."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.asked: set[str] = set()
        self.told: list[Problem] = []
        self._known: dict[str, str] = {}
        self._given: set[str] = set()

    @contextlib.contextmanager
    def watched(self) -> Iterator[tuple[set[str], list[Problem]]]:
        """While the block runs, gathers what is asked of the files, and what is told of templates."""
        asked, told = self.asked, self.told
        self.asked, self.told = set(), []
        try:
            yield self.asked, self.told
        finally:
            asked |= self.asked
            told += self.told
            self.asked, self.told = asked, told

    def look(self, asked: str) -> str:
        """What stands for the answer. It leaves no trace: perhaps nobody asks that any more."""
        if asked not in self._known:
            before = {name: getattr(self.served, name) for name in _TRACES}
            vars(self.served).update({name: copy.copy(value) for name, value in before.items()})
            with self.watched():
                self._known[asked] = self._answer(asked)
            vars(self.served).update(before)
        return self._known[asked]

    def again(self, asked: Iterable[str]) -> None:
        """A template asks this that was made before, in this build or in an earlier one."""
        for each in asked:
            self.asked.add(each)
            if each not in self._given:
                self._given.add(each)
                self._answer(each)

    def _answer(self, asked: str) -> str:
        what, _, name = asked.partition(" ")
        try:
            if what == "html":
                return str(self.served.shortens(name))
            return self.served.inline(name) if what == "inline" else self.served.asset(name, what == "data")
        except AssetError as e:
            return str(e)
