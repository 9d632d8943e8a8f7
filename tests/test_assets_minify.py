"""Files in fewer bytes: what each kind loses, what it keeps, and what is left alone."""

from __future__ import annotations

import io
import os
import re
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from site_builder import bundle
from site_builder.assets import finding, images, links, pages, rules, scripts, spaces, styles, svg
from site_builder.assets.tools import Unsafe
from site_builder.errors import SiteError

SCRIPTS = {
    "let a = 1 // c\nlet b = 2\n++b\n": "let a=1\nlet b=2\n++b",
    "/*! licence */ a": "/*! licence */a",
    "x = `a   ${ b  +  c } // no`": "x=`a   ${ b  +  c } // no`",
    "if (x) /a  'b/.test(y)": "if(x)/a  'b/.test(y)",
    "return\n/re  g/.test(x)": "return\n/re  g/.test(x)",
    "a + +b; a - -b; a + ++b": "a+ +b;a- -b;a+ ++b",
    "a = b\n(c)": "a=b\n(c)",
    "class A { static #p = 1 ; get  x() { return  1 } }": "class A{static#p=1;get x(){return 1}}",
    "a ?. b ?? c": "a?.b??c",
    "//# sourceMappingURL=x.map\na": "a",
    "": "",
}
ODD_SCRIPTS = {
    "`a ${ `n   n` } b`": "rjsmin would change what it does",
    "1 .toFixed()": "rjsmin would change what it does",
    "x = a < !--b": "rjsmin would change what it does",
    "for (const x of  /a  b/g.exec(y)) ;": "rjsmin would change what it does",
    "let a = 1\nlet = = 2": "we cannot read this JavaScript",
    "{{ value }} {% if %}": "we cannot read this JavaScript",
}


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_script_loses_comments_and_spaces(text):
    assert scripts.minify(text) == SCRIPTS[text]


@pytest.mark.parametrize("text", ODD_SCRIPTS)
def test_a_script_that_would_change_is_refused(text):
    with pytest.raises(Unsafe) as caught:
        scripts.minify(text)
    assert str(caught.value) == ODD_SCRIPTS[text]


def test_a_broken_script_says_its_line():
    with pytest.raises(Unsafe) as caught:
        scripts.minify("let a = 1\nlet b = 2\nlet = = 3\n")
    assert caught.value.line == 3


STYLES = {
    "a :hover { color : red ; }": "a :hover{color:red}",
    "a{width:calc( 1px + 2px )}": "a{width:calc(1px + 2px)}",
    '@charset "utf-8";\n/*! l */ /* c */ a{}': '@charset "utf-8";/*! l */a{}',
    "@media ( min-width : 1px ) and (max-width:2px) { a :hover { b : c } }": (
        "@media (min-width:1px) and (max-width:2px){a :hover{b:c}}"
    ),
    "a{content:'a  b' ; b : c !important}": "a{content:'a  b';b:c!important}",
    "": "",
}
ODD_STYLES = {
    ".a { color: red; & b :hover { x: y } c :hover { x: y } }": "rcssmin would change what it says",
    "a/**/.b {}": "rcssmin would change what it says",
    "a { b: c }}": "its CSS is broken: Unmatched }",
    "@scope (a :hover) {}": "rcssmin does not know @scope",
}


@pytest.mark.parametrize("text", STYLES)
def test_a_style_sheet_loses_comments_and_spaces(text):
    assert styles.minify(text) == STYLES[text]


@pytest.mark.parametrize("text", ODD_STYLES)
def test_a_style_sheet_that_would_change_is_refused(text):
    with pytest.raises(Unsafe) as caught:
        styles.minify(text)
    assert str(caught.value) == ODD_STYLES[text]


OPENS = {
    "a { white-space: nowrap }": False,
    "pre, pre > code, textarea b { white-space: pre-wrap }": False,
    "@media print { pre.wide { white-space: pre-line } }": False,
    ".pre { white-space: pre }": True,
    "pre, p { white-space: pre }": True,
    "pre + p { white-space: pre }": True,
    "@media print { p { white-space-collapse: preserve } }": True,
    "pre { color: red } * { white-space : break-spaces }": True,
}


@pytest.mark.parametrize("text", OPENS)
def test_a_style_sheet_may_make_spaces_show(text):
    assert (spaces.shows_spaces(text) and rules.opens_spaces(text)) is OPENS[text]


SVG = '<?xml version="1.0"?>\n<!-- c -->\n<svg xmlns="http://www.w3.org/2000/svg"\n   a = "b  c" >\n  {}\n</svg>\n'
DRAWINGS = {
    '<g >\n <path d="M 0\n 1" />  </g>  <!-- x > -->': '<g ><path d="M 0\n 1"/></g>',
    "<text> a  <tspan> b </tspan> </text>": "<text> a  <tspan> b </tspan> </text>",
    "<style> a  b </style>": "<style> a  b </style>",
    '<g xml:space="preserve"> <a> </a> </g>': '<g xml:space="preserve"> <a> </a> </g>',
    "<!--! licence -->": "<!--! licence -->\n",
    "<a><![CDATA[  <x> ]]></a>": "<a><![CDATA[  <x> ]]></a>",
    "<a b='>  \"  '/>é &amp;": "<a b='>  \"  '/>é &amp;\n",
}


@pytest.mark.parametrize("text", DRAWINGS)
def test_an_svg_loses_comments_and_spaces_between_elements(text):
    head = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" a = "b  c" >'
    assert svg.minify(SVG.format(text).encode()).decode() == f"{head}{DRAWINGS[text]}</svg>"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<svg>", "this is no XML: no element found"),
        (b"<svg><a></svg>", "this is no XML: mismatched tag"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "it has entities of its own"),
        ("<svg/>".encode("utf-16"), "it is not UTF-8"),
        (b'<?xml version="1.0" encoding="latin-1"?><svg/>', "it is not UTF-8"),
        (b"", "this is no XML: no element found"),
    ],
)
def test_an_svg_that_is_no_plain_xml_is_refused(data, message):
    with pytest.raises(Unsafe) as caught:
        svg.minify(data)
    assert str(caught.value) == message


PAGES = {
    "<p>  a \n  b<b>  c </b>  </p>": "<p> a\nb<b> c </b> </p>",
    "<!doctype html>\n\n<html>\n <body  class='a  b'\n id=c>": "<!doctype html>\n<html>\n<body class='a  b' id=c>",
    "a <!-- c --> b<!-- d -->": "a b<!-- d -->",
    "<i></i><!-- c --><b></b>": "<i></i><b></b>",
    "<!--[if IE]>  <a>  <![endif]-->  <!-- ko x -->": "<!--[if IE]>  <a>  <![endif]--> <!-- ko x -->",
    "<pre>\n\n a  <b>  x</b></pre>  c  d": "<pre>\n\n a  <b>  x</b></pre> c d",
    "<TEXTAREA >  a </textarea>  b  c": "<TEXTAREA >  a </textarea> b c",
    "<script>  'a  b'  </script>  b  c": "<script>  'a  b'  </script> b c",
    "a\u00a0 \u00a0 \u3000  b": "a\u00a0 \u00a0 \u3000 b",
    "<a title='>  <'  b=\"  '  \"  >  c": "<a title='>  <' b=\"  '  \" > c",
    "<svg><style/></svg>  a  b": "<svg><style/></svg>  a  b",
    "<script><!-- <script> </script>  x  y": "<script><!-- <script> </script>  x  y",
    "<![CDATA[  ]]>  a  b": "<![CDATA[  ]]>  a  b",
    "<plaintext>  a  b": "<plaintext>  a  b",
    "": "",
}


@pytest.mark.parametrize("text", PAGES)
def test_a_page_has_one_space_for_many(text):
    assert pages.minify(text) == PAGES[text]


def test_scripts_and_style_sheets_in_a_page_are_made_shorter():
    def embed(kind, text):
        return f"[{kind} {text.strip()}]"

    text = "<style> a </style><script> b </script><script type=module> c </script><style media=print> d </style>"
    text += '<script type="application/json"> e </script><script type="text/template"> f </script>'
    assert pages.minify(text, embed) == (
        "<style>[css a]</style><script>[js b]</script><script type=module>[js c]</script>"
        "<style media=print>[css d]</style>"
        '<script type="application/json"> e </script><script type="text/template"> f </script>'
    )


@given(st.text(alphabet="<>/!-=\"' \n\tab&?[]prescitlx", max_size=60))
def test_minifying_a_page_ends_and_adds_nothing(text):
    made = pages.minify(text)
    assert len(made) <= len(text)
    assert made.split() == text.split() or "<!--" in text
    assert pages.minify(made) == made or "<!--" in text


