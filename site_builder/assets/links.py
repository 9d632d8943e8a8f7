"""The addresses in a style sheet: of @import, url(), src() and image-set()."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import tinycss2
from tinycss2.ast import (
    AtKeywordToken,
    Comment,
    FunctionBlock,
    IdentToken,
    LiteralToken,
    Node,
    StringToken,
    URLToken,
    WhitespaceToken,
)
from tinycss2.serializer import serialize_string_value

from .styles import clean, parts

PACKAGES = ("tinycss2",)

_STRING = re.compile(r"""(["'])((?!\1)[^\\\n]|\\.)*\1""", re.S)  # from where a string begins
_URL = re.compile(r"url\(([^\\)]|\\.)*\)", re.S | re.I)  # from where a url( begins whose address has no quotes
_BARE = re.compile(r"[\w/.:%?#&=~+@,;!*$-]+", re.A)  # what url() takes without quotes
_ADDRESSES = ("url", "src", "image-set", "-webkit-image-set")  # functions that take an address in quotes


@dataclass(frozen=True)
class Link:
    """An address in a style sheet: itself, where in the text it stands, with its quotes, and its line."""

    url: str
    start: int
    end: int
    line: int
    quoted: bool


class _Finder:
    """Walks through the tokens of a style sheet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def walk(self, nodes: Sequence[Node], function: str = "") -> Iterator[Link]:
        solid = [node for node in nodes if not isinstance(node, Comment | WhitespaceToken)]
        own = False  # in a property of the author's, which means what it says where it is used
        importing = False
        for i, node in enumerate(solid):
            if isinstance(node, LiteralToken) and node.value == ";":
                own = importing = False
            elif isinstance(node, IdentToken) and node.value.startswith("--"):
                own = own or _text(solid, i + 1) == ":"
            elif isinstance(node, AtKeywordToken):
                importing = node.lower_value == "import"
            elif isinstance(node, URLToken) and not own:
                yield from self.link(node, _URL, False)
            elif isinstance(node, StringToken) and not own and (importing or function in _ADDRESSES):
                yield from self.link(node, _STRING, True)
            inner = parts(node)
            if inner is not None and not own:
                yield from self.walk(inner, node.lower_name if isinstance(node, FunctionBlock) else "")
            importing = importing and isinstance(node, AtKeywordToken)

    def link(self, node: Node, pattern: re.Pattern[str], quoted: bool) -> Iterator[Link]:
        start = self.starts[node.source_line - 1] + node.source_column - 1
        found = pattern.match(self.text, start)
        if found:
            yield Link(node.value, start, found.end(), node.source_line, quoted)


def _text(nodes: Sequence[Node], at: int) -> str:
    return nodes[at].serialize() if at < len(nodes) else ""


def find(text: str) -> list[Link]:
    """The addresses in a style sheet. The text is as clean() gives it."""
    return list(_Finder(text).walk(tinycss2.parse_component_value_list(text)))


def dump(links: Sequence[Link]) -> bytes:
    """Links as bytes, for the cache."""
    return json.dumps([[link.url, link.start, link.end, link.line, link.quoted] for link in links]).encode()


def load(data: bytes) -> list[Link]:
    return [Link(*each) for each in json.loads(data)]


def rewrite(text: str, links: Sequence[Link], change: Callable[[Link], str | None]) -> str:
    """The style sheet with other addresses; change() gives None for one that stays."""
    out: list[str] = []
    at = 0
    for link in links:
        new = change(link)
        if new is not None:
            string = new if _BARE.fullmatch(new) and not link.quoted else f'"{serialize_string_value(new)}"'
            out += [text[at : link.start], string if link.quoted else f"url({string})"]
            at = link.end
    return "".join([*out, text[at:]])


__all__ = ["PACKAGES", "Link", "clean", "dump", "find", "load", "rewrite"]
