"""The text of a YAML file to its tree of nodes; and what is said about text that is no YAML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from . import yaml_fast
from .errors import Problem, SiteError, not_utf8

_MAX_BYTES = 1 << 20
_LINE_END = re.compile("\r\n?|[\n\x85\u2028\u2029]")  # what YAML takes for the end of a line
_TOO_DEEP = "is nested too deeply"


def _failed(name: str, message: str, place: tuple[int, int] = (0, 0)) -> SiteError:
    return SiteError([Problem(name, *place, message)])


def _place(before: str) -> tuple[int, int]:
    """The line and column that follow a text, from 1."""
    ends = [found.end() for found in _LINE_END.finditer(before)]
    return len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1


def _at(mark: Any) -> tuple[int, int]:
    """The line and column of a mark, from 1."""
    return mark.line + 1, mark.column + 1


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise _failed(name, "cannot be read: it is not a file")
        with path.open("rb") as f:
            data = f.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise _failed(name, "there is no such file; a site is a folder with a site.yaml") from None
    except OSError as e:
        raise _failed(name, f"cannot be read: {e.strerror}") from None
    if len(data) > _MAX_BYTES:
        raise _failed(name, "is larger than 1 MiB; put data into files of its own, and name them here")
    return data


def _text(path: Path, name: str) -> str:
    data = _bytes(path, name)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:2]:
        raise _failed(name, "is UTF-16, as Notepad's 'Unicode'; save it as UTF-8", (1, 1))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise _failed(name, not_utf8(data[e.start]), _place(data[: e.start].decode("utf-8-sig"))) from None


# What PyYAML says (it has no codes), what we say instead, and whether its other mark is the better place.
_WORDS = (
    (r"'\\t'", "a tab; YAML is indented with spaces", False),
    (r"mapping values are not", "': ' where none can be: look at the indentation; text with ': ' needs quotes", False),
    (r"<block end>", "does not fit what stands above or before it: look at the indentation and the quotes", False),
    (r"expected ':'", "a ': ' is missing after this", True),
    (r"expected ',' or '(.)'", "',' or '{}' is missing after this, in line {line} at the latest", True),
    (r"unexpected end of stream", "this quote is not closed", True),
    (r"character '(.)' that cannot start", "text that begins with {} needs quotes", False),
    (r"undefined alias '(.*)'", "no &{0} stands above *{0}; text that begins with * needs quotes", False),
    (r"duplicate anchor '(.*)';", "the anchor &{} stands here a second time", False),
    (r"another document", "'---' begins a second document; a site is one", False),
    (r"expected a mapping or list of mappings", "'<<' takes a mapping such as *name, or a list of them", False),
)


def _explained(name: str, error: yaml.MarkedYAMLError) -> SiteError:
    mark = error.problem_mark
    assert mark is not None  # no problem without one
    message = ": ".join(part for part in (error.context, error.problem) if part)
    for pattern, words, elsewhere in _WORDS:
        if found := re.search(pattern, message):
            message = words.format(*found.groups(), line=mark.line + 1)
            mark = error.context_mark or mark if elsewhere else mark
            break
    return _failed(name, message, _at(mark))


def _slow(text: str, name: str) -> yaml.Node | None:
    """The tree by the parser in Python, which has the better words. Raises SiteError."""
    try:
        loader = yaml.SafeLoader(text)
        loader.name = name
        return loader.get_single_node()
    except yaml.reader.ReaderError as e:
        code = e.character if isinstance(e.character, int) else ord(e.character)
        message = f"the invisible character U+{code:04X} cannot stand in YAML; remove it"
        raise _failed(name, message, _place(text[: e.position])) from None
    except yaml.MarkedYAMLError as e:
        raise _explained(name, e) from None
    except RecursionError:
        raise _failed(name, _TOO_DEEP, _at(loader)) from None


def compose(path: Path, name: str) -> yaml.Node | None:
    """The tree of nodes of a YAML file, None for an empty one; `name` stands for the file in marks and messages.

    Raises SiteError.
    """
    text = _text(path, name)
    return yaml_fast.compose(text, name) or _slow(text, name)
