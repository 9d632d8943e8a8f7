"""YAML to values that know their file and line."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .errors import Problem, SiteError

Key = tuple[Hashable, ...]
_MAX_VALUES = 100_000


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
            raise _TooMuch(node)
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
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key = self.key(key_node)
            if key in seen and key_node.tag != "tag:yaml.org,2002:merge":
                self.report(key_node.start_mark, f"{key!r} stands here a second time; the first is in line {seen[key]}")
            seen.setdefault(key, key_node.start_mark.line + 1)
        self.scalars.flatten_mapping(node)
        value = {}
        for key_node, item in node.value:
            key = self.key(key_node)
            mark = key_node.start_mark
            self.source.marks[(*path, key)] = (mark.line + 1, mark.column + 1)
            value[key] = self.read(item, (*path, key))
        return value

    def key(self, node: yaml.Node) -> Any:
        return self.scalar(node) if isinstance(node, yaml.ScalarNode) else "?"

    def scalar(self, node: yaml.Node) -> Any:
        try:
            return self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as e:
            problem = getattr(e, "problem", None) or str(e)
            self.report(node.start_mark, f"cannot read this value: {problem}")
            return None


class _TooMuch(Exception):
    def __init__(self, node: yaml.Node) -> None:
        self.node = node


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
        message = f"byte {data[e.start]:#04x} is not UTF-8; save the file as UTF-8"
        raise SiteError([Problem(name, line, 1, message)]) from None


def _yaml_problem(name: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    message = ", ".join(part for part in (getattr(error, "problem", None), getattr(error, "context", None)) if part)
    message = message or str(error).split("\n", 1)[0]
    if "'\\t'" in message:
        message = "a tab; YAML is indented with spaces"
    return Problem(name, mark.line + 1 if mark else 0, mark.column + 1 if mark else 0, message)


def read(path: Path, name: str) -> Source:
    """Reads a YAML file; `name` stands for it in messages. Raises SiteError with everything that is wrong."""
    text = _text(path, name)
    source = Source(name)
    reader = _Reader(source)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            source.value = reader.read(node, ())
    except _TooMuch as e:
        reader.report(e.node.start_mark, "its aliases unfold without end; write the values out")
    except (yaml.YAMLError, RecursionError) as e:
        error = e if isinstance(e, yaml.YAMLError) else yaml.YAMLError("nested too deeply")
        raise SiteError([_yaml_problem(name, error)]) from None
    if reader.problems:
        raise SiteError(reader.problems)
    return source


def walk(value: Any) -> Iterator[Any]:
    """Every scalar in a value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)
    else:
        yield value
