"""Consumers of both kinds that send whatever a client tells them to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer
from pydantic import BaseModel, Field
from rest_framework import serializers

from chanspec import document_action, document_event
from chanspec.channels.dispatch import ContractDispatchMixin
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.starlette import websocket


@dataclass
class Ride:
    """A plain class, whose optional field may be left out, and be null."""

    fare: Decimal
    seats: int
    note: str | None = None


class Cancel(BaseModel, extra="forbid"):
    ride_id: UUID
    reason: Literal["late", "other"] = "other"


class Accept(serializers.Serializer):
    ride_id = serializers.UUIDField()
    stars = serializers.IntegerField(min_value=1, max_value=5, required=False)


class Offer(BaseModel):
    driver: str
    minutes: int = Field(ge=1)


TELL = {"type": "object", "properties": {"frame": {"type": "string"}}, "required": ["frame"]}
ACCEPTED = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["at"],
    "additionalProperties": False,
}
RIDE = "d290f1ee-6c54-4b01-90e6-d701748f0851"


class Described:
    """Only described: ``tell`` sends the text that it holds, whatever it is."""

    @document_action(payload=TELL)
    def handle_tell(self, content: Any) -> None: ...

    @document_action(payload=Ride, responses={"ride.requested": {"ride_id": "uuid"}})
    def handle_request(self, content: Any) -> None: ...

    @document_action(action="cancel.ride", payload=Cancel)
    def handle_cancel(self, content: Any) -> None: ...

    @document_action(payload=Accept)
    def handle_accept(self, content: Any) -> None: ...

    @document_action
    def handle_hello(self, content: Any) -> None: ...

    @document_event("ride.waits", payload=Ride)
    def ride_waits(self, event: Any) -> None: ...

    @document_event("ride.offer", payload=Offer)
    def ride_offer(self, event: Any) -> None: ...

    @document_event("ride.accepted", payload=ACCEPTED)
    def ride_accepted(self, event: Any) -> None: ...

    @document_event("hello")
    def hello(self, event: Any) -> None: ...


class AnnotatedConsumer(Described, AsyncJsonWebsocketConsumer):
    """Sends what it is told, and says hello to everything else."""

    ended = 0

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        content = json.loads(text_data) if text_data and text_data[0] == "{" else {}
        await self.send(text_data=content.get("frame", '{"type": "hello"}'))

    async def disconnect(self, code: int) -> None:
        type(self).ended += 1


class SyncConsumer(Described, JsonWebsocketConsumer):
    def receive_json(self, content: Any, **_: Any) -> None:
        self.send(text_data=content.get("frame", '{"type": "hello"}'))


class Tell(BaseMessage):
    action: Literal["tell"] = "tell"
    payload: Any


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: Offer


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: Offer


class Alarm(BaseChannelEvent):
    handler: Literal["alarm"] = "alarm"
    payload: str


class Passed(BaseMessage):
    action: Literal["passed"] = "passed"
    payload: int


@channel
class TypedConsumer(websocket.AsyncJsonWebsocketConsumer):
    """Sends by ``tell`` whatever it is told, besides what it declares."""

    groups = ["enforcement"]
    passthrough_events = [Passed]
    ended = 0

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler
    async def handle_say(self, message: Say) -> Said:
        return Said(payload=message.payload)

    @ws_handler
    async def handle_tell(self, message: Tell) -> None:
        await self.send_json(message.payload)

    @event_handler
    async def handle_alarm(self, event: Alarm) -> Said:
        return Said(payload=Offer(driver=event.payload, minutes=1))

    async def disconnect(self, code: int) -> None:
        type(self).ended += 1


class DispatchingConsumer(ContractDispatchMixin, AsyncJsonWebsocketConsumer):
    """Routes by its annotations."""

    @document_action(payload=TELL)
    async def handle_tell(self, payload: dict[str, Any]) -> None:
        await self.send(text_data=payload["frame"])

    @document_action(payload=Cancel)
    async def handle_cancel(self, payload: Cancel) -> None:
        await self.send_json({"type": "hello"})

    @document_event("hello")
    async def hello(self, event: Any) -> None: ...
