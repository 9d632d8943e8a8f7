"""HTML without comments, and with one space or line end where there were many.

Elements stay as they are, and so does every place with a space: whether one between two elements shows is for the
style sheets to say. So tools that remove them, as most do, are not for us.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Elements whose text is no HTML (HTML Living Standard §13.2.5.1), and those whose spaces all show.
_RAW = ("iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp")
_PRE = ("listing", "pre")
_SPECIAL = _RAW + _PRE
# What no </pre> reaches through.
_WALLS = ("applet", "caption", "html", "marquee", "math", "object", "select", "svg", "table", "td", "template", "th")

_SPACES = re.compile(r"[ \t\n\f\r]+")
_TEXT = re.compile(r"[^<]+")
_NAME = re.compile(r"(</?)([a-zA-Z][^ \t\n\f\r/>]*)")
_ATTRIBUTE = re.compile(r"=?[^ \t\n\f\r=>/]*")
_VALUE = re.compile(r"[^ \t\n\f\r>]+")
_COMMENT = re.compile(r"<!--(?!-?>)(.*?)--!?>", re.S)
_MARKS = re.compile(r"[\[<!#]|\s*/?ko\b")  # comments that tell a program something
_TYPE = re.compile(r"""\stype\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.I)
_SCRIPTS = ("", "module", "text/javascript", "application/javascript")

Embed = Callable[[str, str], str]


def _one(found: re.Match[str]) -> str:
    """One character for many. A line end stays one: between some scripts a browser shows no space for it."""
    spaces = found[0]
    return spaces if len(spaces) == 1 else "\n" if "\n" in spaces or "\r" in spaces else " "


