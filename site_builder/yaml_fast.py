"""PyYAML's parser in C, for the YAML that it reads exactly as the one in Python does, ten times as fast."""

from __future__ import annotations

import io
import re

import yaml

# Where the two differ: tabs, ?, block scalars, tags, directives, several documents, and what is not quite ASCII.
_DOUBTFUL = re.compile(r"[?\t\r%!\x7f-\xa0\u2028\u2029\ufeff]|(?:^|[\s,{\[])[|>]|^---|^\.\.\.", re.MULTILINE)


class _Named(io.StringIO):
    name = ""  # what marks say of where they are


if yaml.__with_libyaml__:

    class _Loader(yaml.composer.Composer, yaml.cyaml.CParser, yaml.resolver.Resolver):  # type: ignore[name-defined, misc]
        """Composes in Python what is parsed in C: what is nested without end is a RecursionError, and not a crash."""

        def __init__(self, stream: io.StringIO) -> None:
            yaml.cyaml.CParser.__init__(self, stream)  # type: ignore[attr-defined]
            yaml.composer.Composer.__init__(self)
            yaml.resolver.Resolver.__init__(self)


def compose(text: str, name: str) -> yaml.Node | None:
    """The tree of nodes of a YAML text, None where the parser in Python has to look: at mistakes, for its messages."""
    if not yaml.__with_libyaml__ or _DOUBTFUL.search(text):
        return None
    stream = _Named(text)
    stream.name = name
    try:
        node = _Loader(stream).get_single_node()
    except (yaml.YAMLError, RecursionError):
        return None
    return None if node is None or _has_empty(node) else node


def _has_empty(top: yaml.Node) -> bool:
    """Whether there is a value of no characters: the two put it at different places."""
    todo, seen = [top], set()
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.ScalarNode):
            if not node.value and not node.style:
                return True
        elif id(node) not in seen:
            seen.add(id(node))
            for item in node.value:
                todo += item if isinstance(item, tuple) else (item,)
    return False
