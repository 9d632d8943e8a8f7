"""Which rules of a style sheet make more of a page's spaces show than those of <pre> and the like."""

from __future__ import annotations

from collections.abc import Sequence

import tinycss2
from tinycss2.ast import AtRule, IdentToken, Node, QualifiedRule

from .links import clean
from .spaces import shows_spaces

_KEPT = ("listing", "pre", "textarea", "xmp")  # elements whose spaces stay in any case


def opens_spaces(text: str) -> bool:
    """Whether a style sheet makes more of a page's spaces show than those of <pre> and the like."""
    return any(map(_opens, tinycss2.parse_stylesheet(clean(text), True, True)))


def _opens(rule: Node) -> bool:
    if not shows_spaces(rule.serialize()):
        return False
    if isinstance(rule, AtRule) and rule.content is not None:
        return any(map(_opens, tinycss2.parse_rule_list(rule.content, True, True)))
    return not isinstance(rule, QualifiedRule) or not _is_kept(rule.prelude)


def _is_kept(selector: Sequence[Node]) -> bool:
    """Whether all that a selector finds is, or is in, an element whose spaces stay as they are."""
    found = False
    before = " "
    for node in selector:
        text = node.serialize()
        if text == ",":
            if not found:
                return False
            found = False
        elif text in ("+", "~", "|"):
            return False
        found = found or (isinstance(node, IdentToken) and node.lower_value in _KEPT and before not in (".", ":"))
        before = text
    return found
