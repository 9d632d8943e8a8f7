"""The text of a template with what is only known later masked, each character in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2

MARK = "\uf8ff"  # stands for a character that is not known

_UTEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


def masked(name: str, text: str, env: jinja2.Environment) -> str:
    """The text of a template that compiles. Lines and columns are those of the template."""
    if name.endswith(".tpl"):
        return _UTEMPLATE.sub(lambda found: MARK * len(found[0]), text)
    parts = []
    at = 0
    for _, kind, value in env.lex(text):
        start = text.find(value, at)
        if start < 0:
            continue
        parts.append(text[at:start])  # white space that a tag takes away
        parts.append(value if kind == "data" else re.sub(r"[^\n]", MARK, value))
        at = start + len(value)
    return "".join([*parts, text[at:]])
