"""What a model serializer sends of real rows is what its schema says."""

from __future__ import annotations

import datetime
import enum
import ipaddress
import json
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.utils.serializer_helpers import ReturnDict
from typing_extensions import TypedDict

from chanspec.channels.serializers import describe
from tests.drf.models import City, Driver, Rate, Receipt, Ride, Tag
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


class Column(TypedDict):
    width: int | None


class Place(NamedTuple):
    lat: float
    lng: float


class Level(Decimal, enum.Enum):
    LOW = "0.5"


class ComputedSerializer(S.Serializer):
    """What methods return, none of it formatted by a field."""

    amount = S.SerializerMethodField()
    amount_or_null = S.SerializerMethodField()
    amounts = S.SerializerMethodField()
    day = S.SerializerMethodField()
    moment = S.SerializerMethodField()
    clock = S.SerializerMethodField()
    waiting = S.SerializerMethodField()
    key = S.SerializerMethodField()
    status = S.SerializerMethodField()
    level = S.SerializerMethodField()
    text = S.SerializerMethodField()
    safe = S.SerializerMethodField()
    data = S.SerializerMethodField()
    columns = S.SerializerMethodField()
    place = S.SerializerMethodField()
    nothing = S.SerializerMethodField()
    nested = S.SerializerMethodField()
    behind = S.SerializerMethodField()
    iso = S.DurationField(format="iso-8601", source="get_iso", default=datetime.timedelta(days=-2, microseconds=5))

    def get_amount(self, instance: object) -> Decimal:
        return Decimal("1.50")

    def get_amount_or_null(self, instance: object) -> Decimal | None:
        return None

    def get_amounts(self, instance: object) -> dict[str, list[Decimal]]:
        return {"a": [Decimal("1E+3")]}

    def get_day(self, instance: object) -> datetime.date:
        return datetime.date(2026, 1, 2)

    def get_moment(self, instance: object) -> datetime.datetime:
        return datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)

    def get_clock(self, instance: object) -> datetime.time:
        return datetime.time(10, 30)

    def get_waiting(self, instance: object) -> datetime.timedelta:
        return datetime.timedelta(days=-1, microseconds=1)

    def get_key(self, instance: object) -> uuid.UUID:
        return uuid.UUID(int=1)

    def get_status(self, instance: object) -> Ride.Status:
        return Ride.Status.REQUESTED

    def get_level(self, instance: object) -> Level:
        return Level.LOW

    def get_text(self, instance: object) -> Promise:
        return gettext_lazy("Text")

    def get_safe(self, instance: object) -> list[SafeString]:
        return [SafeString("<b>")]

    def get_data(self, instance: object) -> ReturnDict:
        return ReturnDict({"a": 1}, serializer=self)

    def get_columns(self, instance: object) -> list[Column]:
        return [{"width": None}]

    def get_place(self, instance: object) -> Place:
        return Place(1, 2)

    def get_nothing(self, instance: object) -> None:
        return None

    def get_nested(self, instance: object) -> list[ComputedSerializer]:
        return []

    def get_behind(self, instance: object) -> datetime.timedelta | None:
        return datetime.timedelta(seconds=-1)


class DrfOnlySerializer(S.Serializer):
    """What Django's own encoder does not write."""

    rows = S.SerializerMethodField()
    pairs = S.SerializerMethodField()
    blob = S.SerializerMethodField()
    tags = S.SerializerMethodField()
    address = S.SerializerMethodField()

    def get_rows(self, instance: object) -> QuerySet[City, dict[str, Any]]:
        return City.objects.values("code")

    def get_pairs(self, instance: object) -> Iterable[int]:
        return iter([1, 2])

    def get_blob(self, instance: object) -> bytes:
        return b"text"

    def get_tags(self, instance: object) -> set[int]:
        return {1}

    def get_address(self, instance: object) -> ipaddress.IPv4Address:
        return ipaddress.IPv4Address("127.0.0.1")


