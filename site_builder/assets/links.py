"""The addresses in a style sheet, found before, and how others take their places."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_BARE = re.compile(r"[\w/.:%?#&=~+@,;!*$-]+", re.A)  # what url() takes without quotes
_PLAIN = re.compile(r"[^\"\\\n\r\f]*")  # what a string takes as it is


@dataclass(frozen=True)
class Link:
    """An address in a style sheet: itself, where in the text it stands, with its quotes, and its line."""

    url: str
    start: int
    end: int
    line: int
    quoted: bool


def clean(text: str) -> str:
    """The text as CSS counts its lines (css-syntax-3 §3.3)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\0", "\ufffd")


def of_style(style: bytes) -> bytes:
    """The links of a style sheet as dump() gives them; none when it is not UTF-8."""
    from .finding import find  # it takes long to import

    try:
        return dump(find(clean(style.decode("utf-8-sig"))))
    except UnicodeDecodeError:
        return dump([])


def dump(links: Sequence[Link]) -> bytes:
    """Links as bytes, for the cache."""
    return json.dumps([[link.url, link.start, link.end, link.line, link.quoted] for link in links]).encode()


def load(data: bytes) -> list[Link]:
    return [Link(*each) for each in json.loads(data)]


def _escaped(address: str) -> str:
    """An address as it stands in quotes."""
    if _PLAIN.fullmatch(address):
        return address
    from tinycss2.serializer import serialize_string_value

    return str(serialize_string_value(address))


def rewrite(text: str, links: Sequence[Link], change: Callable[[Link], str | None]) -> str:
    """The style sheet with other addresses; change() gives None for one that stays."""
    out: list[str] = []
    at = 0
    for link in links:
        new = change(link)
        if new is not None:
            string = new if _BARE.fullmatch(new) and not link.quoted else f'"{_escaped(new)}"'
            out += [text[at : link.start], string if link.quoted else f"url({string})"]
            at = link.end
    return "".join([*out, text[at:]])
