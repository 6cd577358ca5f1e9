"""What code says of itself: chanspec_schema, drf-spectacular's annotation, type annotations, a class of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from typing_extensions import TypedDict

from chanspec.channels.serializers import describe
from chanspec.schemas import CannotDescribe
from tests.drf.conftest import serializer_with
from tests.drf.models import City, Driver

if TYPE_CHECKING:
    from decimal import Decimal

S = serializers
REF = "#/$defs/"


class PointField(serializers.Field):
    def to_representation(self, value: object) -> tuple[float, float]:
        return (0, 0)

    def to_internal_value(self, data: list[float]) -> object:
        return data


class UntypedField(serializers.Field):
    def to_representation(self, value):
        return value

    def to_internal_value(self, data):
        return data


class LowercaseField(serializers.CharField):
    def to_internal_value(self, data):
        return super().to_internal_value(data).lower()


class CityCodeField(serializers.RelatedField):
    queryset = City.objects.all()

    def to_representation(self, value: City) -> str:
        return value.code

    def to_internal_value(self, data):
        return data


NOT_NULL = {"type": ["object", "array", "string", "number", "boolean"]}
OWN_CHECKS = {"x-rules": ["passes the application's own checks"]}


class TestOwnFields:
    """Classes of a project's own."""

    def test_field_with_a_known_base_is_described_as_that(self, schema_of) -> None:
        assert schema_of(LowercaseField(max_length=3), "out") == {"type": "string", "maxLength": 3}

    def test_field_without_one_is_described_by_the_annotations_of_its_methods(self, schema_of) -> None:
        assert schema_of(PointField(), "in") == {"type": "array", "items": {"type": "number"}, **OWN_CHECKS}
        assert schema_of(PointField(), "out")["type"] == "array"
        assert schema_of(PointField(), "out")["maxItems"] == 2
        assert schema_of(CityCodeField(), "out") == {"type": "string"}
        assert schema_of(CityCodeField(), "in") == {**NOT_NULL, **OWN_CHECKS}

    def test_field_of_some_values_of_several_types_may_have_validators(self, schema_of) -> None:
        class EitherField(serializers.Field):
            def to_internal_value(self, data: Literal["a", 1]): ...

        def checked(value): ...

        assert schema_of(EitherField(validators=[checked]), "in") == {"enum": ["a", 1], **OWN_CHECKS}

    def test_field_that_says_nothing_has_no_constraint(self, schema_of) -> None:
        assert schema_of(UntypedField(), "in") == {**NOT_NULL, **OWN_CHECKS}
        assert schema_of(UntypedField(allow_null=True), "in") == OWN_CHECKS
        assert schema_of(UntypedField(allow_null=True), "out") == {}


class StopSerializer(S.Serializer):
    lat = S.FloatField()
    lng = S.FloatField(required=False)


class Car(TypedDict):
    plate: str


class Trip(TypedDict):
    car: Car


@dataclass
class Money:
    amount: int


