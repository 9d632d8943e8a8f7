"""The command line: what it prints, and its exit codes."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import picoweb
from site_builder import runner

PICOWEB = Path(sys.executable).parent / "picoweb"
YAML = "title: T\nroutes: {/: {json: {a: 1}}}\n"


def run(*words, cwd=None):
    return subprocess.run([PICOWEB, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=60)


def test_help_and_version():
    assert all(command in run("--help").stdout for command in ("build", "serve", "upload"))
    assert run("--version").stdout == f"picoweb, version {picoweb.__version__}\n"


def test_wrong_usage_is_exit_code_2():
    assert run("biuld").returncode == 2
    assert run("serve", "--port", "http").returncode == 2


def test_build_writes_to_build_or_where_it_is_told(site, tmp_path):
    folder = site(YAML)
    done = run("build", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("build: ")
    assert (folder / "build" / "routes.json").is_file()
    assert run("build", folder, "-o", tmp_path / "out").returncode == 0
    assert (tmp_path / "out" / "routes.json").read_bytes() == (folder / "build" / "routes.json").read_bytes()


def test_problems_are_lines_on_stderr_and_exit_code_1(site):
    folder = site("routes:\n  /: {tempalte: a.tpl}\n  /b: {file: no.txt}\n")
    done = run("build", folder.name, cwd=folder.parent)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"{folder.name}/site.yaml:2:7: no kind of target is called 'tempalte'; did you mean 'template'?",
        f"{folder.name}/site.yaml:3:8: file 'no.txt' not found",
        "2 errors; nothing was written",
    ]
    assert not (folder / "build").exists()


class Serving:
    """`picoweb serve` while the block runs."""

    def __init__(self, *words):
        self.port = runner.free_port()
        command = [PICOWEB, "serve", *map(str, words), "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )

    def __enter__(self):
        self.first = self.process.stdout.readline()
        assert "http://" in self.first
        self.page = urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5).read()
        return self

    def stop(self, number=signal.SIGINT):
        os.killpg(self.process.pid, number)
        output, _ = self.process.communicate(timeout=15)
        return self.first + output

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()


@pytest.mark.parametrize("options", [[], ["--python"]], ids=["micropython", "cpython"])
def test_serve_prints_the_address_logs_requests_and_stops_cleanly(site, options):
    if not options and runner.micropython() is None:
        pytest.skip("no MicroPython for this machine")
    with Serving(site(YAML), *options) as serving:
        assert serving.page == b'{"a": 1}'
        output = serving.stop()
        assert f"T: http://127.0.0.1:{serving.port}/ on {'CPython' if options else 'MicroPython'}" in output
        assert "GET / 200" in output
        assert output.endswith("stopped\n")
        assert "Traceback" not in output
        assert serving.process.returncode == 0


def test_serve_ends_its_server_when_it_is_terminated(site):
    with Serving(site(YAML), "--python") as serving:
        serving.process.terminate()
        serving.process.wait(15)
        with pytest.raises(OSError):  # noqa: PT011  refused, or reset: the server is gone
            urllib.request.urlopen(f"http://127.0.0.1:{serving.port}/", timeout=2)


def test_a_taken_port_is_told_with_what_to_do(site):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run("serve", site(YAML), "--python", "--port", port)
    assert done.returncode == 1
    message = f"picoweb: port {port} is taken; end the other program, or choose another port with --port\n"
    assert done.stderr == message


def test_a_host_that_is_not_ours_is_told(site):
    done = run("serve", site(YAML), "--python", "--host", "203.0.113.1")
    assert done.returncode == 1
    assert done.stderr == "picoweb: '203.0.113.1' is not an address of this machine; choose another with --host\n"
