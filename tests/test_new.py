"""picoweb new: what it makes, that all of it works, and that it never leaves half of it or harms what is there."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from site_builder import bundle, cli, runner, scaffold
from tests.conftest import ROOT, write_files
from tests.crawler import crawl
from tests.wireclient import ask

PICOWEB = Path(sys.executable).parent / "picoweb"
FILES = {
    "blank": ["handlers/pages.py", "static/icon.svg", "static/style.css", "templates/index.html"],
    "status": [
        "handlers/board.py",
        "static/icon.svg",
        "static/style.css",
        "templates/404.html",
        "templates/base.html",
        "templates/index.html",
    ],
    "dashboard": [
        "handlers/live.py",
        "handlers/settings.py",
        "static/app.js",
        "static/icon.svg",
        "static/style.css",
        "templates/404.html",
        "templates/base.html",
        "templates/index.html",
        "templates/settings.html",
    ],
}
ALWAYS = [".gitignore", ".site.schema.json", "site.yaml"]


def run(*words: object, cwd: Path | None = None, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PICOWEB, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload]


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def fails(done: subprocess.CompletedProcess[str], message: str) -> None:
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"picoweb: {message}\n")


# What it makes


@pytest.mark.parametrize("template", scaffold.TEMPLATES)
def test_it_makes_a_site_that_builds_and_says_what_to_do_next(tmp_path, template):
    done = run("new", "my-garden", "--template", template, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    count = len(FILES[template]) + len(ALWAYS)
    assert done.stdout == f"my-garden: {count} files; next:\n  cd my-garden\n  picoweb serve\n  picoweb upload\n"
    folder = tmp_path / "my-garden"
    assert list(tree(folder)) == sorted(FILES[template] + ALWAYS)
    assert os.listdir(tmp_path) == ["my-garden"]
    assert (folder / "site.yaml").read_text().startswith("# yaml-language-server: $schema=.site.schema.json\n")
    schema = (folder / ".site.schema.json").read_text("utf-8")
    assert schema == run("schema").stdout
    described = yaml.safe_load((folder / "site.yaml").read_text("utf-8"))
    jsonschema.validate(json.loads(json.dumps(described)), json.loads(schema))  # editors know text keys alone
    assert {"build/", "secrets.yaml"} <= {*(folder / ".gitignore").read_text().splitlines()}
    done = run("build", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    if "check" in cli.COMMANDS:
        done = run("check", "--strict", cwd=folder)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_template_is_status_when_none_is_named(tmp_path):
    assert run("new", "a", cwd=tmp_path).returncode == 0
    assert run("new", "b", "--template", "status", cwd=tmp_path).returncode == 0
    one, other = tree(tmp_path / "a"), tree(tmp_path / "b")
    assert one.pop("site.yaml") != other.pop("site.yaml")  # their titles differ
    assert one == other


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("garden", "Garden"),
        ("my-green_house", "My green house"),
        ("été", "Été"),
        ("null", "Null"),
        ("007", "007"),
        ("""it's "x": #{{ y }} \\ &a""", """It's "x": #{{ y }} \\ &a"""),
        ("--", "Site"),
        ("温室", "温室"),
        ("a:b", "A:b"),
    ],
)
def test_the_title_is_the_name_of_the_folder(tmp_path, name, title):
    scaffold.new(tmp_path / name, "blank")
    assert yaml.safe_load((tmp_path / name / "site.yaml").read_text("utf-8"))["title"] == title
    assert bundle.build(tmp_path / name).title == title


def test_the_same_name_gives_the_same_files(tmp_path):
    for template in scaffold.TEMPLATES:
        assert scaffold.files(template, "T") == scaffold.files(template, "T")
        (tmp_path / template).mkdir()
        scaffold.new(tmp_path / template / "x", template)
        assert tree(tmp_path / template / "x") == dict(sorted(scaffold.files(template, "X").items()))


@pytest.mark.parametrize("way", ["name", "dot", "slash"])
def test_an_empty_folder_is_filled_and_stays_the_same_folder(tmp_path, way):
    folder = tmp_path / "garden"
    folder.mkdir()
    number = folder.stat().st_ino
    done = (
        run("new", ".", cwd=folder) if way == "dot" else run("new", folder.name + "/" * (way == "slash"), cwd=tmp_path)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert folder.stat().st_ino == number
    assert list(tree(folder)) == sorted(FILES["status"] + ALWAYS)
    assert ("cd garden" in done.stdout) == (way != "dot")
    assert "title: Garden" in (folder / "site.yaml").read_text().replace('"', "")


def test_a_folder_with_nothing_but_a_git_repository_is_empty(tmp_path):
    folder = write_files(tmp_path / "garden", {".git/config": "[core]\n"})
    assert run("new", ".", cwd=folder).returncode == 0
    assert tree(folder)[".git/config"] == b"[core]\n"
    assert (folder / "site.yaml").is_file()


def test_a_name_with_spaces_is_quoted_in_what_to_type(tmp_path):
    assert "  cd 'my garden'\n" in run("new", "my garden", cwd=tmp_path).stdout


def test_what_the_user_may_do_decides_who_can_read_it(tmp_path):
    done = run("new", "a", cwd=tmp_path, umask=0o027)
    assert done.returncode == 0
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "a" / "site.yaml").stat().st_mode & 0o777 == 0o640


