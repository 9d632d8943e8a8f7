"""Several boards: which ones, by port or by the names of devices.yaml, and the same work for all of them at once.

```yaml
devices:
  kitchen: /dev/ttyACM0
  hall: /dev/ttyACM1
groups:
  indoors: [kitchen, hall]
```
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic_core import ErrorDetails

from . import source
from .errors import DeviceError, PicowebError, Problem, SiteError, suggest

__all__ = ["ALL", "Outcome", "Target", "each", "read", "select"]

T = TypeVar("T")
ALL = "all"


@dataclass(frozen=True)
class Target:
    """A board: its port, and its name for people."""

    port: str
    name: str


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of the work for a board: a result, or an error."""

    target: Target
    result: T | None = None
    error: PicowebError | None = None


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Fleet:
    """What devices.yaml says: ports by name, and names by group."""

    devices: dict[str, str]
    groups: dict[str, list[str]] = field(default_factory=dict)

    def named(self, words: Sequence[str]) -> list[Target]:
        """The boards of some names and groups, each once. Raises DeviceError for an unknown name."""
        found: dict[str, Target] = {}
        for word in words:
            names = [*self.devices] if word == ALL else self.groups.get(word, [word])
            for name in names:
                if name not in self.devices:
                    known = suggest(name, [*self.devices, *self.groups, ALL])
                    raise DeviceError(f"no device or group in devices.yaml is called {name!r}{known}")
                found[name] = Target(self.devices[name], name)
        if not found:
            raise DeviceError(f"devices.yaml has no device for --to {' '.join(words)}")
        return list(found.values())


_FILE = TypeAdapter(Fleet)


def read(path: Path) -> Fleet:
    """Reads devices.yaml. Raises SiteError with all that is wrong with it; DeviceError when it is not there."""
    if not path.is_file():
        raise DeviceError(f"{path} is not there: write in it `devices: {{NAME: PORT}}`, or give --port")
    described = source.read(path, path.name)
    problems: list[Problem] = []
    try:
        fleet = _FILE.validate_python(described.value or {})
    except ValidationError as e:
        problems = [described.problem(tuple(error["loc"]), _explained(error)) for error in e.errors()]
        raise SiteError(problems) from None
    for part, names in (("devices", fleet.devices), ("groups", fleet.groups)):
        if ALL in names:
            problems.append(described.problem((part, ALL), f"`{ALL}` means every device; take another name"))
    for group, members in fleet.groups.items():
        if group in fleet.devices:
            problems.append(described.problem(("groups", group), "a device has this name; take another one"))
        for at, name in enumerate(members):
            if name not in fleet.devices:
                message = f"no device is called {name!r}{suggest(name, fleet.devices)}"
                problems.append(described.problem(("groups", group, at), message))
    if problems:
        raise SiteError(problems)
    return fleet


def _explained(error: ErrorDetails) -> str:
    name = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "unexpected_keyword_argument":
        return f"{name!r} is not known here{suggest(name, ['devices', 'groups'])}"
    if error["type"] == "missing":
        return "no devices; expected `devices: {NAME: PORT}`"
    if error["type"] == "string_type":
        return "expected text, such as the name of a port: /dev/ttyACM0"
    return "expected " + ("a list of devices" if error["type"] == "list_type" else "`NAME: PORT` or `NAME: [DEVICES]`")


def select(ports: Sequence[str], to: Sequence[str], folder: Path, ask: Callable[[], str]) -> list[Target]:
    """The boards of `--port` and `--to`; `ask` gives the port when there is neither."""
    found = [Target(port, port) for port in dict.fromkeys(ports)]
    if to:
        found += read(folder / "devices.yaml").named(to)
    if not found:
        port = ask()
        found = [Target(port, port)]
    return found


def each(targets: Sequence[Target], work: Callable[[Target], T], stop: threading.Event) -> list[Outcome[T]]:
    """Does the work for all targets at once. Ctrl-C sets `stop`, and all come to an end that leaves a whole site."""

    def one(target: Target) -> Outcome[T]:
        try:
            return Outcome(target, work(target))
        except PicowebError as e:
            return Outcome(target, error=e)

    with ThreadPoolExecutor(len(targets)) as pool:
        jobs = [pool.submit(one, target) for target in targets]
        while True:
            try:
                wait(jobs)
                return [job.result() for job in jobs]
            except KeyboardInterrupt:
                stop.set()
