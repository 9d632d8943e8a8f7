"""How slow the way to the board is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass
class Link:
    """A network that all connections share. latency: seconds each way; rate: bytes a second, 0 for no limit."""

    latency: float = 0.0
    rate: float = 0.0
    _free: float = field(default=0.0, repr=False)  # when what was sent before is through

    async def carry(self, size: int) -> None:
        """Returns when so many bytes have arrived at the other end."""
        if not self.latency and not self.rate:
            return
        now = asyncio.get_running_loop().time()
        self._free = max(now, self._free) + (size / self.rate if self.rate else 0.0)
        await asyncio.sleep(self._free - now + self.latency)


WIFI = Link(0.02, 500_000)
