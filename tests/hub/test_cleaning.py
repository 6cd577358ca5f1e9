"""No membership, task, subscription or reference outlives its connection."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import pytest

from chanspec.runtime.hub import Hub, hub_for
from chanspec.runtime.memory import InMemoryChannelLayer
from tests.hub.conftest import OnlyTheSpecification, joined
from tests.hub.leaving import all_is_left, is_empty, own_tasks
from tests.runtime.driver import eventually


@pytest.mark.timeout(300)
async def test_ten_thousand_connections_leave_an_empty_layer_and_no_task(
    hub: Hub, layer: Any, request: pytest.FixtureRequest
) -> None:
    kind = type(layer).__name__
    cycles = {"InMemoryChannelLayer": 10_000, "RedisPubSubChannelLayer": 20}.get(kind, 300)
    for number in range(cycles):
        member = await joined(hub, "room", f"user.{number}")
        await hub.unregister(member)
    await all_is_left()
    assert not hub.members
    assert not hub.subscriptions
    assert not hub.membership.channels
    assert not hub.reception.open_names
    if isinstance(layer, InMemoryChannelLayer):
        assert not layer._groups
        assert not layer._channels
        assert not layer._sinks
    elif hasattr(layer, "hosts"):
        await is_empty(request.getfixturevalue("shared_redis"))
    elif hasattr(layer, "serialize"):
        assert not layer.groups
        assert not layer.channels
        await is_empty(request.getfixturevalue("shared_redis"))


async def test_a_hub_without_connections_is_collected(layer: Any) -> None:
    hub = hub_for(layer)
    member = await joined(hub, "room")
    await hub.unregister(member)
    await all_is_left()
    gone = weakref.ref(hub)
    del hub, member

    def is_collected() -> bool:
        gc.collect()
        return gone() is None

    await eventually(is_collected)


async def test_a_group_that_is_joined_and_left_again_while_others_are_being_left_is_left_too() -> None:
    gate = asyncio.Event()

    class Slow(OnlyTheSpecification):
        async def group_discard(self, group: str, channel: str) -> None:
            if group == "slow":
                await gate.wait()
            await super().group_discard(group, channel)

    hub = hub_for(Slow())
    first, second, third = await joined(hub, "slow"), await joined(hub, "room"), await joined(hub)
    left = [asyncio.ensure_future(each) for each in (hub.leave("slow", first), hub.leave("room", second))]
    left.append(asyncio.ensure_future(hub.join("room", third)))  # before the layer is asked to leave it
    await eventually(left[-1].done)
    for _ in range(20):
        await asyncio.sleep(0)  # the layer is asked to leave both, and is slow with one
    left.append(asyncio.ensure_future(hub.leave("room", third)))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*left)
    for member in (first, second, third):
        await hub.unregister(member)
    await all_is_left()
    assert not hub.subscriptions


async def test_a_connection_that_is_cancelled_while_it_joins_or_leaves_is_gone(hub: Hub) -> None:
    anchor = await joined(hub)
    for turns in range(12):
        member = await joined(hub)
        task = asyncio.ensure_future(hub.join(f"room.{turns}", member))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        leaving = asyncio.ensure_future(hub.unregister(member))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait({leaving})
        await hub.unregister(member)
    await hub.unregister(anchor)
    async with asyncio.timeout(30):
        while own_tasks():
            await asyncio.wait([task for task in asyncio.all_tasks() if task.get_name().startswith("chanspec")])
    assert not hub.subscriptions
    assert not hub.membership.channels


async def test_who_is_exposed_again_has_one_receiver(hub: Hub) -> None:
    member = await joined(hub)
    before = own_tasks()
    for _ in range(2):
        await hub.expose(member)
    assert own_tasks() == before
    await hub.send_event(member.channel_name, {"handler": "direct"})
    assert await member.events(1) == [{"handler": "direct"}]
    await hub.unregister(member)
    await all_is_left()
