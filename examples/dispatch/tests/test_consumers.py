"""The consumers behind the whole ASGI application, without a server: Channels' communicator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.test import TransactionTestCase, override_settings

from config.asgi import application
from dispatch import tokens
from dispatch.consumers import DispatchConsumer

ORIGIN = [(b"origin", b"http://localhost"), (b"host", b"localhost")]


def dispatch(token: str = "") -> WebsocketCommunicator:
    return WebsocketCommunicator(application, f"/ws/dispatch/?token={token}", headers=ORIGIN)


@override_settings(ALLOWED_HOSTS=["localhost"])
class ConsumerTest(TransactionTestCase):
    def setUp(self) -> None:
        self.rider = get_user_model().objects.create_user("ada")

    async def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        socket = dispatch(tokens.issue(self.rider))
        assert (await socket.connect())[0]
        await socket.send_json_to(message)
        answer = await socket.receive_json_from()
        await socket.disconnect()
        return answer

    async def test_a_token_opens_the_socket(self) -> None:
        assert await self.answer({"action": "ping"}) == {"type": "pong"}

    async def test_an_expired_token_does_not(self) -> None:
        with override_settings(TOKEN_LIFETIME=timedelta(seconds=-1)):
            socket = dispatch(tokens.issue(self.rider))
        await socket.connect()
        assert (await socket.receive_output())["code"] == 4401

    async def test_what_a_stranger_sends_with_the_handshake_is_not_served(self) -> None:
        socket = dispatch()
        await socket.send_input({"type": "websocket.connect"})
        await socket.send_input({"type": "websocket.receive", "text": '{"action": "ping"}'})
        assert (await socket.receive_output())["type"] == "websocket.accept"
        assert (await socket.receive_output())["code"] == 4401
        assert await socket.receive_nothing()

    async def test_a_token_of_a_user_who_was_locked_out_does_not(self) -> None:
        token = tokens.issue(self.rider)
        self.rider.is_active = False
        await self.rider.asave()
        socket = dispatch(token)
        await socket.connect()
        assert (await socket.receive_output())["code"] == 4401

    async def test_the_documented_examples_are_taken(self) -> None:
        for example in DispatchConsumer.handle_request_ride.__chanspec__[0].examples:
            answer = await self.answer(example["payload"])
            assert answer["type"] == "ride.requested"
            await self.answer({"action": "cancel", "ride_id": answer["ride_id"]})
