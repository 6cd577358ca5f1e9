"""Servers that refuse what only they can know keep their documents; what the schema does say is tested all the same."""

from __future__ import annotations

import copy
import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from channels.generic.websocket import JsonWebsocketConsumer
from fastapi import FastAPI
from pydantic import AfterValidator, BaseModel, Field, FutureDate, Json, PastDate, model_validator
from rest_framework import serializers
from starlette.routing import WebSocketRoute

from chanspec import document_action
from chanspec.channels.dispatch import ContractDispatchMixin
from chanspec.conformance import check
from chanspec.decorators import ws_handler
from chanspec.discovery import document_of
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.conformance.conftest import django_app

QUICK: Any = {"max_examples": 30, "max_seconds": 120.0, "reply_seconds": 20.0}
pytestmark = pytest.mark.timeout(300)


def refuse(value: Any) -> Any:
    raise ValueError("never")


class Mixed(Enum):
    A = "a"
    B = 1


class Order(BaseModel):
    name: str = Field(max_length=2)
    price: Annotated[Decimal, Field(ge=0, max_digits=5, decimal_places=2)]
    born: PastDate
    due: FutureDate
    numbers: Json[list[int]]
    point: complex
    stock: dict[Mixed, int] = {}
    first: int
    last: int

    @model_validator(mode="after")
    def check_order(self) -> Order:
        if self.first > self.last:
            raise ValueError("the last comes first")
        return self


class OrderMessage(BaseMessage):
    action: Literal["order"] = "order"
    payload: Order


class Ordered(BaseMessage):
    action: Literal["ordered"] = "ordered"
    payload: Order
    at: datetime.time = datetime.time(12)  # without an offset, as Python writes it
    day: datetime.datetime = datetime.datetime(2026, 1, 1)


class NeverMessage(BaseMessage):
    action: Literal["never"] = "never"
    payload: Annotated[str, AfterValidator(refuse)]


class ManyMessage(BaseMessage):
    action: Literal["many"] = "many"
    payload: list[Annotated[str, AfterValidator(refuse)]] = Field(min_length=25)


class ShopConsumer(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler
    async def handle_order(self, message: OrderMessage) -> Ordered:
        return Ordered(payload=message.payload)

    @ws_handler
    async def handle_never(self, message: NeverMessage) -> PongMessage:
        return PongMessage()

    @ws_handler
    async def handle_many(self, message: ManyMessage) -> PongMessage:  # more mistakes than are listed in an answer
        return PongMessage()


app = FastAPI(routes=[WebSocketRoute("/ws/shop", ShopConsumer.as_asgi())])


def test_a_server_that_keeps_rules_beside_its_schemas_is_right_and_what_was_not_reached_is_said() -> None:
    report = check(app, **QUICK)
    assert report.findings == [], str(report)
    assert report.notes == [
        "ShopConsumer, never: every valid message was refused by rules that its schema cannot state "
        "(payload: Value error, never): how it is handled was not tried",
        "ShopConsumer, many: every valid message was refused by rules that its schema cannot state "
        "(payload.0: Value error, never): how it is handled was not tried",
    ]


def test_rules_of_one_field_excuse_no_refusal_of_another() -> None:
    document = copy.deepcopy(document_of(app))
    order = document["components"]["schemas"]["Order"]
    assert order["properties"]["name"].pop("maxLength") == 2
    assert order.pop("x-rules")  # they are of all the fields together
    report = check(app, document=document, only=["order"], **QUICK)
    assert [each.kind for each in report.findings if "payload.name" in each.what] == ["valid refused"], str(report)


def test_a_server_that_keeps_less_than_its_schema_says_is_found_beside_rules() -> None:
    document = copy.deepcopy(document_of(app))
    document["components"]["schemas"]["Order"]["properties"]["last"]["minimum"] = 100
    report = check(app, document=document, only=["order"], **{**QUICK, "max_examples": 150})
    assert {each.kind for each in report.findings} == {"invalid accepted"}, str(report)


class Room(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=20)
    price = serializers.DecimalField(max_digits=4, decimal_places=2, coerce_to_string=False)
    length = serializers.DurationField()
    slug = serializers.SlugField(allow_unicode=True)
    path = serializers.FilePathField(path="/", required=False)
    colours = serializers.MultipleChoiceField(choices=["red", "blue"])
    day = serializers.DateField(input_formats=["%d.%m.%Y"])
    guests = serializers.IntegerField()

    def validate_guests(self, value: int) -> int:
        if value % 2:
            raise serializers.ValidationError("odd")
        return value


class BookingConsumer(ContractDispatchMixin, JsonWebsocketConsumer):
    @document_action(action="ping", responses={"pong": {}})
    def handle_ping(self, payload: Any) -> None:
        self.send_json({"type": "pong"})

    @document_action(action="book", payload=Room, responses={"booked": {"guests": "integer"}})
    def handle_book(self, payload: dict[str, Any]) -> None:
        assert isinstance(payload["price"], Decimal)
        self.send_json({"type": "booked", "guests": payload["guests"]})


def test_a_serializer_that_checks_more_than_its_schema_says_is_right() -> None:
    report = check(django_app(BookingConsumer), **QUICK)
    assert report.findings == [], str(report)
    assert report.notes == []
