"""Decides when everything that a connection caused has been handled: ``await communicator.settled()``."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from chanspec.runtime.watching import Watch, unfinished, watch_hubs
from chanspec.testing.quiet import Quiet
from chanspec.testing.transport import Transport

LOOK_AGAIN = 0.001
"""Seconds until what waits for a thread, a timer or a socket is looked at again. When it is done is read from the
connections, so this decides how soon that is noticed, and not whether it is."""

Reader = Callable[[Transport, bool], Iterator[str]]

readers: dict[str, Reader] = {}
"""How to read what consumers of a framework's own have to do, by the framework: a function that is called with the
transport of a connection and whether it is the one that settles. Integrations add theirs."""

_live: weakref.WeakSet[Transport] = weakref.WeakSet()


def watched(transport: Transport) -> None:
    """Have other connections' ``settled`` look at this one, until :func:`unwatched`."""
    _live.add(transport)
    watch_hubs(True)


def unwatched(transport: Transport) -> None:
    """End :func:`watched`."""
    _live.discard(transport)
    watch_hubs(bool(_live))


def work_left(transport: Transport, watch: Watch) -> list[str]:
    """What is still under way, one line for each."""
    found = []
    if not transport.rests:
        found.append("the application is not waiting for the next frame")
    found.extend(unfinished(None if transport.has_ended else watch.connection))
    loop: Any = asyncio.get_running_loop()
    for other in list(_live):
        if other.loop is loop and not other.has_ended:
            for reader in readers.values():
                found.extend(reader(other, other is transport))
    return found


async def settle(transport: Transport, watch: Watch, seconds: float) -> list[str]:
    """Wait until nothing is under way, at most so long; returns what still is."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + seconds
    while True:
        await Quiet().wait()
        left = work_left(transport, watch)
        if not left or loop.time() >= give_up:
            return left
        await asyncio.sleep(LOOK_AGAIN)
