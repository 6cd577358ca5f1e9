"""Waits until an event loop has run out of ready work. It knows nothing of connections."""

from __future__ import annotations

import asyncio
from collections.abc import Sized

TURNS = 100
MOST_TURNS = 10_000


def ready_of(loop: asyncio.AbstractEventLoop) -> Sized | None:
    """What a loop has ready, in its own attribute; None where it has none."""
    ready = getattr(loop, "_ready", None)
    return ready if isinstance(ready, Sized) else None


class Quiet:
    """Waits until there is no callback to call, no task to step and nothing that was read from a socket.

    asyncio's own loops tell how much is ready. Where a loop does not (uvloop), 100 turns of it are waited for instead,
    and 10,000 where something in the application is always ready.
    """

    _waiting: dict[int, int] = {}  # noqa: RUF012 - how many wait on each loop: they too are ready, but do nothing

    async def wait(self) -> None:
        """Wait for that. What threads, timers and sockets bring later is not waited for."""
        loop = asyncio.get_running_loop()
        ready = ready_of(loop)
        key = id(loop)
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            for _ in range(TURNS if ready is None else MOST_TURNS):
                await asyncio.sleep(0)
                if ready is not None and len(ready) < self._waiting[key]:
                    return
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]
