"""A site full of traps, plain and made ready for browsers: in Chromium, both are the same."""

from __future__ import annotations

import io
import random
import shutil

import pytest
from PIL import Image, ImageChops

from site_builder import bundle, runner
from site_builder.assets import pages, styles
from site_builder.assets.tools import Unsafe

from .conftest import ROOT
from .test_browser import Watched, browser  # noqa: F401

READY = 'assets: {keep: ["vendor/*"]}'
PLAIN = "assets: {minify: false, images: false, fingerprint: false}"
PAGES = ["/", "/constant", "/old", "/static/page.html", "/nothing-here"]

# What a page is: its elements with their attributes and text, how each looks and where it stands, what its scripts did.
# Spaces count where they show; comments, and the code in <script> and <style>, do not.
CLEAN = """
  const clean = (text) => text.replace(/\\.[0-9a-f]{8}(?=\\.\\w+)/g, "").replace(/data:[^"')]*/g, "data:")
    .replace(/127\\.0\\.0\\.1:\\d+/g, "here");
"""
TREE = """
  const tree = (node, kept) => {
    if (node.nodeType === Node.TEXT_NODE) return kept ? node.data : node.data.replace(/[ \\t\\n\\f\\r]+/g, " ");
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return node.nodeName;
    const name = node.localName;
    const code = name === "style" || (name === "script" && !/text\\/template|json/.test(node.type));
    const parts = [...(node.content instanceof DocumentFragment ? node.content : node).childNodes]
      .filter((part) => part.nodeType !== Node.COMMENT_NODE)
      .map((part) => tree(part, kept || ["pre", "textarea", "script", "title"].includes(name)));
    const joined = [];
    const picture = node.namespaceURI === "http://www.w3.org/2000/svg" && !["text", "tspan", "title"].includes(name);
    for (const part of parts) {
      if (picture && typeof part === "string" && !part.trim()) continue;
      if (typeof part === "string" && typeof joined[joined.length - 1] === "string")
        joined.push((joined.pop() + part).replace(kept ? /(?!)/ : /[ \\t\\n\\f\\r]+/g, " "));
      else joined.push(part);
    }
    const attributes = [...(node.attributes || [])].map((a) => [a.name, clean(a.value)]);
    return [name, attributes, code ? "" : joined];
  };
"""
LOOK = (
    "() => {"
    + CLEAN
    + TREE
    + """
  const style = (element, pseudo) => {
    const found = getComputedStyle(element, pseudo);
    const values = [...found].map((name) => {
      const text = found.getPropertyValue(name);
      return name + ":" + (name.startsWith("--") ? text.replace(/\\s+/g, "") : text);  // the same tokens
    });
    let sum = 0;
    for (const c of clean(values.join(";"))) sum = Math.imul(sum ^ c.charCodeAt(0), 16777619);
    return values.length + " properties, sum " + sum;
  };
  const all = [...document.querySelectorAll("*")];
  return {
    doctype: new XMLSerializer().serializeToString(document.doctype), mode: document.compatMode,
    title: document.title, tree: tree(document.documentElement, false),
    styles: all.map((e) => [e.localName, style(e), style(e, "::before"), style(e, "::after")]),
    boxes: all.map((e) => [e.localName, JSON.stringify(e.getBoundingClientRect())]),
    values: [...document.querySelectorAll("input, textarea, select")].map((e) => e.value),
    shown: document.body.innerText,
    images: [...document.images].map((i) => [i.complete, i.naturalWidth, i.naturalHeight]),
    sheets: [...document.styleSheets].map((s) => [s.media.mediaText, s.cssRules.length]),
    results: window.results, odd: window.odd,
  };
}
"""
)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """The bundle of the site as it is, and of it made ready."""
    folder = tmp_path_factory.mktemp("tricky")
    made = {}
    for name, assets in (("plain", PLAIN), ("ready", READY)):
        shutil.copytree(ROOT / "tests" / "tricky", folder / name)
        description = folder / name / "site.yaml"
        assert READY in description.read_text()
        description.write_text(description.read_text().replace(READY, assets))
        made[name] = bundle.build(folder / name)
        bundle.write(made[name], folder / f"{name}-out")
    return folder, made


