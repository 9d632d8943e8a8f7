"""docs/commands.md: every command with its arguments and options, from the command line itself."""

import inspect

import click

from site_builder.cli import COMMANDS, main
from site_builder.terminal import EXIT_CODES

INTRO = """\
# Commands

All that `picoweb` can do. This page is written by `tools/write_docs.py` from the commands themselves; `picoweb --help`
and `picoweb COMMAND --help` print the same.

SITE is the folder of a site, with its `site.yaml`; where it is not given, it is the folder in which you are.
"""

MORE = """
## Exit codes

For scripts:

{codes}

What is asked for goes to standard output, errors and warnings to standard error. Where a command has `--json`, that is
for programs.

## Colours

Colours are for terminals alone, so that what you pipe or paste is plain. With the environment variable `NO_COLOR` set
there are none, with `FORCE_COLOR` always.

## Completion

Your shell can complete commands, options, sites and boards. For bash, put this line into `~/.bashrc`:

```sh
eval "$(_PICOWEB_COMPLETE=bash_source picoweb)"
```

For zsh write `zsh_source` instead and put it into `~/.zshrc`. For fish, put this into
`~/.config/fish/completions/picoweb.fish`: `_PICOWEB_COMPLETE=fish_source picoweb | source`.

## Environment

| variable | |
|---|---|
| `NO_COLOR`, `FORCE_COLOR` | no colours, or always |
| `PICOWEB_CACHE` | the folder where builds keep what they need not make again; may be deleted at any time |
"""


def is_own(param: click.Parameter) -> bool:
    """Whether it is an option that not all commands have."""
    return isinstance(param, click.Option) and not {"--verbose", "--quiet", "--help"} & set(param.opts)


def options(params: list[click.Parameter], ctx: click.Context) -> str:
    """A table of options; "" where there are none."""
    lines = []
    for param in params:
        if record := param.get_help_record(ctx):
            name, about = (text.replace("|", ", ").replace("  [", " [") for text in record)
            lines.append(f"| `{name}` | {about} |")
    return "\n".join(["", "| option | |", "|---|---|", *lines, ""]) if lines else ""


def section(name: str) -> str:
    """What one command does."""
    ctx = click.Context(main, info_name="picoweb", **main.context_settings)
    command = main.get_command(ctx, name)
    assert command
    own = click.Context(command, info_name=name, parent=ctx)
    usage = " ".join(["picoweb", name, *command.collect_usage_pieces(own)])
    about = inspect.cleandoc(command.help or "")
    params = list(filter(is_own, command.get_params(own)))
    return f"\n## picoweb {name}\n\n`{usage}`\n\n{about}\n{options(params, own)}"


def page() -> str:
    """The whole page."""
    ctx = click.Context(main, info_name="picoweb", **main.context_settings)
    common = f"\n## Options of all commands\n{options(main.get_params(ctx), ctx)}"
    codes = "\n".join(["| code | |", "|---|---|", *(f"| {code} | {about} |" for code, about in EXIT_CODES.items())])
    return "".join([INTRO, common, *map(section, COMMANDS), MORE.format(codes=codes)])
