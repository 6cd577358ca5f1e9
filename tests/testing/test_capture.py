"""Captured broadcasts: of one consumer, of several at once, kept from being sent or not."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chanspec.runtime.consumer import Consumer
from chanspec.testing import CapturedBroadcastEvent, WebsocketCommunicator, capture_broadcast_events
from tests.testing.chat import Heard, Tell, Told


async def test_events_are_captured_with_their_groups_and_not_sent(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/") as communicator:
        with capture_broadcast_events(consumer) as events:
            await consumer.broadcast_event(Told(payload="one"), groups=["room", "other"])
            await communicator.send_message(Tell(payload="two"))
            await communicator.settled()
        assert events == [
            CapturedBroadcastEvent(Told(payload="one"), ["room", "other"]),
            CapturedBroadcastEvent(Told(payload="two"), None),
        ]
        assert await communicator.receive_nothing(timeout=0)
        await consumer.broadcast_event(Told(payload="three"))
        await communicator.settled()
        assert len(events) == 2
        assert await communicator.receive_message(Heard) == Heard(payload="three")


async def test_events_that_are_not_suppressed_arrive_too(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/") as communicator:
        with capture_broadcast_events(consumer, suppress=False) as events:
            await consumer.broadcast_event(Told(payload="one"))
            await communicator.settled()
        assert [each.event for each in events] == [Told(payload="one")]
        assert await communicator.receive_message(Heard) == Heard(payload="one")


async def test_sync_broadcasts_are_captured(consumer: Any) -> None:
    with capture_broadcast_events(consumer) as events:
        await sync_to_async(consumer.broadcast_event_sync, thread_sensitive=False)(Told(payload="one"), "room")
    assert events == [CapturedBroadcastEvent(Told(payload="one"), "room")]


async def test_captures_may_overlap_and_end_in_any_order(consumer: Any) -> None:
    first, second = capture_broadcast_events(consumer), capture_broadcast_events(consumer, suppress=False)
    outer, inner = first.__enter__(), second.__enter__()
    await consumer.broadcast_event(Told(payload="both"))
    first.__exit__(None, None, None)
    await consumer.broadcast_event(Told(payload="inner"))
    second.__exit__(None, None, None)
    await consumer.broadcast_event(Told(payload="neither"))
    assert [each.event.payload for each in outer] == ["both"]  # type: ignore[attr-defined]
    assert [each.event.payload for each in inner] == ["both", "inner"]  # type: ignore[attr-defined]


async def test_a_class_captures_what_its_subclasses_broadcast_and_not_the_reverse(consumer: Any) -> None:
    class Derived(consumer):  # type: ignore[misc,valid-type]
        pass

    with capture_broadcast_events(Derived) as derived, capture_broadcast_events(consumer) as base:
        await consumer.broadcast_event(Told(payload="base"))
        await Derived.broadcast_event(Told(payload="derived"))
    assert [each.event.payload for each in derived] == ["derived"]  # type: ignore[attr-defined]
    assert [each.event.payload for each in base] == ["base"]  # type: ignore[attr-defined]


async def test_a_class_method_that_is_overridden_is_restored(consumer: Any) -> None:
    calls = []

    class Own(consumer):  # type: ignore[misc,valid-type]
        @classmethod
        async def broadcast_event(cls, event: Any, groups: Any = None) -> None:
            calls.append(event)

    with pytest.raises(ZeroDivisionError), capture_broadcast_events(Own):  # noqa: PT012
        await Own.broadcast_event(Told(payload="captured"))
        _ = 1 / 0
    await Own.broadcast_event(Told(payload="called"))
    assert calls == [Told(payload="called")]
    assert not [name for cls in (Own, consumer, Consumer) for name in vars(cls) if name.startswith("__chanspec_capt")]
    assert "broadcast_event" not in vars(consumer)


async def test_what_is_no_event_is_an_error_although_nothing_is_sent(consumer: Any) -> None:
    with capture_broadcast_events(consumer), pytest.raises(TypeError, match="is no event"):
        await consumer.broadcast_event({"payload": 1})
