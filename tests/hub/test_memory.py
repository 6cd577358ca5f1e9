"""The in-memory layer: the Channel Layer Specification, over threads and event loops."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from chanspec.runtime.hub import hub_for
from chanspec.runtime.memory import ChannelFull, InMemoryChannelLayer
from tests.hub.conftest import joined
from tests.hub.leaving import all_is_left


async def test_a_channel_keeps_order_isolates_messages_and_is_forgotten_when_read() -> None:
    layer = InMemoryChannelLayer()
    message = {"type": "x", "list": [1]}
    await layer.send("channel", message)
    await layer.send("channel", {"type": "y"})
    message["list"] = []
    assert await layer.receive("channel") == {"type": "x", "list": [1]}
    assert await layer.receive("channel") == {"type": "y"}
    assert not layer._channels


async def test_each_message_goes_to_one_receiver_and_a_cancelled_one_takes_none() -> None:
    layer = InMemoryChannelLayer()
    first, second = (asyncio.ensure_future(layer.receive("channel")) for _ in range(2))
    await asyncio.sleep(0)
    await layer.send("channel", {"type": "x"})
    first.cancel()  # it was woken for the message already
    assert await asyncio.wait_for(second, 20) == {"type": "x"}
    assert not layer._channels


async def test_a_full_channel_refuses_and_in_a_group_the_loss_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    layer = InMemoryChannelLayer(capacity=2, channel_capacity={"big.*": 3})
    for _ in range(2):
        await layer.send("small", {"type": "x"})
    with pytest.raises(ChannelFull):
        await layer.send("small", {"type": "x"})
    await layer.group_add("group", "small")
    await layer.group_add("group", "big.one")
    for _ in range(3):
        await layer.group_send("group", {"type": "x"})
    assert layer.losses.total == 3
    assert "lost 1 message(s)" in caplog.text
    with pytest.raises(ChannelFull):
        await layer.send("big.one", {"type": "x"})


async def test_messages_and_memberships_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = InMemoryChannelLayer(expiry=10, group_expiry=100)
    await layer.group_add("group", "member")
    await layer.send("old", {"type": "x"})
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 11)
    await layer.send("new", {"type": "x"})
    assert set(layer._channels) == {"new"}
    monkeypatch.setattr(time, "monotonic", lambda: now + 101)
    await layer.group_send("group", {"type": "x"})
    assert not layer._groups


async def test_the_number_of_channels_with_unread_messages_is_bounded() -> None:
    layer = InMemoryChannelLayer(max_channels=2)
    await layer.send("a", {"type": "x"})
    await layer.send("b", {"type": "x"})
    with pytest.raises(ChannelFull):
        await layer.send("c", {"type": "x"})


@pytest.mark.parametrize("name", ["", "with space", "ümlaut", "a" * 100, "new\nline", "a\n", 3])
async def test_bad_names_are_refused(name: object) -> None:
    layer = InMemoryChannelLayer()
    with pytest.raises(TypeError, match="is not valid"):
        await layer.group_add(name, "channel")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is not valid"):
        await layer.send(name, {})  # type: ignore[arg-type]


async def test_a_receiver_in_another_thread_is_woken_at_once() -> None:
    layer = InMemoryChannelLayer()
    waiting = threading.Event()
    took: list[float] = []

    async def receive() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(waiting.set)
        loop.call_later(30, lambda: None)  # the only timer: who is not woken waits for it
        await layer.receive("channel")
        took.append(time.monotonic())

    thread = threading.Thread(target=lambda: asyncio.run(receive()))
    thread.start()
    await asyncio.to_thread(waiting.wait)
    began = time.monotonic()
    await layer.send("channel", {"type": "x"})
    await asyncio.to_thread(thread.join)
    assert took[0] - began < 20


async def test_members_on_several_event_loops_hear_one_broadcast_each_on_its_own_loop() -> None:
    layer = InMemoryChannelLayer()
    ready, heard = threading.Barrier(3), []

    async def serve() -> None:
        hub = hub_for(layer)
        member = await joined(hub, "room")
        await asyncio.to_thread(ready.wait)
        heard.append(await member.got(1))
        await hub.unregister(member)
        await all_is_left()

    threads = [threading.Thread(target=lambda: asyncio.run(serve())) for _ in range(2)]
    for thread in threads:
        thread.start()
    await asyncio.to_thread(ready.wait)
    await hub_for(layer).broadcast("room", "hello")
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert heard == [["hello"], ["hello"]]
    assert not layer._groups
    assert not layer._sinks


async def test_a_loop_closed_over_its_connections_is_forgotten() -> None:
    layer = InMemoryChannelLayer()

    async def vanish() -> None:
        await joined(hub_for(layer), "room")

    await asyncio.to_thread(lambda: asyncio.run(vanish()))
    await layer.group_send("room", {"type": "x"})
    hub = hub_for(layer)
    member = await joined(hub, "other")
    assert "room" not in layer._groups
    assert len(layer._sinks) == 1
    await hub.unregister(member)
