"""The built-in messages in a project whose ``MESSAGE_ACTION_KEY`` is not ``action``."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from chanspec.channels.generator import AsyncAPIGenerator
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import PingMessage, PongMessage
from tests.communicator import WebsocketCommunicator
from tests.official_parser.plugin import OfficialParser


def consumer_with(key: str) -> type[AsyncJsonWebsocketConsumer[Any]]:
    with override_settings(CHANSPEC={"MESSAGE_ACTION_KEY": key}):

        class Consumer(AsyncJsonWebsocketConsumer[Any]):
            groups = ["all"]

            @ws_handler
            async def ping(self, message: PingMessage) -> PongMessage:
                return PongMessage()

            @event_handler
            async def told(self, event: PongMessage) -> PongMessage:
                return event

    return Consumer


@pytest.mark.parametrize("camelize", [False, True])
@pytest.mark.parametrize(("key", "field"), [("kind", "kind"), ("message_kind", "messageKind"), ("action", "action")])
async def test_a_ping_is_answered_by_a_pong_under_the_project_s_key(key: str, field: str, camelize: bool) -> None:
    field = field if camelize else key
    consumer = consumer_with(key)
    with override_settings(CHANSPEC={"CAMELIZE": camelize}):
        communicator = WebsocketCommunicator(consumer.as_asgi(), "/")
        assert (await communicator.connect())[0]
        pong = {field: "pong", "payload": None}
        await communicator.send_json_to({field: "ping"})
        assert await communicator.receive_json_from(20) == pong
        await consumer.broadcast_event(PongMessage(), groups=["all"])
        assert await communicator.receive_json_from(20) == pong
        await communicator.send_json_to({field: "say"})
        error = await communicator.receive_json_from(20)
        assert (error[field], error["payload"][0]["loc"]) == ("error", [field])
        await communicator.disconnect()


@pytest.mark.parametrize("camelize", [False, True])
async def test_the_document_shows_the_project_s_key(camelize: bool, official_parser: OfficialParser) -> None:
    consumer = consumer_with("kind")
    with override_settings(CHANSPEC={"CAMELIZE": camelize}):
        generator = AsyncAPIGenerator(consumer)
        official_parser.check(generator.get_yaml())
    for message in generator.get_spec()["components"]["messages"].values():
        payload = message["payload"]
        assert payload["properties"]["kind"] == {"type": "string", "const": message["title"]}
        assert "kind" in payload["required"]
        assert "action" not in payload["properties"]
