"""What a hub takes: a Redis that goes and comes back empty, time-outs of clients, bursts, drops, killed processes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
import redis.exceptions
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from chanspec.runtime import reception
from chanspec.runtime.hub import Hub, HubSettings, hub_for
from chanspec.runtime.membership import Membership
from tests.hub.conftest import OnlyTheSpecification, joined
from tests.hub.leaving import all_is_left, end_of, is_empty
from tests.hub.members import Recorder
from tests.redis import RedisServer
from tests.runtime.driver import eventually

KINDS = {"queue": RedisChannelLayer, "pubsub": RedisPubSubChannelLayer}

both = pytest.mark.parametrize("kind", list(KINDS))

PLENTY = 10_000  # messages, where a queue layer must not be full: how far a reader is behind is the machine's affair


async def heard_again(hub: Hub, *members: Recorder) -> None:
    """Broadcast until every member gets it."""
    async with asyncio.timeout(30):
        for attempt in range(10_000):
            with suppress(Exception):
                await hub.broadcast(["room"], f"again {attempt}")
                for member in members:
                    while not any(text.startswith("again") for text in member.texts):
                        await member.got(len(member.texts) + 1, within=0.1)
                return
            await asyncio.sleep(0.02)  # Redis refuses at once
    raise AssertionError("unreachable")


@both
async def test_after_a_restart_of_redis_everybody_hears_broadcasts_again(kind: str, redis_server: RedisServer) -> None:
    hub = hub_for(KINDS[kind](hosts=[redis_server.url]))
    members = [await joined(hub, "room", f"own.{number}") for number in range(50)]
    await hub.broadcast("room", "before")
    await members[-1].got(1)
    redis_server.stop()
    with pytest.raises((redis.exceptions.ConnectionError, OSError)):
        await hub.broadcast("room", "nobody is there")
    await asyncio.sleep(1.5)  # an outage has a length
    redis_server.start()
    await heard_again(hub, *members)
    async with asyncio.timeout(30):  # the groups of single members too
        for number, member in enumerate(members):
            while f"own {number}" not in member.texts:
                await hub.broadcast(f"own.{number}", f"own {number}")
                with suppress(TimeoutError):
                    await member.got(len(member.texts) + 1, within=0.1)
    await end_of(hub)


@pytest.mark.parametrize(("kind", "killed"), [("pubsub", "pubsub"), ("pubsub", "normal"), ("queue", "normal")])
async def test_when_redis_closes_connections_a_broadcast_is_heard_or_counted_and_then_none_is_lost(
    kind: str, killed: str, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    settings = HubSettings(beat_timeout=20)
    hubs = [hub_for(KINDS[kind](hosts=[redis_server.url], capacity=PLENTY), settings) for _ in range(2)]
    members = [await joined(hub, "room") for hub in hubs]
    sent: list[str] = []
    refused: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)
        try:
            await hubs[0].broadcast("room", text)
        except redis.exceptions.ConnectionError:
            refused.append(text)

    async def heard(text: str) -> None:
        await eventually(lambda: all(text in member.texts for member in members))

    await send("first")
    await heard("first")  # from here on each hub counts
    for number in range(5):
        for part in range(10):
            await send(f"{number}.{part}")
        redis_server.ask(f"CLIENT KILL TYPE {killed} SKIPME yes")
        again = 0
        async with asyncio.timeout(30):
            while not all(any(text.startswith(f"{number} again") for text in member.texts) for member in members):
                await send(f"{number} again {again}")
                again += 1
                await asyncio.sleep(0)
        before = [hub.losses.total for hub in hubs]
        for part in range(50):
            await send(f"{number} after {part}")
        await heard(sent[-1])
        after = [text for text in sent if text.startswith(f"{number} after")]
        assert all(set(after) - set(refused) <= set(member.texts) for member in members)
        assert [hub.losses.total for hub in hubs] == before, "it hears everything again"
    for hub, member in zip(hubs, members, strict=True):
        assert len(set(member.texts)) == len(member.texts)
        assert hub.losses.total == len(sent) - len(member.texts), "what was neither heard nor counted"
    if killed == "pubsub":
        assert not refused, "the sender's connection was not closed"
        assert "was lost and replaced" in caplog.text
    assert "Unexpected exception in receive task" not in caplog.text, "after which the layer rests for a second"
    await end_of(*hubs)


async def test_a_connection_that_something_else_reads_for_good_is_replaced(redis_server: RedisServer) -> None:
    """As redis-py leaves it where its receiver and a subscriber have replaced a lost connection at once."""
    layer = RedisPubSubChannelLayer(hosts=[redis_server.url])
    hub = hub_for(layer)
    member = await joined(hub, "room")
    [shard] = layer._shards
    pubsub, reading = shard._pubsub, []
    get_message = pubsub.get_message

    async def behind_another(**options: Any) -> Any:
        if not reading:
            forever = pubsub.connection._reader.readuntil(b"never said")
            reading.append(asyncio.create_task(forever))
            await asyncio.sleep(0)  # it reads first
        return await get_message(**options)

    pubsub.get_message = behind_another
    await hub.broadcast("room", "the last that is heard")
    await member.got(1)
    await eventually(lambda: bool(reading))
    await heard_again(hub, member)
    with pytest.raises((asyncio.IncompleteReadError, OSError)):
        await reading[0]
    await end_of(hub)


async def test_a_redis_emptied_without_a_broken_connection_is_noticed(redis_server: RedisServer) -> None:
    hub = hub_for(RedisChannelLayer(hosts=[redis_server.url]))
    member = await joined(hub, "room")
    redis_server.ask("FLUSHALL")
    await heard_again(hub, member)
    await end_of(hub)


@both
async def test_while_redis_is_down_joins_are_kept_and_leaves_take_a_bounded_time(
    kind: str, redis_server: RedisServer
) -> None:
    hub = hub_for(KINDS[kind](hosts=[redis_server.url]))
    stays, leaves = await joined(hub, "room"), await joined(hub, "room", "left")
    redis_server.stop()
    async with asyncio.timeout(30):  # joining and leaving are tried for longer, in the background
        comes = await joined(hub, "room", "new")
        await hub.unregister(leaves)
    assert hub.groups_of(comes) == {"room", "new"}
    redis_server.start()
    await heard_again(hub, stays, comes)
    async with asyncio.timeout(30):
        while "for the new" not in comes.texts:
            await hub.broadcast("new", "for the new")
            with suppress(TimeoutError):
                await comes.got(len(comes.texts) + 1, within=0.1)
    await end_of(hub)
    await all_is_left()
    assert not hub.subscriptions
    # a subscription whose end could not be written must not come back with the connection
    await is_empty(redis_server)


async def test_a_subscription_that_the_client_library_took_up_again_after_its_end_is_ended(
    shared_redis: RedisServer,
) -> None:
    shared_redis.ask("FLUSHALL")
    layer = RedisPubSubChannelLayer(hosts=[shared_redis.url])
    hub = hub_for(layer)
    member = await joined(hub, "room")
    # As when UNSUBSCRIBE was lost with a connection: redis-py subscribes anew, and its caller knows nothing of it.
    await layer._get_shard("left")._pubsub.subscribe("left")
    await hub.broadcast("room", "hello")
    await member.got(1)
    await end_of(hub)
    await all_is_left()
    await is_empty(shared_redis)


@both
async def test_a_group_that_idles_longer_than_the_clients_time_out_loses_nothing(
    kind: str, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    layer = KINDS[kind](hosts=[{"address": redis_server.url, "socket_timeout": 2.5}])
    hub = hub_for(layer, HubSettings(beat_timeout=20))
    member = await joined(hub, "room")
    for number in range(2):
        await asyncio.sleep(3)  # idle for longer than the time-out
        await hub.broadcast("room", f"{number}")
        await member.got(number + 1)
    assert member.texts == ["0", "1"]
    assert "does not deliver" not in caplog.text
    await end_of(hub)


@both
async def test_a_burst_of_leaves_loses_no_broadcast(kind: str, shared_redis: RedisServer) -> None:
    hub = hub_for(KINDS[kind](hosts=[shared_redis.url], capacity=PLENTY))
    anchor = await joined(hub, "room")
    many = [await joined(hub, "room", f"user.{number}") for number in range(300)]

    async def talk() -> None:
        for number in range(50):
            await hub.broadcast("room", f"{number}")

    await asyncio.gather(talk(), *(hub.unregister(member) for member in many))
    assert await anchor.got(50) == [str(number) for number in range(50)]
    await end_of(hub)
    assert hub.losses.total == 0


async def test_a_layer_of_several_redis_hosts_delivers_as_one(shared_redis: RedisServer) -> None:
    for kind in KINDS.values():
        layer = kind(hosts=[shared_redis.url, shared_redis.url.replace("/0", "/1")])
        hub = hub_for(layer)
        for number in range(12):
            member = await joined(hub, f"room.{number}")
            await hub.broadcast(f"room.{number}", "x")
            await hub.send_event(member.channel_name, {"handler": "direct"})
            assert await member.got(1) == ["x"]
            assert await member.events(1) == [{"handler": "direct"}]
        await end_of(hub)


async def test_what_a_full_layer_drops_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    layer = OnlyTheSpecification()
    layer._inner.capacity = 3
    hub = hub_for(layer)
    member = await joined(hub, "room")
    for number in range(10):  # nothing here gives the receiving task a chance to run
        await hub.broadcast("room", f"{number}")
    await member.got(3)
    await hub.broadcast("room", "last")
    assert await member.got(4) == ["0", "1", "2", "last"]
    assert hub.losses.causes == {"a sender's numbers have a gap": 7}
    assert "lost 7 message(s)" in caplog.text
    await end_of(hub)


async def test_a_message_that_arrives_twice_is_pushed_once() -> None:
    class Twice(OnlyTheSpecification):
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            await super().group_send(group, message)
            await super().group_send(group, message)

    hub = hub_for(Twice())
    member = await joined(hub, "room")
    for number in range(3):
        await hub.broadcast("room", f"{number}")
        await hub.broadcast_event("room", {"n": number})
    await member.events(3)
    assert member.texts == ["0", "1", "2"]
    assert member.received == [{"n": 0}, {"n": 1}, {"n": 2}]
    await end_of(hub)


async def test_memberships_are_refreshed_before_half_of_the_group_expiry(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[str] = []
    rests: list[float] = []
    rest = Membership._alarmed

    class Ageing(OnlyTheSpecification):
        group_expiry = 3.0

        async def group_add(self, group: str, channel: str) -> None:
            await super().group_add(group, channel)
            added.append(group)

    async def resting(self: Membership, seconds: float) -> None:
        rests.append(seconds)  # until the next look; when it really comes is the machine's affair
        await rest(self, seconds)

    monkeypatch.setattr(Membership, "_alarmed", resting)
    hub = hub_for(Ageing(), HubSettings(beat=600, beat_timeout=20))
    await joined(hub, "room")
    await eventually(lambda: added.count("room") >= 3)
    assert len(rests) >= 2
    assert max(rests) < Ageing.group_expiry / 2
    await end_of(hub)


@asynccontextmanager
async def process(
    server: RedisServer, kind: str, members: int, broadcasts: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another server process; its members have joined when this begins."""
    arguments = [sys.executable, "-m", "tests.hub.process", server.url, kind, str(members), str(broadcasts)]
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe)
    assert running.stdout is not None
    try:
        assert await asyncio.wait_for(running.stdout.readline(), 60) == b"ready\n"
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        await running.communicate()


