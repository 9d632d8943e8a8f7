"""YAML to values that know their file and line, with the tags !include, !secret and !env."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .errors import Problem, SiteError
from .values import shown
from .yaml_nodes import compose
from .yaml_tags import SECRETS, TAGS, TagError, env, included, secret

Key = tuple[Hashable, ...]

_MAX_VALUES = 100_000
_MAX_DEPTH = 50
_YAML = "tag:yaml.org,2002:"
_SCALARS = {_YAML + kind for kind in ("binary", "bool", "float", "int", "null", "str", "timestamp")}
_COLLECTIONS = {_YAML + "map", _YAML + "seq"}
# What the constructors of PyYAML raise for dates, numbers and tags that are none.
_BAD_SCALAR = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError)


_Pairs = dict[Any, tuple[yaml.Node, yaml.Node]]  # nodes of a key and its value, by the key


class Mark(NamedTuple):
    """Where something stands; line and column from 1."""

    file: str
    line: int
    column: int


@dataclass
class Source:
    """A YAML file's value, with all that it includes, and where each part of it stands.

    `file`: the name for messages. `value`: plain dicts, lists and scalars. `marks`: the place of each value by its
    path of keys and indices, e.g. ("routes", "/", "template"); for a mapping's value, its key's. `files`: the names of
    all files that were read. `secrets`: the name of the secret, by the path where it stands. `secret_values`: the value
    of each secret that is used, by its name.
    """

    file: str
    value: Any = None
    marks: dict[Key, Mark] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    secrets: dict[Key, str] = field(default_factory=dict)
    secret_values: dict[str, Any] = field(default_factory=dict)

    def problem(self, path: Key, message: str) -> Problem:
        """A problem at a path; where the path has no place of its own, at the nearest one above it.

        A secret's value in the message is replaced by its name.
        """
        for name, value in self.secret_values.items():
            if isinstance(value, str) or self.secrets.get(path) == name:
                for text in {repr(value), shown(value)}:
                    message = message.replace(text, f"the secret {name!r}")
        while path and path not in self.marks:
            path = path[:-1]
        return Problem(*self.marks.get(path, Mark(self.file, 1, 1)), message)


class _Reader:
    """Turns YAML nodes into values, and gathers marks and problems on the way."""

    def __init__(self, source: Source, folder: Path, tags: tuple[str, ...] = TAGS) -> None:
        self.source = source
        self.folder = folder
        self.tags = tags
        self.problems: list[Problem] = []
        self.scalars = yaml.constructor.SafeConstructor()
        self.resolver: Any = yaml.resolver.Resolver()
        self.count = 0
        self.open: list[yaml.Node] = []
        self.nodes: dict[str, yaml.Node | None] = {}
        self.secrets: dict[str, Any] | None = None
        self.secrets_are_broken = False

    def report(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(*_mark(node), message))

    def file(self, name: str) -> Any:
        """The value of a whole file, None when it is empty or broken (which is reported)."""
        try:
            node = self.node(name)
            return None if node is None else self.read(node, ())
        except _TooMuch as e:
            self.report(e.node, e.message)
            return None

    def node(self, name: str) -> yaml.Node | None:
        """The tree of a file of the site, which is read once."""
        if name not in self.nodes:
            self.nodes[name] = None
            self.source.files.append(name)
            try:
                self.nodes[name] = compose(self.folder / name, name)
            except SiteError as e:
                self.problems += e.problems
        return self.nodes[name]

    def enter(self, node: yaml.Node) -> None:
        """Opens a node, if there is no end of them."""
        self.count += 1
        if node in self.open:
            raise _TooMuch(node, "its aliases unfold without end; write the values out")
        if self.count > _MAX_VALUES:
            raise _TooMuch(node, f"there are more than {_MAX_VALUES:,} values here, with all aliases written out")
        if len(self.open) > _MAX_DEPTH:
            raise _TooMuch(node, "is nested too deeply")
        self.open.append(node)

    def read(self, node: yaml.Node, path: Key) -> Any:
        self.enter(node)
        self.source.marks[path] = _mark(node)
        try:
            if isinstance(node, yaml.ScalarNode):
                return self.tagged(node, path) if node.tag in self.tags else self.scalar(node)
            if node.tag not in _COLLECTIONS:
                return self.unknown(node)
            if isinstance(node, yaml.MappingNode):
                return self.mapping(node, path)
            return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
        finally:
            self.open.pop()

    # Mappings

    def mapping(self, node: yaml.MappingNode, path: Key) -> dict[Any, Any]:
        value = {}
        for key, (key_node, item) in self.pairs(node).items():
            value[key] = self.read(item, (*path, key))
            self.source.marks[(*path, key)] = _mark(key_node)
        return value

    def pairs(self, node: yaml.MappingNode) -> _Pairs:
        """The nodes of a mapping's keys and values: its own, and those of the mappings that `<<` names."""
        found: _Pairs = {}
        merges: list[yaml.Node] = []
        for key_node, item in node.value:
            if key_node.tag == _YAML + "merge":
                merges += item.value if isinstance(item, yaml.SequenceNode) else [item]
                continue
            key = self.key(key_node)
            if key in found:
                first = _mark(found[key][0])
                self.report(key_node, f"{shown(key)} stands here a second time; the first is in line {first.line}")
            found.setdefault(key, (key_node, item))
        for other in merges:
            for key, pair in self.merged(other).items():
                found.setdefault(key, pair)
        return found

    def merged(self, node: yaml.Node) -> _Pairs:
        """What a mapping that `<<` names gives."""
        self.enter(node)
        try:
            if node.tag == "!include" and node.tag in self.tags and isinstance(node, yaml.ScalarNode):
                other = self.included(node)
                return {} if other is None else self.merged(other)
            if isinstance(node, yaml.MappingNode) and node.tag in _COLLECTIONS:
                return self.pairs(node)
            self.report(node, "'<<' takes a mapping such as *name, or a list of them")
        except TagError as e:
            self.report(node, str(e))
        finally:
            self.open.pop()
        return {}

    def key(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        self.report(node, "a mapping or list cannot be a key; put quotes around text that has { or [")
        return None

    # Scalars and tags

    def scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.removeprefix(_YAML)
        if node.tag not in _SCALARS and kind != "value":
            return self.unknown(node)
        try:
            value = self.scalars.construct_object(node)
            str(value).encode()
            return value
        except _BAD_SCALAR:
            self.scalars.recursive_objects.clear()
            text = "this" if node.start_mark.name == SECRETS else shown(node.value)
            self.report(node, f"cannot read {text} as {kind}; put quotes around it to make it text")
            return None

    def unknown(self, node: yaml.Node) -> None:
        tag = node.tag.replace(_YAML, "!!")
        if tag in TAGS:
            where = f"in {SECRETS}" if _mark(node).file == SECRETS else "here"
            self.report(node, f"{tag} cannot stand {where}; it stands before a name, where a value is")
        else:
            known = f"; the tags are {', '.join(self.tags)}" if self.tags else ""
            self.report(node, f"unknown tag {tag}{known}")

    # Tags

    def tagged(self, node: yaml.ScalarNode, path: Key) -> Any:
        """The value that a tag of ours stands for."""
        try:
            if node.tag == "!env":
                return self.env(node)
            if node.tag == "!secret":
                return self.secret(node.value, path)
            included = self.included(node)
            return None if included is None else self.read(included, path)
        except TagError as e:
            self.report(node, str(e))
            return None

    def included(self, node: yaml.Node) -> yaml.Node | None:
        """The tree of the file that `!include` names. Raises TagError."""
        return self.node(included(self.folder, node.value, [*dict.fromkeys(_mark(other).file for other in self.open)]))

    def env(self, node: yaml.ScalarNode) -> Any:
        """A value of the environment: text where quotes are behind `!env`, else as YAML reads it."""
        text = env(node.value)
        tag = self.resolver.resolve(yaml.ScalarNode, text, (not node.style, bool(node.style)))
        return self.scalar(yaml.ScalarNode(tag, text, node.start_mark, node.end_mark))

    def secret(self, name: str, path: Key) -> Any:
        if self.secrets is None:
            self.secrets = self.read_secrets()
        if not self.secrets_are_broken:
            value = secret(self.folder, name, self.secrets)
            self.source.secrets[path] = name
            self.source.secret_values[name] = value
            return value
        return None

    def read_secrets(self) -> dict[str, Any]:
        """What stands in secrets.yaml; mistakes in it are reported once."""
        if not os.path.exists(self.folder / SECRETS):
            return {}
        source = Source(SECRETS)
        reader = _Reader(source, self.folder, tags=())
        found = reader.file(SECRETS) or {}
        if not isinstance(found, dict):
            reader.problems.append(source.problem((), "must be a mapping: a name and its secret in each line"))
            found = {}
        self.source.files.append(SECRETS)
        self.problems += reader.problems
        self.secrets_are_broken = bool(reader.problems)
        return {name: value for name, value in found.items() if isinstance(name, str)}


class _TooMuch(Exception):
    def __init__(self, node: yaml.Node, message: str) -> None:
        self.node = node
        self.message = message


def _mark(node: yaml.Node) -> Mark:
    mark = node.start_mark
    return Mark(mark.name, mark.line + 1, mark.column + 1)


def read(path: Path, name: str) -> Source:
    """Reads a YAML file; `name` stands for it in messages. Raises SiteError with everything that is wrong."""
    source = Source(name)
    reader = _Reader(source, path.parent)
    source.value = reader.file(name)
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
