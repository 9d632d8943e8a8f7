"""routes.json: the table of a site, and the index of a folder as the board reads it."""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from picoweb import lookup as folders
from picoweb import routing
from site_builder import bundle, model
from site_builder.assets import digest
from site_builder.errors import SiteError
from site_builder.flash import dumps, index


@pytest.fixture
def table(site):
    """The table of a site, as the board reads it, and the bundle's files."""

    def table(yaml: str, files: dict[str, str | bytes]):
        made = bundle.build(site(yaml, files), python=True).files
        return json.loads(made["routes.json"]), made

    return table


NO_CACHE = "Cache-Control: no-cache\r\n"


def test_the_table_of_a_small_site(table):
    style = b"body { color: green }\n" * 20
    styled = b"body{color:green}" * 20
    made, files = table(
        "title: Grün\ncontext: {owner: Ada, list: [1, null]}\nserver: {port: 8080, connections: 4}\n"
        "routes:\n"
        "  /: {template: index.tpl, data: a.now, context: {x: 1}, cache: 0}\n"
        "  /about: index.tpl\n"
        "  /logo: {file: static/logo.png, cache: 1d, headers: {X-A: b}}\n"
        "  /style.css: static/style.css\n"
        "  /now: {json: a.now, headers: {Access-Control-Allow-Origin: '*'}}\n"
        "  /fixed: {json: {é: [1, 2.5, null, true]}}\n"
        "  /zero: {json: 0}\n"
        "  /home: {redirect: /}\n"
        "  /old: {redirect: /new, status: 308}\n"
        "  /<name>: {handler: a.hello}\n"
        "  /relay/<int:n>: {handler: a.switch, methods: [POST, PUT]}\n"
        "errors:\n  503: {json: {}}\n  404: index.tpl\n",
        {
            "templates/index.tpl": "x",
            "static/logo.png": b"\x89PNG",
            "static/style.css": style,
            "handlers/a.py": "def now(req): return {}\nasync def hello(req, resp, name): pass\n"
            "async def switch(req, resp, n): pass\n",
        },
    )
    packed = made["routes"]["/style.css"][6]
    assert len(files[f"site/{packed}"]) == made["routes"]["/style.css"][7]
    html = "text/html; charset=utf-8"
    assert {
        "picoweb": 1,
        "path": [path for path in dict.fromkeys("/".join(name.split("/")[:2]) for name in files) if "-" in path],
        "site": {"title": "Grün", "owner": "Ada", "list": [1, None]},
        "server": {"host": "0.0.0.0", "port": 8080, "connections": 4},
        "routes": {
            "/": ["t", None, "Cache-Control: no-store\r\n", html, "index.tpl", "a.now", {"x": 1}],
            "/about": ["t", None, "", html, "index.tpl", None, None],
            "/fixed": ["j", None, "", None, {"é": [1, 2.5, None, True]}],
            "/home": ["r", None, "", 302, "/"],
            "/logo": [
                *["f", None, "X-A: b\r\nCache-Control: max-age=86400\r\n", "image/png"],
                *[digest(b"\x89PNG"), 4, None, 0],
            ],
            "/now": ["j", None, "Access-Control-Allow-Origin: *\r\n", "a.now", None],
            "/old": ["r", list(model.METHODS), "", 308, "/new"],
            "/style.css": [
                *["f", None, NO_CACHE, "text/css; charset=utf-8"],
                *[digest(styled), len(styled), packed, len(files[f"site/{packed}"])],
            ],
            "/zero": ["j", None, "", None, 0],
        },
        "patterns": [
            ["/relay/<int:n>", ["h", ["POST", "PUT"], "", "a.switch"]],
            ["/<name>", ["h", None, "", "a.hello"]],
        ],
        "errors": {
            "404": ["t", None, "", html, "index.tpl", None, None],
            "503": ["j", None, "", None, {}],
        },
    } == made  # fmt: skip
    assert list(made["routes"]) == sorted(made["routes"])
    assert [path.split("-")[0] for path in made["path"]] == ["site/app", "site/lib"]


def test_a_site_without_anything_has_a_table_too(table):
    made, _ = table("routes: {}", {})
    assert {name: made[name] for name in ("site", "routes", "patterns", "errors")} == {
        "site": {"title": ""},
        "routes": {},
        "patterns": [],
        "errors": {},
    }


def test_a_page_has_the_type_that_is_given(table):
    made, _ = table("routes: {/a: {template: a.xml.tpl}, /b: {template: a.xml.tpl, type: application/atom+xml}}",
                    {"templates/a.xml.tpl": "x"})  # fmt: skip
    assert [made["routes"][path][3] for path in ("/a", "/b")] == ["text/xml; charset=utf-8", "application/atom+xml"]


def test_a_file_that_cannot_be_read_is_told(site):
    unreadable = Path("/proc/self/mem")
    if not unreadable.exists():
        pytest.skip("this system has no file that cannot be read by anyone")
    folder = site("routes: {/a: a.txt}")
    (folder / "a.txt").symlink_to(unreadable)
    with pytest.raises(SiteError) as caught:
        bundle.build(folder)
    assert str(caught.value) == "a.txt: cannot be read: Input/output error"


# Patterns


