"""Jinja's language: its own parser reads a template, and we write MicroPython from the tree.

What a template extends, includes and imports is flattened into one module. What is known now is folded into its text.
"""

from __future__ import annotations

from .. import Compiled, Loader
from ..emitter import Emitter
from ..options import GIVEN, Options
from .frames import Context
from .module import Module
from .pages import Doubt, Page
from .sources import Sources
from .statements import Writer

__all__ = ["GIVEN", "Options", "Sources", "compile_template"]


def compile_template(name: str, loader: Loader, sources: Sources) -> Compiled:
    """Compiles one template. Raises TemplateError with the file and line of the first mistake."""
    try:
        return _compiled(name, loader, sources, Page(sources.html(name)))
    except Doubt:
        return _compiled(name, loader, sources, Page(None))


def _compiled(name: str, loader: Loader, sources: Sources, page: Page) -> Compiled:
    module = Module(sources.options, page)
    body = Emitter("_str")
    writer = Writer(module, sources, body)
    writer.open.append(name)
    writer.template(name, Context(module), "")
    render = Emitter("_str")
    render.at = (name, 0)
    render.open(f"def render({', '.join(f'{parameter}=_none' for parameter in module.parameters)}):")
    for parameter in module.parameters:
        render.open(f"if {parameter} is _none:")
        render.line(f"{parameter} = {module.undefined(parameter)}")
        render.close()
    if not body.yields:
        body.line("yield ''")
    render.insert(body)
    render.close()
    if any("_str(" in emitter.source() for emitter in [*module.functions, render]):
        module.use("str")
    source, lines = module.source(render)
    return Compiled(
        name,
        source,
        tuple(module.parameters),
        (),
        tuple(module.files),
        tuple(lines),
        constant=not module.handlers and "f_random" not in module.runtime,
        runtime=tuple(sorted(module.runtime)),
        functions=tuple(sorted(module.handlers)),
    )
