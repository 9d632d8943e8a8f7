"""Any changes of a site with all features: a build with what earlier ones kept gives what a first one gives."""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder import bundle
from site_builder.cache import Cache
from site_builder.errors import SiteError

from .conftest import write_files


def png(color: bytes) -> bytes:
    """A picture that can be made smaller."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head, rows = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0), (b"\0" + color * 16) * 16
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


SITE = """\
title: Rich
context: {owner: !env RICH_OWNER Ada, wifi: !secret wifi}
defaults: !include parts/defaults.yaml
assets: {max_inline: 100, max_size: 300K}
templates: {filters: {loud: h.loud}}
routes:
  <<: !include parts/more.yaml
  /: {template: index.html, context: {who: World}}
  /live: {template: live.html, data: h.now}
  /old: {template: old.tpl, context: {n: 1}}
  /style.css: static/style.css
  /s/*: {dir: static}
errors:
  404: {template: 404.html}
"""
# What can stand in each file, None: it is not there. "$NAME" is a variable of the environment. The first is right.
FILES: dict[str, list[str | bytes | None]] = {
    "$RICH_OWNER": [None, "Bob", "{a: 1}"],
    "site.yaml": [
        SITE,
        SITE.replace("max_inline: 100", "fingerprint: false"),
        SITE.replace("max_inline: 100", "minify: false, images: false"),
        SITE.replace("max_inline: 100", "max_inline: 10K, keep: [app.js]"),
        SITE.replace("max_inline: 100", "keep: ['*.svg', '*.html', big.css], max_size: 100"),
        SITE.replace("{template: index.html,", "{template: index.html, type: text/plain,"),
        SITE.replace("/s/*: {dir: static}", "/s/*: {dir: static, cache: 0}"),
        SITE.replace("/s/*: {dir: static}", "/t/*: {dir: static, cache: 1d}"),
        SITE.replace("filters:", "strict: true, trim_blocks: true, filters:"),
        SITE.replace("h.loud", "h.none"),
        SITE.replace("404.html", "none.html"),
        SITE + "ignore: ['*.css', static/, templates/]\n",
    ],
    "secrets.yaml": ["wifi: swordfish\n", "wifi: red color\n", "wifi: 1234567\nmore: a secret\n", "other: 1\n", None],
    "parts/defaults.yaml": ["headers: {X-A: b}\n", "{headers: {X-A: c}, dir: {cache: 1w}}\n", "- 1\n"],
    "parts/more.yaml": ["{/more: more.html}\n", "{/api: {json: {key: !secret wifi}}}\n", "{/api: {json: h.now}}\n"],
    "templates/base.html": [
        "<!doctype html>\n<title>{{ site.title }}</title>\n<style>{{ inline('big.css') }}</style>"
        "<link rel=icon href=\"{{ asset('icon.svg') }}\">{% block body %}{% endblock %}  {% include 'foot.html' %}",
        "<link rel=stylesheet href=\"{{ asset('/style.css') }}\">{% block body %}  <p>  x {% endblock %}",
        "<pre>  {% block body %}{% endblock %}  </pre><style>p  {  color : red ; white-space: pre }</style>",
        "{% block body %}{% endblock %}{{ inline('none.css') }}",
    ],
    "templates/foot.html": [
        "<footer>  {{ site.owner }}  </footer>",
        "<img src=\"{{ asset('dot.png', inline=true) }}\">",
        "{{ inline('icon.svg') }} {% include 'extra.html' ignore missing %}",
        "{{ unknown }}",
        b"\xff",
        None,
    ],
    "templates/extra.html": [None, "<b>{{ who }}</b>", "{% if %}"],
    "templates/index.html": [
        "{% extends 'base.html' %}{% block body %}<h1>Hello {{ who }}</h1>{% endblock %}",
        "{% extends 'base.html' %}{% block body %}{% from 'm.html' import icon %}{{ icon() }}{% endblock %}",
        "<a href=/s/style.css>{{ site.wifi }}</a><a href=#top>{{ who|loud }}</a>",
        "<script>let  a = 1 ;  // one\n</script><script>let let = ;</script><a href=/none>x</a>",
    ],
    "templates/live.html": [
        "{% extends 'base.html' %}{% block body %}{% import 'm.html' as m %}{{ m.icon() }}  {{ n|loud }}{% endblock %}",
        "<p>  {{ n }}  <style>{{ inline('style.css') }}</style>",
        "{% include 'foot.html' %}{{ missing }}",
    ],
    "templates/m.html": [
        "{% macro icon() %}<img src=\"{{ asset('dot.png') }}\"> <link href=\"{{ asset('style.css') }}\">{% endmacro %}",
        "{% macro icon() %}<script>{{ inline('app.js') }}</script>{% endmacro %}",
        "{% macro icon(a) %}{{ a }}{% endmacro %}",
    ],
    "templates/old.tpl": [
        "{% args n %}{{ n }}<img src='{{ asset(\"dot.png\") }}'>{% include 'old_foot.tpl' %}",
        "{% args n %}<style>{{ inline('style.css') }}</style>",
        "{% args n, m %}{{ n }}",
    ],
    "templates/old_foot.tpl": ["foot", "<a href=/live#x>{{ asset('app.js') }}</a>", None],
    "templates/more.html": ["{{ asset('fonts/a.woff2') }}", "more", "<a href='/s/fonts/a.woff2'>a</a>"],
    "templates/404.html": ["<link rel=stylesheet href=\"{{ asset('/s/style.css') }}\">{{ status }}", "{{ reason }}"],
    "handlers/h.py": [
        "def now(req):\n    return {'n': 1}\n\ndef loud(value):\n    return str(value).upper()\n",
        "import picoweb.forms\ndef now(req):\n    return dict(n=1)\n\ndef loud(value):\n    return value\n",
        "async def now(req, a):\n    pass\n",
        "def now(:\n",
    ],
    "static/style.css": [
        "@import 'big.css';\nbody  { background: url( dot.png ) ; }\n",
        "body { background: url(dot.png?inline) }\n",
        "p { white-space : pre-wrap }\n",
        "@font-face { src: url('fonts/a.woff2') }\n",
        None,
    ],
    "static/big.css": [
        "/* big */\n" + "a { color: red }\n" * 20,
        "a { background: url(dot.png), url(icon.svg) }\n",
        "@import url(style.css);\n",
        "a { b",
    ],
    "static/dot.png": [png(b"abc"), png(b"def"), b"no picture", None],
    "static/icon.svg": ["<svg  xmlns='http://www.w3.org/2000/svg'>  <g/>  </svg>", "<svg>", "<svg><g id='a'/></svg>"],
    "static/app.js": ["let  a = 1 ; // swordfish\n", "let a = '</script>'\n", "a b c d (", None],
    "static/fonts/a.woff2": [b"\1\2", b"\3", None],
}
NOW = "def now(req):\n    return {'n': 1}\n"
ORIGINAL = dict.fromkeys(FILES, 0)


