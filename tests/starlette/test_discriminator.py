"""The built-in messages on a consumer whose messages are named by another field than ``action``, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Literal

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.starlette.conftest import Server


class Say(BaseMessage):
    message_kind: Literal["say"] = "say"
    payload: str


class PingConsumer(AsyncJsonWebsocketConsumer[Any]):
    discriminator_field = "message_kind"
    send_completion = True

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class ChatConsumer(PingConsumer):
    @ws_handler
    async def say(self, message: Say) -> Say:
        return message


@pytest.mark.parametrize(("camelize", "field"), [(False, "message_kind"), (True, "messageKind")])
@pytest.mark.parametrize("consumer", [PingConsumer, ChatConsumer])
async def test_a_ping_is_answered_by_a_pong_under_the_consumers_field(
    serve: Callable[..., Server], consumer: type[PingConsumer], camelize: bool, field: str
) -> None:
    served = type("Served", (consumer,), {"camelize": camelize})
    server = serve(Starlette(routes=[WebSocketRoute("/ws", served.as_asgi())]))
    async with server.websocket("/ws") as connection:

        async def hear() -> Any:
            return json.loads(await asyncio.wait_for(connection.recv(), 20))

        await connection.send(json.dumps({field: "ping"}))
        assert await hear() == {field: "pong", "payload": None}
        assert await hear() == {field: "complete", "payload": None}
        await connection.send('{"action": "ping"}')
        missing = [{"loc": [field], "msg": "Field required", "type": "union_tag_not_found"}]
        assert await hear() == {field: "error", "payload": missing}
