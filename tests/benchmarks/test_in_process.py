"""The driver counts every frame, and notices what is lost, doubled, or no answer at all."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from benchmarks import flood, in_process
from benchmarks.apps import floor
from benchmarks.contenders import FLOOR, OURS, STARLETTE, Contender
from benchmarks.in_process import Room
from benchmarks.protocol import DidNotFinishError
from benchmarks.wire import Wire

ANSWER = {"type": "websocket.send", "text": '{"action": "said"}'}

App = Callable[[Any, Any, Any], Awaitable[None]]


@pytest.fixture
def be_impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Waits that begin after the call are short: for when all has come that must come."""
    return lambda: monkeypatch.setattr(in_process, "TIMEOUT", 0.2)


@asynccontextmanager
async def opened(app: App, members: int, wire: Wire | None = None, **options: Any) -> AsyncIterator[Room]:
    room = Room(app, wire or Wire(), members, **options)
    try:
        await room.open()
        yield room
    finally:
        await room.close()


def answering(*answers: dict[str, Any]) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await receive()
            for answer in answers:
                await send(answer)

    return app


@pytest.mark.parametrize("contender", [FLOOR, OURS, STARLETTE], ids=lambda each: each.key)
@pytest.mark.parametrize("turns", [True, False])
async def test_each_message_is_answered_once(contender: Contender, turns: bool) -> None:
    async with opened(contender.app("echo", None), 1, turns=turns) as room:
        before = room.connections[0].came
        await room.say(25)
        assert room.connections[0].came - before == 25
        await room.warm_up()
        assert all(each > 0 for each in await room.turn(0.02))
        room.check()


@pytest.mark.parametrize("contender", [FLOOR, OURS, STARLETTE], ids=lambda each: each.key)
async def test_what_a_flood_is_made_of_is_answered(contender: Contender) -> None:
    async with opened(contender.app("echo", None), 1, wire=flood.pings(Wire())) as room:
        before = room.connections[0].came
        await room.say(25)
        assert room.connections[0].came - before == 25
        room.check()


@pytest.mark.parametrize("contender", [FLOOR, OURS, STARLETTE], ids=lambda each: each.key)
async def test_each_message_reaches_every_member_once(contender: Contender) -> None:
    async with opened(contender.app("room", None), 7) as room:
        before = [connection.came for connection in room.connections]
        await room.say(5)
        assert [now.came - then for now, then in zip(room.connections, before, strict=True)] == [5] * 7
        await room.warm_up()
        assert all(each > 0 for each in await room.turn(0.02))
        room.check()
    assert not floor.members


async def test_a_lost_delivery_did_not_finish(be_impatient: Callable[[], None]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        be_impatient()  # the driver is waiting for its connections already
        await answering()(scope, receive, send)

    with pytest.raises(DidNotFinishError, match="0 of 3 connections got"):
        async with opened(app, 3):
            pass


async def test_who_lost_a_later_delivery_is_counted(be_impatient: Callable[[], None]) -> None:
    told: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        told.append(send)
        for number in itertools.count():
            await receive()
            for to_member in told[: 3 if number < 5 else 2]:
                await to_member(ANSWER)

    async with opened(app, 3) as room:
        be_impatient()
        with pytest.raises(DidNotFinishError, match="2 of 3 connections got the message"):
            await room.say(10)


async def test_a_doubled_answer_did_not_finish() -> None:
    async with opened(answering(ANSWER, ANSWER), 1) as room:
        await room.turn(0.01)
        with pytest.raises(DidNotFinishError, match="a connection got"):
            room.check()


async def test_an_answer_that_is_an_error_did_not_finish() -> None:
    error = {"type": "websocket.send", "text": '{"action": "error"}'}
    async with opened(answering(error), 1) as room:
        await room.turn(0.01)
        with pytest.raises(DidNotFinishError, match=r"answered with .*error"):
            room.check()


async def test_an_application_that_fails_says_why(be_impatient: Callable[[], None]) -> None:
    be_impatient()  # its connections have failed before the driver can give up

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("Too many connections")

    with pytest.raises(DidNotFinishError, match=r"0 of 2 .*: RuntimeError: Too many connections"):
        async with opened(app, 2):
            pass
