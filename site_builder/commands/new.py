"""picoweb new"""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from .. import scaffold, terminal


@click.command()
@click.argument("name")
@click.option(
    "--template",
    type=click.Choice([*scaffold.TEMPLATES]),
    default=next(iter(scaffold.TEMPLATES)),
    show_default=True,
    help="; ".join(f"{name}: {about}" for name, about in scaffold.TEMPLATES.items()) + ".",
)
def command(name: str, template: str) -> None:
    """Makes a new site in the folder NAME, which must be new or empty; "." is this one."""
    if not name.strip():
        raise click.UsageError("give the new site a name, or . for this folder")
    with terminal.errors():
        made = scaffold.new(Path(name), template)
    terminal.out.print(f"{name}: {terminal.count(len(made), 'file')}; next:", markup=False)
    here = Path(name).resolve() == Path.cwd()
    first = [] if here else [f"cd {shlex.quote(name)}"]
    for line in [*first, "picoweb serve", *(["picoweb check"] if here else []), "picoweb upload"]:
        terminal.out.print(f"  {line}", markup=False)
