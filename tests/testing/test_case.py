"""Django's side: the test case, its communicator, real tables and an ASGI application with middleware."""

from __future__ import annotations

import asyncio
import unittest
import warnings
from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.urls import path
from rest_framework.permissions import IsAuthenticated

from chanspec.channels.authenticator import DjangoAuthenticator
from chanspec.channels.testing import DjangoWebsocketCommunicator, WebsocketTestCase, websocket_application
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import channel, ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.testing import GROUP_ACTION_COMPLETE, ReceiveError, UnclosedCommunicatorWarning
from tests.testing.chat import CHATS, Done, Said, Say, Text

WAIT = 20.0


class MembersOnly(DjangoAuthenticator):
    permission_classes = [IsAuthenticated]


@channel(name="members")
class Members(AsyncJsonWebsocketConsumer):
    authenticator_class = MembersOnly
    authenticator: MembersOnly
    groups = ["members"]

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(output_type=Said)
    async def handle_say(self, message: Say) -> None:
        names = [user.username async for user in get_user_model().objects.order_by("pk")]
        text = f"{self.authenticator.user.username} of {','.join(names)}: {message.payload.text}"
        await self.broadcast_message(Said(payload=Text(text=text)))


application = ProtocolTypeRouter(
    {
        "websocket": AuthMiddlewareStack(
            URLRouter([path("ws/members/", Members.as_asgi()), path("ws/chat/", CHATS["channels"].as_asgi())])
        )
    }
)


class MembersTest(WebsocketTestCase):
    ws_path = "/ws/members/"

    def setUp(self) -> None:
        overriding = override_settings(ASGI_APPLICATION="tests.testing.test_case.application")
        overriding.enable()
        self.addCleanup(overriding.disable)
        self.user = get_user_model().objects.create_user("ann", password="secret")
        self.other = get_user_model().objects.create_user("bob", password="secret")
        super().setUp()

    def get_ws_headers(self) -> list[tuple[bytes, bytes]]:
        return self.headers_of(self.user)

    def headers_of(self, user: Any) -> list[tuple[bytes, bytes]]:
        client = self.client_class()
        client.force_login(user)
        cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
        return [(b"cookie", cookie), (b"host", b"testserver"), (b"origin", b"http://testserver")]

    async def test_the_reference_sample_of_one_user(self) -> None:
        communicator = self.auth_communicator
        assert communicator is self.auth_communicator
        connected, _ = await communicator.connect(timeout=WAIT)
        assert connected
        await communicator.assert_authenticated_status_ok(max_auth_time=WAIT)
        await communicator.send_message(PingMessage())
        assert await communicator.receive_all_messages(timeout=WAIT) == [PongMessage()]
        await communicator.disconnect()

    async def test_two_users_in_a_group_with_completion_signals(self) -> None:
        with override_settings(CHANSPEC={"SEND_COMPLETION": True}):
            one = self.auth_communicator
            other = self.create_communicator(headers=await asyncio.to_thread(lambda: self.headers))
            for communicator in (one, other):
                await communicator.connect(timeout=WAIT)
                await communicator.assert_authenticated_status_ok(max_auth_time=WAIT)
            await one.send_message(Say(payload=Text(text="hi")))
            expected = [Said(payload=Text(text="ann of ann,bob: hi"))]
            assert await other.receive_all_messages(GROUP_ACTION_COMPLETE, timeout=WAIT) == expected
            assert await one.receive_all_messages(GROUP_ACTION_COMPLETE, timeout=WAIT) == expected
            await one.disconnect()
            await other.disconnect()

    @property
    def headers(self) -> Any:
        return self.ws_headers

    async def test_a_stranger_is_refused(self) -> None:
        async with self.create_communicator(headers=[(b"origin", b"http://testserver")]) as communicator:
            message = await communicator.wait_for_auth(max_auth_time=WAIT)
            assert message is not None
            assert message.payload.status_code == 403
            await communicator.assert_closed()
        async with self.create_communicator(headers=[(b"origin", b"http://testserver")]) as communicator:
            with pytest.raises(ReceiveError, match="expected to be authenticated, but it was 403"):
                await communicator.assert_authenticated_status_ok(max_auth_time=WAIT)

    async def test_without_the_authentication_message(self) -> None:
        with override_settings(CHANSPEC={"SEND_AUTHENTICATION_MESSAGE": False}):
            async with self.auth_communicator as communicator:
                assert await communicator.wait_for_auth(max_auth_time=WAIT) is None
                await communicator.send_message(PingMessage())
                assert await communicator.receive_message(PongMessage, timeout=WAIT) == PongMessage()

    async def test_names_on_the_wire_are_as_the_settings_say(self) -> None:
        with override_settings(CHANSPEC={"CAMELIZE": True}):
            async with self.auth_communicator as communicator:
                assert "statusCode" in (await communicator.receive_json_from(timeout=WAIT))["payload"]

    async def test_the_router_is_what_the_project_serves(self) -> None:
        assert self.router is websocket_application()

    async def test_another_path_router_and_options(self) -> None:
        async with self.create_communicator(ws_path="/ws/chat/", settings={"camelize": True}) as communicator:
            await communicator.send_message(PingMessage())
            assert await communicator.receive_message(timeout=WAIT) == PongMessage()
        async with self.create_communicator(router=CHATS["channels"], subprotocols=["a"]) as communicator:
            assert communicator.scope["subprotocols"] == ["a"]

    def test_a_sync_test_is_left_alone(self) -> None:
        assert isinstance(self.auth_communicator, DjangoWebsocketCommunicator)


