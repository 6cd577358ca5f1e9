"""The rules of dispatch, on the database."""

from decimal import Decimal
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.test import TestCase

from dispatch import rides
from dispatch.models import Driver, Ride
from dispatch.payloads import OfferRidePayload, RequestRidePayload

WANTED = RequestRidePayload(pickup_address="23 Marina Rd", fare=Decimal("1500.00"), passenger_count=1)


class RidesTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        users = get_user_model().objects
        cls.rider = users.create_user("ada")
        cls.driver = Driver.objects.create(user=users.create_user("emeka", first_name="Emeka"))

    def offered(self) -> tuple[Ride, OfferRidePayload]:
        ride = rides.request(self.rider, WANTED)
        return ride, OfferRidePayload(ride_id=ride.pk, eta_minutes=4)

    def test_a_rider_waits_for_one_ride_at_a_time(self) -> None:
        rides.request(self.rider, WANTED)
        with self.assertRaisesMessage(rides.RefusedError, "already wait"):
            rides.request(self.rider, WANTED)

    def test_after_a_cancellation_a_rider_may_request_again(self) -> None:
        first = rides.request(self.rider, WANTED)
        assert rides.cancel(self.rider) == first
        assert rides.request(self.rider, WANTED) != first

    def test_a_second_offer_replaces_the_first(self) -> None:
        ride, offered = self.offered()
        rides.offer(self.driver, offered)
        rides.offer(self.driver, offered.model_copy(update={"eta_minutes": 2}))
        assert [each.eta_minutes for each in ride.offers.all()] == [2]

    def test_only_drivers_offer_and_not_to_themselves(self) -> None:
        _, offered = self.offered()
        with self.assertRaisesMessage(rides.RefusedError, "Only drivers"):
            rides.offer(None, offered)
        own = rides.request(self.driver.user, WANTED)
        with self.assertRaisesMessage(rides.RefusedError, "drive yourself"):
            rides.offer(self.driver, OfferRidePayload(ride_id=own.pk, eta_minutes=4))

    def test_an_offer_is_accepted_once_and_by_its_rider_alone(self) -> None:
        ride, offered = self.offered()
        rides.offer(self.driver, offered)
        with self.assertRaisesMessage(rides.RefusedError, "no such offer"):
            rides.accept(self.driver.user, ride.pk, self.driver.pk)
        rides.accept(self.rider, ride.pk, self.driver.pk)
        ride.refresh_from_db()
        assert (ride.status, ride.driver) == (Ride.Status.ACCEPTED, self.driver)
        with self.assertRaisesMessage(rides.RefusedError, "does not wait"):
            rides.accept(self.rider, ride.pk, self.driver.pk)

    def test_a_stranger_cancels_nothing(self) -> None:
        ride = rides.request(self.rider, WANTED)
        for wanted in (ride.pk, uuid4(), None):
            with self.assertRaisesMessage(rides.RefusedError, "no such ride"):
                rides.cancel(self.driver.user, wanted)

    def test_notifications_are_read_by_their_user_alone(self) -> None:
        kept = rides.notify(self.rider.pk, "Hello")
        with self.assertRaisesMessage(rides.RefusedError, "no such notification"):
            rides.mark_read(self.driver.user, kept.pk)
        assert rides.unread(self.rider) == [kept]
        rides.mark_read(self.rider, kept.pk)
        assert rides.unread(self.rider) == []
