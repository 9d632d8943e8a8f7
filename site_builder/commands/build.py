"""picoweb build"""

from __future__ import annotations

from pathlib import Path

import click

from .. import bundle, terminal


@click.command()
@terminal.site_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the bundle goes; by default SITE/build.")
def command(site: Path, output: Path | None) -> None:
    """Builds SITE into a bundle: what a board runs."""
    with terminal.errors(site):
        made = bundle.build(site)
        target = output or site / "build"
        bundle.write(made, target)
    terminal.show_problems(made.warnings, site)
    terminal.out.print(f"{target}: {terminal.count(len(made.files), 'file')}, {made.size:,} bytes")
