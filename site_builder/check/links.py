"""Links, pictures, styles and forms that lead nowhere in the site, and fragments that the page they lead to lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import Problem, nearest
from ..model import Redirect
from .checked import Checked
from .documents import FORM, HINT, Link
from .map import Map, resolve
from .masks import MARK
from .shown import Library, Shown

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_DYNAMIC = re.compile(r"\|\s*safe\b|\bMarkup\b|autoescape|\binline\s*\(")  # values of such a page may be HTML


def check(checked: Checked, site: Map, library: Library) -> Iterator[Problem]:
    """All that leads nowhere."""
    judge = _Judge(checked, site, library)
    for shown in library.shown:
        base = next((document.base for _, document in shown.parts if document.base), "")
        for _, document in shown.parts:
            for link in document.links:
                if (link.text, link.use, link.method) in judge.fine:
                    continue
                found = judge.link(link, shown, base)
                if found:
                    for place in library.places(shown, link):
                        yield Problem(*place, found[1], True, found[0])
    for path, target in checked.site.routes.items():
        if isinstance(target, Redirect) and path in site.routes:
            found = judge.path(target.redirect, path)
            if found:
                yield checked.problem(("routes", path, "redirect"), found[1], found[0], warning=True)


Found = tuple[str, str] | None  # a code and a message


@dataclass
class _Judge:
    """Says what is wrong with a link; asked again, it remembers."""

    checked: Checked
    site: Map
    library: Library
    seen: dict[tuple[str, str, str, str], Found] = field(default_factory=dict)
    fine: set[tuple[str, str, str]] = field(default_factory=set)  # links that are right on any page

    def link(self, link: Link, shown: Shown, own_base: str) -> Found:
        text = link.text
        key = ("*", text, link.use, link.method)  # from any page
        if key in self.seen:
            return self.seen[key]
        if link.use == HINT or _SCHEME.match(text) or (own_base and _SCHEME.match(own_base)):
            return None
        if text.startswith("/") and MARK not in text:
            self.seen[key] = self.known(link, "/")
            if self.seen[key] is None:
                self.fine.add((text, link.use, link.method))
            return self.seen[key]
        if MARK in text or MARK in own_base:
            return self.unknown(link, text)
        return self.relative(link, shown, own_base)

    def relative(self, link: Link, shown: Shown, own_base: str) -> Found:
        """A link that depends on the page it is on."""
        text = link.text
        if not text or (text.startswith("#") and not own_base):
            return self.same_page(link, shown)
        if shown.is_error_page and not own_base.startswith("/"):
            message = f"{text!r} leads elsewhere from each address that this page is shown at; begin it with '/'"
            return "relative-link", message
        for base in shown.bases:
            if base is None and not own_base.startswith("/"):
                continue
            address = resolve(base or "/", own_base) if own_base else (base or "/", "")
            if address is None:
                continue
            key = (address[0].rpartition("/")[0], text, link.use, link.method)
            if text.startswith("?"):
                key = (address[0], *key[1:])
            if key not in self.seen:
                self.seen[key] = self.known(link, address[0])
            if self.seen[key]:
                return self.seen[key]
        return None

    def same_page(self, link: Link, shown: Shown) -> Found:
        fragment = (resolve("/", link.text) or ("", ""))[1]
        if link.use != FORM:
            return self.fragment(link.text, fragment, shown, "the page")
        if shown.key is None or shown.is_error_page:
            return None
        route = str(shown.key[1])
        methods = self.site.methods(shown.bases[0]) if shown.bases[0] else {"GET", "POST"}
        return self.method(link, route, methods)

    def known(self, link: Link, base: str) -> Found:
        """A link that is wholly known, on a page at `base`."""
        address = self.site.resolve(base, link.text)
        if address is None:
            return None
        path, fragment = address
        methods = self.site.methods(path)
        if not methods:
            return self.dead(link.text, path, base)
        return self.method(link, path, methods) or self.at(link.text, path, fragment)

    def path(self, text: str, base: str) -> Found:
        """A path that nothing answers."""
        address = self.site.resolve(base, text)
        return None if address is None or self.site.methods(address[0]) else self.dead(text, address[0], base)

    def dead(self, text: str, path: str, base: str) -> Found:
        there = "" if text.startswith("/") else f": there is no {path!r}"
        return "dead-link", f"{text!r} leads nowhere{there}{self.site.near(path, base)}"

    def method(self, link: Link, path: str, methods: set[str]) -> Found:
        if not methods or link.method in methods:
            return None
        told = path.replace("\0", "…")
        if link.use == FORM:
            message = f"this form sends {link.method} to {told!r}, which answers {_listed(methods)} alone"
            remedy = "; it needs a handler with methods: [POST]" if link.method == "POST" else '; write method="post"'
        else:
            message = f"a browser asks {told!r} with GET, but it answers {_listed(methods)} alone"
            remedy = '; use a form with method="post"'
        return "wrong-method", message + remedy

    def unknown(self, link: Link, text: str) -> Found:
        """A link of which only the beginning is known."""
        start = text.partition(MARK)[0]
        if not start.startswith("/"):
            return None
        told = re.sub(f"{MARK}+", "…", text)
        if "?" in start or "#" in start:
            start = re.split(r"[?#]", start)[0]
            return self.path(start, "/") or self.method(link, start, self.site.methods(start))
        address = resolve("/", start)
        if address is None:
            return None
        methods = self.site.methods_below(address[0])
        if not methods:
            return "dead-link", f"{told!r} leads nowhere: no path begins so"
        return self.method(link, re.sub(f"{MARK}+", "\0", re.split(r"[?#]", text)[0]), methods)

    # Fragments

    def at(self, text: str, path: str, fragment: str) -> Found:
        """A fragment of the page at a path."""
        if not fragment:
            return None
        route = self.site.route_of(path)
        for _ in range(8):
            following = self.site.follow(route) if route else None
            if following is None:
                break
            path, route = following
        shown = self.library.at(path, route) if route else None
        return self.fragment(text, fragment, shown, path) if shown else None

    def fragment(self, text: str, fragment: str, shown: Shown, where: str) -> Found:
        if not fragment or fragment.lower() == "top" or not re.match(r"[^/!:]", fragment):
            return None
        if any(fragment in document.ids for _, document in shown.parts):
            return None
        ids = set().union(*(document.ids for _, document in shown.parts))
        if any(MARK in name and _may_be(name, fragment) for name in ids):
            return None
        if self.is_made_later(fragment, shown):
            return None
        return "dead-fragment", f"{text!r}: {where} has no id {fragment!r}{nearest(fragment, ids)}"

    def is_made_later(self, fragment: str, shown: Shown) -> bool:
        """Whether a script, or a value that is HTML, may make an element with this id."""
        if any(fragment in document.scripts for _, document in shown.parts):
            return True
        if not shown.exact:
            for file, _ in shown.parts:
                name = file.partition("/")[2]
                text = self.checked.loader.text(name)
                if _DYNAMIC.search(text) or (name.endswith(".tpl") and "{{" in text):
                    return True
            if any("markup" in module.picoweb_names for module in self.checked.modules.values()):
                return True
        return any(fragment in text for text in self.scripts())

    def scripts(self) -> Iterator[str]:
        for page in self.site.served_files:
            if page.file.endswith((".js", ".mjs")):
                yield self.checked.files.read(page.file).decode("utf-8", "replace")


def _listed(methods: set[str]) -> str:
    return " and ".join(sorted(methods))


def _may_be(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, re.split(f"{MARK}+", pattern))), text, re.S) is not None
