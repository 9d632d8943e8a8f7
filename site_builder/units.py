"""Sizes in bytes, as people write and read them."""

from __future__ import annotations

import re

_UNITS = {"": 1, "K": 1024, "M": 1024 * 1024}


def parse_size(value: object) -> int:
    """`200_000`, `"64K"` and `"1.5M"` to bytes; K is 1024. Raises ValueError for another thing."""
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([KM]?)(?:i?B)?", str(value).strip(), re.IGNORECASE)
    if found is None or isinstance(value, bool):
        raise ValueError("a size is a number of bytes, or one with K or M, such as 64K")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def size(number: int) -> str:
    """`"512 bytes"`, `"3.4 KB"`, `"139 KB"`, `"2.0 MB"`."""
    if number < 1024:
        return f"{number} bytes"
    if number < 1024 * 1024:
        return f"{number / 1024:.1f} KB" if number < 10240 else f"{number / 1024:.0f} KB"
    return f"{number / 1024 / 1024:.1f} MB"
