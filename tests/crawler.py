"""Follows all links of a site that is served, as a visitor's browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from .wireclient import Reply, ask

_ADDRESSES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src", "iframe": "src"}


class Page(HTMLParser):
    """What a page is made of: its tags with their attributes, in order; the addresses it leads to; its ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.addresses: list[str] = []
        self.ids: set[str | None] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids |= {found["id"]} if "id" in found else set()
        address = found.get(_ADDRESSES.get(tag, ""))
        if address:
            self.addresses.append(address)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each tag of this name."""
        return [attributes for name, attributes in self.tags if name == tag]


@dataclass(frozen=True)
class Found:
    """What is at a path, and where it leads to."""

    reply: Reply
    addresses: list[str]

    @property
    def is_page(self) -> bool:
        return (self.reply["Content-Type"] or "").startswith("text/html")

    @property
    def text(self) -> str:
        return self.reply.body.decode()


def _addresses(reply: Reply) -> list[str]:
    kind = (reply["Content-Type"] or "").partition(";")[0]
    if reply["Location"]:
        return [reply["Location"]]
    if kind == "text/html":
        return Page(reply.body.decode()).addresses
    if kind == "text/css":
        return [found[1] for found in re.finditer(r"""url\(["']?([^"')]+)""", reply.body.decode())]
    return []


def crawl(port: int, start: str = "/") -> dict[str, Found]:
    """Everything that can be reached, by its path. Other hosts are not asked, and fail the test."""
    found: dict[str, Found] = {}
    todo = [start]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        reply = ask(port, "GET", path)
        found[path] = Found(reply, _addresses(reply))
        for address in found[path].addresses:
            whole = urlsplit(urldefrag(urljoin(path, address)).url)
            assert whole.scheme in ("", "data"), f"{path} leads to another host: {address}"
            assert not whole.netloc, f"{path} leads to another host: {address}"
            if not whole.scheme:
                todo.append(whole.path)
        assert len(found) < 200, "the site has no end"
    return found
