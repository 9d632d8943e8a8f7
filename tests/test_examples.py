"""The programs of examples/, on both Pythons, as a client sees them."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs import ROOT, RUNTIMES, paths, serving

EXAMPLES = ROOT / "examples"
_RUN = Path(__file__).parent / "apps" / "run_example.py"


class Browser:
    """Asks a running example."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"

    def ask(self, path: str, data: object = None, method: str | None = None, **headers: str) -> tuple[int, str, bytes]:
        """(status, content type, body). data: bytes, a dict for a form, a str for JSON."""
        if isinstance(data, dict):
            data = urllib.parse.urlencode(data, doseq=True).encode()
        asked = urllib.request.Request(self.base + path, data if data is None else bytes(data), headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.headers["Content-Type"], e.read()

    def text(self, path: str, data: object = None, method: str | None = None, **headers: str) -> str:
        status, _, body = self.ask(path, data, method, **headers)
        assert status == 200, (status, body)
        return body.decode()

    def json(self, path: str, value: object = None, method: str | None = None) -> tuple[int, object]:
        status, kind, body = self.ask(path, None if value is None else json.dumps(value).encode(), method)
        assert kind in (None, "application/json"), kind
        return status, json.loads(body) if body else None


def hello(browser: Browser) -> None:
    assert browser.text("/") == "<h1>Hello</h1>"


def routes(browser: Browser) -> None:
    assert browser.text("/") == "/about, /item/3, /file/a/b.txt"
    assert browser.text("/about") == "about this"
    assert browser.text("/archive/1999") == "all of 1999"
    assert browser.ask("/archive/99")[0] == 404
    assert browser.text("/item/3", method="DELETE") == "DELETE item 3"
    assert browser.ask("/item/3", b"", "POST")[0] == 405
    assert browser.text("/file/a/b%20c.txt") == "the file a/b c.txt"


def json_api(browser: Browser) -> None:
    first = {"id": 1, "text": "water the plants"}
    second = {"id": 2, "text": "é"}
    assert browser.json("/notes") == (200, [first])
    assert browser.json("/notes", {"text": "é"}) == (201, second)
    assert browser.json("/notes/2") == (200, second)
    assert browser.json("/notes/2", {"text": "b"}, "PUT") == (200, {"id": 2, "text": "b"})
    assert browser.json("/notes/1", method="DELETE") == (204, None)
    assert browser.json("/notes/1") == (404, {"error": 404})
    assert browser.json("/notes", ["text"]) == (422, {"error": 422})
    assert browser.ask("/notes", b"{")[0] == 400


def subapps(browser: Browser) -> None:
    assert browser.text("/") == "<a href='/lamps/'>lamps</a> <a href='/sensors/0'>sensor</a>"
    assert browser.text("/lamps/") == "the lamps at /lamps/, reached as /"
    assert browser.ask("/lamps/7")[::2] == (404, b"no lamp at /7")
    assert browser.json("/sensors/1") == (200, {"reading": 22.0})
    assert browser.ask("/sensors/9")[::2] == (404, b"no such sensor")
    assert browser.ask("/elsewhere")[::2] == (404, b"404 Not Found\n")


def header_modes(browser: Browser) -> None:
    assert browser.text("/parse", **{"user-agent": "Test"}) == "You are Test"
    assert browser.text("/skip") == "req.headers: False"
    assert "User-Agent: Test\r\n" in browser.text("/leave", **{"user-agent": "Test"})


def image(browser: Browser) -> None:
    status, kind, body = browser.ask("/colours.bmp")
    assert (status, kind, len(body), body[:2]) == (200, "image/bmp", 54 + 3 * 256 * 256, b"BM")
    leaf = (EXAMPLES / "static" / "leaf.svg").read_bytes()
    for path in ("/leaf", "/static/leaf.svg"):
        assert browser.ask(path) == (200, "image/svg+xml", leaf)


def errors(browser: Browser) -> None:
    assert browser.ask("/nowhere")[::2] == (404, b"There is no /nowhere here")
    assert browser.ask("/fill")[::2] == (409, b"The tank is full: 90 litres")
    assert browser.text("/number?n=9") == "the half is 4"
    assert browser.ask("/number?n=x")[::2] == (500, b"Something broke: ValueError")
    assert browser.ask("/number")[::2] == (500, b"Something broke: KeyError")
    assert browser.ask("/secret")[::2] == (403, b"403 Forbidden\n")


def forms(browser: Browser) -> None:
    assert "<form method=post>" in browser.text("/")
    assert browser.text("/", {"name": "Zoë <1>", "lamp": ["hall", "stairs"]}) == "Zoë &lt;1> switches hall, stairs"
    assert browser.text("/", {"name": "A"}) == "A switches no lamp"
    assert browser.ask("/", {"name": ""})[0] == 422
    assert browser.json("/search?q=a&q=b+c&page=2") == (200, {"words": ["a", "b c"], "page": 2})
    assert browser.json("/search") == (200, {"words": [], "page": 1})


CHECKS: dict[str, Callable[[Browser], None]] = {
    check.__name__: check for check in (hello, routes, json_api, subapps, header_modes, image, errors, forms)
}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("name", CHECKS)
def test_an_example_does_what_it_says(name: str, runtime: str, tmp_path: Path) -> None:
    program = str(EXAMPLES / f"{name}.py")
    with serving(runtime, _RUN, tmp_path / "log", program, cwd=tmp_path, env=paths()) as app:
        CHECKS[name](Browser(app.port))


def test_every_example_is_in_a_table_of_tests() -> None:
    tables = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_examples*.py"))
    assert [path.stem for path in EXAMPLES.glob("*.py") if path.stem not in tables] == []
