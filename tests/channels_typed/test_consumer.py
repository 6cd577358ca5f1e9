"""The typed consumer inside Channels: its communicator, routers and middleware, Django's settings and layers."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any, ClassVar, Literal

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncJsonWebsocketConsumer as PlainConsumer
from channels.generic.websocket import JsonWebsocketConsumer as SyncConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import override_settings
from django.urls import path, re_path

from chanspec.channels import GroupMember
from chanspec.channels.discovery import discover
from chanspec.channels.utils.asgi import get_websocket_application
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from tests.channels_typed.site.consumers import News, RoomConsumer
from tests.communicator import WebsocketCommunicator


class Where(BaseMessage):
    action: Literal["where"] = "where"
    payload: None = None


class Place(BaseMessage):
    action: Literal["place"] = "place"
    room_name: str
    payload: dict[str, Any]


class Shout(BaseMessage):
    action: Literal["shout"] = "shout"
    payload: str


class Heard(BaseMessage):
    action: Literal["heard"] = "heard"
    payload: str


class Bell(BaseChannelEvent):
    handler: Literal["bell"] = "bell"
    payload: str


class EchoConsumer(AsyncJsonWebsocketConsumer[Bell]):
    groups = ["echo"]

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler
    async def where(self, message: Where) -> Place:
        return Place(room_name=self.scope["path_params"]["room"], payload=self.scope["url_route"]["kwargs"])

    @ws_handler(output_type=Heard)
    async def shout(self, message: Shout) -> None:
        await self.broadcast_message(Heard(payload=message.payload))

    @event_handler
    async def bell(self, event: Bell) -> Heard:
        return Heard(payload=event.payload)


class PlainEcho(GroupMember, PlainConsumer):
    groups = ["echo"]

    async def bell(self, event: dict[str, Any]) -> None:
        await self.send_json({"bell": event["payload"]})


class SyncEcho(GroupMember, SyncConsumer):
    groups = ["echo"]

    def bell(self, event: dict[str, Any]) -> None:
        self.send_json({"bell": event["payload"]})


class Deaf(PlainConsumer):
    groups = ["echo"]


async def connected(application: Any, path: str = "/", **options: Any) -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(application, path, **options)
    assert (await communicator.connect(timeout=10))[0]
    return communicator


async def ask(communicator: WebsocketCommunicator, action: str, payload: Any = None, key: str = "action") -> Any:
    await communicator.send_json_to({key: action, "payload": payload})
    return await communicator.receive_json_from()


@pytest.fixture(autouse=True)
def fresh_layers() -> Any:
    """A layer of its own for each test, since each has a loop of its own."""
    layers = {
        "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
        "other": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
    }
    with override_settings(CHANNEL_LAYERS=layers):
        yield


# ---- inside Channels -----------------------------------------------------------------------------------


async def test_a_test_without_a_database_may_follow_one_that_left_an_old_connection_behind(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    def leave() -> None:
        connections["default"].ensure_connection()
        connections["default"].close_at = time.monotonic()  # SQLite's in memory is never closed

    with django_db_blocker.unblock():
        await sync_to_async(leave)()
    client = await connected(EchoConsumer.as_asgi())
    assert (await ask(client, "ping"))["action"] == "pong"
    await client.disconnect()


async def test_the_communicator_of_channels_works_with_it() -> None:
    client = await connected(EchoConsumer.as_asgi())
    assert await ask(client, "ping") == {"action": "pong", "payload": None}
    assert await client.receive_nothing(0.05)
    await client.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_it_works_inside_routers_and_middleware() -> None:
    inner = URLRouter(
        [path("<slug:room>/", EchoConsumer.as_asgi()), re_path(r"^(?P<room>\d+)$", EchoConsumer.as_asgi())]
    )
    application = ProtocolTypeRouter(
        {"websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([path("ws/<int:year>/", inner)])))}
    )
    client = await connected(application, "/ws/2024/kitchen/", headers=[(b"origin", b"http://localhost")])
    assert await ask(client, "where") == {
        "action": "place",
        "room_name": "kitchen",
        "payload": {"year": 2024, "room": "kitchen"},
    }
    await client.disconnect()
    [(consumer, address)] = {(route.consumer, route.address.path[:8]) for route in discover(application)}
    assert (consumer, address) == (EchoConsumer, "/ws/{yea")


async def test_the_application_that_serves_websockets_is_found(settings: Any) -> None:
    from tests import asgi

    settings.ASGI_APPLICATION = "tests.asgi.application"
    assert get_websocket_application() is asgi.application.application_mapping["websocket"]
    settings.ASGI_APPLICATION = f"{__name__}.wrapped"
    assert get_websocket_application() is wrapped
    settings.ASGI_APPLICATION = f"{__name__}.http_only"
    assert get_websocket_application() is None
    settings.ASGI_APPLICATION = None
    with pytest.raises(ImproperlyConfigured, match="ASGI_APPLICATION"):
        get_websocket_application()


class Middleware:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


wrapped = Middleware(ProtocolTypeRouter({"websocket": EchoConsumer.as_asgi()}))
http_only = ProtocolTypeRouter({"http": Middleware(None)})


# ---- settings ------------------------------------------------------------------------------------------


async def test_settings_change_connections_that_begin_afterwards() -> None:
    application = URLRouter([path("<room>/", EchoConsumer.as_asgi())])
    with override_settings(CHANSPEC={"SEND_COMPLETION": True, "CAMELIZE": True}):
        client = await connected(application, "/kitchen/")
        assert (await ask(client, "where"))["roomName"] == "kitchen"
        assert (await client.receive_json_from())["action"] == "complete"
        await client.disconnect()
    client = await connected(application, "/kitchen/")
    assert (await ask(client, "where"))["room_name"] == "kitchen"
    assert await client.receive_nothing(0.05)
    await client.disconnect()


async def test_an_attribute_of_the_class_goes_before_a_setting() -> None:
    class Own(EchoConsumer):
        send_completion = False
        camelize = True

    with override_settings(CHANSPEC={"SEND_COMPLETION": True, "CAMELIZE": False}):
        client = await connected(URLRouter([path("<room>/", Own.as_asgi())]), "/kitchen/")
        assert (await ask(client, "where"))["roomName"] == "kitchen"
        assert await client.receive_nothing(0.05)
        await client.disconnect()


async def test_limits_are_settings_too() -> None:
    with override_settings(CHANSPEC={"MAX_FRAME_BYTES": 100}):
        client = await connected(EchoConsumer.as_asgi())
        await client.send_to(text_data='{"action": "shout", "payload": "' + "x" * 200 + '"}')
        closed = await client.receive_output()
        assert (closed["type"], closed["code"]) == ("websocket.close", 1009)
        await client.wait()


async def test_messages_are_logged_unless_they_are_ignored(caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(CHANSPEC={"LOG_IGNORED_ACTIONS": ["ping", "pong"]}), caplog.at_level("INFO", "chanspec"):
        client = await connected(EchoConsumer.as_asgi())
        await ask(client, "ping")
        await ask(client, "shout", "hello")
        await client.disconnect()
    assert [(record.direction, record.action) for record in caplog.records] == [  # type: ignore[attr-defined]
        ("received", "shout"),
        ("broadcast", "heard"),
    ]
    caplog.clear()
    with override_settings(CHANSPEC={"LOG_WEBSOCKET_MESSAGE": False}), caplog.at_level("INFO", "chanspec"):
        client = await connected(EchoConsumer.as_asgi())
        await ask(client, "shout", "hello")
        await client.disconnect()
    assert caplog.records == []


async def test_message_action_key_names_the_discriminator_of_classes_defined_under_it() -> None:
    class TypedShout(BaseMessage):
        type: Literal["shout"] = "shout"
        payload: str

    class TypedHeard(BaseMessage):
        type: Literal["heard"] = "heard"
        payload: str

    with override_settings(CHANSPEC={"MESSAGE_ACTION_KEY": "type"}):

        class ByType(AsyncJsonWebsocketConsumer):
            @ws_handler
            async def shout(self, message: TypedShout) -> TypedHeard:
                return TypedHeard(payload=message.payload)

        class ByAction(AsyncJsonWebsocketConsumer):
            discriminator_field: ClassVar[str] = "action"

            @ws_handler
            async def shout(self, message: Shout) -> Heard:
                return Heard(payload=message.payload)

    client = await connected(ByType.as_asgi())
    assert await ask(client, "shout", "a", key="type") == {"type": "heard", "payload": "a"}
    assert (await ask(client, "dance", key="type"))["type"] == "error"
    await client.disconnect()
    client = await connected(ByAction.as_asgi())
    assert await ask(client, "shout", "a") == {"action": "heard", "payload": "a"}
    await client.disconnect()


def test_settings_of_the_whole_process_are_read() -> None:
    with override_settings(CHANSPEC={"MAX_PROCESS_OUTBOX_BYTES": 7, "MAX_OUTBOX_BYTES": 8}):
        found = EchoConsumer.runtime_settings()
    assert (found.max_process_outbox_bytes, found.max_outbox_bytes) == (7, 8)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SEND_COMPLETION": "yes"}, "bool"),
        ({"MAX_PROCESS_OUTBOX_BYTES": -1}, "not negative"),
        ({"MAX_OUTBOX": -1}, "not negative"),
        ({"MAX_OUTBOX": 2.5}, "int"),
        ({"FULL_OUTBOX": "wait"}, "'close' or 'drop_oldest' or 'drop_newest'"),
        ({"AUTHENTICATION_TIMEOUT": float("nan")}, "not negative"),
        ({"LOG_IGNORED_ACTIONS": "ping"}, "list"),
        ({"LOG_IGNORED_ACTIONS": [1]}, "list of strings"),
        ({"SEND_COMPLETIONS": True}, "SEND_COMPLETION"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_the_right_one(given: dict[str, Any], said: str) -> None:
    with override_settings(CHANSPEC=given), pytest.raises(ImproperlyConfigured, match=said):
        EchoConsumer.runtime_settings()


# ---- layers and groups ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)  # Channels looks after the database around each of its own consumers' messages
async def test_typed_and_plain_consumers_share_a_group() -> None:
    typed = await connected(EchoConsumer.as_asgi())
    other = await connected(EchoConsumer.as_asgi())
    plain = await connected(PlainEcho.as_asgi())
    sync = await connected(SyncEcho.as_asgi())
    await typed.send_json_to({"action": "shout", "payload": "hello"})
    for each in (typed, other, plain, sync):
        assert await each.receive_json_from() == {"action": "heard", "payload": "hello"}
    await EchoConsumer.broadcast_event(Bell(payload="dinner"), groups=["echo"])
    for each in (typed, other):
        assert await each.receive_json_from() == {"action": "heard", "payload": "dinner"}
    for each in (plain, sync):
        assert await each.receive_json_from() == {"bell": "dinner"}
    for each in (typed, other, plain, sync):
        assert await each.receive_nothing(0.02)
        await each.disconnect()


async def test_what_other_code_sends_to_a_group_is_dispatched_by_its_type_as_in_channels() -> None:
    class Own(EchoConsumer):
        async def door_opened(self, event: dict[str, Any]) -> None:
            await self.send_json({"action": "door", "who": event["who"]})

    client = await connected(Own.as_asgi())
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send("echo", {"type": "door.opened", "who": "ada"})
    assert await client.receive_json_from() == {"action": "door", "who": "ada"}
    await client.disconnect()


async def test_the_layer_is_the_one_of_the_class_s_alias() -> None:
    class Other(EchoConsumer):
        channel_layer_alias = "other"

    default, other = await connected(EchoConsumer.as_asgi()), await connected(Other.as_asgi())
    assert await ask(other, "shout", "over here") == {"action": "heard", "payload": "over here"}
    assert await default.receive_nothing(0.05)
    for each in (default, other):
        await each.disconnect()


async def test_groups_without_a_layer_are_an_error_that_names_the_alias(caplog: pytest.LogCaptureFixture) -> None:
    class Unknown(EchoConsumer):
        channel_layer_alias = "nowhere"

    communicator = WebsocketCommunicator(Unknown.as_asgi(), "/")
    assert not (await communicator.connect())[0]
    assert "no channel layer 'nowhere'" in caplog.text


async def test_events_are_sent_from_a_thread_without_a_loop() -> None:
    client = await connected(EchoConsumer.as_asgi())
    await asyncio.to_thread(EchoConsumer.broadcast_event_sync, Bell(payload="a"), ["echo"])
    assert (await client.receive_json_from())["payload"] == "a"
    thread = threading.Thread(target=EchoConsumer.broadcast_event_sync, args=(Bell(payload="b"),))  # its own groups
    thread.start()
    await asyncio.to_thread(thread.join)
    assert (await client.receive_json_from())["payload"] == "b"
    await client.disconnect()


async def test_an_event_reaches_one_connection_by_its_channel_name() -> None:
    names: list[str] = []

    class Named(EchoConsumer):
        async def post_authentication(self) -> None:
            names.append(self.channel_name)

    clients = []
    for _ in range(2):
        clients.append(await connected(Named.as_asgi()))
        await ask(clients[-1], "ping")  # answered when the name is noted
    first, second = clients
    await Named.send_event(Bell(payload="you"), names[0])
    assert (await first.receive_json_from())["payload"] == "you"
    await asyncio.to_thread(Named.send_event_sync, Bell(payload="and you"), names[1])
    assert (await second.receive_json_from())["payload"] == "and you"
    assert await first.receive_nothing(0.02)
    for each in (first, second):
        await each.disconnect()


def test_the_sites_consumers_have_their_event_type_for_type_checkers_only() -> None:
    assert issubclass(RoomConsumer, AsyncJsonWebsocketConsumer)
    assert RoomConsumer.broadcast_event_sync.__self__ is RoomConsumer
    assert News.model_fields["handler"].default == "news"