@dataclass
class Rich:
    """A site on disk. at: which of its contents each file has."""

    folder: Path
    at: dict[str, int] = field(default_factory=dict)

    def put(self, name: str, number: int) -> None:
        """Gives a file another content."""
        content = FILES[name][number % len(FILES[name])]
        self.at[name] = number
        if name[0] == "$":
            assert not isinstance(content, bytes)
            os.environ.pop(name[1:], None)
            os.environ.update({name[1:]: content} if content is not None else {})
        elif content is None:
            (self.folder / name).unlink(missing_ok=True)
        else:
            write_files(self.folder, {name: content})

    def built(self, cache: Cache | None, python: bool) -> object:
        """All that a build gives: files in their order, what is warned about, or what is wrong."""
        try:
            made = bundle.build(self.folder, python, cache)
        except SiteError as e:
            return e.problems
        return list(made.files.items()), made.checked.warnings


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder of a cache of our own, and an environment that is put back."""
    monkeypatch.setenv("PICOWEB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RICH_OWNER", "")
    return tmp_path


CHANGES = st.lists(
    st.sampled_from([(name, number) for name, contents in FILES.items() for number in range(len(contents))]),
    min_size=1,
    max_size=3,
)


def check(rounds: list[list[tuple[str, int]]], python: bool = True) -> None:
    """Makes changes, each followed by builds."""
    with tempfile.TemporaryDirectory() as folder:
        rich, running = Rich(Path(folder)), Cache(Path(folder))
        for changes in [list(ORIGINAL.items()), *rounds]:
            for name, number in changes:
                rich.put(name, number)
            fresh = rich.built(Cache(), python)
            assert rich.built(None, python) == fresh
            assert rich.built(running, python) == fresh
            assert rich.built(None, python) == fresh


def test_the_site_is_right_and_each_change_gives_another_bundle_or_is_told(kept):
    rich = Rich(kept / "site")
    for name in FILES:
        rich.put(name, 0)
    first = rich.built(Cache(), True)
    assert isinstance(first, tuple), first
    for name, contents in FILES.items():
        for number in range(1, len(contents)):
            rich.put(name, number)
            if name != "templates/extra.html":  # which nothing includes at first
                assert rich.built(Cache(), True) != first, (name, number)
            rich.put(name, 0)
    assert rich.built(Cache(), True) == first


@pytest.mark.parametrize("name", FILES)
def test_each_change_there_and_back_gives_what_a_first_build_gives(kept, name):
    check([[(name, number)] for at in range(1, len(FILES[name])) for number in (at, 0)])


def test_a_new_style_sheet_has_its_new_name_on_all_pages_of_a_layout(kept, site):
    layout = "<link rel=stylesheet href='{{ asset(\"a.css\") }}'>{% block body %}{% endblock %}"
    page = "{% extends 'base.html' %}{% block body %}{{ n }}{% endblock %}"
    files = {"templates/base.html": layout, "templates/a.html": page, "templates/b.html": page, "handlers/h.py": NOW}
    yaml = (
        "routes:\n  /a: {template: a.html, data: h.now}\n  /b: {template: b.html, data: h.now}\n  /s/*: {dir: static}\n"
    )
    where = site(yaml, {**files, "static/a.css": "a { color: red }"})
    bundle.build(where, python=True)
    write_files(where, {"static/a.css": "a { color: blue }"})
    made = bundle.build(where, python=True)
    (name,) = made.checked.served.names.values()
    pages = [data.decode() for path, data in made.files.items() if path.endswith(("/a_html.py", "/b_html.py"))]
    assert [name in page for page in pages] == [True, True]


def test_what_no_page_asks_for_any_more_is_not_served_nor_warned_about(kept, site):
    where = site("routes: {/: a.html, /s/*: {dir: static}}\nassets: {max_inline: 10}\n", {
        "templates/a.html": "<style>{{ inline('a.css') }}</style><img src='{{ asset(\"b.svg\") }}'>",
        "static/a.css": "a { color: darkgreen }",
        "static/b.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    })  # fmt: skip
    made = bundle.build(where, python=True)
    assert (len(made.checked.warnings), [*made.checked.served.names]) == (1, ["/s/b.svg"])
    write_files(where, {"templates/a.html": "none"})
    made = bundle.build(where, python=True)
    assert (made.checked.warnings, made.checked.served.names) == ([], {})


def test_a_warning_ends_when_its_advice_is_followed(kept, site):
    files = {"templates/a.html": "<script src='{{ asset(\"a.js\") }}'></script>", "static/a.js": "a b c ("}
    where = site("routes: {/: a.html, /s/*: {dir: static}}\n", files)
    (warning,) = bundle.build(where, python=True).checked.warnings
    assert "put it into assets.keep to say so" in warning.message
    write_files(where, {"site.yaml": "routes: {/: a.html, /s/*: {dir: static}}\nassets: {keep: [a.js]}\n"})
    assert bundle.build(where, python=True).checked.warnings == []


@settings(max_examples=15, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=5))
def test_any_changes_give_what_a_first_build_gives(own_cache, rounds):
    check(rounds)
