"""README and docs: every command, every file and every block in them is used as it stands."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from site_builder import bundle, runner

from .board import Board

TOP = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
BLOCK = re.compile(r"(?:^`(?P<file>[^`\n]+)`\n\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (TOP / "docs").glob("*.md"))]


def blocks(page):
    """(file or None, kind, text) of each fenced block of a page."""
    found = BLOCK.finditer((TOP / page).read_text(encoding="utf-8"))
    return [(block["file"], block["kind"], block["text"]) for block in found]


def write_file(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def page_of(port, path="/", data=None):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=data, timeout=10) as answer:
        return answer.read().decode()


def page_when_served(process, port, path="/"):
    """A page of a server that is starting."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, process.stdout.read()
        try:
            return page_of(port, path)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("no page within 60 s")


class Reader:
    """Does what a page says, block by block, in an empty folder."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}

    def background(self, command, port, folder, path="/"):
        """Starts a command that serves, gives a page of it, and stops it with Ctrl-C."""
        process = subprocess.Popen(
            command, cwd=folder, env={**self.env, "PORT": str(port)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            return page_when_served(process, port, path)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=15)

    def run(self, command):
        if command == "make run":
            assert "<title>Status · Greenhouse</title>" in self.background(["make", "run"], runner.free_port(), TOP)
        elif command == "make test":  # it is running: this test is part of it
            assert "pytest" in subprocess.check_output(["make", "--dry-run", "test"], cwd=TOP, text=True)
        elif command == ". .venv/bin/activate":
            words = ["sh", "-c", f". {BIN}/activate; command -v picoweb"]
            assert subprocess.check_output(words, text=True).strip() == str(BIN / "picoweb")
        elif command.startswith("picoweb serve"):
            port = runner.free_port()
            page = self.background([*command.split(), "--port", str(port)], port, self.folder)
            assert "<h1>Hello World!</h1>" in page
        elif command == "python hello.py":
            port = runner.free_port()
            program = self.folder / "hello.py"
            program.write_text(program.read_text(encoding="utf-8").replace("8081", str(port)), encoding="utf-8")
            assert self.background([sys.executable, "hello.py"], port, self.folder, "/hello/Ada") == '{"hello": "Ada"}'
        elif command.startswith("picoweb upload"):
            self.upload(command)
        else:
            raise AssertionError(f"a test must know how to run {command!r}")

    def upload(self, command):
        """Uploads to the test board, with its port in place of the page's, and a free one for its server."""
        site = self.folder / "hello" / "site.yaml"
        port = runner.free_port()
        site.write_text(site.read_text(encoding="utf-8") + f"server: {{port: {port}}}\n", encoding="utf-8")
        (self.folder / "board").mkdir()
        with Board(self.folder / "board") as board:
            words = command.replace("/dev/ttyACM0", str(board.port)).split()
            done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stdout + done.stderr
            end = time.monotonic() + 20
            while time.monotonic() < end:
                try:
                    assert "seconds" in json.loads(page_of(port, "/seconds"))
                    return
                except (TimeoutError, OSError):
                    time.sleep(0.1)
        raise AssertionError("the board serves nothing")


def test_the_readme_does_what_it_says(tmp_path):
    if runner.micropython() is None:
        assert not os.environ.get("PICOWEB_NO_SKIP"), "no MicroPython"
        pytest.skip("no MicroPython for this machine")
    reader = Reader(tmp_path)
    commands = 0
    for file, kind, text in blocks("README.md"):
        if kind == "sh":
            reader.run(text.strip())
            commands += 1
        else:
            assert file, text
            write_file(tmp_path, file, text)
    assert commands == 6


def site_of(page, folder):
    """Writes the files of a page; what it gives of site.yaml more than once belongs together."""
    routes = []
    for file, _, text in blocks(page):
        if file == "site.yaml":
            routes.append(text.split("routes:\n", 1)[1])
        elif file:
            write_file(folder, file, text)
    write_file(folder, "site.yaml", "routes:\n" + "".join(routes))


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
def test_the_handlers_of_the_docs_work(tmp_path, python):
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    site_of("docs/handlers.md", tmp_path / "site")
    bundle.write(bundle.build(tmp_path / "site", python=python), tmp_path / "out")
    with runner.running(tmp_path / "out", python=python) as port:
        assert page_of(port) == "<p>It is 21.5 °C.</p>"
        assert json.loads(page_of(port, "/api/now"))["temperature"] == 21.5
        assert json.loads(page_of(port, "/item/4")) == {"item": 4, "double": 8}
        assert page_of(port, "/relay/1", data=b"") == page_of(port)
        assert page_of(port, "/report") == "relay 0 is off\nrelay 1 is on\n"
        assert json.loads(page_of(port, "/echo?a=b", data=b"12345")) == {"method": "POST", "query": "a=b", "size": 5}
        assert page_of(port, "/name", data=b"name=Ada+L") == "Hello Ada L"
        assert page_of(port, "/log") == "".join(f"line {n}\n" for n in range(1000))


def test_pages_that_are_made_from_the_code_are_what_the_tool_writes(tmp_path):
    subprocess.run([sys.executable, TOP / "tools" / "write_docs.py", tmp_path], check=True)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert {"api.md", "commands.md", "site-yaml.md"} <= set(made)
    message = "run: python tools/write_docs.py"
    for name in made:
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert written == (TOP / "docs" / name).read_text(encoding="utf-8"), message


def test_the_table_in_the_docs_has_the_keys_and_kinds_of_a_real_one():
    shown = next(json.loads(text) for _, kind, text in blocks("docs/routes-json.md") if kind == "json")
    real = json.loads((TOP / "routes.json").read_text(encoding="utf-8"))
    assert list(shown) == list(real)
    for routes in ("routes", "errors"):
        for path, route in shown[routes].items():
            assert [route[0], len(route)] == [real[routes][path][0], len(real[routes][path])], path
    assert [(pattern, len(route)) for pattern, route in shown["patterns"]] == [
        (pattern, len(route)) for pattern, route in real["patterns"]
    ]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_that_are_there(page):
    text = (TOP / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    missing = [link for link in links if not ((TOP / page).parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_of_a_kind_that_is_tested(page):
    kinds = {kind for _, kind, _ in blocks(page)}
    assert kinds <= {"sh", "yaml", "html", "css", "js", "svg", "python", "json", "text"}