@given(st.text(alphabet="<>/!-=\"' \n\tab", max_size=40), st.integers(0, 40))
def test_a_page_in_two_pieces_loses_no_word(text, at):
    html = pages.Html()
    made = html.text(text[:at]) + html.text(text[at:])
    assert made.split() == text.split() or "<!--" in text


# Links of style sheets


def test_the_links_of_a_style_sheet_are_found_and_nothing_else():
    text = links.clean(
        """@import "a.css";@import url( 'b.css' ) print;@import url(c.css);\r\n/* url(no.png) */
a{b:url(x.png);c:url("y\\"z.png" );d:"no";--f:url(no.png);g:image-set("i.png" 1x, url(j.png) 2x)}
@media x{a{src:URL( q\\).woff ) format("no")}} @namespace "no"; é{f:url(é.png)} .b{--z:1} c{d:url(k.png)}"""
    )
    found = finding.find(text)
    assert [link.url for link in found] == [
        *("a.css", "b.css", "c.css", "x.png", 'y"z.png', "i.png", "j.png", "q).woff", "é.png", "k.png")
    ]
    assert links.load(links.dump(found)) == found
    assert links.rewrite(text, found, lambda link: None) == text
    made = links.rewrite(text, found, lambda link: f"<{link.url}>")
    assert [link.url for link in finding.find(made)] == [f"<{link.url}>" for link in found]


@given(st.text(alphabet="@import url()\"'{}:;,/*\\\n-ab.", max_size=60))
def test_links_of_any_text_can_be_replaced(text):
    text = links.clean(text)
    found = finding.find(text)
    assert all(text[link.start] in "\"'uU" for link in found)
    made = links.rewrite(text, found, lambda link: "x")
    assert len(finding.find(made)) == len(found)


# Pictures


def png(mode="RGB", level=0, **options):
    image = Image.effect_noise((24, 24), 40).convert("RGB").quantize(40) if mode == "P" else Image.new(mode, (24, 24))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=level, **options)
    return out.getvalue()


def with_chunk(data, name, content):
    """The PNG with one more chunk before its pixels."""
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    at = data.index(b"IDAT") - 4
    return data[:at] + chunk + data[at:]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_becomes_smaller_with_every_pixel_as_it_was(mode):
    data = png(mode)
    made = images.recompress(data)
    assert made == images.recompress(data)
    assert len(made) < len(data) or mode == "1"
    before, after = (Image.open(io.BytesIO(each)) for each in (data, made))
    assert (before.mode, before.size) == (after.mode, after.size)
    assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


def test_transparency_and_resolution_stay():
    data = png("P", transparency=3, dpi=(72, 72))
    made = images.recompress(data)
    assert len(made) < len(data)
    before, after = (Image.open(io.BytesIO(each)) for each in (data, made))
    assert before.info["dpi"] == pytest.approx(after.info["dpi"])
    assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


@pytest.mark.parametrize(
    "data",
    [
        with_chunk(png(), b"gAMA", struct.pack(">I", 45455)),
        with_chunk(png(), b"acTL", struct.pack(">II", 1, 0)),
        with_chunk(png(), b"iCCP", b"p\0\0" + zlib.compress(b"profile")),
        png("I;16"),
        png()[:200],
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"",
    ],
    ids=["gamma", "animated", "profile", "16 bits", "cut short", "empty png", "gif", "nothing"],
)
def test_a_picture_that_pillow_could_change_stays(data):
    assert images.recompress(data) == data


# In a site

ALL = {
    "static/a.css": "a { color : red }\n" * 9,
    "static/a.js": "let a  =  1 // c\n",
    "static/a.svg": "<svg>  <g/>  </svg>",
    "static/a.html": "<p>  a  </p>  <!-- c -->",
    "static/a.png": png(),
    "static/b.min.js": "let a  =  1 // c\n",
    "static/b.min.css": "a { color : red }\n",
    "static/vendor/x/y.js": "let a  =  1 // c\n",
    "static/a.txt": "a   b   c\n",
    "static/a.json": '{ "a" :  1 }\n',
}
ROUTES = "routes: {/s/*: {dir: static}}\n"


def served(built, address):
    """What a bundle serves at an address."""
    return built.checked.served.made(address)


