"""What a page loads from other hosts: a visitor of a board may have no internet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..errors import Problem
from .documents import ASSET, HINT
from .masks import MARK
from .shown import Library


def check(library: Library) -> Iterator[Problem]:
    """Scripts, styles, fonts, pictures and frames of other hosts."""
    for shown in library.shown:
        for _, document in shown.parts:
            for link in document.links:
                if link.use in (ASSET, HINT) and is_foreign(link.text):
                    told = re.sub(f"{MARK}+", "…", link.text)
                    told = told if len(told) <= 80 else told[:80] + "…"
                    if link.use == HINT:
                        message = f"{told!r} is another host, which needs the internet; a board's page should not"
                    else:
                        message = f"{told!r} needs the internet; keep a copy in the site, such as in static/"
                    for place in library.places(shown, link):
                        yield Problem(*place, message, True, "other-host")


def is_foreign(address: str) -> bool:
    """Whether an address is on the internet: not of this site, nor of the network at home."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("", "http", "https", "ws", "wss") or not host or MARK in parts.netloc:
        return False
    try:
        from ipaddress import ip_address

        return not ip_address(host).is_private
    except ValueError:
        return "." in host and not host.endswith((".local", ".lan", ".home", ".home.arpa", ".internal"))
