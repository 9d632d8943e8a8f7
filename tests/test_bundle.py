"""The whole build: the same each time, with nothing it does not need, and all or nothing."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from site_builder import bundle
from site_builder.errors import SiteError
from tests.conftest import EXAMPLE, ROOT, write_files

YAML = """\
title: T
routes:
  /: {template: index.tpl, data: a.now}
  /static/*: {dir: static}
  /logo: {file: logo.png}
"""
FILES = {
    "templates/index.tpl": "{% args x %}{{ x }}",
    "static/a.txt": "hello, hello, " * 20,
    "static/index.html": "<h1>",
    "logo.png": b"\x89PNG",
    "handlers/a.py": "def now(req):\n    return {'x': 1}\n",
}
CHANGED = {**FILES, "templates/index.tpl": "{% args x %}<p>{{ x }}", "static/b.txt": "new", "logo.png": b"\x89PNG2"}


def on_disk(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def modules(made: bundle.Bundle) -> set[str]:
    """The names of picoweb's modules in a bundle, and of its libraries."""
    paths = [name.split("/", 2)[2] for name in made.files if name.startswith("site/lib-")]
    return {path.removeprefix("picoweb/").rpartition(".")[0] for path in paths}


# The same each time


def test_a_second_build_is_byte_identical(example):
    again = bundle.build(EXAMPLE)
    assert again.files == example["micropython"].files
    assert list(again.files) == list(example["micropython"].files)


PRINT = """\
import hashlib, sys
from pathlib import Path
from site_builder import bundle
for name, data in bundle.build(Path(sys.argv[1])).files.items():
    print(name, hashlib.sha256(data).hexdigest())
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_build_depends_on_nothing_but_the_files(tmp_path, seed):
    shutil.copytree(EXAMPLE, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("build", "__pycache__"))
    for path in (tmp_path / "elsewhere").rglob("*"):
        os.utime(path, (1, 1))

    def printed(cwd: Path, site: str, **env: str) -> str:
        command = [sys.executable, "-c", PRINT, site]
        environ = {**os.environ, "PYTHONPATH": str(ROOT), **env}
        return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=True).stdout

    here = printed(ROOT, str(EXAMPLE), PYTHONHASHSEED="0")
    assert len(here.splitlines()) > 10
    assert printed(tmp_path, "elsewhere", PYTHONHASHSEED=seed, TZ="Asia/Tokyo", LC_ALL="C") == here


def test_names_below_site_are_never_used_for_other_content(site):
    first = bundle.build(site(YAML, FILES), python=True).files
    second = bundle.build(site(YAML, CHANGED), python=True).files
    shared = {name for name in first.keys() & second.keys() if name.startswith("site/")}
    assert any(name.startswith("site/lib-") for name in shared)
    assert not any(name.startswith("site/app-") for name in shared)
    assert {name: first[name] for name in shared} == {name: second[name] for name in shared}


def test_a_bundle_knows_its_title_and_size(site):
    made = bundle.build(site(YAML, FILES), python=True)
    assert made.title == "T"
    assert made.size == sum(len(data) for data in made.files.values())


# Only what is needed

BASE = {
    "__init__",
    "site",
    "boot",
    "app",
    "errors",
    "response",
    "routing",
    "request",
    "server",
    "wire",
    "compat",
    "targets",
}
NEEDS = {
    "routes: {/: {redirect: /x}}": set(),
    "routes: {/: {json: {a: 1}}}": set(),
    "routes: {/: {json: h.now}}": set(),
    "routes: {/: logo.png}": {"static", "ranges"},
    "routes: {/*: {dir: static}}": {"static", "ranges", "lookup"},
    "routes: {/: index.tpl}": {"templates", "places"},
    "routes: {/: a.html}": {"static", "ranges"},
    "routes: {/: {template: a.html, data: h.now}}": {"templates", "places", "escaping", "undefined"},
    "routes: {}\nerrors: {404: index.tpl, 500: {file: logo.png}}": {"templates", "places", "static", "ranges"},
}


@pytest.mark.parametrize("yaml", NEEDS)
def test_a_bundle_has_the_modules_it_needs_and_no_others(site, yaml):
    files = {"templates/index.tpl": "x", "templates/a.html": "{{ x }}", "static/a": "x", "logo.png": "x"}
    files["handlers/h.py"] = "def now(req): return {}\n"
    made = modules(bundle.build(site(yaml, files), python=True))
    assert made == BASE | {"log", "cpython"} | NEEDS[yaml]


def test_a_site_without_code_has_no_tree_for_it(site):
    made = bundle.build(site("routes: {/: logo.png}", {"logo.png": "x"}), python=True).files
    assert not any(name.startswith("site/app-") for name in made)
    assert [path.split("-")[0] for path in json.loads(made["routes.json"])["path"]] == ["site/lib"]


def test_only_templates_that_are_used_are_in_the_bundle(site):
    files = {"templates/a.tpl": "{% include 'b.tpl' %}", "templates/b.tpl": "", "templates/c.tpl": ""}
    made = bundle.build(site("routes: {/: a.tpl}", files), python=True).files
    assert [name.split("/")[-1] for name in made if "/templates/" in name] == ["a_tpl.map", "a_tpl.py"]


def test_a_template_that_includes_by_expression_brings_all(site):
    files = {"templates/a.tpl": "{% include {{'b.tpl'}} %}", "templates/b.tpl": "", "templates/c.txt": "{{"}
    made = bundle.build(site("routes: {/: a.tpl}", files), python=True).files
    assert [name.split("/")[-1] for name in made if name.endswith("_tpl.py")] == ["a_tpl.py", "b_tpl.py"]


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("import ulogging\n", {"ulogging"}),
        ("def f():\n    from ulogging import getLogger\n", {"ulogging"}),
        ("import utemplate.compiled\n", {"log", "utemplate/compiled", "utemplate/recompile", "utemplate/source"}),
        ("import logging, ulogging2\n", {"log"}),
    ],
)
def test_a_library_comes_when_a_handler_imports_it(site, source, more):
    folder = site("routes: {/: {handler: a.go}}", {"handlers/a.py": source + "async def go(req, resp): pass\n"})
    assert modules(bundle.build(folder)) == BASE | more


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("def now(req): return dict(req.headers)\n", {"attributes", "headers"}),
        ("def now(req): return {'ip': req.remote_addr}\n", {"attributes"}),
        ("def now(req): return req.args\n", {"attributes", "forms"}),
        ("import picoweb.forms\ndef now(req): return {}\n", {"forms"}),
        ("from picoweb.files import content_type\ndef now(req): return {}\n", {"files"}),
        ("def now(req):\n    from picoweb import sendfile\n    return {}\n", {"files"}),
    ],
)
def test_a_module_of_picoweb_comes_when_it_is_used(site, source, more):
    made = bundle.build(site("routes: {/: {json: h.now}}", {"handlers/h.py": source}), python=True)
    assert modules(made) == BASE | {"log", "cpython"} | more


def test_bytecode_and_source_have_the_same_modules(example):
    stripped = {
        kind: {name.split("/", 2)[2].rpartition(".")[0] for name in made.files if name.startswith("site/app-")}
        for kind, made in example.items()
    }
    assert stripped["micropython"] == stripped["cpython"]
    assert {"handlers/sensors", "handlers/relays", "templates/index_html"} <= stripped["cpython"]
    assert all(name.endswith(".mpy") for name in example["micropython"].files if "/picoweb/" in name)


# The output


def test_what_is_written_is_the_bundle_and_a_gitignore(site, tmp_path):
    made = bundle.build(site(YAML, FILES), python=True)
    bundle.write(made, tmp_path / "new" / "out")
    assert on_disk(tmp_path / "new" / "out") == {**made.files, ".gitignore": b"*\n"}


def test_stale_files_are_removed_and_others_not_written_again(site, tmp_path):
    old, new = (replace(bundle.build(site(YAML, files), python=True), checked=None) for files in (FILES, CHANGED))
    out = tmp_path / "out"
    bundle.write(old, out)
    for path in out.rglob("*"):
        os.utime(path, (1, 1))
    bundle.write(new, out)
    assert on_disk(out) == {**new.files, ".gitignore": b"*\n"}
    assert all(any(path.iterdir()) for path in out.rglob("*") if path.is_dir())
    for name in new.files:
        assert ((out / name).stat().st_mtime == 1) == (old.files.get(name) == new.files[name])


def test_a_bundle_that_was_changed_by_hand_is_repaired(site, tmp_path):
    made = bundle.build(site(YAML, FILES), python=True)
    bundle.write(made, tmp_path / "out")
    victim = next(name for name in made.files if name.startswith("site/lib-"))
    (tmp_path / "out" / victim).write_bytes(b"broken")
    bundle.write(made, tmp_path / "out")
    assert on_disk(tmp_path / "out")[victim] == made.files[victim]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"thesis.txt": "x"}, "thesis.txt"),
        ({"routes.json": "[1]"}, "routes.json"),
        ({"routes.json": "{}"}, "routes.json"),
        ({"routes.json": "{", "main.py": ""}, "routes.json"),
        ({"site/x": "", ".git/x": ""}, ".git"),
    ],
)
def test_a_folder_with_other_files_is_refused_and_left_alone(site, tmp_path, files, named):
    made = bundle.build(site(YAML, FILES), python=True)
    out = write_files(tmp_path / "out", files)
    before = on_disk(out)
    with pytest.raises(SiteError) as caught:
        bundle.write(made, out)
    assert str(caught.value) == f"{out}: has other files in it ({named}); give an empty or a new folder with -o"
    assert on_disk(out) == before


def test_a_file_in_place_of_the_output_is_refused(site, tmp_path):
    made = bundle.build(site(YAML, FILES), python=True)
    (tmp_path / "out").write_text("mine")
    with pytest.raises(SiteError) as caught:
        bundle.write(made, tmp_path / "out")
    assert str(caught.value) == f"{tmp_path / 'out'}: is a file; give a folder with -o"
    assert (tmp_path / "out").read_text() == "mine"


# A build that is killed. A process of its own forks for every file operation of write(), and the fork ends itself
# with SIGKILL just before that operation; or, for a file that is opened to be written, when half of it is there.

KILLED = """\
import json, os, pickle, shutil, signal, sys
from pathlib import Path
from site_builder import bundle

old, new, out, torn = pickle.loads(Path(sys.argv[1]).read_bytes())
EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir")


def die_at(k):
    left = k

    def hook(event, args):
        nonlocal left
        if event not in EVENTS or not str(args[0]).startswith(str(out)):
            return
        left -= 1
        if left == 0:
            if torn and event == "open" and "w" in str(args[1]):
                left = -1
                Path(args[0]).write_bytes(b"torn")
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def which():
    try:
        routes = (out / "routes.json").read_bytes()
    except FileNotFoundError:
        return "none"
    for name, made in (("new", new), ("old", old)):
        if made and made.files["routes.json"] == routes:
            wrong = [f for f, data in made.files.items() if not (out / f).is_file() or (out / f).read_bytes() != data]
            return name if not wrong else "%s without %s" % (name, wrong)
    return "broken"


k, states = 0, []
while not states or states[-1] != "done":
    k += 1
    shutil.rmtree(out, ignore_errors=True)
    if old:
        bundle.write(old, out)
    child = os.fork()
    if not child:
        die_at(k)
        bundle.write(new, out)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    states.append(which())
    bundle.write(new, out)
    files = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    if files != {**new.files, ".gitignore": b"*\\n"}:
        states.append("not mended")
    if status == 0:
        states.append("done")
print(json.dumps(states))
"""


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_a_build_that_is_killed_leaves_the_old_bundle_or_the_new_one(site, tmp_path, first, torn):
    old, new = (replace(bundle.build(site(YAML, files), python=True), checked=None) for files in (FILES, CHANGED))
    (tmp_path / "given").write_bytes(pickle.dumps((None if first else old, new, tmp_path / "out", torn)))
    (tmp_path / "killed.py").write_text(KILLED)
    command = [sys.executable, str(tmp_path / "killed.py"), str(tmp_path / "given")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    assert done.stderr == b""
    states = json.loads(done.stdout)
    before, after = ("none", "new") if first else ("old", "new")
    turn = states.index(after)
    assert turn > 20
    assert states == [before] * turn + [after] * (len(states) - turn - 1) + ["done"]
    assert len(states) - turn > 2
