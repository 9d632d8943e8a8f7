"""docs/framework.md and docs/porting.md: their programs run, on both Pythons, and answer what the pages say."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.programs import ROOT, RUNTIMES, paths, serving
from tests.test_docs import blocks
from tests.wireclient import ask

sys.path.insert(0, str(ROOT / "tools"))

import heap_costs

_RUN = Path(__file__).parent / "apps" / "run_example.py"
_LINE = re.compile(r"(?P<method>[A-Z]+) (?P<path>\S+)(?: (?P<data>.*?))? +→ (?P<status>\d+)(?: (?P<body>.*))?")
_PAGES = ["docs/framework.md", "docs/porting.md"]


def programs(page: str) -> tuple[list[str], str, list[re.Match[str]]]:
    """The whole programs of a page, the program that its other blocks are together, and what that answers."""
    whole, parts, answers = [], [], []
    for _, kind, text in blocks(page):
        if kind == "python":
            (whole if re.search(r"^(app|asyncio)\.run\(", text, re.M) else parts).append(text)
        elif kind == "text":
            for line in text.splitlines():
                match = _LINE.fullmatch(line)
                if match:
                    answers.append(match)
    return whole, "\n".join([*parts, "app.run()"]), answers


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("page", _PAGES)
def test_the_program_of_a_page_answers_what_stands_there(page: str, runtime: str, tmp_path: Path) -> None:
    _, program, answers = programs(page)
    (tmp_path / "page.py").write_text(program, encoding="utf-8")
    assert len(answers) >= 10
    with serving(runtime, _RUN, tmp_path / "log", str(tmp_path / "page.py"), cwd=tmp_path, env=paths()) as app:
        for answer in answers:
            data = answer["data"]
            reply = ask(app.port, answer["method"], answer["path"], body=None if data is None else data.encode())
            seen = (reply.status, reply.body.decode().strip())
            assert seen == (int(answer["status"]), answer["body"] or ""), answer[0]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("n", [0, 1])
def test_whole_programs_serve(n: int, runtime: str, tmp_path: Path) -> None:
    program = programs("docs/framework.md")[0][n]
    if n:  # its port stands in the call of start()
        program = program.replace("port=8081", "port=int(__import__('sys').argv[1])")
    (tmp_path / "page.py").write_text(program, encoding="utf-8")
    start = (_RUN, str(tmp_path / "page.py")) if not n else (tmp_path / "page.py", "")
    with serving(runtime, start[0], tmp_path / "log", start[1], cwd=tmp_path, env=paths()) as app:
        assert ask(app.port, "GET", "/").body == (b"Hello", b"beside other work")[n]
        if n:
            assert app.process.wait(15) == 0
            assert "Traceback" not in app.text()


def test_the_table_of_costs_names_all_modules() -> None:
    text = (ROOT / "docs" / "framework.md").read_text(encoding="utf-8")
    if not heap_costs.runner.micropython():
        pytest.skip("no MicroPython on this machine")
    named = re.findall(r"^\| `(\w+)` \| [\d,]+ \|", text[text.index("| module | bytes") :], re.M)
    assert named == heap_costs.modules(), "run: python tools/heap_costs.py"


def test_a_module_costs_what_the_table_says_about() -> None:
    text = (ROOT / "docs" / "framework.md").read_text(encoding="utf-8")
    if not heap_costs.runner.micropython():
        pytest.skip("no MicroPython on this machine")
    told = int(re.search(r"^\| the core \| ([\d,]+) \|", text, re.M)[1].replace(",", ""))
    assert abs(heap_costs.core_cost() - told) < told / 10, "run: python tools/heap_costs.py"