class TestStatedSchemas:
    def test_method_field_has_the_type_that_its_method_returns(self) -> None:
        def get_a(self, instance) -> Trip: ...
        def get_b(self, instance) -> list[Trip]: ...
        def get_c(self, instance) -> int | None: ...
        def get_d(self, instance): ...
        def get_e(self, instance) -> Driver: ...
        def get_f(self, instance) -> StopSerializer: ...
        def get_g(self, instance) -> Decimal: ...  # imported for type checkers only
        def money(self, instance) -> Money: ...

        fields = {name: S.SerializerMethodField() for name in "abcdefg"}
        methods = {"get_a": get_a, "get_b": get_b, "get_c": get_c, "get_d": get_d, "get_e": get_e, "get_f": get_f,
                   "get_g": get_g, "money": money}  # fmt: skip
        schema = describe(serializer_with(**fields, m=S.SerializerMethodField("money"), **methods), "out")
        trip = schema["properties"]["a"]
        assert schema["properties"]["b"] == {"type": "array", "items": trip}
        assert trip["$ref"].removeprefix(REF) in schema["$defs"]
        assert schema["properties"]["c"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
        assert schema["properties"]["f"] == {"$ref": REF + "Stop"}
        assert [schema["properties"][name] for name in "deg"] == [{}, {}, {}]
        money_schema = schema["$defs"][schema["properties"]["m"]["$ref"].removeprefix(REF)]
        assert money_schema["properties"]["amount"] == {"type": "integer"}
        assert set(schema["$defs"]) == {"Trip", "Car", "Money", "Stop"}

    def test_method_that_is_missing_is_named(self) -> None:
        with pytest.raises(CannotDescribe, match=r":SampleSerializer has no method get_a for its field a; define it"):
            describe(serializer_with(a=S.SerializerMethodField()), "out")

    def test_definition_of_a_method_and_a_serializer_of_one_name_do_not_collide(self) -> None:
        def get_a(self, instance) -> Car: ...

        car = type("CarSerializer", (S.Serializer,), {"seats": S.IntegerField()})
        schema = describe(serializer_with(car=car(), a=S.SerializerMethodField(), get_a=get_a), "out")
        assert schema["properties"]["car"] == {"$ref": REF + "Car"}
        assert schema["properties"]["a"] == {"$ref": REF + "Car2"}

    def test_field_states_its_own_schema(self, schema_of) -> None:
        class ColorField(S.CharField):
            chanspec_schema = {"type": "string", "format": "color"}

        class PointField(S.Field):
            def chanspec_schema(self, direction: str) -> dict[str, Any]:
                return {"type": "array" if direction == "in" else "string"}

        assert schema_of(ColorField(max_length=3, allow_null=True, help_text="Of the car"), "in") == {
            "type": "string",
            "format": "color",
            "description": "Of the car",
        }
        assert schema_of(S.ListField(child=ColorField()), "in")["items"] == {"type": "string", "format": "color"}
        assert [schema_of(PointField(), direction)["type"] for direction in ("in", "out")] == ["array", "string"]

    def test_definitions_that_a_stated_schema_brings_are_hoisted(self) -> None:
        class CarField(S.Field):
            chanspec_schema = {"$ref": "#/definitions/Car", "definitions": {"Car": {"type": "object"}, "Unused": {}}}

        schema = describe(serializer_with(car=CarField()), "in")
        assert schema["properties"]["car"] == {"$ref": REF + "Car"}
        assert schema["$defs"] == {"Car": {"type": "object"}}

    def test_serializer_states_its_own_schema(self) -> None:
        class RawSerializer(S.BaseSerializer):
            chanspec_schema = {"type": "object", "properties": {"x": {"type": "integer"}}}

        assert describe(RawSerializer, "in") == RawSerializer.chanspec_schema
        schema = describe(serializer_with(raw=RawSerializer()), "in")
        assert schema["properties"]["raw"] == RawSerializer.chanspec_schema

    @pytest.mark.parametrize("stated", [3, {"type": 3}, {"$ref": "#/$defs/Nowhere"}])
    def test_stated_schema_that_is_none_is_refused(self, stated) -> None:
        cls = type("OddField", (S.Field,), {"chanspec_schema": stated})
        with pytest.raises(CannotDescribe, match=r"test_stated_schemas:OddField.chanspec_schema"):
            describe(serializer_with(a=cls()), "in")

    @pytest.mark.parametrize(
        ("stated", "expected"),
        [
            ({"type": "string", "format": "color"}, {"type": "string", "format": "color"}),
            ({"$ref": "#/components/schemas/Other"}, {}),  # of another document
            (OpenApiTypes.UUID, {"type": "string", "format": "uuid"}),
            (OpenApiTypes.NONE, {}),
            (OpenApiTypes.OBJECT, {"type": "object"}),
            (list[int], {"type": "array", "items": {"type": "integer"}}),
            (S.IntegerField, {"type": "integer"}),
            (S.ListField(child=S.FloatField()), {"type": "array", "items": {"type": "number"}}),
            (StopSerializer, {"$ref": REF + "Stop"}),
            (StopSerializer(many=True), {"type": "array", "items": {"$ref": REF + "Stop"}}),
        ],
    )
    def test_annotation_of_drf_spectacular_is_honoured(self, stated, expected) -> None:
        @extend_schema_field(stated)
        def get_a(self, instance): ...

        @extend_schema_field(stated)
        class OwnField(S.Field):
            pass

        cls = serializer_with(a=S.SerializerMethodField(), b=OwnField(), get_a=get_a)
        properties = describe(cls, "out")["properties"]
        assert properties["a"] == properties["b"] == expected

    def test_annotation_of_drf_spectacular_does_not_take_away_null(self, schema_of) -> None:
        own = extend_schema_field(OpenApiTypes.INT)(type("OwnField", (S.Field,), {}))
        assert schema_of(own(allow_null=True), "in") == {"type": ["integer", "null"]}

    def test_base_serializer_that_says_nothing_is_refused_as_a_payload_and_open_when_nested(self, schema_of) -> None:
        class RawSerializer(S.BaseSerializer):
            pass

        with pytest.raises(CannotDescribe, match=r"RawSerializer has no fields.*give it a chanspec_schema"):
            describe(RawSerializer, "in")
        assert schema_of(RawSerializer(), "in") == NOT_NULL
