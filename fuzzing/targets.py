"""What the frames are sent to: every kind of consumer, each taking payloads of every type, and saying them back.

A message that was taken is answered by one that carries the very payload: what is let in must be fit to be sent, too.
"""

from __future__ import annotations

import asyncio
import datetime
import enum
import ipaddress
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar
from uuid import UUID

import django
from pydantic import AnyUrl, BaseModel, Field, JsonValue, StringConstraints, create_model
from pydantic_core import from_json
from typing_extensions import TypedDict

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import attrs  # noqa: E402
import msgspec  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer  # noqa: E402
from rest_framework import serializers  # noqa: E402

from chanspec.asyncapi.generator import AsyncAPIGenerator  # noqa: E402
from chanspec.channels.dispatch import ContractDispatchMixin  # noqa: E402
from chanspec.conformance.document import Channel, read  # noqa: E402
from chanspec.conformance.samples import Samples  # noqa: E402
from chanspec.conformance.schemas import Schemas  # noqa: E402
from chanspec.conformance.strategies import DEPTHS, Generator  # noqa: E402
from chanspec.decorators import document_action, document_event, ws_handler  # noqa: E402
from chanspec.enforcement import ContractMiddleware  # noqa: E402
from chanspec.messages import BaseMessage, PingMessage, PongMessage  # noqa: E402
from chanspec.runtime.authenticator import BaseAuthenticator, Credential  # noqa: E402
from chanspec.runtime.consumer import Consumer  # noqa: E402

T = TypeVar("T")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Circle(BaseModel):
    radius: float


class Square(BaseModel):
    side: float
    name: str


class Line(BaseModel):
    ends: tuple[int, int]
    kind: Literal["line"]


class Cat(BaseModel):
    pet: Literal["cat"]
    lives: int = Field(ge=1, le=9)


class Dog(BaseModel, extra="forbid"):
    pet: Literal["dog"]
    tricks: list[str]


class Node(BaseModel):
    name: str
    children: list[Node] = []


class Loose(BaseModel, extra="allow"):
    some_text: str = Field(max_length=100)


class Renamed(BaseModel):
    total_count: int = Field(alias="totalCount")


class Page(BaseModel, Generic[T]):
    items: list[T]
    next_page: int | None = None


class Place(NamedTuple):
    lat: float
    lng: float


class Meta(TypedDict):
    trace: str
    span: NotRequired[int]


@dataclass
class Ride:
    fare: Decimal
    seats: int
    note: str | None = None
    stops: list[Place] = field(default_factory=list)


TYPES: Mapping[str, Any] = {
    "nothing": None,
    "flag": bool,
    "count": int,
    "stars": Annotated[int, Field(ge=1, le=5)],
    "ratio": float,
    "text": str,
    "code": Annotated[str, StringConstraints(pattern=r"^[a-z]{2,4}-\d+$")],
    "raw": bytes,
    "fare": Decimal,
    "key": UUID,
    "moment": datetime.datetime,
    "day": datetime.date,
    "clock": datetime.time,
    "wait": datetime.timedelta,
    "colour": Colour,
    "choice": Literal["a", 1],
    "host": ipaddress.IPv4Address,
    "link": AnyUrl,
    "anything": Any,
    "json": JsonValue,
    "either": int | str,
    "maybe": float | None,
    "pair": tuple[int, str],
    "names": list[str],
    "ratios": list[float],
    "grid": list[list[list[int]]],
    "unique": set[int],
    "named": dict[str, float],
    "numbered": dict[int, list[Colour]],
    "shapes": list[Circle | Square | Line],
    "shapes_by_name": dict[str, Circle | Square | Line],
    "pets": list[Annotated[Cat | Dog, Field(discriminator="pet")]],
    "tree": Node,
    "loose": Loose,
    "renamed": Renamed,
    "page": Page[Page[int]],
    "place": Place,
    "meta": list[Meta],
    "ride": Ride,
}
"""Payloads of typed messages, by the action's name. Each is answered once, by ``took_`` and that name."""

