"""The tools for tests, under their old names and as their text uses them."""

from __future__ import annotations

from typing import Any

from channels.routing import URLRouter
from channels.sessions import CookieMiddleware
from chanx.channels.authenticator import DjangoAuthenticator
from chanx.channels.websocket import AsyncJsonWebsocketConsumer
from chanx.core.decorators import event_handler, ws_handler
from chanx.core.testing import capture_broadcast_events
from chanx.ext.channels.testing import DjangoWebsocketCommunicator, WebsocketTestCase
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import PongMessage
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.urls import path
from rest_framework.authentication import BasicAuthentication
from rest_framework.permissions import IsAuthenticated


class MembersOnly(DjangoAuthenticator):
    authentication_classes = [BasicAuthentication]
    permission_classes = [IsAuthenticated]


class MembersConsumer(AsyncJsonWebsocketConsumer):
    authenticator_class = MembersOnly
    groups = ["members"]

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @event_handler
    async def handle_pong(self, event: PongMessage) -> PongMessage:
        return event


application = CookieMiddleware(URLRouter([path("ws/members/", MembersConsumer.as_asgi())]))


@override_settings(
    ASGI_APPLICATION=f"{__name__}.application",
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    CHANX={"SEND_COMPLETION": True},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)
class TestMembers(WebsocketTestCase):
    ws_path = "/ws/members/"

    def setUp(self) -> None:
        get_user_model().objects.create_user("ada", password="lovelace")
        super().setUp()

    def get_ws_headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"authorization", b"Basic YWRhOmxvdmVsYWNl")]

    async def test_an_authenticated_client_is_answered(self) -> None:
        await self.auth_communicator.connect()
        await self.auth_communicator.assert_authenticated_status_ok(max_auth_time=20)
        await self.auth_communicator.send_message(PingMessage())
        assert await self.auth_communicator.receive_all_messages(timeout=20) == [PongMessage()]
        await self.auth_communicator.disconnect()

    async def test_a_stranger_is_refused(self) -> None:
        stranger = self.create_communicator(headers=[])
        await stranger.connect()
        message = await stranger.wait_for_auth(max_auth_time=20)
        assert message is not None
        assert message.payload.status_code == 401
        await stranger.assert_closed()

    async def test_several_clients_and_the_events_they_hear(self) -> None:
        first, second = self.create_communicator(), self.create_communicator()
        for each in (first, second):
            await each.connect()
            await each.assert_authenticated_status_ok(max_auth_time=20)
        await MembersConsumer.broadcast_event(PongMessage())
        for each in (first, second):
            assert await each.receive_all_messages("event_complete", timeout=20) == [PongMessage()]
            await each.disconnect()


async def test_a_communicator_is_made_by_hand() -> None:
    communicator: Any = DjangoWebsocketCommunicator(MembersConsumer.as_asgi(), "/ws/members/", consumer=MembersConsumer)
    assert (await communicator.connect())[0]
    assert (await communicator.wait_for_auth(max_auth_time=20)).payload.status_code == 401
    await communicator.disconnect()


def test_broadcast_events_are_captured() -> None:
    with capture_broadcast_events(MembersConsumer) as captured:
        MembersConsumer.broadcast_event_sync(PongMessage(), groups=["members"])
    assert [(each.event, each.groups) for each in captured] == [(PongMessage(), ["members"])]
