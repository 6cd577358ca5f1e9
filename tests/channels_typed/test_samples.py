"""The samples that users of such libraries know, with chanspec's import names, do on Django what their text says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from channels.routing import URLRouter
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group as ChatRoom
from django.test import override_settings
from django.urls import path
from pydantic import BaseModel
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated

from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.channels.authenticator import DjangoAuthenticator
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.runtime.authenticator import BaseAuthenticator
from tests.communicator import WebsocketCommunicator

pytestmark = pytest.mark.django_db(transaction=True)

User = get_user_model()


class Text(BaseModel):
    message: str


class ChatMessage(BaseMessage):
    action: Literal["chat"] = "chat"
    payload: Text


class ChatNotification(BaseMessage):
    action: Literal["chat_notification"] = "chat_notification"
    payload: Text


class LogMessage(BaseMessage):
    action: Literal["log"] = "log"
    payload: str


class JobResult(BaseMessage):
    action: Literal["job_result"] = "job_result"
    payload: str


class JobStatus(BaseMessage):
    action: Literal["job_status"] = "job_status"
    payload: dict[str, str]


class ComplexEvent(BaseMessage):
    action: Literal["complex"] = "complex"
    payload: None = None


class Notification(BaseMessage):
    action: Literal["notification"] = "notification"
    payload: str


class UserJoined(BaseMessage):
    action: Literal["user_joined"] = "user_joined"
    payload: str


class UserLeft(BaseMessage):
    action: Literal["user_left"] = "user_left"
    payload: str


class MessageUpdated(BaseMessage):
    action: Literal["message_updated"] = "message_updated"
    payload: str


class GetStatus(BaseMessage):
    action: Literal["get_status"] = "get_status"
    payload: None = None


class StatusPayload(BaseModel):
    status: str
    timestamp: datetime


class Status(BaseMessage):
    action: Literal["status"] = "status"
    payload: StatusPayload


@pytest.fixture(autouse=True)
def fresh_layer() -> Any:
    with override_settings(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}):
        yield


async def connected(consumer: Any, path_: str = "/", **scope: Any) -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(consumer, path_)
    communicator.scope.update(scope)
    assert (await communicator.connect(timeout=10))[0]
    return communicator


async def hears(communicator: WebsocketCommunicator, action: str) -> Any:
    message = await communicator.receive_json_from()
    assert message["action"] == action, message
    return message["payload"]


async def says(communicator: WebsocketCommunicator, action: str, payload: Any = None) -> None:
    await communicator.send_json_to({"action": action, "payload": payload})


async def has_joined(communicator: WebsocketCommunicator) -> None:
    """Wait until `post_authentication` is done: it follows what a client hears of its handshake."""
    await says(communicator, "ping")
    await hears(communicator, "pong")


def operations(consumer: type) -> dict[str, tuple[str, bool]]:
    document = AsyncAPIGenerator(consumer).get_spec()
    return {name: (each["action"], "reply" in each) for name, each in document["operations"].items()}


# ---- decorators and answers ----------------------------------------------------------------------------


@channel(name="example", description="User notification system", tags=["notifications", "real-time"])
class ExampleConsumer(AsyncJsonWebsocketConsumer):
    groups = ["room_general"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logged: list[str] = []

    @ws_handler(summary="Handle ping requests")
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(
        summary="Handle chat messages",
        description="Process chat messages and broadcast to room members",
        output_type=ChatNotification,
        tags=["chat", "messaging"],
    )
    async def handle_chat(self, message: ChatMessage) -> None:
        await self.broadcast_message(
            ChatNotification(payload=Text(message=f"User: {message.payload.message}")), groups=["room_general"]
        )

    @ws_handler
    async def handle_log(self, message: LogMessage) -> None:
        self.logged.append(message.payload)

    @ws_handler
    async def handle_get_status(self, message: GetStatus) -> Status:
        return Status(payload=StatusPayload(status="online", timestamp=datetime(2024, 5, 1, tzinfo=UTC)))

    @event_handler
    async def handle_job_result(self, event: JobResult) -> JobStatus:
        return JobStatus(payload={"status": "result", "message": event.payload})

    @event_handler(output_type=Notification)
    async def handle_complex_event(self, event: ComplexEvent) -> None:
        await self.send_message(Notification(payload="Processing..."))
        await self.send_message(Notification(payload="Complete!"))


async def test_what_a_handler_returns_goes_to_the_sender_and_what_it_broadcasts_to_the_group() -> None:
    first, second = await connected(ExampleConsumer.as_asgi()), await connected(ExampleConsumer.as_asgi())
    await says(first, "ping")
    await hears(first, "pong")
    await says(first, "get_status")
    assert await hears(first, "status") == {"status": "online", "timestamp": "2024-05-01T00:00:00Z"}
    await says(first, "log", "seen")
    assert await first.receive_nothing(0.02)
    await says(first, "chat", {"message": "hello"})
    for each in (first, second):
        assert await hears(each, "chat_notification") == {"message": "User: hello"}
        assert await each.receive_nothing(0.02)
        await each.disconnect()


async def test_event_handlers_answer_what_other_parts_of_the_server_send() -> None:
    client = await connected(ExampleConsumer.as_asgi())
    await ExampleConsumer.broadcast_event(JobResult(payload="42"), groups=["room_general"])
    assert await hears(client, "job_status") == {"status": "result", "message": "42"}
    await ExampleConsumer.broadcast_event(ComplexEvent())
    assert [await hears(client, "notification") for _ in range(2)] == ["Processing...", "Complete!"]
    await client.disconnect()


def test_the_document_has_the_operations_of_the_mapping() -> None:
    assert operations(ExampleConsumer) == {
        "ping": ("receive", True),
        "chat": ("receive", True),
        "log": ("receive", False),
        "get_status": ("receive", True),
        "job_status": ("send", False),
        "notification": ("send", False),
        "error": ("send", False),
    }
    document = AsyncAPIGenerator(ExampleConsumer).get_spec()
    [example] = document["channels"].values()
    assert (example["title"], example["description"]) == ("example", "User notification system")
    assert [tag["name"] for tag in example["tags"]] == ["notifications", "real-time"]
    assert document["operations"]["chat"]["summary"] == "Handle chat messages"
    assert [tag["name"] for tag in document["operations"]["chat"]["tags"]] == ["chat", "messaging"]
    assert "JobResult" not in document["components"]["messages"]  # internal events are not documented


# ---- passthrough ---------------------------------------------------------------------------------------


class PresenceMixin:
    passthrough_events = [UserJoined, UserLeft]


class PresenceConsumer(PresenceMixin, AsyncJsonWebsocketConsumer):
    groups = ["presence"]
    passthrough_events = [MessageUpdated]


async def test_passthrough_events_of_mixins_are_merged_and_forwarded() -> None:
    client = await connected(PresenceConsumer.as_asgi())
    for event in (UserJoined(payload="ada"), UserLeft(payload="bob"), MessageUpdated(payload="7")):
        await PresenceConsumer.broadcast_event(event)
        assert await hears(client, event.action) == event.payload
    await client.disconnect()
    assert hasattr(PresenceConsumer, "handle_passthrough_user_joined")
    assert {"user_joined", "user_left", "message_updated"} <= set(operations(PresenceConsumer))


async def test_an_explicit_handler_goes_before_a_passthrough_event_and_the_prefix_can_be_changed() -> None:
    logged: list[str] = []

    class Explicit(AsyncJsonWebsocketConsumer):
        groups = ["presence"]
        passthrough_events = [UserJoined, UserLeft]
        passthrough_method_prefix = "forward_"

        @event_handler
        async def handle_user_joined(self, event: UserJoined) -> UserJoined:
            logged.append(event.payload)
            return event

    client = await connected(Explicit.as_asgi())
    await Explicit.broadcast_event(UserJoined(payload="ada"))
    assert await hears(client, "user_joined") == "ada"
    await client.disconnect()
    assert logged == ["ada"]
    assert hasattr(Explicit, "forward_user_left")
    assert not hasattr(Explicit, "forward_user_joined")


# ---- groups --------------------------------------------------------------------------------------------


class RoomConsumer(AsyncJsonWebsocketConsumer):
    async def post_authentication(self) -> None:
        room_id = self.scope["path_params"]["room_id"]
        group_name = f"room_{room_id}"
        await self.channel_layer.group_add(group_name, self.channel_name)
        self.groups.append(group_name)
        await self.broadcast_message(UserJoined(payload="somebody"), groups=[group_name], exclude_current=True)

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(output_type=ChatNotification)
    async def handle_chat(self, message: ChatMessage) -> None:
        await self.broadcast_message(ChatNotification(payload=message.payload))


async def test_a_room_by_its_path_parameter_is_joined_after_authentication() -> None:
    application = URLRouter([path("rooms/<int:room_id>/", RoomConsumer.as_asgi())])
    first = await connected(application, "/rooms/1/")
    await has_joined(first)
    second = await connected(application, "/rooms/1/")
    elsewhere = await connected(application, "/rooms/2/")
    assert await hears(first, "user_joined") == "somebody"
    for each in (second, elsewhere):
        await has_joined(each)
    await says(second, "chat", {"message": "hello"})
    for each in (first, second):
        assert await hears(each, "chat_notification") == {"message": "hello"}
    for each in (first, second, elsewhere):
        assert await each.receive_nothing(0.02)
        await each.disconnect()


# ---- authentication ------------------------------------------------------------------------------------


class TokenAuthenticator(BaseAuthenticator):
    async def authenticate(self) -> bool:
        token = self.get_query_param("token")
        if not token:
            return False
        self.user = await User.objects.filter(username=token).afirst()
        return self.user is not None


class TokenConsumer(AsyncJsonWebsocketConsumer):
    authenticator_class = TokenAuthenticator

    @ws_handler
    async def handle_get_status(self, message: GetStatus) -> Notification:
        return Notification(payload=self.user.username)


async def test_an_authenticator_of_one_s_own_lets_in_who_it_says() -> None:
    await asyncio.to_thread(User.objects.create_user, "ada")
    client = await connected(TokenConsumer.as_asgi(), "/?token=ada")
    assert (await hears(client, "authentication"))["status_code"] == 200
    await says(client, "get_status")
    assert await hears(client, "notification") == "ada"
    await client.disconnect()
    stranger = await connected(TokenConsumer.as_asgi(), "/?token=eve")
    assert (await hears(stranger, "authentication"))["status_code"] == 401
    assert (await stranger.receive_output())["code"] == 4401
    await stranger.wait()


# ---- the complete example ------------------------------------------------------------------------------


class ChatNotificationPayload(BaseModel):
    message: str
    username: str
    room_id: int


class RoomNotification(BaseMessage):
    action: Literal["room_notification"] = "room_notification"
    payload: ChatNotificationPayload


class UserPayload(BaseModel):
    username: str


class UserJoinedEvent(BaseChannelEvent):
    handler: Literal["user_joined"] = "user_joined"
    payload: UserPayload


class UserJoinedPayload(BaseModel):
    username: str
    message: str


class UserJoinedMessage(BaseMessage):
    action: Literal["user_joined"] = "user_joined"
    payload: UserJoinedPayload


class RoomAuthenticator(DjangoAuthenticator):
    authentication_classes = [SessionAuthentication]
    permission_classes = [IsAuthenticated]
    queryset = ChatRoom.objects.all()
    obj: ChatRoom


@channel(name="room_chat", description="Real-time chat for specific rooms", tags=["chat", "rooms"])
class RoomChatConsumer(AsyncJsonWebsocketConsumer[UserJoinedEvent]):
    authenticator_class = RoomAuthenticator
    authenticator: RoomAuthenticator
    log_ignored_actions = ["ping", "pong"]

    async def post_authentication(self) -> None:
        """Join room group after authentication."""
        room_group = f"room_{self.authenticator.obj.pk}"
        await self.channel_layer.group_add(room_group, self.channel_name)
        self.groups.append(room_group)

    @ws_handler(summary="Handle ping requests")
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(summary="Handle chat messages", output_type=RoomNotification)
    async def handle_chat(self, message: ChatMessage) -> None:
        """Process and broadcast chat messages."""
        await self.broadcast_message(
            RoomNotification(
                payload=ChatNotificationPayload(
                    message=message.payload.message,
                    username=self.authenticator.user.username,
                    room_id=self.authenticator.obj.pk,
                )
            )
        )

    @event_handler(output_type=UserJoinedMessage)
    async def user_joined(self, event: UserJoinedEvent) -> UserJoinedMessage:
        """Handle user join events from other parts of the app."""
        return UserJoinedMessage(
            payload=UserJoinedPayload(
                username=event.payload.username, message=f"{event.payload.username} joined the room"
            )
        )


async def test_the_complete_chat() -> None:
    ada = await asyncio.to_thread(User.objects.create_user, "ada")
    bob = await asyncio.to_thread(User.objects.create_user, "bob")
    room = await ChatRoom.objects.acreate(name="kitchen")
    application = URLRouter([path("rooms/<int:pk>/", RoomChatConsumer.as_asgi())])
    clients = [await connected(application, f"/rooms/{room.pk}/", user=user) for user in (ada, bob)]
    for client in clients:
        assert (await hears(client, "authentication"))["status_text"] == "OK"
        await has_joined(client)
    await says(clients[0], "chat", {"message": "hello"})
    said = {"message": "hello", "username": "ada", "room_id": room.pk}
    assert [await hears(client, "room_notification") for client in clients] == [said, said]
    event = UserJoinedEvent(payload=UserPayload(username="carol"))
    await asyncio.to_thread(RoomChatConsumer.broadcast_event_sync, event, [f"room_{room.pk}"])
    for client in clients:
        assert (await hears(client, "user_joined"))["message"] == "carol joined the room"
        await client.disconnect()
    elsewhere = await connected(application, "/rooms/999/", user=ada)
    assert (await hears(elsewhere, "authentication"))["status_code"] == 404
    assert (await elsewhere.receive_output())["code"] == 4404
    await elsewhere.wait()
