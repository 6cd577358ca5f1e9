"""Broadcasts and events from code without an event loop, with and without a loop that serves connections."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from chanspec.runtime.hub import Hub, broadcast_event_sync, broadcast_sync, send_event_sync
from chanspec.runtime.memory import InMemoryChannelLayer
from tests.hub.conftest import joined


async def test_another_thread_and_a_view_reach_members(hub: Hub, layer: Any) -> None:
    member = await joined(hub, "room")
    await asyncio.to_thread(broadcast_event_sync, layer, ["room"], {"n": 1})
    await sync_to_async(broadcast_event_sync)(layer, "room", {"n": 2})
    await member.events(2)  # what goes to the connection's own channel is in no order with them
    await asyncio.to_thread(send_event_sync, layer, member.channel_name, {"n": 3})
    await asyncio.to_thread(broadcast_sync, layer, ["room"], "text")
    assert await member.events(3) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert await member.got(1) == ["text"]


async def test_a_view_that_uses_the_layer_by_async_to_sync_reaches_members_and_ends_memberships(
    hub: Hub, layer: Any
) -> None:
    member = await joined(hub, "room")

    await asyncio.to_thread(async_to_sync(layer.group_send), "room", {"type": "from.view"})
    assert await member.events(1) == [{"type": "from.view"}]  # whoever leaves before it comes does not get it
    await asyncio.to_thread(async_to_sync(layer.group_discard), "room", member.channel_name)
    assert hub.groups_of(member) == frozenset()


async def test_on_the_loops_own_thread_the_error_names_the_other_form(hub: Hub, layer: Any) -> None:
    with pytest.raises(RuntimeError, match=r"await \.\.\.broadcast_event\("):
        broadcast_event_sync(layer, ["room"], {})
    with pytest.raises(RuntimeError, match=r"await \.\.\.send_event\("):
        send_event_sync(layer, "channel", {})


async def test_a_waiting_loop_is_reported_instead_of_waiting_for_ever(
    hub: Hub, layer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chanspec.runtime.handing.TIMEOUT", 0.2)
    await joined(hub, "room")
    errors: list[BaseException] = []

    def work() -> None:
        try:
            broadcast_event_sync(layer, ["room"], {})
        except TimeoutError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()  # blocks the loop, as code that waits for a thread in a handler does
    assert "is it waiting for this thread" in str(errors[0])


def test_without_any_event_loop_the_message_reaches_the_layer() -> None:
    layer = InMemoryChannelLayer()
    asyncio.run(layer.group_add("room", "somebody"))
    broadcast_event_sync(layer, ["room"], {"n": 1})
    received = asyncio.run(layer.receive("somebody"))
    assert (received["type"], received["event"]) == ("chanspec.event", {"n": 1})
