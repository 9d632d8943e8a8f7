"""`picoweb serve` in the terminal: tracebacks, stand-ins, limits, and its end."""

import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from site_builder import runner
from site_builder.boards import BOARDS

from .conftest import write_files
from .devserver import PICOWEB, serving, until
from .wireclient import Client, request

YAML = """\
title: T
routes:
  /:        {template: index.html, data: parts.now}
  /boom:    {handler: parts.boom}
  /big:     {json: parts.big}
  /pin:     {json: board.read}
  /counted: {json: parts.counted}
"""
FILES = {
    "site.yaml": YAML,
    "templates/base.html": "<title>{% block title %}{% endblock %}</title>\n{% block main %}{% endblock %}\n",
    "templates/index.html": """\
{% extends "base.html" %}
{% block main %}
<p>{{ reading.value.more }}</p>
{% endblock %}
""",
    "handlers/parts.py": """\
count = 0


def now(req):
    return {"reading": None}


async def boom(req, resp):
    return deeper()


def deeper():
    return [][7]


def big(req):
    return {"a": bytearray(200000), "b": bytearray(200000)}


def counted(req):
    global count
    count += 1
    return {"count": count}
""",
    "handlers/board.py": """\
import sys

from machine import Pin


def read(req):
    return {"pin": Pin(4).value()}
""",
}
RUNTIMES = [pytest.param([], id="micropython"), pytest.param(["--python"], id="cpython")]


@pytest.fixture
def site(tmp_path):
    return write_files(tmp_path / "site", FILES)