class RateSerializer(S.ModelSerializer):
    """Columns as DRF chooses their fields."""

    class Meta:
        model = Rate
        exclude = ["raw", "content_type", "object_id"]
        read_only_fields = ["homepage", "contact", "letter"]


RATE_COLUMNS = [field.name for field in Rate._meta.concrete_fields if field.name not in ("raw", "content_type")]
DISPLAYS = [
    f"get_{name}_display" for name in ("vat", "vat_or_null", "grade", "grade_or_null", "grade_of_null", "letter")
]
COMPUTED = ["total", "nickname", "since", "rounding", "children", "subject"]
THROUGH = [
    "ride.homepage",
    "ride.fare",
    "ride.latitude",
    "ride.duration",
    "ride.receipt.total",
    "parent.get_vat_display",
]
THROUGH += ["parent.nickname", "chosen_ride.latitude", "ride.get_status_display", "parent.parent.price"]


def raw_serializer(*sources: str, **options: Any) -> type[S.ModelSerializer]:
    """Values as they are, each under the name of its source."""
    fields = {
        source.replace(".", "_"): S.ReadOnlyField(**({} if "." not in source else {"source": source}), **options)
        for source in sources
    }
    meta = type("Meta", (), {"model": Rate, "fields": list(fields)})
    return type("RawSerializer", (S.ModelSerializer,), {**fields, "Meta": meta})


class TypedPathsSerializer(S.ModelSerializer):
    """Fields of a type of their own, over sources that may be null, blank or not there."""

    label = S.CharField(source="get_grade_or_null_display", read_only=True)
    nickname = S.CharField(read_only=True)
    page = S.URLField(source="ride.homepage", read_only=True)
    page_or_text = S.URLField(source="ride.homepage", default="none", read_only=True)
    waiting = S.ReadOnlyField(source="ride.duration", default=0)
    waiting_or_null = S.ReadOnlyField(source="ride.duration", default=None)
    grade = S.ChoiceField(Rate.Grade.choices, source="parent.grade", default="none", read_only=True)
    subject_text = S.StringRelatedField(source="subject")
    ride_key = S.PrimaryKeyRelatedField(source="ride", read_only=True)
    ride_keys = S.PrimaryKeyRelatedField(source="parent.children", many=True, read_only=True)
    parent_code = S.SlugRelatedField("code", source="parent", read_only=True)
    parent_price = S.SlugRelatedField("price", source="parent", read_only=True)
    price = S.DecimalField(6, 3, source="parent.price", read_only=True)

    class Meta:
        model = Rate
        fields = ["label", "nickname", "page", "page_or_text", "waiting", "waiting_or_null", "grade", "subject_text"]
        fields += ["ride_key", "ride_keys", "parent_code", "parent_price", "price"]


def rate(**values: Any) -> Rate:
    created = Rate.objects.create(
        vat=Decimal("1.50"),
        moment=Rate._meta.get_field("moment").choices[0][0],
        lasting=datetime.timedelta(hours=1, seconds=5),
        key=uuid.UUID(int=7),
        **values,
    )
    return Rate.objects.get(pk=created.pk)


def full_rate() -> Rate:
    parent = rate(code=f"code-{Rate.objects.count()}", price=Decimal("1.5"), grade=1, contact="a@example.org")
    return rate(
        parent=parent,
        ride=full_ride(),
        vat_or_null=Rate.Weight.HEAVY,
        grade=2,
        grade_or_null=1,
        grade_of_null=1,
        letter="a",
        day=datetime.date(2026, 1, 2),
        price=Decimal("0.125"),
        waiting=datetime.timedelta(seconds=90.5),
        homepage="https://example.org/",
        contact="b@example.org",
        code="full",
        content_type=ContentType.objects.get_for_model(Rate),
        object_id=parent.pk,
    )


def orphan_rate() -> Rate:
    """Its parent has nothing that may be null."""
    return rate(parent=rate(), ride=ride(), content_type=ContentType.objects.get_for_model(Rate), object_id=0)


