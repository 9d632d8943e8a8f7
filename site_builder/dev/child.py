"""The process that runs the site for the development server: MicroPython, or CPython, on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import runner
from ..bytecode import compile_all
from ..errors import RunError
from .tracebacks import OWN_FILE

_BOOT = Path(__file__).with_name("boot.py")
_PORT_TAKEN = 98
_START = 15.0  # seconds that a site may take to listen
_SWAP = 3.0  # and a running one to take up a new table; a handler may keep it busy
_STOP = 3.0


@dataclass(frozen=True)
class Machine:
    """What the site runs on. heap: MicroPython's, in bytes, 0 for its own. connections: 0 for those of the table."""

    python: bool = False
    heap: int = 0
    connections: int = 0

    @property
    def name(self) -> str:
        return "CPython" if self.python else "MicroPython"


def prepare(folder: Path) -> None:
    """Compiles what MicroPython boots with into a folder, so that it needs no heap for a compiler."""
    (folder / "picoweb_serve.mpy").write_bytes(compile_all({OWN_FILE: _BOOT.read_bytes()})[OWN_FILE])


@dataclass
class Child:
    """A running site.

    bundle: its folder. tools: that of prepare(). fakes: a folder that comes first on its sys.path, None without one.
    output: takes what it writes. ended: called with its exit code when it ends by itself.
    """

    machine: Machine
    bundle: Path
    tools: Path
    fakes: Path | None
    output: Callable[[bytes], None]
    ended: Callable[[int], None]
    port: int = 0
    process: asyncio.subprocess.Process | None = None
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _stopping: bool = False

    async def start(self) -> None:
        """Starts it and returns when it listens. Raises RunError when it can not."""
        for _ in range(5):
            self.port = runner.free_port()
            if await self._start():
                self._tasks.append(asyncio.create_task(self._wait()))
                return
        raise RunError("there is no free port for the site")

    async def _start(self) -> bool:
        """False when another program took the port meanwhile."""
        connected: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if await reader.readline() and not connected.done():
                self._reader, self._writer = reader, writer
                connected.set_result(True)

        control = await asyncio.start_server(take, "127.0.0.1", 0)
        try:
            process = await self._spawn(control.sockets[0].getsockname()[1])
            waiting = asyncio.ensure_future(process.wait())
            first: list[asyncio.Future[Any]] = [connected, waiting]
            await asyncio.wait(first, timeout=_START, return_when=asyncio.FIRST_COMPLETED)
            if connected.done():
                return True
            await self.stop()
            if not waiting.done():
                raise RunError(f"the site does not listen after {_START:.0f} s")
            if waiting.result() == _PORT_TAKEN:
                return False
            raise RunError(f"{self.machine.name} ended with exit code {waiting.result()} before it could serve")
        finally:
            control.close()

    async def _spawn(self, control: int) -> asyncio.subprocess.Process:
        machine = self.machine
        words = [str(self.port), str(control), str(machine.connections), str(int(machine.heap > 0))]
        words += [str(self.fakes)] if self.fakes else []
        pipe = asyncio.subprocess.PIPE
        if machine.python:  # a person may sit at its debugger: the terminal stays its own
            command = [sys.executable, "-u", "-X", "utf8", str(_BOOT), *words]
            process = await asyncio.create_subprocess_exec(*command, cwd=self.bundle, stderr=pipe)
            source = process.stderr
        else:
            command = [*runner.command(str(machine.heap) if machine.heap else None), "-m", "picoweb_serve", *words]
            process = await asyncio.create_subprocess_exec(
                *command, cwd=self.bundle, env={**os.environ, "MICROPYPATH": f"{self.tools}{os.pathsep}.frozen"},
                stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            source = process.stdout
        self.process = process
        self._stopping = False
        assert source is not None
        self._tasks = [asyncio.create_task(self._read(source))]
        return process

    async def _read(self, source: asyncio.StreamReader) -> None:
        while data := await source.read(65536):
            self.output(data)

    async def _wait(self) -> None:
        assert self.process is not None
        code = await self.process.wait()
        await asyncio.wait(self._tasks[:1], timeout=1)  # what it still said
        if not self._stopping:
            self.ended(code)

    async def swap(self) -> bool:
        """Has the running site take up the table that is there now; False when it can not, or does not answer."""
        if self._reader is None or self._writer is None:
            return False
        try:
            self._writer.write(b"swap\n")
            answer = await asyncio.wait_for(self._reader.readline(), _SWAP)
        except (OSError, asyncio.TimeoutError):
            return False
        return answer == b"ok\n"

    async def stop(self) -> None:
        """Ends it, and returns when its port is free."""
        self._stopping = True
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None
        process = self.process
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP)
            except asyncio.TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1)
        self._tasks = []
