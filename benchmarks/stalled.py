"""Fan-out through uvicorn with a member that stops reading, and without: how long the others wait for a message.

Both are measured one after the other on a server of their own, by the same broadcasts at the same pace: the next one
is sent when every healthy member has the last. Messages are long, so that the stalled member's socket and outbox fill
up during the run; then it is dropped and closed with 1013.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
from dataclasses import replace

from benchmarks.clients import TIMEOUT, Client, Crowd
from benchmarks.contenders import CHANNELS, CHANX_CHANNELS, CHANX_FAST, OURS, OURS_CHANNELS, Contender
from benchmarks.figures import Target
from benchmarks.scenario import Metric, Options, Scenario
from benchmarks.server import running_server
from benchmarks.wire import Wire

FOX = "The quick brown fox jumps over the lazy dog"
LONG = FOX * 380
"""The text of a message, some 16 kB: Linux keeps up to 4 MB for a socket, and that is to be filled."""

BROADCASTS = 650
"""4 MB of socket buffers and an outbox of 256 frames take some 520 messages; then the stalled member is dropped."""

WARM_UP = 30
"""Broadcasts that are not counted."""

JOINED = 1.0
"""Seconds in which all have joined the group."""

RECEIVE_BUFFER = 4096
"""Bytes that the system may keep for the stalled member."""


def measure(contender: Contender, options: Options) -> dict[str, float]:
    """The 99th percentile of what healthy members wait, with and without a stalled one, and whether that was closed."""
    without, _ = _one(contender, options, stalled=False)
    with_one, closed = _one(contender, options, stalled=True)
    return {"without": without, "with": with_one, "times": with_one / without, "closed": float(closed)}


def _one(contender: Contender, options: Options, *, stalled: bool) -> tuple[float, bool]:
    wire = contender.wire()
    with running_server(contender, "room", options.redis) as server:
        room = Room(server.port, replace(wire, say=wire.say.replace(FOX, LONG)))
        return asyncio.run(room.measure(options.crowd - 1, stalled=stalled))


class Room:
    """The healthy members, the first of which speaks, and perhaps a stalled one."""

    def __init__(self, port: int, wire: Wire) -> None:
        self.port = port
        self.wire = wire
        self.left = 0  # members who have not got the last message
        self.sent = 0.0
        self.waited: list[float] = []

    async def measure(self, healthy: int, *, stalled: bool) -> tuple[float, bool]:
        """Return seconds, and whether the stalled member was closed."""
        self.all_came, self.closed = asyncio.Event(), asyncio.Event()
        crowd = Crowd(self.port, self.wire, self._heard)
        await crowd.grow(healthy)
        slow = await self._stalled() if stalled else None
        await crowd.rest(JOINED)
        for number in range(BROADCASTS):
            if number == WARM_UP:
                self.waited.clear()
            self.all_came.clear()
            self.left = healthy
            self.sent = time.perf_counter()
            crowd.clients[0].say()
            waiting = asyncio.ensure_future(self.all_came.wait())
            await crowd.within(TIMEOUT, waiting, f"{self.left:,} of {healthy:,} healthy members wait for a message")
        closed = slow is not None and await self._was_closed(slow)
        crowd.leave()
        return statistics.quantiles(self.waited, n=100)[98], closed

    def _heard(self, client: Client, frames: int) -> None:
        self.waited.extend([time.perf_counter() - self.sent] * frames)
        self.left -= frames
        if self.left <= 0:
            self.all_came.set()

    async def _stalled(self) -> Client:
        client = Client(self.wire, lambda client, frames: None, self._ended)
        loop = asyncio.get_running_loop()
        ours = socket.socket()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        ours.setblocking(False)
        await loop.sock_connect(ours, ("127.0.0.1", self.port))
        await loop.create_connection(lambda: client, sock=ours)
        async with asyncio.timeout(TIMEOUT):
            await client.ready
        client.transport.pause_reading()
        return client

    async def _was_closed(self, client: Client) -> bool:
        """Read on, and see whether there is an end."""
        client.transport.resume_reading()
        try:
            async with asyncio.timeout(TIMEOUT):
                await self.closed.wait()
        except TimeoutError:
            client.leave()
        return self.closed.is_set()

    def _ended(self, reason: str) -> None:
        self.closed.set()


OURS_ALL = (OURS, OURS_CHANNELS)

PEERS = (CHANX_FAST, CHANNELS, CHANX_CHANNELS)


def _scenario(key: str, contenders: tuple[Contender, ...], *, on_request: bool) -> Scenario:
    return Scenario(
        key,
        f"uvicorn in one process, clients in another. {BROADCASTS} messages of {len(LONG) // 1000} kB to {{crowd}} "
        "connections, each sent when the healthy ones have the last; once without, and once with a connection that is "
        "accepted and never read from again.",
        (
            Metric("without", "99th percentile of a delivery, {crowd} healthy connections", "ms", 1e3, floor=None),
            Metric("with", "99th percentile of a delivery, one of {crowd} stalled", "ms", 1e3, floor=None),
            Metric(
                "times",
                "The latter, as a multiple of the former",
                "×",  # noqa: RUF001 - not the letter
                floor=None,
                targets={each.key: Target(1.2, of_ratio=False) for each in contenders if each.ours},
            ),
            Metric("closed", "Whether the stalled one was closed", "of 1", floor=None),
        ),
        contenders,
        measure,
        set_up=12.0,
        most=600.0,
        on_request=on_request,
    )


SCENARIOS = (
    _scenario("stalled", OURS_ALL, on_request=False),
    _scenario("stalled-peers", PEERS, on_request=True),  # whose broadcasts take minutes
)
