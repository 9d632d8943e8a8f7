"""Puts a bundle on a device, all or nothing.

Files of a site are named by their content, so no name that the live site needs is ever written with other bytes. The
commit is one small record; the board restarts, and says which site it runs, else it gets the old one back.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .device import NOTHING, Device
from .errors import DeviceError
from .health import WAIT, Stopped, trouble
from .onboard import Record, Site
from .plan import Plan
from .sending import Call, batches, in_one_piece, removing

__all__ = ["Options", "Progress", "Stopped", "UploadResult", "put", "rollback", "rollback_on", "upload"]


@dataclass(frozen=True)
class Progress:
    """How far an upload is: the file being sent, "" while the site starts, and bytes `done` of `total`."""

    path: str
    done: int
    total: int


@dataclass(frozen=True)
class Options:
    """How to upload.

    force: replace a main.py that is not ours. keep: leave the site before there, to go back to. wait: seconds that the
    new site may take to start. need: bytes of heap that the site needs, None where nobody has measured it. dry_run:
    change nothing. stop: when it is set, the upload ends between two chunks. warn: gets what is doubtful: before
    anything is written, and of the site that has started.
    """

    force: bool = False
    keep: bool = True
    wait: float = WAIT
    need: int | None = None
    dry_run: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    warn: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class UploadResult:
    """What an upload did, or would do; `bytes_sent` of files, `wire_bytes` in all.

    site: the name of the site. copied: files that the device had already, under other names.
    """

    site: str
    sent: list[str]
    copied: list[str]
    removed: list[str]
    bytes_sent: int
    files_kept: int
    round_trips: int
    wire_bytes: int
    seconds: float


def upload(
    bundle: Path,
    port: str,
    options: Options | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> UploadResult:
    """Make the device run `bundle`. Whatever goes wrong, it has the old site or the new one, whole.

    All below `site/` on the device belongs to uploads; other files stay as they are. Raises DeviceError.
    """
    site = Site.read(bundle)
    with Device.open(port, f"look('{site.name}.list')") as device:
        return put(device, site, options or Options(), progress)


def put(
    device: Device, site: Site, options: Options, progress: Callable[[Progress], None] | None = None
) -> UploadResult:
    """Make a device run a site; it is restarted."""
    device.contents.know(site.name, site.listing)
    plan = Plan(device, site, options.force)
    plan.check(options.force)
    _check_heap(device, options)
    if not options.dry_run:
        with device.consequence("the upload did not take effect"):
            _send(device, plan, options.stop, progress)
        with device.consequence("the new site is in place, but nobody knows whether it has started"):
            if progress:
                progress(Progress("", plan.size, plan.size))
            _start(device, plan, options)
    gone = plan.stale | (plan.dropped if plan.makes_room else set()) | (set() if options.keep else plan.before)
    removed = sorted(path for path in gone if not path.endswith("/"))
    wire = device.wire
    sent = [path for path in plan.sending if path not in plan.copied]
    costs = wire.round_trips, wire.written, time.monotonic() - device.opened
    return UploadResult(site.name, sent, sorted(plan.copied), removed, plan.size, plan.kept, *costs)


def _check_heap(device: Device, options: Options) -> None:
    need, heap = options.need, device.info.heap
    if need is not None and heap < need:
        text = f"the site needs about {need:,} bytes of heap, and {heap:,} are free"
        options.warn(f"{device.port}: {text}: make it smaller, or take a larger board")


def _send(device: Device, plan: Plan, stop: threading.Event, progress: Callable[[Progress], None] | None) -> None:
    """Write what is missing; the record comes last, and is the commit."""
    done = 0
    counted = plan.sending.keys() - plan.copied.keys()
    try:
        for batch in batches(plan.calls()):
            if stop.is_set():
                raise Stopped(f"{device.port}: stopped; {device.wire.consequence}")
            device.run(call.text for call in batch)
            done += sum(call.size for call in batch if call.path in counted)
            if progress:
                progress(Progress(batch[-1].path, done, plan.size))
    except Stopped:
        raise  # what was sent so far is there for the next upload
    except DeviceError:
        _undo(device, plan)
        raise


def _undo(device: Device, plan: Plan) -> None:
    if device.wire.alive:
        with contextlib.suppress(DeviceError):
            _run(device, plan.undoing())


def _run(device: Device, calls: Iterable[Call]) -> None:
    for batch in batches(calls):
        device.run(call.text for call in batch)


def _start(device: Device, plan: Plan, options: Options) -> None:
    """Restart the device into the new site, or else into the old one."""
    device.wire.restart()
    problem = trouble(device.wire, plan.site.name, options.wait, options.stop, options.warn)
    if problem:
        text = f"{device.port}: the new site did not start: {problem}"
        raise DeviceError(f"{text}; {_put_back(device, plan, options)}")
    if not options.keep and plan.before:
        device.prepare(NOTHING)
        _run(device, [Call(f"rm('site/live.{1 - plan.slot if plan.commits else plan.slot}')"), *removing(plan.before)])
        device.wire.restart()
        trouble(device.wire, plan.site.name, options.wait, options.stop)


def _put_back(device: Device, plan: Plan, options: Options) -> str:
    """Give the device its old site back; returns what came of it."""
    if not plan.commits:
        return "it is what the board had: correct it and upload again"
    if plan.back_to is None:
        return "there is no earlier site to go back to: correct it and upload again"
    device.prepare(NOTHING)
    device.run([f"rm('site/live.{plan.slot}')"])
    with device.consequence("the old site was put back, but nobody knows whether it has started"):
        device.wire.restart()
        again = trouble(device.wire, plan.back_to, options.wait, options.stop)
    return f"the old site was put back, and did not start either: {again}" if again else "the old site is back"


def rollback(port: str, wait: float = WAIT, stop: threading.Event | None = None) -> str:
    """Make the device run the site that it ran before; returns its title and name. Raises DeviceError when it is gone.

    It may take `wait` seconds to start; when `stop` is set, nobody waits any longer.
    """
    with Device.open(port) as device:
        return rollback_on(device, wait, stop)


def rollback_on(device: Device, wait: float = WAIT, stop: threading.Event | None = None) -> str:
    """The same for a device that is open; it is restarted."""
    there = device.contents
    previous = there.previous
    if previous is None or there.live is None:
        raise DeviceError(f"{device.port}: the site before is not there any more: upload the one you want")
    if stop and stop.is_set():
        raise Stopped(f"{device.port}: stopped; {device.wire.consequence}")
    again = Record(there.live.number + 1, previous.site, previous.time)
    with device.consequence("it is not known which of the two sites the board runs"):
        device.run([in_one_piece(f"site/live.{there.slot}", again.data()).text])
    with device.consequence("the site before is in place, but nobody knows whether it has started"):
        device.wire.restart()
        problem = trouble(device.wire, again.site, wait, stop)
    if problem:
        raise DeviceError(
            f"{device.port}: the site before did not start: {problem}; `picoweb rollback` goes back again"
        )
    return there.called(again.site)
