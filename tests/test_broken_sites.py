# ruff: noqa: E501  a row of a table is one line
"""Broken sites, and exactly what is said about them. Nothing is written then."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from site_builder import bundle
from site_builder.errors import SiteError

# A site that is right; every broken one below is this one with a change.
GOOD_YAML = """\
routes:
  /: {template: index.tpl, data: sensors.now}
  /static/*: {dir: static}
  /switch/<int:n>: {handler: relays.switch, methods: [POST]}
  /api: {json: sensors.now}
"""
GOOD = {
    "templates/index.tpl": "{% args heading %}\n<h1>{{ heading }}</h1>\n",
    "static/style.css": "body {}\n",
    "handlers/sensors.py": "def now(req):\n    return {'heading': 'x'}\n",
    "handlers/relays.py": "async def switch(req, resp, n):\n    pass\n",
}


@dataclass
class Broken:
    """What a user does wrong, and what they read about it."""

    told: str | list[str]
    yaml: str = GOOD_YAML
    more: str = ""  # more routes
    files: dict[str, str | bytes] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        return [self.told] if isinstance(self.told, str) else self.told


def route(line: str, told: str, **files: str | bytes) -> Broken:
    """One more route, in line 6; `told` begins with the column."""
    return Broken(f"site.yaml:6:{told}", more=f"  {line}\n", files={f"handlers/{k}.py": v for k, v in files.items()})


def template(text: str | bytes, told: str | list[str], **more: str) -> Broken:
    """Another text of index.tpl, and more templates."""
    return Broken(told, files={"templates/index.tpl": text, **{f"templates/{k}.tpl": v for k, v in more.items()}})


def relays(source: str, told: str) -> Broken:
    return Broken(told, files={"handlers/relays.py": source})


_PATH = "a path has no spaces, '?', '#', '%' or '\\'; letters such as 'é' stand as they are"
_PARTS = "each part needs a name of its own, of letters, digits and _, and not req or resp"
_STARS = "'*' stands alone at the end, and <name> for a whole part between slashes"
_TAKES = "switch must take (req, resp, n), as its route calls it"

FILES = {
    "a file that is not there": route("/a: {file: static/style.cs}", "8: file 'static/style.cs' not found; did you mean 'static/style.css'?"),
    "a file in a folder that is not there": route("/a: {file: x/y.css}", "8: file 'x/y.css' not found"),
    "a folder as a file": route("/a: {file: static}", "8: 'static' is a folder; write dir: static"),
    "a name that is too long": route(f"/a: {{file: {'x' * 300}}}", f"8: file '{'x' * 300}' not found"),
    "a folder that is not there": route("/a/*: {dir: statc}", "10: folder 'statc' not found; did you mean 'static'?"),
    "a file as a folder": route("/a/*: {dir: static/style.css}", "10: 'static/style.css' is a file; write file: static/style.css"),
    "a file whose name has a line break": Broken(
        "site.yaml:3:15: the file 'a\\nb.txt' in it cannot be served: its name has characters that do not print",
        files={"static/a\nb.txt": "x"},
    ),
    "a template that is not there": route("/a: idnex.tpl", "3: template 'idnex.tpl' not found in templates/; did you mean 'index.tpl'?"),
    "a template with its folder": route("/a: {template: templates/index.tpl}", "8: template 'templates/index.tpl' not found in templates/; did you mean 'index.tpl'?"),
}  # fmt: skip

PATHS = {
    "no slash": route("about: {redirect: /}", "3: 'about': a path begins with '/'"),
    "a number": route("5: {redirect: /}", "3: 5: a path begins with '/'"),
    "a space": route("/a b: {redirect: /}", f"3: '/a b': {_PATH}"),
    "a query": route("/a?b: {redirect: /}", f"3: '/a?b': {_PATH}"),
    "an escape": route("/a%20b: {redirect: /}", f"3: '/a%20b': {_PATH}"),
    "an unknown kind of part": route("/<flt:x>: {redirect: /}", "3: '<flt:x>' in '/<flt:x>' is not <name>, <int:name> or <path:name>"),
    "a part without a name": route("/<int:>: {redirect: /}", "3: '<int:>' in '/<int:>' is not <name>, <int:name> or <path:name>"),
    "a name that is not one": route("/<a-b>: {redirect: /}", f"3: '/<a-b>': {_PARTS}"),
    "a name of Python's": route("/<class>: {redirect: /}", f"3: '/<class>': {_PARTS}"),
    "a name that handlers use": route("/<req>: {redirect: /}", f"3: '/<req>': {_PARTS}"),
    "the same name twice": route("/<a>/<a>: {redirect: /}", f"3: '/<a>/<a>': {_PARTS}"),
    "half a part": route("/a<b>: {redirect: /}", f"3: '/a<b>': {_STARS}"),
    "an open part": route("/a>: {redirect: /}", f"3: '/a>': {_STARS}"),
    "a star in a name": route("/*.css: {redirect: /}", f"3: '/*.css': {_STARS}"),
    "something after the rest": route("/<path:a>/b: {redirect: /}", "3: nothing can follow <path:…> in '/<path:a>/b'"),
    "a folder without a star": route("/a: {dir: static}", "3: '/a': the path of a folder ends in '/*', and no other path does"),
    "a star without a folder": route("/a/*: {redirect: /}", "3: '/a/*': the path of a folder ends in '/*', and no other path does"),
    "the same pattern twice": route("/switch/<int:m>: {redirect: /, status: 307}", "3: '/switch/<int:m>' is never reached: '/switch/<int:n>' takes the same paths"),
    "the same rest twice": route("/static/<path:p>: {redirect: /}", "3: '/static/<path:p>' is never reached: '/static/*' takes the same paths"),
    "the same path twice": route("/api: {redirect: /}", "3: '/api' stands here a second time; the first is in line 5"),
}  # fmt: skip

FUNCTIONS = {
    "no such module": route("/a: {handler: rleays.switch}", "8: handler 'rleays.switch': there is no handlers/rleays.py; did you mean 'relays'?"),
    "no such function": route("/a: {handler: relays.swich}", "8: handler 'relays.swich' not found in handlers/relays.py; did you mean 'switch'?"),
    "no such data function": route("/a: {json: sensors.read}", "8: json 'sensors.read' not found in handlers/sensors.py; expected one of: now"),
    "no such data of a template": route("/a: {template: index.tpl, data: a.b}", "29: data 'a.b': there is no handlers/a.py; expected one of: relays, sensors"),
    "a class in a class": route("/a: {handler: relays.A.go}", "8: handler 'relays.A.go': there is no handlers/relays/A.py; did you mean 'relays'?"),
    "a private function": route("/a: {handler: tools.run}", "8: handler 'tools.run' not found in handlers/tools.py", tools="def _run(): pass\n"),
    "a handler that is not async": relays("\ndef switch(req, resp, n): pass\n", "handlers/relays.py:2:1: handler 'switch' must be 'async def switch(…)'"),
    "a handler without resp": relays("async def switch(req): pass\n", f"handlers/relays.py:1:1: {_TAKES}"),
    "a handler without n": relays("async def switch(req, resp): pass\n", f"handlers/relays.py:1:1: {_TAKES}"),
    "a handler with another n": relays("async def switch(req, resp, number): pass\n", f"handlers/relays.py:1:1: {_TAKES}"),
    "a handler that wants more": relays("async def switch(req, resp, n, m): pass\n", f"handlers/relays.py:1:1: {_TAKES}"),
    "a handler that wants more by name": relays("async def switch(req, resp, n, *, m): pass\n", f"handlers/relays.py:1:1: {_TAKES}"),
    "a data function without req": Broken("handlers/sensors.py:1:1: now must take (req), as its route calls it", files={"handlers/sensors.py": "def now(): return {'heading': 1}\n"}),
    "a data function of a path with a part": Broken("handlers/sensors.py:1:1: now must take (req, day), as its route calls it", more="  /d/<day>: {json: sensors.now}\n"),
    "a syntax error": relays("\n\nasync def switch(req, resp, n)\n    pass\n", "handlers/relays.py:3:31: syntax error: expected ':'"),
    "a bad indentation": relays("async def switch(req, resp, n):\npass\n", "handlers/relays.py:2:1: syntax error: expected an indented block after function definition on line 1"),
    "what MicroPython does not know": relays("async def switch(req, resp, n):\n    match n:\n        case 1: pass\n", "handlers/relays.py:2: MicroPython's compiler: SyntaxError: invalid syntax"),
    "a module nobody uses": Broken("handlers/other.py:1:1: syntax error: invalid syntax", files={"handlers/other.py": "?\n"}),
}  # fmt: skip

_AT = "templates/index.tpl"
TEMPLATES = {
    "an expression that is not closed": template("a\n{{ b\n}}", f"{_AT}:2: {{{{ is not closed in this line; add }}}}"),
    "a statement that is not closed": template("{% if a", f"{_AT}:1: {{% is not closed in this line; add %}}"),
    "an empty expression": template("\n\n{{ }}", f"{_AT}:3: {{{{ }}}} is empty"),
    "an empty statement": template("{% %}", f"{_AT}:1: {{% %}} is empty"),
    "a wrong expression": template("{{ a b }}", f"{_AT}:1: 'a b' is not a Python expression: invalid syntax. Perhaps you forgot a comma?"),
    "a bracket too many": template("{{ 1) + (2 }}", f"{_AT}:1: '1) + (2' is not a Python expression: unmatched ')'"),
    "an unknown statement": template("{% esle %}", f"{_AT}:1: unknown statement 'esle'; did you mean 'else'?"),
    "a statement of Python's": template("{% try %}", f"{_AT}:1: unknown statement 'try'"),
    "a wrong condition": template("{% if = %}{% endif %}", f"{_AT}:1: {{% if = %}}: invalid syntax"),
    "a block that is not ended": template("a\n{% if 1 %}\nb", f"{_AT}:2: {{% if %}} is not ended; add {{% endif %}}"),
    "an end without a block": template("{% endfor %}", f"{_AT}:1: {{% endfor %}} without {{% for %}}"),
    "an end of another block": template("{% for i in 'a' %}\n{% endif %}", f"{_AT}:2: {{% endif %}}, but line 1 opened {{% for %}}; add {{% endfor %}} first"),
    "an elif alone": template("{% elif 1 %}", f"{_AT}:1: {{% elif %}} without {{% if %}}"),
    "an elif of a for": template("{% for i in 'a' %}{% elif 1 %}", f"{_AT}:1: {{% elif %}} without {{% if %}}"),
    "an elif after an else": template("{% if 1 %}{% else %}{% elif 1 %}{% endif %}", f"{_AT}:1: {{% elif %}} after {{% else %}}"),
    "a wrong elif": template("{% if 1 %}{% elif = %}{% endif %}", f"{_AT}:1: {{% elif = %}}: invalid syntax"),
    "an else alone": template("{% else %}", f"{_AT}:1: {{% else %}} without {{% if %}}"),
    "an else of a with": template("{% with a as b %}{% else %}", f"{_AT}:1: {{% else %}} without {{% if %}}"),
    "an else with a condition": template("{% if 1 %}{% else if 2 %}", f"{_AT}:1: {{% else %}} takes nothing; did you mean {{% elif … %}}?"),
    "two elses": template("{% if 1 %}{% else %}{% else %}{% endif %}", f"{_AT}:1: a second {{% else %}}"),
    "args after text": template("<p>\n{% args a %}", f"{_AT}:2: {{% args %}} must come before all other output"),
    "wrong args": template("{% args a b %}", f"{_AT}:1: {{% args a b %}}: invalid syntax"),
    "the same arg twice": template("{% args a, a %}", f"{_AT}:1: does not compile: duplicate argument 'a' in function definition"),
    "an empty set": template("{% set %}", f"{_AT}:1: {{% set %}} needs name = value"),
    "a wrong set": template("{% set a b %}", f"{_AT}:1: {{% set a b %}}: invalid syntax"),
    "what Python refuses": template("a\n\n{% set break %}", f"{_AT}:3: does not compile: 'break' outside loop"),
    "what MicroPython refuses": template("{% args heading, / %}\n", f"{_AT}:1: MicroPython's compiler: SyntaxError: invalid syntax"),
    "an include without quotes": template("{% include a.tpl %}", f'{_AT}:1: {{% include %}} takes a name in quotes, such as "header.tpl", or {{{{an expression}}}}'),
    "an include of what is not there": template("a\n{% include 'headr.tpl' %}", f"{_AT}:2: template 'headr.tpl' not found in templates/; did you mean 'header.tpl'?", header="x"),
    "an include from outside": template("{% include '../site.yaml' %}", f"{_AT}:1: template '../site.yaml' not found in templates/; expected one of: index.tpl"),
    "an include with wrong values": template("{% include 'header.tpl' 1 2 %}", f"{_AT}:1: {{% include 'header.tpl' 1 2 %}}: invalid syntax. Perhaps you forgot a comma?", header="x"),
    "an include with a wrong expression": template("{% include {{a b}} %}", f"{_AT}:1: 'a b' is not a Python expression: invalid syntax. Perhaps you forgot a comma?"),
    "a mistake in what is included": template("{% include 'header.tpl' %}", "templates/header.tpl:2: {{ is not closed in this line; add }}", header="\n{{ a"),
    "a mistake in what may be included": template("{% include {{'x'}} %}", "templates/header.tpl:2: {% %} is empty", header="\n{% %}"),
    "a name that is misspelled": template("{% args title %}\n{{ titel }}", f"{_AT}:2: 'titel' is not defined; did you mean 'title'?"),
    "a name that is misspelled in an include": template("{% include 'header.tpl' 1 %}", "templates/header.tpl:2: 'titel' is not defined; did you mean 'title'?", header="{% args title %}\n{{ titel }}"),
    "a template that is not UTF-8": template(b"\nHall\xf6", f"{_AT}:2: byte 0xf6 is not UTF-8; save the file as UTF-8"),
    "a template with a mistake": Broken("templates/a.html:2: unexpected '}'", more="  /a: a.html\n", files={"templates/a.html": "x\n{{ } }}"}),
    "an unknown filter": Broken("templates/a.html:1: unknown filter 'uper'; did you mean 'upper'?", more="  /a: a.html\n", files={"templates/a.html": "{{ x|uper }}"}),
    "a page that fails": Broken("templates/a.html:2: UndefinedError: 'x' is undefined", more="  /a: a.html\n", files={"templates/a.html": "a\n{{ x.y }}"}),
    "a filter that is not there": Broken("site.yaml:1:23: up 'sensors.upp' not found in handlers/sensors.py; expected one of: now", yaml="templates: {filters: {up: sensors.upp}}\n"),
    "a filter that waits": Broken("handlers/relays.py:1:1: 'switch' must be 'def switch(…)', without async: templates do not wait", yaml="templates: {tests: {up: relays.switch}}\n"),
    "a filter with a bad name": Broken("site.yaml:1:23: 'a-b' is not a name for templates; use letters, digits and _", yaml="templates: {filters: {a-b: sensors.now}}\n"),
    "two templates with one module": Broken("templates/a_b.tpl: its module has the same name as that of 'a.b.tpl'; rename one", more="  /a: a.b.tpl\n  /b: a_b.tpl\n", files={"templates/a.b.tpl": "x", "templates/a_b.tpl": "x"}),
    "a variable that nobody gives": route("/a: index.tpl", "3: index.tpl takes 'heading', but there is neither data nor a context that gives it"),
}  # fmt: skip

VALUES = {
    "a date for templates": Broken("site.yaml:1:11: 2020-01-02 cannot be sent to a device; put quotes around it to make it text", yaml="context: {day: 2020-01-02}\n"),
    "a date deep in a context": Broken("site.yaml:5:11: 2020-01-02 cannot be sent to a device; put quotes around it to make it text", yaml="context:\n  a:\n    - b\n    - c:\n        - 2020-01-02\n"),
    "a date in JSON": route("/a: {json: {day: 2020-01-02}}", "15: 2020-01-02 cannot be sent to a device; put quotes around it to make it text"),
    "bytes in JSON": route("/a: {json: [!!binary aGk=]}", "15: b'hi' cannot be sent to a device; put quotes around it to make it text"),
    "no number in JSON": route("/a: {json: [.nan]}", "15: nan cannot be sent to a device; JSON has no such number"),
    "infinity for a page": route("/a: {template: index.tpl, context: {heading: -.inf}}", "39: -inf cannot be sent to a device; JSON has no such number"),
    "a key that is a number": route("/a: {json: {1: one}}", "15: the key 1 is not text; put quotes around it"),
    "a key that YAML takes for true": route("/a: {json: {lamp: {on: 5}}}", "22: the key true is not text; put quotes around it"),
    "a key that is a date": route("/a: {json: {2020-01-02: x}}", "15: the key 2020-01-02 is not text; put quotes around it"),
}  # fmt: skip

ERROR_PAGES = {
    f"{line}": Broken(f"site.yaml:7:{told}", more=f"errors:\n  {line}\n")
    for line, told in {
        "200: index.tpl": "3: 200 is not an error status; they are 400 to 599",
        "600: index.tpl": "3: 600 is not an error status; they are 400 to 599",
        "nope: index.tpl": "3: 'nope' is not an error status; they are 400 to 599",
        "'404': index.tpl": "3: '404' is text; write it without quotes",
        "404: {redirect: /}": "3: a redirect cannot be an error page; give a template, file, json or handler",
        "404: {dir: static}": "3: a dir cannot be an error page; give a template, file, json or handler",
        "404: {file: 404.html}": "9: file '404.html' not found",
        "404: index.tpl": "3: index.tpl takes 'heading', but there is neither data nor a context that gives it",
        "404: {handler: relays.lost}": "9: handler 'relays.lost' not found in handlers/relays.py; expected one of: switch",
    }.items()
}

SEVERAL = {
    "a site where nothing is right": Broken(
        [
            "handlers/relays.py:1:1: handler 'switch' must be 'async def switch(…)'",
            "handlers/relays.py:1:1: switch must take (req, resp, n), as its route calls it",
            "handlers/sensors.py:2:4: syntax error: invalid syntax",
            "site.yaml:1:1: title must be text, not 5; put quotes around it",
            "site.yaml:2:10: port must be at least 1, not 0",
            "site.yaml:4:7: template 'a.tpl' not found in templates/; did you mean 'b.tpl'?",
            "site.yaml:5:17: unknown key 'chache'; did you mean 'cache'?",
            "site.yaml:6:3: 'x': a path begins with '/'",
            "site.yaml:6:7: file 'y' not found",
            "site.yaml:10:3: 200 is not an error status; they are 400 to 599",
            "templates/b.tpl:1: {% endif %} without {% if %}",
        ],
        yaml="title: 5\nserver: {port: 0}\nroutes:\n  /: {template: a.tpl, data: sensors.now}\n"
        "  /a: {file: a, chache: 1}\n  x: {file: y}\n  /b: b.tpl\n  /s/<int:n>: {handler: relays.switch}\n"
        "errors:\n  200: b.tpl\n",
        files={
            "handlers/sensors.py": "\n1 +\n",
            "handlers/relays.py": "def switch(): pass\n",
            "templates/b.tpl": "{% endif %}",
        },
    ),
    "the same mistake for two routes": Broken(
        "templates/index.tpl:1: {{ }} is empty", more="  /b: index.tpl\n", files={"templates/index.tpl": "{{ }}"}
    ),
    "a wrong path tells nothing of its handler": Broken(
        [
            "site.yaml:6:3: '/x/<a b>': a path has no spaces, '?', '#', '%' or '\\'; letters such as 'é' stand as they are"
        ],
        more="  /x/<a b>: {handler: relays.switch, methods: [POST]}\n",
    ),
    "YAML that cannot be read hides the rest": Broken(
        "site.yaml:3:1: a tab; YAML is indented with spaces", yaml="title: 5\nroutes:\n\t/: a\n"
    ),
}

BROKEN = FILES | PATHS | FUNCTIONS | TEMPLATES | VALUES | ERROR_PAGES | SEVERAL


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file's content and time."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_site_is_told_and_nothing_is_written(site, name):
    case = BROKEN[name]
    folder = site(case.yaml + case.more, GOOD | case.files)
    before = everything(folder)
    with pytest.raises(SiteError) as caught:
        bundle.write(bundle.build(folder), folder / "build")
    assert str(caught.value).split("\n") == case.lines
    assert everything(folder) == before


def test_the_earlier_output_stays_as_it_is(site):
    folder = site(GOOD_YAML, GOOD)
    bundle.write(bundle.build(folder), folder / "build")
    before = everything(folder / "build")
    assert "routes.json" in before
    site(GOOD_YAML + "  /more: nothing.tpl\n")
    with pytest.raises(SiteError):
        bundle.write(bundle.build(folder), folder / "build")
    assert everything(folder / "build") == before


RIGHT = {
    "defined in a try": "try:\n    import machine\n    async def switch(req, resp, n): pass\nexcept ImportError:\n"
    "    async def switch(req, resp, n): pass\n",
    "imported": "from handlers.other import go as switch\n",
    "imported from beside": "from .other import go as switch\n",
    "decorated": "def twice(f): return f\n@twice\ndef switch(): pass\n",
    "assigned": "async def real(req, resp, n): pass\nswitch = real\n",
    "with more that has defaults": "async def switch(req, resp, n, m=1, *, o=2): pass\n",
    "with other names first": "async def switch(request, response, n): pass\n",
    "with stars": "async def switch(*args, **kwargs): pass\n",
    "with a byte order mark": "\ufeffasync def switch(req, resp, n): pass\n",
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_handler_may_be(site, name):
    other = {"handlers/other.py": "async def go(req, resp, n): pass\n"}
    folder = site(GOOD_YAML, GOOD | other | {"handlers/relays.py": RIGHT[name]})
    assert "routes.json" in bundle.build(folder).files
