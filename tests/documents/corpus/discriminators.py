"""Typed consumers whose messages are named by another field than ``action``, chanspec's own messages among them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, ErrorMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer


class Order(BaseModel):
    order_id: int
    extra_notes: dict[str, Any] = {}


class Place(BaseMessage):
    """Places an order."""

    message_kind: Literal["place"] = "place"
    payload: Order


class Placed(BaseMessage):
    message_kind: Literal["placed"] = "placed"
    payload: Order


class SealedPing(PingMessage):
    """A ping that takes no other fields."""

    model_config = ConfigDict(extra="forbid")

    sent_at: int


class Shipped(BaseChannelEvent):
    handler: Literal["shipped"] = "shipped"
    payload: Order


@channel(name="orders")
class Orders(Consumer[Any]):
    discriminator_field = "message_kind"
    passthrough_events = [PongMessage]

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage: ...

    @ws_handler
    async def handle_place(self, message: Place) -> Placed | ErrorMessage: ...

    @event_handler
    async def on_shipped(self, event: Shipped) -> Placed: ...


@channel(name="camelized")
class Camelized(Orders):
    camelize = True

    @ws_handler
    async def handle_ping(self, message: SealedPing) -> PongMessage: ...


DOCUMENTS = {"discriminators": {"consumers": [(Orders, "/ws/orders/"), (Camelized, "/ws/camelized/")]}}
