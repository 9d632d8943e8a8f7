"""Files that nothing leads to: templates, modules of handlers/, and files of folders from which others are served."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from ..errors import Problem
from ..values import PRIVATE
from .checked import Checked
from .functions import uses
from .map import Map
from .modules import own_package

_STATIC = {"static", "assets", "public", "www", "css", "js", "img", "images", "fonts", "media"}


def check(checked: Checked, site: Map) -> Iterator[Problem]:
    """Files that could be removed. To be asked when all names resolve."""
    for file, why in [*_templates(checked), *_modules(checked), *_files(checked, site)]:
        message = f"{why}; remove it, or list it under 'ignore' in site.yaml"
        yield Problem(file, 0, 0, message, True, "unused")


def _templates(checked: Checked) -> Iterator[tuple[str, str]]:
    if any("render_template" in module.attributes | module.picoweb_names for module in checked.modules.values()):
        return  # a handler may render any of them
    compiled = [checked.compiled.get(name) for name in checked.compiled]
    used = {file for template in compiled if template for file in template.files}
    for name in checked.loader.names():
        if name not in used and not _is_note(name):
            yield checked.loader.where(name), "no route and no other template uses it"


def _modules(checked: Checked) -> Iterator[tuple[str, str]]:
    todo = {use.name.rpartition(".")[0] for use in uses(checked)}
    used: set[str] = set()
    while todo:
        name = todo.pop()
        if name in checked.modules and name not in used:
            used.add(name)
            todo |= _imported(checked, name)
    for name, module in checked.modules.items():
        package = name == "__init__" or name.endswith(".__init__")
        if name not in used and not package:
            yield module.file, "no route and no module that is used names it"


def _imported(checked: Checked, name: str) -> set[str]:
    module = checked.modules[name]
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("handlers.")}
        elif isinstance(node, ast.ImportFrom):
            package = own_package(module, node)
            names = {alias.name for alias in node.names}
            if package:
                found |= {package} | {f"{package}.{name}" for name in names}
            elif node.module == "handlers" or node.level:
                found |= names
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):  # of __import__("handlers.x")
            found.add(node.value.removeprefix("handlers."))
    return found


def _files(checked: Checked, site: Map) -> Iterator[tuple[str, str]]:
    """Files beside those that are served, or in folders called static and the like."""
    served = {page.file for page in site.served_files}
    served |= {target.file for target in checked.site.errors.values() if hasattr(target, "file")}
    folders = {str(PurePosixPath(file).parent) for file in served} - {"."}
    for path in sorted(checked.folder.iterdir()):
        if path.name in PRIVATE or path.name.startswith(".") or not path.is_dir():
            continue
        for name in checked.files.below(path.name):
            file = f"{path.name}/{name}"
            beside = path.name in _STATIC or str(PurePosixPath(file).parent) in folders
            if beside and file not in served and not _is_note(file) and not _is_named(checked, name):
                yield file, "no route leads to it"


def _is_note(file: str) -> bool:
    path = PurePosixPath(file)
    return path.name.upper().startswith(("README", "LICENSE", "LICENCE")) or path.suffix in (".md", ".yaml", ".yml")


def _is_named(checked: Checked, name: str) -> bool:
    """Whether a template or a module names the file: it may take it in some other way."""
    for template in checked.compiled.values():
        for file in template.files if template else ():
            if name in checked.loader.text(file):
                return True
    return any(name in text for module in checked.modules.values() for text in module.texts)
