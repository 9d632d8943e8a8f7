"""A built site, served over real sockets by MicroPython and by CPython: what its site.yaml promises, and no more."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import jinja2
import pytest

from site_builder import bundle, runner
from tests.wireclient import Client, Reply, ask, request

_EXAMPLE = Path(__file__).parents[1] / "sites" / "example"
_HTML = "text/html; charset=utf-8"
_DAY = "max-age=86400"


@pytest.fixture(scope="module", params=["micropython", "cpython"])
def python(request: pytest.FixtureRequest) -> bool:
    """True on CPython."""
    if request.param == "micropython" and not runner.micropython():
        pytest.skip("no MicroPython on this machine")
    return request.param == "cpython"


class Served:
    """A site while it is served: the site's folder, the port, and the bundle and the log of the server."""

    def __init__(self, folder: Path, out: Path, port: int) -> None:
        self.folder = folder
        self.out = out
        self.port = port

    def ask(self, method: str, target: str, *lines: str, body: bytes | None = None) -> Reply:
        return ask(self.port, method, target, *lines, body=body)

    def get(self, target: str, *lines: str) -> Reply:
        return self.ask("GET", target, *lines)

    @property
    def log(self) -> str:
        return (self.out / "log").read_text("utf-8", "replace")


@contextlib.contextmanager
def serving(folder: Path, out: Path, python: bool) -> Iterator[Served]:
    """Serves the bundle in `out`."""
    with (out / "log").open("wb") as log, runner.running(out, python=python, log=log) as port:
        yield Served(folder, out, port)


Folder = Callable[[str], Path]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return lambda name: tmp_path_factory.mktemp(name)


@pytest.fixture(scope="module")
def built(python: bool, fresh: Folder) -> Path:
    """The bundle of the example, with all files as they are; it is not to be changed."""
    site = shutil.copytree(_EXAMPLE, fresh("site") / "example", ignore=shutil.ignore_patterns("build"))
    with (site / "site.yaml").open("a", encoding="utf-8") as description:
        description.write("\nassets: {minify: false, images: false, fingerprint: false}\n")
    out = fresh("example")
    bundle.write(bundle.build(site, python=python), out)
    return out


@pytest.fixture(scope="module")
def greenhouse(python: bool, built: Path) -> Iterator[Served]:
    """The example, served."""
    with serving(_EXAMPLE, built, python) as site:
        yield site


_HANDLERS = """
import picoweb

def data(req, name):
    return {"name": name}

async def rest(req, resp, rest):
    await picoweb.respond(resp, "rest " + rest, "text/plain")

async def fails(req, resp):
    raise ValueError("the pump is stuck")

async def fails_late(req, resp):
    await picoweb.start_response(resp)
    await resp.awrite("some")
    raise ValueError("the pump is stuck")

def no_data(req):
    raise OSError(5)

async def hello(req, resp):
    await picoweb.respond(resp, "hello")

async def teapot(req, resp):
    await picoweb.http_error(resp, 418)
"""
_SITE = """
title: Corners
routes:
  /: page.tpl
  /hello/<name>: {template: name.tpl, data: corners.data, cache: 10m, headers: {X-Page: hello}}
  /json/<name>: {json: corners.data, cache: 0, headers: {X-Json: "yes"}}
  /fixed: {json: {a: [1, 2.5, null, true, "ü"]}}
  /rest/<path:rest>: {handler: corners.rest}
  /été: {json: [1]}
  /files/*: {dir: files}
  /fails: {handler: corners.fails}
  /fails/late: {handler: corners.fails_late}
  /fails/page: {template: page.tpl, data: corners.no_data}
  /fails/json: {json: corners.no_data}
  /fails/start: {handler: broken.hello}
  /fails/start/page: {template: page.tpl, data: broken.now}
  /handler: {handler: corners.hello, cache: 1h, headers: {X-Handler: "1"}}
  /teapot: {handler: corners.teapot, cache: 1d, headers: {X-Kept: "1"}}
  /fails/cached: {template: page.tpl, data: corners.no_data, cache: 1d}
  /gone: {redirect: "/hello/you?a=b", status: 308, headers: {X-Gone: "1"}, cache: 1m}
  /away: {redirect: "https://example.org/"}
errors:
  404: {template: error.tpl}
  500: {template: error.tpl, headers: {X-Error: "500"}}
  405: {json: {error: method}}
"""
_TEMPLATES = {
    "page.tpl": "{% args site %}\n<p>{{ site['title'] }}</p>\n",
    "name.tpl": "{% args name %}\n<p>{{ name }}</p>\n",
    "error.tpl": "{% args status, reason %}\n<h1>{{ status }} {{ reason }}</h1>\n",
}
_FILES = {
    "index.html": b"<p>top</p>",
    "plain.txt": b"plain",
    "empty.txt": b"",
    "big.txt": b"a line of a big file\n" * 5000,
    "noise.bin": bytes(i * i % 251 for i in range(70000)),
    "no_suffix": b"\0\1\2",
    "a b.txt": b"space",
    "100%.txt": b"percent",
    "a+b.txt": b"plus",
    "a&b=c;d'e.txt": b"signs",
    "what?#.txt": b"question",
    "grün.txt": b"umlaut",
    "日本/雪.txt": b"snow",
    "emoji🌱.txt": b"seedling",
    "deep/er/index.html": b"<p>deep</p>",
    "deep/er/and/deeper/leaf.css": b"p{}",
    "UPPER.TXT": b"upper",
    "data.json": b"{}",
}


