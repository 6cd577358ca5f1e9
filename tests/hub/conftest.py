"""Every kind of layer that a hub knows, as one parametrized fixture; what belongs to a loop is closed with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import fast_channels.layers.redis
import pytest
from channels.layers import InMemoryChannelLayer as ChannelsMemoryLayer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from fast_channels.layers import InMemoryChannelLayer as FastMemoryLayer

from chanspec.runtime.hub import Hub, hub_for
from chanspec.runtime.memory import InMemoryChannelLayer
from tests.hub.members import Recorder
from tests.redis import RedisServer, redis_server, shared_redis

__all__ = ["redis_server", "shared_redis"]


REDIS = {
    "queue": RedisChannelLayer,
    "pubsub": RedisPubSubChannelLayer,
    "fast queue": fast_channels.layers.redis.RedisChannelLayer,
    "fast pubsub": fast_channels.layers.redis.RedisPubSubChannelLayer,
}
"""The layers on Redis: of channels_redis, and of fast-channels, which began as a copy of it."""


class OnlyTheSpecification:
    """A layer that offers the six methods and nothing else that a shortcut could use."""

    def __init__(self) -> None:
        self._inner = InMemoryChannelLayer()

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self._inner.send(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self._inner.receive(channel)

    async def new_channel(self) -> str:
        return await self._inner.new_channel()

    async def group_add(self, group: str, channel: str) -> None:
        await self._inner.group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._inner.group_discard(group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._inner.group_send(group, message)


def numbers(count: int) -> list[str]:
    """What is said where only the order matters."""
    return [str(number) for number in range(count)]


@pytest.fixture
def url(shared_redis: RedisServer) -> str:
    """Of a Redis that is empty, and stays."""
    shared_redis.ask("FLUSHALL")
    return shared_redis.url


def make(kind: str, request: pytest.FixtureRequest) -> Any:
    if kind == "memory":
        return InMemoryChannelLayer()
    if kind == "channels":
        return ChannelsMemoryLayer()
    if kind == "fast memory":
        return FastMemoryLayer()
    if kind == "any":
        return OnlyTheSpecification()
    server: RedisServer = request.getfixturevalue("shared_redis")
    server.ask("FLUSHALL")
    return REDIS[kind](hosts=[server.url])


@pytest.fixture(params=["memory", "channels", "any", *REDIS])
async def layer(request: pytest.FixtureRequest) -> Any:
    return make(request.param, request)


@pytest.fixture
async def hub(layer: Any) -> AsyncIterator[Hub]:
    hub = hub_for(layer)
    yield hub
    for member in list(hub.members.values()):
        await hub.unregister(member)


async def joined(hub: Hub, *groups: str) -> Recorder:
    """A new connection that is in these groups."""
    member = Recorder()
    await hub.register(member)
    for group in groups:
        await hub.join(group, member)
    return member
