"""Sites of a thousand pages, built by picoweb and by builders for computers: each in processes of its own."""

from __future__ import annotations

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .prepare import fill
from .process import BenchError
from .report import Table, ratio

PEERS = Path(__file__).parent.parent / ".venv-bench"
PAGES, FILES, ROUTES = 1000, 1000, 500
_CHANGES = 3  # pages that are changed, one after the other; the middle one of the times counts
_WORDS = [
    "fan",
    "lamp",
    "pump",
    "soil",
    "water",
    "light",
    "night",
    "day",
    "warm",
    "cold",
    "open",
    "shut",
    "leaf",
    "root",
    "seed",
    "glass",
    "frame",
    "vent",
    "door",
    "row",
]


def _words(seed: str, count: int) -> str:
    return " ".join(random.Random(seed).choices(_WORDS, k=count))


def _texts(number: int) -> list[str]:
    """The paragraphs of a page."""
    return [_words(f"{number}.{n}", 40) for n in range(6)]


def _files(count: int) -> dict[str, str]:
    return {f"f{n}.css": f".a{n} {{ margin: {n}px }}\n/* {_words(str(n), 30)} */\n" for n in range(count)}


_LAYOUT = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><nav><a href="/">Start</a></nav><main>{content}</main></body>
</html>
"""


def _layout(title: str, content: str) -> str:
    return _LAYOUT.format(title=f"{{{{ {title} }}}}", content=content)


def _markdown(number: int) -> str:
    return f"# Page {number}\n\n" + "\n\n".join(_texts(number)) + "\n"


# The contestants


@dataclass(frozen=True)
class Builder:
    """A builder of sites.

    make(pages, files): the site's files. page: the source of a page. build, again: commands for all, and for what has
    changed; out: where they write to. is_page: what the names of pages look like there, and nothing else's.
    """

    make: Callable[[int, int], Mapping[str, str]]
    page: str
    build: list[str]
    again: list[str]
    out: str
    is_page: str


def _picoweb(pages: int, files: int) -> dict[str, str]:
    found = {f"static/{name}": text for name, text in _files(files).items()}
    found["templates/base.html"] = _layout("title", "{% block content %}{% endblock %}")
    found["handlers/api.py"] = "def now(req, **parts):\n    return {}\n\n\nasync def go(req, resp):\n    return 'x'\n"
    yaml = "title: Bench\nroutes:\n  /: {redirect: /p/0}\n"
    for n in range(pages):
        body = f"<h1>{{{{ title }}}}</h1>{''.join(f'<p>{text}</p>' for text in _texts(n))}"
        head = f'{{% extends "base.html" %}}{{% set title = "Page {n}" %}}'
        found[f"templates/p/{n}.html"] = f"{head}{{% block content %}}{body}{{% endblock %}}\n"
        yaml += f"  /p/{n}: {{template: p/{n}.html}}\n"
    kinds = ("{json: api.now}", "{redirect: /p/1}", "{handler: api.go}", "{json: {a: 1}}")
    for n in range(ROUTES * pages // PAGES):
        yaml += f"  /r/{n}/<int:n>: {{json: api.now}}\n" if n % 5 == 0 else f"  /r/{n}: {kinds[n % 5 - 1]}\n"
    return {**found, "site.yaml": yaml + "  /static/*: {dir: static}\n"}


def _mkdocs(pages: int, files: int) -> dict[str, str]:
    found = {f"docs/static/{name}": text for name, text in _files(files).items()}
    found |= {f"docs/p/{n}.md": _markdown(n) for n in range(pages)}
    found["theme/main.html"] = _layout("page.title", "{{ page.content }}")
    theme = "theme: {name: null, custom_dir: theme}\n"
    return {**found, "mkdocs.yml": f"site_name: Bench\nplugins: []\n{theme}docs_dir: docs\nsite_dir: site\n"}


_PELICAN = """\
SITENAME = "Bench"
PATH, OUTPUT_PATH, THEME = "content", "output", "theme"
PAGE_PATHS, ARTICLE_PATHS, STATIC_PATHS = ["p"], [], ["static"]
TIMEZONE = "UTC"
DIRECT_TEMPLATES = []
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
CACHE_CONTENT = LOAD_CONTENT_CACHE = True
"""


def _pelican(pages: int, files: int) -> dict[str, str]:
    found = {f"content/static/{name}": text for name, text in _files(files).items()}
    found |= {f"content/p/{n}.md": f"Title: Page {n}\nSlug: {n}\n\n{_markdown(n)}" for n in range(pages)}
    found["theme/templates/page.html"] = _layout("page.title", "{{ page.content }}")
    found["theme/static/.keep"] = ""
    return {**found, "pelicanconf.py": _PELICAN}


def _peer(name: str, *args: str) -> list[str]:
    return [str(PEERS / "bin" / name), *args]


BUILDERS = {
    "picoweb": Builder(
        _picoweb, "templates/p/{}.html", [sys.executable, "-m", "site_builder.cli", "build"],
        [sys.executable, "-m", "site_builder.cli", "build"], "build", r"site/[0-9a-f]{16}",
    ),
    "MkDocs": Builder(
        _mkdocs, "docs/p/{}.md", _peer("mkdocs", "build", "--quiet"),
        _peer("mkdocs", "build", "--quiet", "--dirty"), "site", r"p/\d+/index.html",
    ),
    "Pelican": Builder(
        _pelican, "content/p/{}.md", _peer("pelican", "--quiet"), _peer("pelican", "--quiet"), "output",
        r"pages/\d+.html",
    ),
}  # fmt: skip


# Measuring


@dataclass
class Figures:
    """Seconds, and bytes of what was written; `version` of the builder. None: not measured."""

    version: str = ""
    clean: float | None = None
    again: float | None = None
    running: float | None = None  # picoweb alone: in a process that has built it before
    size: int | None = None
    missing: str = field(default="", repr=False)


_SERVES = """\
import sys, time
from pathlib import Path
from site_builder import bundle
from site_builder.cache import Cache
folder, cache = Path("."), Cache(Path("."))
bundle.write(bundle.build(folder, cache=cache), folder / "build")
times = []
for name in sys.argv[1:]:
    page = folder / name
    page.write_text(page.read_text().replace("changed as", "served as"))
    start = time.perf_counter()
    bundle.write(bundle.build(folder, cache=cache), folder / "build")
    times.append(time.perf_counter() - start)