@pytest.fixture(scope="module")
def corners(python: bool, fresh: Folder) -> Iterator[Served]:
    """A site of everything that the example has not, served."""
    folder = fresh("corners")
    (folder / "site.yaml").write_text(_SITE, "utf-8")
    broken = (
        "async def hello(req, resp):\n    pass\n\ndef now(req):\n    return {}\n\nraise RuntimeError('no sensor')\n"
    )
    texts = {f"templates/{name}": text.encode() for name, text in _TEMPLATES.items()}
    texts |= {"handlers/corners.py": _HANDLERS.encode(), "handlers/broken.py": broken.encode()}
    _write(folder, texts | {f"files/{name}": data for name, data in _FILES.items()} | {"files/.secret": b"secret"})
    out = folder / "build"
    bundle.write(bundle.build(folder, python=python), out)
    with serving(folder, out, python) as site:
        yield site


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


# The example


def _page(template: str, **values: object) -> bytes:
    """A page of the example as Jinja itself makes it."""
    loader = jinja2.FileSystemLoader(_EXAMPLE / "templates")
    env = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    env.globals["asset"] = "/static/{}".format
    return env.get_template(template).render(site={"title": "Greenhouse", "owner": "Ada"}, **values).encode()


def test_a_template_is_filled(greenhouse: Served) -> None:
    reply = greenhouse.get("/about")
    assert (reply.status, reply["Content-Type"]) == (200, _HTML)
    assert reply.body == _page("about.html", heading="About this greenhouse")


def test_json_has_the_values_and_types_of_its_function(greenhouse: Served) -> None:
    reply = greenhouse.get("/api/now")
    assert (reply.status, reply["Content-Type"]) == (200, "application/json")
    now = json.loads(reply.body)
    types = {"headline": str, "advice": str, "temperature": float, "humidity": int, "light": int, "soil": int}
    types |= {"night": bool, "points": str, "low": float, "high": float, "time": str, "uptime": str, "relays": list}
    assert types.items() <= {name: type(value) for name, value in now.items()}.items()
    assert [(r["n"], r["name"]) for r in now["relays"]] == [(1, "Fan"), (2, "Water pump"), (3, "Grow light")]
    assert [type(r["on"]) for r in now["relays"]] == [bool] * 3
    assert len(now["points"].split()) == 24


def test_the_first_page_shows_what_the_json_says(greenhouse: Served) -> None:
    reply = greenhouse.get("/")
    assert (reply.status, reply["Content-Type"]) == (200, _HTML)
    page, now = reply.body.decode(), json.loads(greenhouse.get("/api/now").body)
    assert f'<h1 id="headline">{now["headline"]}</h1>' in page
    assert f'<span id="humidity">{now["humidity"]}</span>' in page
    assert f'points="{now["points"]}"' in page
    assert page.count('<form method="post" action="/relay/') == 3
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert "{{" not in page
    assert "{%" not in page


