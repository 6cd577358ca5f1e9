"""Plain Channels consumers in the groups of typed ones."""

from __future__ import annotations

from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer
from channels.layers import InMemoryChannelLayer, channel_layers

from chanspec.runtime.hub import hub_for
from chanspec.runtime.plain import GroupMember
from tests.communicator import WebsocketCommunicator
from tests.hub.conftest import joined
from tests.hub.leaving import all_is_left


class Async(GroupMember, AsyncJsonWebsocketConsumer):
    groups = ["room", "lobby"]

    async def news(self, event: dict[str, Any]) -> None:
        await self.send_json({"news": event["n"], "me": self.channel_name})


class Sync(GroupMember, JsonWebsocketConsumer):
    groups = ["room", "lobby"]

    def news(self, event: dict[str, Any]) -> None:
        self.send_json({"news": event["n"], "me": self.channel_name})


@pytest.mark.parametrize("consumer", [Async, Sync])
@pytest.mark.django_db(transaction=True)
async def test_a_plain_consumer_takes_part_in_broadcasts_and_events(
    consumer: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    layer = InMemoryChannelLayer()
    channel_layers.set("default", layer)
    hub = hub_for(layer)
    typed = await joined(hub, "room")
    client = WebsocketCommunicator(consumer.as_asgi(), "/")
    await client.connect()
    await hub.broadcast_event(["room", "lobby"], {"handler": "news", "n": 1})
    answer = await client.receive_json_from()
    assert answer["news"] == 1
    await hub.broadcast_event("room", {"handler": "nothing_of_mine"})
    await hub.broadcast("room", '"not for you"', exclude=answer["me"])
    await hub.broadcast(["room", "lobby"], '"once"')
    await hub.broadcast("room", '"twice"')
    assert [await client.receive_json_from(), await client.receive_json_from()] == ["once", "twice"]
    assert len(await typed.events(2)) == 2
    assert await typed.got(3) == ['"not for you"', '"once"', '"twice"']
    await client.disconnect()
    await hub.unregister(typed)
    await all_is_left()
    assert not layer.groups


class Guarded(Async):
    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await self.send_json({"received": content})

    async def _private(self, event: dict[str, Any]) -> None:
        await self.send_json("private")

    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send_json(event)


class GuardedSync(Sync):
    def receive_json(self, content: Any, **kwargs: Any) -> None:
        self.send_json({"received": content})

    def _private(self, event: dict[str, Any]) -> None:
        self.send_json("private")

    def chat_message(self, event: dict[str, Any]) -> None:
        self.send_json(event)


@pytest.mark.parametrize("consumer", [Guarded, GuardedSync])
@pytest.mark.django_db(transaction=True)
async def test_neither_a_broken_envelope_nor_an_events_name_ends_a_plain_consumer_or_calls_what_is_channels(
    consumer: Any, settings: Any
) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    layer = InMemoryChannelLayer()
    channel_layers.set("default", layer)
    client = WebsocketCommunicator(consumer.as_asgi(), "/")
    await client.connect()
    broken: list[dict[str, Any]] = [
        {"type": "chanspec.broadcast"},
        {"type": "chanspec.broadcast", "text": "\ud800"},
        {"type": "chanspec.broadcast", "text": "{}", "chanspec": {"exclude": []}},
        {"type": "chanspec.event", "event": [1]},
        {"type": "chanspec.event", "event": {}, "chanspec": 5},
    ]
    names = ["close", "receive_json", "_private", "__class__", "chat.message", "groups", "", 5, [], "\ud800"]
    for envelope in broken:
        await layer.group_send("room", envelope)
    for name in names:
        await layer.group_send("room", {"type": "chanspec.event", "event": {"handler": name}})
    own = {"type": "chat.message", "exclude": [], "once": "a", "chanspec": {"once": "a"}, "text": None}
    await layer.group_send("room", own)
    await layer.group_send("room", own)
    await layer.group_send("room", {"type": "chanspec.broadcast", "text": '"still here"'})
    assert [await client.receive_json_from() for _ in range(3)] == [own, own, "still here"]
    await client.disconnect()
