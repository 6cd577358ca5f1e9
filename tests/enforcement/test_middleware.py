"""The middleware in process: what each mode does, who answers, what is counted, and what it leaves alone."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from pydantic import BaseModel, field_validator

from chanspec import document_action, document_event
from chanspec.enforcement import ContractMiddleware, Drift, DriftError, Drifts
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.runtime.consumer import Consumer
from tests.enforcement.consumers import Alarm, AnnotatedConsumer, Offer, Passed, Said, TypedConsumer
from tests.runtime.driver import Client, connected

# Channels looks after the database around each of its own consumers' messages.
pytestmark = pytest.mark.django_db(transaction=True)

GONE = '{"type": "ride.gone"}'
CLOSED = {"type": "websocket.close", "code": 1011, "reason": "A message broke its contract"}
LOGGER = "chanspec.contract"


def tell(client: Client, frame: str) -> None:
    client.text(json.dumps({"action": "tell", "frame": frame}))


def typed_tell(client: Client, content: Any) -> None:
    client.say("tell", content)


@pytest.mark.parametrize("consumer", [AnnotatedConsumer, TypedConsumer])
async def test_in_contract_frames_pass_unchanged(consumer: Any) -> None:
    middleware = ContractMiddleware(consumer.as_asgi())
    async with connected(middleware) as client:
        if consumer is TypedConsumer:
            assert await client.ask("ping") == {"action": "pong", "payload": None}
            typed_tell(client, {"action": "passed", "payload": 1})
            assert (await client.frame())["text"] == '{"action": "passed", "payload": 1}'
        else:
            tell(client, '{  "type":"hello"}')
            assert (await client.frame())["text"] == '{  "type":"hello"}'
    assert not middleware.drifts


async def test_warn_logs_each_distinct_drift_once_counts_all_and_lets_them_pass(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[Drift] = []
    middleware = ContractMiddleware(AnnotatedConsumer.as_asgi(), mode="warn", on_drift=seen.append)
    for _ in range(2):
        async with connected(middleware) as client:
            for frame in (GONE, GONE, '{"type": "ride.accepted", "at": "now"}', "nonsense"):
                tell(client, frame)
                assert (await client.frame())["text"] == frame
            client.text('{"action": "fly"}')
            client.text('{"action": "walk"}')
            assert [await client.message() for _ in range(2)] == [{"type": "hello"}] * 2
    logged = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert logged == [str(drift) for drift in middleware.drifts]
    assert len(logged) == 4
    assert "tests.enforcement.consumers:Described.ride_accepted" in logged[1]
    assert [middleware.drifts[drift] for drift in middleware.drifts] == [4, 2, 2, 4]
    assert middleware.drifts.total == len(seen) == 12
    assert next(record for record in caplog.records if record.name == LOGGER).drift == seen[0]  # type: ignore[attr-defined]


async def test_error_answers_a_bad_frame_of_an_annotated_consumers_client_and_does_not_hand_it_on() -> None:
    middleware = ContractMiddleware(AnnotatedConsumer.as_asgi())
    async with connected(middleware) as client:
        for frame, error in (
            ('{"action": "tell"}', {"loc": ["frame"], "msg": "Field required", "type": "missing"}),
            ("{", {"loc": [], "msg": "Invalid JSON", "type": "json_invalid"}),
            ("[]", {"loc": [], "msg": "Input should be an object", "type": "model_attributes_type"}),
        ):
            client.text(frame)
            assert await client.message() == {"type": "error", "payload": [error]}
        client.bytes(b"\x00")
        assert (await client.message())["payload"][0]["type"] == "binary_frame"
        client.text('{"action": "hello"}')
        assert await client.message() == {"type": "hello"}
    assert client.received_by_app == 5
    assert [drift.direction for drift in middleware.drifts] == ["in"] * 4


async def test_error_closes_instead_of_sending_and_the_consumer_ends_as_ever() -> None:
    AnnotatedConsumer.ended = 0
    middleware = ContractMiddleware(AnnotatedConsumer.as_asgi())
    async with connected(middleware) as client:
        tell(client, '{"type": "hello"}')
        assert await client.message() == {"type": "hello"}
        tell(client, GONE)
        assert await client.frame() == CLOSED
        tell(client, '{"type": "hello"}')  # was under way already
        await client.disconnect(1011)
        assert client.outbox.empty()
    assert AnnotatedConsumer.ended == 1
    assert [drift.message for drift in middleware.drifts] == ["ride.gone"]


async def test_error_closes_a_typed_connection_which_then_ends_by_itself() -> None:
    TypedConsumer.ended = 0
    middleware = ContractMiddleware(TypedConsumer.as_asgi())
    async with connected(middleware) as client:
        typed_tell(client, {"action": "gone"})
        assert await client.frame() == CLOSED
        await client.ended()
    assert TypedConsumer.ended == 1


async def test_a_consumer_that_goes_on_sending_to_a_closed_connection_is_stopped() -> None:
    class Endless(AnnotatedConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
            while True:
                await self.send(text_data=GONE)

    client = Client(ContractMiddleware(Endless.as_asgi()))
    await client.open()
    client.text('{"action": "hello"}')
    assert await client.frame() == CLOSED
    with pytest.raises(ConnectionError, match="broke its contract"):
        await client.ended()


async def test_typed_consumers_answer_bad_frames_themselves_and_only_once() -> None:
    """The answer is the consumer's own, which a hook may change; the drift is what its one validation found."""

    class Own(TypedConsumer):
        async def handle_validation_error(self, error: Any) -> None:
            await self.send_message(Said(payload=Offer(driver="no", minutes=1)))

    for mode in ("warn", "error"):
        middleware = ContractMiddleware(Own.as_asgi(), mode=mode)  # type: ignore[arg-type]
        async with connected(middleware) as client:
            for frame in ('{"action": "say", "payload": {}}', "{"):
                client.text(frame)
                assert (await client.message())["payload"]["driver"] == "no"
            client.bytes(b"")
            assert (await client.message())["payload"][0]["type"] == "binary_frame"
            assert await client.ask("ping") == {"action": "pong", "payload": None}
        drifts = list(middleware.drifts)
        assert [(drift.message, drift.path) for drift in drifts] == [("say", "payload.driver"), (None, ""), (None, "")]
        assert drifts[0].where == "tests.enforcement.consumers:TypedConsumer.handle_say"
        assert middleware.drifts.total == 3


