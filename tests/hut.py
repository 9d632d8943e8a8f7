"""A small site without a mistake, and what is said about it with a change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from site_builder import bundle
from site_builder.errors import SiteError

YAML = """\
title: Hut
routes:
  /: {template: index.html, data: sensors.now}
  /about: about.html
  /static/*: {dir: static}
  /switch/<int:n>: {handler: relays.switch, methods: [POST]}
  /api: {json: sensors.now}
"""
FILES = {
    "templates/index.html": """\
<!doctype html>
<title>{{ site.title }}</title>
<link rel="stylesheet" href="/static/style.css">
<h1 id="now">{{ heading }}</h1>
<a href="/about#team">About</a>
<form method="post" action="/switch/{{ n }}"><button>Fan</button></form>
""",
    "templates/about.html": "<h1 id=team>The team</h1>\n<img src='/static/leaf.svg'><a href='/'>Home</a>\n",
    "static/style.css": "body { background: url(leaf.svg) }\n",
    "static/leaf.svg": "<svg xmlns='http://www.w3.org/2000/svg'><symbol id='leaf'/></svg>\n",
    "handlers/sensors.py": "def now(req):\n    return {'heading': 'x', 'n': 1}\n",
    "handlers/relays.py": "async def switch(req, resp, n):\n    pass\n",
}


def told(folder: Path) -> list[str]:
    """All that is said about a site, in the order of files and lines."""
    try:
        checked = bundle.read_site(folder)
    except SiteError as e:
        return [str(problem) for problem in e.problems]
    return [str(problem) for problem in checked.warnings]


Change = Mapping[str, str | bytes]  # files by their paths; "more" is added to the site.yaml, from line 8 on


def changed(change: Change) -> tuple[str, dict[str, str | bytes]]:
    """The site.yaml and the files of the hut with a change."""
    files: dict[str, str | bytes] = {**FILES, **change}
    more = files.pop("more", "")
    yaml = files.pop("site.yaml", YAML)
    assert isinstance(more, str)
    assert isinstance(yaml, str)
    return yaml + more, files
