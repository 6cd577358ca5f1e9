"""One typed message answered by a message: in process, and through uvicorn with some connections."""

from __future__ import annotations

import asyncio
import time

from benchmarks.clients import Client, Crowd, run
from benchmarks.contenders import (
    CHANNELS,
    CHANX_CHANNELS,
    CHANX_FAST,
    FLOOR,
    OURS,
    OURS_CHANNELS,
    OURS_DATABASE,
    SOCKETIO,
    STARLETTE,
    Contender,
)
from benchmarks.figures import Target
from benchmarks.in_process import Room
from benchmarks.scenario import Metric, Options, Scenario
from benchmarks.server import Server, running_server
from benchmarks.wire import Wire

OURS_ALL = (OURS, OURS_CHANNELS, OURS_DATABASE)
PEERS = (STARLETTE, CHANX_FAST, SOCKETIO, CHANNELS, CHANX_CHANNELS)
AT_MOST = Target(1.6)

WARM_UP = 0.2
"""Seconds."""


def in_process(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds a message, where the next one is there as soon as the last was answered."""
    return {"message": asyncio.run(_in_process(contender, options, turns=False))}


def with_turns(contender: Contender, options: Options) -> dict[str, float]:
    """The same, where the event loop has a turn before each message."""
    return {"message": asyncio.run(_in_process(contender, options, turns=True))}


async def _in_process(contender: Contender, options: Options, *, turns: bool) -> float:
    room = Room(contender.app("echo", options.redis), contender.wire(), 1, turns=turns)
    await room.open()
    return await room.say_for(options.seconds)


def through_uvicorn(contender: Contender, options: Options) -> dict[str, float]:
    """Messages a second, where each client sends the next one when the last was answered."""
    with running_server(contender, "echo", options.redis) as server:
        return run(_through_uvicorn(server, contender.wire(), options))


async def _through_uvicorn(server: Server, wire: Wire, options: Options) -> dict[str, float]:
    def heard(client: Client, frames: int) -> None:
        client.say()

    async with Crowd(server.port, wire, heard, awake=True) as crowd:
        await crowd.grow(options.connections)
        for client in crowd.clients:
            client.say()
        await crowd.rest(WARM_UP)
        server.watch()
        before, since = crowd.answers, time.perf_counter()
        await crowd.rest(options.seconds)
        rate = (crowd.answers - before) / (time.perf_counter() - since)
        return {"messages": rate, "busy": server.busy()}


SCENARIOS = (
    Scenario(
        "echo",
        "One connection; the next message is there as soon as the last one was answered. The application is called "
        "without a server, and what the driver does for each frame is the same for all.",
        (
            Metric(
                "message",
                "One typed message answered, in process",
                "µs",
                1e6,
                targets={each.key: AT_MOST for each in OURS_ALL},
            ),
        ),
        (FLOOR, *OURS_ALL, *PEERS),
        in_process,
    ),
    Scenario(
        "echo-turns",
        "The same, but the event loop has a turn before each message, as when no client is ahead of the server.",
        (
            Metric(
                "message",
                "One typed message answered, in process, a turn of the event loop before each",
                "µs",
                1e6,
                targets={each.key: AT_MOST for each in (OURS, OURS_CHANNELS)},
            ),
        ),
        (FLOOR, OURS, OURS_CHANNELS),
        with_turns,
    ),
    Scenario(
        "echo-uvicorn",
        "uvicorn in one process, on asyncio's own event loop, clients in another; each client sends when it was "
        "answered.",
        (
            Metric(
                "messages",
                "One typed message answered, through uvicorn, {connections} connections",
                "messages/s",
                targets={each.key: Target(0.9, at_least=True) for each in OURS_ALL},
            ),
        ),
        (FLOOR, *OURS_ALL, *PEERS),
        through_uvicorn,
        set_up=1.3,
    ),
)
