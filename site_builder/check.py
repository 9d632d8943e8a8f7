"""What only the whole site can tell: paths, files, templates and handlers that exist and fit together."""

from __future__ import annotations

import ast
import codecs
import keyword
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from picoweb import routing
from picoweb.errors import reason

from .assets import files_below
from .cache import Cache
from .errors import Problem, suggest
from .model import Directory, File, Handler, Json, Redirect, Site, Target, Template, shown
from .source import Key, Source, walk
from .templates import Compiled, Loader, TemplateError, module_name
from .templates.cached import Templates
from .templates.options import GIVEN, Options

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """A module of handlers/: its source, its functions, and what it imports."""

    file: str
    source: bytes
    functions: dict[str, Function]
    others: set[str]  # what else it binds: imported names and variables, of which we do not know what they take
    imports: set[str]
    picoweb_names: set[str]
    texts: set[str]  # what stands in quotes: a handler may render the template of that name
    attributes: set[str]


@dataclass
class Checked:
    """A site that was looked at as a whole: what the later stages need, and the problems that were found.

    templates: those that the board runs. pages: what is known ahead of the pages, by their place in the description.
    """

    folder: Path
    site: Site
    source: Source
    templates: dict[str, Compiled] = field(default_factory=dict)
    pages: dict[Key, bytes] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_modules(folder: Path, problems: list[Problem]) -> dict[str, Module]:
    """The modules of handlers/ by name, read without running them."""
    modules = {}
    for path in files_below(folder / "handlers").values():
        if path.suffix != ".py":
            continue
        file = path.relative_to(folder).as_posix()
        try:
            source = path.read_bytes().removeprefix(codecs.BOM_UTF8)
            module = read_module(file, source)
        except SyntaxError as e:
            problems.append(Problem(file, e.lineno or 0, e.offset or 0, f"syntax error: {e.msg}"))
            continue
        except (ValueError, OSError) as e:
            problems.append(Problem(file, 0, 0, f"cannot be read: {e}"))
            continue
        name = path.relative_to(folder / "handlers").with_suffix("").as_posix().replace("/", ".")
        modules[name] = module
    return modules


def read_module(file: str, source: bytes) -> Module:
    """What a module says of itself, without running it. Raises SyntaxError, or ValueError for a NUL in it."""
    tree = ast.parse(source, file)
    functions, others = _bound(tree.body)
    imports: set[str] = set()
    names: set[str] = set()
    attributes: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports |= {alias.name.split(".")[0] for alias in node.names}
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("picoweb.")}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports.add(node.module.split(".")[0])
            if node.module == "picoweb":
                names |= {alias.name for alias in node.names}
            elif node.module.startswith("picoweb."):
                names.add(node.module.split(".")[1])
        elif isinstance(node, ast.Attribute):
            attributes.add(node.attr)
            if isinstance(node.value, ast.Name) and node.value.id == "picoweb":
                names.add(node.attr)
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return Module(file, source, functions, others, imports, names, texts, attributes)