_STATIC = {
    "/favicon.ico": ("favicon.ico", "image/vnd.microsoft.icon"),
    "/static/favicon.ico": ("favicon.ico", "image/vnd.microsoft.icon"),
    "/static/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/static/leaf.png": ("leaf.png", "image/png"),
    "/static/plants.svg": ("plants.svg", "image/svg+xml; charset=utf-8"),
    "/static/style.css": ("style.css", "text/css; charset=utf-8"),
}


def test_every_static_file_is_in_the_table_below() -> None:
    assert {path.name for path in (_EXAMPLE / "static").iterdir()} == {name for name, _ in _STATIC.values()}


@pytest.mark.parametrize("target", _STATIC)
class TestFiles:
    def test_a_file_has_the_bytes_of_its_source(self, greenhouse: Served, target: str) -> None:
        name, kind = _STATIC[target]
        reply = greenhouse.get(target)
        assert (reply.status, reply["Content-Type"], reply["Cache-Control"]) == (200, kind, _DAY)
        assert reply["Content-Encoding"] is None
        assert reply.body == (_EXAMPLE / "static" / name).read_bytes()

    def test_its_gzip_form_unpacks_to_the_same_bytes(self, greenhouse: Served, target: str) -> None:
        plain, reply = greenhouse.get(target), greenhouse.get(target, "Accept-Encoding: gzip, deflate, br")
        packs = target.endswith((".js", ".css", ".svg"))
        assert reply["Content-Encoding"] == ("gzip" if packs else None)
        assert reply["Content-Type"] == plain["Content-Type"]
        assert (gzip.decompress(reply.body) if packs else reply.body) == plain.body
        # RFC 9110 §12.5.5 and §8.8.3: caches must not take one form for the other.
        assert reply["Vary"] == plain["Vary"] == ("Accept-Encoding" if packs else None)
        assert (reply["ETag"] != plain["ETag"]) == packs
        assert len(reply.body) <= len(plain.body)

    @pytest.mark.parametrize("lines", [(), ("Accept-Encoding: gzip",)], ids=["plain", "gzip"])
    def test_an_etag_is_current_until_the_file_changes(
        self, greenhouse: Served, target: str, lines: tuple[str, ...]
    ) -> None:
        reply = greenhouse.get(target, *lines)
        etag = reply["ETag"] or ""
        assert re.fullmatch(r'"[!#-~]+"', etag)
        for value in (etag, f"W/{etag}", "*", f'"a", {etag}', f'"a,b",{etag},"c"'):
            with Client(greenhouse.port) as client:
                same = client.ask(request("GET", target, f"If-None-Match: {value}", *lines))
                assert (same.status, same["ETag"]) == (304, etag), value
                assert (same["Cache-Control"], same["Vary"]) == (_DAY, reply["Vary"])
                assert client.ask(request("GET", target, *lines)).body == reply.body
        for value in ('"other"', etag.strip('"'), etag[:-2] + '"', '""', ""):
            assert greenhouse.get(target, f"If-None-Match: {value}", *lines).status == 200, value

    def test_a_304_has_no_content_type_of_another_answer(self, greenhouse: Served, target: str) -> None:
        reply = greenhouse.ask("HEAD", target, "If-None-Match: *")
        assert (reply.status, reply["Content-Type"], reply["Content-Encoding"]) == (304, None, None)


