"""docs/architecture.md: the two ways through the house, and each module's one job, from its docstring."""

import re
from pathlib import Path

TOP = Path(__file__).parent.parent

INTRO = """\
# Architecture

For those who work on picoweb; the file `CONTRIBUTING.md` says how to run, test and release.
There are two packages. `picoweb/` runs on the board and on CPython, and has no dependency but MicroPython's own
modules. `site_builder/` runs on your computer. This page is written by `tools/write_docs.py`; the tables are the first
sentence of each module.

## The two ways through the house

A build does all that can be done ahead. Nothing is written before everything is known to be right.

```text
site.yaml
  │  yaml_nodes, source, reader   text to values that know their line
  │  check/                       the whole site: names, paths, links
  ├─ templates/                   pages to generators
  ├─ assets/                      files, small, named by their content
  ├─ table                        routes.json
  ├─ needs, libs, bytecode        what of picoweb it needs, as .mpy
  ▼
bundle                            all of it, written at once: build/
  ├─ dev/                         picoweb serve
  └─ upload                       picoweb upload
```

A request only looks up and sends.

```text
socket
  │  server                       one buffer, deadlines, limits
  │  wire, request                bytes to values
  │  app, routing                 a dict, or a pattern
  ├─ static                       a file
  ├─ templates                    a page that is made
  ├─ a handler                    whatever it returns
  ▼
response                          one send, where it fits
```

`site.py` turns `routes.json` into such an app when the board boots; `compat.py` is the only place that knows on which
Python it runs.

## Rules

- Arrows point down: `picoweb` never imports `site_builder`. In `picoweb`, `app` and `server` know no optional feature:
  what few need is a module of its own, which costs nothing until it is imported. In `site_builder`, `cli` calls
  `commands/`, these call `bundle`, `dev/` and `upload`, those the stages, and the stages use `model` and `errors`.
- **A closed world.** A URL never becomes a file path: only what the build has listed is served.
- **Bounded.** Every read has a limit and a deadline, every write a deadline, the server a number of connections.
- **Files cost flash, not memory.** The table is short lists, strings that are sent as they are, and files in an index
  on flash: a folder of a thousand files needs the memory of one.
- **All or nothing.** A bundle holds names that are hashes of their content, and one `routes.json`. Whoever writes one
  adds the new names, then replaces one small file by a rename, then removes what is stale. So it is the old site or
  the new one at every moment.
- **The same input gives the same bytes.** Keys are sorted, no time is written.
- **Say where.** Every mistake is a line with file, line and what to do; all of them at once; no traceback reaches a
  user.
- **One buffer.** A connection has one while it is busy and none while it is idle. Head and body leave together when
  they fit.
"""

GROUPS = {
    "site_builder": {
        "The description": "yaml_nodes yaml_fast yaml_tags source values model reader schema",
        "The whole site": "check/",
        "Pages": "templates/",
        "Files": "assets/",
        "The bundle": "bundle table flash needs libs bytecode cache timing",
        "What it takes": "boards littlefs measure probe budget listing report units",
        "Running it here": "runner boot dev/",
        "Putting it on boards": (
            "upload plan sending device wire helper start onboard health status ports boardchoice fleet"
        ),
        "The command line": "cli commands/ terminal errors doctor scaffold/",
    },
    "picoweb": {
        "The core": "__init__ site app server wire routing request response errors compat boot log",
        "Answers": (
            "static files lookup groups codings ranges templates markup escaping undefined places values held stream"
        ),
        "Requests": "attributes headers body chunks reader readers forms targets",
        "For programs": "methods rules options mounts hooks urls folders serving",
        "Features, by their import": (
            "cookies sessions signing auth cors csrf tokens multipart parts websocket frames peer keeper sse"
        ),
        "For computers alone": "testing pair asgi asgi_http asgi_websocket compat_u unames cpython",
    },
}


def first_sentence(path: Path) -> str:
    """What a module says of itself first: its docstring, or the comment of a program for the board."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("#"):
        text = text.split("\n\n")[0].replace("\n# ", " ")[2:]
    else:
        text = text.split('"""')[1] if text.startswith('"""') else ""
    sentence = re.split(r"(?<=\.)\s", " ".join(text.strip().split("\n\n")[0].split()))[0]
    return sentence.rstrip(":.").replace("|", "\\|").replace("<", "&lt;")


def rows(package: Path, names: list[str]) -> list[str]:
    found = []
    for name in names:
        path = package / (f"{name}__init__.py" if name.endswith("/") else f"{name}.py")
        if path.is_file():
            found.append(f"| `{name}` | {first_sentence(path)} |")
            if name in ("check/", "templates/", "assets/", "dev/", "templates/jinja/"):
                inner = sorted(p.stem for p in path.parent.glob("*.py") if p.stem != "__init__")
                found += rows(package, [name + one for one in inner])
    return found


def page() -> str:
    """The whole page."""
    parts = [INTRO]
    for name, groups in GROUPS.items():
        package = TOP / name
        parts.append(f"\n## {name}/\n")
        known = {one for names in groups.values() for one in names.split()}
        there = {p.stem for p in package.glob("*.py")} | {f"{p.parent.name}/" for p in package.glob("*/__init__.py")}
        more = sorted(there - known - {"__init__"})
        for title, names in [*groups.items(), ("More", " ".join(more))]:
            if lines := rows(package, names.split()):
                parts.append("\n".join(["", f"### {title}", "", "| module | |", "|---|---|", *lines, ""]))
    return "".join(parts)