# What it refuses


def test_a_folder_that_has_files_is_never_touched(tmp_path):
    folder = write_files(tmp_path / "a", {"site.yaml": "mine", "notes/b.txt": "mine too"})
    before = tree(tmp_path)
    fails(run("new", "a", cwd=tmp_path), "a has files in it (notes); choose a new name, or an empty folder")
    fails(run("new", ".", cwd=folder), ". has files in it (notes); choose a new name, or an empty folder")
    assert tree(tmp_path) == before
    (folder / "notes" / "b.txt").unlink()
    fails(run("new", "a", cwd=tmp_path), "a has files in it (notes); choose a new name, or an empty folder")


def test_what_is_no_folder_is_never_touched(tmp_path):
    write_files(tmp_path, {"a": "mine"})
    (tmp_path / "b").symlink_to("nowhere")
    for name in ("a", "b"):
        fails(run("new", name, cwd=tmp_path), f"{name} is there already and is not a folder; choose another name")
    fails(run("new", "a/b", cwd=tmp_path), "a/b: there is no folder 'a'; make it first")
    fails(run("new", "c/b", cwd=tmp_path), "c/b: there is no folder 'c'; make it first")
    assert tree(tmp_path) == {"a": b"mine"}
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_bad_names_are_told(tmp_path):
    done = run("new", "a\nb", cwd=tmp_path)
    fails(done, r"'a\nb' cannot be the name of a folder: it has characters that do not print")
    fails(run("new", "x" * 300, cwd=tmp_path), f"{'x' * 300} cannot be made: file name too long")
    for name in ("", "  "):
        done = run("new", name, cwd=tmp_path)
        assert done.returncode == 2
        assert "give the new site a name, or . for this folder" in done.stderr
    assert run("new", cwd=tmp_path).returncode == 2
    assert run("new", "a", "--template", "statsu", cwd=tmp_path).returncode == 2
    assert os.listdir(tmp_path) == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, and only its owner may write to."""
    folder = Path(tempfile.mkdtemp(prefix="picoweb-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_folder_without_permission_is_told(open_folder):
    (open_folder / "empty").mkdir()
    (open_folder / "empty").chmod(0o555)
    open_folder.chmod(0o555)
    # Root may do everything, so it becomes somebody else, after it has read what the command needs.
    code = "import os, site_builder.commands.new as new; os.getuid() or os.setuid(65534); new.command()"
    for name in ("new", "empty"):
        fails(
            subprocess.run(
                [sys.executable, "-c", code, name], cwd=open_folder, capture_output=True, text=True, timeout=60
            ),
            f"{name} cannot be made: permission denied",
        )
    assert os.listdir(open_folder) == ["empty"]
    assert os.listdir(open_folder / "empty") == []


# All or nothing


@pytest.mark.parametrize("there", [False, True], ids=["a new folder", "an empty folder"])
def test_a_write_that_fails_leaves_nothing(tmp_path, there):
    if there:
        (tmp_path / "a").mkdir()

    def no_room():  # files of more than 1000 bytes can not be written
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    fails(run("new", "a", cwd=tmp_path, preexec_fn=no_room), "a cannot be made: file too large")
    assert os.listdir(tmp_path) == ["a"] * there
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("there", [False, True], ids=["a new folder", "an empty folder"])
def test_who_is_killed_leaves_no_half_site_and_the_next_one_cleans_up(tmp_path, there):
    code = "import time, sys; from pathlib import Path; from site_builder import scaffold; print(flush=True); "
    code += "[scaffold.new(Path(f'{n}'), 'dashboard') for n in range(300)]"
    whole = sorted(FILES["dashboard"] + ALWAYS)
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        for n in range(300) if there else ():
            (folder / str(n)).mkdir()
        process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(random.uniform(0, 0.15))
        process.kill()
        process.communicate()
        made = [site for site in folder.iterdir() if (site / "site.yaml").exists()]
        for site in made:
            assert [path for path in tree(site) if not path.startswith(".picoweb-new-")] == whole
        cut = folder / str(len(made))  # the one that it was at
        assert there or not cut.exists()
        if not [name for name in (os.listdir(cut) if there else []) if not name.startswith(".picoweb-new-")]:
            assert run("new", cut.name, "--template", "dashboard", cwd=folder).returncode == 0
            assert list(tree(cut)) == whole
        left = [name for name in os.listdir(folder) if name.startswith(".")]
        last = f".picoweb-new-{len(made) - 1}-"  # empty, of one that was killed right after its site was there
        assert there or all(name.startswith(last) and not tree(folder / name) for name in left)


def test_of_several_at_once_one_makes_it_and_the_others_are_told(tmp_path):
    started = [
        subprocess.Popen([PICOWEB, "new", "a"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = [(process.communicate(timeout=60), process.returncode) for process in started]
    assert [code for _, code in outputs].count(0) == 1, outputs
    assert all(code in (0, 1) and "Traceback" not in err for (_, err), code in outputs)
    assert list(tree(tmp_path / "a")) == sorted(FILES["status"] + ALWAYS)
    assert os.listdir(tmp_path) == ["a"]


# What it serves


@pytest.mark.parametrize("python", [False, True], ids=["micropython", "cpython"])
@pytest.mark.parametrize("template", scaffold.TEMPLATES)
def test_every_link_of_a_new_site_answers_and_its_pages_are_small(tmp_path, template, python):
    if not python and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    scaffold.new(tmp_path / "a", template)
    bundle.write(bundle.build(tmp_path / "a", python=python), tmp_path / "out")
    with (tmp_path / "log").open("wb") as log, runner.running(tmp_path / "out", python=python, log=log) as port:
        found = crawl(port)
        assert {path: at.reply.status for path, at in found.items()} == dict.fromkeys(found, 200)
        assert {"/", "/static/style.css", "/static/icon.svg"} <= {*found}
        assert {"/settings", "/static/app.js"} <= {*found} or template != "dashboard"
        for at in found.values():
            if at.is_page:
                needs = [ask(port, "GET", path, "Accept-Encoding: gzip") for path in at.addresses if "/static/" in path]
                assert sum(len(reply.body) for reply in needs) + len(at.reply.body) < 10_000
        assert ask(port, "GET", "/nothing").status == 404
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.fixture(params=[False, True], ids=["micropython", "cpython"])
def dashboard(request, tmp_path) -> Iterator[int]:
    """The port of a new dashboard."""
    if not request.param and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    scaffold.new(tmp_path / "a", "dashboard")
    bundle.write(bundle.build(tmp_path / "a", python=request.param), tmp_path / "out")
    with runner.running(tmp_path / "out", python=request.param) as port:
        yield port


def test_the_dashboard_measures_switches_and_keeps_settings(dashboard, tmp_path):
    ours = ("Origin: http://test", "Content-Type: application/x-www-form-urlencoded")

    def now():
        return json.loads(ask(dashboard, "GET", "/api/now").body)

    first = now()
    assert 19 < first["value"] < 25
    assert not first["on"]
    assert ask(dashboard, "POST", "/switch", body=b"").status == 403
    assert ask(dashboard, "POST", "/switch", ours[0], body=b"")["Location"] == "/"
    assert now()["on"]
    reply = ask(dashboard, "POST", "/settings/save", *ours, body=b"label=%3Cb%3E&limit=-50&every=1")
    assert (reply.status, reply["Location"]) == (303, "/settings")
    assert (now()["label"], now()["above"]) == ("<b>", True)
    assert b'<h1 id="label">&lt;b&gt;</h1>' in ask(dashboard, "GET", "/").body
    reply = ask(dashboard, "POST", "/settings/save", *ours, body=b"label=&limit=1e3&every=61")
    assert reply.status == 422
    for message in (
        b"Give 1 to 20 characters.",
        b"Give a whole number.",
        b"Give a number from 1 to 60.",
        b'value="1e3"',
    ):
        assert message in reply.body
    saved = json.loads((tmp_path / "out" / "settings.json").read_bytes())
    assert saved == {"label": "<b>", "limit": -50, "every": 1}
    end = time.monotonic() + 10
    while len(now()["points"].split()) < 3:
        assert time.monotonic() < end, "nothing is measured beside the pages"
        time.sleep(0.1)


# The distribution


def test_the_distributions_hold_the_templates(tmp_path):
    source = tmp_path / "source"
    ignore = shutil.ignore_patterns("build", "__pycache__", "*.egg-info")
    for name in ("picoweb", "site_builder"):
        shutil.copytree(ROOT / name, source / name, ignore=ignore)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    make = [sys.executable, "setup.py", "-q", "sdist", "-d", tmp_path / "made", "bdist_wheel", "-d", tmp_path / "made"]
    subprocess.run(make, cwd=source, check=True, capture_output=True, timeout=120)
    wanted = {f"{template}/{path}" for template, paths in FILES.items() for path in [*paths, "site.yaml"]}
    with zipfile.ZipFile(next((tmp_path / "made").glob("*.whl"))) as wheel:
        assert {f"site_builder/scaffold/{path}" for path in wanted} <= {*wheel.namelist()}
    with tarfile.open(next((tmp_path / "made").glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        assert {f"site_builder/scaffold/{path}" for path in wanted} <= names
