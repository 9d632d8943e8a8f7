"""picoweb schema"""

from __future__ import annotations

import json
from typing import IO

import click

from ..schema import json_schema


@click.command()
@click.option(
    "-o", "--output", type=click.File("w", encoding="utf-8", atomic=True), default="-", help="A file to write it to."
)
def command(output: IO[str]) -> None:
    """Prints the JSON Schema of site.yaml, from which editors complete and check while you type."""
    output.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