SAID_LOOSELY = frozenset({"fare", "numbered"})
"""Types of which the document says less than they take: any text for a decimal number, any key for a whole number."""

PING, PONG = "ping", "pong"
COMPLETE = "complete"


def message(name: str, payload: Any, discriminator: str = "action") -> type[BaseMessage]:
    """A message class."""
    fields: Any = {discriminator: (Literal[name], name), "payload": (payload, ...)}
    return create_model(f"Message{name.title().replace('_', '')}", __base__=BaseMessage, **fields)


def typed(name: str, base: type = Consumer, discriminator: str = "action", **attributes: Any) -> type:
    """A typed consumer that takes every type, and some messages that are answered otherwise than once.

    Args:
        name: The class's.
        base: What it derives from, with hooks.
        discriminator: The field that names messages.
        attributes: Of the class.
    """
    concurrent = attributes.pop("concurrent", False)
    methods: dict[str, Any] = {}

    def add(name: str, function: Callable[..., Any], returns: Any, payload: Any) -> None:
        function.__annotations__ = {"message": message(name, payload, discriminator), "return": returns}
        function.__name__ = function.__qualname__ = f"handle_{name}"
        methods[f"handle_{name}"] = ws_handler(concurrent=concurrent)(function)

    def echoing(took: type[BaseMessage]) -> Callable[..., Any]:
        async def handle(self: Any, message: Any) -> Any:
            if concurrent:
                await asyncio.sleep(0)
            return took.model_construct(payload=message.payload)

        return handle

    for action, payload in TYPES.items():
        took = message(f"took_{action}", payload, discriminator)
        add(action, echoing(took), took, payload)

    streamed, first, second = (message(each, list[str], discriminator) for each in ("streamed", "first", "second"))

    async def stream(self: Any, message: Any) -> AsyncIterator[Any]:
        for _ in range(3):
            await asyncio.sleep(0)
            yield streamed.model_construct(payload=message.payload)

    async def two(self: Any, message: Any) -> Any:
        return [first.model_construct(payload=message.payload), second.model_construct(payload=message.payload)]

    async def note(self: Any, message: Any) -> None:
        return None

    add("stream", stream, AsyncIterator[streamed], list[str])
    add("two", two, list[first | second], list[str])
    add("note", note, None, dict[str, Any])

    @ws_handler
    async def ping(self: Any, message: PingMessage) -> PongMessage:
        return PongMessage()

    own = {"discriminator_field": discriminator, "log_websocket_message": False, "handle_ping": ping, **methods}
    return type(name, (base,), {"__module__": __name__, **own, **attributes})


TYPED_ANSWERS: dict[str, list[str]] = {
    **{action: [f"took_{action}"] for action in TYPES},
    "stream": ["streamed"] * 3,
    "two": ["first", "second"],
    "note": [],
    PING: [PONG],
}


class ReceivesJson(Consumer[Any]):
    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)


class DecodesJson(Consumer[Any]):
    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        return await super().decode_json(text_data)


class SendsJson(Consumer[Any]):
    async def send_json(self, content: Any, close: bool | int = False) -> None:
        await super().send_json(content, close)


class Dispatches(Consumer[Any]):
    async def dispatch(self, message: Any) -> None:
        await super().dispatch(message)


class SaysWho(BaseAuthenticator):
    credentials = [Credential("name", "query", "A name.")]

    async def authenticate(self) -> bool:
        self.user = self.get_query_param("name")
        return self.user is not None


# Described consumers


class Accept(serializers.Serializer[Any]):
    ride_id = serializers.UUIDField()
    stars = serializers.IntegerField(min_value=1, max_value=5, required=False)
    tips = serializers.ListField(child=serializers.FloatField(), required=False)
    when = serializers.DateTimeField(required=False, allow_null=True)


@attrs.define
class Car:
    plate: str
    owners: list[str] = attrs.field(factory=list)


class Trip(msgspec.Struct, rename="camel"):
    ride_id: str
    stops: list[float] = []


