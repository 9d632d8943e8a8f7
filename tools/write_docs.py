"""Writes docs/site-yaml.md from the schema in site_builder/model.py: python tools/write_docs.py [FILE]"""

import sys
import typing
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from site_builder.model import TARGETS, Assets, Server, Site, Target, Templates

INTRO = """\
# site.yaml

What can stand in a site's description. This page is written by `tools/write_docs.py` from the schema.

`site.yaml`

```yaml
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
"""


_SIZES = ("max_size", "max_inline")


def type_name(annotation: object) -> str:
    """A type as people write it."""
    plain = str(annotation).replace("typing.", "")
    for found, name in (
        ("list", "list"),
        ("Literal", " or ".join(map(str, typing.get_args(annotation)))),
        ("dict", "mapping"),
        ("Assets", "mapping"),
        ("Server", "mapping"),
        ("Templates", "mapping"),
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
    return "" if value is PydanticUndefined or value in (None, {}, "") else f"`{value}`".replace("'", "")


def table(fields: dict[str, FieldInfo]) -> str:
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, field in fields.items():
        kind = "time" if name == "cache" else "size" if name in _SIZES else type_name(field.annotation)
        lines.append(f"| `{field.alias or name}` | {kind} | {default(field)} | {field.description} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The whole page."""
    parts = [INTRO, "\n## The site\n\n", table(Site.model_fields), "\n## Targets\n"]
    for kind, model in TARGETS.items():
        own = {name: field for name, field in model.model_fields.items() if name not in Target.model_fields}
        parts.append(f"\n### {kind}\n\n{model.__doc__}\n\n{table(own)}")
    parts.append(f"\n### For every target\n\n{table(Target.model_fields)}")
    parts.append(f"\n## templates\n\n{Templates.__doc__}\n\n{table(Templates.model_fields)}")
    parts.append(f"\n## assets\n\n{Assets.__doc__}\n\n{table(Assets.model_fields)}")
    parts.append(f"\n## server\n\n{Server.__doc__}\n\n{table(Server.model_fields)}")
    return "".join(parts)


if __name__ == "__main__":
    default_path = Path(__file__).parent.parent / "docs" / "site-yaml.md"
    Path(sys.argv[1] if sys.argv[1:] else default_path).write_text(page(), encoding="utf-8")
