"""CSS without comments and spaces that mean nothing."""

from __future__ import annotations

from collections.abc import Sequence

import rcssmin
import tinycss2
from tinycss2.ast import (
    Comment,
    CurlyBracketsBlock,
    FunctionBlock,
    IdentToken,
    LiteralToken,
    Node,
    ParenthesesBlock,
    ParseError,
    SquareBracketsBlock,
    WhitespaceToken,
)

from .links import clean
from .tools import Unsafe

_LOOSE = (";", ",", ">", "!", "=", "<", ">=", "<=")  # tokens that may have spaces around them, or none


def parts(node: Node) -> list[Node] | None:
    """What is in a block or a function; None: the node is neither."""
    if isinstance(node, FunctionBlock):
        found: list[Node] = node.arguments
        return found
    if isinstance(node, CurlyBracketsBlock | ParenthesesBlock | SquareBracketsBlock):
        content: list[Node] = node.content
        return content
    return None


def _is_loose(node: Node | None) -> bool:
    if node is None or isinstance(node, CurlyBracketsBlock):
        return True
    return isinstance(node, LiteralToken) and node.value in _LOOSE


def _is_colon(node: Node | None) -> bool:
    return isinstance(node, LiteralToken) and node.value == ":"


def _names_property(nodes: Sequence[Node], at: int) -> bool:
    """Whether the node there is the name of a property: the colon after it ends no selector."""
    before = nodes[at - 1] if at else None
    starts = before is None or _is_semicolon(before) or isinstance(before, CurlyBracketsBlock)
    for node in nodes[at:]:
        if _is_semicolon(node):
            break
        if isinstance(node, CurlyBracketsBlock):
            return False
    return starts and isinstance(nodes[at], IdentToken)


def _is_semicolon(node: Node) -> bool:
    return isinstance(node, LiteralToken) and node.value == ";"


def _meaning(nodes: Sequence[Node], block: bool = False) -> list[object]:
    """What tokens say: those and the spaces that could mean something. block: they stand in { } or ( )."""
    nodes = [node for node in nodes if not isinstance(node, Comment)]
    solid = [node for node in nodes if not isinstance(node, WhitespaceToken)]
    found: list[object] = []
    at = -1  # in `solid`, of the last one
    space = False
    for node in nodes:
        if isinstance(node, ParseError):
            raise Unsafe(f"its CSS is broken: {node.message}", node.source_line)
        if isinstance(node, WhitespaceToken):
            space = True
            continue
        before = solid[at] if at >= 0 else None
        colon = _is_colon(before) or (_is_colon(node) and block and at >= 0 and _names_property(solid, at))
        if space and not colon and not _is_loose(before) and not _is_loose(node):
            found.append(" ")
        inner = parts(node)
        if _is_semicolon(node):
            if found and found[-1] != ";":
                found.append(";")
        elif inner is None:
            found.append(node.serialize())
        else:
            name = node.name if isinstance(node, FunctionBlock) else node.type
            found.append((name, _meaning(inner, isinstance(node, CurlyBracketsBlock | ParenthesesBlock))))
        space = False
        at += 1
    return found[:-1] if found and found[-1] == ";" else found


def minify(text: str) -> str:
    """The same style sheet. Raises Unsafe when we can not see that it is the same."""
    text = clean(text)
    before = _meaning(tinycss2.parse_component_value_list(text))
    made: str = rcssmin.cssmin(text, keep_bang_comments=True)
    if "@scope" in text.lower():
        raise Unsafe("rcssmin does not know @scope")
    if before != _meaning(tinycss2.parse_component_value_list(made)):
        raise Unsafe("rcssmin would change what it says")
    return made
