"""Sizes as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import units


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("200", 200), (200, 200), ("64K", 65536), ("64 k", 65536), ("64KiB", 65536), ("1.5M", 1_572_864)],
)
def test_a_size_is_a_number_and_a_unit(text, size):
    assert units.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "K", "-1", "1G", "1,5K", "0x10", "1e3", True, None, [], "9" * 13])
def test_another_thing_is_told_with_an_example(text):
    with pytest.raises(ValueError, match=r"^a size is a number of bytes, or one with K or M, such as 64K$"):
        units.parse_size(text)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.text())))
def test_whatever_is_given_is_a_size_or_told(value):
    try:
        assert units.parse_size(value) >= 0
    except ValueError as e:
        assert "such as 64K" in str(e)  # noqa: PT017  either is right


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KB"), (65536, "64 KB"), (2 * 1024 * 1024, "2.0 MB")],
)
def test_a_size_is_shown_in_short(size, text):
    assert units.size(size) == text
