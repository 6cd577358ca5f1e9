"""Waits beside a client that floods are those of everybody, and not one answer may be missing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest
from websockets.frames import Frame, Opcode

from benchmarks import flood
from benchmarks.clients import frame
from benchmarks.contenders import FLOOR, OURS, Contender
from benchmarks.protocol import DidNotFinishError
from benchmarks.scenario import STOOD_STILL, Options
from benchmarks.wire import Wire

SHORT = Options(seconds=0.1)

Measure = Callable[[Contender, Options], dict[str, float]]

PINGS = flood.pings(Wire())
PING, SAY = frame(PINGS.say), frame(Wire().say)
PONG, SAID = (Frame(Opcode.TEXT, text).serialize(mask=False) for text in (b'{"action":"pong"}', b'{"action":"said"}'))


@pytest.mark.parametrize("contender", [FLOOR, OURS, OURS.on_uvloop()], ids=lambda each: f"{each.key}-{each.loop}")
@pytest.mark.parametrize("measure", [flood.measure, flood.with_pings], ids=["with messages", "with pings"])
def test_others_are_measured_beside_a_client_that_floods(contender: Contender, measure: Measure) -> None:
    found = measure(contender, SHORT)
    assert found.keys() == {"median", "p99", "worst", "calm", "answered", "busy", STOOD_STILL}
    assert 0 < found["median"] <= found["p99"] <= found["worst"]
    assert found["calm"] > 0
    assert found["answered"] > 0


class Answering:
    """A server that answers each message once, but the hundredth of one kind so many times.

    Args:
        kind: The frame of those.
        times: How often the hundredth is answered.
    """

    port = 0

    def __init__(self, kind: bytes, times: int) -> None:
        self.kind = kind
        self.times = times
        self.came = 0
        self.connections: list[Connection] = []

    def busy(self) -> float:
        return 0.0

    def answers(self, message: bytes) -> bytes:
        self.came += message == self.kind
        is_exception = message == self.kind and self.came == 100
        return (PONG if message == PING else SAID) * (self.times if is_exception else 1)

    def connected(self) -> Connection:
        self.connections.append(Connection(self))
        return self.connections[-1]


class Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, server: Answering) -> None:
        self.server = server
        self.is_open = False
        self.rest = b""
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.is_open:
            _, end, self.rest = self.rest.partition(b"\r\n\r\n")
            self.is_open = True
            assert end, "a request of a few bytes comes whole"
            self.transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        answers = b""
        while message := next((each for each in (PING, SAY) if self.rest.startswith(each)), b""):
            self.rest = self.rest[len(message) :]
            answers += self.server.answers(message)
        self.transport.write(answers)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(None)


@contextlib.asynccontextmanager
async def answering(kind: bytes, times: int) -> AsyncIterator[Any]:
    server = Answering(kind, times)
    listening = await asyncio.get_running_loop().create_server(server.connected, "127.0.0.1", 0)
    async with listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server
        await asyncio.gather(*(each.lost for each in server.connections))


async def test_a_server_that_answers_everybody_once_is_measured() -> None:
    async with answering(PING, 1) as server:
        assert (await flood.measured(server, Wire(), PINGS, SHORT))["answered"] > 0


@pytest.mark.parametrize(
    ("kind", "times", "told"),
    [
        (PING, 0, "1 answers to the flood were lost"),
        (PING, 2, "the flood was answered more often than it asked"),
        (SAY, 0, "some of the others were not answered"),
        (SAY, 2, "a question was answered twice"),
    ],
    ids=["the flood's, lost", "the flood's, doubled", "a question's, lost", "a question's, doubled"],
)
async def test_an_answer_that_is_lost_or_doubled_did_not_finish(
    monkeypatch: pytest.MonkeyPatch, kind: bytes, times: int, told: str
) -> None:
    monkeypatch.setattr(flood, "TIMEOUT", 2.0)
    async with answering(kind, times) as server:
        with pytest.raises(DidNotFinishError, match=told):
            await flood.measured(server, Wire(), PINGS, SHORT)


def test_a_percentile_is_what_one_of_a_hundred_exceeds() -> None:
    assert flood.percentile_99([float(each) for each in range(101)]) == 99
    assert flood.percentile_99([1.0, 1.0]) == 1
