"""SVG without comments, and without spaces between its elements. All else stays byte for byte."""

from __future__ import annotations

import re
from xml.parsers import expat

from .tools import Unsafe

_TEXT = ("desc", "foreignObject", "metadata", "script", "style", "text", "title")  # spaces in these can mean something
_IN_TAG = re.compile(rb"""("[^"]*"|'[^']*')|\s+""")


class _Cutter:
    """Goes through an SVG and gathers the pieces that stay."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.out: list[bytes] = []
        self.at = 0  # where the data goes on that was not looked at yet
        self.depth = 0  # of elements around us whose spaces stay
        self.tag = False  # whether a tag begins at `at`
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = False
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CommentHandler = self.comment
        parser.StartDoctypeDeclHandler = self.doctype
        parser.DefaultHandler = self.other
        parser.CharacterDataHandler = self.other

    def run(self) -> bytes:
        try:
            self.parser.Parse(self.data, True)
        except expat.ExpatError as e:
            raise Unsafe(f"this is no XML: {expat.errors.messages[e.code]}", e.lineno) from None
        self.flush(len(self.data))
        return b"".join(self.out).strip()

    def flush(self, end: int) -> None:
        """Takes what was not looked at up to `end`."""
        piece = self.data[self.at : end]
        end_tag = re.match(rb"</[^>]*>", piece)
        if end_tag:
            self.out.append(end_tag[0])
            piece = piece[end_tag.end() :]
        elif self.tag:
            close = _tag_end(piece)
            self.out.append(_IN_TAG.sub(lambda found: found[1] or b" ", piece[:close]).replace(b" />", b"/>"))
            piece = piece[close:]
        if self.depth or piece.strip():
            self.out.append(piece)
        self.at = end
        self.tag = False

    def other(self, *_: object) -> None:
        """Anything else: it is in the piece that the next event ends."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.flush(self.parser.CurrentByteIndex)
        self.tag = True
        if self.depth or name.rpartition(":")[2] in _TEXT or "xml:space" in attributes:
            self.depth += 1

    def end(self, name: str) -> None:
        if self.parser.CurrentByteIndex >= self.at:
            self.flush(self.parser.CurrentByteIndex)
        self.depth = max(0, self.depth - 1)

    def comment(self, text: str) -> None:
        begin = self.parser.CurrentByteIndex
        self.flush(begin)
        if not text.startswith("!"):
            self.at = begin + self.data[begin:].index(b"-->") + 3

    def doctype(self, name: str, system: str | None, public: str | None, subset: bool) -> None:
        if subset:
            raise Unsafe("it has entities of its own")


def _tag_end(piece: bytes) -> int:
    """Where a tag ends that begins a piece."""
    quote = b""
    for i in range(len(piece)):
        c = piece[i : i + 1]
        if c == quote:
            quote = b""
        elif not quote and c in (b'"', b"'"):
            quote = c
        elif not quote and c == b">":
            return i + 1
    return len(piece)


def minify(data: bytes) -> bytes:
    """The same picture. Raises Unsafe when it is no XML, or has entities of its own."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"encoding=" in data[:100].lower().replace(b'encoding="utf-8"', b""):
        raise Unsafe("it is not UTF-8")
    return _Cutter(data).run()
