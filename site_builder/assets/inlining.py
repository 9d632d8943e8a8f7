"""Files as they can stand in a page."""

from __future__ import annotations

import re

_PROLOG = re.compile(r"^\s*(<\?xml.*?\?>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE[^>\[]*>\s*)?", re.S)


def in_page(kind: str, text: str) -> str:
    """A style sheet for <style>, a script for <script>, or an SVG: none of it ends its element.

    Raises Unsafe when a script can not stand there.
    """
    if kind == "css":
        return re.sub(r"</(?=style)", r"<\\/", text, flags=re.I)
    if kind == "js":
        from . import scripts  # its parser is not needed for the others

        return scripts.escaped(text)
    return _PROLOG.sub("", text)
