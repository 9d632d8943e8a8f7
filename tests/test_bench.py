"""The benchmark: it measures what it says, counts only right answers, and its page has every figure. No test asks
how fast anything is."""

import dataclasses
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bench import builders, cases, client, measure, prepare, process, report, templates
from site_builder import bundle

TOP = Path(__file__).parent.parent
HELLO = cases.WORKLOADS["hello"]


def run(*args):
    return subprocess.run(
        [sys.executable, "-m", "bench", *args], cwd=TOP, capture_output=True, text=True, timeout=120
    )  # fmt: skip


def rows(text, title):
    """The cells of a table of the page, without its head."""
    section = text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.fixture
def server():
    """Makes a server on a thread that answers every request with the next of some bytes, and then closes."""
    listeners = []

    def make(*answers):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve():
            for answer in answers:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    sock.recv(65536)
                    sock.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield make
    for listener in listeners:
        listener.close()


def test_a_quick_run_of_one_workload_has_its_figures(micropython, tmp_path):
    done = run("--quick", "--only", "hello,picoweb,asyncio", "--out", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    rates = rows(page, "Requests a second")
    assert [row[:2] for row in rates] == [["Hello", f"{n}, {kind}"] for n in (1, 8) for kind in ("closed", "kept")]
    for row in rates + rows(page, "Bytes allocated a request"):
        for cell in row[-3:]:
            assert float(re.sub("[≥†‡,]", "", cell)) >= 0, row
    assert (tmp_path / "benchmarks.svg").read_text(encoding="utf-8").startswith("<svg ")


def test_instructions_are_counted(micropython):
    if not process.valgrind():
        pytest.skip("there is no valgrind")
    done = run("--instructions", "hello", "--only", "blocking")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^ ?Hello +(?:closed|kept|browser) +[\d.,]+ *$", done.stdout, re.M)) == 3, done.stdout


def test_a_wrong_name_is_told():
    done = run("--only", "helo")
    assert done.returncode == 2
    assert "'helo' is none of hello, static" in done.stderr


def test_a_wrong_answer_is_reported_as_failed(micropython):
    contestant = prepare.CONTESTANTS["asyncio"]
    other = dataclasses.replace(HELLO, content=b"Goodbye")
    figures = measure.Figures()
    with measure.folder_of(contestant) as folder:
        measure.check(contestant, folder, [other, cases.WORKLOADS["json"]], figures)
    assert figures.broken == {"hello": "closed: another answer than the right one"}
    assert report.problems({"asyncio": figures}) == ["asyncio fails hello: closed: another answer than the right one"]


def test_a_failed_workload_shows_in_the_tables():
    good = measure.Figures(garbage={"hello": 10.0})
    table = report._garbage({"picoweb": measure.Figures(broken={"hello": "why"}), "microdot": good})
    assert table.rows == [["Hello", "failed", "10", "–"]]


def test_the_page_has_every_row():
    page = (TOP / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    titles = [workload.title for workload in cases.WORKLOADS.values()]
    connections = [f"{n}, {kind}" for n in (1, 8) for kind in ("closed", "kept")]
    for title in ("Requests a second", "Latency"):
        assert [row[:2] for row in rows(page, title)] == [[name, how] for name in titles for how in connections]
    assert [row[:2] for row in rows(page, "Instructions a request")] == [[t, k] for t in titles for k in cases.KINDS]
    assert [row[0] for row in rows(page, "Bytes allocated a request")] == titles
    assert len(rows(page, "Memory and start")) == 3
    assert len(rows(page, "Many routes")) == 2 * len(measure.ROUTES)
    assert [row[0] for row in rows(page, "Many static files")] == [str(n) for n in measure.FILES]
    assert [row[0] for row in rows(page, "Many connections at once")] == [str(n) for n in measure.CROWDS]
    assert all(f"`{name}`" in page for name in prepare.CONTESTANTS)


# Templates


def test_templates_give_the_same_pages_and_all_figures(micropython, monkeypatch):
    monkeypatch.setattr(templates, "valgrind", lambda: None)
    results = templates.run(count=2)
    assert list(results.figures) == [(page, way) for page in templates.PAGES for way in templates.WAYS]
    for (_, way), figures in results.figures.items():
        assert figures.instructions is None
        assert min(figures.allocated, figures.heap, figures.size) > 0
        assert (figures.library_size == 0) == (way == "tpl")
    rendered, compiled = templates.tables(results)
    assert len(rendered.rows) == 6 * len(templates.PAGES)
    assert all(len(row) == len(rendered.header) for row in rendered.rows)
    assert rendered.rows[0][:3] == ["20 rows", "instructions, thousands", "–"]
    assert [row[0] for row in compiled.rows] == [
        "compile 2 Jinja templates to Python", "build a site of 2 pages", "build it again, one template has changed",
    ]  # fmt: skip
    page = report.page({}, [rendered, compiled])
    assert rows(page, "Templates") == rendered.rows
    assert rows(page, "Templates on the computer") == compiled.rows


def test_the_instructions_of_a_template_are_counted(micropython):
    if not process.valgrind():
        pytest.skip("there is no valgrind")
    figures, text = templates.measure("rows", "tpl")
    assert text.count("<tr>") == 20
    assert figures.instructions > 1000


def test_a_page_that_differs_is_an_error(micropython, monkeypatch):
    figures = templates.Figures(None, 1, 1, 1, 1, 1)
    monkeypatch.setattr(templates, "measure", lambda page, way: (figures, way))
    with pytest.raises(process.BenchError, match="tpl, rows: another page than the others give"):
        templates.run(["rows"], ["jinja", "tpl"])


def test_a_template_that_fails_is_an_error(micropython, tmp_path):
    (tmp_path / "render.py").write_text("raise ValueError('why')\n")
    with pytest.raises(process.BenchError, match="tpl, rows: ValueError: why"):
        templates._run(tmp_path, "tpl", "rows")


def test_the_site_that_is_built_has_a_module_for_each_page(tmp_path):
    files = bundle.build(templates._site(tmp_path, 3)).files
    names = {path.rpartition("/")[2] for path in files if "/templates/" in path}
    assert names >= {"page0_html.mpy", "page1_html.mpy", "page2_html.mpy"}


# Builders


def test_a_site_of_some_pages_is_built_and_measured():
    found = builders.measure("picoweb", pages=12, files=5)
    assert min(found.clean, found.again, found.running, found.size) > 0
    table = builders.table({"picoweb": found, "MkDocs": builders.Figures(missing="why")})
    assert [len(row) for row in table.rows] == [4] * 3
    assert table.rows[0][2:] == ["–", "–"]
    assert rows(report.page({}, [table]), "Builders") == table.rows


def test_every_builder_gets_the_same_pages_and_files():
    for builder in builders.BUILDERS.values():
        files = builder.make(12, 5)
        texts = [files[builder.page.format(number)] for number in range(12)]
        assert all(text in page for number, page in enumerate(texts) for text in builders._texts(number))
        assert sum(name.endswith(".css") for name in files) == 5


def test_a_builder_that_writes_other_pages_is_an_error(monkeypatch):
    other = dataclasses.replace(builders.BUILDERS["picoweb"], is_page="no such page")
    monkeypatch.setitem(builders.BUILDERS, "picoweb", other)
    with pytest.raises(process.BenchError, match="build: 0 pages of 2"):
        builders.measure("picoweb", pages=2, files=1)


def test_a_builder_that_is_not_installed_is_told(monkeypatch, tmp_path):
    missing = dataclasses.replace(builders.BUILDERS["MkDocs"], build=[str(tmp_path / "mkdocs")])
    monkeypatch.setitem(builders.BUILDERS, "MkDocs", missing)
    assert builders.measure("MkDocs").missing == "MkDocs is not in .venv-bench; `make bench` installs it"


def test_builders_stand_alone():
    done = run("--builders", "--only", "hello")
    assert done.returncode == 2
    assert "--builders stands alone" in done.stderr


def test_templates_stand_alone():
    done = run("--templates", "--quick")
    assert done.returncode == 2
    assert "--templates stands alone" in done.stderr


# The client

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "closed", "body"),
    [
        (HEAD + b"Hello", False, b"Hello"),
        (HEAD + b"Hell", False, None),
        (HEAD[:-2], False, None),
        (b"HTTP/1.0 200 OK\r\n\r\nHello", False, None),
        (b"HTTP/1.0 200 OK\r\n\r\nHello", True, b"Hello"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n", False, b"Hello"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n", False, None),
    ],
)
def test_an_answer_ends_where_its_framing_says(raw, closed, body):
    answer = client.parse(raw, closed)
    assert body == (answer and answer.body)


@pytest.mark.parametrize("raw", [b"", HEAD, HEAD + b"Hell", b"nonsense\r\n\r\n"])
def test_an_answer_that_breaks_off_is_bad(raw):
    with pytest.raises(client.BadAnswer):
        client.parse(raw, closed=True)


def test_a_load_counts_right_and_wrong_answers(server):
    port = server(HEAD + b"Hello", HEAD + b"Hallo", HEAD + b"Hell", HEAD + b"Hello!", HEAD + b"Hello")
    load = client.Load(port, HELLO.request("closed"), HEAD + b"Hello", kept=False).run(5, most=5)
    assert (len(load.times), load.wrong) == (2, 3)


def test_a_server_that_closes_kept_connections_is_noticed(server):
    port = server(b"HTTP/1.0 200 OK\r\n\r\nHello", HEAD + b"Hello")
    for _ in range(2):
        assert client.ask(port, HELLO.request("kept"), to_end=False).closed


def test_requests_of_a_browser_have_twelve_fields():
    head = HELLO.request("browser").split(b"\r\n\r\n")[0]
    assert head.count(b"\r\n") == 12
