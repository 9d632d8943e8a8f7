"""YAML to values that know their file and line."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from . import yaml_fast
from .errors import Problem, SiteError, not_utf8

Key = tuple[Hashable, ...]
_MAX_VALUES = 100_000
_MAX_DEPTH = 50
_MERGE = "tag:yaml.org,2002:merge"
# What the constructors of PyYAML raise for dates, numbers and tags that are none.
_BAD_SCALAR = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError)


@dataclass
class Source:
    """A YAML file's value, and where each part of it stands.

    `file`: the name for messages. `value`: plain dicts, lists and scalars. `marks`: the line and column (from 1) of
    each value by its path of keys and indices, e.g. ("routes", "/", "template"); for a mapping's value, its key's.
    """

    file: str
    value: Any = None
    marks: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def problem(self, path: Key, message: str) -> Problem:
        """A problem at a path; where the path has no place of its own, at the nearest one above it."""
        while path and path not in self.marks:
            path = path[:-1]
        line, column = self.marks.get(path, (1, 1))
        return Problem(self.file, line, column, message)


class _Reader:
    """Turns YAML nodes into values, and gathers marks and problems on the way."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.scalars = yaml.constructor.SafeConstructor()
        self.count = 0
        self.open: list[yaml.Node] = []

    def report(self, mark: yaml.Mark, message: str) -> None:
        self.problems.append(Problem(self.source.file, mark.line + 1, mark.column + 1, message))

    def read(self, node: yaml.Node, path: Key) -> Any:
        self.count += 1
        if self.count > _MAX_VALUES or node in self.open:
            raise _TooMuch(node, "its aliases unfold without end; write the values out")
        if len(self.open) > _MAX_DEPTH:
            raise _TooMuch(node, "is nested too deeply")
        self.source.marks.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        self.open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self.mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
            return self.scalar(node)
        finally:
            self.open.pop()

    def mapping(self, node: yaml.MappingNode, path: Key) -> dict[Any, Any]:
        value: dict[Any, Any] = {}
        for merged in reversed(self.merged(node)):
            value.update(self.read(merged, path))
        seen: dict[Any, int] = {}
        for key_node, item in node.value:
            if key_node.tag == _MERGE:
                continue
            mark = key_node.start_mark
            key = self.key(key_node)
            if key in seen:
                self.report(mark, f"{key!r} stands here a second time; the first is in line {seen[key]}")
            seen.setdefault(key, mark.line + 1)
            self.source.marks[(*path, key)] = (mark.line + 1, mark.column + 1)
            value[key] = self.read(item, (*path, key))
        return value

    def merged(self, node: yaml.MappingNode) -> list[yaml.MappingNode]:
        """The mappings that `<<` names. The first one's keys win, and those of the mapping itself."""
        found: list[yaml.Node] = []
        for key_node, item in node.value:
            if key_node.tag == _MERGE:
                found += item.value if isinstance(item, yaml.SequenceNode) else [item]
        for other in found:
            if not isinstance(other, yaml.MappingNode):
                self.report(other.start_mark, "'<<' takes a mapping such as *name, or a list of them")
        return [other for other in found if isinstance(other, yaml.MappingNode)]

    def key(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        self.report(node.start_mark, "a mapping or list cannot be a key; put quotes around text that has { or [")
        return None

    def scalar(self, node: yaml.Node) -> Any:
        try:
            value = self.scalars.construct_object(node)
            if isinstance(value, str):
                value.encode()
            return value
        except _BAD_SCALAR:
            self.scalars.recursive_objects.clear()
            text = node.value if len(node.value) <= 40 else node.value[:40] + "…"
            kind = node.tag.rpartition(":")[2]
            self.report(node.start_mark, f"cannot read {text!r} as {kind}; put quotes around it to make it text")
            return None


class _TooMuch(Exception):
    def __init__(self, node: yaml.Node, message: str) -> None:
        self.node = node
        self.message = message


def _text(path: Path, name: str) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SiteError([Problem(name, 0, 0, "there is no such file; a site is a folder with a site.yaml")]) from None
    except OSError as e:
        raise SiteError([Problem(name, 0, 0, f"cannot be read: {e.strerror}")]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise SiteError([Problem(name, line, 1, not_utf8(data[e.start]))]) from None


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


def _yaml_problem(name: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark
    assert mark is not None  # no problem without one
    message = ": ".join(part for part in (error.context, error.problem) if part)
    for pattern, words, elsewhere in _WORDS:
        if found := re.search(pattern, message):
            message = words.format(*found.groups(), line=mark.line + 1)
            mark = error.context_mark or mark if elsewhere else mark
            break
    return Problem(name, mark.line + 1, mark.column + 1, message)


def _compose(text: str, name: str) -> yaml.Node | None:
    """The tree of nodes of a YAML text. Raises SiteError."""
    if node := yaml_fast.compose(text, name):
        return node
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as e:
        line = text.count("\n", 0, e.position) + 1
        code = e.character if isinstance(e.character, int) else ord(e.character)
        message = f"the invisible character U+{code:04X} cannot stand in YAML; remove it"
        raise SiteError([Problem(name, line, 1, message)]) from None
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as e:
        raise SiteError([_yaml_problem(name, e)]) from None
    except RecursionError:
        raise SiteError([Problem(name, loader.line + 1, 1, "is nested too deeply")]) from None


def read(path: Path, name: str) -> Source:
    """Reads a YAML file; `name` stands for it in messages. Raises SiteError with everything that is wrong."""
    node = _compose(_text(path, name), name)
    source = Source(name)
    reader = _Reader(source)
    try:
        if node is not None:
            source.value = reader.read(node, ())
    except _TooMuch as e:
        reader.report(e.node.start_mark, e.message)
    if reader.problems:
        raise SiteError(reader.problems)
    return source


def walk(value: Any, path: Key = ()) -> Iterator[tuple[Key, Any, bool]]:
    """Every key and every scalar in a value: its path, itself, and whether it is a key."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key), key, True
            yield from walk(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from walk(item, (*path, i))
    else:
        yield path, value, False
