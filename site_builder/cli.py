"""The command line: the table of commands. Each is in a module of commands/, imported when it is called."""

from __future__ import annotations

import importlib

import click

import picoweb

from . import terminal

# In the order of `picoweb --help`. A command NAME is `command` in commands/NAME.py ("-" is "_").
COMMANDS = {
    "new": "Make a new site to start from.",
    "build": "Build a site into a bundle: what a board runs.",
    "check": "Look for mistakes in a site, without building it.",
    "serve": "Build a site and serve it here, on real MicroPython.",
    "size": "Say what a site takes of a board: flash, heap, each route and module.",
    "routes": "List the routes of a site, in the order of matching.",
    "boards": "List the boards that picoweb knows.",
    "upload": "Build a site and put it on a board.",
    "rollback": "Go back to the site that a board ran before.",
    "info": "Show what a board runs.",
    "devices": "List the boards that are connected.",
    "doctor": "Say what this machine has of what picoweb needs.",
    "schema": "Print the JSON Schema of site.yaml, for editors.",
}


class _Commands(click.Group):
    """Imports a command when it is called, so that each starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".commands.{cmd_name.replace('-', '_')}", __package__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(picoweb.__version__, prog_name="picoweb")
@click.option("-v", "--verbose", is_flag=True, help="Print more: how long builds take, and where picoweb failed.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but what is wrong.")
def main(verbose: bool, quiet: bool) -> None:
    """Builds web sites for MicroPython boards from a site.yaml."""
    terminal.set_level(verbose, quiet)


if __name__ == "__main__":
    main()