print(sorted(times)[len(times) // 2])
"""


def _run(command: list[str], folder: Path, cache: Path) -> tuple[float, str]:
    """The seconds that a command takes, and what it prints. Raises BenchError when it fails."""
    environ = {**os.environ, "PICOWEB_CACHE": str(cache), "PYTHONPATH": str(PEERS.parent)}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=900)
    seconds = time.perf_counter() - start
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise BenchError(f"{Path(command[0]).name}: {lines[-1] if lines else 'it ends with an error'}")
    return seconds, done.stdout


def _check(builder: Builder, folder: Path, text: str, count: int) -> int:
    """Bytes of the output. Raises BenchError unless so many pages are in it, one of which has the text."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    pages = [data for name, data in files.items() if re.fullmatch(builder.is_page, name) and b"<main>" in data]
    if len(pages) != count or not any(text.encode() in page for page in pages):
        raise BenchError(f"{folder.name}: {len(pages)} pages of {count}, or one without its text")
    return sum(map(len, files.values()))


def measure(name: str, pages: int = PAGES, files: int = FILES) -> Figures:
    """The figures of a builder. Raises BenchError when it fails, or does not write the right pages."""
    builder = BUILDERS[name]
    if not os.path.exists(builder.build[0]):
        return Figures(missing=f"{name} is not in .venv-bench; `make bench` installs it")
    with tempfile.TemporaryDirectory(prefix="bench-") as top:
        folder, cache = Path(top, "made"), Path(top, "cache")
        fill(folder, builder.make(pages, files))
        found = Figures(_version(name, cache, folder))
        found.clean, _ = _run(builder.build, folder, cache)
        _check(builder, folder / builder.out, _texts(0)[0], pages)
        times = []
        for n in range(_CHANGES):
            page = folder / builder.page.format(n)
            page.write_text(page.read_text().replace(_texts(n)[-1], f"changed as number {n}"))
            times.append(_run(builder.again, folder, cache)[0])
            found.size = _check(builder, folder / builder.out, f"changed as number {n}", pages)
        found.again = statistics.median(times)
        if name == "picoweb":
            changed = [builder.page.format(n) for n in range(_CHANGES)]
            found.running = float(_run([sys.executable, "-c", _SERVES, *changed], folder, cache)[1])
    return found


def _version(name: str, cache: Path, folder: Path) -> str:
    _, text = _run([BUILDERS[name].build[0], "--version"], folder, cache)
    return (re.findall(r"\d+\.\d+[.\d]*", text) or [""])[0] if name != "picoweb" else ""


_ROWS: dict[str, Callable[[Figures], float | None]] = {
    "clean build, s": lambda figures: figures.clean,
    "again, one page has changed, s": lambda figures: figures.again,
    "the same in a process that has built before, s": lambda figures: figures.running,
}


def table(results: Mapping[str, Figures]) -> Table:
    """The figures, as a table of the page."""
    versions = " and ".join(f"{name} {figures.version}" for name, figures in results.items() if figures.version)
    meaning = (
        f"Less is better. A site of {PAGES:,} pages of the same text in the same layout, and {FILES:,} files; for"
        f" picoweb {ROUTES} routes of other kinds too, and its files are compressed and its Python compiled. Each build"
        f" is a process of its own, the first without a cache or output; of {_CHANGES} changes the middle one."
        f" {versions or 'The others'} with a theme of this layout alone, without plugins; `mkdocs build --dirty`, and"
        " Pelican with its cache."
    )
    header = ["figure", *results, *(f"÷ {name}" for name in results if name != "picoweb")]
    made = Table("Builders", meaning, header)
    for title, value in _ROWS.items():
        values = {name: value(figures) for name, figures in results.items()}
        cells = ["–" if seconds is None else f"{seconds:.2f}" for seconds in values.values()]
        made.rows.append([title, *cells, *(ratio(values["picoweb"], values[name]) for name in list(results)[1:])])
    return made
