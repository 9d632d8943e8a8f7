"""What is known of boards."""

from __future__ import annotations

import pytest

from site_builder.boards import BOARDS, BoardError, find


def test_every_board_has_figures_that_can_be():
    for board in BOARDS.values():
        assert 500_000 < board.flash <= 16 * 1024 * 1024
        assert board.flash % board.block == 0
        assert 20_000 < board.heap < 16 * 1024 * 1024
        assert 4 <= board.sockets <= 16
        assert board.about


def test_the_boards_that_most_have_are_known():
    assert {"esp8266", "esp32", "esp32-s2", "esp32-s3", "esp32-c3", "pico-w", "pico-2-w"} <= BOARDS.keys()


def test_a_board_is_found_by_its_name():
    assert find("pico-w").flash == 868_352


@pytest.mark.parametrize(("name", "near"), [("picow", "pico-w"), ("esp32s3", "esp32-s3"), ("ESP32", None)])
def test_another_name_is_told_with_the_nearest(name, near):
    with pytest.raises(BoardError) as caught:
        find(name)
    start = f"no board is called {name!r}; "
    assert str(caught.value).startswith(start + (f"did you mean {near!r}?" if near else "expected one of: esp32, "))