PLAN = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": {"anyOf": [{"type": "number"}, {"$ref": "#/$defs/step"}]}},
        "name": {"type": "string", "pattern": "^[a-z ]*$", "maxLength": 50},
        "options": {"type": "object", "additionalProperties": {"type": ["boolean", "null"]}},
    },
    "required": ["items"],
    "$defs": {
        "step": {"type": "object", "properties": {"next": {"$ref": "#/$defs/step"}}, "additionalProperties": False}
    },
}
TAKEN = {"properties": {"data": {}}}


class Shapes(BaseModel):
    shapes: list[Circle | Square | Line]


class Described:
    """Only declares. Its actions are answered by ``taken``."""

    @document_action(responses={PONG: None})
    def handle_ping(self) -> Any:
        return self.send_json({"type": PONG})  # type: ignore[attr-defined]

    @document_action(payload=PLAN, responses={"taken": TAKEN})
    def handle_plan(self, payload: Any) -> Any:
        return self.take(payload)

    @document_action(payload=Shapes, responses={"taken": TAKEN})
    def handle_shapes(self, payload: Any) -> Any:
        return self.take(payload)

    @document_action(payload=Ride, responses={"taken": TAKEN})
    def handle_ride(self, payload: Any) -> Any:
        return self.take(payload)

    @document_action(payload=Accept, responses={"taken": TAKEN})
    def handle_accept(self, payload: Any) -> Any:
        return self.take(payload)

    @document_action(payload=Car, responses={"taken": TAKEN})
    def handle_car(self, payload: Any) -> Any:
        return self.take(payload)

    @document_action(payload=Trip, responses={"taken": TAKEN})
    def handle_trip(self, payload: Any) -> Any:
        return self.take(payload)

    @document_action(payload=Meta, responses={"taken": TAKEN})
    def handle_meta(self, payload: Any) -> Any:
        return self.take(payload)

    @document_event("error", payload={"properties": {"payload": {"type": "array"}}})
    def error(self) -> None: ...

    def take(self, payload: Any) -> Any:
        # A dict is what the client sent: said back, it shows whether it was fit to be let in.
        return self.send_json(
            {"type": "taken", "data": payload if type(payload) is dict and _is_json(payload) else None}
        )  # type: ignore[attr-defined]


DESCRIBED_ANSWERS = {
    f"{each.removeprefix('handle_')}": ["taken"] for each in vars(Described) if each.startswith("handle_")
}
DESCRIBED_ANSWERS[PING] = [PONG]


def _is_json(payload: Any) -> bool:
    try:
        json.dumps(payload)
    except TypeError:  # what a serializer made of it: UUIDs and dates
        return False
    return True


def _coroutines(base: type) -> dict[str, Any]:
    """The handlers of :class:`Described` as an async consumer has them."""

    def made(function: Any) -> Any:
        async def handle(self: Any, payload: Any = None) -> None:
            await (function(self) if function.__code__.co_argcount == 1 else function(self, payload))

        handle.__name__ = function.__name__
        handle.__qualname__ = f"{base.__name__}.{function.__name__}"
        vars(handle).update(vars(function))
        return handle

    return {name: made(each) for name, each in vars(Described).items() if name.startswith("handle_")}


