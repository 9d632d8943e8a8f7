"""Finds the addresses in a style sheet: of @import, url(), src() and image-set()."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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

from .links import Link
from .styles import parts

_STRING = re.compile(r"""(["'])((?!\1)[^\\\n]|\\.)*\1""", re.S)  # from where a string begins
_URL = re.compile(r"url\(([^\\)]|\\.)*\)", re.S | re.I)  # from where a url( begins whose address has no quotes
_ADDRESSES = ("url", "src", "image-set", "-webkit-image-set")  # functions that take an address in quotes


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
