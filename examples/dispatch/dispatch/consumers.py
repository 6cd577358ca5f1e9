"""The two WebSocket APIs: dispatch, and notifications about it."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from chanspec import document_action, document_event
from django.contrib.auth.models import AbstractUser

from dispatch import rides
from dispatch.base import ActionConsumer
from dispatch.models import Driver, Notification, Ride
from dispatch.payloads import (
    RIDE_ACCEPTED,
    AcceptOfferSerializer,
    CancelPayload,
    CancelReason,
    MarkReadSerializer,
    NotificationListPayload,
    NotificationPayload,
    OfferRidePayload,
    RequestRidePayload,
    RideAvailablePayload,
    RideCancelledPayload,
    RideOfferPayload,
    RideWithdrawnPayload,
    validate,
)

DRIVERS = "drivers"
RIDE_ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"
DRIVER_ID = "7b1f0e4c-2f0a-4a56-9f0e-0d3c8a4f7b11"


class DispatchConsumer(ActionConsumer):
    """Rides from request to arrival.

    Riders request, accept and cancel; drivers are told of every ride that waits and make offers.
    """

    user: AbstractUser
    driver: Driver | None = None

    async def joined(self, user: AbstractUser) -> None:
        await self.join(user_group(user.pk))
        self.driver = await database_sync_to_async(rides.driver_of)(user)
        if self.driver is not None:
            await self.join(DRIVERS)
            for ride in await database_sync_to_async(rides.waiting)():
                await self.send_event("ride.available", available(ride))

    # ---- client → server ---------------------------------------------------------------------------

    @document_action(
        summary="Request a ride",
        description="The rider sends pickup details; every connected driver is told with `ride.available`.",
        payload=RequestRidePayload,
        responses={"ride.requested": {"ride_id": "uuid"}},
        tags=["rides"],
        examples=[
            {
                "name": "Cash ride",
                "summary": "One passenger, paid in cash",
                "payload": {
                    "action": "request_ride",
                    "pickup_address": "23 Marina Rd, Lagos",
                    "fare": "1500.00",
                    "passenger_count": 1,
                },
            },
            {
                "name": "With a note",
                "payload": {
                    "action": "request_ride",
                    "pickup_address": "5 Broad St, Lagos",
                    "fare": "2100.00",
                    "passenger_count": 3,
                    "note": "Two large suitcases.",
                },
            },
        ],
    )
    async def handle_request_ride(self, content: dict[str, Any]) -> None:
        wanted = validate(RequestRidePayload, content)
        ride = await database_sync_to_async(rides.request)(self.user, wanted)
        await self.send_event("ride.requested", {"ride_id": str(ride.pk)})
        await self.publish(DRIVERS, "ride.available", available(ride))

    @document_action(
        summary="Offer to take a ride",
        description="For drivers. A second offer for the same ride replaces the first.",
        payload=OfferRidePayload,
        responses={"offer.recorded": {"ride_id": "uuid", "driver_id": "uuid"}},
        tags=["offers"],
        examples=[
            {
                "name": "Four minutes away",
                "payload": {"action": "offer_ride", "ride_id": RIDE_ID, "eta_minutes": 4},
            }
        ],
    )
    async def handle_offer_ride(self, content: dict[str, Any]) -> None:
        made = await database_sync_to_async(rides.offer)(self.driver, validate(OfferRidePayload, content))
        await self.send_event("offer.recorded", {"ride_id": str(made.ride_id), "driver_id": str(made.driver_id)})
        await self.publish(
            user_group(made.ride.rider_id),
            "ride.offer",
            RideOfferPayload(
                ride_id=made.ride_id,
                driver_id=made.driver_id,
                driver_name=made.driver.name,
                eta_minutes=made.eta_minutes,
            ),
        )

    @document_action(
        summary="Accept a driver's offer",
        description="For the rider. Both sides are sent `ride.accepted`.",
        payload=AcceptOfferSerializer,
        tags=["offers"],
        examples=[
            {
                "name": "Accept Emeka",
                "payload": {"action": "accept_offer", "ride_id": RIDE_ID, "driver_id": DRIVER_ID},
            }
        ],
    )
    async def handle_accept_offer(self, content: dict[str, Any]) -> None:
        chosen = validate(AcceptOfferSerializer, content)
        made = await database_sync_to_async(rides.accept)(self.user, **chosen)
        accepted = {
            "ride_id": str(made.ride_id),
            "driver_id": str(made.driver_id),
            "driver_name": made.driver.name,
            "eta_minutes": made.eta_minutes,
        }
        for user_id in (self.user.pk, made.driver.user_id):
            await self.publish(user_group(user_id), "ride.accepted", accepted)
        await self.publish(DRIVERS, "ride.withdrawn", {"ride_id": str(made.ride_id), "reason": "accepted"})
        await self._notify(self.user.pk, f"{made.driver.name} comes in {made.eta_minutes} minutes.")
        await self._notify(made.driver.user_id, f"Pick up at {made.ride.pickup_address}.")

    @document_action(
        summary="Cancel a ride",
        payload=CancelPayload,
        responses={"ride.cancelled": RideCancelledPayload},
        tags=["rides"],
        examples=[
            {
                "name": "Took too long",
                "payload": {"action": "cancel", "ride_id": RIDE_ID, "reason": "too_slow"},
            }
        ],
    )
    async def handle_cancel(self, content: dict[str, Any]) -> None:
        wanted: CancelPayload = validate(CancelPayload, content)
        ride = await database_sync_to_async(rides.cancel)(self.user, wanted.ride_id)
        await self._cancelled(ride, wanted.reason)

    @document_action(
        summary="Cancel the newest ride",
        description="Kept for old clients: send `cancel`, which names the ride.",
        responses={"ride.cancelled": RideCancelledPayload},
        tags=["rides"],
        deprecated=True,
    )
    async def handle_cancel_ride(self, content: dict[str, Any]) -> None:
        ride = await database_sync_to_async(rides.cancel)(self.user)
        await self._cancelled(ride, CancelReason.OTHER)

    # ---- server → client ---------------------------------------------------------------------------

    @document_event(
        "ride.available",
        summary="A ride waits for offers",
        description="Sent to drivers: when they connect, and whenever a ride is requested.",
        payload=RideAvailablePayload,
        tags=["rides"],
    )
    async def ride_available(self, event: dict[str, Any]) -> None:
        await self.send_json(event)

    @document_event(
        "ride.offer",
        summary="A driver offers to come",
        description="Sent to the rider.",
        payload=RideOfferPayload,
        tags=["offers"],
        examples=[
            {
                "name": "Standard offer",
                "payload": {
                    "type": "ride.offer",
                    "ride_id": RIDE_ID,
                    "driver_id": DRIVER_ID,
                    "driver_name": "Emeka",
                    "eta_minutes": 4,
                },
            }
        ],
    )
    async def ride_offer(self, event: dict[str, Any]) -> None:
        await self.send_json(event)

    @document_event(
        "ride.accepted",
        summary="A ride has a driver",
        description="Sent to the rider and to the driver whose offer was accepted.",
        payload=RIDE_ACCEPTED,
        tags=["offers"],
    )
    async def ride_accepted(self, event: dict[str, Any]) -> None:
        await self.send_json(event)

    @document_event(
        "ride.withdrawn",
        summary="A ride waits no more",
        description="Sent to drivers.",
        payload=RideWithdrawnPayload,
        tags=["rides"],
    )
    async def ride_withdrawn(self, event: dict[str, Any]) -> None:
        await self.send_json(event)

    @document_event(
        "ride.cancelled",
        summary="A ride was cancelled",
        description="Sent to the rider, and to the driver who was to come.",
        payload=RideCancelledPayload,
        tags=["rides"],
    )
    async def ride_cancelled(self, event: dict[str, Any]) -> None:
        await self.send_json(event)

    # ---- what several actions do -------------------------------------------------------------------

    async def _cancelled(self, ride: Ride, reason: CancelReason) -> None:
        cancelled = RideCancelledPayload(ride_id=ride.pk, reason=reason)
        await self.publish(user_group(self.user.pk), "ride.cancelled", cancelled)
        if ride.driver is None:
            await self.publish(DRIVERS, "ride.withdrawn", {"ride_id": str(ride.pk), "reason": "cancelled"})
            return
        await self.publish(user_group(ride.driver.user_id), "ride.cancelled", cancelled)
        await self._notify(ride.driver.user_id, f"The ride from {ride.pickup_address} was cancelled.")

    async def _notify(self, user_id: int, text: str) -> None:
        notification = await database_sync_to_async(rides.notify)(user_id, text)
        await self.publish(notification_group(user_id), "notification.created", described(notification))


class NotificationConsumer(ActionConsumer):
    """Notifications for one user, kept until read."""

    user: AbstractUser

    async def joined(self, user: AbstractUser) -> None:
        await self.join(notification_group(user.pk))

    @document_action(
        summary="List unread notifications",
        responses={"notification.list": NotificationListPayload},
        tags=["notifications"],
    )
    async def handle_list_unread(self, content: dict[str, Any]) -> None:
        kept = await database_sync_to_async(rides.unread)(self.user)
        await self.send_event(
            "notification.list", NotificationListPayload(notifications=[described(each) for each in kept])
        )

    @document_action(
        summary="Mark a notification as read",
        payload=MarkReadSerializer,
        responses={"notification.read": {"notification_id": "uuid"}},
        tags=["notifications"],
    )
    async def handle_mark_read(self, content: dict[str, Any]) -> None:
        read = validate(MarkReadSerializer, content)["notification_id"]
        await database_sync_to_async(rides.mark_read)(self.user, read)
        await self.send_event("notification.read", {"notification_id": str(read)})

    @document_event(
        "notification.created",
        summary="Something happened",
        payload=NotificationPayload,
        tags=["notifications"],
    )
    async def notification_created(self, event: dict[str, Any]) -> None:
        await self.send_json(event)


def user_group(user_id: int) -> str:
    """All dispatch connections of a user."""
    return f"dispatch.user.{user_id}"


def notification_group(user_id: int) -> str:
    """All notification connections of a user."""
    return f"notifications.{user_id}"


def available(ride: Ride) -> RideAvailablePayload:
    return RideAvailablePayload(
        ride_id=ride.pk,
        pickup_address=ride.pickup_address,
        fare=ride.fare,
        passenger_count=ride.passenger_count,
        note=ride.note or None,
    )


def described(notification: Notification) -> NotificationPayload:
    return NotificationPayload(
        notification_id=notification.pk, text=notification.text, created_at=notification.created_at
    )
