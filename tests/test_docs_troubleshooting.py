"""docs/troubleshooting.md: its messages are those of the programs, and MicroPython's own are said by it."""

from __future__ import annotations

import ast
import re
import socket
import subprocess

import pytest

from picoweb.errors import reason
from site_builder.bytecode import compile_all

from .test_docs import TOP, blocks
from .test_docs_upload import run

PAGE = "docs/troubleshooting.md"
SECTIONS = re.split(r"^## (.*)\n", (TOP / PAGE).read_text(encoding="utf-8"), flags=re.M)
ROWS = {
    title: re.findall(r"^\| (.+?) \| .+ \|$", text, flags=re.M)[1:]
    for title, text in zip(SECTIONS[1::2], SECTIONS[2::2], strict=True)
}
OURS = [row.strip("`") for title in list(ROWS)[:3] for row in ROWS[title]] + [
    row.strip("`") for row in ROWS["In the board's log"]
]


def parts(node):
    """The fixed parts of a text in the code, with … for the others."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(value.value if isinstance(value, ast.Constant) else "…" for value in node.values)
    return None


def texts():
    """All texts in the code of both packages."""
    for path in [*(TOP / "site_builder").rglob("*.py"), *(TOP / "picoweb").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = parts(node)
            if text:
                yield re.sub(r"%[sdr]", "…", text)


@pytest.fixture(scope="module")
def said():
    return "\n".join(texts())


@pytest.mark.parametrize("message", OURS)
def test_a_message_is_said_by_the_programs(message, said):
    """Each part between colons stands in the code, as some messages are put together there."""
    pieces = [piece.strip(" …") for piece in re.split(r"…|: |; |, ", message)]
    assert any(len(piece) > 8 for piece in pieces), "too little to look for"
    assert [piece for piece in pieces if piece and piece not in said] == []


def test_there_is_something_to_look_for():
    assert len(OURS) > 30


@pytest.mark.parametrize("row", [row for row in ROWS["In the browser"] if row[0].isdigit()])
def test_a_status_has_its_own_reason(row):
    status, _, words = row.partition(" ")
    assert reason(int(status)) == words


PROGRAMS = {
    "MemoryError: memory allocation failed, allocating … bytes": "bytearray(10_000_000)",
    "ImportError: no module named …": "import nothing_of_this_name",
    "ValueError: incompatible .mpy file": "import old",
    "OSError: [Errno 98] EADDRINUSE": (
        "import socket\nat = socket.getaddrinfo('127.0.0.1', PORT)[0][-1]\nsocket.socket().bind(at)"
    ),
    "OSError: [Errno 2] ENOENT": "open('nothing')",
    "SyntaxError: invalid syntax": "match 1:\n    case 1:\n        pass",
}


@pytest.mark.parametrize("row", [row.strip("`") for row in ROWS["What MicroPython says"]])
def test_micropython_says_so(row, micropython, tmp_path):
    code = dict(compile_all({"old.py": b"a = 1\n"}))["old.py"]
    (tmp_path / "old.mpy").write_bytes(code[:1] + b"\x05" + code[2:])
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        program = PROGRAMS[row].replace("PORT", str(other.getsockname()[1]))
        (tmp_path / "program.py").write_text(program + "\n")
        command = [*micropython, "-X", "heapsize=256k", "program.py"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    last = (done.stderr or done.stdout).strip().splitlines()[-1]
    assert re.fullmatch(re.escape(row).replace("…", ".+"), last)


def test_the_first_commands_work(site):
    folder = site("title: T\nroutes: {/: {json: {a: 1}}}\n")
    (commands,) = [text for _, kind, text in blocks(PAGE) if kind == "sh"]
    assert [run(command, folder) for command in commands.splitlines()][1] == "no problems\n"