@pytest.fixture(scope="module")
def looks(bundles, browser):  # noqa: F811
    """What each page of each of the two is, its picture, and what went wrong on it."""
    found = {}
    for name in ("plain", "ready"):
        with runner.running(bundles[0] / f"{name}-out", python=runner.micropython() is None) as port:
            for path in PAGES:
                with Watched(browser, viewport={"width": 900, "height": 700}) as watched:
                    page = watched.page
                    answers = []
                    page.on("response", lambda answer, answers=answers: answers.append((answer.url, answer.status)))
                    page.goto(f"http://127.0.0.1:{port}{path}", wait_until="load")
                    if page.locator("button").count():
                        page.locator("button").click()
                    look = page.evaluate(LOOK)
                    picture = page.screenshot(full_page=True, animations="disabled", caret="hide")
                found[name, path] = look, picture, watched.wrong, answers
    return found


def first_difference(a, b):
    """The first two parts that differ, None where none do."""
    if isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        return next(filter(None, map(first_difference, a, b)), None)
    if isinstance(a, dict) and isinstance(b, dict):
        return first_difference(sorted(a.items()), sorted(b.items()))
    return None if a == b else (a, b)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_was_made_ready_is_the_same_page(looks, path):
    plain, ready = looks["plain", path][0], looks["ready", path][0]
    assert plain.keys() == ready.keys()
    for part in plain:
        assert first_difference(plain[part], ready[part]) is None, part
    assert plain["mode"] == "CSS1Compat"


@pytest.mark.parametrize("path", PAGES)
def test_every_pixel_is_the_same(looks, path):
    plain, ready = (Image.open(io.BytesIO(looks[name, path][1])).convert("RGB") for name in ("plain", "ready"))
    assert plain.size == ready.size
    assert ImageChops.difference(plain, ready).getbbox() is None
    assert len(plain.getcolors(1 << 20)) > 5, "nothing is shown"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_goes_wrong_and_nothing_is_missing(looks, path):
    for name in ("plain", "ready"):
        _, _, wrong, answers = looks[name, path]
        expected = [404] if path == "/nothing-here" else []
        assert [status for _, status in answers if status >= 400] == expected, answers
        assert len(wrong) == len(expected), wrong


def test_the_scripts_of_the_site_did_something(looks):
    results = looks["ready", "/"][0]["results"]
    assert results["asi"] == [1, 2]
    assert results["inlined"] == "</script><script><!--   1<\\/script>"
    assert results["module"] == [8, ["double", "twice"]]
    assert results["clicked"] == "a   b"
    assert results["tpl"] == "   <p>   {{  name  }}   </p>   "
    assert looks["ready", "/"][0]["odd"] == "a n   n b"


def test_the_site_became_smaller(bundles):
    _, made = bundles
    served = {name: made[name].checked.served for name in made}
    sizes = {name: sum(len(each.made(address)) for address in each.files) for name, each in served.items()}
    assert sizes["ready"] < 0.85 * sizes["plain"], sizes
    templates = {name: sum(len(compiled.source) for compiled in made[name].checked.templates.values()) for name in made}
    assert templates["ready"] < templates["plain"]


def test_what_could_not_be_made_smaller_is_told(bundles):
    _, made = bundles
    assert [str(problem).split(" (")[0] for problem in made["ready"].checked.served.warnings] == [
        "static/css/nested.css: warning: rcssmin would change what it says; it is served as it is",
        "static/js/odd.js: warning: rjsmin would change what it does; it is served as it is",
    ]
    assert made["plain"].checked.served.warnings == []


# Pieces of HTML and CSS that are hard to read, in any order


