"""What boards have: flash, heap and sockets, so that a site that does not fit is told on the computer.

Figures are those of MicroPython's own firmware, of 1.27 to 1.29, and none is guessed; the source of each is here.

- Flash is the file system that the firmware makes at its first start. On ESP32s it begins at 2 MiB and takes what the
  chip has behind that (ports/esp32/partitions-4MiBplus.csv).
- Heap is what `gc.mem_free()` says at the prompt. On ESP32s the heap starts small and grows; MicroPython chose its
  start so that it can double while Wi-Fi is up (ports/esp32/mpconfigport.h, MICROPY_GC_INITIAL_HEAP_SIZE). So it is
  twice that start, less 2.3 % for the collector's tables (64,000 of 65,536 bytes), less the 5,152 bytes that the boot
  takes, both of `micropython.mem_info()` in micropython pull request 12952.
- Connections: ESP-IDF has 10 sockets (CONFIG_LWIP_MAX_SOCKETS, components/lwip/Kconfig), of which the server listens
  on one. The Pico's lwIP has 5 connections (MEMP_NUM_TCP_PCB in lwip/opt.h, which ports/rp2 leaves as it is) beside
  what listens, and so has Espressif's SDK for the ESP8266.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import PicowebError, suggest


class BoardError(PicowebError):
    """A board that is not known; the message names the nearest."""


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


def _esp32_heap(start: int) -> int:
    """The heap of an ESP32 whose own starts at so many KiB."""
    return 2 * start * 1000 - 5152


_MIB = 1024 * 1024
_ALL = (
    # 56 KiB on the first ESP32.
    Board("esp32", "ESP32 with 4 MB of flash", 2 * _MIB, _esp32_heap(56), 9),
    # gc.mem_free() on an ESP32-WROVER-B: issue 8 of enesbcs/mpyeasy.
    Board("esp32-psram", "ESP32 with 4 MB of flash and 4 MB of PSRAM, such as WROVER", 2 * _MIB, 4_096_864, 9),
    Board("esp32-c3", "ESP32-C3 with 4 MB of flash", 2 * _MIB, _esp32_heap(64), 9),
    Board("esp32-c6", "ESP32-C6 with 4 MB of flash", 2 * _MIB, _esp32_heap(64), 9),
    # 36 KiB without PSRAM.
    Board("esp32-s2", "ESP32-S2 with 4 MB of flash, without PSRAM", 2 * _MIB, _esp32_heap(36), 9),
    Board("esp32-s3", "ESP32-S3 with 4 MB of flash, without PSRAM", 2 * _MIB, _esp32_heap(64), 9),
    # os.statvfs() and gc.mem_free() of an N8R8: issue 1 of PIBSAS/MicroPython_ESP32-S3-WROOM-1-N16R8_with_SmartConfig;
    # the same within 1 % in micropython issue 12237.
    Board("esp32-s3-psram", "ESP32-S3 with 8 MB of flash and 8 MB of PSRAM", 6 * _MIB, 8_299_616, 9),
    # Flash: ports/esp8266/modules/flashbdev.py, 20 KiB at the end are the SDK's; the firmware is below 1 MiB, see
    # boards/esp8266_2MiB.ld. Heap: 38 KiB (ports/esp8266/main.c), of which mem_info() shows 29,168 bytes free in
    # micropython issue 6086. Firmware for 1 MB of flash and less has no asyncio.
    Board("esp8266", "ESP8266 with 4 MB of flash", 763 * 4096, 29_168, 5),
    Board("esp8266-2mb", "ESP8266 with 2 MB of flash", 251 * 4096, 29_168, 5),
    # Flash: MICROPY_HW_FLASH_STORAGE_BYTES in ports/rp2/boards/*/mpconfigboard.cmake. Heap of the Pico W: measured with
    # firmware 1.28.
    Board("pico-w", "Raspberry Pi Pico W", 868_352, 207_904, 5),
    # Heap: the Pico W's and the 256 KiB of RAM more that the RP2350 has, less 5 % to be safe. (In the same way the
    # Pico 2 would have 497,846; mem_info() of an RP2350 says 497,408.)
    Board("pico-2-w", "Raspberry Pi Pico 2 W", 2_621_440, 440_000, 5),
)

BOARDS = {board.name: board for board in _ALL}


def find(name: str) -> Board:
    """The board of that name. Raises BoardError, which names the nearest."""
    if name not in BOARDS:
        raise BoardError(f"no board is called {name!r}{suggest(name, BOARDS)}")
    return BOARDS[name]
