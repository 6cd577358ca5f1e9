"""Ten thousand whole connections, from the handshake to the last hook, leave nothing: memory, tasks, memberships."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.hub import hub_for
from chanspec.runtime.layers import forget_layers, register_layer
from chanspec.runtime.memory import InMemoryChannelLayer
from tests.hub.conftest import make
from tests.hub.leaving import all_is_left, is_empty
from tests.runtime.driver import Client, eventually

CYCLES = 10_000
AT_ONCE = 50


class Room(Consumer[Any]):
    """In one group with everybody, and in one of its own."""

    groups = ["room"]
    log_websocket_message = False

    async def post_authentication(self) -> None:
        await self.channel_layer.group_add(f"user.{id(self)}", self.channel_name)

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


@pytest.fixture(params=["memory", "queue", "pubsub"])
async def kind(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    register_layer("default", make(request.param, request))
    yield request.param
    forget_layers()


async def test_an_ended_connection_is_gone_without_the_garbage_collector() -> None:
    ended: list[weakref.ref[Any]] = []

    class Noted(Room):
        async def disconnect(self, code: int) -> None:
            ended.extend((weakref.ref(self), weakref.ref(self._connection)))

    await hear(Noted)  # what is made for the first one stays
    gc.collect()
    ended.clear()
    gc.disable()
    try:
        await hear(Noted)
        assert [reference() for reference in ended] == [None, None]
    finally:
        gc.enable()
        forget_layers()


async def hear(consumer: type[Consumer[Any]]) -> None:
    """Connect, hear an answer, a broadcast and a channel event, and leave."""
    client = Client(consumer.as_asgi())
    await client.open()
    await client.ask("ping")
    hub = hub_for(consumer.get_channel_layer())
    await hub.broadcast("room", '{"action": "news"}')
    await hub.broadcast_event("room", {"type": "nobody.knows"})
    await client.message()
    await client.disconnect()


async def cycle(number: int) -> None:
    """Connect, ask something, and leave: with a close frame, or in the middle of a broadcast without one."""
    client = Client(Room.as_asgi())
    client.start()
    await client.frame(60)
    client.say("ping")
    while (await client.message(60))["action"] != "pong":
        pass  # a broadcast of another one
    if number % 5 == 0:
        client.gone = True
        await hub_for(Room.get_channel_layer()).broadcast("room", '{"action": "news"}')
    await client.disconnect()


async def cycles(number: int) -> None:
    left = iter(range(number))

    async def some() -> None:
        for each in left:
            await cycle(each)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def blocks() -> int:
    """How many pieces of memory Python's objects take, once everybody has left everything."""
    await all_is_left()
    for _ in range(3):
        gc.collect()
    return sys.getallocatedblocks()


@pytest.mark.timeout(300)
async def test_connections_leave_neither_memory_nor_tasks_nor_memberships(
    kind: str, request: pytest.FixtureRequest
) -> None:
    before = asyncio.all_tasks()
    hub = hub_for(Room.get_channel_layer())
    half = CYCLES // 2
    await cycles(half)  # fills what is filled once: plans, caches, pools
    held = await blocks()
    await cycles(half)
    assert await blocks() - held < half, "each connection has left something behind"
    await eventually(lambda: asyncio.all_tasks() <= before | library_tasks())
    assert not any(type(each) is Room for each in gc.get_objects())  # isinstance() would wake lazy objects of others
    assert not hub.members
    assert not hub.subscriptions
    assert not hub.reception.open_names
    if kind == "memory":
        layer: InMemoryChannelLayer = Room.get_channel_layer()
        assert not layer._groups
        assert not layer._channels
        assert not layer._sinks
        return
    await is_empty(request.getfixturevalue("shared_redis"))


def library_tasks() -> set[asyncio.Task[Any]]:
    """The one task with which a pub/sub layer receives, however many channels it has."""
    found = {task for task in asyncio.all_tasks() if "_do_receiving" in repr(task.get_coro())}
    assert len(found) <= 1
    return found