@both
async def test_two_processes_keep_the_order_of_each_sender_and_one_survives_the_others_death(
    kind: str, redis_server: RedisServer
) -> None:
    hub = hub_for(KINDS[kind](hosts=[redis_server.url], capacity=PLENTY))
    here = await joined(hub, "room")
    async with process(redis_server, kind, members=20, broadcasts=60) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write(b"go\n")
        for number in range(60):
            await hub.broadcast("room", f"here {number}")
        await here.got(120)
        lines = [(await asyncio.wait_for(other.stdout.readline(), 20)).decode().strip() for _ in range(120)]
        for heard in (here.texts, lines):
            assert [text for text in heard if text.startswith("here")] == [f"here {number}" for number in range(60)]
            assert [text for text in heard if not text.startswith("here")] == [f"{number}" for number in range(60)]
        other.kill()
        await other.wait()
        await hub.broadcast("room", "alone")
        await here.got(121)
    await end_of(hub)


@both
async def test_the_commands_of_a_broadcast_do_not_grow_with_the_members(kind: str, redis_server: RedisServer) -> None:
    hub = hub_for(KINDS[kind](hosts=[redis_server.url]), HubSettings(beat=600))
    counts = []
    for members in (1, 200):
        everybody = [await joined(hub, "room") for _ in range(members)]
        redis_server.ask("CONFIG RESETSTAT")
        for number in range(20):
            await hub.broadcast("room", f"{number}")
        await everybody[-1].got(20)
        counts.append(sum(redis_server.calls().values()))
    # 199 members more would cost thousands. How many messages wait when the next is sent changes a few commands.
    assert abs(counts[1] - counts[0]) < 199
    if kind == "pubsub":
        assert redis_server.calls()["publish"] <= 22
    await end_of(hub)


async def test_a_subscription_that_fails_is_told_and_leaves_no_channel() -> None:
    layer = RedisPubSubChannelLayer(hosts=["redis://127.0.0.1:9"])  # nobody listens there
    asked = reception._Confirmation(SimpleNamespace(layer=layer, prefix="p"), layer._get_shard("p"))  # type: ignore[arg-type]
    with pytest.raises(redis.exceptions.ConnectionError):
        await asked.wait()
    assert not layer.channels
