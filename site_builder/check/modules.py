"""The modules of handlers/, read without running them."""

from __future__ import annotations

import ast
import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..assets import files_below
from ..errors import Problem

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Module:
    """A module of handlers/: its source, what it defines, and what it imports.

    functions: those that are what their `def` says. others: what else it binds, of which we do not know what it takes:
    variables, decorated functions, and imported names. classes: the names of its classes. aliases: names that stand for
    another one, in a module of handlers/ ("" is this one). texts: what stands in quotes: a handler may render the
    template of that name. attributes: the names after a dot.
    """

    file: str
    source: bytes
    tree: ast.Module
    functions: dict[str, Function] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    aliases: dict[str, tuple[str, str]] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    picoweb_names: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        """All names that it binds at its top."""
        return self.functions.keys() | self.others


def read_modules(folder: Path, problems: list[Problem]) -> dict[str, Module]:
    """The modules of handlers/ by name."""
    modules = {}
    for relative, path in files_below(folder / "handlers").items():
        if path.suffix != ".py":
            continue
        file = f"handlers/{relative}"
        try:
            module = read_module(file, path.read_bytes().removeprefix(codecs.BOM_UTF8))
        except SyntaxError as e:
            problems.append(Problem(file, e.lineno or 0, e.offset or 0, f"syntax error: {e.msg}", code="syntax"))
        except (ValueError, OSError, RecursionError, MemoryError) as e:
            problems.append(Problem(file, 0, 0, f"cannot be read: {e}", code="syntax"))
        else:
            modules[relative.removesuffix(".py").replace("/", ".")] = module
    return modules


def read_module(file: str, source: bytes) -> Module:
    """What a module says of itself, without running it. Raises SyntaxError, or ValueError for a NUL in it."""
    module = Module(file, source, ast.parse(source, file))
    _bind(module)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            module.imports |= {alias.name.split(".")[0] for alias in node.names}
            dotted = [alias.name.split(".") for alias in node.names]
            module.picoweb_names |= {parts[1] for parts in dotted if parts[0] == "picoweb" and len(parts) > 1}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            module.imports.add(node.module.split(".")[0])
            if node.module == "picoweb":
                module.picoweb_names |= {alias.name for alias in node.names}
            elif node.module.startswith("picoweb."):
                module.picoweb_names.add(node.module.split(".")[1])
        elif isinstance(node, ast.Attribute):
            module.attributes.add(node.attr)
            if isinstance(node.value, ast.Name) and node.value.id == "picoweb":
                module.picoweb_names.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            module.texts.add(node.value)
    return module


def _bind(module: Module) -> None:
    """Finds the names that a module binds at its top, also inside try, if and with."""
    todo: list[ast.AST] = list(reversed(module.tree.body))
    assigned: list[str] = []
    while todo:
        node = todo.pop()
        if isinstance(node, Definition):
            assigned.append(node.name)
            if isinstance(node, ast.ClassDef):
                module.classes.add(node.name)
            if isinstance(node, Function) and not node.decorator_list:
                module.functions[node.name] = node
            else:
                module.others.add(node.name)
        elif isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            assigned.append(node.id)
            module.others.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            assigned += _bind_import(module, node)
        else:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.Name):
                target = node.targets[0]
                if isinstance(target, ast.Name):
                    module.aliases[target.id] = ("", node.value.id)
            todo += reversed(list(ast.iter_child_nodes(node)))
    for name in {name for name in assigned if assigned.count(name) > 1} if len(assigned) < 1000 else ():
        module.aliases.pop(name, None)  # it may be the other one


def _bind_import(module: Module, node: ast.Import | ast.ImportFrom) -> list[str]:
    names = [alias.asname or alias.name.split(".")[0] for alias in node.names]
    module.others |= {*names}
    if isinstance(node, ast.ImportFrom):
        package = own_package(module, node)
        if package:
            for alias in node.names:
                module.aliases[alias.asname or alias.name] = (package, alias.name)
    return names


def own_package(module: Module, node: ast.ImportFrom) -> str:
    """The module of handlers/ that an import takes names from, "" when it is another one."""
    if node.level:
        here = module.file.split("/")[1:-1]
        above = here[: len(here) - node.level + 1]
        return ".".join([*above, *(node.module or "").split(".")]).strip(".")
    first, _, rest = (node.module or "").partition(".")
    return rest if first == "handlers" else ""


def resolve(modules: Mapping[str, Module], module: str, name: str) -> tuple[str, str]:
    """The module and the name that a name stands for, where it was imported or is another name for it."""
    seen = set()
    while (module, name) not in seen and module in modules:
        seen.add((module, name))
        if name not in modules[module].aliases:
            break
        other, inner = modules[module].aliases[name]
        if other and other not in modules:
            break
        module, name = other or module, inner
    return module, name


def own_statements(function: Function | ast.Module) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions and classes in it."""
    todo: list[ast.AST] = list(reversed(function.body))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, Definition | ast.Lambda):
            todo += reversed(list(ast.iter_child_nodes(node)))
