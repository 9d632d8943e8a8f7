"""What only the whole site can tell: paths, files, templates, handlers and links that exist and fit together.

Each module is one concern: a function of what is known of the site that gives problems.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..assets import content_type
from ..cache import Cache
from ..errors import Problem
from ..model import Site, Template
from ..source import Source
from . import functions, hosts, imports, links, methods, paths, secrets, targets, unused, variables
from .checked import Checked
from .map import Map
from .modules import Module, read_module, read_modules
from .shown import Library

__all__ = ["Checked", "Module", "check_site", "read_module"]


def check_site(folder: Path, site: Site, source: Source, cache: Cache | None = None, whole: bool = True) -> Checked:
    """Looks at a whole site. whole: the description has no mistakes, so that what is not in it is not in the site."""
    checked = Checked(folder, site, source, cache=cache or Cache())
    checked.modules = read_modules(folder, checked.problems)
    for check in (paths.check, functions.check, targets.check, imports.check, variables.check):
        checked.problems += check(checked)
    _make_files(checked)
    if whole:
        checked.problems += _connections(checked)
    if not checked.errors:
        _make_pages(checked)
    checked.problems += checked.served.mistakes + checked.served.warnings
    checked.problems = _without_ignored(checked)
    return checked


def _connections(checked: Checked) -> Iterator[Problem]:
    """What leads to what."""
    site = Map(checked)
    library = Library(checked, site)
    yield from paths.check_shadows(checked, site)
    yield from paths.check_redirects(checked, site)
    yield from links.check(checked, site, library)
    yield from hosts.check(library)
    yield from methods.check(checked)
    yield from secrets.check(checked, site)
    if not checked.errors:
        yield from unused.check(checked, site)


def _make_files(checked: Checked) -> None:
    """Makes what browsers get of files, so that all names with a hash are known."""
    if not checked.errors:
        checked.served.make_all()
    checked.added = {name: address for address, name in checked.served.names.items()}


def _make_pages(checked: Checked) -> None:
    """Makes what browsers get of pages that are known ahead."""
    for key, data in checked.pages.items():
        target = checked.targets()[key]
        assert isinstance(target, Template)
        kind = target.type or content_type(target.template)
        checked.pages[key] = checked.served.page(target.template, kind, data)


def _without_ignored(checked: Checked) -> list[Problem]:
    """The problems, without warnings about files that the site says to ignore."""
    if not checked.site.ignore:
        return checked.problems
    import pathspec  # for few sites

    spec = pathspec.GitIgnoreSpec.from_lines(checked.site.ignore)
    return [problem for problem in checked.problems if not problem.warning or not spec.match_file(problem.file)]
