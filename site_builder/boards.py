"""What boards have: flash, heap and sockets, so that a site that does not fit is told on the computer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Board:
    """A kind of board with MicroPython on it.

    flash: bytes of its file system. heap: bytes of heap that are free at boot, with Wi-Fi up. sockets: TCP connections
    at the same time.
    """

    name: str
    about: str
    flash: int
    heap: int
    sockets: int
    block: int = 4096  # a file takes whole blocks of this many bytes


BOARDS = {
    board.name: board
    for board in (
        Board("esp32", "ESP32 with 4 MB of flash", 2_097_152, 160_000, 12),
        Board("esp8266", "ESP8266 with 4 MB of flash", 3_145_728, 32_000, 4),
        Board("pico-w", "Raspberry Pi Pico W", 868_352, 207_904, 5),
    )
}
