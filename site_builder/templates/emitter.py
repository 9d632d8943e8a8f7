"""Generator source, line by line: what all template syntaxes emit."""

from __future__ import annotations

_LONG = 80  # text from this length on is a constant of bytes, which is sent as it is


class Emitter:
    """Builds the source of generator functions.

    Neighbouring text becomes one constant; short text and the values in it one piece, through the `%` operator: a
    board takes as long for a piece as for some hundred bytes in it. `lines` maps each line that was emitted to the
    template's line it came from, through `at`.
    """

    def __init__(self) -> None:
        self._out: list[str] = []
        self.lines: list[int] = []
        self._depth = 0
        self._parts: list[tuple[int, str | None, str]] = []  # (line, text, or None and a value's code)
        self._empty = False
        self.yields = False
        self.at = 0

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
        self.yields = True

    def value(self, code: str) -> None:
        """An expression whose value is written, as str() gives it."""
        self._parts.append((self.at, None, code))
        self.yields = True

    def source(self) -> str:
        """All lines. Emitters end with a newline."""
        self._flush()
        return "".join(line + "\n" for line in self._out)

    def _flush(self) -> None:
        now = self.at
        group: list[tuple[int, str | None, str]] = []
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

    def _piece(self, group: list[tuple[int, str | None, str]]) -> None:
        """Emits neighbouring texts and values as one piece."""
        if not group:
            return
        self.at, text, code = group[0]
        if len(group) == 1:
            self._emit(f"yield str({code})" if text is None else f"yield {text.encode()!r}")
            return
        form = "".join("%s" if text is None else text.replace("%", "%%") for _, text, _ in group)
        self._emit(f"yield {form!r} % (")
        for self.at, text, code in group:
            if text is None:
                self._emit(f"    {code},")
        self._emit(")")

    def _emit(self, code: str) -> None:
        self._out.append("    " * self._depth + code)
        self.yields = self.yields or code.startswith("yield ")
        self.lines.append(self.at)
        self._empty = False
