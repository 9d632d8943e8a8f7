"""Runs a bundle on MicroPython here (or on CPython): to serve, to measure, to test."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .errors import RunError

_BOOT = Path(__file__).with_name("boot.py")
_PORT_TAKEN = 98


def micropython() -> list[str] | None:
    """The command that starts MicroPython on this machine, None where there is none."""
    if importlib.util.find_spec("micropython_unix") is not None:
        script = Path(sysconfig.get_path("scripts"), "micropython")
        if script.exists():
            return [str(script)]
    found = shutil.which("micropython")
    return [found] if found else None


def command(heap: str | None = None) -> list[str]:
    """The command that starts MicroPython with such a heap. Raises RunError when there is none here."""
    found = micropython()
    if found is None:
        raise RunError("MicroPython is not installed here; serve on CPython with --python")
    return [*found, "-X", f"heapsize={heap}"] if heap else found


def _interpreter(python: bool, heap: str | None) -> list[str]:
    return [sys.executable, "-u", "-X", "utf8"] if python else command(heap)


def _taken(port: int) -> RunError:
    return RunError(f"port {port} is taken; end the other program, or choose another port with --port")


def check_port(host: str, port: int) -> None:
    """Raises RunError when nothing can listen there."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except PermissionError:
            message = f"port {port} needs the rights of an administrator; choose one from 1024 on with --port"
            raise RunError(message) from None
        except OSError as e:
            if isinstance(e, socket.gaierror) or "assign" in (e.strerror or ""):
                raise RunError(f"{host!r} is not an address of this machine; choose another with --host") from None
            raise _taken(port) from None


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def start(
    folder: Path,
    host: str,
    port: int,
    *,
    python: bool = False,
    heap: str | None = None,
    log: IO[bytes] | int | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a bundle and returns its process. heap: MicroPython's, such as "64k". log: where its output goes."""
    words = [*_interpreter(python, heap), str(_BOOT), host, str(port)]
    return subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def wait_ready(process: subprocess.Popen[bytes], host: str, port: int, timeout: float = 15) -> None:
    """Waits until the server accepts connections. Raises RunError when it ends instead, or takes too long."""
    address = "127.0.0.1" if host == "0.0.0.0" else host
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        code = process.poll()
        if code is not None:
            raise _taken(port) if code == _PORT_TAKEN else RunError(f"the server ended with exit code {code}")
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            return
        time.sleep(0.02)
    stop(process)
    raise RunError(f"the server does not answer after {timeout:.0f} s")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that start() gave."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


@contextlib.contextmanager
def running(
    folder: Path, *, python: bool = False, heap: str | None = None, log: IO[bytes] | None = None
) -> Iterator[int]:
    """Serves a bundle on a free port of this machine while the block runs; gives the port."""
    port = free_port()
    process = start(folder, "127.0.0.1", port, python=python, heap=heap, log=log)
    try:
        wait_ready(process, "127.0.0.1", port)
        yield port
    finally:
        stop(process)