@pytest.mark.parametrize(
    ("field", "packed"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("br, gzip", True),
        ("deflate,gzip;q=0.5", True),
        ("gzip; q=1.0", True),
        ("x-gzip", True),
        ("*", True),
        ("*;q=0, gzip", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*;q=0", False),
        ("identity", False),
        ("br", False),
        ("gzipped", False),
        ("not-gzip", False),
        ("", False),
        ("gzip;q=0, *", False),
    ],
)
def test_gzip_goes_only_to_those_who_accept_it(greenhouse: Served, field: str, packed: bool) -> None:
    reply = greenhouse.get("/static/app.js", f"Accept-Encoding: {field}")
    assert (reply["Content-Encoding"] == "gzip") == packed


@pytest.mark.parametrize("target", ["/", "/about", "/api/now", "/home", "/none", "/static/none", *_STATIC])
@pytest.mark.parametrize("lines", [(), ("Accept-Encoding: gzip",)], ids=["plain", "gzip"])
def test_head_is_get_without_the_body(greenhouse: Served, target: str, lines: tuple[str, ...]) -> None:
    get = greenhouse.get(target, *lines)
    with Client(greenhouse.port) as client:
        head = client.ask(request("HEAD", target, *lines))
        assert client.is_open(), "a body may have been sent"
    assert head.status == get.status
    # How long a made page is may be left out (RFC 9110 §9.3.2), and the example's changes with the time.
    told = {"content-length", "transfer-encoding"} if target not in _STATIC else set()
    assert [f for f in head.fields if f[0] not in told] == [f for f in get.fields if f[0] not in told]


@pytest.mark.parametrize("target", ["/", "/about", "/api/now", "/home", *_STATIC])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_405_with_allow(greenhouse: Served, target: str, method: str) -> None:
    reply = greenhouse.ask(method, target, body=b"")
    assert reply.status == 405
    assert set((reply["Allow"] or "").split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_relay_is_switched_by_post_alone(greenhouse: Served, method: str) -> None:
    before = json.loads(greenhouse.get("/api/now").body)["relays"]
    reply = greenhouse.ask(method, "/relay/1")
    assert (reply.status, reply["Allow"]) == (405, "POST, OPTIONS")
    assert json.loads(greenhouse.get("/api/now").body)["relays"] == before


@pytest.mark.parametrize("target", ["/", "/relay/1", "/static/app.js"])
def test_options_tells_the_methods(greenhouse: Served, target: str) -> None:
    reply = greenhouse.ask("OPTIONS", target)
    assert reply.status in (200, 204)
    expected = "POST, OPTIONS" if target == "/relay/1" else "GET, HEAD, OPTIONS"
    assert reply["Allow"] == expected


@pytest.mark.parametrize(
    "target", ["/none", "/About", "/about/", "/static", "/static/", "/static/none", "/api", "/api/now/", "//", "/relay"]
)
def test_what_is_not_there_has_the_sites_own_page(greenhouse: Served, target: str) -> None:
    reply = greenhouse.get(target)
    assert (reply.status, reply["Content-Type"]) == (404, _HTML)
    assert reply.body == _page("404.html", status=404, reason="Not Found")


def test_a_redirect_leads_there(greenhouse: Served) -> None:
    reply = greenhouse.get("/home")
    assert (reply.status, reply["Location"]) == (302, "/")


def _relay(site: Served, n: int) -> bool:
    """Whether a relay is on: the same in the JSON and on the page."""
    state = json.loads(site.get("/api/now").body)["relays"][n - 1]["on"]
    button = re.search(rf'id="relay-{n}" aria-pressed="(\w+)">.*? <span>(\w+)</span>', site.get("/").body.decode())
    assert button
    assert button.groups() == (("true", "on") if state else ("false", "off"))
    return bool(state)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_relay_is_toggled(greenhouse: Served, n: int) -> None:
    before = _relay(greenhouse, n)
    for expected in (not before, before):
        reply = greenhouse.ask("POST", f"/relay/{n}", "Content-Type: application/x-www-form-urlencoded", body=b"")
        assert (reply.status, reply["Location"]) == (303, "/")
        assert _relay(greenhouse, n) is expected


@pytest.mark.parametrize(
    "part", ["0", "4", "99999999999999999999", "-1", "+1", "1.0", "x", "", "1/", "1/2", "%201", "%C2%B9"]
)
def test_a_relay_that_is_none_is_404_and_switches_nothing(greenhouse: Served, part: str) -> None:
    before = json.loads(greenhouse.get("/api/now").body)["relays"]
    assert greenhouse.ask("POST", f"/relay/{part}", body=b"").status == 404
    assert json.loads(greenhouse.get("/api/now").body)["relays"] == before


# The closed world


_WAYS_OUT = [
    "/routes.json", "/main.py", "/site.yaml", "/site", "/site/", "/log", "/.gitignore",
    "/handlers/relays.py", "/handlers/relays.mpy", "/handlers/relays", "/handlers.relays",
    "/templates/index.html", "/templates/index_html.py", "/templates/index_html.mpy",
    "/templates/index_html.map", "/picoweb/site.mpy",
    "/static/../routes.json", "/static/..", "/static/../", "/../routes.json", "/static/./app.js", "/./static/app.js",
    "/static/%2e%2e/routes.json", "/static/%2E%2E/routes.json", "/static/..%2froutes.json",
    "/static/%2e%2e%2froutes.json", "/static/..%5croutes.json", "/static/..\\routes.json", "/%2e%2e/routes.json",
    "/static/%252e%252e/routes.json", "/static/....//routes.json", "/static/..;/routes.json",
    "/static/..%00/routes.json",
    "/static/%c0%ae%c0%ae/routes.json", "/static/%e0%80%ae%e0%80%ae/routes.json", "/static/%uff0e%uff0e/routes.json",
    "/static/%ef%bc%8e%ef%bc%8e/routes.json", "/static//app.js", "//static/app.js", "/static/app.js/",
    "/static/app.js%00", "/static/app.js%00.png", "/static/app.js%20", "/static/app.js.", "/static/app.js%0a",
    "/static/app.js%09x", "/static/%0aapp.js", "/STATIC/app.js", "/static/APP.JS", "/static%2fnone",
    "/static//etc/passwd", "/static/%2fetc%2fpasswd", "//etc/passwd", "/etc/passwd",
    "/static/../../../../../etc/passwd",
    "http://test/../routes.json", "http://test/static/../routes.json", "file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("target", _WAYS_OUT)
def test_no_path_leads_out_of_the_table(greenhouse: Served, target: str) -> None:
    reply = greenhouse.get(target)
    assert reply.status in (400, 404)
    assert b'"picoweb"' not in reply.body
    assert b"root:" not in reply.body


def test_no_file_of_the_bundle_has_an_address_of_its_own(greenhouse: Served) -> None:
    with Client(greenhouse.port) as client:
        for path in greenhouse.out.rglob("*"):
            name = path.relative_to(greenhouse.out).as_posix()
            for target in (name, f"static/{path.name}", f"static/../{name}"):
                if target not in ("static/favicon.ico",):
                    assert client.ask(request("GET", f"/{target}")).status == 404, target


@pytest.mark.parametrize("target", ["/%0aERROR:forged", "/%0d%0aERROR:forged", "/static/%0aERROR:forged"])
def test_no_path_writes_a_line_of_its_own_into_the_log(greenhouse: Served, target: str) -> None:
    assert greenhouse.get(target).status in (400, 404)
    assert not [line for line in greenhouse.log.splitlines() if line.startswith("ERROR:forged")]


def test_an_escaped_letter_is_the_letter(greenhouse: Served) -> None:
    assert greenhouse.get("/st%61tic/app%2Ejs").body == (_EXAMPLE / "static" / "app.js").read_bytes()
    assert greenhouse.get("/%61bout").status == 200


def test_a_query_changes_nothing(greenhouse: Served) -> None:
    assert greenhouse.get("/static/app.js?v=1&../x").body == (_EXAMPLE / "static" / "app.js").read_bytes()
    assert greenhouse.get("/about?").status == 200


def test_the_log_has_no_errors_of_a_site_that_works(greenhouse: Served) -> None:
    assert "Traceback" not in greenhouse.log
    lines = greenhouse.log.splitlines()
    assert [line for line in lines if line.startswith(("ERROR", "Traceback"))] == []


# Corners


@pytest.mark.parametrize("name", _FILES)
def test_a_directory_serves_every_name(corners: Served, name: str) -> None:
    every = "".join(f"%{byte:02x}" for byte in name.encode()).replace("%2f", "/")
    for target in {quote(name), quote(name, safe="/+&=;'!~"), every}:
        reply = corners.get(f"/files/{target}")
        assert (reply.status, reply.body) == (200, _FILES[name]), target
        packed = corners.get(f"/files/{target}", "Accept-Encoding: gzip")
        body = gzip.decompress(packed.body) if packed["Content-Encoding"] else packed.body
        assert body == _FILES[name]
        assert reply["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/files/", b"<p>top</p>"),
        ("/files/index.html", b"<p>top</p>"),
        ("/files/deep/er/", b"<p>deep</p>"),
        ("/files/deep/er/index.html", b"<p>deep</p>"),
    ],
)
def test_index_html_answers_for_its_folder(corners: Served, target: str, body: bytes) -> None:
    reply = corners.get(target)
    assert (reply.status, reply["Content-Type"], reply.body) == (200, _HTML, body)


@pytest.mark.parametrize("target", ["/files", "/files/deep/er"])
def test_a_folder_without_its_slash_is_404_or_leads_to_the_one_with_it(corners: Served, target: str) -> None:
    # Its relative links would be wrong, so it must not answer with the page itself.
    reply = corners.get(target)
    assert reply.status == 404 or (reply.status in (301, 302, 307, 308) and reply["Location"] == target + "/")


@pytest.mark.parametrize(
    "target",
    [
        "/files/deep",
        "/files/deep/",
        "/files/.secret",
        "/files/none",
        "/files/plain.txt/x",
        "/files/%E6%97%A5%E6%9C%AC/",
    ],
)
def test_a_folder_without_index_and_hidden_files_are_404(corners: Served, target: str) -> None:
    assert corners.get(target).status == 404


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("/files/no_suffix", "application/octet-stream"),
        ("/files/UPPER.TXT", "text/plain; charset=utf-8"),
        ("/files/data.json", "application/json"),
        ("/files/deep/er/and/deeper/leaf.css", "text/css; charset=utf-8"),
    ],
)
def test_content_types_come_from_names(corners: Served, target: str, kind: str) -> None:
    assert corners.get(target)["Content-Type"] == kind


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("you", "you"),
        ("a%20b", "a b"),
        ("%C3%A9%E2%82%AC", "é€"),
        ("100%25", "100%"),
        ("a+b", "a+b"),
        ("%F0%9F%8C%B1", "🌱"),
        ("..", ".."),
    ],
)
def test_a_named_part_reaches_template_and_json(corners: Served, part: str, text: str) -> None:
    page = corners.get(f"/hello/{part}")
    assert (page.status, page["Content-Type"]) == (200, _HTML)
    assert page.body.decode().strip() == f"<p>{text}</p>"
    assert json.loads(corners.get(f"/json/{part}").body) == {"name": text}


