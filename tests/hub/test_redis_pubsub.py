"""The shortcuts on the pub/sub layer: seen by nobody else, in order, and with a connection only while there is one."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Any

import pytest
import redis.exceptions
from channels_redis.pubsub import RedisPubSubChannelLayer
from fast_channels.layers.redis import RedisPubSubChannelLayer as FastRedisPubSubChannelLayer

from chanspec.runtime import redis_pubsub
from chanspec.runtime.hub import Hub, HubSettings, hub_for
from chanspec.runtime.redis_pubsub import PubSubSender
from tests.hub.conftest import joined, numbers
from tests.hub.leaving import all_is_left, end_of, is_empty, own_tasks
from tests.redis import RedisServer
from tests.runtime.driver import eventually

both = pytest.mark.parametrize("kind", [RedisPubSubChannelLayer, FastRedisPubSubChannelLayer])


def line_of(hub: Hub) -> Any:
    """What publishes to the one host of its layer."""
    [line] = hub.reception._sender._lines.values()
    return line


# What others see


@both
async def test_a_broadcast_is_one_command_on_one_connection(kind: Any, url: str, shared_redis: RedisServer) -> None:
    hub = hub_for(kind(hosts=[url]), HubSettings(beat=600, beat_timeout=20))
    everybody = [await joined(hub, "room") for _ in range(30)]
    await hub.broadcast("room", "first")
    await everybody[-1].got(1)
    shared_redis.ask("CONFIG RESETSTAT")
    await asyncio.gather(*(hub.broadcast("room", number) for number in numbers(50)))
    await everybody[-1].got(51)
    calls = shared_redis.calls()
    assert calls["publish"] == 50
    # reading them was no command, and neither was connecting: the connection was there
    assert calls.keys() <= {"publish", "config|resetstat", "info"}
    await end_of(hub)


@both
async def test_broadcasts_that_do_not_wait_for_each_other_arrive_in_order(kind: Any, url: str) -> None:
    here, there = hub_for(kind(hosts=[url])), hub_for(kind(hosts=[url]))
    members = await joined(here, "room"), await joined(there, "room")
    await asyncio.gather(*(here.broadcast("room", number) for number in numbers(300)))
    for member in members:
        assert await member.got(300) == numbers(300)
    assert there.losses.total == 0
    await end_of(here, there)


@both
async def test_the_layer_itself_and_the_shortcut_understand_each_other(
    kind: Any, url: str, shared_redis: RedisServer
) -> None:
    ours, plain = kind(hosts=[url]), kind(hosts=[url])  # as in two processes
    channel = await plain.new_channel()
    await plain.group_add("room", channel)
    await eventually(lambda: shared_redis.ask("PUBSUB CHANNELS *room") == b"*1")
    hub = hub_for(ours)
    member = await joined(hub, "room")
    await hub.broadcast("room", "from the hub")
    assert (await asyncio.wait_for(plain.receive(channel), 20))["text"] == "from the hub"
    await plain.group_send("room", {"type": "chanspec.broadcast", "text": "from the layer"})
    await plain.send(member.channel_name, {"type": "direct"})
    assert await member.got(2) == ["from the hub", "from the layer"]
    assert await member.events(1) == [{"type": "direct"}]
    await end_of(hub)


@both
@pytest.mark.parametrize("options", [{"serializer_format": "json"}, {"symmetric_encryption_keys": ["secret"]}])
async def test_every_way_of_writing_messages_is_kept(kind: Any, url: str, options: dict[str, Any]) -> None:
    hub, plain = hub_for(kind(hosts=[url], **options)), kind(hosts=[url], **options)
    member = await joined(hub, "room")
    await hub.broadcast("room", "hello\r\n:1\r\nüöä")  # which looks like an answer, and has more bytes than characters
    assert await member.got(1) == ["hello\r\n:1\r\nüöä"]
    await plain.group_send("room", {"type": "chanspec.broadcast", "text": "from the layer"})
    assert (await member.got(2))[1] == "from the layer"
    await end_of(hub)


async def test_what_is_no_message_ends_nothing(
    url: str, shared_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    hub = hub_for(RedisPubSubChannelLayer(hosts=[url]))
    member = await joined(hub, "room")
    for data in ("x", "0123456789ab-not-msgpack", "''"):
        shared_redis.ask(f"PUBLISH asgi__group__room {data}")
    await hub.broadcast("room", "hello")
    assert await member.got(1) == ["hello"]
    assert "Unexpected exception in receive task" not in caplog.text, "after which the layer rests for a second"
    await end_of(hub)


# Connections that end


@both
async def test_a_connection_that_the_server_closed_while_it_was_idle_costs_no_broadcast(
    kind: Any, url: str, shared_redis: RedisServer
) -> None:
    hub = hub_for(kind(hosts=[url]), HubSettings(beat_timeout=20))
    member = await joined(hub, "room")
    for number in range(5):
        await asyncio.gather(*(hub.broadcast("room", f"{number}.{part}") for part in range(10)))
        await member.got(10 * (number + 1))
        line = line_of(hub)
        shared_redis.ask("CLIENT KILL TYPE normal SKIPME yes")
        await eventually(lambda line=line: line._wire is None)
    assert member.texts == [f"{number}.{part}" for number in range(5) for part in range(10)]
    assert hub.losses.total == 0
    await end_of(hub)


@both
async def test_a_connection_that_the_server_closed_before_it_was_used_is_not_used(
    kind: Any, url: str, shared_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_pubsub, "ANSWER_WITHIN", 3600)
    layer = kind(hosts=[url])
    await layer.group_send("room", {"type": "by the layer"})  # whose connection is in the pool now
    [connection] = layer._get_shard("")._redis.connection_pool._available_connections
    shared_redis.ask("CLIENT KILL TYPE normal SKIPME yes")
    await eventually(connection._reader.at_eof)
    sender = PubSubSender(layer)
    async with asyncio.timeout(20):
        await sender.group_send("room", {"type": "x"})
    await sender.close()


async def test_a_connection_that_is_lost_while_it_is_written_to_tells_and_sends_nothing_twice(
    url: str, shared_redis: RedisServer
) -> None:
    here, there = (hub_for(RedisPubSubChannelLayer(hosts=[url]), HubSettings(beat_timeout=20)) for _ in range(2))
    member, channel = await joined(there, "room"), await there.layer.new_channel()
    await there.layer.group_add("room", channel)  # a consumer of Channels' own, which knows no message again
    await joined(here, "room")
    for number in range(20):
        sent = [asyncio.create_task(here.broadcast("room", f"{number}.{part}")) for part in range(10)]
        for _ in range(number % 4):
            await asyncio.sleep(0)
        shared_redis.ask("CLIENT KILL TYPE normal SKIPME yes")
        await asyncio.wait(sent)
        refused = [each.exception() for each in sent if each.exception() is not None]
        assert all(isinstance(each, redis.exceptions.ConnectionError) for each in refused)
        confirmed = [f"{number}.{part}" for part, each in enumerate(sent) if each.exception() is None]
        await eventually(lambda confirmed=confirmed: set(confirmed) <= set(member.texts))
    await here.broadcast("room", "the last one")
    await eventually(lambda: "the last one" in member.texts)
    assert len(set(member.texts)) == len(member.texts)
    assert member.texts[:-1] == sorted(member.texts[:-1], key=lambda text: [int(part) for part in text.split(".")])
    plain = [(await there.layer.receive(channel))["text"] for _ in member.texts]
    assert plain == member.texts
    await end_of(here, there)


async def test_an_outage_is_told_to_whoever_sends_and_nothing_of_it_is_sent_later(redis_server: RedisServer) -> None:
    sender = PubSubSender(RedisPubSubChannelLayer(hosts=[redis_server.url]))
    await sender.group_send("room", {"type": "before"})
    redis_server.stop()
    for _ in range(2):
        answers = await asyncio.gather(
            *(sender.group_send("room", {"type": "lost"}) for _ in range(10)), return_exceptions=True
        )
        assert all(isinstance(answer, redis.exceptions.ConnectionError) for answer in answers)
    assert f"127.0.0.1:{redis_server.port}" in str(answers[0])
    redis_server.start()
    await sender.group_send("room", {"type": "after"})
    assert redis_server.calls()["publish"] == 1, "what was reported as lost is not sent later"
    await sender.close()


async def test_who_gives_up_takes_nobody_elses_answer_and_sends_nothing_later(redis_server: RedisServer) -> None:
    sender = PubSubSender(RedisPubSubChannelLayer(hosts=[redis_server.url]))
    gives_up = asyncio.create_task(sender.group_send("room", {"type": "not written"}))
    waits = asyncio.create_task(sender.group_send("room", {"type": "written when it is connected"}))
    await asyncio.sleep(0)
    gives_up.cancel()
    await waits
    assert redis_server.calls()["publish"] == 1
    gives_up = asyncio.create_task(sender.group_send("room", {"type": "written"}))
    waits = asyncio.create_task(sender.group_send("room", {"type": "written too"}))
    await asyncio.sleep(0)
    gives_up.cancel()
    await waits
    assert redis_server.calls()["publish"] == 3
    await sender.close()


async def test_a_connection_that_answers_no_more_is_replaced(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_pubsub, "ANSWER_WITHIN", 0.3)
    layer = RedisPubSubChannelLayer(hosts=[{"address": redis_server.url, "socket_timeout": 20}])
    sender = PubSubSender(layer)
    await sender.group_send("room", {"type": "before"})
    assert redis_server.process is not None
    redis_server.process.send_signal(signal.SIGSTOP)
    first = layer._get_shard("")._redis.connection_pool
    connections = set(first._in_use_connections)
    sent = asyncio.create_task(sender.group_send("room", {"type": "stalled"}))
    await eventually(lambda: not connections & set(first._in_use_connections))
    with pytest.raises(redis.exceptions.ConnectionError, match="lost before it said"):
        await sent
    redis_server.process.send_signal(signal.SIGCONT)
    await sender.group_send("room", {"type": "after"})
    await sender.close()


async def test_what_redis_refuses_is_told_to_whoever_sends(redis_server: RedisServer) -> None:
    redis_server.ask("ACL SETUSER reader on >secret allkeys allchannels +@all -publish")
    redis_server.ask("ACL SETUSER writer on >secret allkeys allchannels +@all")
    hosts = [redis_server.url.replace("//", f"//{user}:secret@") for user in ("reader", "writer")]
    refused, taken = (PubSubSender(RedisPubSubChannelLayer(hosts=[host])) for host in hosts)
    for _ in range(2):
        with pytest.raises(redis.exceptions.ResponseError, match="publish"):
            await refused.group_send("room", {"type": "x"})
        await taken.group_send("room", {"type": "x"})
    await refused.close()
    await taken.close()


@both
async def test_a_layer_that_is_flushed_can_be_published_to(kind: Any, url: str) -> None:
    layer = kind(hosts=[url])
    sender = PubSubSender(layer)
    for _ in range(3):
        await sender.group_send("room", {"type": "x"})
        async with asyncio.timeout(20):
            await layer.flush()  # waits until all connections of its pool are closed
    await sender.close()


# Beginning and ending


async def test_nothing_is_left_when_the_last_connection_has_gone(
    url: str, shared_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_pubsub, "LAST_ANSWERS", 20.0)
    layer = RedisPubSubChannelLayer(hosts=[url])
    hub = hub_for(layer, HubSettings(beat=600, beat_timeout=20))
    member = await joined(hub, "room")
    sent = asyncio.gather(*(hub.broadcast("room", number) for number in numbers(10)))
    assert "chanspec: channel layer, publishing" not in own_tasks()
    await asyncio.sleep(0)
    assert "chanspec: channel layer, publishing" in own_tasks()
    await hub.unregister(member)
    await sent, "what is being sent still is"
    await all_is_left()
    await is_empty(shared_redis)
    pool = layer._get_shard("")._redis.connection_pool
    # the layer's own, which listens; it is the only one that is not free for others
    assert len(pool._in_use_connections) == 1
    await hub.broadcast("room", "from nobody to nobody")
    assert not own_tasks()


async def test_what_is_being_sent_when_the_sender_is_closed_still_is(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_pubsub, "LAST_ANSWERS", 20.0)
    sender = PubSubSender(RedisPubSubChannelLayer(hosts=[redis_server.url]))
    sent = asyncio.create_task(sender.group_send("room", {"type": "before it is connected"}))
    await asyncio.sleep(0)
    await sender.close()
    await sent
    assert redis_server.calls()["publish"] == 1


async def test_who_still_waits_when_the_sender_is_closed_is_told(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = PubSubSender(RedisPubSubChannelLayer(hosts=[redis_server.url]))
    await sender.group_send("room", {"type": "before"})
    assert redis_server.process is not None
    redis_server.process.send_signal(signal.SIGSTOP)
    sent = asyncio.create_task(sender.group_send("room", {"type": "stalled"}))
    await asyncio.sleep(0)
    monkeypatch.setattr(redis_pubsub, "LAST_ANSWERS", 0.1)
    await sender.close()
    with pytest.raises(redis.exceptions.ConnectionError, match="lost before it said"):
        await sent
    redis_server.process.send_signal(signal.SIGCONT)


async def test_a_name_that_redis_could_not_be_told_of_is_heard_when_it_is_back(redis_server: RedisServer) -> None:
    hub = hub_for(RedisPubSubChannelLayer(hosts=[redis_server.url]))
    redis_server.stop()
    member = await joined(hub)
    assert "chanspec: channel layer, subscribing" in own_tasks()
    redis_server.start()
    async with asyncio.timeout(30):
        while not member.received:
            await hub.send_event(member.channel_name, {"handler": "direct"})
            with suppress(TimeoutError):
                await member.events(1, within=0.1)
    await end_of(hub)
    await all_is_left()


async def test_a_name_that_redis_was_never_told_of_is_left_at_once(redis_server: RedisServer) -> None:
    hub = hub_for(RedisPubSubChannelLayer(hosts=[redis_server.url]))
    redis_server.stop()
    await joined(hub)
    await end_of(hub)
    await all_is_left()


async def test_a_name_that_joins_those_that_are_tried_again_is_tried_too(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_for(RedisPubSubChannelLayer(hosts=[url]))
    shard = hub.layer._get_shard("")
    subscribe, asked, release = shard.subscribe, asyncio.Event(), asyncio.Event()

    async def slow(channel: str) -> None:
        asked.set()
        await release.wait()
        await subscribe(channel)

    async def fail(channel: str) -> None:
        raise redis.exceptions.ConnectionError(f"no {channel}")

    monkeypatch.setattr(shard, "subscribe", fail)
    first = await joined(hub)
    monkeypatch.setattr(shard, "subscribe", slow)
    await asked.wait()  # the first name is tried again
    monkeypatch.setattr(shard, "subscribe", fail)
    second = await joined(hub)
    monkeypatch.setattr(shard, "subscribe", subscribe)
    release.set()
    await eventually(lambda: "chanspec: channel layer, subscribing" not in own_tasks())
    assert {first.channel_name, second.channel_name} <= shard._subscribed_to
    await end_of(hub)


async def test_a_burst_of_broadcasts_holds_up_neither_joins_nor_beats(redis_server: RedisServer) -> None:
    layer = RedisPubSubChannelLayer(hosts=[{"address": redis_server.url, "socket_timeout": 60}])
    hub = hub_for(layer, HubSettings(beat=600, beat_timeout=20))
    await joined(hub, "room")
    await hub.broadcast("room", "first")
    assert redis_server.process is not None
    redis_server.process.send_signal(signal.SIGSTOP)
    sent = asyncio.gather(*(hub.broadcast("room", number) for number in numbers(100)))
    await asyncio.sleep(0)
    assert hub._calls._value == hub.settings.max_calls, "nothing of what a join needs is taken"
    assert len(line_of(hub)._wire.unanswered) == 100
    redis_server.process.send_signal(signal.SIGCONT)
    await sent
    await end_of(hub)


async def test_a_caller_that_gives_up_closing_leaves_nobody_waiting(redis_server: RedisServer) -> None:
    sender = PubSubSender(RedisPubSubChannelLayer(hosts=[redis_server.url]))
    await sender.group_send("room", {"type": "before"})
    assert redis_server.process is not None
    redis_server.process.send_signal(signal.SIGSTOP)
    sent = asyncio.create_task(sender.group_send("room", {"type": "stalled"}))
    await asyncio.sleep(0)
    closing = asyncio.create_task(sender.close())
    for _ in range(3):
        await asyncio.sleep(0)
        closing.cancel()
    with pytest.raises(redis.exceptions.ConnectionError):
        await sent
    redis_server.process.send_signal(signal.SIGCONT)
