"""The module that a template becomes: its functions, its parameters, and what it imports."""

from __future__ import annotations

import keyword
import re
import symtable

from ..emitter import Emitter, Place
from ..options import Options
from .frames import Special
from .pages import Page

_BUILTINS = ("abs", "bool", "callable", "dict", "len", "list", "range", "str")
_MODULES = {"Markup": "picoweb.markup", "escape": "picoweb.escaping"}  # ours that are not of templates/_jinja
_LOCAL = re.compile(r"_([bcdeilrx]\d+$|(t\d+_)?[lv]_|p_)")  # variables of functions, as frames.py names them


class Misnamed(Exception):
    """A name from outside that no parameter of render() can have."""


class Module:
    """Gathers what the writers of one module's functions need in common.

    Names that we put into the source begin with an underscore, so that they never meet those of the template.
    """

    def __init__(self, options: Options, page: Page) -> None:
        self.options = options
        self.page = page
        self.functions: list[Emitter] = []
        self.parameters: list[str] = []
        self.runtime: set[str] = set()  # functions of templates/_jinja
        self.special: dict[str, Special] = {}  # by the variable's code
        self.bound: dict[str, tuple[str, str]] = {}  # where those are made: template and prefix, by the same
        self.nested: set[str] = set()  # functions within functions
        self.handlers: dict[str, str] = {}  # the site's own functions, and what they are called here
        self.files: list[str] = []  # the templates it is made of
        self._builtins: set[str] = set()
        self._markup: set[str] = set()
        self._undefined = False
        self._empty = False
        self._number = 0

    def number(self) -> int:
        """Another number each time."""
        self._number += 1
        return self._number

    def use(self, name: str) -> str:
        """What a function of Python, or of ours, is called in this module."""
        if name in _BUILTINS:
            self._builtins.add(name)
        elif name in _MODULES:
            self._markup.add(name)
        else:
            self.runtime.add(name)
        return f"_{name}"

    def handler(self, name: str) -> str:
        """What a function of the site, such as units.celsius, is called in this module."""
        if name not in self.handlers:
            self.handlers[name] = f"_h{len(self.handlers)}_{name.rpartition('.')[2]}"
        return self.handlers[name]

    def undefined(self, name: str) -> str:
        """The code of an undefined value; `name` is told when it is used all the same."""
        self._undefined = True
        return f"_Undefined({name!r})"

    def empty(self, name: str) -> str:
        """The same where strict templates have it too."""
        if not self.options.strict:
            return self.undefined(name)
        self._empty = True
        return f"_Empty({name!r})"

    def parameter(self, name: str) -> str:
        """A value that is given to render()."""
        if name not in self.parameters:
            if keyword.iskeyword(name) or name.startswith("_"):
                raise Misnamed(name)
            self.parameters.append(name)
            self._undefined = True
        return name

    def is_closed(self, function: Emitter) -> bool:
        """Whether a function uses nothing of the function that it was written in, so that it can stand alone."""
        table = symtable.symtable(function.source(), "", "exec").get_children()[0]
        todo = [table]
        while todo:
            table = todo.pop()
            for symbol in table.get_symbols():
                name = symbol.get_name()
                if symbol.is_global() and (not name.startswith("_") or name in self.nested or _LOCAL.match(name)):
                    return False
            todo += table.get_children()
        return True

    def source(self, render: Emitter) -> tuple[str, list[Place]]:
        """The whole source, and the place in a template of each line."""
        head = [f"ARGS = {tuple(self.parameters)!r}"]
        head += [f"from {_MODULES[name]} import {name} as _{name}" for name in sorted(self._markup)]
        names = []
        if self._undefined:
            names.append(f"{'Strict' if self.options.strict else 'Undefined'} as _Undefined")
        if self._empty:
            names.append("Undefined as _Empty")
        if names:
            head.append(f"from picoweb.undefined import {', '.join(names)}")
        if self.runtime:
            head.append(
                f"from templates._jinja import {', '.join(f'{name} as _{name}' for name in sorted(self.runtime))}"
            )
        for name, code in sorted(self.handlers.items()):
            file, _, function = name.rpartition(".")
            head.append(f"from handlers.{file} import {function} as {code}")
        head += [f"_{name} = {name}" for name in sorted(self._builtins)]
        if self._undefined:
            head.append("_none = object()")
        lines = [(self.files[0], 0)] * len(head)
        source = "".join(line + "\n" for line in head)
        for emitter in [*self.functions, render]:
            source += emitter.source()
            lines += emitter.lines
        return source, lines