async def test_broadcasts_channel_events_and_completions_are_checked_too() -> None:
    class Completing(TypedConsumer):
        send_completion = True

    middleware = ContractMiddleware(Completing.as_asgi())
    async with connected(middleware) as client:
        await Completing.broadcast_event(Alarm(payload="E"))
        assert [(await client.message())["action"] for _ in range(2)] == ["said", "event_complete"]
        await Completing.broadcast_event(Passed(payload=1))
        assert [(await client.message())["action"] for _ in range(2)] == ["passed", "event_complete"]
        assert (await client.ask("ping"))["action"] == "pong"
        assert (await client.message())["action"] == "complete"
    assert not middleware.drifts


class Broadcaster(TypedConsumer):
    """Broadcasts what is wrong, and then what is right."""

    async def handle_ping(self, message: Any) -> Any:
        try:
            await self.broadcast_message({"action": "passed", "payload": "wrong"}, exclude_current=True)
        finally:
            await self.broadcast_message({"action": "passed", "payload": 1}, exclude_current=True)


class BySend(TypedConsumer):
    async def send(self, *arguments: Any, **options: Any) -> None:
        await super().send(*arguments, **options)


@pytest.mark.parametrize("member", [TypedConsumer, BySend])
async def test_a_broadcast_that_breaks_the_contract_is_left_out_and_its_members_stay(member: Any) -> None:
    middleware = ContractMiddleware(member.as_asgi())
    async with connected(middleware) as client, connected(Broadcaster.as_asgi()) as sender:
        sender.say("ping")
        assert await client.message() == {"action": "passed", "payload": 1}
        assert (await client.ask("ping"))["action"] == "pong"
    assert [(drift.direction, drift.path) for drift in middleware.drifts] == [("out", "payload")]


async def test_a_broadcast_that_breaks_the_contract_is_an_error_of_the_consumer_that_sends_it() -> None:
    raised: list[Exception] = []

    class Told(Broadcaster):
        async def handle_message_handler_error(self, error: Exception, *arguments: Any) -> None:
            raised.append(error)
            await super().handle_message_handler_error(error, *arguments)

    middleware = ContractMiddleware(Told.as_asgi())
    async with connected(TypedConsumer.as_asgi()) as member, connected(middleware) as sender:
        assert (await sender.ask("ping"))["action"] == "error"
        assert await member.message() == {"action": "passed", "payload": 1}
    (error,) = raised
    assert isinstance(error, DriftError)
    assert [error.drift] == list(middleware.drifts)
    assert "payload" in str(error)


