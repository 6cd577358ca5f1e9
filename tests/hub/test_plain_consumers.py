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
