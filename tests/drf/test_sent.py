"""What a model serializer sends of real rows is what its schema says."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from rest_framework import serializers
from rest_framework.utils.encoders import JSONEncoder

from chanspec.channels.serializers import describe
from tests.drf.models import City, Driver, Receipt, Ride, Tag
from tests.drf.test_agreement import validator
from tests.drf.test_golden import DeepRideSerializer, RideSerializer

S = serializers
pytestmark = pytest.mark.django_db


class PathsSerializer(S.ModelSerializer):
    """Sources that lead through relations."""

    name = S.CharField(source="driver.name", read_only=True)
    name_or_null = S.CharField(source="driver.name", read_only=True, allow_null=True)
    initials = S.ReadOnlyField(source="driver.initials")
    total = S.DecimalField(6, 2, source="receipt.total", read_only=True)
    receipt_key = S.PrimaryKeyRelatedField(source="receipt", read_only=True)
    next_ride = S.PrimaryKeyRelatedField(source="following", read_only=True)
    driver_key = S.ReadOnlyField(source="driver_id")
    city_iata = S.ReadOnlyField(source="city.iata")
    latitude = S.FloatField(read_only=True)
    missing = S.IntegerField(source="ride_count", required=False)

    class Meta:
        model = Ride
        fields = ["pk", "name", "name_or_null", "initials", "total", "receipt_key", "next_ride", "driver_key"]
        fields += ["city_iata", "latitude", "missing"]


def ride(**values: Any) -> Ride:
    city, _ = City.objects.get_or_create(code="OSL", iata="oslo-osl")
    created = Ride.objects.create(
        city=city,
        reference=f"ABC-{Ride.objects.count()}",
        contact="rider@example.org",
        slug="a-ride",
        fare=Decimal("12.50"),
        distance=7,
        day=datetime.date(2026, 1, 2),
        at=datetime.time(10, 30),
        contract="contracts/1.pdf",
        digest=b"\x00\xff",
        color="ff0000",
        opaque="x",
        **values,
    )
    created.stops.add(city)
    return Ride.objects.get(pk=created.pk)


def full_ride() -> Ride:
    driver = Driver.objects.create(name="Ada Berg", city=City.objects.create(code="BGO", iata="bergen"))
    first = ride(
        driver=driver,
        stars=2,
        homepage="https://example.org/",
        latitude=59.9,
        duration=datetime.timedelta(days=1, seconds=5),
        address="127.0.0.1",
        extra=[1, {"a": None}],
        photo="photos/1.png",
        icon="icon.png",
    )
    first.tags.add(Tag.objects.create(name="quiet"))
    Receipt.objects.create(ride=first, total=Decimal("9.90"))
    ride(previous=first)
    return Ride.objects.get(pk=first.pk)


@pytest.mark.parametrize("make", [ride, full_ride])
@pytest.mark.parametrize("cls", [RideSerializer, DeepRideSerializer, PathsSerializer])
def test_sent_rows_match_the_schema(cls, make) -> None:
    sent = json.loads(json.dumps(cls(make()).data, cls=JSONEncoder))
    schema = describe(cls, "out")
    validator(schema, jsonschema_rs.Draft202012Validator).validate(sent)
    assert sent.keys() <= schema["properties"].keys()


def test_field_that_is_not_required_is_really_left_out() -> None:
    schema = describe(PathsSerializer, "out")
    optional = schema["properties"].keys() - schema["required"]
    assert optional == {"name", "initials", "missing"}
    assert optional.isdisjoint(PathsSerializer(ride()).data)
