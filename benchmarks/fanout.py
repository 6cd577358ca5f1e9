"""One message to everybody in a group: in process, over each channel layer, and through uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from benchmarks import redis_server, through_uvicorn
from benchmarks.clients import TIMEOUT, Client, Crowd
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
from benchmarks.in_process import beside_floor
from benchmarks.pairing import Turn, found
from benchmarks.protocol import DidNotFinishError
from benchmarks.scenario import Metric, Options, Scenario
from benchmarks.wire import Wire

FEW = 10
"""Members of the small group, whose commands to Redis are compared with those of the large one."""

COUNTED = 20
"""Broadcasts during which commands are counted."""

ON_THEIR_WAY = 10
"""Broadcasts through a server that nobody waits for before the next, as with several senders."""

TURN = 0.15
"""Seconds of a turn through a server, in which all that was said then also comes."""

IN_MEMORY = (OURS.on("memory"), OURS_CHANNELS.on("memory"))
OVER_REDIS = tuple(each.on(layer) for layer in ("pubsub", "queue") for each in (OURS, OURS_CHANNELS))
WITHOUT_LAYER = (STARLETTE, SOCKETIO)
PEERS = tuple(each.on("memory") for each in (CHANX_FAST, CHANNELS, CHANX_CHANNELS))
PEERS_OVER_REDIS = tuple(
    each.on(layer) for layer in ("pubsub", "queue") for each in (CHANX_FAST, CHANNELS, CHANX_CHANNELS)
)
OVER_PUBSUB = tuple(each for each in PEERS_OVER_REDIS if each.layer == "pubsub")


def in_process(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds a delivery, and over Redis the commands that a broadcast takes."""
    _empty_redis(contender, options)
    return asyncio.run(_in_process(contender, options, options.members))


def in_a_small_group(contender: Contender, options: Options) -> dict[str, float]:
    """The same in a group of ``FEW``."""
    _empty_redis(contender, options)
    return asyncio.run(_in_process(contender, options, FEW))


async def _in_process(contender: Contender, options: Options, members: int) -> dict[str, float]:
    room, taken, floor = await beside_floor(contender, "room", members, options)
    measured = found("delivery", taken / members, None if floor is None else floor / members)
    if contender.needs_redis:
        assert options.redis is not None
        redis_server.reset_count(options.redis)
        await room.say(COUNTED)
        measured["commands"] = redis_server.count(options.redis) / COUNTED
    return measured


def _empty_redis(contender: Contender, options: Options) -> None:
    """Forget the groups of those who ended without leaving them."""
    if contender.needs_redis:
        assert options.redis is not None
        redis_server.empty(options.redis)


def behind_uvicorn(contender: Contender, options: Options) -> dict[str, float]:
    """Deliveries a second."""
    _empty_redis(contender, options)
    return through_uvicorn.beside_floor(contender, "room", options, listeners, "deliveries", TURN)


@contextlib.asynccontextmanager
async def listeners(port: int, wire: Wire, options: Options) -> AsyncIterator[Turn]:
    """Clients some of which send to everybody, while it is their turn."""
    speakers = Speakers()

    async def turn(seconds: float) -> tuple[int, float]:
        began = time.perf_counter()
        speakers.begin(crowd, ON_THEIR_WAY)
        await crowd.rest(seconds)
        await speakers.end(crowd)
        return crowd.answers, time.perf_counter() - began

    async with Crowd(port, wire, speakers.heard, awake=True) as crowd:
        await crowd.grow(options.crowd)
        await speakers.until_joined(crowd)
        yield turn


