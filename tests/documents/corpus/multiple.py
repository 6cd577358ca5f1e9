"""Several consumers in one document: equal names of messages, types and channels, inheritance, path parameters."""

from __future__ import annotations

from pydantic import BaseModel

from chanspec import document_action, document_event
from chanspec.asyncapi.addresses import Parameter, build
from tests.documents.corpus import dispatch


class Payload(BaseModel):
    """What a notification carries."""

    text: str
    parts: list[Part] = []


class Part(BaseModel):
    text: str


class RidePart(BaseModel):
    stop: int


class RidePayload(BaseModel):
    parts: list[RidePart]


RidePart.__name__ = RidePart.__qualname__ = "Part"
RidePayload.__name__ = RidePayload.__qualname__ = "Payload"
RidePart.model_rebuild(force=True)
RidePayload.model_rebuild(force=True)


class Base:
    """Never served itself."""

    @document_action(summary="Ping", responses={"pong": None})
    async def handle_ping(self) -> None: ...

    @document_event("error", payload={"properties": {"detail": {"type": "string"}}, "required": ["detail"]})
    async def error(self) -> None: ...


class RideConsumer(Base):
    """Rides."""

    @document_action(summary="Ping, with a ride", responses={"pong": {"ride_id": "uuid"}})
    async def handle_ping(self) -> None: ...

    @document_action(payload=RidePayload)
    async def handle_send(self) -> None: ...

    @document_event("sent", payload=RidePayload)
    async def sent(self) -> None: ...


class NotifConsumer(Base):
    @document_action(payload=Payload)
    async def handle_send(self) -> None: ...

    @document_event("sent", payload=Payload)
    async def sent(self) -> None: ...


DOCUMENTS = {
    "multiple": {
        "consumers": [(RideConsumer, "/ws/rides/"), (NotifConsumer, "/ws/notifications/")],
        "info": {"title": "All Consumers", "version": "1.0.0"},
    },
    "same-names": {
        "consumers": [
            (RideConsumer, "/ws/a/chat/"),
            (NotifConsumer, "/ws/b/chat/"),
            (NotifConsumer, "/ws/b/chat"),
            (dispatch.DispatchConsumer, "/"),
        ],
        "query_param": "token",
    },
    "parameters": {
        "consumers": [
            (RideConsumer, "/ws/rides/{ride_id:uuid}/"),
            (NotifConsumer, "/ws/<int:year>/<slug:slug>/"),
            (NotifConsumer, build(["/ws/", Parameter("raum", {"type": "string", "pattern": "^[a-z]+$"}, "A room.")])),
        ],
        "perspective": "client",
    },
}