async def test_a_frame_beyond_the_limits_is_a_drift_that_is_not_looked_into() -> None:
    drifts = []
    deep = '{"action": "hello", "x": ' + "[" * 8 + "]" * 8 + "}"
    for mode in ("warn", "error"):
        middleware = ContractMiddleware(AnnotatedConsumer.as_asgi(), mode, max_frame_bytes=1000, max_depth=8)
        async with connected(middleware) as client:
            for frame in (json.dumps({"action": "hello", "x": "é" * 500}, ensure_ascii=False), deep):
                client.text(frame)
                answer = await client.message()
                assert answer["type"] == ("hello" if mode == "warn" else "error")
        drifts += [drift.what for drift in middleware.drifts]
    assert drifts == ["message too big", "is nested deeper than 8 levels"] * 2


async def test_the_outcome_of_authentication_is_in_the_contract() -> None:
    class Guest(BaseAuthenticator):
        async def authenticate(self) -> bool:
            self.data = {"why": "no token"}
            return b"token" in self.scope["query_string"]

    class Guarded(TypedConsumer):
        authenticator_class = Guest

    middleware = ContractMiddleware(Guarded.as_asgi())
    for query, status in ((b"token", 200), (b"", 401)):
        async with connected(middleware, scope={"query_string": query}) as client:
            assert (await client.message())["payload"]["status_code"] == status
    assert not middleware.drifts


async def test_a_validator_that_fails_is_left_to_the_application() -> None:
    class Failing(BaseModel):
        n: int

        @field_validator("n")
        @classmethod
        def check(cls, value: int) -> int:
            raise RuntimeError("on purpose")

    class Own(AnnotatedConsumer):
        @document_action(payload=Failing)
        def handle_fail(self, content: Any) -> None: ...

    middleware = ContractMiddleware(Own.as_asgi())
    async with connected(middleware) as client:
        client.text('{"action": "fail", "n": 1}')
        assert await client.message() == {"type": "hello"}
    assert not middleware.drifts


async def test_a_handler_that_fails_and_a_model_that_was_changed_afterwards() -> None:
    class Failing(TypedConsumer):
        async def handle_ping(self, message: Any) -> Any:
            raise RuntimeError("on purpose")

        async def handle_say(self, message: Any) -> Any:
            reply = Said(payload=Offer(driver="E", minutes=1))
            reply.payload.minutes = 0
            return reply

    middleware = ContractMiddleware(Failing.as_asgi())
    async with connected(middleware) as client:
        assert (await client.ask("ping"))["action"] == "error"
        client.say("say", {"driver": "E", "minutes": 1})
        assert await client.frame() == CLOSED
    (drift,) = middleware.drifts
    assert (drift.path, drift.what) == ("payload.minutes", "should be at least 1")


def test_off_is_the_application_itself() -> None:
    application = AnnotatedConsumer.as_asgi()
    assert ContractMiddleware(application, mode="off") is application
    inner = ContractMiddleware(application, mode="warn")
    assert ContractMiddleware(inner, mode="off") is inner
    assert (inner.app, inner.mode) == (application, "warn")


def test_an_unknown_mode_is_an_error() -> None:
    with pytest.raises(ValueError, match='write "error", "warn" or "off"'):
        ContractMiddleware(AnnotatedConsumer.as_asgi(), mode="loud")  # type: ignore[arg-type]