class RoutedByFunction(WebsocketTestCase):
    ws_path = "/anywhere/"
    router = CHATS["channels"].as_asgi()
    consumer = CHATS["channels"]

    def get_subprotocols(self) -> list[str]:
        return ["one"]

    async def test_a_router_that_is_a_function_is_not_made_a_method(self) -> None:
        async with self.auth_communicator as communicator:
            assert communicator.scope["subprotocols"] == ["one"]
            await communicator.send_message(PingMessage())
            assert await communicator.receive_message(timeout=WAIT) == PongMessage()

    async def test_a_path_is_needed(self) -> None:
        self.ws_path = ""
        with pytest.raises(AttributeError, match="RoutedByFunction has no ws_path"):
            _ = self.create_communicator()


def test_an_application_without_websockets_is_a_value_error() -> None:
    with (
        override_settings(ASGI_APPLICATION="tests.testing.test_case.http_only"),
        pytest.raises(ValueError, match="serves no WebSockets"),
    ):
        websocket_application()


http_only = ProtocolTypeRouter({"http": lambda *_: None})


class Forgetful:
    """Holds the test cases below, so that pytest does not collect them: they are run as tests of a runner."""

    class Case(WebsocketTestCase):
        ws_path = "/ws/chat/"
        router = CHATS["channels"].as_asgi()
        tasks: set[Any] = set()
        kept: list[Any] = []

        async def test_forgets(self) -> None:
            await self.auth_communicator.connect()
            await self.create_communicator().connect()
            self.kept[:] = self._communicators

        async def test_forgets_and_fails(self) -> None:
            await self.test_forgets()
            raise LookupError("own")

        async def test_breaks_the_contract_and_may(self) -> None:
            async with self.create_communicator(contract="off") as communicator:
                await communicator.send_json_to({"action": "leak"})
                await communicator.settled()

        async def test_breaks_the_contract(self) -> None:
            await self.auth_communicator.connect()
            await self.auth_communicator.send_json_to({"action": "leak"})

        async def test_disconnects(self) -> None:
            async with self.auth_communicator as communicator:
                await communicator.send_json_to({"action": "hold", "payload": "nothing"})
                assert await communicator.receive_message(timeout=WAIT) == Done(payload="nothing")


def run(name: str) -> tuple[unittest.TestResult, list[warnings.WarningMessage]]:
    result = unittest.TestResult()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        unittest.TestSuite([Forgetful.Case(name)]).run(result)
    return result, [each for each in caught if each.category is UnclosedCommunicatorWarning]


@pytest.mark.django_db(transaction=True)
class TestCleaningUp:
    def test_a_forgotten_connection_is_ended_and_the_test_is_told(self) -> None:
        result, [warning] = run("test_forgets")
        assert result.wasSuccessful(), result.errors
        text = str(warning.message)
        assert "Case.test_forgets left 2 connections open (/ws/chat/); use `async with`" in text
        assert warning.filename == __file__
        for communicator in Forgetful.Case.kept:
            assert not communicator.is_connected
            assert communicator._transport.task.done()
            assert not communicator._transport.task.cancelled()  # it ended as on any disconnect
            connection = communicator._watch.connection
            assert connection.code == 1000
            assert connection.hub.members == {}
            assert connection.hub.subscriptions == {}

    def test_a_warning_that_is_an_error_fails_the_test(self) -> None:
        result = unittest.TestResult()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            unittest.TestSuite([Forgetful.Case("test_forgets")]).run(result)
        [(_, traceback)] = result.errors
        assert "UnclosedCommunicatorWarning" in traceback
        assert not Forgetful.Case.kept[0].is_connected

    def test_the_tests_own_failure_stays_what_it_failed_with(self) -> None:
        result, warned = run("test_forgets_and_fails")
        [(_, traceback)] = result.errors
        assert "LookupError: own" in traceback
        assert len(warned) == 1

    def test_a_broken_contract_fails_a_test_that_did_not_look(self) -> None:
        result, _ = run("test_breaks_the_contract")
        [(_, traceback)] = result.failures
        assert "'secret'" in traceback

    def test_a_contract_may_be_left_unchecked(self) -> None:
        result, warned = run("test_breaks_the_contract_and_may")
        assert result.wasSuccessful()
        assert not warned

    def test_nobody_is_told_who_disconnected(self) -> None:
        result, warned = run("test_disconnects")
        assert result.wasSuccessful()
        assert not warned
