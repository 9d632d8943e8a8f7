"""Templates to Python modules: one module a syntax, one emitter of generator source.

A template becomes a module with a generator `render` that yields the page in pieces (bytes for literal text, str for
values), and ARGS, the names it takes from the context.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from ..assets import files_below
from ..errors import Problem, not_utf8, suggest


@dataclass(frozen=True)
class Compiled:
    """A compiled template: its generator source, the names it takes, which of them it must be given, the templates it
    is made of, the template and line of each line of the source, and whether it may include any other at run time."""

    name: str
    source: str
    args: tuple[str, ...]
    required: tuple[str, ...]
    files: tuple[str, ...]
    lines: tuple[tuple[str, int], ...] = ()
    dynamic: bool = False


@dataclass
class TemplateError(Exception):
    """A template that does not compile."""

    problem: Problem


@dataclass
class Loader:
    """Reads templates of one folder. `label`: how the folder is called in messages."""

    folder: Path
    label: str
    texts: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, file: str = "", line: int = 0) -> str:
        """A template's text. Raises TemplateError, at `file` and `line` when another template asked for it."""
        if name not in self.texts:
            path = self.folder / name
            if ".." in name.split("/") or not os.path.isfile(path):
                raise TemplateError(Problem(file or self.where(name), line, 0, self._missing(name)))
            try:
                text = path.read_bytes().decode("utf-8-sig")
            except OSError as e:
                raise TemplateError(Problem(self.where(name), 0, 0, f"cannot be read: {e.strerror}")) from None
            except UnicodeDecodeError as e:
                bad = e.object[e.start]
                raise TemplateError(
                    Problem(self.where(name), e.object.count(b"\n", 0, e.start) + 1, 0, not_utf8(bad))
                ) from None
            self.texts[name] = text.replace("\r\n", "\n").replace("\r", "\n")
        return self.texts[name]

    def names(self) -> list[str]:
        """The templates there are."""
        return list(files_below(self.folder))

    def where(self, name: str) -> str:
        return f"{self.label}/{name}"

    def _missing(self, name: str) -> str:
        return f"template {name!r} not found in {self.label}/{suggest(name, self.names())}"


def module_name(name: str) -> str:
    """The module of a template below the package `templates`: "sub/index.tpl" -> "sub.index_tpl"."""
    return name.replace(".", "_").replace("/", ".")


def compile_template(name: str, loader: Loader) -> Compiled:
    """Compiles one template. Raises TemplateError."""
    from . import utemplate

    if name.endswith(".tpl"):
        return utemplate.compile_template(name, loader)
    message = "only .tpl templates (utemplate syntax) can be compiled"
    loader.text(name)
    raise TemplateError(Problem(loader.where(name), 0, 0, message))
