"""What open pages are told: the version of the site they should show, and what is wrong with it."""

from __future__ import annotations

import asyncio
import html
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Problem
from .tracebacks import Failure, source_line

PREFIX = "/_picoweb/"
SCRIPT = Path(__file__).with_name("reload.js")
_AROUND = 2  # lines shown before and after the one that is meant

Overlay = dict[str, Any]


def _lines(site: Path, file: str, line: int) -> list[dict[str, Any]]:
    numbers = range(max(1, line - _AROUND), line + _AROUND + 1) if line else ()
    shown = [{"n": n, "text": source_line(site, file, n), "here": n == line} for n in numbers]
    while shown and not shown[-1]["text"] and not shown[-1]["here"]:
        shown.pop()
    return shown


def of_problems(problems: list[Problem], site: Path) -> Overlay:
    """The overlay of a site that can not be built."""
    items = []
    for problem in problems:
        place = problem.file + (f":{problem.line}" if problem.line else "")
        lines = _lines(site, problem.file, problem.line)
        items.append({"place": place, "message": problem.message, "lines": lines, "warning": problem.warning})
    count = len(problems)
    return {"title": f"{count} problem{'s' * (count != 1)} in the site", "items": items}


def of_failure(failure: Failure, site: Path) -> Overlay:
    """The overlay of a request that raised an exception: the site's own lines, the innermost last."""
    items = [
        {"place": str(frame), "message": "", "lines": _lines(site, frame.file, frame.line) if frame.own else []}
        for frame in failure.own or failure.frames
    ]
    return {"title": failure.title, "error": failure.error, "hint": failure.hint, "items": items}


def of_message(title: str, message: str = "") -> Overlay:
    """The overlay of anything else."""
    return {"title": title, "error": message, "items": []}


@dataclass
class Pages:
    """The open pages. overlay: what covers them all, None while the site is well."""

    overlay: Overlay | None = None
    _session: str = field(default_factory=lambda: secrets.token_hex(4))
    _number: int = 0
    _change: str = ""
    _open: set[asyncio.Queue[bytes]] = field(default_factory=set)

    @property
    def version(self) -> str:
        """Of the site that is served."""
        return f"{self._session}-{self._number}"

    def state(self) -> bytes:
        """The event that tells a page how things are."""
        before = f"{self._session}-{self._number - 1}"
        value = {"version": self.version, "before": before, "change": self._change, "overlay": self.overlay}
        return b"data: " + json.dumps(value).encode() + b"\n\n"

    def changed(self, change: str) -> None:
        """The site has changed: "style" alone, or the "page"."""
        self._number += 1
        self._change = change
        self.overlay = None
        self._tell()

    def cover(self, overlay: Overlay | None) -> None:
        """Covers the pages that are open, or come, with this; None uncovers them."""
        self.overlay = overlay
        self._tell()

    def _tell(self) -> None:
        for queue in self._open:
            queue.put_nowait(self.state())

    def open(self) -> asyncio.Queue[bytes]:
        """What a page is told from now on; it is told first how things are."""
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        queue.put_nowait(self.state())
        self._open.add(queue)
        return queue

    def close(self, queue: asyncio.Queue[bytes]) -> None:
        self._open.discard(queue)

    def snippet(self, overlay: Overlay | None = None) -> bytes:
        """What is added to the end of a page. overlay: for this page alone."""
        more = f' data-overlay="{html.escape(json.dumps(overlay))}"' if overlay else ""
        return f'\n<script src="{PREFIX}reload.js" data-version="{self.version}"{more}></script>\n'.encode()

    def page(self, overlay: Overlay) -> bytes:
        """A page that has nothing but an overlay, for when there is no other."""
        title = html.escape(str(overlay["title"]))
        texts = [overlay.get("error", "")]
        texts += [f"{item['place']}: {item['message']}" for item in overlay["items"]]
        texts.append(overlay.get("hint", ""))
        body = "".join(f"<p>{html.escape(text)}</p>" for text in texts if text)
        head = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n<h1>{title}</h1>\n'
        return head.encode() + body.encode() + self.snippet(overlay)
