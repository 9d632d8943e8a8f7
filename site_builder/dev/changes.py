"""What a change of the site asks for, and the folder that the running site reads."""

from __future__ import annotations

import enum
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from .. import bundle
from ..cache import Cache
from . import fakes


class Change(enum.Enum):
    """What has to happen so that everybody sees a change."""

    NOTHING = 0
    STYLE = 1  # pages can take up the new style sheets
    PAGE = 2  # pages reload
    RESTART = 3  # the code that is running has changed


@dataclass(frozen=True)
class Built:
    """What is served: a bundle, and the stand-ins beside it."""

    bundle: bundle.Bundle
    fakes: dict[str, bytes]


def build(site: Path, python: bool, cache: Cache | None = None) -> Built:
    """Builds a site to be served here. cache: that of the builds before. Raises SiteError, as bundle.build()."""
    return Built(bundle.build(site, python=python, cache=cache), fakes.read(site, python))


def _running(built: Built) -> list[object]:
    """All that is only read when the site starts: the modules of handlers and of picoweb, the server's settings."""
    handlers = {}
    libraries = set()
    for path, data in built.bundle.files.items():
        tree, _, inside = path.removeprefix("site/").partition("/")
        if tree.startswith("lib-"):
            libraries.add(tree)
        elif inside.startswith("handlers/"):
            handlers[inside] = data
    return [handlers, libraries, built.bundle.table.get("server"), built.fakes]


def compare(old: Built, new: Built, files: Collection[str]) -> Change:
    """What it takes to come from one to the other; files: those of the site that were saved."""
    if old.bundle.files == new.bundle.files and old.fakes == new.fakes:
        return Change.NOTHING
    if _running(old) != _running(new):
        return Change.RESTART
    if files and all(file.endswith(".css") and not file.startswith("templates/") for file in files):
        return Change.STYLE
    return Change.PAGE


@dataclass
class Folder:
    """The folder of the running site: it always has the files of the last bundle and of the one before, for requests
    that are on their way."""

    path: Path
    _names: list[set[str]] = field(default_factory=list)

    def write(self, made: bundle.Bundle) -> None:
        """Adds a bundle, and then puts its table in place of the last one's."""
        names = {path for path in made.files if path.startswith("site/")}
        there = set().union(*self._names)
        for name in sorted(names - there):
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(made.files[name])
        temporary = self.path / ".new"
        temporary.write_bytes(made.files["routes.json"])
        os.replace(temporary, self.path / "routes.json")
        self._names = [*self._names[-1:], names]
        for name in there - set().union(*self._names):
            (self.path / name).unlink(missing_ok=True)
