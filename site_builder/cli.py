"""The command line: the table of commands. Each is in a module of commands/, imported when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

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
    "doctor": "Say what this machine has, and what to do about what it lacks.",
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
        terminal.add_options(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands and options; imports no command."""
        found = [CompletionItem(name, help=about) for name, about in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            sys.exit(terminal.INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise  # click ends the program as each of them asks for
        except Exception as e:
            terminal.show_fault(e)
            sys.exit(terminal.FAULT)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(picoweb.__version__, prog_name="picoweb")
def main() -> None:
    """Builds web sites for MicroPython boards from a site.yaml."""


terminal.add_options(main)


if __name__ == "__main__":
    main()
