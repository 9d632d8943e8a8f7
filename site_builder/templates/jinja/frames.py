"""Which variable of the generated source a name in a template means.

Jinja's own symbol tables (jinja2.idtracking) say which scope a name belongs to, and where it is first set.

The names that we give to variables begin with an underscore, which those of a template's values never do:
_l_1_NAME in scope 1, _v_NAME at a template's top level, _p_NAME a macro's parameter; after the underscore comes the
prefix of the template, such as t3_.
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.idtracking import VAR_LOAD_RESOLVE, Symbols

from ..options import GIVEN

if TYPE_CHECKING:
    from .module import Module

GLOBALS = ("range", "dict", "namespace", "cycler", "joiner")


@dataclass(eq=False)
class Macro:
    """A macro, or the body of a {% call %}: the generator function it became. ready: it stands above this."""

    function: str
    node: nodes.Macro | nodes.CallBlock
    takes: frozenset[str]  # those of caller, varargs and kwargs that its body uses
    ready: bool = False


@dataclass(frozen=True, eq=False)
class Imported:
    """What {% import %} gives: the names of another template."""

    name: str
    context: Context


@dataclass(eq=False)
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
        self.counts = self.listed = True
        return f"_l{self.number}"


class Caller:
    """The parameter `caller` of a macro: a generator function, or undefined."""


class Doubtful:
    """A macro or an import in one branch of an if, and something else in another."""


Special = Macro | Imported | Loop | Caller | Doubtful


class Context:
    """The names that a template sees beside its own.

    They are, in this order: those set at the top level, those around an included template (`extra`), and those given to
    render(). isolated: it sees only its own. exported: what an import of the template gives. unsure: set in an if.
    """

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
        self.reserved: dict[str, str] = {}  # for names that an extended template will set
        self.exported: set[str] = set()
        self.unsure: set[str] = set()
        self.blocks: dict[str, list[tuple[str, nodes.Block]]] = {}

    def resolve(self, name: str) -> str:
        """The code for a name's value."""
        for names in (self.vars, self.reserved, self.extra):
            if name in names:
                return names[name]
        if name in GLOBALS:
            return self.module.use(name)
        if self.isolated and name not in GIVEN:
            return self.module.undefined(name)
        return self.outer.resolve(name) if self.outer else self.module.parameter(name)

    def reserve(self, name: str) -> tuple[str, str]:
        """A variable for a name that an extended template will set, and the code of the value it begins with."""
        begins = self.resolve(name)
        self.reserved[name] = code = f"_{self.prefix}v_{name}"
        return code, begins

    def declare(self, name: str, prefix: str) -> str:
        """A variable for a name that is set at the top level of the template with this prefix.

        When a template that extends this one has set the name, its macros keep their variable.
        """
        plain = not self.prefix and not name.startswith("_") and not keyword.iskeyword(name)
        if name in self.reserved:
            code = self.reserved.pop(name)
        elif name in self.vars:
            code = f"_{prefix}v_{name}"
        else:
            code = name if plain else f"_{self.prefix}v_{name}"
        self.vars[name] = code
        return code


@dataclass(frozen=True)
class Frame:
    """A scope: where names are looked up, and how values are written.

    template: the file it stands in. prefix: of the variables of this scope and those in it. codes: what stands for
    variables that are others under another name. auto: whether values are escaped. toplevel: names that are set belong
    to the context. silent: "extends" when nothing is written because another template is extended, "import" when only
    what is set matters. block: of super(). late: this runs when it is called. loops: there is a for to break.
    """

    template: str
    context: Context
    symbols: Symbols
    prefix: str
    auto: bool
    codes: dict[str, str] = field(default_factory=dict)
    toplevel: bool = False
    silent: str = ""
    block: tuple[str, int] | None = None
    late: bool = False
    loops: bool = False

    def inner(self, **changes: object) -> Frame:
        """A scope within this one."""
        made = replace(self, symbols=Symbols(self.symbols), codes=dict(self.codes), toplevel=False)
        return replace(made, **changes) if changes else made  # type: ignore[arg-type]

    def own(self, target: str) -> str:
        """The variable that holds one of the symbol table's own names."""
        return self.codes.get(target) or f"_{self.prefix}{target}"

    def variable(self, target: str) -> str:
        """The code for one of the symbol table's own names."""
        if target in self.codes:
            return self.codes[target]
        load = self.symbols.find_load(target)
        return self.context.resolve(load[1]) if load and load[0] == VAR_LOAD_RESOLVE else self.own(target)

    def code(self, name: str) -> str:
        """The code for a name in the template."""
        target = self.symbols.find_ref(name)
        return self.variable(target) if target else self.context.resolve(name)

    def visible(self) -> dict[str, str]:
        """The names that are set here or around, with their code: what an included template sees of them."""
        return {name: self.variable(target) for name, target in self.symbols.dump_stores().items()}
