# ruff: noqa: E501, SIM905  words stand beside each other
"""Whatever stands in a site's files, it is told in lines: never a traceback."""

from __future__ import annotations

import tempfile
from pathlib import Path

import jinja2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.check.documents import Document
from site_builder.check.masks import masked
from site_builder.check.parsing import css_links, parse
from site_builder.templates.jinja.sources import environment
from site_builder.templates.options import Options

from .conftest import write_files
from .hut import changed, told

HTML = """<a href= <a href="/ <img srcset=" <form action= method=post <base href= <use href=# <style> </style> <script> </script>
<!-- --> <![x <![CDATA[ ]]> <? <! </ > " ' = / # ? // http:// http://[ \\ & &#0; &#xd800; %zz %ff .. ../ /about :: style="a:url(
url( ) ' <p id=x> <svg> <meta http-equiv=refresh content="0;url= \x00 \uf8ff \ud800 é \r \n , 1x""".split(" ")
JINJA = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{{ heading }}",
    "{% if n %}",
    "{% endif %}",
    "{% raw %}",
    "{% endraw %}",
    "{%- set a = 1 -%}",
]
CSS = "a { } url( ) ( [ ] \" ' @import @namespace @media ; : # \\ /* */ url('x') url(//x) src( image-set( é \x00 , ! 1px".split(
    " "
)
PYTHON = """import from handlers sensors . , ( ) : \n def now async (req) return {'a': 1} class @ = [ ] yield lambda try: except: switch
* ** x 'a' "b" \t    \x00 \ud800 é if else: picoweb open( os.remove( .value(1) await # \\ 1e999 0777""".split(" ")  # fmt: skip

STATEMENTS = [
    "import typing", "from handlers import sensors, x", "from . import a", "from .. import b", "import handlers", "del now",
    "from handlers.sensors import now as switch", "switch = now", "now = switch", "class now: pass", "now, switch = 1, 2",
    "def now(req): return 5", "async def switch(*a): yield 1", "def switch(req, resp, n): os.remove(1)", "lambda: (yield)",
    "@x\ndef now(): pass", "def now(req):\n    return {**x, 1: 2}", "def now(req):\n    return {'a': 1}\n    return",
    "import machine as switch", "from x import *", "if sys.x:\n    import y", "machine.reset()", "open(1, 2, 3)",
    "try:\n    import z\nexcept:\n    import u\nfinally:\n    import v", "open('x', 'w').on()", "with a as now, b: pass",
    "async def switch(req, resp, n):\n    switch(req)\n    open(*n, 'w')", "def __getattr__(n): pass", "import picoweb.x",
    "from picoweb import *", "import handlers.sensors.now", "global switch", "from .sensors import now", "from . import *",
]  # fmt: skip

texts = {
    "html": st.lists(st.sampled_from([*HTML, *JINJA]) | st.text(max_size=4), max_size=25).map("".join),
    "css": st.lists(st.sampled_from(CSS) | st.text(max_size=4), max_size=25).map("".join),
    "statements": st.lists(st.sampled_from(STATEMENTS), max_size=6).map("\n".join),
    "python": st.lists(st.sampled_from(PYTHON) | st.text(max_size=4), max_size=25).map(" ".join),
}
SLOW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@given(texts["html"])
def test_any_text_is_read_as_html_and_kept(text):
    document = parse("html", text)
    assert Document.load(document.dump()) == document
    assert all(link.line >= 1 and link.column >= 1 for link in document.links)


@given(texts["css"])
def test_any_text_is_read_as_css(text):
    assert all(link.line >= 1 and link.column >= 1 for link in css_links(text))


@given(texts["html"], st.booleans(), st.booleans())
def test_a_mask_keeps_every_place(text, trim, lstrip):
    env = environment(Options(trim_blocks=trim, lstrip_blocks=lstrip))
    text = text.replace("\r", "\n")
    for name in ("a.html", "a.tpl"):
        try:
            done = masked(name, text, env)
        except jinja2.TemplateSyntaxError:  # only templates that compile are masked
            continue
        assert len(done) == len(text)
        assert [i for i, c in enumerate(done) if c == "\n"] == [i for i, c in enumerate(text) if c == "\n"]


@SLOW
@given(texts["html"], texts["html"], texts["css"], texts["statements"], texts["statements"] | texts["python"])
def test_any_site_is_told_in_lines(page, live, style, sensors, relays):
    change = {
        "templates/about.html": raw(page),
        "templates/index.html": raw("{{ heading }}" + live),
        "static/style.css": raw(style),
        "static/a.html": raw(page),
        "handlers/sensors.py": raw("def now(req):\n    return {'heading': 1, 'n': 2}\n" + sensors),
        "handlers/relays.py": raw("async def switch(req, resp, n):\n    pass\n" + relays),
        "more": "  /p: {template: p.tpl, data: sensors.now}\nerrors: {404: {template: about.html}}\n",
        "templates/p.tpl": raw("{% args heading %}\n" + live),
    }
    yaml, files = changed(change)
    with tempfile.TemporaryDirectory() as folder:
        lines = told(write_files(Path(folder), {"site.yaml": yaml, **files}))
    assert all(line.split(":")[0] in {*files, "site.yaml"} for line in lines)