@pytest.mark.parametrize("target", ["/hello/", "/hello", "/hello/a/b", "/hello//", "/json/", "/rest"])
def test_a_named_part_is_one_segment_that_is_not_empty(corners: Served, target: str) -> None:
    assert corners.get(target).status == 404


def test_an_escaped_slash_is_part_of_a_segment_or_404(corners: Served) -> None:
    # RFC 3986 §2.2 has it as data; refusing it is safe too, taking it for a separator is what must not be.
    reply = corners.get("/json/a%2Fb")
    assert reply.status == 404 or json.loads(reply.body) == {"name": "a/b"}


@pytest.mark.parametrize(
    ("rest", "text"), [("a", "a"), ("a/b/c.txt", "a/b/c.txt"), ("", ""), ("a//b/", "a//b/"), ("%C3%A9/x", "é/x")]
)
def test_a_path_part_takes_all_the_rest(corners: Served, rest: str, text: str) -> None:
    reply = corners.get(f"/rest/{rest}")
    assert (reply.status, reply.body.decode()) == (200, f"rest {text}")


def test_json_may_stand_in_the_site_itself(corners: Served) -> None:
    assert json.loads(corners.get("/fixed").body) == {"a": [1, 2.5, None, True, "ü"]}
    assert json.loads(corners.get("/%C3%A9t%C3%A9").body) == [1]


