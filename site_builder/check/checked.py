"""What is known of a site that is being looked at as a whole. Each check is a function of it that gives problems."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..assets import Files
from ..assets.served import Served
from ..cache import Cache
from ..errors import Problem
from ..model import Site, Target
from ..source import Key, Source
from ..templates import Compiled, Loader
from ..templates.cached import Templates
from ..templates.options import Options
from .modules import Module


@dataclass
class Checked:
    """A site that was looked at as a whole: what the later stages need, and the problems that were found.

    templates: those that the board runs. pages: what is known ahead of the pages, by their place in the description.
    modules: those of handlers/ by name. parts: the names of the parts of each path that is right. compiled: every
    template that was asked for, None where it is broken. added: paths that the build adds, with those they stand for,
    such as a name with a hash for a file.
    """

    folder: Path
    site: Site
    source: Source
    templates: dict[str, Compiled] = field(default_factory=dict)
    pages: dict[Key, bytes] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    parts: dict[str, list[str]] = field(default_factory=dict)
    compiled: dict[str, Compiled | None] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    cache: Cache = field(default_factory=Cache)
    made: Templates = field(init=False)

    def __post_init__(self) -> None:
        self.files = Files(self.folder)
        self.loader = Loader(self.folder / "templates", "templates", files=self.files)
        own = self.site.templates
        known = {"title": self.site.title, **self.site.context}
        self.served = Served(self.files, self.site, self.cache)
        options = Options(known, own.filters, own.tests, own.strict, own.trim_blocks, own.lstrip_blocks, self.served)
        routes: dict[Key, Target] = {("routes", path): target for path, target in self.site.routes.items()}
        self._targets = routes | {("errors", status): target for status, target in self.site.errors.items()}
        self.made = Templates(self.loader, options, self.cache)

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without Jinja's trees, which can not go there."""
        return {name: value for name, value in vars(self).items() if name not in ("made", "cache")}

    @property
    def errors(self) -> list[Problem]:
        """What must be mended before the site can be built."""
        return [problem for problem in self.problems if not problem.warning]

    @property
    def warnings(self) -> list[Problem]:
        """What should be looked at, in the order of files and lines."""
        return sorted({problem for problem in self.problems if problem.warning})

    def targets(self) -> dict[Key, Target]:
        """All targets by their place in the description: those of routes, and the error pages."""
        return self._targets

    def problem(self, path: Key, message: str, code: str = "invalid", warning: bool = False) -> Problem:
        """A problem at a place in the description."""
        return replace(self.source.problem(path, message), code=code, warning=warning)

    def template_files(self, target: Any) -> tuple[str, ...]:
        """The templates that the page of a template target is made of."""
        compiled = self.compiled.get(target.template)
        return compiled.files if compiled else ()
