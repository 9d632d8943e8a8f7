"""What makes more of a page's spaces show than those of <pre> and the like: then they all stay."""

from __future__ import annotations

import re

_SHOWS = re.compile(
    r"white-space(-collapse)?\s*:\s*(pre|break-spaces|preserve)|whiteSpace|plaintext-only|xml:space\s*=", re.I
)
_WORDS = ("white-space", "whitespace", "plaintext-only", "xml:space")  # without one of these there is none of those


def shows_spaces(text: str) -> bool:
    """Whether a page, script or style sheet makes more of a page's spaces show than <pre> does."""
    lower = text.lower()
    return any(word in lower for word in _WORDS) and _SHOWS.search(text) is not None
