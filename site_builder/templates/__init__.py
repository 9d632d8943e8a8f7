"""Templates to Python modules: one module a syntax, one emitter of generator source.

A template becomes a module with a generator `render` that yields the page in pieces (bytes for literal text, str for
values), and ARGS, the names it takes from the context.
"""

from __future__ import annotations

import functools
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..assets import Files
from ..errors import Problem, not_utf8, suggest

if TYPE_CHECKING:
    from ..assets.served import Served
    from .jinja import Sources


LIBRARY = "_jinja"  # the module of templates/ that has what others use


@dataclass(frozen=True)
class Compiled:
    """A compiled template.

    source: of a module with a generator `render`. args: the names it takes; required: those it must be given.
    files: the templates it is made of. lines: the template and line of each line of the source. dynamic: it may include
    any other at run time. constant: the same values give the same page, on any machine. runtime: the functions of
    templates/_jinja it calls. functions: those of the site's handlers/.
    """

    name: str
    source: str
    args: tuple[str, ...]
    required: tuple[str, ...]
    files: tuple[str, ...]
    lines: tuple[tuple[str, int], ...] = ()
    dynamic: bool = False
    constant: bool = False
    runtime: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


@dataclass
class TemplateError(Exception):
    """A template that does not compile."""

    problem: Problem


@dataclass
class Loader:
    """Reads templates of one folder. `label`: how the folder is called in messages. asked: the names of which somebody
    wanted to know what is there. files: those of the folder around it, where others read them too."""

    folder: Path
    label: str
    texts: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    files: Files | None = None

    def text(self, name: str, file: str = "", line: int = 0) -> str:
        """A template's text. Raises TemplateError, at `file` and `line` when another template asked for it."""
        self.asked.add(name)
        if name not in self.texts:
            path = f"{self.folder}/{name}"
            if ".." in name.split("/") or not os.path.isfile(path):
                raise TemplateError(Problem(file or self.where(name), line, 0, self._missing(name)))
            try:
                text = self._data(name).decode("utf-8-sig")
            except OSError as e:
                raise TemplateError(Problem(self.where(name), 0, 0, f"cannot be read: {e.strerror}")) from None
            except UnicodeDecodeError as e:
                bad = e.object[e.start]
                raise TemplateError(
                    Problem(self.where(name), e.object.count(b"\n", 0, e.start) + 1, 0, not_utf8(bad))
                ) from None
            self.texts[name] = text.replace("\r\n", "\n").replace("\r", "\n")
        return self.texts[name]

    def has(self, name: str) -> bool:
        """Whether there is such a template."""
        self.asked.add(name)
        return name in self.texts or name in self._names

    def digest(self, name: str) -> str:
        """What stands for the text of a template, or for there being none."""
        if name not in self._digests:
            try:
                self._digests[name] = hashlib.sha256(self._data(name)).hexdigest() if name in self._names else ""
            except OSError:
                self._digests[name] = "it cannot be read"
        return self._digests[name]

    def names(self) -> list[str]:
        """The templates there are."""
        return list(self._names)

    @functools.cached_property
    def _names(self) -> dict[str, None]:
        return dict.fromkeys(self._files.below(self.folder.name))

    @functools.cached_property
    def _files(self) -> Files:
        return self.files or Files(self.folder.parent)

    def _data(self, name: str) -> bytes:
        return self._files.read(f"{self.folder.name}/{name}")

    @functools.cached_property
    def _digests(self) -> dict[str, str]:
        return {}

    def where(self, name: str) -> str:
        return f"{self.label}/{name}"

    def _missing(self, name: str) -> str:
        return f"template {name!r} not found in {self.label}/{suggest(name, self.names())}"


def module_name(name: str) -> str:
    """The module of a template below the package `templates`: "sub/index.tpl" -> "sub.index_tpl"."""
    return name.replace(".", "_").replace("/", ".")


def compile_template(
    name: str, loader: Loader, sources: Sources | None = None, served: Served | None = None
) -> Compiled:
    """Compiles one template: `.tpl` is utemplate's syntax, all else is Jinja's. Raises TemplateError.

    sources: for Jinja's. served: the files that those in utemplate's syntax can ask for.
    """
    if name.endswith(".tpl"):
        from . import utemplate

        return utemplate.compile_template(name, loader, served)
    from . import jinja

    return jinja.compile_template(name, loader, sources or jinja.Sources(loader, jinja.Options()))
