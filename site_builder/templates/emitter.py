"""Generator source, line by line: what all template syntaxes emit."""

from __future__ import annotations

Place = tuple[str, int]  # a template and a line of it

_LONG = 80  # text from this length on is a constant of bytes, which is sent as it is


class Emitter:
    """Builds the source of generator functions.

    Neighbouring text becomes one constant; short text and the values in it one piece, through the `%` operator: a
    board takes as long for a piece as for some hundred bytes in it. `lines` maps each line that was emitted to the
    place in a template it came from, through `at`. text_of: the name that str() has in the source. yields: whether
    the function that is written is a generator yet.
    """

    def __init__(self, text_of: str = "str", sinks: list[str] | None = None) -> None:
        self._out: list[str] = []
        self.lines: list[Place] = []
        self._depth = 0
        self._parts: list[tuple[Place, str | None, str]] = []  # (place, text, or None and a value's code)
        self._empty = False
        self.text_of = text_of
        self.sinks = [] if sinks is None else sinks  # lists that take the pieces instead, the innermost last
        self.yields = False
        self.at: Place = ("", 0)

    def line(self, code: str) -> None:
        """A statement at the current depth."""
        self._flush()
        self._emit(code)

    def open(self, code: str) -> None:
        """A statement that begins a block."""
        self.line(code)
        self._depth += 1
        self._empty = True

    def close(self) -> None:
        """Ends a block; an empty one gets `pass`."""
        self._flush()
        if self._empty:
            self._emit("pass")
        self._depth -= 1

    def text(self, text: str) -> None:
        """Literal text."""
        if self._parts and self._parts[-1][1] is not None:
            at, before, _ = self._parts.pop()
            self._parts.append((at, before + text if before else text, ""))
        else:
            self._parts.append((self.at, text, ""))
        self.yields = self.yields or not self.sinks

    def value(self, code: str) -> None:
        """An expression whose value is written, as str() gives it."""
        self._parts.append((self.at, None, code))
        self.yields = self.yields or not self.sinks

    def stream(self, code: str) -> None:
        """An expression that gives more pieces, a generator's call."""
        self.line(f"{self.sinks[-1]}.extend({code})" if self.sinks else f"yield from {code}")
        self.yields = self.yields or not self.sinks

    def gather(self, name: str) -> None:
        """From here on, pieces go into a new list with this name, until gathered()."""
        self.line(f"{name} = []")
        self.sinks.append(name)

    def gathered(self) -> None:
        """Ends the innermost gather()."""
        self._flush()
        self.sinks.pop()

    def insert(self, other: Emitter) -> None:
        """All lines of another emitter, at the current depth."""
        self._flush()
        other._flush()
        for code, self.at in zip(other._out, other.lines, strict=True):
            self._emit(code)
        self.yields = self.yields or other.yields

    def source(self) -> str:
        """All lines. Emitters end with a newline."""
        self._flush()
        return "".join(line + "\n" for line in self._out)

    def _flush(self) -> None:
        now = self.at
        group: list[tuple[Place, str | None, str]] = []
        for part in self._parts:
            if part[1] is not None and len(part[1]) >= _LONG:
                self._piece(group)
                self._piece([part])
                group = []
            else:
                group.append(part)
        self._piece(group)
        self._parts.clear()
        self.at = now

    def _piece(self, group: list[tuple[Place, str | None, str]]) -> None:
        """Emits neighbouring texts and values as one piece."""
        if not group:
            return
        self.at, text, code = group[0]
        before, after = (f"{self.sinks[-1]}.append(", ")") if self.sinks else ("yield ", "")
        if len(group) == 1:
            self._emit(
                f"{before}{self.text_of}({code}){after}" if text is None else f"{before}{text.encode()!r}{after}"
            )
            return
        form = "".join("%s" if text is None else text.replace("%", "%%") for _, text, _ in group)
        self._emit(f"{before}{form!r} % (")
        for self.at, text, code in group:
            if text is None:
                self._emit(f"    {code},")
        self._emit(")" + after)

    def _emit(self, code: str) -> None:
        self._out.append("    " * self._depth + code)
        self.yields = self.yields or code.startswith("yield ")  # what utemplate's statements hold
        self.lines.append(self.at)
        self._empty = False
