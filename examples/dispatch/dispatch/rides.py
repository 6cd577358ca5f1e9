"""The rules of dispatch, on the database alone: who may do what to a ride, and when.

Each change is one conditional UPDATE, so that two drivers, two tabs or a double click cannot both win.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction

from dispatch.models import Driver, Notification, Offer, Ride
from dispatch.payloads import OfferRidePayload, RequestRidePayload


class RefusedError(Exception):
    """Something the rules do not allow; the message is for the user."""


def driver_of(user: AbstractUser) -> Driver | None:
    """The user's driver profile, if the user drives."""
    return Driver.objects.select_related("user").filter(user=user).first()


def request(rider: AbstractUser, wanted: RequestRidePayload) -> Ride:
    """Record a request; a rider has at most one that waits."""
    try:
        with transaction.atomic():
            return Ride.objects.create(
                rider=rider,
                pickup_address=wanted.pickup_address,
                fare=wanted.fare,
                passenger_count=wanted.passenger_count,
                note=wanted.note or "",
            )
    except IntegrityError:
        raise RefusedError("You already wait for a ride: cancel it first.") from None


def waiting(limit: int = 50) -> list[Ride]:
    """Rides that wait for offers, oldest first."""
    return list(Ride.objects.filter(status=Ride.Status.REQUESTED).order_by("created_at")[:limit])


def offer(driver: Driver | None, offered: OfferRidePayload) -> Offer:
    """Record a driver's offer, or change the one made before."""
    if driver is None:
        raise RefusedError("Only drivers make offers.")
    with transaction.atomic():
        ride = Ride.objects.filter(pk=offered.ride_id, status=Ride.Status.REQUESTED).first()
        if ride is None:
            raise RefusedError("This ride does not wait for offers.")
        if ride.rider_id == driver.user_id:
            raise RefusedError("You cannot drive yourself.")
        made, _ = Offer.objects.update_or_create(
            ride=ride, driver=driver, defaults={"eta_minutes": offered.eta_minutes}
        )
        made.ride = ride  # an offer made before comes without it, and the caller may not query
    return made


def accept(rider: AbstractUser, ride_id: UUID, driver_id: UUID) -> Offer:
    """Give a waiting ride to a driver who offered to take it."""
    with transaction.atomic():
        made = (
            Offer.objects.select_related("ride", "driver__user")
            .filter(ride_id=ride_id, ride__rider=rider, driver_id=driver_id)
            .first()
        )
        if made is None:
            raise RefusedError("There is no such offer for a ride of yours.")
        changed = Ride.objects.filter(pk=ride_id, status=Ride.Status.REQUESTED).update(
            status=Ride.Status.ACCEPTED, driver=made.driver
        )
    if not changed:
        raise RefusedError("This ride does not wait for offers.")
    return made


def cancel(rider: AbstractUser, ride_id: UUID | None = None) -> Ride:
    """Cancel a ride that waits or was accepted; without an id, the newest."""
    with transaction.atomic():
        mine = Ride.objects.filter(rider=rider).exclude(status=Ride.Status.CANCELLED)
        ride = (mine.filter(pk=ride_id) if ride_id else mine).select_related("driver").first()
        if ride is None:
            raise RefusedError("You have no such ride.")
        Ride.objects.filter(pk=ride.pk).update(status=Ride.Status.CANCELLED)
    return ride


def driven_by(user: AbstractUser, ride_id: UUID) -> Ride:
    """An accepted ride, for its driver."""
    ride = (
        Ride.objects.select_related("driver__user")
        .filter(pk=ride_id, driver__user=user, status=Ride.Status.ACCEPTED)
        .first()
    )
    if ride is None:
        raise RefusedError("You drive no such ride.")
    return ride


def notify(user_id: int, text: str) -> Notification:
    """Keep a line of text for a user."""
    return Notification.objects.create(user_id=user_id, text=text)


def unread(user: AbstractUser, limit: int = 50) -> list[Notification]:
    """A user's newest unread notifications."""
    return list(Notification.objects.filter(user=user, is_read=False)[:limit])


def mark_read(user: AbstractUser, notification_id: UUID) -> None:
    """Mark one of a user's notifications as read."""
    if not Notification.objects.filter(user=user, pk=notification_id).update(is_read=True):
        raise RefusedError("You have no such notification.")
