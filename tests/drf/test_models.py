"""Model serializers: relations, sources through the models, and what DRF can leave out or send as null."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from rest_framework import serializers

from chanspec.channels.serializers import describe
from tests.drf.models import City, Comment, Driver, Receipt, Ride

S = serializers
EXISTING = {"x-rules": ["names an existing object"]}
UPLOADED = {"type": "string", "format": "binary", "x-rules": ["is an uploaded file, which no message can hold"]}
OR_NULL_KEY = {"type": ["string", "null"], "format": "uuid"}


def ride(direction: str, *names: str, depth: int = 0, **fields: Any) -> dict[str, Any]:
    """The schema of a model serializer of rides with these fields."""
    meta = type("Meta", (), {"model": Ride, "fields": [*fields, *names], "depth": depth})
    return describe(type("RideSerializer", (S.ModelSerializer,), {**fields, "Meta": meta}), direction)


@pytest.mark.parametrize(
    ("name", "inbound", "outbound"),
    [
        ("driver", {**OR_NULL_KEY, **EXISTING}, OR_NULL_KEY),
        (
            "city",
            {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 8, **EXISTING},
            {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 8},
        ),
        (
            "previous",
            {"type": ["integer", "null"], "x-rules": ["names an existing object", "is no other object's"]},
            {"type": ["integer", "null"]},
        ),
        # A reverse relation that leads nowhere is null, though DRF does not say that it allows null.
        ("following", {"type": "integer", **EXISTING}, {"type": ["integer", "null"]}),
        ("receipt", {"type": "integer", **EXISTING}, {"type": ["integer", "null"]}),
        (
            "tags",
            {"type": "array", "items": {"type": "integer"}, **EXISTING},
            {"type": "array", "items": {"type": "integer"}},
        ),
        (
            "stops",
            {"type": "array", "items": {"type": "string", "maxLength": 3}, "minItems": 1, **EXISTING},
            {"type": "array", "items": {"type": "string", "maxLength": 3}},
        ),
        ("is_paid", None, {"type": "boolean"}),
        ("summary", None, {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("distance_in_km", None, {"type": "number"}),
        ("untyped", None, {}),
        ("pk", None, {"type": "integer", "title": "ID"}),
        ("driver_id", None, OR_NULL_KEY),
        ("digest", None, {"type": "string", "contentEncoding": "base64"}),
        ("photo", UPLOADED, {"type": ["string", "null"], "format": "uri-reference"}),
        ("contract", UPLOADED, {"type": "string", "format": "uri-reference"}),
    ],
)
def test_field_made_by_the_model_serializer(name, inbound, outbound) -> None:
    assert ride("in", name)["properties"].get(name) == inbound
    assert ride("out", name)["properties"][name] == outbound
    assert ride("out", name)["required"] == [name]


@pytest.mark.parametrize(
    ("field", "expected", "is_required"),
    [
        # The driver may be missing: DRF finds nothing, and leaves the field out.
        (S.CharField(source="driver.name", read_only=True), {"type": "string"}, False),
        (S.CharField(source="driver.name", read_only=True, default="-"), {"type": "string"}, True),
        (S.CharField(source="driver.name", read_only=True, allow_null=True), {"type": ["string", "null"]}, True),
        (S.ReadOnlyField(source="driver.name"), {"type": "string", "maxLength": 40}, False),
        (S.ReadOnlyField(source="driver.initials"), {"type": "string"}, False),
        (S.ReadOnlyField(source="driver.city"), {}, False),
        # The city may not be.
        (S.CharField(source="city.iata", read_only=True), {"type": "string"}, True),
        (S.ReadOnlyField(source="city.pk"), {"type": "string", "maxLength": 3}, True),
        # A reverse relation in the middle makes null of the whole.
        (S.CharField(source="receipt.total", read_only=True), {"type": ["string", "null"]}, True),
        (S.ReadOnlyField(source="receipt.total"), {"type": ["string", "number", "null"], "format": "decimal"}, True),
        # Through code, anything may be missing.
        (S.CharField(source="summary.driver", read_only=True), {"type": "string"}, False),
        (S.CharField(source="tags.first", read_only=True), {"type": "string"}, False),
        # What a queryset adds is on no model.
        (S.IntegerField(source="tag_count", read_only=True), {"type": "integer"}, True),
        (S.CharField(source="nowhere", required=False), {"type": "string"}, False),
        # A nullable column is null whatever the field declares.
        (S.FloatField(source="latitude", read_only=True), {"type": ["number", "null"]}, True),
        (S.PrimaryKeyRelatedField(source="driver", read_only=True), OR_NULL_KEY, True),
        (
            S.PrimaryKeyRelatedField(source="tags", many=True, read_only=True),
            {"type": "array", "items": {"type": "integer"}},
            True,
        ),
        (
            S.SlugRelatedField("iata", source="stops", many=True, read_only=True),
            {"type": "array", "items": {"type": "string", "maxLength": 8, "pattern": "^[-a-zA-Z0-9_]+$"}},
            True,
        ),
        (S.StringRelatedField(source="driver"), {"type": ["string", "null"]}, True),
    ],
)  # fmt: skip
def test_source_is_followed_through_the_models(field, expected, is_required) -> None:
    schema = ride("out", value=field)
    assert schema["properties"]["value"] == expected
    assert ("value" in schema.get("required", [])) is is_required


class DriverSerializer(S.ModelSerializer):
    class Meta:
        model = Driver
        fields = ["name"]


def test_nested_serializer_of_a_nullable_relation_may_be_null() -> None:
    schema = ride("out", driver=DriverSerializer(read_only=True))
    assert schema["properties"]["driver"] == {"anyOf": [{"$ref": "#/$defs/Driver"}, {"type": "null"}]}


def test_reverse_relations_are_lists_of_the_related_models_keys() -> None:
    class CitySerializer(S.ModelSerializer):
        class Meta:
            model = City
            fields = ["driver_set", "stopping_rides"]

    assert describe(CitySerializer, "out")["properties"] == {
        "driver_set": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "stopping_rides": {"type": "array", "items": {"type": "integer"}},
    }


def test_key_that_is_a_relation_has_the_type_of_the_key_it_points_to() -> None:
    class ReceiptSerializer(S.ModelSerializer):
        copy = S.PrimaryKeyRelatedField(queryset=Receipt.objects.all())

        class Meta:
            model = Receipt
            fields = ["ride", "copy"]

    assert describe(ReceiptSerializer, "in")["properties"] == {
        "ride": {"type": "integer", "x-rules": ["names an existing object", "is no other object's"]},
        "copy": {"type": "integer", **EXISTING},
    }


def test_hyperlinked_model_serializer_sends_urls() -> None:
    class CitySerializer(S.HyperlinkedModelSerializer):
        class Meta:
            model = Ride
            fields = ["url", "driver", "tags"]

    url = {"type": "string", "format": "uri-reference"}
    assert describe(CitySerializer, "out")["properties"] == {
        "url": url,
        "driver": {"type": ["string", "null"], "format": "uri-reference"},
        "tags": {"type": "array", "items": url},
    }


class TestDepth:
    """Serializers that ``Meta.depth`` makes."""

    def test_they_are_named_after_their_models(self) -> None:
        schema = ride("out", "driver", "city", "tags", depth=1)
        assert list(schema["$defs"]) == ["Driver", "City", "Tag"]
        assert schema["properties"]["driver"] == {"anyOf": [{"$ref": "#/$defs/Driver"}, {"type": "null"}]}
        assert schema["properties"]["tags"] == {"type": "array", "items": {"$ref": "#/$defs/Tag"}}
        assert schema["$defs"]["Driver"]["properties"]["city"] == {"type": "string", "maxLength": 3}

    def test_each_model_and_depth_is_described_once(self) -> None:
        class CommentSerializer(S.ModelSerializer):
            class Meta:
                model = Comment
                fields = ["replies_to", "also", "too"]
                depth = 10

        # Three relations to itself, ten levels: 88,573 objects if they were not shared.
        names = list(describe(CommentSerializer, "out")["$defs"])
        assert len([name for name in names if name.startswith("Comment")]) == 10

    def test_they_are_read_only(self) -> None:
        assert "$defs" not in ride("in", "driver", depth=1)


@pytest.mark.django_db  # a connection opened without a test's database would stay, and other threads have another one
def test_nothing_asks_the_database() -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("the database was asked")

    class NosySerializer(S.ModelSerializer):
        driver = S.PrimaryKeyRelatedField(
            queryset=Driver.objects.filter(name="x"), default=lambda: Driver.objects.get()
        )
        rated = S.SlugRelatedField("name", queryset=Driver.objects.none() | Driver.objects.all(), many=True)
        nested = DriverSerializer(Driver.objects.all(), many=True)

        class Meta:
            model = Ride
            exclude = ["icon"]
            depth = 2

    with connection.execute_wrapper(refuse):
        with pytest.raises(AssertionError, match="was asked"):
            list(Driver.objects.all())
        for direction in ("in", "out"):
            describe(NosySerializer, direction)
            describe(NosySerializer(Ride.objects.all(), many=True), direction)
