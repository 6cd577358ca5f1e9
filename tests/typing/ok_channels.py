"""A consumer on Channels as an application writes it, in every detail: no type checker may complain."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import assert_type

from django.urls import URLPattern, path
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated

from chanspec.channels.authenticator import DjangoAuthenticator
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from tests.typing.ok_messages import PAYLOAD, Chat, Joined, Kicked, Left, Said


class Room:
    id: int = 1


class Member:
    username: str = "ann"


class RoomAuthenticator(DjangoAuthenticator):
    authentication_classes = [SessionAuthentication]
    permission_classes = [IsAuthenticated]
    queryset = None
    auth_method = "post"
    lookup_field = "slug"
    lookup_url_kwarg = "room"
    override_http_methods = False
    obj: Room
    user: Member


class StrictRoomAuthenticator(RoomAuthenticator):
    permission_classes = [IsAuthenticated & AllowAny]

    def get_object(self) -> Room:
        return Room()


class Presence:
    passthrough_events = [Kicked, Left]
    groups = ["present"]


class AnnotatedPresence:
    # mypy wants this where a consumer with the mixin lists others.
    passthrough_events: Sequence[type[BaseMessage]] = [Kicked, Left]


@channel(name="room_chat", description="Rooms", tags=["chat", "rooms"])
class RoomConsumer(AsyncJsonWebsocketConsumer[Joined]):
    send_completion = False
    send_message_immediately = True
    send_authentication_message = True
    log_websocket_message = True
    log_ignored_actions = ["ping", "pong"]
    camelize = False
    discriminator_field = "action"
    channel_layer_alias = "default"
    groups = ["lobby"]
    max_frame_bytes = 1024
    authentication_timeout = 2.5
    authenticator_class = RoomAuthenticator
    authenticator: RoomAuthenticator

    async def post_authentication(self) -> None:
        assert_type(self.authenticator.obj, Room)
        assert_type(self.authenticator.user.username, str)
        room_group = f"room_{self.authenticator.obj.id}"
        await self.channel_layer.group_add(room_group, self.channel_name)
        self.groups.append(room_group)

    async def disconnect(self, code: int) -> None:
        await self.broadcast_message(Left(), self.groups, exclude_current=True)

    @ws_handler(summary="Say something", output_type=Said)
    async def handle_chat(self, message: Chat) -> None:
        room_id = self.scope["path_params"]["room_id"]
        await self.broadcast_message(Said(payload=message.payload))
        await self.broadcast_message(Said(payload=message.payload), groups=[f"room_{room_id}", "moderators"])
        await self.send_message(Left())
        await self.send_event(Joined(payload=PAYLOAD), self.channel_name)
        await self.broadcast_event(Joined(payload=PAYLOAD))

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> AsyncIterator[PongMessage]:
        yield PongMessage()

    @event_handler(output_type=Said)
    async def joined(self, event: Joined) -> Said:
        return Said(payload=event.payload)


class PresentConsumer(Presence, AsyncJsonWebsocketConsumer):
    passthrough_method_prefix = "forward_"
    groups = ["lobby"]


class LoudRoomConsumer(AnnotatedPresence, RoomConsumer):
    authenticator_class = StrictRoomAuthenticator
    log_ignored_actions = ["ping"]
    passthrough_events = [Said]
    groups = ["loud"]


ROUTES: list[URLPattern] = [
    path("ws/<int:room_id>/", RoomConsumer.as_asgi()),
    path("ws/loud/", LoudRoomConsumer.as_asgi()),
]


def post_created() -> None:
    RoomConsumer.broadcast_event_sync(Joined(payload=PAYLOAD), groups=["news"])
    RoomConsumer.send_event_sync(Joined(payload=PAYLOAD), channel_name="one")
