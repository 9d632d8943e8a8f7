"""JavaScript without comments and spaces that mean nothing."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import rjsmin
import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from .tools import Unsafe

_HTML_COMMENT = re.compile(r"<!--|^\s*-->", re.M)  # one for browsers, operators for our parser


@functools.cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_javascript.language()))


def _tree(text: str) -> Node:
    return _parser().parse(text.encode()).root_node


def _walk(node: Node) -> Iterator[tuple[str, bytes]]:
    """What a syntax tree says: its nodes in order, without comments, and the text of those that have no parts."""
    todo = [node]
    while todo:
        node = todo.pop()
        if node.type in ("comment", "html_comment"):
            continue
        parts = [] if node.type == "template_string" else node.children
        yield node.type, b"" if parts else node.text or b""
        todo += reversed(parts)


def _line_of_error(node: Node) -> int:
    todo = [node]
    while todo:
        node = todo.pop()
        if node.is_error or node.is_missing:
            return int(node.start_point[0]) + 1
        todo += [part for part in reversed(node.children) if part.has_error]
    return 0


def minify(text: str) -> str:
    """The same program. Raises Unsafe when we can not see that it is the same."""
    before = _tree(text)
    if before.has_error:
        raise Unsafe("we cannot read this JavaScript", _line_of_error(before))
    made: str = rjsmin.jsmin(text, keep_bang_comments=True)
    after = _tree(made)
    same = len(_HTML_COMMENT.findall(text)) == len(_HTML_COMMENT.findall(made))
    if not same or after.has_error or list(_walk(before)) != list(_walk(after)):
        raise Unsafe("rjsmin would change what it does")
    return made


def escaped(text: str) -> str:
    """The same program, with nothing in it that ends a <script>. Raises Unsafe when that stands outside of quotes."""
    made = re.sub(r"<(?=/script|!--)", r"\\x3C", text, flags=re.I)
    if made != text and _tree(made).has_error and not _tree(text).has_error:
        raise Unsafe("'</script' or '<!--' stands outside of quotes; link to it instead")
    return made
