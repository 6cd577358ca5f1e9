"""Any text and bytes, through all that takes frames: no exception leaves it, and no client writes a traceback."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any, Literal

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from rest_framework import serializers

from chanspec import document_action, document_event
from chanspec.channels.dispatch import ContractDispatchMixin
from chanspec.decorators import ws_handler
from chanspec.enforcement import ContractMiddleware
from chanspec.messages import BaseMessage
from chanspec.runtime.consumer import Consumer
from tests.multiplied import A, B, C
from tests.runtime.driver import connected

pytestmark = pytest.mark.django_db(transaction=True)

ANY_OBJECT: dict[str, Any] = {"type": "object", "properties": {"x": {"anyOf": [{"type": "array"}, {"type": "number"}]}}}


class Payload(BaseModel):
    ratio: float = 0
    names: dict[str, float] = {}
    kinds: list[A | B | C] = []
    anything: Any = None


class Send(BaseMessage):
    action: Literal["send"] = "send"
    payload: Payload


class Sent(BaseMessage):
    action: Literal["sent"] = "sent"
    payload: Any


class Typed(Consumer):
    @ws_handler
    async def handle_send(self, message: Send) -> Sent:
        return Sent(payload=message.payload)


class ByReceiveJson(Typed):
    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)


class ByDecodeJson(Typed):
    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        return json.loads(text_data)


class ByReceive(Typed):
    async def receive(self, *arguments: Any, **options: Any) -> None:
        await super().receive(*arguments, **options)


class Item(serializers.Serializer[Any]):
    number = serializers.IntegerField()


class Order(serializers.Serializer[Any]):
    items = Item(many=True, required=False)
    numbers = serializers.ListField(child=serializers.FloatField(), required=False)


class Declared:
    @document_action(action="send", payload=Payload)
    async def handle_send(self, payload: Any) -> None:
        await self.send_json({"type": "sent"})  # type: ignore[attr-defined]

    @document_action(action="schema", payload=ANY_OBJECT)
    async def handle_schema(self, payload: Any) -> None:
        await self.send_json({"type": "sent", "x": payload.get("x")})  # type: ignore[attr-defined]

    @document_action(action="none")
    async def handle_none(self) -> None:
        await self.send_json({"type": "sent"})  # type: ignore[attr-defined]

    @document_event("sent")
    async def sent(self, event: Any) -> None: ...


class Dispatching(ContractDispatchMixin, Declared, AsyncJsonWebsocketConsumer):
    @document_action(action="order", payload=Order)
    async def handle_order(self, payload: Any) -> None:
        await self.send_json({"type": "sent"})


class Plain(Declared, AsyncJsonWebsocketConsumer):
    """Takes frames by hand, and answers each."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        await self.send_json({"type": "sent"})


APPLICATIONS: dict[str, Callable[[], Any]] = {
    "typed": Typed.as_asgi,
    "typed, receive_json": ByReceiveJson.as_asgi,
    "typed, decode_json": ByDecodeJson.as_asgi,
    "typed, receive": ByReceive.as_asgi,
    "typed, in the middleware": lambda: ContractMiddleware(Typed.as_asgi()),
    "mixin": Dispatching.as_asgi,
    "mixin, in the middleware": lambda: ContractMiddleware(Dispatching.as_asgi()),
    "plain, error": lambda: ContractMiddleware(Plain.as_asgi(), "error"),
    "plain, warn": lambda: ContractMiddleware(Plain.as_asgi(), "warn"),
    "plain, off": lambda: ContractMiddleware(Plain.as_asgi(), "off"),
}

NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400 + ".0", "9" * 5000, '"NaN"', '"inf"', "1e-999")
NAMES = ("send", "schema", "none", "order")
STRINGS = (r'"\ud800"', r'"\udc00\ud800"', r'"\u0000"', '"\x00"', '"é"', r'"\uD83D\uDE00"')
PIECES = st.sampled_from(
    [
        *NUMBERS,
        *STRINGS,
        *'[]{},:" \\',
        "{}",
        "[]",
        '"a":',
        '"x":',
        '"payload":',
        '"action":"send"',
        "null",
        "true",
        "[" * 900,
    ]
)
VALUES = st.recursive(
    PIECES.filter(lambda piece: len(piece) > 3 and piece[-1] != ":")
    | st.integers().map(str)
    | st.text().map(json.dumps),
    lambda inner: (
        st.lists(inner).map(lambda values: f"[{','.join(values)}]")
        | st.lists(st.tuples(st.text(max_size=3) | st.sampled_from(["ratio", "names", "kinds", "items"]), inner)).map(
            lambda pairs: "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in pairs) + "}"
        )
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(["payload", "x", "ratio", "names", "kinds", "anything", "items", "numbers"])
MESSAGES = st.builds(
    lambda name, fields: "{" + ",".join([f'"action":"{name}"', *(f'"{key}":{value}' for key, value in fields)]) + "}",
    st.sampled_from(NAMES),
    st.lists(st.tuples(FIELDS, VALUES), max_size=3),
)
FRAMES = st.binary(max_size=50) | st.text(max_size=50) | st.lists(PIECES, max_size=12).map("".join) | MESSAGES

NASTY: list[str | bytes] = [
    "[" * 100_000,
    '{"action":"schema","x":' + "[" * 900 + "]" * 900 + "}",
    *(
        f'{{"action":"{name}","x":{value},"payload":{{"anything":{value}}}}}'
        for name in NAMES
        for value in (*NUMBERS, *STRINGS)
    ),
    *(f'{{"action":{value}}}' for value in (*NUMBERS, *STRINGS)),
    '{"action":"send","payload":{"kinds":[' + ",".join(["{}"] * 5000) + "]}}",
    '{"action":"order","items":[' + ",".join(["{}"] * 5000) + "]}",
    '{"action":"schema","x":{"a":' + "[" * 40 + "]" * 40 + "}}",
    '{"a":' * 200,
    "",
    b"",
]


async def exchange(app: Any, frames: list[str | bytes]) -> list[dict[str, Any]]:
    """What an application sends for some frames; it has returned without an exception."""
    async with connected(app) as client:
        for frame in frames:
            if isinstance(frame, str):
                client.text(frame)
            else:
                client.bytes(frame)
        # One for each: an answer, or an error.
        return [await client.frame() for _ in frames]


def check(name: str, frames: list[str | bytes], caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        sent = asyncio.run(exchange(APPLICATIONS[name](), frames))
    assert [each["type"] for each in sent] == ["websocket.send"] * len(frames)
    for each in sent:
        json.loads(each["text"], parse_constant=lambda constant: pytest.fail(f"{constant} was sent"))
        assert len(each["text"]) < 100_000
    assert [
        record.getMessage() for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR
    ] == []
    assert max((len(record.getMessage()) for record in caplog.records), default=0) < 1000


@pytest.mark.parametrize("name", APPLICATIONS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(frames=st.lists(FRAMES, min_size=1, max_size=5))
def test_any_frames_are_answered_without_a_traceback(
    name: str, frames: list[str | bytes], caplog: pytest.LogCaptureFixture
) -> None:
    check(name, frames, caplog)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_frames_that_once_did_harm_are_answered_without_a_traceback(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    check(name, NASTY, caplog)
