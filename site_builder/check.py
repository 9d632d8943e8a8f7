"""What only the whole site can tell: paths, files, templates and handlers that exist and fit together."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from picoweb import routing

from .errors import Problem, suggest
from .model import Directory, File, Handler, Json, Redirect, Site, Target, Template
from .source import Key, Source, walk
from .templates import Compiled, Loader, TemplateError, compile_template

GIVEN = ("site", "req", "status", "reason")  # what every template can ask for


@dataclass
class Module:
    """A module of handlers/: its source, its functions, and what it imports."""

    file: str
    source: bytes
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]
    imports: set[str]
    picoweb_names: set[str]


@dataclass
class Checked:
    """A site that was looked at as a whole: what the later stages need, and the problems that were found."""

    folder: Path
    site: Site
    source: Source
    templates: dict[str, Compiled] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_modules(folder: Path, problems: list[Problem]) -> dict[str, Module]:
    """The modules of handlers/ by name, read without running them."""
    modules = {}
    for path in sorted((folder / "handlers").rglob("*.py")):
        file = path.relative_to(folder).as_posix()
        try:
            source = path.read_bytes()
            tree = ast.parse(source, file)
        except SyntaxError as e:
            problems.append(Problem(file, e.lineno or 0, e.offset or 0, f"syntax error: {e.msg}"))
            continue
        except (ValueError, OSError) as e:
            problems.append(Problem(file, 0, 0, f"cannot be read: {e}"))
            continue
        name = path.relative_to(folder / "handlers").with_suffix("").as_posix().replace("/", ".")
        modules[name] = _module(file, source, tree)
    return modules


def _module(file: str, source: bytes, tree: ast.Module) -> Module:
    functions = {n.name: n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    imports: set[str] = set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports.add(node.module.split(".")[0])
            if node.module == "picoweb":
                names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "picoweb":
            names.add(node.attr)
    return Module(file, source, functions, imports, names)


class Checker:
    """Looks at a whole site and gathers its problems."""

    def __init__(self, folder: Path, site: Site, source: Source) -> None:
        self.result = Checked(folder, site, source)
        self.folder = folder
        self.source = source
        self.broken_modules: set[str] = set()
        self.loader = Loader(folder / "templates", "templates")

    def report(self, path: Key, message: str) -> None:
        self.result.problems.append(self.source.problem(path, message))

    def run(self) -> Checked:
        found: list[Problem] = []
        self.result.modules = read_modules(self.folder, found)
        self.broken_modules = {problem.file for problem in found}
        self.result.problems += found
        site = self.result.site
        self.values(("context",), site.context)
        self.paths(site)
        for path, target in site.routes.items():
            self.target(("routes", path), target, self.parts(path))
        for status, target in site.errors.items():
            self.error_page(status, target)
        return self.result

    # Paths

    def paths(self, site: Site) -> None:
        shapes: dict[object, str] = {}
        for path, target in site.routes.items():
            key = ("routes", path)
            if not isinstance(path, str) or not path.startswith("/"):
                self.report(key, f"{path!r}: a path begins with '/'")
                continue
            if message := _bad_path(path, target):
                self.report(key, message)
                continue
            shape = tuple(part if isinstance(part, str) else part[:1] for part in routing.split(path))
            if shape in shapes:
                self.report(key, f"{path!r} is never reached: {shapes[shape]!r} takes the same paths")
            shapes.setdefault(shape, path)

    def parts(self, path: str) -> list[str]:
        """The names of a path's parts; none for a path that was reported already."""
        try:
            return [part[1] for part in routing.split(path) if not isinstance(part, str) and part[1] != "*"]
        except (ValueError, TypeError):
            return []

    # Targets

    def target(self, key: Key, target: Target, parts: list[str]) -> None:
        if isinstance(target, File):
            if not (self.folder / target.file).is_file():
                self.report((*key, "file"), self.missing("file", target.file))
        elif isinstance(target, Directory):
            if not (self.folder / target.dir).is_dir():
                self.report((*key, "dir"), self.missing("folder", target.dir))
        elif isinstance(target, Template):
            self.template(key, target, parts)
        elif isinstance(target, Json):
            self.json(key, target, parts)
        elif isinstance(target, Handler):
            self.function((*key, "handler"), target.handler, ["req", "resp", *parts], handler=True)

    def error_page(self, status: int, target: Target) -> None:
        key = ("errors", status)
        if not isinstance(status, int) or not 400 <= status <= 599:
            self.report(key, f"{status!r} is not an error status; they are 400 to 599")
        elif isinstance(target, (Directory, Redirect)):
            self.report(key, f"a {target.kind} cannot be an error page; give a template, file, json or handler")
        else:
            self.target(key, target, [])

    def missing(self, what: str, name: str) -> str:
        folder = (self.folder / name).parent
        found = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return f"{what} {name!r} not found{suggest(Path(name).name, found)}"

    def template(self, key: Key, target: Template, parts: list[str]) -> None:
        self.values((*key, "context"), target.context)
        if target.data:
            self.function((*key, "data"), target.data, ["req", *parts])
        name = target.template
        if not (self.folder / "templates" / name).is_file():
            message = f"template {name!r} not found in templates/{suggest(name, self.loader.names())}"
            return self.report((*key, "template"), message)
        compiled = self.compiled(name)
        if compiled and not target.data:
            for arg in compiled.required:
                if arg not in target.context and arg not in GIVEN:
                    message = f"{name} takes {arg!r}, but there is neither data nor a context that gives it"
                    self.report((*key, "template"), message)

    def compiled(self, name: str) -> Compiled | None:
        if name not in self.result.templates:
            try:
                self.result.templates[name] = compile_template(name, self.loader)
            except TemplateError as e:
                self.result.problems.append(e.problem)
                return None
            if self.result.templates[name].dynamic:  # it may include any of them
                for other in self.loader.names():
                    self.compiled(other)
        return self.result.templates[name]

    def json(self, key: Key, target: Json, parts: list[str]) -> None:
        if isinstance(target.value, str):
            self.function((*key, "json"), target.value, ["req", *parts])
        else:
            self.values((*key, "json"), target.value)

    def values(self, key: Key, value: Any) -> None:
        for item in walk(value):
            if not isinstance(item, (str, int, float, type(None))):
                self.report(key, f"{item!r} cannot be sent to a device; put quotes around it to make it text")
            elif isinstance(item, float) and not math.isfinite(item):
                self.report(key, f"{item!r} cannot be sent to a device")

    # Functions

    def function(self, key: Key, name: str, args: list[str], handler: bool = False) -> None:
        """Checks that handlers/ has a function of that name with those parameters."""
        module_name, _, attr = name.rpartition(".")
        file = f"handlers/{module_name.replace('.', '/')}.py"
        if file in self.broken_modules:
            return
        module = self.result.modules.get(module_name)
        if module is None:
            hint = suggest(module_name, self.result.modules)
            return self.report(key, f"{key[-1]} {name!r}: there is no {file}{hint}")
        function = module.functions.get(attr)
        if function is None:
            hint = suggest(attr, [f for f in module.functions if not f.startswith("_")])
            return self.report(key, f"{key[-1]} {name!r} not found in {file}{hint}")
        if handler and isinstance(function, ast.FunctionDef):
            message = f"handler {attr!r} must be 'async def {attr}(…)'"
            self.result.problems.append(Problem(file, function.lineno, 0, message))
        if wrong := _bad_parameters(function, args):
            self.result.problems.append(Problem(file, function.lineno, 0, wrong))


