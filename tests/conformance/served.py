"""The planted consumers as one application with docs, and applications with other troubles."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fast_channels.consumer.websocket import AsyncJsonWebsocketConsumer as FastChannelsConsumer
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from chanspec.decorators import channel, ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime.authenticator import BaseAuthenticator, Credential
from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.origin import OriginValidator
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.conformance.planted import annotated, typed


def planted_app() -> FastAPI:
    """Each planted consumer at an address of its own, under its own name."""
    routes = []
    for prefix, planted, base in (
        ("", typed.planted, AsyncJsonWebsocketConsumer),
        ("plain_", annotated.planted, FastChannelsConsumer),
    ):
        for each in planted.values():
            consumer: Any = channel(name=f"{prefix}{each.name}")(each.plant(base))
            routes.append(WebSocketRoute(f"/ws/{prefix}{each.name}", consumer.as_asgi()))
    made = FastAPI(routes=routes)
    made.mount("/ws-docs", AsyncAPIDocs(title="Planted"))
    return made


class SaysName(BaseAuthenticator):
    credentials = [Credential("name", "query", "A name.")]

    async def authenticate(self) -> bool:
        return self.get_query_param("name") == os.environ.get("EXPECTED_NAME", "Ada")


@channel(name="room")
class Room(AsyncJsonWebsocketConsumer):
    """Wants a name, and not too many messages a second."""

    authenticator_class = SaysName
    max_messages_per_second = 20

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler
    async def order(self, message: typed.Order) -> typed.Ordered:
        return typed.ordered(message)


@channel(name="started")
class Started(AsyncJsonWebsocketConsumer):
    """Needs what the application's start-up makes."""

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        self.scope["state"]["pongs"].append(1)
        return PongMessage()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    if os.environ.get("FAIL_AT_START"):
        raise RuntimeError("no database")
    yield {"pongs": []}


app = planted_app()
guarded = FastAPI(routes=[WebSocketRoute("/rooms/{room}/", OriginValidator(Room.as_asgi()))])
starting = FastAPI(routes=[WebSocketRoute("/", Started.as_asgi())], lifespan=lifespan)
empty = FastAPI()
number = 7
