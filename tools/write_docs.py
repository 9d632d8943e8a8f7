"""Writes the pages of docs/ that are made from the code: python tools/write_docs.py [FOLDER]"""

import inspect
import sys
import typing
from pathlib import Path

import api_page
import architecture_page
import commands_page
import memory_page
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from site_builder.model import SECTIONS, TARGETS, Section, Site, Target
from site_builder.values import Quantity

INTRO = """\
# site.yaml

What can stand in a site's description. This page is written by `tools/write_docs.py` from the schema.

`site.yaml`

```yaml
# yaml-language-server: $schema=.site.schema.json
title: Greenhouse
context: {owner: Ada}

routes:
  /:              {template: index.html, data: sensors.now}
  /about:         about.html
  /static/*:      {dir: static, cache: 1d}
  /logo.svg:      static/logo.svg
  /api/now:       {json: sensors.now}
  /api/version:   {json: {name: greenhouse, version: 3}, headers: {Access-Control-Allow-Origin: "*"}}
  /relay/<int:n>: {handler: relays.switch, methods: [POST]}
  /home:          {redirect: /, status: 301}

errors:
  404: {template: 404.html}

templates: {trim_blocks: true}

server: {port: 80, connections: 5}
```

The first line is for editors such as VS Code with its YAML extension: they complete keys, explain them, and mark what
is wrong while you type. `picoweb schema -o .site.schema.json` writes that file. Such an editor has to be told of our
tags once: in VS Code `"yaml.customTags": ["!include scalar", "!secret scalar", "!env scalar"]` in its settings.

A route is a path and its target. The kind of a target is its first key. In short, `about.html` alone is a template, and
any other name alone, such as `static/logo.svg`, is a file.

A path is what the browser asks for, without the query. A part in angle brackets stands for many:

| part | matches | the function gets |
|---|---|---|
| `<name>` | one part of the path, not empty | `name`, a str |
| `<int:name>` | digits | `name`, an int |
| `<path:name>` | all the rest, also with slashes or empty | `name`, a str |
| `*` | all the rest, for folders | |

When several match, the one that says more wins: text before `<int:…>`, that before `<name>`, and `<path:…>` and `*`
last.

A time is a number and a unit, `30s`, `10m`, `12h`, `1d`, `1w` or `1y`; a number alone is seconds. The times of the
server are shorter: `500ms`, `30s`, `2m`, and a number alone is milliseconds. A size is bytes, or a number and `K` or
`M`: `8K` is 8192 bytes.
"""

EXAMPLES = {
    "defaults": """\
`site.yaml`

```yaml
defaults:
  headers: {X-Content-Type-Options: nosniff}   # for every route
  dir: {cache: 1w}                             # for folders
  handler: {methods: [GET, POST]}              # for handlers

routes:
  /static/*: {dir: static}
  /log:      {handler: log.show, methods: [GET]}
  /embed:    {file: embed.html, headers: {X-Content-Type-Options: null}}   # this one without
```

""",
    "server": """\
`site.yaml`

```yaml
server: {port: 8080, buffer: 4K, body_limit: 64K, idle_timeout: 30s}
```

""",
    "budget": """\
`site.yaml`

```yaml
board: esp8266
budget: {flash: 200K, heap: 20K}
```

""",
}

MORE = """
## Several files

`!include` puts another file in its place. It is named from where the tag stands, and lies in the site's folder. A
mistake in it is told with its own name and line.

`routes/api.yaml`

```yaml
/api/now:     {json: sensors.now}
/api/version: {json: {version: 3}}
```

`site.yaml`

```yaml
routes:
  <<: !include routes/api.yaml
  /: index.html
```

`<<` takes the keys of another mapping, or of several: `<<: [!include a.yaml, !include b.yaml]`. A key that stands there
itself wins, then the one of the first.

## Secrets and the environment

`!secret` takes a value from `secrets.yaml`, a file that stays out of git. `!env` takes one from the environment, and
what follows its name where there is none. The value is read as YAML reads it: 8080 is a number. In quotes, as
`!env "PORT"`, it is text.

`secrets.yaml`

```yaml
api_key: 5b1c09ef
pin: 1234
```

`site.yaml`

```yaml
context: {key: !secret api_key, host: !env HOST greenhouse.local}
server: {port: !env PORT 8080}
```

Secrets end up on the board, where templates and handlers can use them. Messages show the name of a secret, not its
value.

## The same thing twice

What repeats can be written once, after an anchor (`&name`), and used with `*name`. Keys at the top that begin with `x-`
are yours, to hang anchors on.

`site.yaml`

```yaml
x-fresh: &fresh {cache: 0, headers: {X-Robots-Tag: none}}

routes:
  /:        {<<: *fresh, template: index.html}
  /api/now: {<<: *fresh, json: sensors.now}
```
"""


def kind_of(field: FieldInfo) -> str:
    """A field's kind of value, as people write it."""
    parts = [field.annotation, *typing.get_args(field.annotation), *field.metadata]
    parts += [inner for part in parts for inner in getattr(part, "__metadata__", ())]
    for part in parts:
        if isinstance(part, Quantity):
            return part.kind
    plain = str(field.annotation)
    if "Literal[3" in plain:
        return " or ".join(map(str, typing.get_args(field.annotation)))
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
        return "mapping"
    for found, name in (
        ("list", "list"),
        ("dict", "mapping"),
        ("bool", "true or false"),
        ("int", "number"),
        ("str", "text"),
    ):
        if found in plain:
            return name
    return "any value"


def default(field: FieldInfo) -> str:
    """A field's default; "" for a field that must be given, or has no default of its own."""
    value = field.default
    if value is PydanticUndefined or value in (None, {}, ""):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`".replace("'", "")


def table(fields: dict[str, FieldInfo]) -> str:
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, field in fields.items():
        lines.append(f"| `{field.alias or name}` | {kind_of(field)} | {default(field)} | {field.description} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The whole page."""
    parts = [INTRO, "\n## The site\n\n", table(Site.model_fields), "\n## Targets\n"]
    for kind, model in TARGETS.items():
        own = {name: field for name, field in model.model_fields.items() if name not in Target.model_fields}
        parts.append(f"\n### {kind}\n\n{model.__doc__}\n\n{table(own)}")
    parts.append(f"\n### For every target\n\n{table(Target.model_fields)}")
    for name, section in SECTIONS.items():
        parts.append(
            f"\n## {name}\n\n{inspect.getdoc(section)}\n\n{EXAMPLES.get(name, '')}{table(section.model_fields)}"
        )
    return "".join([*parts, MORE])


PAGES = {
    "site-yaml.md": page,
    "commands.md": commands_page.page,
    "api.md": api_page.page,
    "memory.md": memory_page.page,
    "architecture.md": architecture_page.page,
}


def main(folder: Path) -> None:
    for name, made in PAGES.items():
        (folder / name).write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent.parent / "docs")