class Html:
    """Goes through a page piece by piece, as a browser reads it.

    embed: gives the shorter form of a script ("js") or style sheet ("css") in the page.

    `state` is where we are: "text", "tag", "=" (a value begins), '"', "'" and "value" in a tag, "raw" in an element
    whose text is no HTML, "<!" in a declaration or comment, "name" after a name that may go on, and "?" when we can not
    know: from there on, nothing is changed. `kept` is the element around us whose spaces stay, `raw` that of "raw".
    """

    def __init__(self, embed: Embed = lambda kind, text: text) -> None:
        self.embed = embed
        self.state = "text"
        self.kept = ""
        self.raw = ""
        self.tag = ""  # the tag we are in
        self.is_end = False
        self.fixed = True  # all of it is known
        self.named: bool | None = False  # an attribute's name came last; None: perhaps
        self.paused = False  # a statement stands right after its name

    def new(self) -> Html:
        """One that begins anew."""
        return Html(self.embed)

    @property
    def where(self) -> tuple[str, ...]:
        """All that decides how the page is read on."""
        inside = (self.tag_name, str(self.is_end)) if self.state not in ("text", "raw", "?") else ()
        return (self.state, self.kept, self.raw, *inside)

    @property
    def tag_name(self) -> str:
        found = _NAME.match(self.tag)
        return found[2].lower() if found else ""

    @property
    def in_text(self) -> bool:
        return self.state == "text" and not self.kept

    def value(self) -> None:
        """Something that is not known now stands here; it changes nothing of where we are."""
        self.fixed = False
        if self.state == "name" and any(name.startswith(self.tag_name) for name in _SPECIAL):
            self.state = "?"
        elif self.state == "=":
            self.state = "value"

    def pause(self) -> None:
        """A statement stands here."""
        if self.state == "name":
            self.state = "tag"
            self.paused = True

    def join(self, other: Html) -> None:
        """Another way leads here, with the same `where`."""
        self.fixed = False
        self.paused = self.paused or other.paused
        self.named = self.named if self.named == other.named else None

    def text(self, text: str) -> str:
        """The next piece of the page; returns what to send of it."""
        out: list[str] = []
        at = 0
        while at < len(text):
            if self.state == "?":
                out.append(text[at:])
                break
            at = _STEPS[self.state](self, text, at, out)
        return "".join(out)

    # One step a state: takes what stands at `at`, and returns where the text goes on.

    def _in_text(self, text: str, at: int, out: list[str]) -> int:
        found = _TEXT.match(text, at)
        if found:
            out.append(found[0] if self.kept else self._spaces(found[0], out))
            return found.end()
        if text.startswith("<!--", at):
            return self._comment(text, at, out)
        name = _NAME.match(text, at)
        if name:
            self.tag, self.is_end, self.fixed, self.named = "", name[1] == "</", True, False
            self.state = "name"
            return self._take(text, at, name.end(), out)
        if text.startswith("<![CDATA[", at) or at + 1 == len(text) or text[at:] == "</":
            self.state = "?"
        elif text[at + 1] in "!?/":
            self.state = "<!"
        else:
            out.append("<")
            at += 1
        return at

    def _spaces(self, text: str, out: list[str]) -> str:
        made = _SPACES.sub(_one, text)
        if out and out[-1][-1:] in (" ", "\n") and made[:1] in (" ", "\n"):  # a comment stood between them
            before = out.pop()
            made = before[:-1] + ("\n" if "\n" in (before[-1], made[0]) else " ") + made[1:]
        return made

    def _comment(self, text: str, at: int, out: list[str]) -> int:
        found = _COMMENT.match(text, at)
        if not found:
            self.state = "<!"
            return at
        apart = not out or out[-1][-1:] in ("", " ", "\n", ">")
        if _MARKS.match(found[1]) or self.kept or not apart:
            out.append(found[0])
        return found.end()

    def _in_declaration(self, text: str, at: int, out: list[str]) -> int:
        is_comment = text.startswith("<!--", at)
        end = text.find(">", at)
        if is_comment or end < 0:
            self.state = "?"
            return at
        out.append(text[at : end + 1])
        self.state = "text"
        return end + 1

    def _take(self, text: str, at: int, end: int, out: list[str]) -> int:
        out.append(text[at:end])
        self.tag += text[at:end]
        return end

    def _in_name(self, text: str, at: int, out: list[str]) -> int:
        self.state = "tag" if text[at] in " \t\n\f\r/>" else "?"
        return at

    def _in_tag(self, text: str, at: int, out: list[str]) -> int:
        c = text[at]
        if self.paused and c not in " \t\n\f\r/>":  # its name goes on
            self.state = "?"
            return at
        self.paused = False
        if c == ">":
            self._take(text, at, at + 1, out)
            return self._after_tag(text, at + 1, out)
        found = _SPACES.match(text, at)
        if found:
            out.append(" ")
            self.tag += " "
            return found.end()
        if c == "/":
            self.named = False
            return self._take(text, at, at + 1, out)
        if c == "=" and self.named is None:
            self.state = "?"
            return at
        if c == "=" and self.named:
            self.state, self.named = "=", False
            return self._take(text, at, at + 1, out)
        self.named = True
        found = _ATTRIBUTE.match(text, at)
        assert found  # any other character is part of a name
        return self._take(text, at, found.end(), out)

    def _in_equals(self, text: str, at: int, out: list[str]) -> int:
        found = _SPACES.match(text, at)
        if found:
            out.append(" ")
            return found.end()
        c = text[at]
        self.state = c if c in "\"'" else "tag" if c == ">" else "value"
        return self._take(text, at, at + 1, out) if c in "\"'" else at

    def _in_quotes(self, text: str, at: int, out: list[str]) -> int:
        end = text.find(self.state, at)
        if end < 0:
            return self._take(text, at, len(text), out)
        self.state = "tag"
        return self._take(text, at, end + 1, out)

    def _in_value(self, text: str, at: int, out: list[str]) -> int:
        found = _VALUE.match(text, at)
        if not found:
            self.state = "tag"
            return at
        return self._take(text, at, found.end(), out)

    def _after_tag(self, text: str, at: int, out: list[str]) -> int:
        """What follows a tag that is whole."""
        name = self.tag_name
        self.state = "text"
        if self.is_end:
            if name == self.kept:
                self.kept = ""
        elif name in _SPECIAL and (self.tag.endswith("/>") or name == "plaintext"):
            self.state = "?"
        elif name in _RAW:
            self.state, self.raw = "raw", name
            return self._embedded(text, at, out)
        elif self.kept and name in _WALLS:
            self.state = "?"
        elif name in _PRE and not self.kept:
            self.kept = name
        return at

    def _embedded(self, text: str, at: int, out: list[str]) -> int:
        """Takes a script or style sheet that is whole."""
        end = self._end_of_raw(text, at)
        if end < 0 or self.raw not in ("script", "style") or not self.fixed:
            return at
        found = _TYPE.search(self.tag)
        kind = found[1].strip("\"'").strip().lower() if found else ""
        content = text[at:end]
        if self.raw == "style" and kind in ("", "text/css"):
            content = self.embed("css", content)
        elif self.raw == "script" and kind in _SCRIPTS and "<!--" not in content:
            content = self.embed("js", content)
        out.append(content)
        self.state = "?" if self._goes_on(content) else "raw"
        return end

    def _end_of_raw(self, text: str, at: int) -> int:
        found = re.compile(rf"</{self.raw}(?=[ \t\n\f\r/>])", re.I).search(text, at)
        return found.start() if found else -1

    def _goes_on(self, content: str) -> bool:
        """Whether an element may go on after its first end tag; <noscript> is HTML where there are no scripts."""
        if self.raw == "noscript":
            inner = Html()
            inner.text(content)
            return not inner.in_text
        return self.raw == "script" and _is_escaped(content)

    def _in_raw(self, text: str, at: int, out: list[str]) -> int:
        end = self._end_of_raw(text, at)
        if end < 0:
            if re.search(r"<(/[a-zA-Z]*)?$", text) or "<!--" in text[at:]:
                self.state = "?"
            out.append(text[at:])
            return len(text)
        content = text[at:end]
        out.append(content)
        self.state = "?" if self._goes_on(content) else "text"
        self.raw = ""
        return end


_STEPS: dict[str, Callable[[Html, str, int, list[str]], int]] = {
    "text": Html._in_text,
    "name": Html._in_name,
    "tag": Html._in_tag,
    "=": Html._in_equals,
    '"': Html._in_quotes,
    "'": Html._in_quotes,
    "value": Html._in_value,
    "<!": Html._in_declaration,
    "raw": Html._in_raw,
}


def _is_escaped(script: str) -> bool:
    """Whether a script goes on after its first end tag (HTML Living Standard §13.2.5.25)."""
    begin = script.find("<!--")
    return begin >= 0 and re.search(r"<script[ \t\n\f\r/>]", script[begin:], re.I) is not None


def minify(text: str, embed: Embed = lambda kind, text: text) -> str:
    """The same page."""
    return Html(embed).text(text)
