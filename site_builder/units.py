"""Sizes in bytes, as people read them."""

from __future__ import annotations


def size(number: int) -> str:
    """`"512 bytes"`, `"3.4 KB"`, `"139 KB"`, `"2.0 MB"`."""
    if number < 1024:
        return f"{number} bytes"
    if number < 1024 * 1024:
        return f"{number / 1024:.1f} KB" if number < 10240 else f"{number / 1024:.0f} KB"
    return f"{number / 1024 / 1024:.1f} MB"
