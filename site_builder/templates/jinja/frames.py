"""Which variable of the generated source a name in a template means.

Jinja's own symbol tables (jinja2.idtracking) say which scope a name belongs to, and where it is first set.
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.idtracking import VAR_LOAD_RESOLVE, Symbols

if TYPE_CHECKING:
    from .module import Module

GLOBALS = ("range", "dict", "namespace", "cycler", "joiner")
GIVEN = ("site", "req", "status", "reason")


@dataclass(frozen=True)
class Macro:
    """A macro, or the body of a {% call %}: the generator function it became."""

    function: str
    node: nodes.Macro | nodes.CallBlock
    takes: frozenset[str]  # those of caller, varargs and kwargs that its body uses


@dataclass(frozen=True)
class Imported:
    """What {% import %} gives: the names of another template."""

    name: str
    context: Context


@dataclass
class Loop:
    """The `loop` of a for, and what of it the body uses. `number`: makes its variables' names unique."""

    number: int
    depth: str
    function: str = ""  # of a recursive loop
    counts: bool = False
    listed: bool = False
    compares: bool = False

    @property
    def index(self) -> str:
        self.counts = True
        return f"_i{self.number}"

    @property
    def items(self) -> str:
        self.listed = True
        return f"_l{self.number}"


class Caller:
    """The parameter `caller` of a macro: a generator function, or undefined."""


Special = Macro | Imported | Loop | Caller


class Context:
    """The names that a template sees beside its own: what was set at the top level, what surrounds an included template,
    and what is given to render()."""

    def __init__(
        self,
        module: Module,
        outer: Context | None = None,
        extra: Mapping[str, str] | None = None,
        isolated: bool = False,
        prefix: str = "",
    ) -> None:
        self.module = module
        self.outer = outer
        self.extra = extra or {}
        self.isolated = isolated
        self.prefix = prefix
        self.vars: dict[str, str] = {}
        self.blocks: dict[str, list[tuple[str, nodes.Block]]] = {}

    def resolve(self, name: str) -> str:
        """The code for a name's value."""
        for names in (self.vars, self.extra):
            if name in names:
                return names[name]
        if name in GLOBALS:
            return self.module.use(name)
        if self.isolated and name not in GIVEN:
            return self.module.undefined(name)
        return self.outer.resolve(name) if self.outer else self.module.parameter(name)

    def declare(self, name: str, inherits: bool) -> tuple[str, str]:
        """A variable for a name that the template sets at its top level, and the code of the value it begins with, "" when
        that is never seen."""
        if name in self.vars:
            return self.vars[name], ""
        begins = self.resolve(name) if inherits else ""
        plain = not self.prefix and not name.startswith("_") and not keyword.iskeyword(name)
        self.vars[name] = code = name if plain else f"{self.prefix}v_{name}"
        return code, "" if begins == code else begins


@dataclass(frozen=True)
class Frame:
    """A scope: where names are looked up, and how values are written.

    template: the file it stands in. prefix: of the variables of this scope and those in it. codes: what stands for
    variables that are others under another name. auto: whether values are escaped. toplevel: names that are set belong
    to the context. silent: nothing is written, because another template is extended. block: of super().
    """

    template: str
    context: Context
    symbols: Symbols
    prefix: str
    auto: bool
    codes: dict[str, str] = field(default_factory=dict)
    toplevel: bool = False
    silent: bool = False
    block: tuple[str, int] | None = None

    def inner(self, **changes: object) -> Frame:
        """A scope within this one."""
        made = replace(self, symbols=Symbols(self.symbols), codes=dict(self.codes), toplevel=False)
        return replace(made, **changes) if changes else made  # type: ignore[arg-type]

    def variable(self, target: str) -> str:
        """The code for one of the symbol table's own names."""
        if target in self.codes:
            return self.codes[target]
        load = self.symbols.find_load(target)
        return self.context.resolve(load[1]) if load and load[0] == VAR_LOAD_RESOLVE else self.prefix + target

    def code(self, name: str) -> str:
        """The code for a name in the template."""
        target = self.symbols.find_ref(name)
        return self.variable(target) if target else self.context.resolve(name)

    def visible(self) -> dict[str, str]:
        """The names that are set here or around, with their code: what an included template sees of them."""
        return {name: self.variable(target) for name, target in self.symbols.dump_stores().items()}
