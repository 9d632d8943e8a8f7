"""A session of development: serves a site, and what it becomes while it is edited."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

import h11
import watchfiles

from .. import terminal
from ..cache import Cache
from ..errors import PicowebError, Problem, RunError, SiteError
from . import changes, fakes, hints
from .changes import Built, Change
from .child import Child, Machine, prepare
from .link import Link
from .output import Output
from .pages import Overlay, Pages, of_failure, of_message, of_problems
from .proxy import Proxy
from .tracebacks import source_line

_QUIET = 20  # milliseconds without a change after which it is taken up: editors write in several steps
_GRACE = 0.3  # Ctrl-C ends the site and us at the same time


@dataclass
class Session:
    """Builds a site, serves it, and looks after it. work: an empty folder of ours. limit: what gave it its heap."""

    site: Path
    work: Path
    machine: Machine
    link: Link = field(default_factory=Link)
    limit: str = ""
    port: int = 0
    buffer: int = 2048
    built: Built | None = None
    pages: Pages = field(default_factory=Pages)
    _warned: list[Problem] = field(default_factory=list)
    _changed: set[str] = field(default_factory=set)
    _child: Child | None = None

    def __post_init__(self) -> None:
        self.output = Output(self.site, self.limit)
        self.folder = changes.Folder(self.work / "bundle")
        self.cache = Cache(self.site)
        self.folder.path.mkdir()
        self.proxy = Proxy(self, self.pages, self.link)
        self._settled = asyncio.Event()
        self._lock = asyncio.Lock()

    # What the proxy asks

    async def ready(self) -> int:
        await self._settled.wait()
        return self.port

    async def failure(self, request: h11.Request) -> Overlay | None:
        path = unquote_to_bytes(request.target.partition(b"?")[0]).decode(errors="replace")
        failure = await self.output.failure(f"{request.method.decode()} {repr(path)[1:-1]}")
        return of_failure(failure, self.site) if failure else None

    # A session's life

    async def start(self, host: str, port: int) -> None:
        """Builds and listens; clients are answered when the site runs."""
        await self.proxy.listen(host, port)
        if not self.machine.python:
            await asyncio.to_thread(prepare, self.work)
        async with self._lock:
            await self._update()

    async def watch(self) -> None:
        """Takes up changes, until it is cancelled."""
        root = self.site.resolve()
        ignored = watchfiles.DefaultFilter(ignore_paths=[f"{root / 'build'}{os.sep}"])
        async for found in watchfiles.awatch(root, watch_filter=ignored, step=_QUIET, debounce=400):
            self._changed |= {Path(path).relative_to(root).as_posix() for _, path in found}
            async with self._lock:
                await self._update()

    async def stop(self) -> None:
        """Ends all that runs."""
        await self.proxy.close()
        await self._end_site()

    async def _end_site(self) -> None:
        self.port = 0
        if self._child:
            await self._child.stop()

    # Taking up what the site has become

    async def _update(self) -> None:
        try:
            new = await asyncio.to_thread(changes.build, self.site, self.machine.python, self.cache)
        except SiteError as e:
            self._show(e.problems)
            self._cover(of_problems(e.problems, self.site))
        except (PicowebError, OSError) as e:  # a file may go while it is read
            terminal.print_error(f"picoweb: {e}")
            self._cover(of_message("The site can not be built", str(e)))
        else:
            await self._take(new)
        self._settled.set()

    def _cover(self, overlay: Overlay) -> None:
        self.pages.cover(overlay)
        if self.built and self.port:
            terminal.log("the site before these changes is still served; mend it and the page comes back", "dim")

    async def _take(self, new: Built) -> None:
        self._warn(new.bundle.checked.warnings)
        change = changes.compare(self.built, new, self._changed) if self.built else Change.RESTART
        if not self.port:
            change = Change.RESTART
        if change is Change.NOTHING:
            if self.pages.overlay:
                terminal.log("mended: the site is as it was", "dim")
            self.pages.cover(None)
            self._changed.clear()
            return
        self.folder.write(new.bundle)
        self.output.places.bundle = new.bundle
        self.buffer = new.bundle.table.get("server", {}).get("buffer", 2048)
        self.built = new
        restarted = change is Change.RESTART or not (self._child and await self._child.swap())
        if restarted and not await self._restart(new):
            return
        if self._changed:
            self._tell(restarted, change)
        self._changed.clear()
        self.pages.changed("style" if change is Change.STYLE and not restarted else "page")

    def _warn(self, warnings: list[Problem]) -> None:
        """Shows what was not shown at the last build."""
        self._show([problem for problem in warnings if problem not in self._warned])
        self._warned = warnings

    def _show(self, problems: list[Problem]) -> None:
        for problem in problems:
            terminal.show_problems([problem], self.site)
            line = source_line(self.site, problem.file, problem.line).strip()
            if line:
                terminal.log(f"    {line}", "dim")

    def _tell(self, restarted: bool, change: Change) -> None:
        names = sorted(name for name in self._changed if not (self.site / name).is_dir())
        what = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        done = f"{self.machine.name} restarted" if restarted else "style sheets renewed"
        terminal.log(
            f"{what or 'the site'} changed: {'reloaded' if change is Change.PAGE and not restarted else done}", "green"
        )

    async def _restart(self, new: Built) -> bool:
        """Starts the site anew, with nothing in its memory; False when it does not start."""
        self._settled.clear()
        try:
            await self._end_site()
            self.output.end()
            self.output.last.clear()
            beside = fakes.place(new.fakes, self.site, self.machine.python, self.work / "fakes")
            self._child = Child(self.machine, self.folder.path, self.work, beside, self.output.feed, self._ended)
            await self._child.start()
            self.port = self._child.port
        except RunError as e:
            self._dead(str(e))
        finally:
            self._settled.set()
        return self.port > 0

    def _ended(self, code: int) -> None:
        self.port = 0
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        asyncio.get_running_loop().call_later(_GRACE, self._dead, f"{self.machine.name} {how}")

    def _dead(self, message: str) -> None:
        """Tells that the site does not run."""
        if self.port:
            return  # it runs again already
        lines = [message + "; it starts again when you change a file"]
        if self.built and any(line.startswith("MemoryError") for line in self.output.last):
            message = f"The site does not fit {self.limit or 'the heap'}"
            largest = hints.largest(self.built.bundle)
            lines[0] = (
                f"{message}, a heap of {self.machine.heap:,} bytes here; its largest modules, in bytes: {largest}"
            )
        for line in lines:
            terminal.print_error(line)
        self.pages.cover(of_message(message, "\n".join([*lines, *self.output.last])))
