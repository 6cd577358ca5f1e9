"""Titles, descriptions and defaults of fields, and what is left out of a direction."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from chanspec.channels.serializers import describe
from tests.drf.conftest import serializer_with
from tests.drf.models import Ride

S = serializers


class TestAnnotations:
    def test_help_text_is_the_description_and_lazy_text_is_resolved(self, schema_of) -> None:
        field = S.IntegerField(help_text=_("How many\n    seats"))
        schema = schema_of(field, "out")
        assert schema == {"type": "integer", "description": "How many\nseats"}
        assert type(schema["description"]) is str

    def test_label_is_the_title_where_it_says_more_than_the_name(self, schema_of) -> None:
        assert schema_of(S.IntegerField(label=_("Seats")), "out") == {"type": "integer", "title": "Seats"}
        assert schema_of(S.IntegerField(label="VALUE"), "out") == {"type": "integer"}
        assert schema_of(S.IntegerField(label=""), "out") == {"type": "integer"}

    @pytest.mark.parametrize(
        ("field", "default"),
        [
            (S.IntegerField(default=3), 3),
            (S.ChoiceField(Ride.Status.choices, default=Ride.Status.REQUESTED), "requested"),
            (S.DateField(default=datetime.date(2026, 1, 2)), "2026-01-02"),
            (S.DurationField(default=datetime.timedelta(minutes=1), format="iso-8601"), "P0DT00H01M00S"),
            (S.DecimalField(5, 2, default=Decimal("1")), "1.00"),
            (S.ListField(default=[1, "a"]), [1, "a"]),
            (S.DictField(default={"a": None}), {"a": None}),
            (S.IntegerField(default=None, allow_null=True), None),
        ],
    )
    def test_constant_default_is_stated_on_the_way_in(self, field, default, schema_of) -> None:
        schema = schema_of(field, "in")
        assert schema["default"] == default
        assert type(schema["default"]) is type(default)
        assert "default" not in schema_of(field, "out")

    @pytest.mark.parametrize(
        "field",
        [
            S.IntegerField(default=lambda: 3),
            S.DateTimeField(default=serializers.CreateOnlyDefault(3)),
            S.FloatField(default=float("nan")),
            S.JSONField(default={1, 2}),
            S.IntegerField(default=None),
        ],
    )
    def test_default_that_is_computed_or_no_json_is_left_out(self, field, schema_of) -> None:
        assert "default" not in schema_of(field, "in")


def test_docstring_describes_the_object_and_is_not_inherited() -> None:
    class DocumentedSerializer(S.Serializer):
        """What a rider
        asks for."""

    class ChildSerializer(DocumentedSerializer):
        pass

    assert describe(DocumentedSerializer, "in") == {
        "type": "object",
        "title": "Documented",
        "description": "What a rider\nasks for.",
        "properties": {},
    }
    assert "description" not in describe(ChildSerializer, "in")


def test_read_only_fields_are_left_out_of_actions_and_write_only_ones_of_events() -> None:
    cls = serializer_with(a=S.IntegerField(read_only=True), b=S.IntegerField(write_only=True), c=S.IntegerField())
    assert list(describe(cls, "in")["properties"]) == ["b", "c"]
    assert list(describe(cls, "out")["properties"]) == ["a", "c"]
