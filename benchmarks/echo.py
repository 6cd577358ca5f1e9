"""One typed message answered by a message: in process, and through uvicorn with some connections."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from benchmarks import through_uvicorn
from benchmarks.clients import TIMEOUT, Client, Crowd
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
from benchmarks.in_process import beside_floor
from benchmarks.pairing import Turn, found
from benchmarks.scenario import Metric, Options, Scenario
from benchmarks.wire import Wire

OURS_ALL = (OURS, OURS_CHANNELS, OURS_DATABASE)
PEERS = (STARLETTE, CHANX_FAST, SOCKETIO, CHANNELS, CHANX_CHANNELS)
AT_MOST = Target(1.6)

TURN = 0.05
"""Seconds of a turn through a server."""


def in_process(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds a message, where the next one is there as soon as the last was answered."""
    return asyncio.run(_in_process(contender, options, turns=False))


def with_turns(contender: Contender, options: Options) -> dict[str, float]:
    """The same, where the event loop has a turn before each message."""
    return asyncio.run(_in_process(contender, options, turns=True))


async def _in_process(contender: Contender, options: Options, *, turns: bool) -> dict[str, float]:
    _, taken, floor = await beside_floor(contender, "echo", 1, options, turns=turns)
    return found("message", taken, floor)


def behind_uvicorn(contender: Contender, options: Options) -> dict[str, float]:
    """Messages a second, where each client sends the next one when the last was answered."""
    return through_uvicorn.beside_floor(contender, "echo", options, callers, "messages", TURN)


@contextlib.asynccontextmanager
async def callers(port: int, wire: Wire, options: Options) -> AsyncIterator[Turn]:
    """Clients that send when they were answered, while it is their turn."""
    is_on, left, all_came = False, 0, asyncio.Event()

    def heard(client: Client, frames: int) -> None:
        nonlocal left
        if is_on:
            client.say()
            return
        left -= frames
        if left <= 0:
            all_came.set()

    async def turn(seconds: float) -> tuple[int, float]:
        nonlocal is_on, left
        all_came.clear()
        is_on, left, before, began = True, options.connections, crowd.answers, time.perf_counter()
        for client in crowd.clients:
            client.say()
        await crowd.rest(seconds)
        is_on = False  # each has one message on its way
        await crowd.within(TIMEOUT, asyncio.ensure_future(all_came.wait()), "an answer did not come")
        return crowd.answers - before, time.perf_counter() - began

    async with Crowd(port, wire, heard, awake=True) as crowd:
        await crowd.grow(options.connections)
        yield turn


def _through_uvicorn(key: str, server: str, about: str, contenders: tuple[Contender, ...]) -> Scenario:
    return Scenario(
        key,
        about,
        (
            Metric(
                "messages",
                f"One typed message answered, through {server}, {{connections}} connections",
                "messages/s",
                targets={each.key: Target(0.9, at_least=True) for each in OURS_ALL},
            ),
        ),
        contenders,
        behind_uvicorn,
        set_up=2.5,
    )


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
    _through_uvicorn(
        "echo-uvicorn",
        "uvicorn",
        "uvicorn in one process, on asyncio's own event loop, clients in another; each client sends when it was "
        "answered. The clients of this and of fan-out never sleep: to wake them would cost a server more than "
        "answering them, and whether they had time to fall asleep is chance.",
        (FLOOR, *OURS_ALL, *PEERS),
    ),
    _through_uvicorn(
        "echo-uvloop",
        "uvicorn on uvloop",
        "The same on uvloop, which uvicorn takes by itself where `uvicorn[standard]` is installed; the floor too.",
        tuple(each.on_uvloop() for each in (FLOOR, *OURS_ALL, *PEERS)),
    ),
)
