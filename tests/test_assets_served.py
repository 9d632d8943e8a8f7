"""asset(), inline() and url(): the names that browsers keep for good, and what is put into pages."""

from __future__ import annotations

import base64
import gzip
import json
import re

import pytest

from site_builder import bundle, runner
from site_builder.assets import digest
from site_builder.errors import SiteError

from .programs import RUNTIMES, command
from .wireclient import ask

ROUTES = (
    "routes:\n"
    "  /: {template: index.html, data: h.f}\n"
    "  /old: {template: old.tpl, data: h.f}\n"
    "  /s/*: {dir: static, cache: 1d, headers: {X-A: b, cache-control: private}}\n"
    "  /logo: {file: images/logo.svg, cache: 30s}\n"
    "  /now/*: {dir: fresh, cache: 0}\n"
)
STYLE = "/* c */ a { background : url(img/dot.svg) }\n" * 9
FILES = {
    "handlers/h.py": "def f(req): return {}",
    "templates/index.html": (
        "{{ asset('style.css') }} {{ asset('/logo') }} {{ asset('now.js') }} {{ asset('lo go.txt') }}"
    ),
    "templates/old.tpl": "{{ asset('style.css') }} {{ asset('static/style.css') }} {{ inline('now.js') }}\n",
    "static/style.css": STYLE,
    "static/img/dot.svg": "<svg> <g/> </svg>",
    "static/lo go.txt": "x",
    "images/logo.svg": "<svg> </svg>",
    "fresh/now.js": "let a  =  1",
}
FOREVER = "max-age=31536000, immutable"


@pytest.fixture(scope="module", params=RUNTIMES)
def port(request, tmp_path_factory):
    from .conftest import write_files

    command(request.param)
    folder = tmp_path_factory.mktemp("assets")
    write_files(folder / "site", {"site.yaml": ROUTES, **FILES})
    python = request.param == "cpython"
    bundle.write(bundle.build(folder / "site", python=python), folder / "out")
    with runner.running(folder / "out", python=python) as found:
        yield found


def test_an_asset_is_kept_for_good_and_its_plain_name_works_too(port):
    style, logo, now, text = ask(port, "GET", "/").body.decode().replace("lo%20go", "lo go").split(" ", 3)
    assert re.fullmatch(r"/s/style\.[0-9a-f]{8}\.css", style)
    hashed, plain = ask(port, "GET", style), ask(port, "GET", "/s/style.css")
    assert hashed.status == plain.status == 200
    assert hashed.body == plain.body
    assert digest(hashed.body)[:8] in style
    assert b"/*" not in hashed.body
    assert (hashed["Cache-Control"], hashed["X-A"]) == (FOREVER, "b")
    assert "max-age=86400" in plain["Cache-Control"]
    assert hashed["ETag"] == plain["ETag"]
    assert hashed["Content-Type"] == "text/css; charset=utf-8"
    dot = re.search(rb"url\((img/dot\.[0-9a-f]{8}\.svg)\)", hashed.body)[1].decode()
    assert ask(port, "GET", "/s/" + dot).body == b"<svg><g/></svg>"
    assert ask(port, "GET", "/s/" + dot)["Cache-Control"] == FOREVER
    assert re.fullmatch(r"/logo\.[0-9a-f]{8}", logo)
    assert ask(port, "GET", logo)["Cache-Control"] == FOREVER
    assert ask(port, "GET", "/logo")["Cache-Control"] == "max-age=30"
    assert now == "/now/now.js", "what must not be kept has no other name"
    assert ask(port, "GET", now)["Cache-Control"] == "no-store"
    assert re.fullmatch(r"/s/lo go\.[0-9a-f]{8}\.txt", text)
    assert ask(port, "GET", text.replace(" ", "%20")).body == b"x"


