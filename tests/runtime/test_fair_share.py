"""A client that floods costs the others of its event loop a share, and not their answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime import connection
from chanspec.runtime.consumer import Consumer

from .driver import Client, connected
from .messages import Said, Say

ENOUGH = 300_000
"""Frames after which a flood gives up: the others got nothing."""


class Echo(Consumer[Any]):
    log_websocket_message = False

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)


class Hooked(Echo):
    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)


class Flood(Client):
    """Has the same frame there whenever it is asked for one, until it is told to stop."""

    def __init__(self, app: Any, frame: dict[str, Any]) -> None:
        super().__init__(app)
        self.flood = frame
        self.is_on = True
        self.sent = self.answers = 0

    async def _receive(self) -> dict[str, Any]:
        if self.is_on and self.inbox.empty() and self.sent < ENOUGH:
            self.sent += 1
            return self.flood
        return await super()._receive()

    async def _send(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "websocket.send":
            self.answers += 1
        else:
            await super()._send(frame)


def text(content: Any) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": content if isinstance(content, str) else json.dumps(content)}


@pytest.mark.parametrize("consumer", [Echo, Hooked])
@pytest.mark.parametrize(
    "frame",
    [
        text({"action": "ping"}),
        text({"action": "say", "payload": "x" * 50_000}),
        text({"action": "unknown"}),
        text("no JSON"),
        {"type": "websocket.receive", "bytes": b"\x00"},
    ],
    ids=["valid", "long", "unknown", "no JSON", "binary"],
)
async def test_others_are_answered_while_a_client_floods(consumer: type[Echo], frame: dict[str, Any]) -> None:
    flood = Flood(consumer.as_asgi(), frame)
    async with connected(consumer.as_asgi()) as other:
        await flood.open()
        for n in range(5):
            assert await other.ask("say", str(n)) == {"action": "said", "payload": str(n)}
        assert flood.sent < ENOUGH
        flood.is_on = False
        await flood.disconnect()
    assert flood.answers == flood.sent


async def test_others_are_answered_while_channel_events_keep_coming() -> None:
    handled = 0

    class Hears(Echo):
        groups = ("all",)

        async def news_came(self, event: Any) -> None:
            nonlocal handled
            handled += 1
            if handled < ENOUGH and is_on:
                self._connection.push_event({"type": "news.came"})

    is_on = True
    async with connected(Hears.as_asgi()) as client, connected(Echo.as_asgi()) as other:
        await client.ask("say", "hello")
        await Hears.get_channel_layer().group_send("all", {"type": "news.came"})
        for n in range(5):
            assert await other.ask("say", str(n)) == {"action": "said", "payload": str(n)}
        assert 0 < handled < ENOUGH
        is_on = False


async def test_a_client_that_is_not_ahead_gives_nobody_way(monkeypatch: pytest.MonkeyPatch) -> None:
    ways: list[None] = []

    async def give_way() -> None:
        ways.append(None)

    monkeypatch.setattr(connection, "give_way", give_way)
    monkeypatch.setattr(connection, "SHARE", 0.0)
    async with connected(Echo.as_asgi()) as client:
        for n in range(100):
            await client.ask("say", str(n))
    assert ways == []


async def test_a_flood_of_frames_that_take_long_is_looked_at_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    handled: list[int] = []
    now = 0.0

    async def give_way() -> None:
        handled.append(0)

    class Slow(Echo):
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> None:
            nonlocal now
            now += 1.0  # seconds, far above a share
            handled[-1] += 1
            if len(handled) > 10:
                await self.close()

    handled.append(0)
    monkeypatch.setattr(connection, "perf_counter", lambda: now)
    monkeypatch.setattr(connection, "give_way", give_way)
    flood = Flood(Slow.as_asgi(), text({"action": "ping"}))
    await flood.open()
    await flood.ended()
    assert max(handled) <= 2 * connection.LOOK_EVERY + 2
    assert handled[-3:] == [1, 1, 1]  # a look before each frame


@pytest.mark.parametrize("kind", [bytes, str])
async def test_frames_that_wait_hold_little_more_than_the_longest_may(kind: Callable[..., Any]) -> None:
    class Few(Consumer[Any]):
        max_frame_bytes = 1000

        @ws_handler
        async def say(self, message: Say) -> None:
            await asyncio.sleep(60)

    client = Client(Few.as_asgi())
    await client.open()
    client.say("say", "first")
    for _ in range(10):
        if kind is bytes:
            client.bytes(b"x" * 600)
        else:
            client.text("x" * 600)
    while client.received_by_app < 3:  # noqa: ASYNC110 - the one that is handled, and two of 600 bytes
        await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    assert client.received_by_app == 3
    assert client.task is not None
    client.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.task
