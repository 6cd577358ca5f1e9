"""Tasks of one event loop: ending them for good, and leaving the others their share of it."""

from __future__ import annotations

import asyncio
from typing import Any

CANCEL_EVERY = 0.5  # seconds until a task that has not ended is cancelled again: layers take their time to clean up

SHARE = 0.001
"""Seconds that a task works before it gives way: what it works on comes from a client, who may send without end."""

_TURNS = 3


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has gone; its errors are of no use any more."""
    while not task.done():
        task.cancel()  # again if need be: until Python 3.12, asyncio.wait_for() in a client library may swallow one
        await asyncio.wait({task}, timeout=CANCEL_EVERY)
    if not task.cancelled():
        task.exception()


async def give_way() -> None:
    """Let everything else of the event loop have its turn.

    One turn does not answer anybody. In the first the loop reads the sockets, which wakes tasks. These run in the
    second, behind this task. So this task goes on in the third: others wait for half a share, and not for several.
    """
    for _ in range(_TURNS):
        await asyncio.sleep(0)
