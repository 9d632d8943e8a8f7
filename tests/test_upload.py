"""The whole way: `picoweb upload` puts the example on the test board, which then serves it."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from site_builder import bundle, runner

from .board import Board

EXAMPLE = Path(__file__).parent.parent / "sites" / "example"
PICOWEB = Path(sys.executable).parent / "picoweb"
PAGES = (
    "/about",
    "/static/style.css",
    "/static/leaf.png",
    "/static/plants.svg",
    "/favicon.ico",
    "/nothing",
    "/relay/1",
)


@pytest.fixture
def example(tmp_path):
    """A copy of the example whose server listens on a free port, and that port."""
    port = runner.free_port()
    for path in EXAMPLE.rglob("*"):
        if path.is_file() and "build" not in path.relative_to(EXAMPLE).parts:
            target = tmp_path / "site" / path.relative_to(EXAMPLE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    description = tmp_path / "site" / "site.yaml"
    text = description.read_text(encoding="utf-8")
    assert "server: {port: 80}" in text
    description.write_text(text.replace("server: {port: 80}", f"server: {{port: {port}}}"), encoding="utf-8")
    return tmp_path / "site", port


def fetch(port, path):
    """Status, type, ETag and body of a page."""
    try:
        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10)
    except urllib.error.HTTPError as e:
        answer = e
    with answer:
        return answer.status, answer.headers["Content-Type"], answer.headers["ETag"], answer.read()


def fetch_when_up(port, path):
    end = time.monotonic() + 20
    while True:
        try:
            return fetch(port, path)
        except OSError:
            assert time.monotonic() < end, "the board serves nothing"
            time.sleep(0.1)


def picoweb(*words):
    return subprocess.run([PICOWEB, *map(str, words)], capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(
    runner.micropython() is None and not os.environ.get("PICOWEB_NO_SKIP"), reason="no MicroPython for this machine"
)
def test_the_example_is_served_by_a_board_as_it_is_here(example, tmp_path):
    site, port = example
    made = bundle.build(site)
    bundle.write(made, tmp_path / "here")
    with runner.running(tmp_path / "here") as here:
        expected = {path: fetch(here, path) for path in PAGES}
    assert [answer[0] for answer in expected.values()] == [200, 200, 200, 200, 200, 404, 405]

    (tmp_path / "board").mkdir()
    with Board(tmp_path / "board") as board:
        done = picoweb("upload", site, "--port", board.port)
        assert done.returncode == 0, done.stdout + done.stderr
        fetch_when_up(port, "/about")
        assert {path: fetch(port, path) for path in PAGES} == expected
        assert b'id="temperature"' in fetch(port, "/")[3]
        files = board.files()
        assert {path: files[f"/{path}" if f"/{path}" in files else path] for path in made.files} == made.files

        again = picoweb("upload", site, "--port", board.port)
        assert "0 files sent (0 bytes)" in again.stdout
        assert fetch_when_up(port, "/about") == expected["/about"]


def test_an_upload_to_no_board_is_one_clear_line(example, tmp_path):
    done = picoweb("upload", example[0], "--port", tmp_path / "nothing")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr
