"""The Dispatch API of the reference: all four kinds of payload, as its users write them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Optional
from uuid import UUID

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from pydantic import BaseModel
from rest_framework import serializers

from chanspec import document_action, document_event


@dataclass
class RequestRidePayload:
    pickup_address: str
    fare: Decimal
    passenger_count: int
    note: Optional[str] = None  # noqa: UP045 - as the reference writes it


class AcceptOfferSerializer(serializers.Serializer):
    ride_id = serializers.UUIDField()
    driver_id = serializers.UUIDField()


class RideOfferPayload(BaseModel):
    ride_id: UUID
    driver_name: str
    eta_minutes: int


class DispatchConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        if not self.scope["user"].is_authenticated:
            await self.close(code=4401)
            return
        await self.accept()

    @document_action(
        summary="Request a ride",
        description="Rider sends pickup details to start dispatch.",
        payload=RequestRidePayload,
        responses={"ride.requested": {"ride_id": "uuid"}},
        tags=["rides"],
        examples=[
            {
                "name": "Cash ride",
                "summary": "Standard cash pickup",
                "payload": {
                    "action": "request_ride",
                    "pickup_address": "23 Marina Rd, Lagos",
                    "fare": "1500.00",
                    "passenger_count": 1,
                },
            }
        ],
    )
    async def handle_request_ride(self, content: Any) -> None: ...

    @document_action(summary="Accept a driver offer", payload=AcceptOfferSerializer, tags=["rides"])
    async def handle_accept_offer(self, content: Any) -> None: ...

    @document_action(action="ping", summary="Health check — expects a pong event in return")
    async def handle_ping(self, content: Any) -> None: ...

    @document_action(summary="Cancel an active ride request", deprecated=True)
    async def handle_cancel_ride(self, content: Any) -> None: ...

    @document_event(
        "ride.offer",
        summary="Server pushes a driver offer to the rider",
        payload=RideOfferPayload,
        tags=["rides"],
        examples=[
            {
                "name": "Standard offer",
                "payload": {
                    "type": "ride.offer",
                    "ride_id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
                    "driver_name": "Emeka",
                    "eta_minutes": 4,
                },
            }
        ],
    )
    async def ride_offer(self, event: Any) -> None: ...

    @document_event(
        "ride.accepted",
        summary="Ride accepted by a driver",
        payload={"type": "object", "properties": {"driver_name": {"type": "string"}}},
    )
    async def ride_accepted(self, event: Any) -> None: ...


INFO = {"title": "Dispatch API", "version": "1.0.0", "description": "Real-time ride and delivery dispatch."}
SERVERS = {"production": {"host": "api.example.com", "protocol": "wss"}}

DOCUMENTS = {
    "dispatch": {
        "consumer": DispatchConsumer,
        "channel_path": "/ws/dispatch/",
        "info": INFO,
        "servers": SERVERS,
        "query_param": "token",
        "cookie_name": "sessionid",
    },
    "dispatch-client": {
        "consumer": DispatchConsumer,
        "channel_path": "/ws/dispatch/",
        "info": INFO,
        "servers": SERVERS,
        "perspective": "client",
        "asyncapi_version": "3.1.0",
    },
}
