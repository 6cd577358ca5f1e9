"""Typed consumers behind real routes, on uvicorn, with real clients."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Literal

import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from websockets.exceptions import InvalidStatus

from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from chanspec.runtime.layers import InMemoryChannelLayer, forget_layers, register_layer
from chanspec.starlette.origin import OriginValidator
from chanspec.starlette.settings import configure, current
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.starlette.conftest import Client
from tests.starlette.consumers import (
    AlarmEvent,
    ChatConsumer,
    FeedConsumer,
    Line,
    SaidMessage,
    SayMessage,
    SecretConsumer,
)

PONG = {"action": "pong", "payload": None}


@pytest.fixture(autouse=True)
def own_layers():
    forget_layers()
    yield
    forget_layers()


@pytest.fixture(autouse=True)
def default_settings():
    yield
    configure()


def application() -> FastAPI:
    app = FastAPI(routes=[WebSocketRoute("/ws/{room_id}/chat", ChatConsumer.as_asgi())])
    app.include_router(APIRouter(routes=[WebSocketRoute("/feed", FeedConsumer.as_asgi())]), prefix="/api")
    app.mount("/m/{room_id}", ChatConsumer.as_asgi())

    @app.get("/alarm/{room_id}")
    def alarm(room_id: str) -> str:
        """A sync endpoint, which FastAPI runs in a thread."""
        ChatConsumer.broadcast_event_sync(AlarmEvent(payload=Line(text="fire")), groups=[f"room_{room_id}"])
        return "told"

    @app.get("/async-alarm/{room_id}")
    async def async_alarm(room_id: str) -> str:
        await ChatConsumer.broadcast_event(AlarmEvent(payload=Line(text="flood")), groups=[f"room_{room_id}"])
        return "told"

    return app


async def test_are_served_by_every_kind_of_route(serve):
    server = serve(application())
    for path in ("/ws/7/chat", "/api/feed", "/m/7/", "/m/7/deeper"):
        async with server.websocket(path) as connection:
            assert await Client(connection).ask("ping") == PONG


async def test_unknown_paths_are_refused(serve):
    server = serve(application())
    for path in ("/ws/7", "/feed", "/m/7"):
        with pytest.raises(InvalidStatus) as refused:
            async with server.websocket(path):
                pass
        assert refused.value.response.status_code == 403


async def test_rooms_are_the_parameters_of_the_path(serve):
    server = serve(application())
    async with (
        server.websocket("/ws/red/chat") as one,
        server.websocket("/ws/red/chat") as two,
        server.websocket("/ws/blue/chat") as three,
    ):
        red, also_red, blue = Client(one), Client(two), Client(three)
        assert [await each.ask("ping") for each in (red, also_red, blue)] == [PONG] * 3
        said = {"action": "said", "payload": {"text": "hello", "room_id": "red"}}
        assert await red.ask("say", {"text": "hello"}) == said
        assert await also_red.hear() == said
        assert await blue.ask("ping") == PONG  # and nothing before it


async def test_events_come_from_endpoints_and_other_threads(serve):
    server = serve(application())
    async with server.websocket("/ws/red/chat") as connection:
        client = Client(connection)
        await client.ask("ping")
        for path, text in (("/alarm/red", "fire"), ("/async-alarm/red", "flood")):
            assert (await asyncio.to_thread(server.get, path)).status == 200
            assert await client.hear() == {"action": "said", "payload": {"text": text, "room_id": ""}}
        event = AlarmEvent(payload=Line(text="thread"))
        thread = threading.Thread(target=ChatConsumer.broadcast_event_sync, args=(event, ["room_red"]))
        thread.start()
        assert (await client.hear())["payload"]["text"] == "thread"
        await asyncio.to_thread(thread.join)


async def test_an_event_reaches_one_connection_by_its_name(serve):
    names: list[str] = []

    class Named(ChatConsumer):
        async def post_authentication(self) -> None:
            await super().post_authentication()
            names.append(self.channel_name)

    server = serve(Starlette(routes=[WebSocketRoute("/ws", Named.as_asgi())]))
    async with server.websocket("/ws") as one:
        told = Client(one)
        await told.ask("ping")  # before the other comes, so its name is the first
        async with server.websocket("/ws") as two:
            other = Client(two)
            await other.ask("ping")
            await asyncio.to_thread(Named.send_event_sync, AlarmEvent(payload=Line(text="you")), names[0])
            assert (await told.hear())["payload"]["text"] == "you"
            assert await other.ask("ping") == PONG


async def test_layers_are_picked_by_alias(serve):
    register_layer("other", InMemoryChannelLayer())

    class Other(ChatConsumer):
        channel_layer_alias = "other"

    routes = [WebSocketRoute("/one", ChatConsumer.as_asgi()), WebSocketRoute("/other", Other.as_asgi())]
    server = serve(Starlette(routes=routes))
    async with server.websocket("/one") as one, server.websocket("/other") as two:
        first, second = Client(one), Client(two)
        await first.ask("ping")
        await second.ask("say", {"text": "in another layer"})
        assert await first.ask("ping") == PONG  # the same group, not the same layer


async def test_a_consumer_is_an_application_by_itself(serve):
    server = serve(ChatConsumer.as_asgi())
    async with server.websocket("/anything") as connection:
        answer = await Client(connection).ask("say", {"text": "hi"})
        assert answer["payload"] == {"text": "hi", "room_id": "lobby"}


async def test_convertors_give_their_values(serve):
    class Doubling(AsyncJsonWebsocketConsumer):
        @ws_handler
        async def handle_say(self, message: SayMessage) -> SaidMessage:
            return SaidMessage(payload=Line(text=str(self.scope["path_params"]["number"] * 2)))

    server = serve(Starlette(routes=[Mount("/m", routes=[WebSocketRoute("/{number:int}", Doubling.as_asgi())])]))
    async with server.websocket("/m/21") as connection:
        assert (await Client(connection).ask("say", {"text": ""}))["payload"]["text"] == "42"


async def test_initkwargs_are_given_to_each_instance(serve):
    class Greeting(AsyncJsonWebsocketConsumer):
        def __init__(self, greeting: str) -> None:
            super().__init__()
            self.greeting = greeting

        @ws_handler
        async def handle_say(self, message: SayMessage) -> SaidMessage:
            return SaidMessage(payload=Line(text=f"{self.greeting} {message.payload.text}"))

    server = serve(Starlette(routes=[WebSocketRoute("/ws", Greeting.as_asgi(greeting="Hello"))]))
    async with server.websocket("/ws") as connection:
        assert (await Client(connection).ask("say", {"text": "you"}))["payload"]["text"] == "Hello you"


async def test_authenticators_let_in_or_refuse(serve):
    server = serve(Starlette(routes=[WebSocketRoute("/secret", SecretConsumer.as_asgi())]))
    async with server.websocket("/secret?token=secret") as connection:
        client = Client(connection)
        assert (await client.hear())["payload"]["status_code"] == 200
        assert await client.ask("ping") == PONG
    async with server.websocket("/secret?token=wrong") as connection:
        client = Client(connection)
        assert (await client.hear())["payload"]["status_code"] == 401
        await asyncio.wait_for(connection.wait_closed(), 20)
        assert connection.close_code == 4401


async def test_the_origin_is_checked_before_a_consumer_runs(serve):
    guarded = OriginValidator(ChatConsumer.as_asgi())
    server = serve(Starlette(routes=[WebSocketRoute("/ws", guarded)]))
    async with server.websocket("/ws", origin=f"http://{server.netloc}") as connection:
        assert await Client(connection).ask("ping") == PONG
    for origin in ("http://evil.example", None):
        with pytest.raises(InvalidStatus) as refused:
            async with server.websocket("/ws", origin=origin):
                pass
        assert refused.value.response.status_code == 403


class LongNameMessage(BaseMessage):
    action: Literal["long_name"] = "long_name"
    long_field: str


class Settled(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_long(self, message: LongNameMessage) -> LongNameMessage:
        return message

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class TestSettings:
    async def test_hold_for_all_consumers_and_class_attributes_go_before(self, serve):
        class Own(Settled):
            camelize = False
            send_completion = False

        configure(camelize=True, send_completion=True)
        server = serve(Starlette(routes=[WebSocketRoute("/a", Settled.as_asgi()), WebSocketRoute("/b", Own.as_asgi())]))
        async with server.websocket("/a") as connection:
            client = Client(connection)
            await connection.send('{"action": "long_name", "longField": "x"}')
            assert (await client.hear())["longField"] == "x"
            assert (await client.hear())["action"] == "complete"
        async with server.websocket("/b") as connection:
            client = Client(connection)
            await connection.send('{"action": "long_name", "long_field": "x"}')
            assert (await client.hear())["long_field"] == "x"
            assert await client.ask("ping") == PONG

    def test_begin_with_the_defaults_at_each_call(self):
        configure(max_depth=5)
        assert configure(max_outbox=7).max_depth == current().max_depth == 64
        assert current().max_outbox == 7

    def test_may_be_of_the_whole_process(self):
        assert configure(max_process_outbox_bytes=7).max_process_outbox_bytes == 7
        assert ChatConsumer.runtime_settings().max_process_outbox_bytes == 7

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"camelise": True}, "no setting 'camelise', did you mean 'camelize'?"),
            ({"zzz": True}, "there are send_completion, "),
            ({"max_depth": "deep"}, r"max_depth is 'deep'; write int"),
        ],
    )
    def test_that_are_wrong_are_errors(self, settings: dict[str, Any], message: str):
        with pytest.raises(TypeError, match=message):
            configure(**settings)


class TestApplication:
    def test_shows_what_it_serves(self):
        application = ChatConsumer.as_asgi(x=1)
        assert repr(application) == "tests.starlette.consumers:ChatConsumer.as_asgi()"
        assert application.consumer_class is ChatConsumer
        assert application.consumer_initkwargs == {"x": 1}
        assert WebSocketRoute("/ws", application).name == "ChatConsumer"

    async def test_refuses_http(self, serve):
        assert serve(ChatConsumer.as_asgi()).get("/").status == 500
