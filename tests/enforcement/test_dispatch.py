"""``ContractDispatchMixin``: actions reach their methods parsed; what is wrong is answered, or found when defined."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, TypedDict

import attrs
import msgspec
import pydantic.v1
import pytest
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer
from django.contrib.auth.models import Group
from pydantic import BaseModel, field_validator
from rest_framework import serializers

from chanspec import document_action, document_event
from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.channels.dispatch import ContractDispatchMixin
from chanspec.contract import contract_of
from chanspec.decorators import ws_handler
from chanspec.enforcement import ContractMiddleware
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette import websocket
from tests.runtime.driver import Client, connected

# Channels looks after the database around each of its own consumers' messages.
pytestmark = pytest.mark.django_db(transaction=True)

ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"


@dataclass
class Ride:
    fare: Decimal
    note: str | None = None


class Cancel(BaseModel, extra="forbid"):
    ride_id: uuid.UUID


class Known(BaseModel):
    action: str
    n: int


class Where(TypedDict):
    x: int


class Point(NamedTuple):
    x: int
    y: int = 0


@attrs.define
class Stop:
    at: uuid.UUID
    _hidden: int = 1


@attrs.define
class Route:
    stops: list[Stop]
    back: Stop | None = None

    def __attrs_post_init__(self) -> None:
        if len(self.stops) > 2:
            raise ValueError("too many")


class Struct(msgspec.Struct):
    at: uuid.UUID
    n: int = 1

    def __post_init__(self) -> None:
        if self.n > 9:
            raise ValueError("too many")


class Old(pydantic.v1.BaseModel):
    n: int


class Accept(serializers.Serializer):
    stars = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(["a", "b"], required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)

    def validate(self, attrs: Any) -> Any:
        if attrs.get("stars") == 13:
            raise serializers.ValidationError("unlucky")
        return attrs


class Named(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ["name"]


SCHEMA = {"properties": {"n": {"type": "integer"}}, "required": ["n"]}


class Sees:
    """Events of the consumers here."""

    @document_event("seen", payload={"properties": {"what": {"type": "string"}}, "required": ["what"]})
    def seen(self, event: Any) -> None: ...


class Consumer(Sees, ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    async def saw(self, what: Any) -> None:
        await self.send_json({"type": "seen", "what": repr(what)})

    @document_action(payload=Ride)
    async def handle_ride(self, ride: Ride) -> None:
        await self.saw(ride)

    @document_action(action="cancel.it", payload=Cancel)
    async def handle_cancel(self, payload: BaseModel) -> None:
        await self.saw(payload)

    @document_action(payload=Known)
    async def handle_known(self, payload: Known, more: int = 0) -> None:
        await self.saw(payload)

    @document_action(payload=Where)
    async def handle_where(self, payload: Where) -> None:
        await self.saw(payload)

    @document_action(payload=Point)
    async def handle_point(self, payload: Point) -> None:
        await self.saw(payload)

    @document_action(payload=Route)
    async def handle_route(self, payload: Route) -> None:
        await self.saw(payload)

    @document_action(payload=Struct)
    async def handle_struct(self, payload: Struct) -> None:
        await self.saw(payload)

    @document_action(payload=Old)
    async def handle_old(self, payload: Old) -> None:
        await self.saw(payload)

    @document_action(payload=Accept)
    async def handle_accept(self, payload: Mapping[str, Any]) -> None:
        await self.saw(dict(payload))

    @document_action(payload=Accept)
    async def handle_bound(self, serializer: Accept) -> None:
        await self.saw((serializer.validated_data["stars"], serializer.context["consumer"] is self))

    @document_action(payload=Accept(partial=True))
    async def handle_partial(self, payload: Any) -> None:
        await self.saw(dict(payload))

    @document_action(payload=SCHEMA)
    async def handle_schema(self, payload: dict[str, Any]) -> None:
        await self.saw(payload)

    @document_action
    async def handle_nothing(self) -> None:
        await self.saw("nothing")

    @document_action
    async def handle_anything(self, content: dict[str, Any]) -> None:
        await self.saw(content)

    @document_action
    @staticmethod
    async def handle_static(content: Any) -> None:
        raise RuntimeError("static")


async def ask(client: Client, action: str, **fields: Any) -> Any:
    client.text(json.dumps({"action": action, **fields}))
    return await client.message(20)


@pytest.mark.parametrize(
    ("action", "fields", "seen"),
    [
        ("ride", {"fare": "1.50", "note": None}, "Ride(fare=Decimal('1.50'), note=None)"),
        ("cancel.it", {"ride_id": ID}, f"Cancel(ride_id=UUID('{ID}'))"),
        ("known", {"n": 1}, "Known(action='known', n=1)"),
        ("where", {"x": 1, "more": 2}, "{'x': 1}"),
        ("point", {"x": 1}, "Point(x=1, y=0)"),
        ("route", {"stops": [{"at": ID}]}, f"Route(stops=[Stop(at=UUID('{ID}'), _hidden=1)], back=None)"),
        (
            "route",
            {"stops": [], "back": {"at": ID, "_hidden": 2}},
            f"Route(stops=[], back=Stop(at=UUID('{ID}'), _hidden=2))",
        ),
        ("struct", {"at": ID}, f"Struct(at=UUID('{ID}'), n=1)"),
        ("old", {"n": 1}, "Old(n=1)"),
        ("accept", {"stars": "3", "kind": "a"}, "{'stars': 3, 'kind': 'a'}"),
        ("bound", {"stars": 3}, "(3, True)"),
        ("partial", {}, "{}"),
        ("schema", {"n": 1, "more": 2}, "{'n': 1, 'more': 2}"),
        ("nothing", {"more": 1}, "'nothing'"),
        ("anything", {"more": 1}, "{'more': 1}"),
    ],
)
async def test_an_action_reaches_its_method_with_its_payload_parsed(action: str, fields: Any, seen: str) -> None:
    middleware = ContractMiddleware(Consumer.as_asgi())
    async with connected(middleware) as client:
        assert await ask(client, action, **fields) == {"type": "seen", "what": seen}
    assert not middleware.drifts


@pytest.mark.parametrize(
    ("action", "fields", "errors"),
    [
        ("ride", {}, [("fare", "missing")]),
        ("ride", {"fare": [], "note": 1}, [("fare", "decimal_type"), ("note", "string_type")]),
        ("cancel.it", {"ride_id": ID, "x": 1}, [("x", "extra_forbidden")]),
        ("where", {"x": "y"}, [("x", "int_parsing")]),
        ("route", {"stops": [{"at": "x"}]}, [("stops.0.at", "uuid_parsing")]),
        ("route", {"stops": [{"at": ID}] * 3}, [("", "value_error")]),
        ("struct", {"at": "x"}, [("at", "format")]),
        ("struct", {"at": ID, "n": 10}, [("", "value_error")]),
        ("old", {"n": []}, [("n", "type")]),
        ("accept", {"stars": 0, "kind": "c"}, [("stars", "min_value"), ("kind", "invalid_choice")]),
        ("accept", {"stars": 13}, [("", "invalid")]),
        ("accept", {"stars": 1, "tags": ["x", [], {}]}, [("tags.1", "invalid"), ("tags.2", "invalid")]),
        ("partial", {"stars": 0}, [("stars", "min_value")]),
        ("schema", {"n": "1"}, [("n", "type")]),
        ("fly", {}, [("action", "union_tag_invalid")]),
    ],
)
async def test_what_is_not_valid_is_answered_and_the_connection_stays(action: str, fields: Any, errors: Any) -> None:
    middleware = ContractMiddleware(Consumer.as_asgi())
    async with connected(middleware) as client:
        answer = await ask(client, action, **fields)
        assert answer["type"] == "error"
        assert [(".".join(map(str, each["loc"])), each["type"]) for each in answer["payload"]] == errors
        assert (await ask(client, "nothing"))["type"] == "seen"
    (drift,) = middleware.drifts  # told by the consumer: nothing is validated or answered twice
    assert drift.direction == "in"
    assert middleware.drifts.total == 1


@pytest.mark.parametrize("frame", ["", "{", "[]", "1", "[" * 100_000, '{"action": 1}', "{}", b"\x00"])
async def test_frames_that_are_no_messages_are_answered(frame: Any) -> None:
    async with connected(Consumer.as_asgi()) as client:
        client.bytes(frame) if isinstance(frame, bytes) else client.text(frame)
        assert (await client.message(20))["type"] == "error"
        assert (await ask(client, "nothing"))["type"] == "seen"


class Sync(Sees, ContractDispatchMixin, JsonWebsocketConsumer):
    @document_action(payload=Ride)
    def handle_ride(self, ride: Ride) -> None:
        self.send_json({"type": "seen", "what": repr(ride)})

    @document_action(payload=Accept)
    def handle_accept(self, payload: dict[str, Any]) -> None:
        self.send_json({"type": "seen", "what": repr(payload)})


async def test_sync_consumers_are_served_as_well() -> None:
    middleware = ContractMiddleware(Sync.as_asgi())
    async with connected(middleware) as client:
        assert (await ask(client, "ride", fare="1"))["what"] == "Ride(fare=Decimal('1'), note=None)"
        assert (await ask(client, "accept", stars=2))["what"] == "{'stars': 2}"
        for frame in ('{"action": "ride"}', '{"action": "accept"}', "{", "[]", '{"action": "fly"}'):
            client.text(frame)
            assert (await client.message(20))["type"] == "error"
        client.bytes(b"x")
        assert (await client.message(20))["payload"][0]["type"] == "binary_frame"
    assert [drift.direction for drift in middleware.drifts] == ["in"] * 6


async def test_a_serializer_that_asks_the_database_does_so_in_its_thread() -> None:
    class Naming(Sees, ContractDispatchMixin, AsyncJsonWebsocketConsumer):
        @document_action(payload=Named)
        async def handle_name(self, serializer: Named) -> None:
            await database_sync_to_async(serializer.save)()
            await self.send_json({"type": "seen", "what": serializer.data["name"]})

    async with connected(Naming.as_asgi()) as client:
        assert await ask(client, "name", name="drivers") == {"type": "seen", "what": "drivers"}
        answer = await ask(client, "name", name="drivers")
        assert [(each["loc"], each["type"]) for each in answer["payload"]] == [(["name"], "unique")]


async def test_a_middleware_tells_of_closing_and_the_consumer_ends_as_ever() -> None:
    class Wrong(Sees, ContractDispatchMixin, AsyncJsonWebsocketConsumer):
        ended = False

        @document_action
        async def handle_go(self) -> None:
            await self.send_json({"type": "nowhere"})
            await self.send_json({"type": "seen", "what": ""})

        async def disconnect(self, code: int) -> None:
            Wrong.ended = True

    async with connected(ContractMiddleware(Wrong.as_asgi())) as client:
        client.text('{"action": "go"}')
        assert (await client.frame())["code"] == 1011
    assert Wrong.ended


async def test_an_override_may_answer_in_another_form_and_look_at_what_comes_first() -> None:
    class Own(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
        async def receive_json(self, content: Any, **kwargs: Any) -> None:
            if content == "hello":
                await self.send_json({"type": "problem", "places": ["hello"]})
            else:
                await super().receive_json(content, **kwargs)

        @document_event("problem", payload={"properties": {"places": {"type": "array"}}, "required": ["places"]})
        async def answer_invalid(self, errors: Any) -> None:
            await self.send_json({"type": "problem", "places": [each["loc"] for each in errors]})

    middleware = ContractMiddleware(Own.as_asgi())
    async with connected(middleware) as client:
        client.text('{"action": "fly"}')
        assert await client.message() == {"type": "problem", "places": [[]]}
        client.text('"hello"')
        assert await client.message() == {"type": "problem", "places": ["hello"]}
    assert [event.name for event in contract_of(Own).events] == ["problem"]


def test_the_document_has_the_error_answer(official_parser: Any) -> None:
    document = AsyncAPIGenerator(Consumer, channel_path="/ws/").get_spec()
    assert document["components"]["messages"]["Error"]["payload"]["required"] == ["type", "payload"]
    official_parser.check(document)


class Base(Sees, ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    pass


def expect(match: str) -> Any:
    return pytest.raises(TypeError, match=match)


def test_a_sync_method_of_an_async_consumer_is_an_error() -> None:
    with expect(r"Bad\.handle_x is a sync method of an async consumer; write `async def handle_x`"):

        class Bad(Base):
            @document_action
            def handle_x(self) -> None: ...


def test_an_async_method_of_a_sync_consumer_is_an_error() -> None:
    with expect(r"Bad\.handle_x is an async method of a sync consumer.*write `def handle_x`"):

        class Bad(ContractDispatchMixin, JsonWebsocketConsumer):
            @document_action
            async def handle_x(self) -> None: ...


def test_a_generator_is_an_error() -> None:
    with expect(r"Bad\.handle_x is a generator"):

        class Bad(Base):
            @document_action
            async def handle_x(self) -> Any:
                yield {}


def test_a_method_without_a_parameter_for_its_payload_is_an_error() -> None:
    with expect(r"write `async def handle_x\(self, payload\)`"):

        class Bad(Base):
            @document_action(payload=Ride)
            async def handle_x(self) -> None: ...


def test_a_method_that_wants_more_is_an_error() -> None:
    with expect("wants 'other' besides the payload"):

        class Bad(Base):
            @document_action(payload=Ride)
            async def handle_x(self, payload: Ride, other: int) -> None: ...

    with expect("wants 'other' besides the payload"):

        class Worse(Base):
            @document_action(payload=Ride)
            async def handle_x(self, payload: Ride, *, other: int) -> None: ...


@pytest.mark.parametrize(
    ("payload", "annotation", "said"),
    [
        (Ride, dict[str, Any], "is annotated with dict, but is given Ride; write `payload: Ride`"),
        (Ride, Cancel, "is annotated with Cancel, but is given Ride"),
        (SCHEMA, Ride, r"is annotated with Ride, but is given dict\[str, Any\]"),
        (Accept, Ride, "is annotated with Ride, but is given what Accept validated; write `payload: dict"),
        (Accept, Named, "but is given what Accept validated"),
        (Where, Ride, "is annotated with Ride, but is given Where"),
        (Accept(many=True), list[Any], "declares a list of ListSerializer; an action is an object"),
        (list[int], list[int], "the payload of 'x' is no object"),
        (object(), Any, "is an instance, not a type"),
    ],
)
def test_a_payload_that_does_not_fit_its_method_is_an_error(payload: Any, annotation: Any, said: str) -> None:
    async def handle_x(self: Any, payload: Any) -> None: ...

    handle_x.__annotations__ = {"payload": annotation}
    with expect(said):
        type("Bad", (Base,), {"handle_x": document_action(payload=payload)(handle_x)})


class HasFare(Protocol):
    fare: Decimal


@pytest.mark.parametrize(
    ("payload", "annotation", "seen"),
    [
        (Where, dict[str, Any], {"x": 1}),
        (Where, Mapping[str, Any], {"x": 1}),
        (Where, Where, {"x": 1}),
        (Ride, HasFare, Ride(Decimal("2"))),
        (Ride, object, Ride(Decimal("2"))),
        (Ride, Ride | None, Ride(Decimal("2"))),
    ],
)
async def test_a_method_may_be_annotated_with_what_its_payload_is_as_well(
    payload: Any, annotation: Any, seen: Any
) -> None:
    async def handle_x(self: Any, payload: Any) -> None:
        await self.saw(payload)

    handle_x.__annotations__ = {"payload": annotation}
    consumer = type("Own", (Consumer,), {"handle_x": document_action(payload=payload)(handle_x)})
    async with connected(consumer.as_asgi()) as client:
        assert await ask(client, "x", x=1, fare=2) == {"type": "seen", "what": repr(seen)}


def test_routing_by_hand_beside_it_is_an_error() -> None:
    with expect(r"Bad\.receive_json takes messages by hand"):

        class Bad(Base):
            async def receive_json(self, content: Any, **_: Any) -> None: ...


def test_the_wrong_order_of_base_classes_is_an_error() -> None:
    with expect("write it first among the base classes"):

        class Bad(AsyncJsonWebsocketConsumer, ContractDispatchMixin):
            pass


def test_typed_consumers_and_typed_handlers_are_errors() -> None:
    with expect("is a typed consumer, which routes by itself"):

        class Bad(ContractDispatchMixin, websocket.AsyncJsonWebsocketConsumer):
            pass

    with expect(r"Worse has @ws_handler on handle_ping, but it derives from channels\.generic\.websocket"):

        class Worse(Base):
            @ws_handler
            async def handle_ping(self, message: PingMessage) -> PongMessage: ...


def test_a_decorated_method_that_was_replaced_by_something_else_is_an_error() -> None:
    class Parent(Base):
        @document_action
        async def handle_x(self) -> None: ...

    with expect("is no method any more"):
        type("Bad", (Parent,), {"handle_x": 7})


async def test_a_message_that_quotes_its_input_is_bounded() -> None:
    class Quoting(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def check(cls, value: str) -> str:
            raise ValueError(f"{value} is taken")

    class Own(Base):
        @document_action(payload=Quoting)
        async def handle_x(self, payload: Quoting) -> None: ...

    async with connected(Own.as_asgi()) as client:
        answer = await ask(client, "x", name="x" * 10_000)
        assert len(answer["payload"][0]["msg"]) == 300


class Halt(serializers.Serializer):
    validated = 0
    number = serializers.IntegerField()

    def run_validation(self, data: Any = serializers.empty) -> Any:
        type(self).validated += 1
        return super().run_validation(data)


class Journey(serializers.Serializer):
    stops = Halt(many=True, required=False)
    numbers = serializers.ListField(child=serializers.IntegerField(), required=False)
    named = serializers.DictField(child=Halt(), required=False)


class JourneyConsumer(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    max_frame_bytes = 100_000
    max_depth = 8

    @document_action(action="route", payload=Journey)
    async def handle_route(self, payload: dict[str, Any]) -> None: ...

    @document_action(
        action="schema",
        payload={
            "type": "object",
            "properties": {"x": {"anyOf": [{"items": {"type": "string"}, "type": "array"}, {"type": "null"}]}},
        },
    )
    async def handle_schema(self, payload: dict[str, Any]) -> None: ...


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"stops": [{}] * 5000}, ["stops", "number"]),
        ({"numbers": ["x"] * 5000}, ["numbers"]),
        ({"named": {str(number): {} for number in range(5000)}}, ["named", "number"]),
    ],
)
async def test_of_thousands_of_items_that_a_serializer_refuses_the_first_is_told(fields: Any, place: list[str]) -> None:
    Halt.validated = 0
    async with connected(JourneyConsumer.as_asgi()) as client:
        client.text(json.dumps({"action": "route", **fields}))
        (error,) = (await client.message())["payload"]
    assert error["loc"] == place
    assert Halt.validated <= 1


async def test_of_few_items_that_a_serializer_refuses_each_is_told() -> None:
    async with connected(JourneyConsumer.as_asgi()) as client:
        client.text(json.dumps({"action": "route", "stops": [{}, {"number": 1}, {"number": "x"}]}))
        found = (await client.message())["payload"]
    assert [each["loc"] for each in found] == [["stops", 0, "number"], ["stops", 2, "number"]]


async def test_of_thousands_of_values_that_no_branch_of_a_schema_takes_the_place_is_told() -> None:
    async with connected(JourneyConsumer.as_asgi()) as client:
        client.text(json.dumps({"action": "schema", "x": [1] * 5000}))
        (error,) = (await client.message())["payload"]
    assert error == {"loc": ["x"], "msg": "Input should have one of the declared forms", "type": "anyOf"}


async def test_a_frame_that_is_too_long_closes_and_one_that_is_too_deep_is_answered() -> None:
    async with connected(JourneyConsumer.as_asgi()) as client:
        for depth in (7, 8):
            client.text('{"action": "schema", "y": ' + "[" * depth + "]" * depth + "}" + " " * 20)
        (error,) = (await client.message())["payload"]
        assert error["type"] == "too_deep"
        client.text(json.dumps({"action": "schema", "x": "é" * 50_000}, ensure_ascii=False))
        client.text('{"action": "unknown"}')  # was there already, and a server takes nothing more after a close
        client.bytes(b"")
        frame = await client.frame()
        assert (frame["type"], frame["code"]) == ("websocket.close", 1009)
        await client.disconnect(1009)
        assert client.outbox.empty()


async def test_the_limits_of_the_project_are_those_of_the_mixin(settings: Any) -> None:
    class ByProject(JourneyConsumer):
        max_frame_bytes = None
        max_depth = None

    settings.CHANSPEC = {"MAX_FRAME_BYTES": 200, "MAX_DEPTH": 3}
    async with connected(ByProject.as_asgi()) as client:
        client.text('{"action": "schema", "y": [[[[]]]]}')
        assert (await client.message())["payload"][0]["type"] == "too_deep"
        client.text(json.dumps({"action": "schema", "y": "a" * 200}))
        assert (await client.frame())["code"] == 1009
        await client.disconnect(1009)