@pytest.mark.parametrize(
    ("target", "cache", "name", "value"),
    [
        ("/hello/you", "max-age=600", "X-Page", "hello"),
        ("/json/you", "no-store", "X-Json", "yes"),
        ("/handler", "max-age=3600", "X-Handler", "1"),
        ("/gone", "max-age=60", "X-Gone", "1"),
        ("/fixed", None, "X-Page", None),
    ],
)
def test_a_route_has_its_own_cache_and_headers(
    corners: Served, target: str, cache: str | None, name: str, value: str | None
) -> None:
    reply = corners.get(target)
    assert (reply["Cache-Control"], reply[name]) == (cache, value)


def test_a_redirect_has_its_status_and_place(corners: Served) -> None:
    for target, status, place in (("/gone", 308, "/hello/you?a=b"), ("/away", 302, "https://example.org/")):
        reply = corners.get(target)
        assert (reply.status, reply["Location"]) == (status, place)


@pytest.mark.parametrize(
    "target", ["/fails", "/fails/late", "/fails/page", "/fails/json", "/fails/start", "/fails/start/page"]
)
def test_what_fails_has_the_sites_own_500_page(corners: Served, target: str) -> None:
    with Client(corners.port) as client:
        for _ in range(2):
            reply = client.ask(request("GET", target))
            assert (reply.status, reply["Content-Type"], reply["X-Error"]) == (500, _HTML, "500")
            assert reply.body.decode().strip() == "<h1>500 Internal Server Error</h1>"
        assert client.ask(request("GET", "/fixed")).status == 200


