"""A client that floods, through uvicorn, and how long the others then wait for an answer.

The others ask now and then, whether they were answered or not, so that a server that stands still is asked all the
same. The flooding client is in the clients' process, which has a processor to itself and never sleeps: what it sends is
made beforehand, and what it gets is counted without being looked at, so that its part takes some hundredths of a
millisecond at a time, which is what the others' figures are uncertain by. How long the process stood still at most
is measured too.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import deque
from dataclasses import replace

from benchmarks.clients import TIMEOUT, Client, Crowd, frame, run
from benchmarks.contenders import (
    CHANNELS,
    CHANX_CHANNELS,
    CHANX_FAST,
    FLOOR,
    OURS,
    OURS_CHANNELS,
    STARLETTE,
    Contender,
)
from benchmarks.figures import Target
from benchmarks.protocol import DidNotFinishError
from benchmarks.scenario import STOOD_STILL, Metric, Options, Scenario
from benchmarks.server import Server, running_server
from benchmarks.wire import Wire

OTHERS = 20
"""Clients that ask."""

EVERY = 0.02
"""Seconds until each of them asks again, on average."""

PING, PONG = '{"action": "ping"}', '"pong"'
"""What the flood is made of: a server reads the most of the smallest messages at once."""

AT_ONCE = 500
"""Messages of the flood in one write."""

UNANSWERED = 20_000
"""Messages of the flood that are sent before the first of them is answered: twice what asyncio reads at once, so that
whatever a server reads, as much is there again; and few enough to wait for all answers at the end."""

TIMES = 3
"""How many times as long as other scenarios this measures: 2 s have 2,000 answers, of which a percentile is 20."""

WARM_UP = 0.5
"""Seconds of the flood that are not counted."""


def measure(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds that the others wait, with the flood and without, and what of the flood is answered a second."""
    with running_server(contender, "echo", options.redis) as server:
        return run(measured(server, contender.wire(), options))


async def measured(server: Server, wire: Wire, options: Options) -> dict[str, float]:
    """Measure a server that runs."""
    questions = Questions()
    async with Crowd(server.port, wire, questions.answered, awake=True) as crowd:
        await crowd.grow(OTHERS)
        questions.of(crowd)
        await questions.during(WARM_UP)
        calm = await questions.during(options.seconds)
        flood = Flood(crowd)
        await flood.begin(wire)
        await questions.during(WARM_UP)
        answered, busy, began = flood.client.answers, server.busy(), time.perf_counter()
        waited = await questions.during(TIMES * options.seconds)
        taken = time.perf_counter() - began
        answered, busy = flood.client.answers - answered, server.busy() - busy
        await flood.end()
        return {
            "median": statistics.median(waited),
            "p99": percentile_99(waited),
            "worst": max(waited),
            "calm": percentile_99(calm),
            "answered": answered / taken,
            "busy": busy / taken,
            STOOD_STILL: questions.stood_still,
        }


def percentile_99(waited: list[float]) -> float:
    """What all but one of a hundred did not wait longer than."""
    return statistics.quantiles(waited, n=100, method="inclusive")[98]


class Questions:
    """What the others ask and how long each answer takes.

    Attributes:
        stood_still: The longest time in seconds in which their process did not look for answers.
    """

    def __init__(self) -> None:
        self.stood_still = 0.0
        self._crowd: Crowd
        self._loop = asyncio.get_running_loop()
        self._asked: dict[Client, deque[float]] = {}
        self._waited: list[float] = []
        self._is_on = False
        self._all_came = asyncio.Event()
        self._turned = 0.0

    def of(self, crowd: Crowd) -> None:
        """Let all who are in the crowd now be those who ask."""
        self._crowd = crowd
        self._asked = {client: deque() for client in crowd.clients}

    async def during(self, seconds: float) -> list[float]:
        """Have everybody ask for a while, and return all waits once all answers have come."""
        self._waited, self._is_on, self._turned = [], True, time.perf_counter()
        self._all_came.clear()
        self._turn()
        for client in self._asked:
            self._loop.call_later(random.uniform(0, EVERY), self._ask, client, self._waited)
        await self._crowd.rest(seconds)
        self._is_on = False
        if self._left():
            waiting = asyncio.ensure_future(self._all_came.wait())
            await self._crowd.within(TIMEOUT, waiting, "some of the others were not answered")
        return self._waited

    def answered(self, client: Client, frames: int) -> None:
        """Note how long answers took; a connection's come in the order of its questions."""
        if client not in self._asked:
            return  # the flood's
        now, asked = time.perf_counter(), self._asked[client]
        if frames > len(asked):
            client.failed("a question was answered twice")
            return
        for _ in range(frames):
            self._waited.append(now - asked.popleft())
        if not self._is_on and not self._left():
            self._all_came.set()

    def _ask(self, client: Client, waited: list[float]) -> None:
        if self._is_on and waited is self._waited:  # and not a timer of an earlier while
            self._asked[client].append(time.perf_counter())
            client.say()
            self._loop.call_later(EVERY * random.uniform(0.5, 1.5), self._ask, client, waited)

    def _left(self) -> bool:
        return any(self._asked.values())

    def _turn(self) -> None:
        now = time.perf_counter()
        self.stood_still = max(self.stood_still, now - self._turned)
        self._turned = now
        if self._is_on or self._left():
            self._loop.call_soon(self._turn)


