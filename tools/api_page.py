"""docs/api.md: the public names of the framework, with their signatures and docstrings, from its source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import picoweb
from picoweb import attributes, methods

TOP = Path(picoweb.__file__).parent

INTRO = """\
# The framework, name by name

All public names, with what goes in and comes out. This page is written by `tools/write_docs.py` from the source; read
[The framework](framework.md) first, it shows them at work. Where a name begins with `await`, it has to be awaited.
"""

MEMBERS = {  # of the classes that programs do not make themselves, what is for programs
    "WebApp": ("run", "init", "serve", "log_request"),
    "Request": ("read",),
    "Response": ("started", "awrite", "drain", "abort"),
}
# Modules that are imported by their names.
MODULES = ("forms", "multipart", "cookies", "sessions", "auth", "cors", "csrf", "websocket", "sse", "testing", "asgi")
INTERNAL = {"Peer.look", "Response.frame", "Response.quote", "decoded"}  # public to other modules of picoweb alone

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


def definitions(node: ast.AST) -> dict[str, Definition]:
    """The functions and classes that a module or class defines."""
    return {n.name: n for n in ast.iter_child_nodes(node) if isinstance(n, Definition)}


def module(name: str) -> ast.Module:
    return ast.parse((TOP / f"{name}.py").read_text(encoding="utf-8"))


def signature(function: Function, name: str, skip: int = 0) -> str:
    """`await name(arguments)`. skip: how many arguments come first that the caller does not write."""
    args = function.args
    args.args = args.args[skip:]
    doc = ast.get_docstring(function) or ""
    waits = isinstance(function, ast.AsyncFunctionDef) or doc.startswith("Awaitable")
    return f"{'await ' * waits}{name}({ast.unparse(args)})"


def constants(tree: ast.Module, line: str) -> str:
    """A signature with the values of the module's constants in place of their names."""
    values = {
        target.id: ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return re.sub(r"\b_[A-Z_]+\b", lambda found: values.get(found[0], found[0]), line)


def prose(text: str | None) -> str:
    """A docstring as Markdown: what would be markup is not, outside of code."""
    text = text or ""
    if text.startswith("Awaitable: "):  # the signature says so
        text = text[11].upper() + text[12:]
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([*_<\[\\#])", r"\\\1", p) for p in pieces)


def entry(title: str, line: str, doc: str | None) -> str:
    assert doc, f"{title} has no docstring"
    return f"\n### {title}\n\n`{line}`\n\n{prose(doc)}\n"


def function(home: str, name: str, of: str = "", skip: int = 0) -> str:
    """The entry of a function; of: what stands before its name, such as "app."."""
    tree = module(home)
    node = definitions(tree)[name]
    assert isinstance(node, Function)
    return entry(of + name, constants(tree, signature(node, of + name, skip)), ast.get_docstring(node))


def bases(node: ast.ClassDef, tree: ast.Module) -> Iterator[ast.ClassDef]:
    """A class and those it is made from, as far as they are in picoweb."""
    yield node
    for base in node.bases:
        if isinstance(base, ast.Name):
            for home in (tree, *(module(n.module) for n in tree.body if isinstance(n, ast.ImportFrom) and n.level)):
                found = definitions(home).get(base.id)
                if isinstance(found, ast.ClassDef):
                    yield from bases(found, home)


def a_class(home: str, name: str, of: str, only: tuple[str, ...] | None = None) -> Iterator[str]:
    """The entries of a class and its public methods. of: what an instance is called. only: of them these."""
    tree = module(home)
    node = definitions(tree)[name]
    assert isinstance(node, ast.ClassDef)
    line = name
    found: dict[str, Function] = {}
    for one in bases(node, tree):
        for key, value in definitions(one).items():
            if isinstance(value, Function) and f"{one.name}.{key}" not in INTERNAL:
                found.setdefault(key, value)
    if only is None or "run" in only:
        init = found.get("__init__")
        line = constants(tree, signature(init, name, 1)) if init else f"{name}()"
    yield entry(name, line, ast.get_docstring(node))
    for key in only if only is not None else found:
        value = found[key]
        is_property = any(isinstance(d, ast.Name) and d.id == "property" for d in value.decorator_list)
        if not key.startswith("_") and not is_property:
            yield entry(f"{of}.{key}", constants(tree, signature(value, f"{of}.{key}", 1)), ast.get_docstring(value))


def top() -> Iterator[str]:
    """What `import picoweb` gives."""
    yield "\n## picoweb\n"
    for name, home in picoweb._NAMES.items():
        node = definitions(module(home))[name]
        if name == "WebApp":
            continue
        if isinstance(node, ast.ClassDef):
            yield from a_class(home, name, name.lower(), ())
        else:
            yield function(home, name)


def page() -> str:
    """The whole page."""
    parts = [INTRO, *top(), "\n## The app\n", *a_class("app", "WebApp", "app", MEMBERS["WebApp"])]
    parts += [function(home, name, "app.", 1) for name, home in methods._APP.items() if name != "handle_static"]
    about, *methods_of_request = a_class("request", "Request", "req", MEMBERS["Request"])
    more = (ast.get_docstring(module("attributes")) or "").split("\n\n", 1)[1]
    parts += ["\n## The request\n", about, f"\n{prose(more)}\n", *methods_of_request]
    parts += [function(home, name, "req.", 1) for name, home in attributes._METHODS.items()]
    parts += ["\n## The response\n", *a_class("response", "Response", "resp", MEMBERS["Response"])]
    parts += [function("stream", name, "resp.", 1) for name in methods._RESPONSE]
    for home in MODULES:
        tree = module(home)
        parts.append(f"\n## picoweb.{home}\n\n{prose(ast.get_docstring(tree))}\n")
        for name, node in definitions(tree).items():
            if name.startswith("_") or name in INTERNAL:
                continue
            if isinstance(node, ast.ClassDef):
                parts += a_class(home, name, name.lower())
            else:
                parts.append(function(home, name))
    return "".join(parts)
