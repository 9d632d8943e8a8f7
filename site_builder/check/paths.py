"""The paths of routes: those that are none, and those that take what another one should answer."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence

from picoweb import routing

from ..errors import Problem
from ..model import Directory, File, Redirect, Target, shown
from .checked import Checked
from .map import Map, Page, methods_of


def part_names(parts: Sequence[str | tuple[str, str]]) -> list[str]:
    """The names of a path's parts."""
    return [part[1] for part in parts if not isinstance(part, str) and part[1] != "*"]


def is_name(name: str) -> bool:
    """Whether Python, and so a template or a handler, can have such a name."""
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def check(checked: Checked) -> Iterator[Problem]:
    """Paths that are none, and those that are never reached. Fills `checked.parts` with those that are right."""
    shapes: dict[object, str] = {}
    routes = checked.site.routes
    for path, target in routes.items():
        key = ("routes", path)
        if message := _bad_path(path, target):
            yield checked.problem(key, message, "path")
            continue
        parts = routing.split(path)
        checked.parts[path] = part_names(parts)
        shape = tuple(part if isinstance(part, str) else part[:1] for part in parts)
        first = shapes.setdefault(shape, path)
        if first != path and methods_of(target) & methods_of(routes[first]):
            message = f"{path!r} is never reached: {first!r} takes the same paths"
            yield checked.problem(key, message, "unreachable")


def _bad_path(path: object, target: Target) -> str | None:
    """What is wrong with a route's path."""
    if not isinstance(path, str) or not path.startswith("/"):
        return f"{shown(path)}: a path begins with '/'"
    if any(c in path for c in "?#%\\") or not path.isprintable() or " " in path:
        return f"{path!r}: a path has no spaces, '?', '#', '%' or '\\'; letters such as 'é' stand as they are"
    try:
        parts = routing.split(path)
    except ValueError as e:
        return str(e)
    if isinstance(target, Directory) != path.endswith("/*"):
        return f"{path!r}: the path of a folder ends in '/*', and no other path does"
    if any(c in part for c in "*<>" for part in parts if isinstance(part, str)):
        return f"{path!r}: '*' stands alone at the end, and <name> for a whole part between slashes"
    names = part_names(parts)
    if len({"req", "resp", *names}) < 2 + len(names) or not all(map(is_name, names)):
        return f"{path!r}: each part needs a name of its own, of letters, digits and _, and not req or resp"
    return None


# What needs the whole site


def check_shadows(checked: Checked, site: Map) -> Iterator[Problem]:
    """Files of folders that another route hides, and paths that differ by a slash at their end alone."""
    hidden: dict[tuple[str, str], list[Page]] = {}
    for page in site.directory_files():
        winner = site.route_of(page.url, "GET")
        if winner is not None and winner != page.route and not _is_same_file(checked, site, winner, page):
            hidden.setdefault((winner, page.route), []).append(page)
    for (winner, route), pages in hidden.items():
        more = f" and {len(pages) - 1} more are" if len(pages) > 1 else " is"
        message = f"{winner!r} comes before {route!r}: {pages[0].file}{more} never sent"
        yield checked.problem(("routes", winner), message, "hidden-file", warning=True)
    for path, target in site.routes.items():
        other = path + "/"
        if path != "/" and other in site.routes:
            second = site.routes[other]
            if target != second and not isinstance(target, Redirect) and not isinstance(second, Redirect):
                message = f"{path!r} and {other!r} are two different pages; let one redirect to the other"
                yield checked.problem(("routes", other), message, "two-slashes", warning=True)


def _is_same_file(checked: Checked, site: Map, winner: str, page: Page) -> bool:
    target = checked.site.routes[winner]
    if isinstance(target, Directory):
        return site.files_of(winner)[page.url].file == page.file
    return isinstance(target, File) and target.file == page.file


def check_redirects(checked: Checked, site: Map) -> Iterator[Problem]:
    """Redirects that lead back to where they began."""
    for path in site.routes:
        way = [path]
        while following := site.follow(way[-1]):
            way.append(following[1])
            if following[1] in way[:-1]:
                break
        if len(way) > 1 and way[-1] == path:
            message = f"redirects without end: {' → '.join(way)}"
            yield checked.problem(("routes", path), message, "endless-redirect")