@pytest.mark.parametrize("encoder", [JSONEncoder, DjangoJSONEncoder])
@pytest.mark.parametrize("make", [rate, full_rate, orphan_rate])
@pytest.mark.parametrize(
    "cls",
    [
        ComputedSerializer,
        RateSerializer,
        TypedPathsSerializer,
        raw_serializer(*RATE_COLUMNS, *DISPLAYS, *COMPUTED[:4], *THROUGH),
        raw_serializer(*THROUGH, default=Decimal("0")),
    ],
)
def test_values_without_a_field_of_their_own_are_sent_as_described_by_either_encoder(cls, make, encoder) -> None:
    row = make()
    written = cls(row).data
    for name in ("ride", "parent"):  # a model instance is no JSON: a key is what lies on the wire
        if name in written and isinstance(written[name], Model):
            written[name] = written[name].pk
    sent = json.loads(json.dumps(written, cls=encoder))
    schema = describe(cls, "out")
    validator(schema, jsonschema_rs.Draft202012Validator).validate(sent)
    assert sent.keys() <= schema["properties"].keys()
    assert set(schema.get("required", ())) <= sent.keys()


def test_values_that_only_drfs_encoder_writes_are_sent_as_described() -> None:
    City.objects.create(code="OSL", iata="oslo")
    sent = json.loads(JSONRenderer().render(DrfOnlySerializer(object()).data))
    schema = describe(DrfOnlySerializer, "out")
    validator(schema, jsonschema_rs.Draft202012Validator).validate(sent)
    kinds = {name: each.get("type") for name, each in schema["properties"].items()}
    assert kinds == {"rows": "array", "pairs": "array", "blob": "string", "tags": "array", "address": "string"}


def test_label_of_a_choice_is_text_or_what_has_no_label() -> None:
    properties = describe(raw_serializer(*DISPLAYS), "out")["properties"]
    assert properties == {
        "get_vat_display": {"type": "string"},
        "get_vat_or_null_display": {"type": ["string", "null"]},
        "get_grade_display": {"type": ["string", "integer"]},  # its default is no choice
        "get_grade_or_null_display": {"type": ["string", "null"]},
        "get_grade_of_null_display": {"type": "string"},  # null has a label
        "get_letter_display": {"type": "string"},
    }


def test_choices_are_listed_as_they_are_sent_and_as_they_are_understood() -> None:
    sent, understood = (describe(RateSerializer, direction)["properties"] for direction in ("out", "in"))
    assert sent["vat"]["enum"] == [1.5, "1.50", 2.0, "2", "2.00"]  # a row read again has the last
    assert sent["fee"]["enum"] == [1, "1.00", 2.5, "2.5", "2.50"]
    assert understood["vat"] == {"type": "string", "enum": ["1.50", "2"], "description": "- `1.50`: Low\n- `2`: High"}
    assert understood["moment"]["enum"] == ["2026-01-02 03:04:05.678901+00:00"]
    assert understood["lasting"]["enum"] == ["1:00:05"]
    assert sent["letter"]["enum"] == ["a", "b", ""]  # read-only, and blank
    assert (sent["grade"]["enum"], understood["grade"]["enum"]) == ([1, 2, 0], [1, 2])
    for name in ("vat", "moment", "lasting", "day", "key", "grade"):
        data = {each: understood[each]["enum"][0] for each in ("vat", "moment", "lasting", "key")}
        for value in understood[name]["enum"]:
            serializer = RateSerializer(data={**data, name: value}, partial=True)
            assert serializer.is_valid(), serializer.errors


def test_field_that_is_not_required_is_really_left_out() -> None:
    schema = describe(PathsSerializer, "out")
    optional = schema["properties"].keys() - schema["required"]
    assert optional == {"name", "initials", "missing"}
    assert optional.isdisjoint(PathsSerializer(ride()).data)