def _bound(body: list[ast.stmt]) -> tuple[dict[str, Function], set[str]]:
    """The functions that statements define, and the other names they bind; also inside try, if and with."""
    functions: dict[str, Function] = {}
    others: set[str] = set()
    todo: list[ast.AST] = list(reversed(body))
    while todo:
        node = todo.pop()
        if isinstance(node, Function) and not node.decorator_list:
            functions[node.name] = node
        elif isinstance(node, Function | ast.ClassDef):
            others.add(node.name)
        elif isinstance(node, ast.alias):
            others.add(node.asname or node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            others.add(node.id)
        else:
            todo += reversed(list(ast.iter_child_nodes(node)))
    return functions, others


class Checker:
    """Looks at a whole site and gathers its problems."""

    def __init__(self, folder: Path, site: Site, source: Source, cache: Cache | None = None) -> None:
        self.result = Checked(folder, site, source)
        self.folder = folder
        self.source = source
        self.broken_modules: set[str] = set()
        self.parts: dict[str, list[str]] = {}  # the names of the parts of each path that is right
        self.loader = Loader(folder / "templates", "templates")
        self.compiled_templates: dict[str, Compiled] = {}
        own = site.templates
        known = {"title": site.title, **site.context}
        options = Options(known, own.filters, own.tests, own.strict, own.trim_blocks, own.lstrip_blocks)
        self.made = Templates(self.loader, options, cache or Cache())

    def report(self, path: Key, message: str) -> None:
        self.result.problems.append(self.source.problem(path, message))

    def run(self) -> Checked:
        found: list[Problem] = []
        self.result.modules = read_modules(self.folder, found)
        self.broken_modules = {problem.file for problem in found}
        self.result.problems += found
        site = self.result.site
        self.values(("context",), site.context)
        self.own_functions(site)
        self.paths(site)
        for path, target in site.routes.items():
            self.target(("routes", path), target, self.parts.get(path))
        for status, target in site.errors.items():
            self.error_page(status, target)
        for module in self.result.modules.values():
            for name in sorted(module.texts & {*self.loader.names()}):
                self.needed(name)
        self.template_names()
        return self.result

    def own_functions(self, site: Site) -> None:
        """Checks the site's own filters and tests."""
        for kind, functions in (("filters", site.templates.filters), ("tests", site.templates.tests)):
            for name, function in functions.items():
                key = ("templates", kind, name)
                if not _is_name(name):
                    self.report(key, f"{name!r} is not a name for templates; use letters, digits and _")
                self.function(key, function, ("value",), None)

    # Paths

    def paths(self, site: Site) -> None:
        shapes: dict[object, str] = {}
        for path, target in site.routes.items():
            key = ("routes", path)
            if message := _bad_path(path, target):
                self.report(key, message)
                continue
            parts = routing.split(path)
            self.parts[path] = _part_names(parts)
            shape = tuple(part if isinstance(part, str) else part[:1] for part in parts)
            if shape in shapes:
                self.report(key, f"{path!r} is never reached: {shapes[shape]!r} takes the same paths")
            shapes.setdefault(shape, path)

    # Targets

    def target(self, key: Key, target: Target, parts: list[str] | None) -> None:
        """Checks a target; `parts`: the names of its path's parts, None when the path is wrong."""
        if isinstance(target, File):
            if not os.path.isfile(self.folder / target.file):
                self.report((*key, "file"), self.missing("file", target.file))
        elif isinstance(target, Directory):
            self.directory((*key, "dir"), target.dir)
        elif isinstance(target, Template):
            self.template(key, target, parts)
        elif isinstance(target, Json):
            self.json(key, target, parts)
        elif isinstance(target, Handler):
            self.function((*key, "handler"), target.handler, ("req", "resp"), parts)

    def directory(self, key: Key, name: str) -> None:
        if not os.path.isdir(self.folder / name):
            return self.report(key, self.missing("folder", name))
        for path in files_below(self.folder / name):
            if not path.isprintable():
                self.report(key, f"the file {path!r} in it cannot be served: its name has characters that do not print")

    def error_page(self, status: int, target: Target) -> None:
        key = ("errors", status)
        if isinstance(status, str) and status.isdigit():
            self.report(key, f"{status!r} is text; write it without quotes")
        elif not isinstance(status, int) or not 400 <= status <= 599:
            self.report(key, f"{shown(status)} is not an error status; they are 400 to 599")
        elif isinstance(target, (Directory, Redirect)):
            self.report(key, f"a {target.kind} cannot be an error page; give a template, file, json or handler")
        else:
            self.target(key, target, [])

    def missing(self, what: str, name: str) -> str:
        folder = (self.folder / name).parent
        here = Path(name).parent
        found = []
        if os.path.isdir(folder):
            kind = Path.is_file if what == "file" else Path.is_dir
            found = [str(here / path.name) for path in folder.iterdir() if kind(path) and path.name[0] != "."]
        return f"{what} {name!r} not found{suggest(name, found)}"

    def template(self, key: Key, target: Template, parts: list[str] | None) -> None:
        self.values((*key, "context"), target.context)
        if target.data:
            self.function((*key, "data"), target.data, ("req",), parts)
        name = target.template
        if not os.path.isfile(self.folder / "templates" / name):
            message = f"template {name!r} not found in templates/{suggest(name, self.loader.names())}"
            return self.report((*key, "template"), message)
        compiled = self.compiled(name)
        if compiled is None:
            return
        if not target.data:
            for arg in compiled.required:
                if arg not in target.context and arg not in GIVEN:
                    message = f"{name} takes {arg!r}, but there is neither data nor a context that gives it"
                    self.report((*key, "template"), message)
        if target.data or not self.page(key, target, compiled):
            self.needed(name)

    def page(self, key: Key, target: Template, compiled: Compiled) -> bool:
        """Makes a page whose values are all known now; False when the board has to."""
        if not compiled.constant or "req" in compiled.args:
            return False
        site = self.result.site
        status = key[1] if key[0] == "errors" else 200
        values = {"site": {"title": site.title, **site.context}, "status": status, "reason": reason(status)}
        try:
            self.result.pages[key] = self.made.page(compiled, {**values, **target.context})
        except TemplateError as e:
            self.result.problems.append(e.problem)
        return True

    def compiled(self, name: str) -> Compiled | None:
        """A template compiled; its mistakes are reported once."""
        if name not in self.compiled_templates:
            try:
                self.compiled_templates[name] = self.made.compiled(name)
            except TemplateError as e:
                self.result.problems.append(e.problem)
        return self.compiled_templates.get(name)

    def needed(self, name: str) -> None:
        """Takes a template into the bundle, and those it may include when it runs."""
        compiled = self.compiled(name)
        if compiled and name not in self.result.templates:
            self.result.templates[name] = compiled
            if compiled.dynamic:
                for other in self.loader.names():
                    if other.endswith(".tpl"):
                        self.needed(other)

    def template_names(self) -> None:
        seen: dict[str, str] = {}
        for name in sorted(self.result.templates):
            first = seen.setdefault(module_name(name), name)
            if first != name:
                message = f"its module has the same name as that of {first!r}; rename one"
                self.result.problems.append(Problem(self.loader.where(name), 0, 0, message))

    def json(self, key: Key, target: Json, parts: list[str] | None) -> None:
        if isinstance(target.value, str):
            self.function((*key, "json"), target.value, ("req",), parts)
        else:
            self.values((*key, "json"), target.value)

    def values(self, key: Key, value: Any) -> None:
        for path, item, is_key in walk(value, key):
            if is_key and not isinstance(item, str):
                self.report(path, f"the key {shown(item)} is not text; put quotes around it")
            elif not isinstance(item, (str, int, float, type(None))):
                self.report(path, f"{shown(item)} cannot be sent to a device; put quotes around it to make it text")
            elif isinstance(item, float) and not math.isfinite(item):
                self.report(path, f"{item} cannot be sent to a device; JSON has no such number")

    # Functions

    def function(self, key: Key, name: str, first: tuple[str, ...], parts: list[str] | None) -> None:
        """Checks that handlers/ has a function of that name that takes `first` by position and `parts` by name."""
        module_name, _, attr = name.rpartition(".")
        file = f"handlers/{module_name.replace('.', '/')}.py"
        if file in self.broken_modules:
            return
        module = self.result.modules.get(module_name)
        if module is None:
            hint = suggest(module_name, self.result.modules)
            return self.report(key, f"{key[-1]} {name!r}: there is no {file}{hint}")
        if attr in module.others or "*" in module.others:
            return
        function = module.functions.get(attr)
        if attr in module.others or "*" in module.others:
            return
        if function is None:
            hint = suggest(attr, [f for f in module.functions if not f.startswith("_")])
            return self.report(key, f"{key[-1]} {name!r} not found in {file}{hint}")
        if first == ("value",) and isinstance(function, ast.AsyncFunctionDef):
            message = f"{attr!r} must be 'def {attr}(…)', without async: templates do not wait"
            self.result.problems.append(Problem(file, function.lineno, 0, message))
        if "resp" in first and isinstance(function, ast.FunctionDef):
            message = f"handler {attr!r} must be 'async def {attr}(…)'"
            self.result.problems.append(Problem(file, function.lineno, 0, message))
        if parts is not None and not _takes(function, len(first), set(parts)):
            message = f"{attr} must take ({', '.join([*first, *parts])}), as its route calls it"
            self.result.problems.append(Problem(file, function.lineno, 0, message))


def _part_names(parts: Sequence[str | tuple[str, str]]) -> list[str]:
    return [part[1] for part in parts if not isinstance(part, str) and part[1] != "*"]


def _bad_path(path: object, target: Target) -> str | None:
    """What is wrong with a route's path."""
    if not isinstance(path, str) or not path.startswith("/"):
        return f"{shown(path)}: a path begins with '/'"
    if any(c in path for c in "?#%\\") or not path.isprintable() or " " in path:
        return f"{path!r}: a path has no spaces, '?', '#', '%' or '\\'; letters such as 'é' stand as they are"
    try:
        parts = routing.split(path)
    except ValueError as e:
        return str(e)
    if isinstance(target, Directory) != path.endswith("/*"):
        return f"{path!r}: the path of a folder ends in '/*', and no other path does"
    if any(c in part for c in "*<>" for part in parts if isinstance(part, str)):
        return f"{path!r}: '*' stands alone at the end, and <name> for a whole part between slashes"
    names = _part_names(parts)
    if len({"req", "resp", *names}) < 2 + len(names) or not all(map(_is_name, names)):
        return f"{path!r}: each part needs a name of its own, of letters, digits and _, and not req or resp"
    return None


def _is_name(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def _takes(function: Function, count: int, given: set[str]) -> bool:
    """True when a function takes `count` arguments by position, and then those with the names `given`."""
    spec = function.args
    positional = [arg.arg for arg in spec.posonlyargs + spec.args]
    optional = positional[len(positional) - len(spec.defaults) :] if spec.defaults else []
    named = {arg.arg for arg in spec.kwonlyargs}
    must = {a.arg for a, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None}
    accepted = set(positional[count:]) | named
    needed = (set(positional[count:]) - set(optional)) | must
    fits = len(positional) >= count or spec.vararg is not None
    return fits and needed <= given and (given <= accepted or spec.kwarg is not None)