def test_all_kinds_are_minified_and_what_is_minified_already_is_not(site):
    built = bundle.build(site(ROUTES, ALL), python=True)
    smaller = {
        name for name, data in ALL.items() if len(served(built, "/s/" + name[7:])) < len(data)
    }  # fmt: skip
    assert smaller == {*(f"static/a.{kind}" for kind in ("css", "html", "js", "png", "svg")), "static/vendor/x/y.js"}
    for name in {*ALL} - smaller:
        data = ALL[name]
        assert served(built, "/s/" + name[7:]) == (data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize(
    ("section", "changed"),
    [
        ("{minify: false}", {"a.png"}),
        ("{images: false}", {"a.css", "a.html", "a.js", "a.svg", "vendor/x/y.js"}),
        ("{keep: [vendor/*, '*.svg', static/a.js]}", {"a.css", "a.html", "a.png", "b.min.js", "b.min.css"}),
        ("{keep: ['*']}", set()),
    ],
)
def test_what_is_made_can_be_switched_off(site, section, changed):
    built = bundle.build(site(f"{ROUTES}assets: {section}\n", ALL), python=True)
    raw = {name[7:]: data.encode() if isinstance(data, str) else data for name, data in ALL.items()}
    assert {name for name, data in raw.items() if served(built, "/s/" + name) != data} == changed


def test_what_cannot_be_minified_is_served_as_it_is_with_a_warning(site):
    files = {
        "static/a.js": "let = = 1\n",
        "static/b.js": "'b\xff'".encode("latin-1"),
        "static/a.css": "a { b: c }}",
        "static/a.svg": "<svg>",
        "static/a.html": "<script> let = = 1 </script>",
        "templates/x.html": "<script> let = = 1 </script>",
    }
    built = bundle.build(site("routes: {/s/*: {dir: static}, /: x.html}", files), python=True)
    more = "; it is served as it is (put it into assets.keep to say so)"
    assert [str(problem) for problem in sorted(built.checked.served.warnings)] == [
        f"static/a.css: warning: its CSS is broken: Unmatched }}{more}".replace(".css:", ".css:1:"),
        f"static/a.html: warning: <script>: we cannot read this JavaScript{more}",
        f"static/a.js:1: warning: we cannot read this JavaScript{more}",
        f"static/a.svg:1: warning: this is no XML: no element found{more}",
        f"static/b.js: warning: it is not UTF-8{more}",
        f"templates/x.html: warning: <script>: we cannot read this JavaScript{more}",
    ]
    for name, data in files.items():
        if name.startswith("static/"):
            assert served(built, "/s/" + name[7:]) == (data if isinstance(data, bytes) else data.encode())


def test_a_file_over_the_limit_is_told(site):
    files = {"static/a.bin": bytes(3000), "static/b.bin": bytes(2048)}
    folder = site("routes: {/s/*: {dir: static}, /b: static/b.bin}\nassets: {max_size: 2K}\n", files)
    assert [str(problem) for problem in sorted(bundle.build(folder, python=True).checked.served.warnings)] == [
        "static/a.bin: warning: 3,000 bytes are more than assets.max_size (2,048); make it smaller, or raise that"
    ]
    assert not bundle.build(site(ROUTES, files, name="other"), python=True).checked.served.warnings


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("{max_size: 2G}", "max_size: '2G': a size is a number of bytes, or a number and K or M"),
        ("{max_size: -1}", "max_size must be at least 0, not -1"),
        ("{minify: 1}", "minify must be true or false, not 1"),
        ("{keep: x}", "keep must be a list"),
        ("{minfy: false}", "unknown key 'minfy'; did you mean 'minify'?"),
    ],
)
def test_a_wrong_section_is_told(site, section, message):
    with pytest.raises(SiteError) as caught:
        bundle.build(site(f"{ROUTES}assets: {section}\n", ALL), python=True)
    assert str(caught.value).startswith(f"site.yaml:2:10: {message}")


SPACED = {"static/z.txt": "", "templates/x.html": "<p>  {{ a }}  </p>", "handlers/h.py": "def f(req): return {}"}
SPACED_ROUTES = "routes: {/: {template: x.html, data: h.f}, /s/*: {dir: static}%s}\n"


