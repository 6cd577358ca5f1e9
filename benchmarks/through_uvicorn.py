"""A contender behind uvicorn, and the floor behind another one beside it; their clients are here, in one process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from benchmarks.clients import run
from benchmarks.contenders import FLOOR, Contender
from benchmarks.pairing import Turn, found, in_turns
from benchmarks.scenario import Options
from benchmarks.server import Server, running_server
from benchmarks.wire import Wire

Clients = Callable[[int, Wire, Options], AbstractAsyncContextManager[Turn]]
"""Makes clients of a server, which are connected while the context is entered, and idle unless it is their turn."""


def beside_floor(
    contender: Contender, kind: str, options: Options, clients: Clients, metric: str, turn: float
) -> dict[str, float]:
    """Measure what the clients get done a second.

    Args:
        contender: Who; the floor has nobody beside it, and whoever else has the floor on the same event loop.
        kind: See :mod:`benchmarks.apps`.
        options: How much.
        clients: Of one server.
        metric: The key of what they get done.
        turn: Seconds of one turn.
    """
    floor = replace(FLOOR, loop=contender.loop)
    with contextlib.ExitStack() as stack:
        parties = [
            (stack.enter_context(running_server(each, kind, options.redis)), each.wire())
            for each in dict.fromkeys((floor, contender))
        ]
        return run(_measured(parties, options, clients, metric, turn))


async def _measured(
    parties: Sequence[tuple[Server, Wire]], options: Options, clients: Clients, metric: str, turn: float
) -> dict[str, float]:
    async with contextlib.AsyncExitStack() as stack:
        turns = [await stack.enter_async_context(clients(server.port, wire, options)) for server, wire in parties]
        await in_turns(turns, turn, turn)  # warm up
        watch = Watch(parties[-1][0], turns[-1])
        sums = await in_turns([*turns[:-1], watch.turn], options.seconds, turn)
        rates = found(metric, sums[-1].rate, sums[0].rate if len(sums) > 1 else None)
        return {**rates, "busy": watch.busy / sums[-1].taken}


class Watch:
    """Watches how busy a server is while it is its turn.

    Attributes:
        busy: Seconds that it was on a processor, in all turns.
    """

    def __init__(self, server: Server, turn: Turn) -> None:
        self.busy = 0.0
        self._server = server
        self._turn = turn

    async def turn(self, seconds: float) -> tuple[int, float]:
        before = self._server.busy()
        done = await self._turn(seconds)
        self.busy += self._server.busy() - before
        return done
