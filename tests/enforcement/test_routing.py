"""The consumer that serves a connection is known behind any routing and any middleware, on every framework."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.middleware import BaseMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator as ChannelsOriginValidator
from django.urls import path, re_path
from fast_channels.consumer.websocket import AsyncJsonWebsocketConsumer as FastConsumer
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, WebSocketRoute

from chanspec.channels.discovery import walk
from chanspec.enforcement import ContractMiddleware, Drift
from chanspec.starlette.origin import OriginValidator
from tests.enforcement.consumers import AnnotatedConsumer, Described, SyncConsumer, TypedConsumer
from tests.runtime.driver import Client, connected

# Channels looks after the database around each of its own consumers' messages.
pytestmark = pytest.mark.django_db(transaction=True)

GONE = json.dumps({"action": "tell", "frame": '{"type": "gone"}', "payload": {"action": "gone"}})
ORIGIN = [(b"origin", b"http://localhost"), (b"host", b"localhost")]


class Fast(Described, FastConsumer):
    async def connect(self) -> None:
        await self.accept()

    async def receive_json(self, content: Any, **_: Any) -> None:
        await self.send(text_data=content.get("frame", '{"type": "hello"}'))


class Scoped(BaseMiddleware):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return await super().__call__({**scope, "more": True}, receive, send)


async def chosen(scope: Any, receive: Any, send: Any) -> None:
    """Routes by hand, so that nobody can see where to."""
    name = "AnnotatedConsumer" if scope["path"].endswith("annotated") else "SyncConsumer"
    consumer = getattr(sys.modules["tests.enforcement.consumers"], name)
    await consumer.as_asgi()(scope, receive, send)


def django(**options: Any) -> Any:
    inner = URLRouter(
        [
            path("annotated", AnnotatedConsumer.as_asgi()),
            path("typed", TypedConsumer.as_asgi()),
            re_path("^(?:sync)$", SyncConsumer.as_asgi()),
            path("by-hand/annotated", chosen),
            path("by-hand/sync", chosen),
        ]
    )
    outer = Scoped(URLRouter([path("ws/", inner)]))
    checked = ChannelsOriginValidator(AuthMiddlewareStack(outer), ["http://localhost"])
    return ContractMiddleware(ProtocolTypeRouter({"websocket": checked}), **options)


def fastapi(**options: Any) -> Any:
    router = APIRouter(routes=[WebSocketRoute("/included", Application(Fast))])
    app = FastAPI(routes=[WebSocketRoute("/ws/typed", OriginValidator(TypedConsumer.as_asgi()))])
    app.router.routes.append(WebSocketRoute("/ws/fast", Application(Fast)))
    app.include_router(router, prefix="/ws")
    return ContractMiddleware(app, **options)


class Application:
    """Makes a consumer for each connection, as an object, which Starlette takes for an application."""

    def __init__(self, consumer: Any) -> None:
        self.consumer = consumer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.consumer()(scope, receive, send)


def starlette(**options: Any) -> Any:
    return Starlette(
        routes=[Mount("/ws", routes=[WebSocketRoute("/{kind}", Application(AnnotatedConsumer))])],
        middleware=[Middleware(ContractMiddleware, **options)],
    )


@pytest.mark.parametrize(
    ("make", "address", "expected"),
    [
        (django, "/ws/annotated", "AnnotatedConsumer"),
        (django, "/ws/typed", "TypedConsumer"),
        (django, "/ws/sync", "SyncConsumer"),
        (django, "/ws/by-hand/annotated", "AnnotatedConsumer"),
        (django, "/ws/by-hand/sync", "SyncConsumer"),
        (fastapi, "/ws/typed", "TypedConsumer"),
        (fastapi, "/ws/fast", "Fast"),
        (fastapi, "/ws/included", "Fast"),
        (starlette, "/ws/anything", "AnnotatedConsumer"),
    ],
)
async def test_the_consumer_is_known_and_its_frames_are_checked(make: Any, address: str, expected: str) -> None:
    seen: list[Drift] = []
    scope = {"path": address, "headers": ORIGIN, "raw_path": address.encode(), "root_path": "", "scheme": "ws"}
    async with connected(make(on_drift=seen.append), scope=scope) as client:
        client.text('{"action": "nothing"}')
        assert json.loads((await client.frame(20))["text"])["payload"][0]["type"] == "union_tag_invalid"
        client.text(GONE)
        assert (await client.frame(20))["code"] == 1011
    assert [drift.consumer.rpartition(":")[2] for drift in seen] == [expected] * 2
    assert [drift.direction for drift in seen] == ["in", "out"]


async def test_a_middleware_may_stand_within_the_routing() -> None:
    middleware = ContractMiddleware(AnnotatedConsumer.as_asgi())
    router = URLRouter([path("ws/", middleware), path("other/", SyncConsumer.as_asgi())])
    async with connected(router, scope={"path": "/ws/"}) as client:
        client.text(GONE)
        assert (await client.frame())["code"] == 1011
    async with connected(router, scope={"path": "/other/"}) as client:
        client.text(GONE)
        assert await client.message() == {"type": "gone"}
    assert middleware.drifts.total == 1


async def test_a_connection_that_is_refused_before_a_consumer_has_nothing_to_check(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scope = {"path": "/ws/annotated", "headers": [(b"origin", b"http://evil.example")]}
    client = Client(django(), scope)
    client.start()
    assert (await client.frame(20))["type"] in ("websocket.close", "websocket.http.response.start")
    await client.disconnect()
    assert not [record for record in caplog.records if record.name == "chanspec.contract"]


def test_a_documented_application_is_found_through_the_middleware() -> None:
    found = {route.consumer for route in walk(django()).routes}
    assert {AnnotatedConsumer, TypedConsumer, SyncConsumer} <= found
