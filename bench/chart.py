"""A bar chart as SVG, readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

_WIDTH, _LEFT, _BAR, _GAP = 720, 150, 13, 12
_COLOURS = ("#0f9d76", "#d9722e", "#8b949e")  # picoweb, the peer, the floor
_TEXT = "#76818c"  # between black and white: legible on either
_LABELS = {"asyncio": "asyncio floor, which does nothing but answer"}


@dataclass(frozen=True)
class Panel:
    """A title, and for each group of bars its name and the value of each contestant; None is left out."""

    title: str
    groups: dict[str, list[float | None]]

    def height(self) -> int:
        """Pixels, with the title and the space below."""
        return 40 + sum(_height(values) for values in self.groups.values())


def _height(values: list[float | None]) -> int:
    return len(values) * _BAR + _GAP


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}"{more}>{escape(words)}</text>'


def _bars(panel: Panel, top: int) -> Iterator[str]:
    largest = max((value for values in panel.groups.values() for value in values if value), default=1)
    yield _text(0, top + 14, panel.title, ' font-weight="bold"')
    y = top + 26
    for name, values in panel.groups.items():
        yield _text(_LEFT - 10, y + len(values) * _BAR / 2 + 4, name, ' text-anchor="end"')
        for i, value in enumerate(values):
            if value is not None:
                width = max(1.0, value / largest * (_WIDTH - _LEFT - 60))
                at = y + i * _BAR
                yield f'<rect x="{_LEFT}" y="{at}" width="{width:.1f}" height="{_BAR - 2}" fill="{_COLOURS[i]}"/>'
                yield _text(_LEFT + width + 5, at + _BAR - 3, f"{value:,.0f}", ' font-size="11"')
        y += _height(values)


def _legend(names: list[str]) -> Iterator[str]:
    x = _LEFT
    for name, colour in zip(names, _COLOURS, strict=False):
        label = _LABELS.get(name, name)
        yield f'<rect x="{x}" y="3" width="12" height="12" fill="{colour}"/>'
        yield _text(x + 18, 14, label)
        x += 44 + 7 * len(label)


def draw(names: list[str], panels: list[Panel]) -> str:
    """The chart's SVG."""
    parts = list(_legend(names))
    top = 30
    for panel in panels:
        parts += _bars(panel, top)
        top += panel.height()
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}"'
        f' font-family="system-ui, sans-serif" font-size="13" fill="{_TEXT}" role="img">'
    )
    return "\n".join([start, "<title>picoweb compared</title>", *parts, "</svg>"]) + "\n"
