"""What all commands have in common: -v, -q, colours, completion, exit codes, and how they end early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from site_builder import terminal
from site_builder.cli import COMMANDS, main

PICOWEB = Path(sys.executable).parent / "picoweb"
YAML = "title: T\nroutes: {/: {json: {a: 1}}}\n"


def run(*words, cwd=None, **environment):
    env = {**os.environ, "TERM": "xterm", **{name: str(value) for name, value in environment.items()}}
    return subprocess.run([PICOWEB, *map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_common_options_once(name):
    command = main.get_command(click.Context(main), name)
    assert command is main.get_command(click.Context(main), name)
    options = [option for param in command.params for option in param.opts]
    assert sorted(options) == sorted(set(options))
    assert {"-v", "--verbose", "-q", "--quiet"} <= set(options)


@pytest.mark.parametrize("words", [["-q", "build"], ["build", "-q"], ["-q", "build", "--quiet"]])
def test_quiet_stands_before_or_after_the_command(site, words):
    done = run(*words, cwd=site(YAML))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_quiet_keeps_what_is_wrong(site):
    done = run("-q", "build", cwd=site("routes: {/: {tempalte: a.tpl}}\n"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "did you mean 'template'?" in done.stderr


@pytest.mark.parametrize("words", [["-v", "build"], ["build", "--verbose"]])
def test_verbose_says_what_is_made_anew_and_how_long_it_takes(site, tmp_path, words):
    folder = site("routes: {/: a.html}\n", {"templates/a.html": "<p>{{ req.path }}"})
    first = run(*words, cwd=folder, PICOWEB_CACHE=tmp_path / "cache")
    assert "made anew: template a.html" in first.stderr
    assert "made anew: mpy templates/a_html.py" in first.stderr
    assert "build in all: " in first.stderr
    second = run(*words, cwd=folder, PICOWEB_CACHE=tmp_path / "cache")
    assert "made anew: template" not in second.stderr
    assert "build in all: " in second.stderr


def test_without_verbose_nothing_of_that_is_said(site, tmp_path):
    assert run("build", cwd=site(YAML), PICOWEB_CACHE=tmp_path / "cache").stderr == ""


def test_an_error_of_the_system_is_a_line_and_with_verbose_its_traceback(site, tmp_path):
    (tmp_path / "file").write_text("")
    folder, out = site(YAML), tmp_path / "file" / "out"
    plain, verbose = run("build", "-o", out, cwd=folder), run("-v", "build", "-o", out, cwd=folder)
    assert plain.returncode == verbose.returncode == 1
    assert plain.stderr == f"picoweb: {out}: Not a directory\n"
    assert "Traceback" in verbose.stderr


def test_a_mistake_of_picoweb_itself_is_told_without_a_traceback(site, tmp_path):
    """A package that it needs is broken."""
    (tmp_path / "pydantic.py").write_text("1 / 0\n")
    plain, verbose = (run(*words, cwd=site(YAML), PYTHONPATH=tmp_path) for words in (["build"], ["-v", "build"]))
    assert plain.returncode == verbose.returncode == terminal.FAULT
    assert plain.stderr.startswith("picoweb: this is a mistake in picoweb: ZeroDivisionError: division by zero\n")
    assert "picoweb doctor" in plain.stderr
    assert "Traceback" not in plain.stderr
    assert "Traceback" in verbose.stderr


def test_colours_are_for_terminals_unless_they_are_asked_for_or_not_wanted(site):
    folder = site("routes: {/: {tempalte: a.tpl}}\n")
    assert "\x1b" not in run("build", cwd=folder).stderr
    assert "\x1b[31m" in run("build", cwd=folder, FORCE_COLOR=1).stderr
    assert "\x1b" not in run("build", cwd=folder, FORCE_COLOR=1, NO_COLOR=1).stderr


def completed(folder, *words):
    """What bash offers for the last of the words."""
    script = """
        eval "$(_PICOWEB_COMPLETE=bash_source picoweb)"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _picoweb_completion picoweb
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    env = {**os.environ, "PATH": f"{PICOWEB.parent}:{os.environ['PATH']}"}
    command = ["bash", "--norc", "-c", script, "bash", "picoweb", *words]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return done.stdout.split()


def test_bash_completes_commands_options_sites_and_boards(site, tmp_path):
    for name in ("hello", "help"):
        site(YAML, name=name)
    (tmp_path / "other").mkdir()
    assert completed(tmp_path, "s") == ["serve", "size", "schema"]
    assert completed(tmp_path, "") == list(COMMANDS)
    assert completed(tmp_path, "--ver") == ["--version", "--verbose"]
    assert completed(tmp_path, "build", "--str") == ["--strict"]
    assert completed(tmp_path, "build", "") == ["hello", "help"]
    assert completed(tmp_path, "build", "./hell") == ["./hello"]
    assert completed(tmp_path, "size", f"{tmp_path}/hel") == [f"{tmp_path}/hello", f"{tmp_path}/help"]
    assert completed(tmp_path, "size", "--board", "pico") == ["pico-w", "pico-2-w"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_their_own_completion(shell, tmp_path):
    done = run(_PICOWEB_COMPLETE=f"{shell}_source")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_PICOWEB_COMPLETE={shell}_complete" in done.stdout


def test_ctrl_c_is_exit_code_130_without_a_traceback(site, tmp_path):
    """While it makes the first of many pages."""
    pages = {f"templates/{n}.html": f"<p>{n} {{{{ req.path }}}}" for n in range(600)}
    folder = site("routes:\n" + "".join(f"  /{n}: {n}.html\n" for n in range(600)), pages)
    env = {**os.environ, "PICOWEB_CACHE": str(tmp_path / "cache")}
    command = [PICOWEB, "-v", "build"]
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr.readline().startswith(b"made anew")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, b"")
    assert b"Traceback" not in errors
    assert not (folder / "build").exists()


def test_a_reader_that_has_seen_enough_is_no_error(site, tmp_path):
    folder = site("routes:\n" + "".join(f"  /{n}: {{json: {n}}}\n" for n in range(3000)))
    command = f"{PICOWEB} routes | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("method")
    assert done.stderr == ""


def test_wrong_usage_says_how_it_is_used():
    done = run("build", "--fast")
    assert done.returncode == 2
    assert "No such option" in done.stderr
    assert "Usage: picoweb build" in done.stderr