async def test_other_protocols_are_left_alone() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        assert "chanspec.witness" not in scope
        await send(await receive())

    async def receive() -> Any:
        return {"type": "http.request"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await ContractMiddleware(application)({"type": "http"}, receive, send)
    assert sent == [{"type": "http.request"}]


async def test_one_middleware_inside_another_keeps_both_informed() -> None:
    inner = ContractMiddleware(AnnotatedConsumer.as_asgi(), mode="warn")
    outer = ContractMiddleware(inner)
    async with connected(outer) as client:
        client.text('{"action": "fly"}')
        assert (await client.message())["type"] == "error"
        tell(client, GONE)
        assert await client.frame() == CLOSED
    assert [drift.direction for drift in inner.drifts] == ["out"]
    assert [drift.direction for drift in outer.drifts] == ["in", "out"]

    inner = ContractMiddleware(TypedConsumer.as_asgi(), mode="warn")
    outer = ContractMiddleware(inner, mode="warn")
    async with connected(outer) as client:
        assert (await client.ask("fly"))["action"] == "error"
    assert inner.drifts.total == outer.drifts.total == 1


async def test_what_on_drift_raises_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    def fail(drift: Drift) -> None:
        raise RuntimeError("on purpose")

    async with connected(ContractMiddleware(AnnotatedConsumer.as_asgi(), mode="warn", on_drift=fail)) as client:
        tell(client, GONE)
        assert (await client.frame())["text"] == GONE
    assert "on_drift of a ContractMiddleware failed" in caplog.text


async def test_a_consumer_that_cannot_be_told_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async def bare(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await receive()
        while (frame := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": frame["text"]})

    middleware = ContractMiddleware(bare)
    for _ in range(2):
        async with connected(middleware) as client:
            client.text("anything")
            assert (await client.frame())["text"] == "anything"
    (said,) = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert "it cannot be told which consumer serves a connection" in said
    assert "test_a_consumer_that_cannot_be_told_is_said_once" in said  # whose application it is
    assert not middleware.drifts

    bare.consumer_class = AnnotatedConsumer  # type: ignore[attr-defined]
    middleware = ContractMiddleware(bare)
    async with connected(middleware) as client:
        client.text('{"action": "hello"}')
        assert await client.frame() == CLOSED  # it echoes


async def test_a_consumer_without_a_contract_is_said_once_and_not_checked(caplog: pytest.LogCaptureFixture) -> None:
    class Silent(AsyncJsonWebsocketConsumer):
        async def receive_json(self, content: Any, **_: Any) -> None:
            await self.send_json(content)

    middleware = ContractMiddleware(Silent.as_asgi())
    for _ in range(2):
        async with connected(middleware) as client:
            client.text("[1]")
            assert await client.message() == [1]
    (said,) = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert said.endswith("decorate its methods with @document_action and the like")


async def test_a_contract_that_cannot_be_compiled_is_said_once_and_not_checked(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(consumer: type) -> Any:
        raise TypeError("it has a mistake")

    monkeypatch.setattr("chanspec.enforcement.watched.checker_of", broken)
    async with connected(ContractMiddleware(AnnotatedConsumer.as_asgi())) as client:
        tell(client, GONE)
        assert (await client.frame())["text"] == GONE
    assert "its contract cannot be compiled: it has a mistake" in caplog.text


async def test_a_consumer_of_chanspec_that_takes_raw_frames_by_hand_has_them_checked() -> None:
    class ByHand(Consumer[Any]):
        async def receive_json(self, content: Any, **_: Any) -> None:
            await self.send_json({"type": "hello"})

        @document_action(payload={"properties": {"n": {"type": "integer"}}, "required": ["n"]})
        async def handle_go(self, content: Any) -> None: ...

        @document_event("hello")
        async def hello(self, event: Any) -> None: ...

    async with connected(ContractMiddleware(ByHand.as_asgi())) as client:
        client.text('{"action": "go", "n": 1}')
        assert await client.message() == {"type": "hello"}
        client.text('{"action": "go"}')
        assert (await client.message())["type"] == "error"


def drift(number: int, direction: Any = "in", **changes: Any) -> Drift:
    fields = {"consumer": "m:C", "where": "m:C", "message": None, "path": f"x[{number}]", "what": "", "cure": ""}
    return Drift(direction, **{**fields, **changes})


def test_distinct_drifts_are_bounded_and_clients_cannot_crowd_out_those_of_the_server() -> None:
    drifts, logged = Drifts(limit=3), list[Drift]()
    for number in range(10):
        drifts.add(drift(number), logged.append)
    assert (len(drifts), drifts.total, len(logged)) == (1, 10, 1)
    for number in range(10):
        drifts.add(drift(0, path=f"made up {number}"), logged.append)
    assert (len(drifts), drifts.total, len(logged)) == (3, 20, 3)
    drifts.add(drift(0, "out"), logged.append)
    assert (len(drifts), len(logged)) == (4, 4)
    assert repr(drifts) == "<21 drifts, 4 distinct>"
    drifts.clear()
    assert (len(drifts), drifts.total) == (0, 0)
    drifts.add(drift(0), logged.append)
    assert len(logged) == 5


def test_the_last_drift_that_is_logged_says_so(caplog: pytest.LogCaptureFixture) -> None:
    drifts = Drifts(limit=1)
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            drifts.add(drift(0, path=str(number)), lambda each: None)
    assert [record.getMessage() for record in caplog.records] == [
        "1 distinct drifts were logged; further ones are only counted"
    ]