class Flood:
    """A client that sends as much as its socket takes, and reads its answers.

    If it did not read them, they would soon fill its socket, and the flood would end.

    Attributes:
        client: Its connection.
    """

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._loop = asyncio.get_running_loop()
        self._frames = frame(PING) * AT_ONCE
        self._sent = 0
        self._is_on = True
        self.client: Client

    async def begin(self, wire: Wire) -> None:
        """Connect, and flood until the end."""
        await self._crowd.grow(1, wire=replace(wire, say=PING, said=PONG))
        self.client = self._crowd.clients[-1]
        self._go_on()

    async def end(self) -> None:
        """Send nothing more, and wait until everything is answered."""
        self._is_on = False
        before, since = self.client.answers, time.perf_counter()
        while left := self._sent - self.client.answers:
            if left < 0:
                raise DidNotFinishError("the flood was answered more often than it asked")
            await self._crowd.rest(0.01)
            if self.client.answers != before:
                before, since = self.client.answers, time.perf_counter()
            elif time.perf_counter() - since > TIMEOUT:
                raise DidNotFinishError(f"{left:,} answers to the flood were lost")

    def _go_on(self) -> None:
        if self._is_on:
            is_taken = not self.client.transport.get_write_buffer_size()
            if is_taken and self._sent - self.client.answers <= UNANSWERED - AT_ONCE:
                self._sent += AT_ONCE
                self.client.transport.write(self._frames)
            self._loop.call_soon(self._go_on)


OURS_ALL = (OURS, OURS_CHANNELS)


def _scenario(key: str, server: str, about: str, contenders: tuple[Contender, ...]) -> Scenario:
    def shown(key: str, title: str, most: float | None = None) -> Metric:
        targets = {} if most is None else {each.key: Target(most, of_ratio=False) for each in OURS_ALL}
        return Metric(key, f"{title}, {server}", "ms", 1e3, floor=None, targets=targets)

    return Scenario(
        key,
        about,
        (
            shown("median", "Beside a client that floods, the others wait for an answer: median", 2),
            shown("p99", "The same: 99th percentile"),
            shown("worst", "The same: the longest", 50),
            shown("calm", "The same without the flood: 99th percentile"),
            Metric("answered", f"Messages of the flood answered meanwhile, {server}", "messages/s"),
        ),
        contenders,
        measure,
        set_up=5.0,
    )


SCENARIOS = (
    _scenario(
        "flood",
        "through uvicorn",
        f"uvicorn in one process, on asyncio's own event loop, clients in another. {OTHERS} connections each send a "
        f"message every {EVERY * 1000:.0f} ms on average, answered or not. One more sends pings as fast as its socket "
        f"takes them, up to {UNANSWERED:,} ahead of their answers, and reads those. All clients share a processor that "
        "the server does not use, and never sleep. A run in which one answer of anybody is lost did not finish.",
        (FLOOR, *OURS_ALL, STARLETTE, CHANX_FAST, CHANNELS, CHANX_CHANNELS),
    ),
    _scenario(
        "flood-uvloop",
        "through uvicorn on uvloop",
        "The same on uvloop, the floor too; without the peers, to save time.",
        tuple(each.on_uvloop() for each in (FLOOR, *OURS_ALL)),
    ),
)
