"""docs/upload.md: its commands work on boards, and its messages are those of the programs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from site_builder import onboard, runner

from .board import Board
from .test_docs import TOP, blocks
from .test_upload import OTHER_PORT

PICOWEB = Path(sys.executable).parent / "picoweb"
PAGE = "docs/upload.md"


def run(command, folder):
    done = subprocess.run([PICOWEB, *shlex.split(command)[1:]], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def test_the_commands_work_in_their_order(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    description = site / "site.yaml"
    description.write_text(f"title: One\nserver: {{port: {runner.free_port()}}}\nroutes: {{/: {{json: {{a: 1}}}}}}\n")
    (tmp_path / "kitchen").mkdir()
    (tmp_path / "hall").mkdir()
    with Board(tmp_path / "kitchen") as kitchen, Board(tmp_path / "hall") as hall:
        hall.put({"boot.py": OTHER_PORT % runner.free_port()})
        said = {}
        for file, kind, text in blocks(PAGE):
            if kind == "yaml":
                assert file == "devices.yaml"
                ports = {"/dev/ttyACM0": kitchen.port, "/dev/ttyACM1": hall.port, "  shed: /dev/ttyUSB0\n": ""}
                for name, port in ports.items():
                    assert name in text
                    text = text.replace(name, port)
                (site / file).write_text(text)
            elif kind == "sh":
                for command in text.splitlines():
                    alone = "" if "--to" in command else f" --port {kitchen.port}"
                    said[command] = run(command + alone, site)
                    if command == "picoweb upload":
                        description.write_text(description.read_text().replace("One", "Two"))
                        run(command + alone, site)
    assert "runs Two" in said["picoweb devices"]
    assert "before that  One" in said["picoweb info"]
    assert "runs the site before" in said["picoweb rollback"]
    assert said["picoweb upload --to inside"].count("the site runs") == 2
    assert said["picoweb upload --to all"].count("the site runs") == 2


def test_the_lines_for_your_own_main_py_are_ours():
    (text,) = [text for file, _, text in blocks(PAGE) if file == "main.py"]
    assert tuple(text.split()) == tuple(" ".join(onboard.LINES).split())
    assert onboard.MAIN.decode().splitlines()[1:] == list(onboard.LINES)


def test_the_messages_are_said_by_the_programs():
    code = "".join(path.read_text(encoding="utf-8") for path in (TOP / "site_builder").glob("*.py"))
    table = (TOP / PAGE).read_text(encoding="utf-8").split("## What messages mean")[1]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", table, flags=re.M)[1:]
    assert len(rows) >= 10
    for row in rows:
        for message in re.split(r"; |…|: | 60 s| 5, not 6|not 6", row):
            words = message.strip()
            assert words in code or words in ("ImportError", "MemoryError", "bytes of flash"), words


def test_the_options_are_those_of_the_command():
    shown = run("picoweb upload --help", TOP)
    options = re.findall(r"^\| `(--[a-z-]+)", (TOP / PAGE).read_text(encoding="utf-8"), flags=re.M)
    assert set(options) <= set(re.findall(r"--[a-z-]+", shown))
    assert set(re.findall(r"--[a-z-]+", shown)) <= {*options, "--keep", "--help", "--quiet", "--verbose"}
