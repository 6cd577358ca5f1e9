"""Described consumers whose messages are named by fields of their own, or by none: checks, answers, hints."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer
from django.test import override_settings
from fast_channels.consumer.websocket import AsyncJsonWebsocketConsumer as FastChannelsConsumer
from fastapi import FastAPI
from rest_framework import serializers
from starlette.routing import WebSocketRoute

from chanspec import document_action, document_event
from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.channels.apps import ChanspecConfig
from chanspec.channels.dispatch import ContractDispatchMixin
from chanspec.discovery import document_of
from chanspec.enforcement import ContractMiddleware, checker_of, hosts
from chanspec.enforcement.meant import MAX_KEYS, MAX_NAME, field_meant
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer as StarletteConsumer
from tests.runtime.driver import Client, connected

# Channels looks after the database around each of its own consumers' messages.
pytestmark = pytest.mark.django_db(transaction=True)

LOGGER = "chanspec.contract"


@dataclass
class Move:
    x: int


class Turn(serializers.Serializer[Any]):
    degrees = serializers.IntegerField()


class Robot(AsyncJsonWebsocketConsumer):
    """Answers with whatever it is sent under ``answer``, and keeps what it was sent."""

    received: list[Any] = []

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        self.received.append(content)
        if isinstance(content, dict) and "answer" in content:
            await self.send_json(content["answer"])

    @document_action("Move it", payload=Move, responses={"moved": {"x": "integer"}})
    async def handle_move(self, content: Any) -> None: ...

    @document_action("Say something", payload={"properties": {"answer": {}}})
    async def handle_say(self, content: Any) -> None: ...


class Commanded(Robot):
    action_field = "command"
    event_field = "msg_type"


class BothWays(Robot):
    event_field = "action"


class Unnamed(Robot):
    action_field = event_field = None

    @document_event("angle", payload={"type": "integer"})
    async def angle(self, event: Any) -> None: ...

    handle_say = None


@pytest.mark.parametrize(
    ("consumer", "frame", "path"),
    [
        (Commanded, {"command": "move", "x": 1}, None),
        (Commanded, {"command": "move", "x": 1, "action": "other", "type": "car"}, None),
        (Commanded, {"command": "move", "x": "left"}, "x"),
        (Commanded, {"command": "fly"}, "command"),
        (Commanded, {"action": "move", "x": 1}, "command"),
        (BothWays, {"action": "move", "x": 1}, None),
        (BothWays, {"command": "move", "x": 1}, "action"),
        (Unnamed, {"x": 1}, None),
        (Unnamed, {"x": "left"}, "x"),
        (Unnamed, [], ""),
        (Unnamed, "move", ""),
    ],
)
def test_what_clients_send_is_named_by_the_field(consumer: type, frame: Any, path: str | None) -> None:
    drift = checker_of(consumer).inbound(json.dumps(frame))
    assert (None if drift is None else drift.path) == path


@pytest.mark.parametrize(
    ("consumer", "frame", "is_right"),
    [
        (Commanded, {"msg_type": "moved", "x": 1}, True),
        (Commanded, {"type": "moved", "x": 1}, False),
        (Commanded, {"msg_type": "moved", "x": None}, False),
        (BothWays, {"action": "moved", "x": 1}, True),
        (BothWays, {"type": "moved", "x": 1}, False),
        (Unnamed, {"x": 1}, True),
        (Unnamed, 90, True),
        (Unnamed, "left", False),
        (Unnamed, {"x": "left"}, False),
    ],
)
def test_what_the_consumer_sends_is_named_by_the_field(consumer: type, frame: Any, is_right: bool) -> None:
    drift = checker_of(consumer).outbound(json.dumps(frame))
    assert (drift is None) is is_right


def test_of_several_actions_without_names_the_nearest_says_what_is_wrong() -> None:
    class Several(AsyncJsonWebsocketConsumer):
        action_field = None

        @document_action("Move it", payload=Move)
        async def handle_move(self, content: Any) -> None: ...

        @document_action("Add them", payload={"properties": {"a": {}, "b": {}}, "required": ["a", "b"]})
        async def handle_add(self, content: Any) -> None: ...

        @document_action("Sum them", payload=list[int])
        async def handle_sum(self, content: Any) -> None: ...

    checker = checker_of(Several)
    assert checker.inbound('{"x": 1}') is None
    assert checker.inbound('{"a": 1, "b": 2}') is None
    assert checker.inbound("[1]") is None
    refusal = checker.refusal_of("[null]")
    assert refusal is not None
    assert [error["loc"] for error in refusal.errors] == [[0]]
    refusal = checker.refusal_of("{}")
    assert refusal is not None
    assert [error["loc"] for error in refusal.errors] == [["x"]]
    assert refusal.drift.message == "move"


def test_of_several_events_without_names_all_are_told() -> None:
    drift = checker_of(Unnamed).outbound('{"x": "left"}')
    assert drift is not None
    assert (drift.what, drift.message) == ("is none of its events (angle, moved)", None)


def test_a_consumer_that_declares_no_event_is_told_so() -> None:
    class Silent(AsyncJsonWebsocketConsumer):
        event_field = None

        @document_action("Move it", payload=Move)
        async def handle_move(self, content: Any) -> None: ...

    drift = checker_of(Silent).outbound('{"x": 1}')
    assert drift is not None
    assert drift.what == "no event is in the contract"


# Middleware


@pytest.mark.parametrize(
    ("consumer", "wrong", "right", "answer"),
    [
        (Commanded, {"command": "move"}, {"command": "move", "x": 1}, {"msg_type": "error"}),
        (BothWays, {"action": "move"}, {"action": "move", "x": 1}, {"action": "error"}),
        (Unnamed, {"y": 1}, {"x": 1}, {}),
    ],
)
async def test_the_middleware_answers_what_is_wrong_and_lets_the_rest_pass(
    consumer: Any, wrong: Any, right: Any, answer: Any
) -> None:
    Robot.received.clear()
    middleware = ContractMiddleware(consumer.as_asgi())
    async with connected(middleware) as client:
        client.text(json.dumps(wrong))
        error = {"loc": ["x"], "msg": "Field required", "type": "missing"}
        assert await client.message() == {**answer, "payload": [error]}
        client.text(json.dumps(right))
        client.text(json.dumps(wrong))
        await client.message()
    assert Robot.received == [right]


async def test_the_middleware_s_report_says_which_field_was_meant() -> None:
    middleware = ContractMiddleware(Robot.as_asgi(), mode="warn")
    async with connected(middleware) as client:
        client.text(json.dumps({"command": "say", "answer": {"msg_type": "moved", "x": 1}}))
        await client.message()
    told = [str(drift) for drift in middleware.drifts]
    assert "; or, if 'command' names its messages, write action_field = 'command' in the class" in told[0]
    assert "; or, if 'msg_type' names its messages, write event_field = 'msg_type' in the class" in told[1]


# Which field was meant


@pytest.mark.parametrize(
    ("content", "meant"),
    [
        ({"command": "move"}, "command"),
        ({"zzz": "move"}, "zzz"),  # a declared name says it
        ({"zzz": "fly"}, ""),
        ({"type": "fly", "x": 1}, "type"),  # a usual field, with a name nobody declares
        ({"type": 1, "cmd": "fly"}, "cmd"),
        ({"type": {"a": 1}}, ""),
        ({"action": "fly", "type": "car"}, ""),  # it is there: the name is wrong
        ({"action": "fly", "type": "move"}, "type"),
        ({"action": None}, ""),
        ({}, ""),
        ({"a\x1b[31m\n": "move"}, "a\\x1b[31m\\n"),
        ({**{str(number): 1 for number in range(MAX_KEYS)}, "late": "move"}, ""),
    ],
)
def test_the_field_that_was_meant_is_guessed(content: dict[str, Any], meant: str) -> None:
    assert field_meant(content, {"move"}, "action") == meant


def test_a_guess_is_short_however_long_the_field_is() -> None:
    assert len(field_meant({"y" * 10_000: "move"}, {"move"}, "action")) < MAX_NAME + 30


# ContractDispatchMixin


class Dispatched(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    action_field = "command"
    event_field = "msg_type"

    @document_action("Move it", payload=Move, responses={"moved": {"x": "integer"}})
    async def handle_move(self, move: Move) -> None:
        await self.send_json({"msg_type": "moved", "x": move.x})

    @document_action("Turn it", payload=Turn)
    async def handle_turn(self, turn: dict[str, Any]) -> None:
        await self.send_json({"msg_type": "moved", "x": turn["degrees"]})


class DispatchedSync(ContractDispatchMixin, JsonWebsocketConsumer):
    action_field = "command"
    event_field = "msg_type"

    @document_action("Move it", payload=Move, responses={"moved": {"x": "integer"}})
    def handle_move(self, move: Move) -> None:
        self.send_json({"msg_type": "moved", "x": move.x})

    @document_action("Turn it", payload={"properties": {"degrees": {"type": "integer"}}})
    def handle_turn(self, turn: dict[str, Any]) -> None:
        assert "command" not in turn
        self.send_json({"msg_type": "moved", "x": turn["degrees"]})


async def ask(client: Client, content: Any) -> Any:
    client.text(json.dumps(content))
    return await client.message()


@pytest.mark.parametrize("consumer", [Dispatched, DispatchedSync])
async def test_the_mixin_routes_and_answers_by_the_fields(consumer: Any) -> None:
    middleware = ContractMiddleware(consumer.as_asgi())
    async with connected(middleware) as client:
        assert await ask(client, {"command": "move", "x": 3}) == {"msg_type": "moved", "x": 3}
        assert await ask(client, {"command": "turn", "degrees": 4}) == {"msg_type": "moved", "x": 4}
        answer = await ask(client, {"action": "move", "x": 3})
        assert answer["msg_type"] == "error"
        assert answer["payload"] == [{"loc": ["command"], "msg": "Field required", "type": "union_tag_not_found"}]
    [drift] = middleware.drifts
    assert drift.cure.endswith("; or, if 'action' names its messages, write action_field = 'action' in the class")


@pytest.mark.parametrize(
    ("payload", "right", "wrong"),
    [
        (Move, {"x": 1}, {"x": "left"}),
        (Turn, {"degrees": 1}, [1]),
        (list[int], [1, 2], ["left"]),
        ({}, "x", None),
        (None, "x", None),
    ],
)
async def test_the_only_action_of_a_class_needs_no_name(payload: Any, right: Any, wrong: Any) -> None:
    got: list[Any] = []

    class Only(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
        action_field = event_field = None

        @document_action("Take it", payload=payload)
        async def handle_it(self, content: Any) -> None:
            got.append(content)
            await self.send_json({"payload": []})

    async with connected(ContractMiddleware(Only.as_asgi(), mode="warn")) as client:
        assert await ask(client, right) == {"payload": []}
        assert len(got) == 1
        if wrong is not None:
            assert (await ask(client, wrong))["payload"] != []
            assert len(got) == 1


def test_what_is_only_doubted_in_a_payload_does_not_keep_the_mixin_from_working() -> None:
    class Doubted(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
        @document_action("Note it", payload={"properties": {"note": {"type": "string", "nullable": True}}})
        async def handle_note(self, content: dict[str, Any]) -> None: ...

    [problem] = AsyncAPIGenerator(Doubted).problems
    assert "'nullable' at properties.note is OpenAPI 3.0's" in problem.what
    assert checker_of(Doubted).inbound('{"action": "note", "note": null}') is None


def test_several_actions_without_names_cannot_be_routed() -> None:
    with pytest.raises(TypeError, match=r"Several\.action_field is None, so nothing says which of its actions \("):

        class Several(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
            action_field = None

            @document_action("A", payload=Move)
            async def handle_a(self, content: Any) -> None: ...

            @document_action("B", payload=Move)
            async def handle_b(self, content: Any) -> None: ...


def test_the_mixin_s_settings_are_those_when_the_class_is_defined() -> None:
    with override_settings(CHANSPEC={"ACTION_FIELD": "command", "EVENT_FIELD": "kind"}):

        class Told(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
            @document_action("Move it", payload=Move)
            async def handle_move(self, move: Move) -> None: ...

        messages = AsyncAPIGenerator(Told).get_spec()["components"]["messages"]
    assert messages["Error"]["payload"]["properties"]["kind"] == {"type": "string", "const": "error"}
    assert Told._fields == ("command", "kind")


# In development, without a middleware


@pytest.fixture
def in_development(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with override_settings(DEBUG=True):
        ChanspecConfig("chanspec.channels", __import__("chanspec.channels")).ready()
    yield caplog
    hosts._first_frames = None


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == LOGGER]


async def test_the_first_frames_that_contradict_are_told_once_a_class(in_development: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        async with connected(Robot.as_asgi()) as client:
            for _ in range(3):
                await ask(client, {"command": "move", "answer": {"msg_type": "moved", "x": 1}})
    where = f"{__name__}:Robot"
    rest = "says which field names messages, and is None where none does"
    assert told(in_development) == [
        f"{where}: a client sent a frame without a documented name in 'action'; did you mean action_field = 'command'? "
        f"The class attribute action_field {rest}",
        f"{where}: the consumer sent a frame without a documented name in 'type'; did you mean event_field = "
        f"'msg_type'? The class attribute event_field {rest}",
    ]


async def test_frames_that_are_named_are_not_told(in_development: pytest.LogCaptureFixture) -> None:
    class Fine(Commanded): ...

    async with connected(Fine.as_asgi()) as client:
        await ask(client, {"command": "say", "answer": {"msg_type": "moved", "x": 1}})
        await ask(client, {"action": "say", "answer": {"type": "moved", "x": 1}})  # later ones are not looked at
    assert told(in_development) == []


@pytest.mark.parametrize("frame", ["[]", '{"answer": {}, "x": ', "1", '{"command\\u001b[2J\\n": "move"}'])
async def test_whatever_clients_send_first_does_no_harm(frame: str, in_development: pytest.LogCaptureFixture) -> None:
    class Robust(Robot):
        async def decode_json(self, text_data: str) -> Any:  # type: ignore[override]
            return {"answer": "got it"}

    async with connected(Robust.as_asgi()) as client:
        client.text(frame)
        assert await client.message() == "got it"
    assert all(line.isprintable() for line in told(in_development))


async def test_consumers_that_declare_nothing_or_no_names_are_left_alone(
    in_development: pytest.LogCaptureFixture,
) -> None:
    class Plain(AsyncJsonWebsocketConsumer):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json(content)

    for consumer in (Plain, Unnamed):
        async with connected(consumer.as_asgi()) as client:
            assert await ask(client, {"command": "move", "answer": 1}) is not None
    assert told(in_development) == []


def test_outside_of_development_nothing_is_looked_at() -> None:
    ChanspecConfig("chanspec.channels", __import__("chanspec.channels")).ready()
    assert hosts._first_frames is None
    assert logging.getLogger(LOGGER).handlers == []


# On FastAPI


@pytest.mark.parametrize("base", [FastChannelsConsumer, StarletteConsumer], ids=["fast-channels", "chanspec"])
async def test_described_consumers_on_fastapi_name_their_messages_too(base: Any) -> None:
    class Commanding(base):  # type: ignore[misc]
        action_field = "command"
        event_field = "msg_type"

        @document_action("Move it", payload=Move, responses={"moved": {"x": "integer"}})
        async def handle_move(self, content: Any) -> None: ...

        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            await self.send_json({"msg_type": "moved", "x": content["x"]})

    app = FastAPI(routes=[WebSocketRoute("/", Commanding.as_asgi())])
    document = document_of(app)
    payloads = {name: each["payload"]["properties"] for name, each in document["components"]["messages"].items()}
    assert payloads["Move"]["command"] == {"type": "string", "const": "move"}
    assert payloads["Moved"]["msg_type"] == {"type": "string", "const": "moved"}
    middleware = ContractMiddleware(app)
    async with connected(middleware) as client:
        assert await ask(client, {"command": "move", "x": 1}) == {"msg_type": "moved", "x": 1}
        assert (await ask(client, {"action": "move", "x": 1}))["msg_type"] == "error"
    assert middleware.drifts.total == 1
