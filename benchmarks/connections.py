"""What connections cost a server: memory while they are idle, and how fast they are accepted."""

from __future__ import annotations

import asyncio
import time

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
from benchmarks.scenario import Metric, Options, Scenario
from benchmarks.server import Server, running_server
from benchmarks.wire import Wire

WARMED_UP_BY = 100
"""Connections that are open already when memory is read first: what a first connection needs is not every one's."""

ROUND = 200
"""Connections that are opened, kept, and then left together, for the rate."""

AT_ONCE = 20
"""Handshakes that are on their way, for the rate."""


def measure(contender: Contender, options: Options) -> dict[str, float]:
    """Bytes a connection, and connections accepted a second."""
    with running_server(contender, "echo", options.redis) as server:
        return run(_measure(server, contender.wire(), options))


async def _measure(server: Server, wire: Wire, options: Options) -> dict[str, float]:
    async with Crowd(server.port, wire) as crowd:
        await crowd.grow(WARMED_UP_BY)
        before = await _settled(server, crowd)
        await crowd.grow(options.idle)
        memory = (await _settled(server, crowd) - before) / options.idle
    await asyncio.sleep(0.5)
    return {"memory": memory, **await _accepting(server, wire, options)}


async def _accepting(server: Server, wire: Wire, options: Options) -> dict[str, float]:
    opened, taken, busy = 0, 0.0, 0.0
    while taken < options.seconds:
        async with Crowd(server.port, wire) as crowd:
            server.watch()
            started = time.perf_counter()
            await crowd.grow(ROUND, at_once=AT_ONCE)
            took = time.perf_counter() - started
            busy += server.busy() * took
        taken += took
        opened += ROUND
        await asyncio.sleep(0.2)  # the server notices
    return {"accepted": opened / taken, "busy": busy / taken}


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

SCENARIOS = (
    Scenario(
        "connections",
        f"uvicorn in one process, clients in another. Memory is what the process has more after {{idle:,}} connections "
        f"than after the first {WARMED_UP_BY}, and no message is sent. For the rate, {ROUND} connections are opened, "
        f"{AT_ONCE} at once, and kept until all are; then again. All have a channel layer in memory, and no group.",
        (
            Metric(
                "memory",
                "Resident memory of an idle connection",
                "bytes",
                targets={each.key: Target(1.25) for each in OURS_ALL},
            ),
            Metric(
                "accepted",
                "Connections accepted",
                "connections/s",
                targets={each.key: Target(0.85, at_least=True) for each in OURS_ALL},
            ),
        ),
        (FLOOR, *OURS_ALL, STARLETTE, SOCKETIO, CHANX_FAST, CHANNELS, CHANX_CHANNELS),
        measure,
        set_up=3.0,
    ),
)
