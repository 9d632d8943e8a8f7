"""HTML, SVG and CSS to what they link to, with html.parser and tinycss2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

import tinycss2

from .documents import ASSET, FORM, HINT, PAGE, Document, Link


def parse(kind: str, text: str) -> Document:
    """Reads a document; `kind` is one of kind_of(). What is broken in it is read as a browser would, or left out."""
    document = Document()
    if kind == "css":
        document.links = [link for link in css_links(text) if link.text[:1] != "#"]  # that is of the page
    else:
        parser = _Parser(document)
        try:
            parser.feed(text)
            parser.close()
        except AssertionError:  # a declaration that html.parser does not know, such as <![x
            pass
    return document


# HTML

_ATTRIBUTES = {
    "a": {"href": PAGE, "xlink:href": PAGE},
    "area": {"href": PAGE},
    "audio": {"src": ASSET},
    "embed": {"src": ASSET},
    "feimage": {"href": ASSET, "xlink:href": ASSET},
    "frame": {"src": ASSET},
    "iframe": {"src": ASSET},
    "image": {"href": ASSET, "xlink:href": ASSET},
    "img": {"src": ASSET, "srcset": ASSET},
    "input": {"src": ASSET},
    "object": {"data": ASSET},
    "script": {"src": ASSET, "href": ASSET, "xlink:href": ASSET},
    "source": {"src": ASSET, "srcset": ASSET},
    "track": {"src": ASSET},
    "use": {"href": ASSET, "xlink:href": ASSET},
    "video": {"src": ASSET, "poster": ASSET},
}
_RELATIONS = {
    "apple-touch-icon": ASSET,
    "icon": ASSET,
    "manifest": ASSET,
    "mask-icon": ASSET,
    "modulepreload": ASSET,
    "prefetch": ASSET,
    "preload": ASSET,
    "stylesheet": ASSET,
    "dns-prefetch": HINT,
    "preconnect": HINT,
    "alternate": PAGE,
    "help": PAGE,
    "next": PAGE,
    "prev": PAGE,
    "search": PAGE,
}
_CANDIDATE = re.compile(r"[\s,]*([^\s,]\S*[^\s,]|[^\s,])(?:\s[^,]*)?")
_REFRESH = re.compile(r"\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'\s]+)", re.I)


class _Parser(HTMLParser):
    """Gathers the links and ids of HTML and SVG. A template's masked attributes may stand beside a name."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self.raw = ""
        self.forms: list[str] = []  # the methods of the forms that are open
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, str] = {}
        for name, value in attrs:
            values.setdefault(name.strip("\uf8ff"), value or "")
        self.inside = tag
        if "id" in values:
            self.document.ids.add(values["id"])
        if tag == "a" and "name" in values:
            self.document.ids.add(values["name"])
        for attribute, use in _ATTRIBUTES.get(tag, {}).items():
            if attribute in values:
                texts = _candidates(values[attribute]) if attribute == "srcset" else [values[attribute]]
                for text in texts:
                    self.link(text, attribute, use)
        if "style" in values:
            for link in css_links(values["style"]):
                self.link(link.text, "style", ASSET)
        special = getattr(self, f"tag_{tag}", None)
        if special:
            special(values)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""
        if tag == "form" and self.forms:
            self.forms.pop()

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            line, column = self.getpos()
            for link in css_links(data):
                first = link.line == 1
                self.document.links.append(
                    Link(link.text, line + link.line - 1, link.column + column * first, link.use)
                )
        elif self.inside == "script":
            self.document.scripts += data

    def link(self, text: str, attribute: str, use: str, method: str = "GET") -> None:
        line, column = self.getpos()
        raw = self.get_starttag_text() or ""
        found = re.search(rf"[\s\"'/\uf8ff]{re.escape(attribute)}\s*=\s*[\"']?", raw, re.I)
        before = raw[: found.end()] if found else ""
        breaks = before.count("\n")
        column = len(before) - before.rfind("\n") - 1 if breaks else column + len(before)
        self.document.links.append(Link(text.strip(), line + breaks, column + 1, use, method))

    def tag_base(self, values: dict[str, str]) -> None:
        self.document.base = self.document.base or values.get("href", "")

    def tag_link(self, values: dict[str, str]) -> None:
        uses = {_RELATIONS[name] for name in values.get("rel", "").lower().split() if name in _RELATIONS}
        if "href" in values and uses:
            self.link(values["href"], "href", next(use for use in (ASSET, HINT, PAGE) if use in uses))

    def tag_meta(self, values: dict[str, str]) -> None:
        found = _REFRESH.match(values.get("content", ""))
        if values.get("http-equiv", "").lower() == "refresh" and found:
            self.link(found[1], "content", PAGE)

    def tag_form(self, values: dict[str, str]) -> None:
        method = values.get("method", "get").upper() or "GET"
        self.forms.append(method)
        if method in ("GET", "POST"):
            self.link(values.get("action", ""), "action", FORM, method)

    def tag_button(self, values: dict[str, str]) -> None:
        method = values.get("formmethod", self.forms[-1] if self.forms else "get").upper()
        if method in ("GET", "POST") and "formaction" in values:
            self.link(values["formaction"], "formaction", FORM, method)

    tag_input = tag_button


def _candidates(srcset: str) -> Iterable[str]:
    return [found[1] for found in _CANDIDATE.finditer(srcset)]


# CSS


def css_links(text: str) -> Iterator[Link]:
    """What a style sheet loads: url(…), @import "…" and image-set("…")."""
    todo: list[Any] = list(reversed(tinycss2.parse_component_value_list(text)))
    at_rule = ""
    while todo:
        token = todo.pop()
        kind = token.type
        if kind == "at-keyword":
            at_rule = token.lower_value
        elif (kind == "literal" and token.value == ";") or kind == "{} block":
            at_rule = ""
        found = _css_address(token, at_rule)
        if found is not None and at_rule != "namespace":
            yield Link(found.strip(), token.source_line, token.source_column, ASSET)
        if kind == "function" and token.lower_name in ("image-set", "-webkit-image-set"):
            texts = [part for part in token.arguments if part.type == "string"]
            yield from (Link(part.value.strip(), part.source_line, part.source_column, ASSET) for part in texts)
        for part in ("arguments", "content", "prelude"):
            inner = getattr(token, part, None)
            if isinstance(inner, list) and found is None:
                todo += reversed(inner)


def _css_address(token: Any, at_rule: str) -> str | None:
    """The address that a token of CSS is, None when it is none."""
    if token.type == "url":
        return str(token.value)
    if token.type == "string" and at_rule == "import":
        return str(token.value)
    if token.type == "function" and token.lower_name in ("url", "src"):
        return next((str(part.value) for part in token.arguments if part.type == "string"), None)
    return None