def test_validators_ranges_and_gzip_work_as_before(port):
    style = ask(port, "GET", "/old").body.decode().split()[0]
    whole = ask(port, "GET", style)
    again = ask(port, "GET", style, f"If-None-Match: {whole['ETag']}")
    assert (again.status, again.body, again["Cache-Control"]) == (304, b"", FOREVER)
    part = ask(port, "GET", style, "Range: bytes=2-5")
    assert (part.status, part.body, part["Cache-Control"]) == (206, whole.body[2:6], FOREVER)
    packed = ask(port, "GET", style, "Accept-Encoding: gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == whole.body
    assert ask(port, "HEAD", style)["Content-Length"] == str(len(whole.body))
    assert ask(port, "GET", re.sub(r"\.[0-9a-f]{8}\.", ".00000000.", style)).status == 404


def test_templates_of_both_languages_say_the_same(port):
    style, same, script = ask(port, "GET", "/old").body.decode().split()[:3]
    assert style == same == ask(port, "GET", "/").body.decode().split()[0]
    assert script == "let"


# Without a server


def built(site, templates, files, more=""):
    """A bundle whose pages are these templates."""
    routes = "".join(f"  /{name}: {{template: {name}}}\n" for name in templates)
    text = f"routes:\n  /s/*: {{dir: static}}\n{routes}{more}"
    return bundle.build(
        site(text, {**{f"templates/{name}": text for name, text in templates.items()}, **files}), python=True
    )


def page(site, template, files, more="", name="x.html"):
    """What a page without values is."""
    made = built(site, {name: template}, files, more)
    route = json.loads(made.files["routes.json"])["routes"][f"/{name}"]
    return made.files[f"site/{route[4]}"].decode()


def test_a_name_without_fingerprints_is_the_plain_one(site):
    files = {"static/a.css": "@import 'b.css';", "static/b.css": "a{}"}
    assert page(site, "{{ asset('a.css') }}", files, "assets: {fingerprint: false}\n") == "/s/a.css"


@pytest.mark.parametrize("name", ["x.html", "x.tpl"])
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("asset('styl.css')", "asset(): no file 'styl.css' is served; did you mean 'style.css'?"),
        ("asset('/s/styl.css')", "asset(): no file '/s/styl.css' is served; did you mean '/s/style.css'?"),
        ("asset(x)", "asset() takes the name of a file in quotes: the build has to know it"),
        ("asset('style.css', inline=x)", "asset() takes the name of a file in quotes: the build has to know it"),
        ("asset('style.css', 1)", "asset() takes the name of a file in quotes: the build has to know it"),
        ("asset()", "asset() takes the name of a file in quotes: the build has to know it"),
        ("asset(*x)", "asset() takes the name of a file in quotes: the build has to know it"),
        ("asset(5)", "asset() takes the name of a file in quotes: the build has to know it"),
        ("inline('style.css', inline=1)", "inline() takes the name of a file in quotes: the build has to know it"),
        ("inline('styl.css')", "inline(): no file 'styl.css' is served; did you mean 'style.css'?"),
        ("inline('a.bin')", "inline(): 'a.bin' is no style sheet, script or SVG; write asset('a.bin', inline=True)"),
        ("inline('latin.css')", "inline(): static/latin.css is not UTF-8; save it as UTF-8"),
        ("asset('two.css')", "asset(): 'two.css' can be /s/two.css or /t/two.css; write the whole address"),
        (
            "inline('end.js')",
            "inline(): static/end.js: '</script' or '<!--' stands outside of quotes; link to it instead",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(site, name, call, message):
    files = {
        **{"static/style.css": "a{}", "static/a.bin": "", "static/two.css": "", "t/two.css": ""},
        **{"static/latin.css": b"\xff", "static/end.js": "a </script/.b"},
    }
    args = "{% args x=1 %}\n" if name == "x.tpl" else "\n"
    with pytest.raises(SiteError) as caught:
        page(site, f"{args}{{{{ {call} }}}}\n", files, "  /t/*: {dir: t}\n", name)
    assert [str(problem) for problem in caught.value.problems if not problem.warning] == [
        f"templates/{name}:2: {message}"
    ]


def test_what_a_template_calls_asset_itself_is_its_own(site):
    files = {"static/a.css": "a{}"}
    macro = "{% macro asset(x) %}mine {{ x }}{% endmacro %}{{ asset('a.css') }}"
    assert page(site, macro, files) == "mine a.css"
    made = built(site, {"x.tpl": "{% args asset=str %}\n{{ asset('a.css') }}\n"}, files)
    assert "_str(asset('a.css'))" in made.checked.templates["x.tpl"].source or "asset('a.css')" in (
        made.checked.templates["x.tpl"].source
    )


def test_the_name_may_be_made_of_what_is_known(site):
    files = {"static/dark.css": "a{}"}
    template = "{% set theme = 'dark' %}{{ asset(site.theme ~ '.css') }} {{ asset('da' ~ 'rk.css')|upper }}"
    found = page(site, template, files, "context: {theme: dark}\n").split()
    assert re.fullmatch(r"/s/dark\.[0-9a-f]{8}\.css", found[0])
    assert found[1] == found[0].upper()


def test_asset_works_in_every_place_of_a_template(site):
    template = (
        "{% autoescape false %}{{ asset('a.css') }}{% endautoescape %} {% set x = asset('a.css') %}{{ x }} "
        "{% macro m(x) %}{{ asset('a.css') }}{% endmacro %}{{ m(1) }} {% include 'y.html' %} "
        "{{ asset('a.css') if status else '' }} {% block b %}{{ asset('a.css') }}{% endblock %}"
    )
    files = {"static/a.css": "a{}", "templates/y.html": "{{ asset('a.css') }}"}
    names = set(page(site, template, files).split())
    assert len(names) == 1
    made = built(site, {"z.html": template + "{{ req.path }}"}, files)
    source = made.checked.templates["z.html"].source
    assert source.count(names.pop()) == 6
    assert "asset" not in source


def test_an_asset_in_a_page_is_one_request_less(site):
    files = {
        "static/s.css": "a { content: '</style>' ; b : url(i.svg) ; c: url('http://x/y.png') ; d: url(#e) }",
        "static/j.js": "let a  =  '</script><!--'",
        "static/i.svg": '<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg> <a/> </svg>',
        "static/p.png": b"\x89PNG" + bytes(40),
    }
    text = page(site, "{{ inline('s.css') }}\n{{ inline('j.js') }}\n{{ inline('i.svg') }}", files).split("\n")
    assert re.fullmatch(
        r"a\{content:'<\\/style>';b:url\(/s/i\.[0-9a-f]{8}\.svg\);c:url\('http://x/y.png'\);d:url\(#e\)\}", text[0]
    )
    assert text[1:] == [r"let a='\x3C/script>\x3C!--'", "<svg><a/></svg>"]
    text = page(site, "{{ asset('p.png', inline=true) }} {{ asset('i.svg', inline=true) }}", files).split()
    assert text[0] == "data:image/png;base64," + base64.b64encode(b"\x89PNG" + bytes(40)).decode()
    assert text[1].startswith("data:image/svg+xml")


def test_what_is_large_is_put_into_a_page_with_a_warning(site):
    files = {"static/j.js": f"let a = '{'x' * 3000}'"}
    made = built(site, {"x.html": "{{ inline('j.js') }}"}, files, "assets: {max_inline: 2K}\n")
    assert [str(problem) for problem in sorted(made.checked.served.warnings)] == [
        "static/j.js: warning: 3,008 bytes are put into a page, more than assets.max_inline (2,048); link to it"
    ]


# Style sheets


def sheet(made, address):
    return made.checked.served.made(address).decode()


def test_the_links_of_a_style_sheet_get_names_with_a_hash(site):
    files = {
        "static/css/a.css": (
            "@import 'b.css' screen;@import url(../css/b.css);a{a:url(../i/x%20y.svg?v=1#z);b:url(/s/i/x%20y.svg);"
            "c:url(none.png);d:url(data:,x);e:url(//host/s/css/b.css);f:url(#g);h:url('http://[');--i:url(b.css)}"
        ),
        "static/css/b.css": "b{a:url(../i/x%20y.svg)}",
        "static/i/x y.svg": "<svg/>",
    }
    made = built(site, {"x.html": "{{ asset('css/a.css') }}"}, files, "assets: {minify: false}\n")
    picture = f"x%20y.{digest(b'<svg/>')[:8]}.svg"
    inner = f"b{{a:url(../i/{picture})}}"
    assert sheet(made, "/s/css/b.css") == inner
    style = f"b.{digest(inner.encode())[:8]}.css"
    assert sheet(made, "/s/css/a.css") == (
        f'@import "{style}" screen;@import url(../css/{style});a{{a:url(../i/{picture}?v=1#z);b:url(/s/i/{picture});'
        "c:url(none.png);d:url(data:,x);e:url(//host/s/css/b.css);f:url(#g);h:url('http://[');--i:url(b.css)}"
    )


def test_a_changed_picture_changes_the_name_of_what_shows_it(site):
    names = []
    for picture in ("<svg><a/></svg>", "<svg><b/></svg>"):
        files = {"static/a.css": "@import 'b.css';", "static/b.css": "b{a:url(c.svg)}", "static/c.svg": picture}
        names.append(page(site, "{{ asset('a.css') }}", files))
    assert names[0] != names[1]


def test_a_circle_of_imports_is_left_plain_and_told(site):
    files = {
        "static/a.css": "\n@import 'b.css';",
        "static/b.css": "@import 'a.css';c{d:url(e.svg)}",
        "static/e.svg": "<svg/>",
        "static/f.css": "@import 'a.css';",
    }
    made = built(site, {"x.html": "{{ asset('b.css') }}{{ asset('a.css') }}"}, files)
    assert sheet(made, "/s/a.css") == "@import 'b.css'"
    assert sheet(made, "/s/b.css").startswith("@import 'a.css';c{d:url(e.")
    assert re.fullmatch(r'@import "a\.[0-9a-f]{8}\.css"', sheet(made, "/s/f.css"))
    assert [str(problem) for problem in sorted(made.checked.served.warnings)] == [
        "static/a.css:2: warning: @import goes in a circle: 'b.css' imports this style sheet",
        "static/b.css:1: warning: @import goes in a circle: 'a.css' imports this style sheet",
    ]


def test_a_small_file_can_be_put_into_a_style_sheet(site):
    files = {"static/a.css": "a{b:url(c.svg?inline#d)}", "static/c.svg": "<svg>  </svg>"}
    made = built(site, {}, files, "assets: {fingerprint: false}\n")
    assert sheet(made, "/s/a.css") in (
        'a{b:url("data:image/svg+xml,%3Csvg%3E%3C/svg%3E#d")}',
        "a{b:url(data:image/svg+xml,%3Csvg%3E%3C/svg%3E#d)}",
        'a{b:url("data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=#d")}',
        "a{b:url(data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=#d)}",
    )


def test_a_file_that_is_to_be_put_into_a_style_sheet_must_be_there(site):
    with pytest.raises(SiteError) as caught:
        built(site, {}, {"static/a.css": "\na{b:url(d.svg?inline)}", "static/c.svg": "<svg/>"})
    assert [str(problem) for problem in caught.value.problems if not problem.warning] == [
        "static/a.css:2: url(d.svg?inline): no file '/s/d.svg' is served; did you mean '/s/c.svg'?"
    ]


def test_a_style_sheet_at_two_addresses_has_two_names(site):
    files = {"static/a.css": "a{b:url(c.svg)}", "static/c.svg": "<svg/>", "templates/x.html": "{{ asset('/t/a.css') }}"}
    made = bundle.build(
        site("routes: {/s/*: {dir: static}, /t/*: {dir: static}, /: x.html, /u.css: static/a.css}", files), python=True
    )
    assert sheet(made, "/s/a.css") == sheet(made, "/t/a.css")
    assert sheet(made, "/u.css") == "a{b:url(c.svg)}", "there, c.svg is not beside it"
    assert re.search(r"/t/a\.[0-9a-f]{8}\.css", json.dumps(made.checked.served.names))


@pytest.mark.parametrize("name", ["a.css", "i/b.css", "static/i/b.css", "other/a.css"])
def test_a_file_has_its_name_below_each_folder_that_serves_it(site, name):
    made = bundle.build(nested(site, name), python=True)
    assert [*made.checked.served.names] == [f"/s/i/{name[-5:]}"]


@pytest.mark.parametrize("name", ["b.css", "i/a.css", "static/i/a.css"])
def test_a_name_that_leads_to_a_file_that_is_not_served_is_told(site, name):
    with pytest.raises(SiteError, match=f"no file '{re.escape(name)}' is served"):
        bundle.build(nested(site, name), python=True)


def nested(site, name):
    """A site with a folder within another, and a page that asks for a file."""
    files = {"static/i/a.css": "a{}", "static/i/b.css": "b{}", "other/a.css": "c{}"}
    yaml = "routes: {/s/*: {dir: static}, /s/i/*: {dir: other}, /: x.html}"
    return site(yaml, {**files, "templates/x.html": f"{{{{ asset('{name}') }}}}"})


def test_the_folder_that_says_more_serves_its_files(site):
    files = {"static/i/a.css": "a{}", "other/a.css": "b{}", "templates/x.html": "{{ asset('/s/i/a.css') }}"}
    made = bundle.build(site("routes: {/s/*: {dir: static}, /s/i/*: {dir: other}, /: x.html}", files), python=True)
    assert sheet(made, "/s/i/a.css") == "b{}"
    assert made.checked.served.hashed_by("/s/*") == {}
    assert list(made.checked.served.hashed_by("/s/i/*")) == ["/s/i/a.css"]