def test_the_log_says_where_a_handler_failed(corners: Served) -> None:
    start = len(corners.log)
    corners.get("/fails")
    logged = corners.log[start:]
    assert "GET /fails" in logged
    assert "ValueError: the pump is stuck" in logged
    assert "corners" in logged


def test_the_error_of_a_cached_route_is_not_cached(corners: Served) -> None:
    for target in ("/teapot", "/fails/cached"):
        reply = corners.get(target)
        assert (reply.status >= 400, reply["Cache-Control"], reply["X-Kept"]) == (True, None, None)


def test_405_has_the_sites_own_page(corners: Served) -> None:
    reply = corners.ask("POST", "/fixed", body=b"")
    assert (reply.status, reply["Allow"], json.loads(reply.body)) == (405, "GET, HEAD, OPTIONS", {"error": "method"})


def test_an_error_without_a_page_has_a_plain_one(corners: Served) -> None:
    reply = corners.get("/teapot")
    assert (reply.status, reply["Content-Type"]) == (418, "text/plain")


def test_a_module_that_fails_is_told_once_at_boot(corners: Served) -> None:
    boot = corners.log.partition("GET ")[0]
    assert len(re.findall(r"^ERROR.*\bbroken\b", boot, re.M)) == 1
    assert boot.count("RuntimeError: no sensor") == 1


# Tables that cannot be used


def _halve(table: bytes) -> bytes:
    return table[: len(table) // 2]


BROKEN: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda table: None,
    "empty": lambda table: b"",
    "cut off": _halve,
    "not JSON": lambda table: b"<html>",
    "NULs": lambda table: bytes(len(table)),
    "erased flash": lambda table: b"\xff" * len(table),
    "not a mapping": lambda table: b"[1]",
    "no version": lambda table: b"{}",
    "other version": lambda table: table.replace(b'"picoweb":1', b'"picoweb":999'),
    "version is text": lambda table: table.replace(b'"picoweb":1', b'"picoweb":"1"'),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_table_that_cannot_be_used_is_one_clear_line_and_500(
    python: bool, built: Path, tmp_path: Path, how: str
) -> None:
    out = tmp_path / "bundle"
    shutil.copytree(built, out)
    changed = BROKEN[how]((out / "routes.json").read_bytes())
    (out / "routes.json").unlink()
    if changed is not None:
        (out / "routes.json").write_bytes(changed)
    with serving(_EXAMPLE, out, python) as site:
        for method, target in (("GET", "/"), ("GET", "/static/app.js"), ("POST", "/relay/1"), ("GET", "/none")):
            reply = site.ask(method, target)
            assert (reply.status, reply["Content-Type"]) == (500, "text/plain")
        assert len(re.findall(r"^ERROR.*routes\.json", site.log, re.M)) == 1
        assert "Traceback" not in site.log
