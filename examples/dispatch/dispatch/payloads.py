"""The messages' payloads, in each of the forms that chanspec documents, and their validation.

A payload holds a message's fields other than its ``action`` or ``type``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, WithJsonSchema
from rest_framework import serializers

# ---- dataclasses ---------------------------------------------------------------------------------------

# On the wire a decimal is text, whose limits only a pattern can say: up to 999999.99, and more than 0.
FARE = WithJsonSchema({"type": "string", "format": "decimal", "pattern": r"^(?=.*[1-9])\d{1,6}(\.\d{1,2})?$"})


@dataclass
class RequestRidePayload:
    """What a rider asks for."""

    pickup_address: Annotated[str, Field(min_length=1, max_length=200)]
    fare: Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=2), FARE]
    passenger_count: Annotated[int, Field(ge=1, le=6)]
    note: Annotated[str, Field(max_length=500)] | None = None


@dataclass
class RideWithdrawnPayload:
    """A ride that is not to be had any more."""

    ride_id: UUID
    reason: Literal["accepted", "cancelled"]


# ---- Django REST framework serializers -----------------------------------------------------------------


class AcceptOfferSerializer(serializers.Serializer[Any]):
    """Which driver's offer the rider takes."""

    ride_id = serializers.UUIDField(help_text="The ride that was requested.")
    driver_id = serializers.UUIDField(help_text="The driver whose offer is accepted.")


class MarkReadSerializer(serializers.Serializer[Any]):
    """Which notification was read."""

    notification_id = serializers.UUIDField()


# ---- pydantic models -----------------------------------------------------------------------------------


class CancelReason(StrEnum):
    CHANGED_PLANS = "changed_plans"
    TOO_SLOW = "too_slow"
    OTHER = "other"


class OfferRidePayload(BaseModel):
    """A driver's offer."""

    ride_id: UUID
    eta_minutes: int = Field(ge=1, le=120, description="Minutes until the driver is at the pickup address.")


class CancelPayload(BaseModel):
    """Which ride to cancel, and why."""

    ride_id: UUID
    reason: CancelReason = CancelReason.OTHER


class RideAvailablePayload(BaseModel):
    """A ride that waits for offers."""

    ride_id: UUID
    pickup_address: str
    fare: Decimal
    passenger_count: int
    note: str | None = None


class RideOfferPayload(BaseModel):
    """A driver's offer, as the rider sees it."""

    ride_id: UUID
    driver_id: UUID
    driver_name: str
    eta_minutes: int


class RideCancelledPayload(BaseModel):
    """A ride that was cancelled."""

    ride_id: UUID
    reason: CancelReason


class NotificationPayload(BaseModel):
    """A line of text for one user."""

    notification_id: UUID
    text: str
    created_at: datetime


class NotificationListPayload(BaseModel):
    """The newest unread notifications, newest first."""

    notifications: list[NotificationPayload] = Field(max_length=50)


class FieldError(BaseModel):
    """One field that was not right."""

    loc: list[str | int] = Field(description="The path to the field.")
    msg: str


class ErrorPayload(BaseModel):
    """Why a message was not acted on."""

    code: Literal["invalid_json", "unknown_action", "invalid_payload", "refused"]
    message: str
    errors: list[FieldError] = []


# ---- raw JSON Schema -----------------------------------------------------------------------------------

RIDE_ACCEPTED: dict[str, Any] = {
    "type": "object",
    "title": "RideAcceptedPayload",
    "description": "The ride and the driver who will come.",
    "properties": {
        "ride_id": {"type": "string", "format": "uuid"},
        "driver_id": {"type": "string", "format": "uuid"},
        "driver_name": {"type": "string"},
        "eta_minutes": {"type": "integer", "minimum": 1},
    },
    "required": ["ride_id", "driver_id", "driver_name", "eta_minutes"],
}


# ---- validation ----------------------------------------------------------------------------------------


class InvalidPayloadError(ValueError):
    """A message whose fields are not what its payload declares."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(errors)
        self.errors = errors


def validate(payload: type, content: dict[str, Any]) -> Any:
    """Check a message's fields against its declared payload.

    Gives an instance of a dataclass or model, or a serializer's validated data. Raises
    ``InvalidPayloadError``.
    """
    fields = {name: value for name, value in content.items() if name != "action"}
    if issubclass(payload, serializers.BaseSerializer):
        serializer = payload(data=fields)
        if not serializer.is_valid():
            raise InvalidPayloadError(
                [FieldError(loc=[name], msg=str(found[0])) for name, found in serializer.errors.items()]
            )
        return serializer.validated_data
    try:
        return _adapter(payload).validate_python(fields)
    except ValidationError as error:
        # Neither the input nor links to pydantic's documentation go back to the client.
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise InvalidPayloadError([FieldError(loc=list(e["loc"]), msg=e["msg"]) for e in found]) from None


@cache
def _adapter(payload: type) -> TypeAdapter[Any]:
    return TypeAdapter(payload)
