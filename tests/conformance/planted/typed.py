"""Typed consumers, each with one drift from its document; the base is Django's or FastAPI's."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from tests.conformance.planted.registry import Registry

planted = Registry()


class Item(BaseModel):
    name: str = Field(max_length=40)
    count: int
    price: float = Field(default=1.0, ge=0, le=1000)
    note: str | None = None
    tags: list[str] = Field(default=[], max_length=5)
    parts: list[Item] = Field(default=[], max_length=3)


class Order(BaseMessage):
    action: Literal["order"] = "order"
    payload: Item


class OrderedPayload(BaseModel):
    id: int
    name: str


class Ordered(BaseMessage):
    action: Literal["ordered"] = "ordered"
    payload: OrderedPayload


def ordered(message: Order) -> Ordered:
    return Ordered(payload=OrderedPayload(id=1, name=message.payload.name))


def shop(base: Any) -> Any:
    """The consumer without any drift, which the others derive from."""

    class Shop(base):
        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

        @ws_handler
        async def order(self, message: Order) -> Ordered:
            self.look_at(message.payload)
            return ordered(message)

        def look_at(self, item: Item) -> None:
            """Overridden by what fails on some items."""

    return Shop


@planted(None)
def nothing(base: Any) -> type:
    return shop(base)


@planted("undocumented message", "order")
def undocumented_event(base: Any) -> type:
    class UndocumentedEvent(shop(base)):
        @ws_handler
        async def order(self, message: Order) -> Ordered:
            await self.send_json({"action": "order_seen", "payload": {}})
            return ordered(message)

    return UndocumentedEvent


@planted("wrong message", "order")
def missing_field(base: Any) -> type:
    class MissingField(shop(base)):
        @ws_handler(output_type=Ordered)
        async def order(self, message: Order) -> None:
            await self.send_json({"action": "ordered", "payload": {"id": 1}})

    return MissingField


@planted("wrong message", "order")
def wrong_type(base: Any) -> type:
    class WrongType(shop(base)):
        @ws_handler(output_type=Ordered)
        async def order(self, message: Order) -> None:
            await self.send_json({"action": "ordered", "payload": {"id": "one", "name": "x"}})

    return WrongType


@planted("wrong message", "order")
def wrong_type_at_times(base: Any) -> type:
    class WrongTypeAtTimes(shop(base)):
        @ws_handler(output_type=Ordered)
        async def order(self, message: Order) -> None:
            name = message.payload.name or None
            await self.send_json({"action": "ordered", "payload": {"id": 1, "name": name}})

    return WrongTypeAtTimes


@planted("not JSON", "order")
def binary_answer(base: Any) -> type:
    class BinaryAnswer(shop(base)):
        @ws_handler
        async def order(self, message: Order) -> Ordered:
            await self.send(bytes_data=b"\x00\x01")
            return ordered(message)

    return BinaryAnswer


@planted("crash", "order")
def crash_on_empty_text(base: Any) -> type:
    class CrashOnEmptyText(shop(base)):
        def look_at(self, item: Item) -> None:
            item.name[0].upper()

    return CrashOnEmptyText


@planted("crash", "order")
def crash_on_zero(base: Any) -> type:
    class CrashOnZero(shop(base)):
        def look_at(self, item: Item) -> None:
            divmod(100, item.count)

    return CrashOnZero


@planted("crash", "order")
def crash_on_large_number(base: Any) -> type:
    class CrashOnLargeNumber(shop(base)):
        def look_at(self, item: Item) -> None:
            item.count.to_bytes(8, "big", signed=True)

    return CrashOnLargeNumber


@planted("crash", "order")
def crash_on_letters(base: Any) -> type:
    class CrashOnLetters(shop(base)):
        def look_at(self, item: Item) -> None:
            item.name.encode("latin-1")

    return CrashOnLetters


@planted("crash", "order")
def crash_on_absence(base: Any) -> type:
    class CrashOnAbsence(shop(base)):
        def look_at(self, item: Item) -> None:
            item.note.strip()  # type: ignore[union-attr]

    return CrashOnAbsence


@planted("crash", "order")
def crash_inside_recursion(base: Any) -> type:
    class CrashInsideRecursion(shop(base)):
        def look_at(self, item: Item) -> None:
            if any(part.parts for part in item.parts):
                raise RuntimeError("parts of parts")

    return CrashInsideRecursion


@planted("crash", "order")
def crash_on_a_combination(base: Any) -> type:
    """Found by what Hypothesis makes up only: no edge and no example has both."""

    class CrashOnACombination(shop(base)):
        def look_at(self, item: Item) -> None:
            if len(item.tags) > 1 and item.count < -5:
                raise RuntimeError("a rare combination")

    return CrashOnACombination


@planted("crash", "order")
def crash_on_the_third(base: Any) -> type:
    """One message does not show it."""

    class CrashOnTheThird(shop(base)):
        orders = 0

        def look_at(self, item: Item) -> None:
            self.orders += 1
            if self.orders == 3:
                raise RuntimeError("sold out")

    return CrashOnTheThird


@planted("no reply", "order")
def no_reply(base: Any) -> type:
    class NoReply(shop(base)):
        @ws_handler
        async def order(self, message: Order) -> Ordered:
            return None  # type: ignore[return-value]

    return NoReply


@planted("no reply", "order")
def no_reply_at_times(base: Any) -> type:
    class NoReplyAtTimes(shop(base)):
        @ws_handler
        async def order(self, message: Order) -> Ordered:
            return ordered(message) if message.payload.price else None  # type: ignore[return-value]

    return NoReplyAtTimes


@planted("does not work afterwards", "order")
def stuck(base: Any) -> type:
    class Stuck(shop(base)):
        @ws_handler
        async def order(self, message: Order) -> Ordered:
            if message.payload.price > 1:
                await asyncio.Event().wait()
            return ordered(message)

    return Stuck


@planted("closed")
def closes_on_invalid(base: Any) -> type:
    class ClosesOnInvalid(shop(base)):
        async def handle_validation_error(self, error: ValidationError) -> None:
            await self.close(4000, "go away")

    return ClosesOnInvalid


@planted("closed")
def policy_violation_on_invalid(base: Any) -> type:
    """The code that servers also close with on clients that are too fast."""

    class PolicyViolationOnInvalid(shop(base)):
        async def handle_validation_error(self, error: ValidationError) -> None:
            await self.close(1008)

    return PolicyViolationOnInvalid


@planted("invalid accepted")
def ignores_invalid(base: Any) -> type:
    class IgnoresInvalid(shop(base)):
        async def handle_validation_error(self, error: ValidationError) -> None:
            """Silence is no answer."""

    return IgnoresInvalid


def _is_even(number: int) -> int:
    if number % 2:
        raise ValueError("odd")
    return number


def _hide_rules(schema: dict[str, Any]) -> None:
    del schema["x-rules"]


class Pair(BaseModel):
    count: Annotated[int, AfterValidator(_is_even), Field(json_schema_extra=_hide_rules)]


class Pairs(BaseMessage):
    action: Literal["pairs"] = "pairs"
    payload: Pair


@planted("valid refused", "pairs")
def undocumented_rule(base: Any) -> type:
    class UndocumentedRule(shop(base)):
        @ws_handler
        async def pairs(self, message: Pairs) -> PongMessage:
            return PongMessage()

    return UndocumentedRule


@planted("crash")
def crash_when_left(base: Any) -> type:
    class CrashWhenLeft(shop(base)):
        async def disconnect(self, code: int) -> None:
            raise RuntimeError("cannot say good-bye")

    return CrashWhenLeft


@planted("undocumented message")
def undocumented_greeting(base: Any) -> type:
    class UndocumentedGreeting(shop(base)):
        async def post_authentication(self) -> None:
            await self.send_json({"action": "welcome"})

    return UndocumentedGreeting
