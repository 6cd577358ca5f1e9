"""Redis stops and comes back empty, under two processes with connections: how soon everybody hears broadcasts again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from benchmarks.clients import TIMEOUT, Client, Crowd, run
from benchmarks.contenders import CHANNELS, CHANX_CHANNELS, CHANX_FAST, OURS, OURS_CHANNELS, Contender
from benchmarks.figures import Target
from benchmarks.protocol import DidNotFinishError
from benchmarks.redis_server import port_of, running_redis
from benchmarks.scenario import Metric, Options, Scenario
from benchmarks.server import Server, running_server
from benchmarks.wire import Wire

MEMBERS = 20
"""Connections to each process, all in one group."""

GONE = 2.0
"""Seconds without Redis."""

AGAIN = 0.05
"""Seconds between two broadcasts of somebody whom not everybody has heard yet."""


class Room:
    """The connections to one of the processes."""

    def __init__(self) -> None:
        self.silent: set[Client] = set()  # those who have not heard the present speaker

    def heard(self, client: Client, frames: int) -> None:
        self.silent.discard(client)

    @contextlib.asynccontextmanager
    async def open(self, server: Server, wire: Wire) -> AsyncIterator[None]:
        async with Crowd(server.port, wire, self.heard) as self.crowd:
            await self.crowd.grow(MEMBERS)
            yield


def measure(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds from Redis' return until everybody has heard somebody of either process."""
    redis = contextlib.ExitStack()
    url = redis.enter_context(running_redis())
    with redis, running_server(contender, "room", url) as one, running_server(contender, "room", url) as other:
        return {"again": run(_measure((one, other), contender.wire(), url, redis))}


async def _measure(servers: tuple[Server, Server], wire: Wire, url: str, redis: contextlib.ExitStack) -> float:
    rooms = (Room(), Room())
    async with contextlib.AsyncExitStack() as stack:
        for room, server in zip(rooms, servers, strict=True):
            await stack.enter_async_context(room.open(server, wire))
        await _everybody_hears_both(rooms)
        redis.close()
        await asyncio.gather(*(room.crowd.rest(GONE) for room in rooms))
        redis.enter_context(running_redis(port_of(url)))
        began = time.perf_counter()
        await _everybody_hears_both(rooms)
        return time.perf_counter() - began


async def _everybody_hears_both(rooms: tuple[Room, Room]) -> None:
    end = time.perf_counter() + TIMEOUT
    for speaking in rooms:
        for room in rooms:
            room.silent = set(room.crowd.clients)
        while any(room.silent for room in rooms):
            speaking.crowd.clients[0].say()
            await asyncio.gather(*(room.crowd.rest(AGAIN) for room in rooms))
            if time.perf_counter() > end:
                silent = sum(len(room.silent) for room in rooms)
                raise DidNotFinishError(f"{silent} of {2 * MEMBERS} connections hear nothing from one of the processes")


OURS_ALL = tuple(each.on(layer) for layer in ("pubsub", "queue") for each in (OURS, OURS_CHANNELS))
PEERS = tuple(each.on(layer) for layer in ("pubsub", "queue") for each in (CHANX_FAST, CHANNELS, CHANX_CHANNELS))

SCENARIOS = (
    Scenario(
        "outage",
        f"uvicorn in two processes, {MEMBERS} connections to each, all in one group. Redis is killed, and started "
        f"{GONE:g} s later with nothing in it; then one connection of each process sends a message every {AGAIN:g} s "
        "until all have heard it. A connection that is closed meanwhile ends the measurement.",
        (
            Metric(
                "again",
                "Redis comes back empty, until everybody hears broadcasts of two processes",
                "s",
                floor=None,
                targets={each.key: Target(2.0, of_ratio=False) for each in OURS_ALL},
            ),
        ),
        (*OURS_ALL, *PEERS),
        measure,
        set_up=6.0,
    ),
)
