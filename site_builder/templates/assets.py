"""asset(…) and inline(…) in templates: the build replaces them by what they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..assets.addresses import AssetError
from ..assets.served import Served

FUNCTIONS = ("asset", "inline")
UNKNOWN = object()  # stands for an argument that only the board will know


def fold(served: Served, function: str, args: Sequence[object], options: Mapping[str, object]) -> str:
    """What a call gives. Raises AssetError; its message begins with the function."""
    takes = {"inline"} if function == "asset" else set()
    if len(args) != 1 or options.keys() - takes or not isinstance(args[0], str) or UNKNOWN in options.values():
        raise AssetError(f"{function}() takes the name of a file in quotes: the build has to know it")
    try:
        return served.inline(args[0]) if function == "inline" else served.asset(args[0], bool(options.get("inline")))
    except AssetError as e:
        raise AssetError(f"{function}(): {e}") from None