def _bad_path(path: str, target: Target) -> str | None:
    if any(c in path for c in "?#%\\") or not path.isprintable() or " " in path:
        return f"{path!r}: a path has no spaces, '?', '#', '%' or '\\'; letters such as 'é' stand as they are"
    try:
        parts = routing.split(path)
    except ValueError as e:
        return str(e)
    if isinstance(target, Directory) != path.endswith("/*"):
        return f"{path!r}: the path of a folder ends in '/*', and no other path does"
    if any("*" in part or "<" in part for part in parts if isinstance(part, str)):
        return f"{path!r}: '*' stands alone at the end, and <name> for a whole part between slashes"
    names = [part[1] for part in parts if not isinstance(part, str) and part[1] != "*"]
    if len(set(names)) < len(names) or not all(name.isidentifier() for name in names):
        return f"{path!r}: each part needs a name of its own, of letters, digits and _"
    return None


def _bad_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef, args: list[str]) -> str | None:
    """What is wrong with a function's parameters, given the arguments it will get: the first ones by position
    (`req`, `resp`), the others by name."""
    spec = function.args
    positional = [arg.arg for arg in spec.posonlyargs + spec.args]
    optional = positional[len(positional) - len(spec.defaults) :] if spec.defaults else []
    named = {arg.arg for arg in spec.kwonlyargs}
    must = {a.arg for a, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None}
    count = sum(arg in ("req", "resp") for arg in args)
    given = set(args[count:])
    accepted = set(positional[count:]) | named
    needed = (set(positional[count:]) - set(optional)) | must
    fits = len(positional) >= count or spec.vararg
    if fits and needed <= given and (given <= accepted or spec.kwarg):
        return None
    return f"{function.name} must take ({', '.join(args)}), as its route calls it"
