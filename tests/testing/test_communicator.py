"""The communicator on both frameworks' consumers and on any ASGI application."""

from __future__ import annotations

import asyncio
import contextvars
import json
from typing import Any, Literal

import pytest
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel, Field, computed_field
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, WebSocketRoute

from chanspec.decorators import channel, ws_handler
from chanspec.messages import (
    AuthenticationMessage,
    BaseMessage,
    CompleteMessage,
    ErrorMessage,
    PingMessage,
    PongMessage,
)
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from chanspec.testing import (
    EVENT_ACTION_COMPLETE,
    GROUP_ACTION_COMPLETE,
    ClosedError,
    NothingReceivedError,
    ReceiveError,
    UnclosedCommunicatorWarning,
    WebsocketCommunicator,
)
from tests.testing.chat import CHATS, Close, Done, Fail, Heard, Hold, Said, Say, Tell, Text

WAIT = 20.0


class TestOpening:
    async def test_a_context_manager_connects_and_disconnects(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/ws/chat/") as communicator:
            assert communicator.is_connected
        assert not communicator.is_connected

    async def test_connect_returns_the_subprotocol_and_keeps_the_headers(self) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][1], "headers": [(b"a", b"b")]})
            await receive()

        communicator = WebsocketCommunicator(app, "/", subprotocols=["one", "two"])
        assert await communicator.connect() == (True, "two")
        assert await communicator.connect() == (True, "two")  # again, the same
        assert communicator.subprotocol == "two"
        assert communicator.response_headers == [(b"a", b"b")]
        await communicator.disconnect()
        await communicator.disconnect()  # again, nothing

    async def test_a_refusal_is_returned_with_its_code(self) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": "not today"})
            assert (await receive())["type"] == "websocket.disconnect"

        async with WebsocketCommunicator(app, "/") as communicator:
            assert await communicator.connect() == (False, 4403)
            await communicator.assert_closed(4403)
            with pytest.raises(ClosedError, match=r"cannot receive: the application refused .* 4403 \(not today\)"):
                await communicator.receive_json_from()
            with pytest.raises(ClosedError, match="cannot send"):
                await communicator.send_json_to({})

    async def test_a_refusal_by_http_is_returned_with_its_status(self) -> None:
        async def endpoint(websocket: WebSocket) -> None:
            await websocket.send_denial_response(PlainTextResponse("no", status_code=429))

        app = Starlette(routes=[WebSocketRoute("/ws", endpoint)])
        async with WebsocketCommunicator(app, "/ws") as communicator:
            assert await communicator.connect() == (False, 429)

    async def test_headers_query_path_and_scope_reach_the_application(self) -> None:
        seen: dict[str, Any] = {}

        async def app(scope: Any, receive: Any, send: Any) -> None:
            seen.update(scope)
            await receive()
            await send({"type": "websocket.accept"})
            await receive()

        communicator = WebsocketCommunicator(
            app,
            "/ws/caf%C3%A9/?a=1",
            headers={"X-Token": "t"},
            query={"b": ["2", "3"]},
            scope={"user": "somebody"},
            spec_version="2.3",
        )
        async with communicator:
            assert seen["path"] == "/ws/café/"
            assert seen["raw_path"] == b"/ws/caf%C3%A9/"
            assert seen["query_string"] == b"a=1&b=2&b=3"
            assert seen["headers"] == [(b"x-token", b"t")]
            assert seen["user"] == "somebody"
            assert seen["asgi"]["spec_version"] == "2.3"

    async def test_headers_may_be_pairs_as_with_channels(self) -> None:
        communicator = WebsocketCommunicator(CHATS["starlette"], "/ws/?token=secret", [(b"Cookie", b"a=b")])
        assert communicator.path == "/ws/"  # what failures show has no query
        assert communicator.scope["headers"] == [(b"cookie", b"a=b")]

    async def test_something_may_be_sent_right_behind_the_handshake(self, consumer: Any) -> None:
        communicator = WebsocketCommunicator(consumer, "/", timeout=WAIT)
        await communicator.send_input({"type": "websocket.connect"})
        await communicator.send_message(PingMessage())
        assert await communicator.connect() == (True, None)
        assert await communicator.receive_message() == PongMessage()
        await communicator.send_input({"type": "websocket.disconnect", "code": 4000})
        await communicator.settled()
        assert not communicator.is_connected
        await communicator.disconnect()

    async def test_the_answer_may_be_received_as_any_other_frame(self) -> None:
        communicator = WebsocketCommunicator(CHATS["starlette"], "/", timeout=WAIT)
        await communicator.send_input({"type": "websocket.connect"})
        assert (await communicator.receive_output())["type"] == "websocket.accept"
        assert await communicator.connect() == (True, None)
        await communicator.disconnect()

    async def test_a_connection_that_nobody_ends_warns_and_is_cancelled_when_it_is_forgotten(self) -> None:
        ended = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            try:
                await receive()
            finally:
                ended.set()

        async def forget() -> None:
            await WebsocketCommunicator(app, "/forgotten/").connect()

        # In a context of its own, as in a framework of tests that chanspec does not know.
        with pytest.warns(UnclosedCommunicatorWarning, match="a connection to /forgotten/ was left open; use"):
            await asyncio.get_running_loop().create_task(forget(), context=contextvars.Context())
        async with asyncio.timeout(WAIT):
            await ended.wait()

    async def test_an_unknown_setting_is_refused_by_name(self, consumer: Any) -> None:
        communicator = WebsocketCommunicator(consumer, "/", settings={"send_completions": True})
        with pytest.raises(TypeError, match="'send_completions', which is no setting, did you mean 'send_completion'"):
            await communicator.connect()

    @pytest.mark.parametrize("application", [int, "app", 7])
    async def test_what_is_no_application_is_refused(self, application: Any) -> None:
        with pytest.raises(TypeError, match="pass"):
            WebsocketCommunicator(application, "/")

    async def test_a_connection_that_was_refused_is_no_proof_that_nothing_comes(self) -> None:
        async def refuses(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.close", "code": 4404})

        async with WebsocketCommunicator(refuses, "/nowhere/") as communicator:
            for use in (communicator.receive_nothing(timeout=0), communicator.receive_all_messages()):
                with pytest.raises(ClosedError, match=r"/nowhere/: cannot receive: .* refused .* with 4404"):
                    await use

    async def test_using_it_before_it_is_connected_says_how_to_connect(self, consumer: Any) -> None:
        communicator = WebsocketCommunicator(consumer, "/")
        uses = (
            communicator.send_json_to({}),
            communicator.receive_json_from(),
            communicator.receive_nothing(),
            communicator.settled(),
        )
        for use in uses:
            with pytest.raises(ClosedError, match="use `async with`"):
                await use
        await communicator.disconnect()


class TestMessages:
    async def test_a_typed_message_is_sent_and_its_answer_received(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(PingMessage())
            assert await communicator.receive_message(PongMessage, timeout=WAIT) == PongMessage()
            await communicator.send_message(Say(payload=Text(text="hello")))
            said = await communicator.receive_message(Said | ErrorMessage, timeout=WAIT)
            assert said == Said(payload=Text(text="hello"))

    async def test_without_a_class_any_message_of_the_consumer_is_received(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(Fail())
            assert await communicator.receive_message() == ErrorMessage(
                payload={"detail": "The message could not be handled."}
            )

    async def test_json_text_and_bytes(self) -> None:
        async def echo(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            while (frame := await receive())["type"] == "websocket.receive":
                await send({**frame, "type": "websocket.send"})

        async with WebsocketCommunicator(echo, "/") as communicator:
            await communicator.send_json_to({"a": [1]})
            assert await communicator.receive_json_from() == {"a": [1]}
            await communicator.send_to("text")
            assert await communicator.receive_from() == "text"
            await communicator.send_to(bytes_data=b"\x00")
            assert await communicator.receive_from() == b"\x00"
            await communicator.send_to("")
            assert await communicator.receive_output() == {"type": "websocket.send", "text": ""}
            assert await communicator.receive_nothing(timeout=0)
            await communicator.send_to("more")
            assert not await communicator.receive_nothing()
            assert await communicator.receive_from() == "more"  # what was looked at is still there
            for wrong in ({}, {"text_data": "a", "bytes_data": b"b"}, {"text_data": b"a"}, {"bytes_data": "a"}):
                with pytest.raises(TypeError):
                    await communicator.send_to(**wrong)

    async def test_all_messages_up_to_the_one_that_is_named(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            for text in ("one", "two", "three"):
                await communicator.send_message(Say(payload=Text(text=text)))
            await communicator.send_message(PingMessage())
            *said, pong = await communicator.receive_all_messages(stop_action="pong", timeout=WAIT)
            assert [each.payload.text for each in said] == ["one", "two", "three"]
            assert pong == PongMessage()

    async def test_without_completion_signals_all_messages_are_those_until_it_settles(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/", timeout=WAIT) as communicator:
            await communicator.send_message(Say(payload=Text(text="one")))
            await communicator.send_message(PingMessage())
            assert await communicator.receive_all_messages() == [Said(payload=Text(text="one")), PongMessage()]
            assert await communicator.receive_all_messages() == []
            await communicator.send_message(PingMessage())
            assert await communicator.receive_all_json() == [{"action": "pong", "payload": None}]

    async def test_what_came_is_returned_when_the_named_message_does_not(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(PingMessage())
            assert await communicator.receive_all_messages(stop_action="said", timeout=0) == [PongMessage()]

    async def test_completion_signals_end_collecting_and_are_left_out(self, consumer: Any) -> None:
        options: Any = {"settings": {"send_completion": True}, "timeout": WAIT}
        async with (
            WebsocketCommunicator(consumer, "/", **options) as one,
            WebsocketCommunicator(consumer, "/", **options) as other,
        ):
            await one.send_message(PingMessage())
            assert await one.receive_all_messages() == [PongMessage()]
            await one.send_message(Say(payload=Text(text="hi")))
            said = [Said(payload=Text(text="hi"))]
            assert await other.receive_all_messages(stop_action=GROUP_ACTION_COMPLETE) == said
            assert await one.receive_all_messages(stop_action=GROUP_ACTION_COMPLETE) == said
            assert await one.receive_all_messages() == []  # up to the signal that the message was handled
            await one.send_message(Tell(payload="news"))
            assert await other.receive_all_messages(stop_action=EVENT_ACTION_COMPLETE) == [Heard(payload="news")]

    async def test_completion_signals_are_passed_over_unless_they_are_expected(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/", settings={"send_completion": True}) as communicator:
            for _ in range(2):
                await communicator.send_message(PingMessage())
                assert await communicator.receive_message(PongMessage, timeout=WAIT) == PongMessage()
            assert await communicator.receive_message(CompleteMessage, timeout=WAIT) == CompleteMessage()

    async def test_settings_hold_for_one_connection_only(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/", settings={"camelize": True, "send_completion": True}) as one:
            assert one._watch.plan.settings.send_completion
        async with WebsocketCommunicator(consumer, "/") as other:
            assert not other._watch.plan.settings.send_completion
            assert not other._watch.plan.settings.camelize

    async def test_several_connections_at_once(self, consumer: Any) -> None:
        async with (
            WebsocketCommunicator(consumer, "/") as one,
            WebsocketCommunicator(consumer, "/") as two,
            WebsocketCommunicator(consumer, "/") as three,
        ):
            await two.send_message(Say(payload=Text(text="hi")))
            for each in (one, two, three):
                assert await each.receive_message(Said, timeout=WAIT) == Said(payload=Text(text="hi"))


class TestTheWire:
    """Messages are read as the consumer writes them, whatever the names on the wire."""

    class Point(BaseModel):
        deep_x: int
        renamed: str = Field(default="r", serialization_alias="asWritten", validation_alias="asRead")

        @computed_field
        def double_x(self) -> int:
            return 2 * self.deep_x

        model_config = {"extra": "forbid"}

    class Ask(BaseMessage):
        kind: Literal["ask_it"] = "ask_it"
        the_point: int

    class Told(BaseMessage):
        kind: Literal["told_it"] = "told_it"
        the_point: TestTheWire.Point
        by_name: dict[str, int]

    async def test_camel_case_aliases_another_discriminator_and_computed_fields(self) -> None:
        ask, told, point = TestTheWire.Ask, TestTheWire.Told, TestTheWire.Point

        class Odd(AsyncJsonWebsocketConsumer):
            discriminator_field = "kind"
            camelize = True

            @ws_handler(input_type=ask, output_type=told)
            async def handle(self, message: Any) -> Any:
                return told(the_point=point(deep_x=message.the_point), by_name={"a_b": 1})

            @ws_handler
            async def handle_ping(self, message: PingMessage) -> PongMessage:
                return PongMessage()

        async with WebsocketCommunicator(Odd, "/", timeout=WAIT) as communicator:
            await communicator.send_message(ask(the_point=3))
            got = await communicator.receive_message(told)
            assert got == told(the_point=point(deep_x=3), by_name={"a_b": 1})
            await communicator.send_json_to({"kind": "ask_it", "thePoint": 4})
            assert (await communicator.receive_json_from()) == {
                "kind": "told_it",
                "thePoint": {"deepX": 4, "asWritten": "r", "doubleX": 8},
                "byName": {"a_b": 1},
            }
            await communicator.send_message(PingMessage())
            assert await communicator.receive_json_from() == {"kind": "pong", "payload": None}
            await communicator.send_message(PingMessage())
            assert await communicator.receive_all_messages() == [PongMessage()]


TestTheWire.Told.model_rebuild()


class TestAuthentication:
    @staticmethod
    def consumer(allowed: bool, **attributes: Any) -> Any:
        class Authenticator(BaseAuthenticator):
            async def authenticate(self) -> bool:
                self.data = {"who": "me"}
                return allowed

        @channel(name="private")
        class Private(AsyncJsonWebsocketConsumer):
            authenticator_class = Authenticator

            @ws_handler
            async def handle_ping(self, message: PingMessage) -> PongMessage:
                return PongMessage()

            async def post_authentication(self) -> None:
                await self.send_message(PongMessage())

        for name, value in attributes.items():
            setattr(Private, name, value)
        return Private

    async def test_the_message_is_waited_for_and_what_follows_is_done(self) -> None:
        async with WebsocketCommunicator(self.consumer(True), "/") as communicator:
            message = await communicator.wait_for_auth(max_auth_time=WAIT)
            assert isinstance(message, AuthenticationMessage)
            assert message.payload.status_code == 200
            assert await communicator.receive_message(timeout=0) == PongMessage()

    async def test_a_refusal_fails_the_assertion_with_what_was_said(self) -> None:
        async with WebsocketCommunicator(self.consumer(False), "/") as communicator:
            with pytest.raises(ReceiveError, match=r'expected to be authenticated, but it was 401 .*\{"who": "me"\}'):
                await communicator.assert_authenticated_status_ok(max_auth_time=WAIT)
            await communicator.assert_closed()

    async def test_without_the_message_there_is_nothing_to_wait_for(self) -> None:
        consumer = self.consumer(True, send_authentication_message=False)
        async with WebsocketCommunicator(consumer, "/") as communicator:
            assert await communicator.wait_for_auth() is None
            await communicator.assert_authenticated_status_ok()
            assert await communicator.receive_message(timeout=0) == PongMessage()

    async def test_a_refusal_without_the_message_fails_the_assertion_too(self) -> None:
        consumer = self.consumer(False, send_authentication_message=False)
        async with WebsocketCommunicator(consumer, "/") as communicator:
            with pytest.raises(ClosedError, match="expected to be authenticated, but the application closed with 4401"):
                await communicator.assert_authenticated_status_ok(max_auth_time=WAIT)

    async def test_a_refusal_of_the_handshake_fails_the_assertion_too(self) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.close", "code": 4403})

        communicator = WebsocketCommunicator(app, "/")
        assert await communicator.connect() == (False, 4403)
        with pytest.raises(ClosedError, match="refused the connection with 4403"):
            await communicator.assert_authenticated_status_ok()
        await communicator.disconnect()

    async def test_a_connection_that_was_closed_after_authentication_fails_the_assertion(self) -> None:
        consumer = self.consumer(True)

        async def post_authentication(self: Any) -> None:
            await self.close(4000, "full")

        consumer.post_authentication = post_authentication
        async with WebsocketCommunicator(consumer, "/") as communicator:
            with pytest.raises(ClosedError, match=r"the application closed with 4000 \(full\)"):
                await communicator.assert_authenticated_status_ok(max_auth_time=WAIT)

    @pytest.mark.parametrize("sends", [True, False])
    async def test_a_handshake_under_way_is_waited_for(self, sends: bool) -> None:
        consumer = self.slow(send_authentication_message=sends)
        communicator = WebsocketCommunicator(consumer, "/")
        await communicator.send_input({"type": "websocket.connect"})
        waiting = asyncio.ensure_future(communicator.assert_authenticated_status_ok(max_auth_time=WAIT))
        await consumer.asked.wait()
        assert not waiting.done()
        consumer.decided.set()
        await waiting
        await communicator.disconnect()

    async def test_an_authenticator_that_has_not_decided_fails_the_assertion(self) -> None:
        consumer = self.slow(send_authentication_message=False)
        communicator = WebsocketCommunicator(consumer, "/")
        await communicator.send_input({"type": "websocket.connect"})
        with pytest.raises(NothingReceivedError, match="an answer to the handshake"):
            await communicator.assert_authenticated_status_ok(max_auth_time=0)
        consumer.decided.set()
        await communicator.assert_authenticated_status_ok(max_auth_time=WAIT)
        await communicator.disconnect()

    async def test_accepting_the_client_is_no_decision(self) -> None:
        consumer = self.slow(send_authentication_message=False, greets=True)
        async with WebsocketCommunicator(consumer, "/") as communicator:
            with pytest.raises(NothingReceivedError, match="that was not decided within 0 s"):
                await communicator.assert_authenticated_status_ok(max_auth_time=0)
            consumer.decided.set()
            await communicator.assert_authenticated_status_ok(max_auth_time=WAIT)

    async def test_an_authenticator_may_take_as_long_as_the_consumer_lets_it(self) -> None:
        consumer = self.slow()
        communicator = WebsocketCommunicator(consumer, "/", timeout=0, settings={"authentication_timeout": WAIT})
        opening = asyncio.ensure_future(communicator.connect())
        await consumer.asked.wait()
        consumer.decided.set()
        assert await opening == (True, None)
        await communicator.disconnect()

    def slow(self, greets: bool = False, **attributes: Any) -> Any:
        """A consumer whose authenticator says that it was ``asked``, and waits until it is to have ``decided``."""
        asked, decided = asyncio.Event(), asyncio.Event()

        class Waiting(BaseAuthenticator):
            async def authenticate(self) -> bool:
                if greets:
                    await self.send_message(PongMessage())
                asked.set()
                await decided.wait()
                return True

        return self.consumer(True, authenticator_class=Waiting, asked=asked, decided=decided, **attributes)


class TestClosing:
    async def test_assert_closed_waits_for_the_close_and_checks_its_code(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(Close(payload=4001))
            await communicator.assert_closed(4001, timeout=WAIT)
            assert (communicator.close_code, communicator.close_reason) == (4001, "enough")
            await communicator.assert_closed()
            with pytest.raises(ReceiveError, match="expected close code 4002, but it was 4001"):
                await communicator.assert_closed(4002)

    async def test_assert_closed_fails_on_a_message(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(PingMessage())
            with pytest.raises(ReceiveError, match="expected the application to close, but this came"):
                await communicator.assert_closed(timeout=WAIT)

    async def test_assert_closed_fails_when_nothing_happens(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            with pytest.raises(NothingReceivedError, match="it has settled: nothing more will come"):
                await communicator.assert_closed(timeout=0)

    async def test_closing_instead_of_a_message_says_so(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(Close(payload=4001))
            with pytest.raises(
                ClosedError, match=r"expected PongMessage .*, but the application closed with 4001 \(eno"
            ):
                await communicator.receive_message(PongMessage, timeout=WAIT)

    async def test_a_disconnect_reaches_the_application_with_its_code(self) -> None:
        seen = []

        class Leaving(AsyncJsonWebsocketConsumer):
            @ws_handler
            async def handle_ping(self, message: PingMessage) -> PongMessage:
                return PongMessage()

            async def disconnect(self, code: int) -> None:
                seen.append(code)

        communicator = WebsocketCommunicator(Leaving, "/")
        await communicator.connect()
        await communicator.disconnect(code=4321)
        assert seen == [4321]

    async def test_an_application_that_does_not_end_is_cancelled_and_fails_the_test(self) -> None:
        ended = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            await receive()
            try:
                await receive()
            finally:
                ended.append(True)

        communicator = WebsocketCommunicator(app, "/")
        await communicator.connect()
        with pytest.raises(AssertionError, match=r"did not end within 0\.01 s"):
            await communicator.disconnect(timeout=0.01)
        assert ended == [True]

    async def test_a_message_after_disconnecting_is_refused(self, consumer: Any) -> None:
        communicator = WebsocketCommunicator(consumer, "/")
        await communicator.connect()
        await communicator.disconnect()
        with pytest.raises(ClosedError, match="the test has disconnected"):
            await communicator.send_message(PingMessage())

    async def test_what_came_before_the_close_can_still_be_read(self, consumer: Any) -> None:
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(PingMessage())
            await communicator.send_message(Close(payload=4001))
            await communicator.settled()
            assert await communicator.receive_message(PongMessage) == PongMessage()
            await communicator.assert_closed(4001)


class TestFailingApplications:
    @staticmethod
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "last words"})
        await receive()
        raise LookupError("broken")

    async def test_what_it_failed_with_is_raised_at_the_next_receive_and_not_again(self) -> None:
        async with WebsocketCommunicator(self.fails, "/") as communicator:
            await communicator.send_to("go")
            assert await communicator.receive_from() == "last words"
            with pytest.raises(LookupError, match="broken"):
                await communicator.receive_from(timeout=WAIT)

    async def test_it_is_raised_at_the_end_if_nobody_asked(self) -> None:
        with pytest.raises(LookupError, match="broken"):
            async with WebsocketCommunicator(self.fails, "/") as communicator:
                await communicator.send_to("go")

    async def test_it_is_noted_on_what_the_test_itself_failed_with(self) -> None:
        with pytest.raises(ZeroDivisionError) as caught:  # noqa: PT012
            async with WebsocketCommunicator(self.fails, "/") as communicator:
                await communicator.send_to("go")
                _ = 1 / 0
        assert caught.value.__notes__ == ["LookupError: broken"]

    @pytest.mark.parametrize(
        ("frames", "when"),
        [
            ([{"type": "websocket.send", "text": "early"}], "before it accepted"),
            ([{"type": "websocket.accept"}, {"type": "websocket.accept"}], "on an open connection"),
            ([{"type": "websocket.close"}, {"type": "websocket.send", "text": "late"}], "after it closed"),
        ],
    )
    async def test_frames_out_of_turn_are_refused_as_servers_do(self, frames: Any, when: str) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            for frame in frames:
                await send(frame)

        with pytest.raises(RuntimeError, match=when):
            async with WebsocketCommunicator(app, "/"):
                pass


class TestOtherApplications:
    async def test_fastapi_and_mounted_routes(self) -> None:
        app = FastAPI()

        @app.websocket("/plain/{name}")
        async def plain(websocket: WebSocket, name: str) -> None:
            await websocket.accept()
            while True:
                await websocket.send_json({"name": name, "got": await websocket.receive_text()})

        app.mount("/mounted", Starlette(routes=[WebSocketRoute("/{room}/chat", CHATS["starlette"].as_asgi())]))
        async with WebsocketCommunicator(app, "/plain/me") as communicator:
            await communicator.send_to("x")
            assert await communicator.receive_json_from(timeout=WAIT) == {"name": "me", "got": "x"}
            with pytest.raises(TypeError, match="known of typed consumers only"):
                await communicator.receive_message()
        async with WebsocketCommunicator(app, "/mounted/7/chat") as communicator:
            await communicator.send_message(PingMessage())
            assert await communicator.receive_message() == PongMessage()  # the consumer is known without being named

    async def test_messages_of_any_class_that_pydantic_reads(self) -> None:
        class Answer(BaseModel):
            type: Literal["answer"] = "answer"
            value: int

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            value = json.loads((await receive())["text"])["value"]
            await send({"type": "websocket.send", "text": json.dumps({"type": "answer", "value": value})})
            await receive()

        async with WebsocketCommunicator(Starlette(routes=[Mount("/", app)]), "/") as communicator:
            await communicator.send_message(Answer(value=3))
            assert await communicator.receive_message(Answer, timeout=WAIT) == Answer(value=3)

    async def test_a_consumer_by_class_by_application_and_routed_is_the_same(self, consumer: Any) -> None:
        for application in (consumer, consumer.as_asgi(), Starlette(routes=[Mount("/", consumer.as_asgi())])):
            async with WebsocketCommunicator(application, "/x") as communicator:
                await communicator.send_message(Hold(payload="nothing"))
                assert await communicator.receive_message(timeout=WAIT) == Done(payload="nothing")