HTML = (
    *("<p>", "</p>", "<b", "<b>", "</b>", "<pre>", "</pre>", "<textarea>", "</textarea>", "<script>", "</script>"),
    *(
        "<style>",
        "</style>",
        "<title>",
        "</title>",
        "<!-- c -->",
        "<!--",
        "-->",
        "--!>",
        "<!-->",
        "<!",
        "<?",
        "</",
        "<",
    ),
    *(
        ">",
        "/>",
        "/",
        "=",
        '"',
        "'",
        ' a="b  c"',
        " d='e",
        " f=g'h",
        "   ",
        "\n  \n",
        "x",
        "  y  ",
        "&lt;",
        "&am",
        "p;",
    ),
    *(
        "<svg>",
        "</svg>",
        "<![CDATA[",
        "]]>",
        "<table>",
        "<td>",
        "<select><option>",
        "<noscript>",
        "</noscript>",
        "<li>",
    ),
    *("<xmp>", "</xmp>", "<br/>", "<!doctype html>", "<body class=a>", "</body>", "<template>", "</template>", "<p\t"),
)
SELECTORS = (
    *("a", " ", "  ", ".b", "#c", ":hover", "::before", ">", " + ", "~", " , ", "*", "[d]", "[e = 'f' i]", ":not( g )"),
    *("/* i */", "/**/", " :is(a , b) ", "\\:", "\n", " > ", "&", ":first-child", " :nth-child( 2n + 1 )"),
)
VALUES = (
    *(
        " ",
        "  ",
        "red",
        "calc( 1px + 2px )",
        "1px",
        "-1px",
        "50%",
        "/",
        "/* i */",
        "/**/",
        "'j  k'",
        "url( l.png )",
        ",",
    ),
    *(
        " , ",
        "!important",
        " ! important",
        "rgb( 1 2 3 / 4% )",
        "\n",
        "+1px",
        "var( --h )",
        "#fff",
        "u+4??",
        "0",
    ),
)
NAMES = ("color", "margin", "--h", "font", "background", "width", " content ", "grid-area", "\ttransition", "*zoom")
AROUND = (
    *("%s", "%s", "@media screen and ( min-width : 1px ) { %s }", "@supports (color:red) and ( not (a:b) ) {%s}"),
    *(
        "@layer a , b;\n%s",
        "@import 'm' ;%s",
        "@container ( width > 1px ){%s}",
        "i { %s }",
        "/*! l */ %s",
        "@scope (a :hover) {%s}",
    ),
)


def sheets(seed, count):
    """Style sheets; the same ones each time."""
    chance = random.Random(seed)
    for _ in range(count):
        declarations = [
            chance.choice(NAMES)
            + chance.choice((":", " :", " : "))
            + "".join(chance.choices(VALUES, k=chance.randint(1, 5)))
            for _ in range(chance.randint(0, 3))
        ]
        selector = "".join(chance.choices(SELECTORS, k=chance.randint(1, 6)))
        body = chance.choice((";", " ; ", ";;")).join(declarations) + chance.choice(("", ";", " ; "))
        yield chance.choice(AROUND) % f"{selector}{chance.choice((' ', ''))}{{{body}}}"


PARSED = (
    "(texts) => {"
    + CLEAN
    + TREE
    + """
  return texts.map((text) => tree(new DOMParser().parseFromString(text, "text/html").documentElement, false));
}"""
)
SHEETS = """(texts) => texts.map((text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  // What has var() in it, or is a property of one's own, stays as it is written.
  return [...sheet.cssRules].map((rule) => rule.cssText
    .replace(/--h:[^;}]*|:[^;}]*var\\([^;}]*/g, (text) => text.replace(/\\s+|\\/\\*.*?\\*\\//g, ""))
    .replace(/(?<=\\() +| +(?=\\))/g, ""));
})"""


def mixed(pieces, seed, count=1500):
    """Texts that are made of such pieces; the same ones each time."""
    chance = random.Random(seed)
    return ["".join(chance.choices(pieces, k=chance.randint(1, 14))) for _ in range(count)]


def test_any_page_is_read_the_same_when_it_is_minified(browser):  # noqa: F811
    texts = mixed(HTML, 47)
    made = [pages.minify(text) for text in texts]
    assert sum(map(len, made)) < 0.98 * sum(map(len, texts))
    with Watched(browser) as watched:
        before, after = (watched.page.evaluate(PARSED, each) for each in (texts, made))
    for text, short, a, b in zip(texts, made, before, after, strict=True):
        assert first_difference(a, b) is None, (text, short)


def test_any_page_may_come_in_pieces(browser):  # noqa: F811
    texts = mixed(HTML, 48, 500)
    made = []
    for i, text in enumerate(texts):
        html, at = pages.Html(), i % 7 + 1
        made.append("".join(html.text(piece) for piece in (text[:at], text[at:])))
    with Watched(browser) as watched:
        before, after = (watched.page.evaluate(PARSED, each) for each in (texts, made))
    for text, short, a, b in zip(texts, made, before, after, strict=True):
        assert first_difference(a, b) is None, (text, short)


def test_any_style_sheet_means_the_same_when_it_is_minified(browser):  # noqa: F811
    texts, made = [], []
    for text in sheets(43, 3000):
        try:
            made.append(styles.minify(text))
        except Unsafe:
            continue
        texts.append(text)
    assert len(texts) > 1000
    assert sum(map(len, made)) < 0.98 * sum(map(len, texts))
    with Watched(browser) as watched:
        before, after = (watched.page.evaluate(SHEETS, each) for each in (texts, made))
    assert sum(map(bool, before)) > 500, "most are no style sheets"
    for text, short, a, b in zip(texts, made, before, after, strict=True):
        assert a == b, (text, short)
