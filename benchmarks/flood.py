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
from collections.abc import Mapping
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
"""What a flood of the smallest messages is made of; usually it is of the message that the others send too."""

AT_ONCE = 16_384
"""Bytes of the flood in one write, at most."""

READ = 262_144
"""Bytes that asyncio and uvloop read at once, roughly."""

UNANSWERED = 2 * READ
"""Bytes of the flood that are sent before the first message of them is answered, at most: whatever a server reads, as
much is there again; and it is little enough to wait for all answers at the end."""

TIMES = 3
"""How many times as long as other scenarios this measures: 2 s have 2,000 answers, of which a percentile is 20."""

WARM_UP = 0.5
"""Seconds of the flood that are not counted."""


def measure(contender: Contender, options: Options) -> dict[str, float]:
    """Seconds that the others wait, with the flood and without, and what of the flood is answered a second."""
    wire = contender.wire()
    with running_server(contender, "echo", options.redis) as server:
        return run(measured(server, wire, wire, options))


def with_pings(contender: Contender, options: Options) -> dict[str, float]:
    """The same, but the flood is of pings."""
    wire = contender.wire()
    with running_server(contender, "echo", options.redis) as server:
        return run(measured(server, wire, pings(wire), options))


def pings(wire: Wire) -> Wire:
    """The same way to talk, but to send pings."""
    return replace(wire, say=PING, said=PONG)


async def measured(server: Server, wire: Wire, flooding: Wire, options: Options) -> dict[str, float]:
    """Measure a server that runs.

    Args:
        server: Which.
        wire: What the others send.
        flooding: What the flood is made of.
        options: How much.
    """
    questions = Questions()
    async with Crowd(server.port, wire, questions.answered, awake=True) as crowd:
        await crowd.grow(OTHERS)
        questions.of(crowd)
        await questions.during(WARM_UP)
        calm = await questions.during(options.seconds)
        flood = Flood(crowd, flooding)
        await flood.begin()
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
        self._turned = time.perf_counter()
        self._turn()

    async def during(self, seconds: float) -> list[float]:
        """Have everybody ask for a while, and return all waits once all answers have come."""
        self._waited, self._is_on = [], True
        self._all_came.clear()
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
        if self._is_on or self._left():
            self.stood_still = max(self.stood_still, now - self._turned)
        self._turned = now
        if self._crowd.clients:
            self._loop.call_soon(self._turn)


class Flood:
    """A client that sends as much as its socket takes, and reads its answers.

    If it did not read them, they would soon fill its socket, and the flood would end.

    Attributes:
        client: Its connection.
    """

    def __init__(self, crowd: Crowd, wire: Wire) -> None:
        self._crowd = crowd
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        message = frame(wire.say)
        self._at_once = AT_ONCE // len(message)
        self._most = UNANSWERED // len(message) - self._at_once
        self._frames = message * self._at_once
        self._sent = 0
        self._is_on = True
        self.client: Client

    async def begin(self) -> None:
        """Connect, and flood until the end."""
        await self._crowd.grow(1, wire=self._wire)
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
            if is_taken and self._sent - self.client.answers <= self._most:
                self._sent += self._at_once
                self.client.transport.write(self._frames)
            self._loop.call_soon(self._go_on)


OURS_ALL = (OURS, OURS_CHANNELS)


def _waits(first: str, server: str, targets: Mapping[str, float]) -> tuple[Metric, ...]:
    """How long the others wait; the targets are in milliseconds."""
    titles = {
        "median": f"{first}, the others wait for an answer: median",
        "p99": f"{first}: 99th percentile",
        "worst": f"{first}: the longest",
    }
    return tuple(
        Metric(
            key,
            f"{title}, through {server}",
            "ms",
            1e3,
            floor=None,
            targets={each.key: Target(targets[key], of_ratio=False) for each in OURS_ALL if key in targets},
        )
        for key, title in titles.items()
    )


def _scenario(key: str, server: str, about: str, contenders: tuple[Contender, ...]) -> Scenario:
    return Scenario(
        key,
        about,
        (
            *_waits("Beside a client that floods", server, {"median": 2, "worst": 50}),
            Metric("calm", f"Without that client: 99th percentile, through {server}", "ms", 1e3, floor=None),
            Metric("answered", f"What it sends and is answered, through {server}", "messages/s"),
        ),
        contenders,
        measure,
        set_up=5.0,
    )


SCENARIOS = (
    _scenario(
        "flood",
        "uvicorn",
        f"uvicorn in one process, on asyncio's own event loop, clients in another. {OTHERS} connections each send a "
        f"message every {EVERY * 1000:.0f} ms on average, answered or not. One more sends the same message as fast as "
        f"its socket takes it, up to {UNANSWERED // 1024} KiB ahead of the answers, and reads those. All clients share "
        "a processor that the server does not use, and never sleep. A run in which one answer of anybody is lost or "
        "doubled did not finish.",
        (FLOOR, *OURS_ALL, STARLETTE, CHANX_FAST, CHANNELS, CHANX_CHANNELS),
    ),
    Scenario(
        "flood-pings",
        f"The same, but the flood is of pings, the smallest messages there are: {READ // len(frame(PING)):,} of them "
        f"are in the {READ // 1024} KiB that asyncio reads at once, and until uvicorn has taken those apart, for some "
        "4 µs each, nobody has a turn, whatever is behind it. So there is no target. Some peers are left out, and it "
        "is measured three times, to save time.",
        _waits("Beside a client that floods with pings", "uvicorn", {}),
        (FLOOR, *OURS_ALL, CHANNELS),
        with_pings,
        set_up=5.0,
        most_runs=3,
        on_request=True,  # it says more of the server than of what is behind it
    ),
    _scenario(
        "flood-uvloop",
        "uvicorn on uvloop",
        "As *flood*, on uvloop, the floor too; without the peers, to save time.",
        tuple(each.on_uvloop() for each in (FLOOR, *OURS_ALL)),
    ),
)
