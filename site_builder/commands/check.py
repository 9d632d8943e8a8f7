"""picoweb check"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .. import bundle, terminal
from ..cache import Cache
from ..errors import Problem, SiteError


@click.command()
@terminal.site_argument
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def command(site: Path, strict: bool, as_json: bool) -> None:
    """Looks for mistakes in SITE, without building it. Exit code 1 when there is one."""
    with terminal.errors(site):
        problems = _problems(site, strict)
    mistakes = not all(problem.warning for problem in problems)
    if as_json:
        print(json.dumps([_plain(problem, site) for problem in problems], indent=2, ensure_ascii=False))
    else:
        terminal.show_problems(problems, site)
        (terminal.err if mistakes else terminal.out).print(terminal.tally(problems))
    if mistakes:
        sys.exit(1)


def _problems(site: Path, strict: bool) -> list[Problem]:
    """All problems of a site, in the order of files and lines."""
    cache = Cache(site)
    try:
        checked = bundle.read_site(site, cache, strict)
        bundle.check_code(checked)
    except SiteError as e:
        return e.problems
    finally:
        cache.save()
    return checked.warnings


def _plain(problem: Problem, site: Path) -> dict[str, Any]:
    found = asdict(problem)
    severity = "warning" if found.pop("warning") else "error"
    return {**found, "file": (site / problem.file).as_posix(), "severity": severity}
