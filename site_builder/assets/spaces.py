"""What makes more of a page's spaces show than those of <pre> and the like: then they all stay."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable

from ..cache import Cache, code, version
from .files import Files

_TEXTS = (".css", ".htm", ".html", ".js", ".mjs", ".tpl")
_SHOWS = re.compile(
    r"white-space(-collapse)?\s*:\s*(pre|break-spaces|preserve)|whiteSpace|plaintext-only|xml:space\s*=", re.I
)
_WORDS = ("white-space", "whitespace", "plaintext-only", "xml:space")  # without one of these there is none of those


def shows_spaces(text: str) -> bool:
    """Whether a page, script or style sheet makes more of a page's spaces show than <pre> does."""
    lower = text.lower()
    return any(word in lower for word in _WORDS) and _SHOWS.search(text) is not None


def any_shows(source: Files, files: Iterable[str], cache: Cache) -> bool:
    """Whether a style sheet, page, template or script says that spaces show where they do not by themselves."""
    for file in files:
        if file.lower().endswith(_TEXTS):
            with contextlib.suppress(OSError):  # it is told when it is needed
                text = source.read(file).decode("utf-8", "replace")
                if shows_spaces(text) and (not file.endswith(".css") or _opens_spaces(text, cache)):
                    return True
    return False


def _opens_spaces(style: str, cache: Cache) -> bool:
    def make() -> bytes:
        from .rules import opens_spaces

        return b"yes" if opens_spaces(style) else b""

    return bool(cache.get(("spaces", version("tinycss2"), code("assets"), style), make))
