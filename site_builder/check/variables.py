"""Names in templates that neither the context nor the data function gives."""

from __future__ import annotations

import ast
import marshal
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..cache import code, version
from ..errors import Problem, nearest
from ..model import Template
from ..source import Key
from ..templates import Compiled
from ..templates.options import GIVEN
from .checked import Checked
from .functions import find
from .modules import own_statements


@dataclass
class _Found:
    """Names by the file and line where they are needed, and the pages that do not have them, with why."""

    checked: Checked
    pages: dict[tuple[str, int, str], list[tuple[Key, str]]] = field(default_factory=dict)
    uses: dict[str, tuple[dict[str, int], list[str]]] = field(default_factory=dict)

    def add(self, key: Key, target: Template, compiled: Compiled, given: set[str]) -> None:
        """Looks for the names that a page needs and that are not given."""
        missing = {arg for arg in compiled.args if arg not in given and arg not in GIVEN}
        if not missing:
            return
        uses = [(file, *self.names(file)) for file in compiled.files]
        missing -= {name for _, _, own in uses for name in own}
        for name in sorted(missing):
            place = next(((file, needs[name]) for file, needs, _ in uses if name in needs), None)
            if place:
                message = f"{_giver(target)}{nearest(name, given)}"
                self.pages.setdefault((*place, name), []).append((key, message))

    def names(self, file: str) -> tuple[dict[str, int], list[str]]:
        """What one template needs, and what it sets."""
        if file not in self.uses:
            made = self.checked.made
            about = repr(replace(made.options, site={}))
            text = self.checked.loader.text(file)

            def make() -> bytes:
                from .names import names_of  # it needs Jinja, which takes long to import

                return marshal.dumps(names_of(made.sources.env, text, made.options.strict))

            key = ("names", code("check"), version("jinja2"), about, text)
            self.uses[file] = marshal.loads(self.checked.cache.get(key, make))
        return self.uses[file]


def check(checked: Checked) -> Iterator[Problem]:
    """Names that nobody gives, where all that is given is known."""
    found = _Found(checked)
    for key, target in checked.targets().items():
        compiled = checked.compiled.get(target.template) if isinstance(target, Template) else None
        if compiled is None or not isinstance(target, Template):
            continue
        fails = not target.data and key not in checked.pages and target.template not in checked.templates
        keys = keys_of(checked, target.data) if target.data else set()
        if keys is None or fails:
            continue
        given = {*target.context} | keys
        if not target.template.endswith(".tpl"):
            found.add(key, target, compiled, given)
        elif target.data:
            for arg in compiled.required:
                if arg not in given and arg not in GIVEN:
                    message = f"{target.template} takes {arg!r}, but {_giver(target)}"
                    yield checked.problem((*key, "template"), message, "no-value")
    warning = not checked.site.templates.strict
    for (file, line, name), pages in found.pages.items():
        yield Problem(checked.loader.where(file), line, 0, _told(name, pages), warning, "no-value")


def _told(name: str, pages: list[tuple[Key, str]]) -> str:
    (kind, path), message = pages[0]
    where = f"{path}" if kind == "routes" else f"the error page {path}"
    more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
    return f"{name!r} has no value at {where}{more}: {message}"


def _giver(target: Template) -> str:
    if target.data and target.context:
        return f"neither {target.data}() nor the context gives it"
    if target.data:
        return f"{target.data}() does not give it"
    return "the context does not give it" if target.context else "there is neither data nor a context that gives it"


def keys_of(checked: Checked, name: str) -> set[str] | None:
    """The keys of what a data function returns, None when they can not be known from its source."""
    _, function = find(checked, name)
    if function is None:
        return None
    found: set[str] = set()
    returns = [node for node in own_statements(function) if isinstance(node, ast.Return)]
    for node in returns:
        if not isinstance(node.value, ast.Dict):
            return None
        for key in node.value.keys:
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            found.add(key.value)
    return found if returns else None
