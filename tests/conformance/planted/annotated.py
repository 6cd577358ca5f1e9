"""Plain consumers that are only described, each with one drift; the base is Channels' or fast-channels'."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from chanspec import document_action, document_event
from tests.conformance.planted.registry import Registry

planted = Registry()


@dataclass
class Order:
    name: Annotated[str, Field(min_length=1, max_length=40)]
    count: Annotated[int, Field(ge=1, le=9)]
    note: str | None = None


_ORDER = TypeAdapter(Order)
ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
}


def shop(base: Any) -> Any:
    """The consumer without any drift, which the others derive from."""

    class Shop(base):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
            try:
                content = json.loads(text_data or "")
            except (ValueError, RecursionError):
                await self.refuse("not JSON")
                return
            await self.receive_json(content)

        async def receive_json(self, content: Any, **_: Any) -> None:
            handlers = {"ping": self.handle_ping, "order": self.handle_order}
            action = content.get("action") if isinstance(content, dict) else None
            handler = handlers.get(action) if isinstance(action, str) else None
            if handler is None:
                await self.refuse("unknown action")
                return
            await handler(content)

        @document_action(action="ping", responses={"pong": {}})
        async def handle_ping(self, content: dict[str, Any]) -> None:
            await self.send_json({"type": "pong"})

        @document_action(action="order", payload=Order, responses={"ordered": {"name": "string", "count": "integer"}})
        async def handle_order(self, content: dict[str, Any]) -> None:
            try:
                order = self.read(content)
            except ValidationError:
                await self.refuse("wrong fields")
                return
            await self.send_json({"type": "ordered", "name": order.name, "count": order.count})

        def read(self, content: dict[str, Any]) -> Order:
            return _ORDER.validate_python({name: each for name, each in content.items() if name != "action"})

        @document_event("error", payload=ERROR)
        async def refuse(self, detail: str) -> None:
            await self.send_json({"type": "error", "detail": detail})

    return Shop


@planted(None)
def nothing(base: Any) -> type:
    return shop(base)


@planted("crash", "not-json")
def crash_on_malformed_json(base: Any) -> type:
    class CrashOnMalformedJson(shop(base)):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
            await self.receive_json(json.loads(text_data) if text_data else None)

    return CrashOnMalformedJson


@planted("crash")
def calls_whatever_is_named(base: Any) -> type:
    class CallsWhateverIsNamed(shop(base)):
        async def receive_json(self, content: Any, **_: Any) -> None:
            if not isinstance(content, dict) or not isinstance(content.get("action"), str):
                await self.refuse("unknown action")
                return
            await getattr(self, f"handle_{content['action']}")(content)

    return CallsWhateverIsNamed


@planted("crash")
def takes_fields_for_granted(base: Any) -> type:
    class TakesFieldsForGranted(shop(base)):
        def read(self, content: dict[str, Any]) -> Order:
            return super().read({"name": content["name"], **content})

    return TakesFieldsForGranted


@planted("undocumented message", "order")
def undocumented_event(base: Any) -> type:
    class UndocumentedEvent(shop(base)):
        async def send_json(self, content: Any, close: bool = False) -> None:
            if content["type"] == "ordered":
                await super().send_json({"type": "order.progress", "step": 1})
            await super().send_json(content, close)

    return UndocumentedEvent


@planted("wrong message", "order")
def missing_field(base: Any) -> type:
    class MissingField(shop(base)):
        async def send_json(self, content: Any, close: bool = False) -> None:
            await super().send_json({name: each for name, each in content.items() if name != "count"}, close)

    return MissingField


@planted("wrong message", "order")
def wrong_type(base: Any) -> type:
    class WrongType(shop(base)):
        async def send_json(self, content: Any, close: bool = False) -> None:
            await super().send_json({**content, "count": "many"} if "count" in content else content, close)

    return WrongType


@planted("no reply", "order")
def no_reply(base: Any) -> type:
    class NoReply(shop(base)):
        async def send_json(self, content: Any, close: bool = False) -> None:
            if content["type"] != "ordered":
                await super().send_json(content, close)

    return NoReply


@planted("invalid accepted", "order")
def checks_nothing(base: Any) -> type:
    class ChecksNothing(shop(base)):
        def read(self, content: dict[str, Any]) -> Order:
            return Order("thing", 1)

    return ChecksNothing


@planted("invalid accepted", "order")
def forgets_one_bound(base: Any) -> type:
    class ForgetsOneBound(shop(base)):
        def read(self, content: dict[str, Any]) -> Order:
            count = content.get("count")
            is_number = isinstance(count, int) and not isinstance(count, bool)
            return super().read({**content, "count": min(count, 9)} if is_number else content)  # type: ignore[type-var]

    return ForgetsOneBound


def listener(base: Any) -> Any:
    """Takes messages and never says anything: nothing is documented that it could answer."""

    class Listener(base):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
            with suppress(ValueError, RecursionError):
                self.take(json.loads(text_data or ""))

        def take(self, content: Any) -> None:
            """Overridden by what fails on some messages."""

        @document_action(action="order", payload=Order)
        async def handle_order(self, content: dict[str, Any]) -> None: ...

    return Listener


@planted(None)
def says_nothing(base: Any) -> type:
    return listener(base)


@planted("crash")
def says_nothing_and_crashes(base: Any) -> type:
    class SaysNothingAndCrashes(listener(base)):
        def take(self, content: Any) -> None:
            if isinstance(content, dict) and content.get("note") == "":
                raise LookupError("no note")

    return SaysNothingAndCrashes


@planted("closed")
def closes_on_invalid(base: Any) -> type:
    class ClosesOnInvalid(shop(base)):
        async def refuse(self, detail: str) -> None:
            await self.close(4000)

    return ClosesOnInvalid