class ByHand(Described, AsyncJsonWebsocketConsumer):
    """Routes by hand, as a careful application does."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        try:
            content = json.loads(text_data or "")
        except (ValueError, RecursionError):
            content = None
        action = content.get("action") if isinstance(content, dict) else None
        if isinstance(action, str) and action in DESCRIBED_ANSWERS:
            await self.send_json({"type": DESCRIBED_ANSWERS[action][0]})
        else:
            await self.send_json({"type": "error", "payload": []})


Routed = type("Routed", (ContractDispatchMixin, Described, AsyncJsonWebsocketConsumer), _coroutines(Described))


class RoutedSync(ContractDispatchMixin, Described, JsonWebsocketConsumer):
    pass


@dataclass(frozen=True, eq=False)
class Target:
    """One consumer, and what is documented of it.

    Attributes:
        name: How reproductions call it.
        consumer: The class.
        app: The ASGI application.
        answers: The names of the answers to each action.
        names: The fields that name a message of the server.
        action: The field that names a message of the client.
        refuses: Whether what is not valid is refused, and not handed to the application.
        query: Of the handshake.
    """

    name: str
    consumer: type
    app: Any
    answers: Mapping[str, list[str]]
    names: tuple[str, ...] = ("action",)
    action: str = "action"
    refuses: bool = True
    query: bytes = b""

    @cached_property
    def document(self) -> dict[str, Any]:
        """Its AsyncAPI document."""
        return AsyncAPIGenerator(consumers=[(self.consumer, "/")]).get_spec()

    @cached_property
    def messages(self) -> str:
        """What the document says of its actions, as text."""
        channel, _ = self.api
        return json.dumps(
            [[each.message.schema for each in channel.actions], self.document["components"].get("schemas")]
        )

    @cached_property
    def api(self) -> tuple[Channel, Schemas]:
        """The same as a conformance run reads it."""
        api = read(self.document)
        return api.channels[0], api.schemas

    def samples(self, seed: int) -> list[Samples]:
        """What makes the messages of each action."""
        channel, schemas = self.api
        generators = [Generator(schemas, depth) for depth in DEPTHS]
        return [Samples(action, schemas, generators, seed) for action in channel.actions]

    @property
    def ping(self) -> str:
        return json.dumps({self.action: PING})

    def name_in(self, text: str) -> str | None:
        """What names a message of the server."""
        content = from_json(text)
        if isinstance(content, dict):
            return next((content[each] for each in self.names if isinstance(content.get(each), str)), None)
        return None

    def action_in(self, frame: str | bytes) -> str | None:
        """Which action a frame names, however carelessly it is read."""
        try:
            content = from_json(frame)
        except ValueError:
            try:
                content = json.loads(frame)
            except (ValueError, RecursionError):
                return None
        value = content.get(self.action) if isinstance(content, dict) else None
        return value if isinstance(value, str) else None


def _targets() -> list[Target]:
    made = []

    def add(name: str, consumer: Any, **options: Any) -> None:
        made.append(Target(name, consumer, consumer.as_asgi(), TYPED_ANSWERS, **options))

    add("typed", typed("Plain"))
    add("receive_json", typed("WithReceiveJson", ReceivesJson))
    add("decode_json", typed("WithDecodeJson", DecodesJson))
    add("send_json", typed("WithSendJson", SendsJson))
    add("dispatch", typed("WithDispatch", Dispatches))
    add("camelized", typed("Camelized", camelize=True))
    add("concurrent", typed("Concurrent", concurrent=True))
    add("kept", typed("Kept", send_message_immediately=False))
    add("completions", typed("Completing", send_completion=True))
    add("logged", typed("Logged", log_websocket_message=True))
    add("authenticated", typed("Authenticated", authenticator_class=SaysWho), query=b"name=Ada")
    add("discriminated", typed("Discriminated", discriminator="kind"), names=("kind",), action="kind")
    watched = typed("Watched")
    made.append(Target("typed, enforced", watched, ContractMiddleware(watched.as_asgi(), "error"), TYPED_ANSWERS))  # type: ignore[attr-defined]
    for mode in ("off", "warn", "error"):
        app = ContractMiddleware(ByHand.as_asgi(), mode)  # type: ignore[arg-type]
        made.append(Target(f"by hand, {mode}", ByHand, app, DESCRIBED_ANSWERS, ("type",), refuses=mode == "error"))
    made.append(Target("mixin", Routed, Routed.as_asgi(), DESCRIBED_ANSWERS, ("type",)))  # type: ignore[attr-defined]
    made.append(Target("mixin, sync", RoutedSync, RoutedSync.as_asgi(), DESCRIBED_ANSWERS, ("type",)))
    enforced = ContractMiddleware(Routed.as_asgi(), "error")  # type: ignore[attr-defined]
    made.append(Target("mixin, enforced", Routed, enforced, DESCRIBED_ANSWERS, ("type",)))
    return made


TARGETS: dict[str, Target] = {each.name: each for each in _targets()}
