"""Tracebacks of a running site, told in the places of the site's own files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ..bundle import Bundle
from ..templates import module_name

OWN_FILE = "site_builder/dev/boot.py"  # what the development server adds is not shown
START = "Traceback (most recent call last):"
_FRAME = re.compile(r'  File "(.*)", line (\d+)(?:, in (.*))?')
_TREE = re.compile(r"(?:.*/)?site/(?:app|lib)-[0-9a-f]+/")


@dataclass(frozen=True)
class Frame:
    """A line that was running. own: it is the site's; source: what stands there, "" when that is not known."""

    file: str
    line: int
    name: str = ""
    source: str = ""
    own: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + (f", in {self.name}" if self.name else "")


@dataclass
class Failure:
    """An exception of the site. title: what the log said of it, such as "GET /"; error: its type and message."""

    title: str = ""
    frames: list[Frame] = field(default_factory=list)
    error: str = ""
    hint: str = ""

    @property
    def own(self) -> list[Frame]:
        """The frames of the site's own files."""
        return [frame for frame in self.frames if frame.own]


@dataclass
class Places:
    """Knows where in a site each line of a bundle's code comes from."""

    site: Path
    bundle: Bundle | None = None

    def frame(self, file: str, line: int, name: str) -> Frame:
        """A line of a module as the interpreter names it, as a line of the site."""
        file = _TREE.sub("", file.replace("\\", "/"))
        for folder in ("fakes", "handlers"):
            inside = f"{self.site.resolve().as_posix()}/{folder}/"
            if file.startswith((inside, f"{folder}/")):
                return self._own(f"{folder}/{file.removeprefix(inside).removeprefix(folder + '/')}", line, name)
        place = self._template(file, line)
        return self._own(*place) if place else Frame(file, line, name)

    def _template(self, file: str, line: int) -> tuple[str, int] | None:
        for name, compiled in self.bundle.checked.templates.items() if self.bundle else ():
            if file == f"templates/{module_name(name).replace('.', '/')}.py" and 0 < line <= len(compiled.lines):
                template, at = compiled.lines[line - 1]
                return f"templates/{template}", at
        return None

    def _own(self, file: str, line: int, name: str = "") -> Frame:
        return Frame(file, line, name, source_line(self.site, file, line).strip(), True)


def source_line(site: Path, file: str, line: int) -> str:
    """A line of a file of the site, "" when there is none."""
    try:
        lines = (site / file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return lines[line - 1] if 0 < line <= len(lines) else ""


@dataclass
class Reader:
    """Takes the lines of a log apart: tracebacks become Failures, other lines stay as they are."""

    places: Places
    _failure: Failure | None = None
    _title: str = ""

    def read(self, line: str) -> Failure | str | None:
        """A Failure when this line ends one, None while one is being read, else the line."""
        if line == START:
            self._failure = Failure(self._title)
            return None
        if self._failure is None:
            self._title = line
            return line
        frame = _FRAME.fullmatch(line)
        if frame and not frame[1].replace("\\", "/").endswith(OWN_FILE):
            self._failure.frames.append(self.places.frame(frame[1], int(frame[2]), frame[3] or ""))
        if line.startswith("  "):  # of a frame, or the source that CPython shows below it
            return None
        failure, self._failure = self._failure, None
        failure.error = line
        return failure
