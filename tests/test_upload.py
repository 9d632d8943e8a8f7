"""The whole way: `picoweb upload` puts the example on the test board, which then serves it."""

import contextlib
import os
import pty
import signal
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
        assert {path: files[path] for path in made.files if path != "routes.json"} == {
            path: data for path, data in made.files.items() if path != "routes.json"
        }
        assert made.files["routes.json"] in files.values()

        again = picoweb("upload", site, "--port", board.port)
        assert "0 files sent (0 bytes)" in again.stdout
        assert fetch_when_up(port, "/about") == expected["/about"]


@pytest.fixture
def small(tmp_path):
    """Makes sites of a page each, which listen on free ports."""

    def make(title):
        folder = tmp_path / "sites" / title
        folder.mkdir(parents=True, exist_ok=True)
        text = f"title: {title}\nserver: {{port: {runner.free_port()}}}\nroutes: {{/: {{json: {{is: {title}}}}}}}\n"
        (folder / "site.yaml").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def boards(tmp_path):
    """Makes boards with power."""
    with contextlib.ExitStack() as stack:

        def make(name, **options):
            (tmp_path / name).mkdir()
            return stack.enter_context(Board(tmp_path / name, **options))

        yield make


def test_a_board_tells_what_it_runs_and_goes_back(small, boards):
    board, hello, bye = boards("board"), small("Hello"), small("Bye")
    for site in (hello, bye):
        assert picoweb("upload", site, "--port", board.port).returncode == 0
    told = picoweb("info", bye, "--port", board.port).stdout
    for words in (
        "runs         Bye (",
        "before that  Hello (",
        "all whole",
        "LittleFS",
        "the board runs this one",
        "1.29",
    ):
        assert words in told
    assert "runs Bye (" in picoweb("devices", "--port", board.port).stdout

    assert "runs the site before, Hello (" in picoweb("rollback", "--port", board.port).stdout
    told = picoweb("info", bye, "--port", board.port).stdout
    assert "runs         Hello (" in told
    assert "another one" in told


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1 // 0", "handlers.h can not be imported; its routes answer 500: ZeroDivisionError: divide by zero"),
        ("bytearray(10_000_000)", "no memory for h.now: MemoryError: memory allocation failed"),
        ("pass", ""),
    ],
)
def test_a_handler_that_fails_when_the_board_imports_it_is_told(small, boards, code, reason):
    board, site = boards("board"), small("Hello")
    (site / "handlers").mkdir()
    (site / "handlers" / "h.py").write_text(f"{code}\n\n\ndef now(req):\n    return {{}}\n", encoding="utf-8")
    text = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(text.replace("{is: Hello}", "h.now"), encoding="utf-8")
    done = picoweb("upload", site, "--port", board.port)
    assert done.returncode == 0
    assert "the site runs" in done.stdout
    if reason:
        assert f"picoweb: warning: {board.port}: the site runs, but {reason}" in done.stderr
    else:
        assert done.stderr == ""


def test_a_dry_run_shows_what_would_be_sent_and_changes_nothing(small, boards):
    board, hello, bye = boards("board"), small("Hello"), small("Bye")
    assert picoweb("upload", hello, "--port", board.port).returncode == 0
    before = board.files()
    shown = picoweb("upload", bye, "--dry-run", "--port", board.port)
    assert shown.returncode == 0
    assert "nothing was changed; an upload would be: 2 files sent" in shown.stdout
    assert sum(line.startswith("  + site/") for line in shown.stdout.splitlines()) == 2
    assert board.files() == before


# Both boards are this machine: one of them must serve on another port than its site says.
OTHER_PORT = b"""import json, sys
class Json:
    loads, dumps = json.loads, json.dumps
    @staticmethod
    def load(file, load=json.load):
        table = load(file)
        table["server"]["port"] = %d
        return table
sys.modules["json"] = Json
"""


def test_several_boards_get_a_site_at_once_and_a_failure_is_told(small, boards, tmp_path):
    one, two, site = boards("one"), boards("two"), small("Hello")
    two.put({"boot.py": OTHER_PORT % runner.free_port()})
    ports = f"kitchen: {one.port}, hall: {two.port}, shed: {tmp_path / 'none'}"
    text = f"devices: {{{ports}}}\ngroups: {{inside: [kitchen, hall]}}\n"
    (site / "devices.yaml").write_text(text, encoding="utf-8")

    done = picoweb("upload", site, "--to", "inside")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(line.split(":")[0] for line in done.stdout.splitlines()) == ["hall", "kitchen"]

    done = picoweb("upload", site, "--to", "all")
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["kitchen", "hall"]
    assert "shed: no such serial port" in done.stderr
    assert done.stderr.endswith("1 of 3 boards failed: shed\n")

    done = picoweb("upload", site, "--to", "kitchn")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no device or group in devices.yaml is called 'kitchn'; did you mean 'kitchen'?" in done.stderr


def test_ctrl_c_stops_an_upload_and_the_old_site_runs(small, boards, example):
    board, hello = boards("board", baud=400_000), small("Hello")
    assert picoweb("upload", hello, "--port", board.port).returncode == 0
    before = board.files()
    command = [PICOWEB, "upload", example[0], "--port", board.port]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while len(board.files()) < len(before) + 3 and time.monotonic() < end:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "stopped; the upload did not take effect" in err
    assert "Traceback" not in err
    assert "runs         Hello (" in picoweb("info", hello, "--port", board.port).stdout


def test_progress_is_shown_on_a_terminal_alone(small, boards):
    board, site = boards("board"), small("Hello")
    outer, inner = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    command = [PICOWEB, "upload", site, "--port", board.port]
    process = subprocess.Popen(command, stdout=inner, stderr=inner, env=env)
    os.close(inner)
    shown = b""
    with contextlib.suppress(OSError):
        while more := os.read(outer, 65536):
            shown += more
    os.close(outer)
    assert process.wait(10) == 0
    assert b"port: sending" in shown
    assert b"kB" in shown
    quiet = picoweb("upload", site, "--port", board.port)
    assert len(quiet.stdout.splitlines()) == 1


def test_an_upload_to_no_board_is_one_clear_line(example, tmp_path):
    done = picoweb("upload", example[0], "--port", tmp_path / "nothing")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr
