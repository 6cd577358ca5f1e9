"""Ends tasks for good."""

from __future__ import annotations

import asyncio
from typing import Any

CANCEL_EVERY = 0.5  # seconds until a task that has not ended is cancelled again: layers take their time to clean up


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has gone; its errors are of no use any more."""
    while not task.done():
        task.cancel()  # again if need be: until Python 3.12, asyncio.wait_for() in a client library may swallow one
        await asyncio.wait({task}, timeout=CANCEL_EVERY)
    if not task.cancelled():
        task.exception()
