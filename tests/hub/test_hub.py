"""What a hub promises on every kind of layer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chanspec.runtime.hub import Hub, hub_for
from tests.hub.conftest import joined
from tests.hub.members import Recorder
from tests.runtime.driver import eventually


async def test_a_broadcast_sent_after_join_returned_reaches_every_member_as_the_same_dict(hub: Hub) -> None:
    for number in range(20):  # anew each time: a subscription that is only on its way would lose some
        first, second = await joined(hub, f"room.{number}"), await joined(hub, f"room.{number}")
        await hub.broadcast([f"room.{number}"], "hello")
        assert await first.got(1) == ["hello"]
        assert await second.got(1) == ["hello"]
        assert first.frames[0] is second.frames[0]


async def test_who_left_or_is_excluded_or_is_in_another_group_gets_nothing(hub: Hub) -> None:
    stays, left, excluded, other = [await joined(hub, "room") for _ in range(3)] + [await joined(hub, "lobby")]
    await hub.leave("room", left)
    await hub.broadcast("room", "one", exclude=excluded)
    await hub.broadcast(["room"], "two")
    assert await stays.got(2) == ["one", "two"]
    assert await excluded.got(1) == ["two"]
    assert left.texts == other.texts == []


async def test_order_is_kept_for_one_sender_and_one_group(hub: Hub) -> None:
    member = await joined(hub, "room")
    texts = [str(number) for number in range(60)]
    for text in texts:
        await hub.broadcast("room", text)
    assert await member.got(60) == texts


async def test_a_member_of_two_groups_gets_a_broadcast_to_both_once(hub: Hub) -> None:
    both, one = await joined(hub, "a", "b"), await joined(hub, "b")
    await hub.broadcast(["a", "b", "a"], "hello")
    await hub.broadcast("b", "end")
    assert await both.got(2) == ["hello", "end"]
    assert await one.got(2) == ["hello", "end"]


async def test_members_are_told_that_a_broadcast_was_pushed_unless_they_do_not_want_to_know(hub: Hub) -> None:
    class Deaf(Recorder):
        wants_group_sent = False

    wants, deaf = await joined(hub, "room"), Deaf()
    await hub.register(deaf)
    await hub.join("room", deaf)
    await hub.broadcast(["room"], "x")
    await wants.got(1)
    await deaf.got(1)
    assert (wants.signals, deaf.signals) == ([["room"]], [])


async def test_a_member_that_raises_takes_nothing_from_the_others(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Recorder):
        def push(self, message: dict[str, Any]) -> None:
            raise ValueError("broken")

    broken = Broken()
    await hub.register(broken)
    await hub.join("room", broken)
    member = await joined(hub, "room")
    await hub.broadcast("room", "x")
    assert await member.got(1) == ["x"]
    assert "a member of a group failed" in caplog.text


async def test_channel_events_arrive_in_order_and_each_member_has_its_own_copy(hub: Hub) -> None:
    first, second = await joined(hub, "room"), await joined(hub, "room")
    await hub.broadcast_event("room", {"handler": "news", "payload": {"n": [1]}})
    await hub.broadcast_event("room", {"handler": "more"})
    (await first.events(2))[0]["payload"]["n"].append(2)
    assert await second.events(2) == [{"handler": "news", "payload": {"n": [1]}}, {"handler": "more"}]
    assert first.received[1] == {"handler": "more"}
    await hub.send_event(first.channel_name, {"handler": "direct"})  # its own channel: in no order with the group's
    assert (await first.events(3))[2] == {"handler": "direct"}
    assert len(second.received) == 2


async def test_messages_of_other_code_arrive_as_they_are(hub: Hub, layer: Any) -> None:
    member = await joined(hub, "room")
    await layer.group_send("room", {"type": "chat.message", "text": "x"})
    await member.events(1)
    await layer.send(member.channel_name, {"type": "direct.message"})
    await layer.group_send("room", {"type": "chanspec.broadcast", "text": "by hand"})
    assert await member.events(2) == [{"type": "chat.message", "text": "x"}, {"type": "direct.message"}]
    assert await member.got(1) == ["by hand"]


async def test_the_channel_name_on_the_raw_layer_joins_and_leaves_and_is_never_heard_twice(
    hub: Hub, layer: Any
) -> None:
    member = await joined(hub, "room")
    await layer.group_add("room", member.channel_name)
    await layer.group_add("raw", member.channel_name)
    await hub.broadcast(["room"], "one")
    await layer.group_send("raw", {"type": "foreign"})
    assert await member.got(1) == ["one"]
    await member.events(1)
    await layer.group_discard("room", member.channel_name)
    await hub.broadcast(["room"], "lost")
    await hub.broadcast(["raw"], "two")
    assert await member.got(2) == ["one", "two"]
    await hub.unregister(member)
    await eventually(lambda: not hub.subscriptions)


async def test_the_proxy_joins_the_hub_and_passes_everything_else_through(hub: Hub, layer: Any) -> None:
    member = await joined(hub)
    proxy = hub.proxy(member)
    await proxy.group_add("room", member.channel_name)
    await proxy.group_send("room", {"type": "foreign"})
    assert await member.events(1) == [{"type": "foreign"}]
    await proxy.group_discard("room", member.channel_name)
    assert hub.groups_of(member) == frozenset()
    elsewhere = await layer.new_channel()
    await proxy.group_add("room", elsewhere)
    heard = asyncio.ensure_future(layer.receive(elsewhere))
    async with asyncio.timeout(20):
        while not heard.done():  # a pub/sub layer does not wait until Redis has taken the subscription
            await proxy.group_send("room", {"type": "other"})
            await asyncio.wait({heard}, timeout=0.1)
    assert heard.result() == {"type": "other"}


async def test_a_hub_belongs_to_one_layer_and_one_loop(layer: Any) -> None:
    assert hub_for(layer) is hub_for(layer)

    async def elsewhere() -> Hub:
        return hub_for(layer)

    assert await asyncio.to_thread(lambda: asyncio.run(elsewhere())) is not hub_for(layer)


async def test_joining_without_registering_or_with_a_bad_name_is_refused_and_leaves_nothing(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(RuntimeError, match="register"):
        await hub.join("room", Recorder())
    member = await joined(hub)
    if hub.layer.__class__.__name__ == "RedisPubSubChannelLayer":
        return  # that layer takes any name
    names: list[Any] = ["no spaces", "", "caf\xe9", "x" * 200, 5, b"room", None]
    for name in names:
        with pytest.raises((TypeError, AssertionError)):
            await hub.join(name, member)
    assert not hub.groups_of(member)
    await eventually(lambda: not hub.subscriptions)
    await hub.join("room", member)  # the same member, with a name that is valid
    await hub.broadcast("room", "hello")
    assert await member.got(1) == ["hello"]
    assert not caplog.records  # nothing was joined, so nothing is "not left"


async def test_joins_and_leaves_at_the_same_time_end_as_the_members_are(hub: Hub) -> None:
    members = [await joined(hub) for _ in range(20)]
    for _ in range(5):
        await asyncio.gather(*(hub.join("room", member) for member in members))
        await asyncio.gather(*(hub.leave("room", member) for member in members), hub.join("room", members[0]))
    await hub.join("room", members[0])
    await hub.broadcast("room", "hello")
    assert await members[0].got(1) == ["hello"]


async def test_what_is_malformed_ends_nothing(hub: Hub, layer: Any) -> None:
    member = await joined(hub, "room")
    for message in (
        {"type": "chanspec.broadcast"},
        {"type": "chanspec.event", "number": []},
        {"type": "chanspec.beat"},
    ):
        await layer.group_send("room", message)
    await hub.broadcast("room", "still here")
    assert await member.got(1) == ["still here"]
    assert hub.losses.causes["the message is malformed"] >= 1