class Speakers:
    """Some of the clients, which take turns in sending to everybody.

    A message goes out when fewer deliveries than ``ON_THEIR_WAY`` times everybody are still to come.
    """

    def __init__(self) -> None:
        self.left = 0  # deliveries that are still to come
        self.members = 0
        self.most_left = -1
        self.turn = 0
        self.clients: list[Client] = []
        self.all_came = asyncio.Event()

    def heard(self, client: Client, frames: int) -> None:
        self.left -= frames
        if self.left <= 0:
            self.all_came.set()
        while self.left <= self.most_left:
            self._say()

    async def until_joined(self, crowd: Crowd) -> None:
        """A library may accept first, and join its groups then: say something until everybody hears it."""
        self.clients, self.members = crowd.clients, len(crowd.clients)
        end = time.perf_counter() + TIMEOUT
        while True:
            await crowd.rest(0.2)
            self.left = 0
            self.all_came.clear()
            self._say()
            try:
                return await crowd.within(1.0, asyncio.ensure_future(self.all_came.wait()), "")
            except DidNotFinishError:
                if crowd.failure.done() or time.perf_counter() > end:
                    heard = sum(client.answers > 0 for client in self.clients)
                    raise DidNotFinishError(f"{heard:,} of {self.members:,} connections got a message") from None

    def begin(self, crowd: Crowd, on_their_way: int) -> None:
        """Keep so many broadcasts on their way."""
        self.clients = crowd.clients[:on_their_way]
        self.most_left = (on_their_way - 1) * self.members
        self.all_came.clear()
        for client in crowd.clients:
            client.answers = 0  # a first trial may have reached some only
        while self.left <= self.most_left:
            self._say()

    async def end(self, crowd: Crowd) -> None:
        """Say nothing more, and wait until all that was said has come."""
        self.most_left = -self.members * 1_000_000
        if self.left > 0:
            self.all_came.clear()
            waiting = asyncio.ensure_future(self.all_came.wait())
            try:
                await crowd.within(TIMEOUT, waiting, "")
            except DidNotFinishError:
                raise DidNotFinishError(f"{self.left:,} deliveries were lost") from None
        counts = {client.answers for client in crowd.clients}
        if len(counts) > 1:
            raise DidNotFinishError(f"some connections got {min(counts):,} messages, others {max(counts):,}")

    def _say(self) -> None:
        self.left += self.members
        self.turn = (self.turn + 1) % len(self.clients)
        self.clients[self.turn].say()


OURS_THROUGH_UVICORN = (*IN_MEMORY, *OVER_REDIS[:2])


def _through_uvicorn(key: str, server: str, about: str, contenders: tuple[Contender, ...]) -> Scenario:
    return Scenario(
        key,
        about,
        (
            Metric(
                "deliveries",
                f"Fan-out through {server}, {{crowd}} connections",
                "deliveries/s",
                targets={each.key: Target(0.9, at_least=True) for each in OURS_THROUGH_UVICORN},
            ),
        ),
        contenders,
        behind_uvicorn,
        set_up=4.0,
    )


SCENARIOS = (
    Scenario(
        "fanout",
        "All connections are in one process and one group. One sends a message, which is validated, encoded, and sent "
        "to all; the next one is sent when everybody has the last. Redis is emptied before each measurement. "
        "python-socketio sends the same payload as an event to a room, over its WebSocket transport and its own "
        "manager of rooms; Starlette by hand loops over a list, as FastAPI's documentation does, and reaches no other "
        "process, like the floor.",
        (
            Metric(
                "delivery",
                "Fan-out to {members:,} members, in process",
                "µs a delivery",
                1e6,
                targets={
                    **{each.key: Target(3) for each in IN_MEMORY},
                    **{each.key: Target(4) for each in OVER_REDIS},
                },
            ),
            Metric(
                "commands",
                "Redis commands a broadcast, {members:,} members in the process",
                "commands",
                floor=None,
                only=tuple(each.key for each in (*OVER_REDIS, *PEERS_OVER_REDIS)),
            ),
        ),
        (FLOOR, *IN_MEMORY, *OVER_REDIS, *WITHOUT_LAYER, *PEERS, *PEERS_OVER_REDIS),
        in_process,
        set_up=2.0,
    ),
    Scenario(
        "fanout-few",
        f"The same with {FEW} members, to see whether the commands grow with them.",
        (Metric("commands", f"Redis commands a broadcast, {FEW} members in the process", "commands", floor=None),),
        (*OVER_REDIS, *PEERS_OVER_REDIS),
        in_a_small_group,
        set_up=1.5,
        most_runs=2,
    ),
    _through_uvicorn(
        "fanout-uvicorn",
        "uvicorn",
        f"uvicorn in one process, on asyncio's own event loop, clients in another; {ON_THEIR_WAY} broadcasts are on "
        "their way.",
        (FLOOR, *OURS_THROUGH_UVICORN, *WITHOUT_LAYER, *PEERS, *OVER_PUBSUB),
    ),
    _through_uvicorn(
        "fanout-uvloop",
        "uvicorn on uvloop",
        "The same on uvloop, the floor too; without the peers, to save time.",
        tuple(each.on_uvloop() for each in (FLOOR, *OURS_THROUGH_UVICORN)),
    ),
)
