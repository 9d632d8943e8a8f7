"""Templates to Python modules: one module a syntax, one emitter of generator source.

A template becomes a module with a generator `render` that yields the page in pieces (bytes for literal text, str for
values), and ARGS, the names it takes from the context.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Problem


@dataclass(frozen=True)
class Compiled:
    """A compiled template: its generator source, the names it takes, which of them it must be given, and the other
    templates that it needs at run time ("*": any)."""

    name: str
    source: str
    args: tuple[str, ...]
    required: tuple[str, ...]
    files: tuple[str, ...]
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
            try:
                self.texts[name] = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
            except OSError:
                raise TemplateError(Problem(file or self.where(name), line, 0, self._missing(name))) from None
            except UnicodeDecodeError:
                message = "is not UTF-8; save the file as UTF-8"
                raise TemplateError(Problem(self.where(name), 0, 0, message)) from None
        return self.texts[name]

    def names(self) -> list[str]:
        """The templates there are."""
        if not self.folder.is_dir():
            return []
        files = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return sorted(name for name in files if not name.startswith("."))

    def where(self, name: str) -> str:
        return f"{self.label}/{name}"

    def _missing(self, name: str) -> str:
        from ..errors import suggest

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