def status(serve, path, accept="*/*"):
    """The status of an answer, and its text."""
    request = urllib.request.Request(serve.url + path, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read().decode()


@pytest.mark.parametrize("options", RUNTIMES)
def test_tracebacks_name_the_lines_of_the_site(site, tmp_path, options, micropython):
    with serving(site, tmp_path, *options) as serve:
        assert status(serve, "/boom")[0] == 500
        serve.says("IndexError: list index out of range")
        assert f"{site}/handlers/parts.py:9, in boom\n    return deeper()" in serve.text()
        assert f"{site}/handlers/parts.py:13, in deeper\n    return [][7]" in serve.text()
        assert status(serve, "/")[0] == 500
        serve.says(f"{site}/templates/index.html:3\n    <p>{{{{ reading.value.more }}}}</p>")
        assert "site/app-" not in serve.text()


@pytest.mark.parametrize("options", RUNTIMES)
def test_a_module_that_a_computer_lacks_is_told_with_what_to_do_and_a_stand_in_helps(
    site, tmp_path, options, micropython
):
    with serving(site, tmp_path, *options) as serve:
        assert status(serve, "/pin")[0] == 500
        page = status(serve, "/pin", "text/html")[1]
        hint = "handlers/board.py imports machine, which this computer lacks: put a stand-in into fakes/machine.py"
        assert hint in page
        serve.says(hint)
        fake = "class Pin:\n    def __init__(self, n):\n        self.n = n\n"
        write_files(site, {"fakes/machine.py": fake})
        serve.says(" restarted")
        assert status(serve, "/pin")[0] == 500
        serve.says("'Pin' object has no attribute 'value'")
        write_files(site, {"fakes/machine.py": fake + "\n    def value(self):\n        return self.n * 10\n"})
        until(lambda: status(serve, "/pin") == (200, '{"pin": 40}'))
        assert status(serve, "/fakes/machine.py")[0] == 404


def test_a_broken_stand_in_is_a_problem_of_the_site(site, tmp_path):
    write_files(site, {"fakes/machine.py": "def ("})
    with serving(site, tmp_path) as serve:
        serve.says(f"{site}/fakes/machine.py:1:")
        assert status(serve, "/counted")[0] == 503


def test_what_does_not_fit_the_heap_is_told_with_its_size_and_its_place(site, tmp_path, micropython):
    write_files(site, {"fakes/machine.py": "Pin = None\n"})
    with serving(site, tmp_path, "--heap", "300k") as serve:
        assert status(serve, "/big")[0] == 503
        serve.says("its code, in bytes: ")
        told = re.search(
            r"GET /big does not fit the heap: of a heap of ([\d,]+) bytes, ([\d,]+) were in use before it; "
            r"it took ([\d,]+), of which [\d,]+ stay, and wanted 200,000 more; "
            r"it failed at handlers/parts.py:17, in big\n"
            r"its code, in bytes: handlers/parts.py \d+",
            serve.text(),
        )
        heap, before, took = (int(number.replace(",", "")) for number in told.groups())
        assert before < heap <= 300 * 1024
        assert 200_000 < took < heap - before + 1000
        assert status(serve, "/counted") == (200, '{"count": 1}')


def test_a_board_gives_the_server_its_number_of_connections(site, tmp_path, micropython):
    write_files(site, {"fakes/machine.py": "Pin = None\n"})
    with serving(site, tmp_path, "--board", "pico-w") as serve:
        sockets = BOARDS["pico-w"].sockets
        clients = [Client(serve.port) for _ in range(sockets + 1)]
        try:
            for client in clients:
                assert client.ask(request("GET", "/counted")).status == 200
            assert clients[0].is_closed(), "the one that rested longest made room"
            assert clients[-1].ask(request("GET", "/counted")).status == 200
        finally:
            for client in clients:
                client.sock.close()


def crash(serve):
    """Kills the MicroPython of a serve, and nothing else."""
    listed = subprocess.check_output(["ps", "-wweo", "pid,ppid,args"], text=True)
    words = [line.split(None, 2) for line in listed.splitlines()[1:]]
    (pid,) = [int(pid) for pid, ppid, args in words if int(ppid) == serve.process.pid and "picoweb_serve" in args]
    os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_a_crash_is_told_and_the_next_change_starts_the_site_again(site, tmp_path, micropython):
    with serving(site, tmp_path) as serve:
        assert status(serve, "/counted") == (200, '{"count": 1}')
        crash(serve)
        serve.says("MicroPython was ended by signal 9; it starts again when you change a file")
        assert status(serve, "/counted")[0] == 503
        assert "MicroPython was ended by signal 9" in status(serve, "/counted", "text/html")[1]
        serve.edit("templates/index.html", "<p>", "<b>")
        serve.says("MicroPython restarted")
        assert status(serve, "/counted") == (200, '{"count": 1}')


@pytest.mark.parametrize("options", RUNTIMES)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_it_ends_cleanly_with_all_that_it_started(site, tmp_path, options, number, micropython):
    with serving(site, tmp_path, *options) as serve:
        with urllib.request.urlopen(f"{serve.url}/_picoweb/events", timeout=5) as events:
            assert events.readline() == b"retry: 500\n"
            assert serve.stop(number) == 0
        assert "Traceback" not in serve.text()
        assert serve.text().endswith("stopped\n")
        listed = subprocess.check_output(["ps", "-wweo", "args"], text=True)
        assert not [line for line in listed.splitlines() if str(serve.port) in line]
        runner.check_port("127.0.0.1", serve.port)


def test_the_site_ends_when_its_server_is_killed(site, tmp_path, micropython):
    with serving(site, tmp_path) as serve:
        status(serve, "/counted")
        children = subprocess.check_output(["ps", "-o", "pid=", "--ppid", str(serve.process.pid)], text=True).split()
        assert children
        serve.process.kill()
        serve.process.wait()
        until(lambda: not [pid for pid in children if alive(pid)])


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_two_sites_are_served_at_once(site, tmp_path, micropython):
    with serving(site, tmp_path) as one, serving(site, tmp_path) as two:
        for _ in range(2):
            status(one, "/counted")
        assert (status(one, "/counted")[1], status(two, "/counted")[1]) == ('{"count": 3}', '{"count": 1}')


def test_a_folder_without_a_site_is_told(tmp_path):
    done = subprocess.run([PICOWEB, "serve", tmp_path], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"picoweb: there is no site.yaml in {tmp_path}; name the folder of a site\n"


@pytest.mark.parametrize("size", ["many", "-1k"])
def test_a_heap_is_a_size(site, size):
    done = subprocess.run([PICOWEB, "serve", site, f"--heap={size}"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert repr(size) in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_breakpoint_opens_the_debugger_in_the_terminal(site, tmp_path):
    import pty

    write_files(site, {"handlers/parts.py": FILES["handlers/parts.py"].replace("count += 1", "breakpoint()")})
    port = runner.free_port()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [PICOWEB, "serve", site, "--python", "--port", str(port)],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""

    def says(text):
        nonlocal seen
        end = time.monotonic() + 15
        while text not in seen:
            assert time.monotonic() < end, seen.decode()
            if select.select([ours], [], [], 0.1)[0]:
                seen += os.read(ours, 4096)

    try:
        says(b"http://")
        asking = subprocess.Popen([sys.executable, "-c", _ASK, str(port)], stdout=subprocess.PIPE, text=True)
        says(b"(Pdb)")
        os.write(ours, b"!globals().update(count=41)\n")
        os.write(ours, b"p count + 1\n")
        says(b"42")
        os.write(ours, b"c\n")
        assert asking.communicate(timeout=15)[0] == '{"count": 41}\n'
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(15)
        os.close(ours)


_ASK = """\
import sys, urllib.request
print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/counted", timeout=15).read().decode())
"""