def test_patterns_stand_in_the_order_of_what_they_say(table):
    paths = ["/<path:p>", "/<a>", "/<int:a>", "/a/<x>/b", "/a/<int:x>/b", "/a/<x>/<y>", "/a/b/<path:z>", "/a/b/<c>"]
    lines = [f"  {path}: {{json: [1]}}\n" for path in paths]
    made, _ = table("".join(["routes:\n  /a/*: {dir: d}\n", *lines]), {"d/x": ""})
    ordered = [pattern for pattern, _ in made["patterns"]]
    assert ordered == [
        "/a/b/<c>",
        "/a/b/<path:z>",
        "/a/<int:x>/b",
        "/a/<x>/b",
        "/a/<x>/<y>",
        "/a/*",
        "/<int:a>",
        "/<a>",
        "/<path:p>",
    ]

    def first(path: str) -> str:
        segments = path[1:].split("/")
        return next(pattern for pattern in ordered if routing.match(routing.split(pattern), segments) is not None)

    assert first("/a/b/c") == "/a/b/<c>"
    assert first("/a/b/c/d") == "/a/b/<path:z>"
    assert first("/a/5/b") == "/a/<int:x>/b"
    assert first("/a/x/b") == "/a/<x>/b"
    assert first("/a/x/c") == "/a/<x>/<y>"
    assert first("/a/x/c/d") == "/a/*"
    assert first("/5") == "/<int:a>"
    assert first("/x") == "/<a>"
    assert first("/x/y") == "/<path:p>"


# A folder's index


def lookup(folder, monkeypatch, data: bytes, buckets: int, key: str):
    """What the board finds."""
    (folder / "site").mkdir(exist_ok=True)
    (folder / "site" / "index").write_bytes(data)
    monkeypatch.chdir(folder)
    folders._cache.clear()
    return folders.lookup("index", buckets, key)


def entry(i: int) -> list[object]:
    return ["f", None, NO_CACHE, "image/png", f"{i:016x}", i, None, 0]


@pytest.mark.parametrize("count", [0, 1, 2, 100, 1000])
def test_the_board_finds_each_file_of_an_index(tmp_path, monkeypatch, count):
    entries = {f"{'ordner/' * (i % 3)}bild-{i}é.png": entry(i) for i in range(count)}
    data, buckets = index(entries)
    for key in list(entries)[:: max(1, count // 150)]:
        assert lookup(tmp_path, monkeypatch, data, buckets, key) == entries[key]
    for key in ("", "x", "bild-0", "bild-0é.png\t", "\n"):
        assert lookup(tmp_path, monkeypatch, data, buckets, key) is None


@pytest.mark.parametrize("count", [0, 1, 2, 100, 1000])
def test_an_index_is_small_in_each_of_its_buckets(count):
    data, buckets = index({f"file-{i}": entry(i) for i in range(count)})
    offsets = struct.unpack_from(f"<{buckets + 1}I", data)
    assert offsets[0] == 4 * (buckets + 1)
    assert offsets[-1] == len(data)
    sizes = [stop - start for start, stop in pairwise(offsets)]
    assert min(sizes) >= 0
    assert max(sizes) <= 512
    assert data[offsets[0] :].count(b"\n") == count


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20), max_size=30), st.text(max_size=5))
def test_any_names_are_found_and_no_others(tmp_path, monkeypatch, names, other):
    entries = {name: entry(i) for i, name in enumerate(sorted(names))}
    data, buckets = index(entries)
    for name in [*names, other]:
        assert lookup(tmp_path, monkeypatch, data, buckets, name) == entries.get(name)


def test_an_index_does_not_depend_on_the_order_of_its_entries():
    names = [f"f{i}" for i in range(50)]
    assert index({name: entry(1) for name in names}) == index({name: entry(1) for name in reversed(names)})


def test_the_index_of_a_folder_has_its_pages_under_their_folders_too(table, tmp_path, monkeypatch):
    made, files = table(
        "routes: {/docs/*: {dir: d, cache: 1h}}",
        {"d/index.html": "one", "d/sub/index.html": "two", "d/a b.txt": "three", "d/.hidden": "no"},
    )
    ((pattern, route),) = made["patterns"]
    assert (pattern, route[:3]) == ("/docs/*", ["d", None, ""])

    def served(key: str) -> bytes | None:
        found = lookup(tmp_path, monkeypatch, files[f"site/{route[3]}"], route[4], key)
        assert found is None or found[2] == "Cache-Control: max-age=3600\r\n"
        return found and files[f"site/{found[4]}"]

    assert {key: served(key) for key in ("", "index.html", "sub/", "sub/index.html", "a b.txt")} == {
        "": b"one",
        "index.html": b"one",
        "sub/": b"two",
        "sub/index.html": b"two",
        "a b.txt": b"three",
    }
    assert [served(key) for key in ("sub", ".hidden", "../site.yaml", "d/index.html")] == [None] * 4


def test_json_is_compact_and_has_no_nan():
    assert dumps({"b": [1, 2.5, None], "a": "é\n\"/"}) == '{"b":[1,2.5,null],"a":"é\\n\\"/"}'  # fmt: skip
    with pytest.raises(ValueError, match="JSON"):
        dumps([float("nan")])