@pytest.mark.parametrize(
    ("more", "files", "kept"),
    [
        ("", {}, False),
        ("", {"static/a.css": "pre { white-space: pre-wrap }"}, False),
        ("", {"static/a.css": "p { white-space: pre-wrap }"}, True),
        ("", {"static/a.js": "p.style.whiteSpace = 'pre'"}, True),
        ("", {"templates/y.html": "<p style='white-space:pre'>"}, True),
        (", /b: {template: x.html, data: h.f, type: text/plain}", {}, True),
    ],
)
def test_spaces_that_show_stay(site, more, files, kept):
    built = bundle.build(site(SPACED_ROUTES % more, {**SPACED, **files}), python=True)
    assert ("<p>  " in built.checked.templates["x.html"].source) is kept


DOUBTS = [
    "{% if a %}<pre>{% endif %}  {{ a }}  </pre>",
    "{% for x in a %}<pre>  {{ x }}  {% endfor %}",
    "{% macro m() %}  x  {% endmacro %}<pre>{{ m() }}</pre>",
    "{% macro m() %}  x  {% endmacro %}<b title='{{ m() }}'>",
    "{% macro m() %}  x  {% endmacro %}{% set y = m() %}<pre>{{ y }}</pre>",
    "{% macro m() %}<pre>{% endmacro %}{{ m() }}  x  ",
    "{% macro m() %}<pre>{{ caller() }}</pre>{% endmacro %}{% call m() %}  x  {% endcall %}",
    "{% set y %}<pre>{% endset %}{{ y }}  x  ",
    "{% for x in a recursive %}  {{ x }}<pre>{{ loop(x) }}</pre>{% endfor %}",
    "<p{{ a }}>  x  ",
    "{% for x in a %}<pre>{% if x %}{% break %}{% endif %}</pre>{% endfor %}  x  ",
]


@pytest.mark.parametrize("text", DOUBTS)
def test_a_template_that_cannot_be_followed_stays_as_it_is(site, text):
    built = bundle.build(site(SPACED_ROUTES % "", {**SPACED, "templates/x.html": text}), python=True)
    assert "  " in text
    pieces = re.findall(r"  +(?=[{x])|(?<=[}x])  +", text)
    assert built.checked.templates["x.html"].source.count("  ") >= len(pieces)
    assert not re.search(r"> (x|%s) ", built.checked.templates["x.html"].source)


FOLLOWED = {
    "<option{% if a %}  selected{% endif %}>  x  ": b"> x ",
    "{% if a %}<pre>{% else %}<pre  class=b>{% endif %}  {{ a }}  </pre>  x  ": b"</pre> x ",
    "{% macro m() %}  x  {{ a }}{% endmacro %}{{ m() }}": b" x %s",
    "{% set y %}  {{ a }}  {% endset %}{{ y }}  x  ": b" x ",
    "<div{{ a }}>  x  ": b"> x ",
    "<p class='{{ a }}  {% if a %}  b{% endif %}'  id=c>  x  ": b" id=c> x ",
    "{% include 'y.html' %}  x  ": b" x ",
}


@pytest.mark.parametrize("text", FOLLOWED)
def test_a_template_is_followed_through_its_statements(site, text):
    files = {**SPACED, "templates/x.html": text + "{{ a }}", "templates/y.html": "<p>  y  </p>"}
    source = bundle.build(site(SPACED_ROUTES % "", files), python=True).checked.templates["x.html"].source
    assert FOLLOWED[text].decode() in source
    assert "  x  " not in source


def test_builds_are_byte_identical_with_a_cold_and_a_warm_cache_anywhere(site, tmp_path, monkeypatch):
    from .conftest import ROOT

    folder = ROOT / "tests" / "tricky"
    monkeypatch.setenv("PICOWEB_CACHE", str(tmp_path / "cache"))
    cold = bundle.build(folder, python=True).files
    assert any((tmp_path / "cache").rglob("*"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("site_builder.assets.packing._pack", None)  # what was made is not made again
    warm = bundle.build(Path(os.path.relpath(folder)), python=True).files
    assert warm == cold
    assert list(warm) == list(cold)


def test_a_warning_is_told_by_every_build(site):
    files = {"static/a.html": "<script> let = = 1 </script>", "static/a.css": "a{b:c}}"}
    folder = site(ROUTES, files)
    first, second = (bundle.build(folder, python=True).checked.served.warnings for _ in range(2))
    assert first == second
    assert len(first) == 2
