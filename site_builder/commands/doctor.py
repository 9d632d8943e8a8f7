"""picoweb doctor"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from .. import doctor, terminal


@click.command()
@click.option("--port", multiple=True, help="Look at this serial port too.")
@click.option("--json", "as_json", is_flag=True, help="Print it for programs.")
def command(port: tuple[str, ...], as_json: bool) -> None:
    """Says what this machine has for picoweb, and what to do about what it lacks.

    Exit code 1 when something that is needed is missing. No network is used, and no board is disturbed.
    """
    findings = doctor.examine(port)
    missing = sum(map(_is_missing, findings))
    if as_json:
        click.echo(json.dumps({"version": 1, "findings": [asdict(finding) for finding in findings]}, indent=2))
    elif terminal.out.quiet:
        for finding in filter(_is_missing, findings):
            terminal.print_error(f"{finding.name}: {finding.found}: {finding.advice}")
    else:
        _show(findings)
        terminal.out.print(
            f"\n{terminal.count(missing, 'thing')} missing" if missing else "\nall that is needed is here"
        )
    if missing:
        sys.exit(1)


def _is_missing(finding: doctor.Finding) -> bool:
    return finding.state == "missing"


def _show(findings: list[doctor.Finding]) -> None:
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        terminal.out.print(f"{finding.state:8}  {finding.name:{width}}  {finding.found}", markup=False, emoji=False)
        if finding.advice:
            terminal.out.print(f"{'':8}  {'':{width}}  → {finding.advice}", markup=False, emoji=False)
