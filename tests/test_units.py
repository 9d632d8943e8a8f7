"""Sizes as people read them."""

from __future__ import annotations

import pytest

from site_builder import units


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KB"), (65536, "64 KB"), (2 * 1024 * 1024, "2.0 MB")],
)
def test_a_size_is_shown_in_short(size, text):
    assert units.size(size) == text
