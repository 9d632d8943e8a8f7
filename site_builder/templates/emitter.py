"""Generator source, line by line: what all template syntaxes emit."""

from __future__ import annotations


class Emitter:
    """Builds the source of generator functions.

    Neighbouring text becomes one constant. `lines` maps each line that was emitted to the template's line it came
    from, through `at`.
    """

    def __init__(self) -> None:
        self._out: list[str] = []
        self.lines: list[int] = []
        self._depth = 0
        self._text: list[str] = []
        self._text_at = 0
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
        if not self._text:
            self._text_at = self.at
        self._text.append(text)
        self.yields = True

    def value(self, code: str) -> None:
        """An expression whose value is written."""
        self.line(f"yield str({code})")

    def source(self) -> str:
        """All lines. Emitters end with a newline."""
        self._flush()
        return "".join(line + "\n" for line in self._out)

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if text:
            at, self.at = self.at, self._text_at
            self._emit(f"yield {text.encode()!r}")
            self.at = at

    def _emit(self, code: str) -> None:
        self._out.append("    " * self._depth + code)
        self.yields = self.yields or code.startswith("yield ")
        self.lines.append(self.at)
        self._empty = False
