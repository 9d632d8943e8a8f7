"""The board's heap, on this computer."""

from __future__ import annotations

_OWN = 4096  # for what makes the site follow its files; 3.3 KB were measured with the example


def heap_here(heap: int) -> int:
    """The heap to give MicroPython here, so that what fits it fits such a heap on a board.

    Words have 64 bits here and 32 there. A build for 32 bits of the same MicroPython needed 0.64 to 0.77 of the heap
    for sites of different kinds, so a board is taken to need 4/5 at most.
    """
    return heap * 5 // 4 + _OWN
