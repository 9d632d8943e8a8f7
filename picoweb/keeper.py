"""Looks after connections that stay open: one task a server, which looks at each of them once a second."""

import asyncio

from .compat import ticks_ms


class Keeper:
    """Calls look(now) of what was added, `now` in ticks_ms(), until it is removed."""

    def __init__(self):
        self._kept = []
        self._task = None

    def add(self, item):
        self._kept.append(item)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def remove(self, item):
        """Forgets it; one that is forgotten already is no error."""
        if item in self._kept:
            self._kept.remove(item)

    async def _run(self):
        while self._kept:
            await asyncio.sleep(1)
            now = ticks_ms()
            for item in list(self._kept):
                item.look(now)
        self._task = None


def keeper(server):
    """The keeper of a server; made when it is first asked for."""
    if not hasattr(server, "keeper"):
        server.keeper = Keeper()
    return server.keeper
