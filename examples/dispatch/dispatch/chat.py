"""The chat of a ride: a typed consumer. Each message is a class; chanspec routes, validates and documents them.

Compare :mod:`dispatch.consumers`, whose consumers do that themselves and are only described.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from chanspec.channels.authenticator import DjangoAuthenticator
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import channel, ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from pydantic import BaseModel, Field
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission, IsAuthenticated

from dispatch.models import ChatLine, Offer, Ride

LATEST = 50
MINUTE = 0.2  # seconds: the demonstration's drivers are fast

# ---- messages ------------------------------------------------------------------------------------------


class Line(BaseModel):
    """Something that was said."""

    author: str
    text: str
    sent_at: datetime


class SayPayload(BaseModel):
    text: str = Field(min_length=1, max_length=500)


class Say(BaseMessage):
    """Says something to the other one."""

    action: Literal["say"] = "say"
    payload: SayPayload


class Said(BaseMessage):
    """Somebody said something, perhaps oneself."""

    action: Literal["said"] = "said"
    payload: Line


class History(BaseMessage):
    """Asks what was said before."""

    action: Literal["history"] = "history"
    payload: None = None


class HistoryLines(BaseMessage):
    """What was said before, oldest first."""

    action: Literal["history_lines"] = "history_lines"
    payload: list[Line] = Field(max_length=LATEST)


class Typing(BaseMessage):
    """One begins to type; the other one is told."""

    action: Literal["typing"] = "typing"
    payload: None = None


class IsTyping(BaseMessage):
    """The other one types."""

    action: Literal["is_typing"] = "is_typing"
    payload: str = Field(description="Who types.")


class Track(BaseMessage):
    """Asks where the driver is, until the driver is there."""

    action: Literal["track"] = "track"
    payload: None = None


class TrackedPayload(BaseModel):
    minutes_left: int = Field(ge=0)


class Tracked(BaseMessage):
    """How long the driver still needs."""

    action: Literal["tracked"] = "tracked"
    payload: TrackedPayload


class ArrivedPayload(BaseModel):
    ride_id: UUID
    driver_name: str


class Arrived(BaseMessage):
    """The driver is at the pickup address."""

    action: Literal["arrived"] = "arrived"
    payload: ArrivedPayload


# ---- who may come in -----------------------------------------------------------------------------------


class HandshakeAuthentication(SessionAuthentication):
    """Whoever the middleware found, by the session cookie or by a token in the query."""

    def authenticate_header(self, request: Any) -> str:
        return "Session"  # with a challenge, strangers are 401 rather than 403


class IsOfTheRide(BasePermission):
    """The rider, and the driver whose offer was accepted."""

    message = "This is not a ride of yours."

    def has_object_permission(self, request: Any, view: Any, obj: Ride) -> bool:
        return request.user.pk in (obj.rider_id, obj.driver and obj.driver.user_id)


class RideAuthenticator(DjangoAuthenticator):
    """Looks the ride of the address up, as a REST endpoint would."""

    authentication_classes = [HandshakeAuthentication]
    permission_classes = [IsAuthenticated, IsOfTheRide]
    queryset = Ride.objects.select_related("driver__user")
    lookup_url_kwarg = "ride_id"
    obj: Ride


# ---- the consumer --------------------------------------------------------------------------------------


@channel(name="ride_chat", description="A rider and the driver who comes talk.", tags=["chat"])
class RideChatConsumer(AsyncJsonWebsocketConsumer[Arrived]):
    authenticator_class = RideAuthenticator
    authenticator: RideAuthenticator
    # Sent by the view `arrived`, and passed on as it is.
    passthrough_events = [Arrived]

    async def post_authentication(self) -> None:
        self.groups.append(chat_group(self.authenticator.obj.pk))
        await self.channel_layer.group_add(self.groups[-1], self.channel_name)

    @ws_handler(summary="Check that the connection is alive", tags=["connection"])
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(summary="Say something", output_type=Said)
    async def say(self, message: Say) -> None:
        line = await ChatLine.objects.acreate(ride=self.authenticator.obj, author=self.user, text=message.payload.text)
        await self.broadcast_message(Said(payload=shown(line)))

    @ws_handler(summary="List what was said before")
    async def history(self, message: History) -> HistoryLines:
        newest = ChatLine.objects.filter(ride=self.authenticator.obj).select_related("author")[:LATEST]
        return HistoryLines(payload=[shown(line) async for line in newest][::-1])

    @ws_handler(summary="Tell the other one that you type", output_type=IsTyping)
    async def typing(self, message: Typing) -> None:
        await self.broadcast_message(IsTyping(payload=name_of(self.user)), exclude_current=True)

    # Each message is sent as it is yielded. The chat goes on meanwhile, and leaving it ends this.
    @ws_handler(summary="Follow the driver", concurrent=True)
    async def track(self, message: Track) -> AsyncIterator[Tracked]:
        ride = self.authenticator.obj
        offer = await Offer.objects.filter(ride=ride, driver=ride.driver).afirst()
        for left in range(offer.eta_minutes if offer else 0, -1, -1):
            yield Tracked(payload=TrackedPayload(minutes_left=left))
            await asyncio.sleep(MINUTE)


def tell_arrived(ride: Ride) -> None:
    """Tell both, from code that has no event loop: a view, a task, a command."""
    assert ride.driver is not None
    event = Arrived(payload=ArrivedPayload(ride_id=ride.pk, driver_name=ride.driver.name))
    RideChatConsumer.broadcast_event_sync(event, groups=[chat_group(ride.pk)])


def chat_group(ride_id: UUID) -> str:
    return f"chat.{ride_id}"


def shown(line: ChatLine) -> Line:
    return Line(author=name_of(line.author), text=line.text, sent_at=line.sent_at)


def name_of(user: Any) -> str:
    return str(user.get_full_name() or user.get_username())
