"""Where in its HTML a template is, so that spaces that mean nothing need not be sent.

A writer tells what it writes, in the order in which the page has it. What runs at other places, a macro's body for
example, must begin and end in the text between elements, and be called there. Where it is not so, or where the branches
of an {% if %} do not lead to the same place, Doubt is raised: the template is then compiled once more, as it stands.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator

from ...assets.pages import Html


class Doubt(Exception):
    """We can not tell where in the page a part of a template is."""


class Page:
    """Follows what is written. html: makes it shorter; None: all stays as it is."""

    def __init__(self, html: Html | None) -> None:
        self.html = html
        self.as_is = False
        self.loops: list[Html | None] = []

    def text(self, text: str, as_is: bool = False) -> str:
        """What to write for text that is known."""
        made = self.html.text(text) if self.html else text
        return text if as_is or self.as_is else made

    def value(self) -> None:
        """A value is written."""
        if self.html:
            self.html.value()

    def mark(self) -> Html | None:
        """Where we are now, at a statement."""
        if self.html:
            self.html.pause()
        return copy.copy(self.html)

    def go(self, mark: Html | None) -> None:
        """Back to where we were."""
        self.html = copy.copy(mark)

    def same(self, *marks: Html | None) -> None:
        """Here we must be where all these are."""
        for mark in filter(None, marks):
            if self.html is None or mark.where != self.html.where:
                raise Doubt
            self.html.join(mark)

    def between(self) -> None:
        """Here we must be in the text between elements."""
        if self.html and not self.html.in_text:
            raise Doubt

    def outside(self) -> None:
        """Here something is used as a value that is a part of a page."""
        if self.html:
            raise Doubt

    @contextlib.contextmanager
    def apart(self, as_is: bool = False) -> Iterator[None]:
        """What is written in this block is shown elsewhere. as_is: we do not know where."""
        before, was = self.html, self.as_is
        self.html = before and before.new()
        self.as_is = was or as_is
        yield
        self.between()
        self.html, self.as_is = before, was
