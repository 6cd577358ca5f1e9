"""What connections cost a server: memory while they are idle, and how fast they are accepted."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from benchmarks import through_uvicorn
from benchmarks.clients import Crowd, run
from benchmarks.contenders import (
    CHANNELS,
    CHANX_CHANNELS,
    CHANX_FAST,
    FLOOR,
    OURS,
    OURS_CHANNELS,
    SOCKETIO,
    STARLETTE,
    Contender,
)
from benchmarks.figures import Target
from benchmarks.pairing import Turn
from benchmarks.scenario import Metric, Options, Scenario
from benchmarks.server import Server, running_server
from benchmarks.wire import Wire

WARMED_UP_BY = 100
"""Connections that are open already when memory is read first: what a first connection needs is not every one's."""

ROUND = 200
"""Connections that are opened, kept, and then left together, for the rate."""

AT_ONCE = 20
"""Handshakes that are on their way, for the rate."""

TURN = 0.05
"""Seconds of a turn, as far as whole rounds allow."""

LEAVING = 0.2
"""Seconds in which the server notices that they left."""


def memory(contender: Contender, options: Options) -> dict[str, float]:
    """Bytes a connection."""
    with running_server(contender, "echo", options.redis) as server:
        return run(_memory(server, contender.wire(), options))


async def _memory(server: Server, wire: Wire, options: Options) -> dict[str, float]:
    async with Crowd(server.port, wire) as crowd:
        await crowd.grow(WARMED_UP_BY)
        before = await _settled(server, crowd)
        await crowd.grow(options.idle)
        return {"memory": (await _settled(server, crowd) - before) / options.idle}


def accepted(contender: Contender, options: Options) -> dict[str, float]:
    """Connections accepted a second."""
    return through_uvicorn.beside_floor(contender, "echo", options, arrivals, "accepted", TURN)


@contextlib.asynccontextmanager
async def arrivals(port: int, wire: Wire, options: Options) -> AsyncIterator[Turn]:
    """Clients that come together, once a turn, and leave when all are there."""

    async def turn(seconds: float) -> tuple[int, float]:
        async with Crowd(port, wire, awake=True) as crowd:
            began = time.perf_counter()
            await crowd.grow(ROUND, at_once=AT_ONCE)
            taken = time.perf_counter() - began
        await asyncio.sleep(LEAVING)
        return ROUND, taken

    yield turn


async def _settled(server: Server, crowd: Crowd) -> int:
    """Return the server's memory once it no longer changes."""
    last = -1
    for _ in range(20):
        await crowd.rest(0.2)
        now = server.resident()
        if now == last:
            break
        last = now
    return last


OURS_ALL = (OURS, OURS_CHANNELS)

CONTENDERS = (FLOOR, *OURS_ALL, STARLETTE, SOCKETIO, CHANX_FAST, CHANNELS, CHANX_CHANNELS)


def _arrivals(key: str, title: str, about: str, contenders: tuple[Contender, ...], most_runs: int = 1_000) -> Scenario:
    return Scenario(
        key,
        about,
        (
            Metric(
                "accepted",
                title,
                "connections/s",
                targets={each.key: Target(0.85, at_least=True) for each in OURS_ALL},
            ),
        ),
        contenders,
        accepted,
        set_up=3.0,
        most_runs=most_runs,
    )


SCENARIOS = (
    Scenario(
        "idle",
        f"uvicorn in one process, clients in another. What the process has more after {{idle:,}} connections than "
        f"after the first {WARMED_UP_BY}; no message is sent. All have a channel layer in memory, and no group.",
        (
            Metric(
                "memory",
                "Resident memory of an idle connection",
                "bytes",
                targets={each.key: Target(1.25) for each in OURS_ALL},
            ),
        ),
        CONTENDERS,
        memory,
        set_up=3.0,
    ),
    _arrivals(
        "connections",
        "Connections accepted",
        f"The same, but {ROUND} connections are opened, {AT_ONCE} at once, and kept until all are; then again.",
        CONTENDERS,
    ),
    _arrivals(
        "connections-uvloop",
        "Connections accepted, on uvloop",
        "The same on uvloop, the floor too; without the peers, and three times, to save time.",
        tuple(each.on_uvloop() for each in (FLOOR, *OURS_ALL)),
        most_runs=3,
    ),
)
