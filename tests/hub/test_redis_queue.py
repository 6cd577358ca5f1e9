"""The shortcuts on the queue layer are seen by nobody: other processes that use the layer itself, or by its limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from channels_redis.core import RedisChannelLayer
from fast_channels.layers.redis import RedisChannelLayer as FastRedisChannelLayer

from chanspec.runtime.hub import HubSettings, hub_for
from chanspec.runtime.redis_queue import MAX_CHANNELS, QueueReader, QueueSender
from tests.hub.conftest import joined
from tests.hub.leaving import end_of
from tests.redis import RedisServer
from tests.runtime.driver import eventually

both = pytest.mark.parametrize("kind", [RedisChannelLayer, FastRedisChannelLayer])


@both
async def test_a_broadcast_is_one_command_to_send_and_one_to_receive(
    kind: Any, url: str, shared_redis: RedisServer
) -> None:
    hub = hub_for(kind(hosts=[url]), HubSettings(beat=600, beat_timeout=20))
    everybody = [await joined(hub, "room") for _ in range(30)]
    await hub.broadcast("room", "first")  # learns who is in the group
    await everybody[-1].got(1)
    shared_redis.ask("CONFIG RESETSTAT")
    for number in range(20):
        await hub.broadcast("room", f"{number}")
    await everybody[-1].got(21)
    calls = shared_redis.calls()
    assert 20 <= calls["eval"] <= 22
    assert calls["bzpopmin"] <= 24
    assert calls.get("zpopmin", 0) == 0, "nothing is kept twice"
    await end_of(hub)


@both
async def test_the_layer_itself_and_the_shortcut_understand_each_other(kind: Any, url: str) -> None:
    ours, plain = kind(hosts=[url]), kind(hosts=[url])  # as in two processes
    hub = hub_for(ours)
    member = await joined(hub, "room")
    channel = await plain.new_channel()
    await plain.group_add("room", channel)
    await hub.broadcast("room", "from the hub")
    assert (await asyncio.wait_for(plain.receive(channel), 20))["text"] == "from the hub"
    await plain.group_send("room", {"type": "chanspec.broadcast", "text": "from the layer"})
    await plain.send(member.channel_name, {"type": "direct"})
    assert await member.got(2) == ["from the hub", "from the layer"]
    assert await member.events(1) == [{"type": "direct"}]
    await plain.group_discard("room", channel)
    await hub.broadcast("room", "who left")
    assert await member.got(3) == ["from the hub", "from the layer", "who left"]
    assert (await asyncio.wait_for(plain.receive(channel), 20))["text"] == "from the layer"
    await plain.send(channel, {"text": "end"})
    assert (await asyncio.wait_for(plain.receive(channel), 20))["text"] == "end"
    await end_of(hub)


@both
@pytest.mark.parametrize("options", [{"serializer_format": "json"}, {"symmetric_encryption_keys": ["secret"]}])
async def test_every_way_of_writing_messages_is_kept(kind: Any, url: str, options: dict[str, Any]) -> None:
    hub, plain = hub_for(kind(hosts=[url], **options)), kind(hosts=[url], **options)
    member = await joined(hub, "room")
    channel = await plain.new_channel()
    await plain.group_add("room", channel)
    await hub.broadcast("room", "hello")
    assert await member.got(1) == ["hello"]
    assert (await asyncio.wait_for(plain.receive(channel), 20))["text"] == "hello"
    await end_of(hub)


async def test_a_channel_s_capacity_is_kept(url: str, shared_redis: RedisServer) -> None:
    sender = QueueSender(RedisChannelLayer(hosts=[url], capacity=5))
    plain = RedisChannelLayer(hosts=[url], capacity=5)
    await plain.group_add("room", "worker")
    for number in range(8):
        await sender.group_send("room", {"number": number})
    assert shared_redis.ask("ZCARD asgiworker") == b":5"
    assert [(await plain.receive("worker"))["number"] for _ in range(5)] == [0, 1, 2, 3, 4]
    await sender.close()


async def test_messages_are_kept_for_the_age_that_the_layer_gives_them(url: str, shared_redis: RedisServer) -> None:
    sender = QueueSender(RedisChannelLayer(hosts=[url], expiry=1))
    await RedisChannelLayer(hosts=[url]).group_add("room", "worker")
    await sender.group_send("room", {"number": 0})
    await eventually(lambda: shared_redis.ask("EXISTS asgiworker") == b":0")
    await sender.close()
    sender = QueueSender(RedisChannelLayer(hosts=[url], expiry=600))
    await sender.group_send("room", {"number": 1})
    assert 500 < int(shared_redis.ask("TTL asgiworker")[1:]) <= 600
    await sender.close()


async def test_members_whose_time_in_a_group_is_over_get_nothing(url: str, shared_redis: RedisServer) -> None:
    layer = RedisChannelLayer(hosts=[url], group_expiry=60)
    shared_redis.ask("ZADD asgi:group:room 1000 long.gone")
    await layer.group_add("room", "worker")
    sender = QueueSender(layer)
    await sender.group_send("room", {"type": "x"})
    assert (await layer.receive("worker"))["type"] == "x"
    assert shared_redis.ask("EXISTS asgilong.gone") == b":0"
    assert shared_redis.ask("ZCARD asgi:group:room") == b":1", "and is removed"
    await layer.wait_received()
    await sender.close()


async def test_a_group_of_many_channels_is_sent_to_as_the_layer_does_it(url: str, shared_redis: RedisServer) -> None:
    layer = RedisChannelLayer(hosts=[url])
    names = [f"worker.{number}" for number in range(MAX_CHANNELS + 1)]
    sender = QueueSender(layer)
    for name in names:
        await layer.group_add("room", name)
        await sender.group_send("room", {"last": name})
    for name in names:
        assert (await layer.receive(name))["last"] == name
    assert [shared_redis.ask(f"ZCARD asgi{name}") for name in names[:2]] == [b":64", b":63"]
    await sender.close()


async def test_a_connection_that_the_server_has_closed_meanwhile_costs_no_broadcast(
    url: str, shared_redis: RedisServer
) -> None:
    hub = hub_for(RedisChannelLayer(hosts=[url]))
    member = await joined(hub, "room")
    for number in range(5):
        await hub.broadcast("room", f"{number}")
        await member.got(number + 1)
        shared_redis.ask("CLIENT KILL TYPE normal SKIPME yes")
    await hub.broadcast("room", "5")
    assert await member.got(6) == [str(number) for number in range(6)]
    assert hub.losses.total == 0
    await end_of(hub)


async def test_entries_that_are_no_messages_end_nothing(url: str, shared_redis: RedisServer) -> None:
    hub = hub_for(RedisChannelLayer(hosts=[url]))
    member = await joined(hub, "room")
    key = f"asgi{hub.reception.base}"
    for entry in ("x", "twelve-bytes\x01", "0123456789ab-not-msgpack"):
        shared_redis.ask(f"ZADD {key} 1 {entry!r}")
    await hub.broadcast("room", "hello")
    assert await member.got(1) == ["hello"]
    await end_of(hub)


def test_what_an_application_has_replaced_is_not_passed_over(url: str) -> None:
    class Tracing(RedisChannelLayer):
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            await super().group_send(group, message)

    class Watching(RedisChannelLayer):
        async def receive_single(self, channel: str) -> Any:
            return await super().receive_single(channel)

    patched = RedisChannelLayer(hosts=[url])
    patched.group_send = patched.group_send
    assert [
        QueueSender.serves(layer)
        for layer in (
            RedisChannelLayer(hosts=[url]),
            FastRedisChannelLayer(hosts=[url]),
            Tracing(hosts=[url]),
            patched,
            RedisChannelLayer(hosts=[url, url]),
        )
    ] == [True, True, False, False, False]
    assert QueueReader.serves(Tracing(hosts=[url]))
    assert not QueueReader.serves(Watching(hosts=[url]))


async def test_a_layer_with_replaced_methods_still_delivers(url: str) -> None:
    sent = []

    class Tracing(RedisChannelLayer):
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            sent.append(group)
            await super().group_send(group, message)

    hub = hub_for(Tracing(hosts=[url]))
    member = await joined(hub, "room")
    await hub.broadcast("room", "hello")
    assert await member.got(1) == ["hello"]
    assert "room" in sent
    await end_of(hub)
