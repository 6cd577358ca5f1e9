"""Every field class of DRF, as JSON Schema."""

from __future__ import annotations

import datetime
import inspect
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.core.validators import validate_ipv4_address, validate_ipv6_address
from django.test import override_settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tests.drf.models import City, Driver, Ride, Tag

BLANK = {"type": "string", "const": ""}
DURATION = r"^(-?[0-9]{1,9} )?[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$"
# Django writes signs and fractions, which the format has not.
ISO_DURATION = r"^-?P[0-9]{1,9}DT[0-9]{2}H[0-9]{2}M[0-9]{2}(\.[0-9]{1,6})?S$"
SLUG = "^[-a-zA-Z0-9_]+$"
HERE = str(Path(__file__).parent)
NOT_NULL = {"type": ["object", "array", "string", "number", "boolean"]}
EXISTING = {"x-rules": ["names an existing object"]}
UPLOADED = {"type": "string", "format": "binary", "x-rules": ["is an uploaded file, which no message can hold"]}
ABSENT = None  # not on the wire in this direction
S = serializers

column = Ride._meta.get_field

# Field, what it is on the way in, what on the way out.
CASES: dict[type[serializers.Field], list[tuple]] = {
    S.Field: [],  # abstract: see test_own_fields
    S.BooleanField: [
        (S.BooleanField(), {"type": "boolean"}, {"type": "boolean"}),
        (S.BooleanField(allow_null=True), {"type": ["boolean", "null"]}, {"type": ["boolean", "null"]}),
    ],
    S.CharField: [
        (S.CharField(), {"type": "string", "minLength": 1}, {"type": "string"}),
        (S.CharField(allow_blank=True), {"type": "string"}, {"type": "string"}),
        (
            S.CharField(min_length=2, max_length=4),
            {"type": "string", "minLength": 2, "maxLength": 4},
            {"type": "string", "minLength": 2, "maxLength": 4},
        ),
        (
            S.CharField(min_length=2, allow_blank=True, allow_null=True),
            {"anyOf": [{"type": "string", "minLength": 2}, BLANK, {"type": "null"}]},
            {"anyOf": [{"type": "string", "minLength": 2}, BLANK, {"type": "null"}]},
        ),
    ],
    S.EmailField: [
        (S.EmailField(), {"type": "string", "format": "email"}, {"type": "string", "format": "email"}),
        (
            S.EmailField(allow_blank=True),
            {"anyOf": [{"type": "string", "format": "email"}, BLANK]},
            {"anyOf": [{"type": "string", "format": "email"}, BLANK]},
        ),
    ],
    S.RegexField: [
        (
            S.RegexField(r"\A[a-z]+\Z"),
            {"type": "string", "pattern": "^[a-z]+$", "minLength": 1},
            {"type": "string", "pattern": "^[a-z]+$"},
        ),
    ],
    S.SlugField: [
        (S.SlugField(), {"type": "string", "pattern": SLUG, "minLength": 1}, {"type": "string", "pattern": SLUG}),
        # ECMA has no such class without the u flag, and one of ASCII would refuse what DRF takes.
        (
            S.SlugField(allow_unicode=True),
            {"type": "string", "x-pattern": r"^[-\w]+\Z", "minLength": 1},
            {"type": "string", "x-pattern": r"^[-\w]+\Z"},
        ),
    ],
    S.URLField: [(S.URLField(), {"type": "string", "format": "uri"}, {"type": "string", "format": "uri"})],
    S.UUIDField: [
        (S.UUIDField(), {"type": "string", "format": "uuid"}, {"type": "string", "format": "uuid"}),
        (S.UUIDField(format="hex"), *[{"type": "string", "pattern": "^[0-9a-f]{32}$"}] * 2),
        (S.UUIDField(format="int"), *[{"type": "integer", "minimum": 0}] * 2),
        (
            S.UUIDField(format="urn"),
            *[{"type": "string", "pattern": "^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}] * 2,
        ),
    ],
    S.IPAddressField: [
        (S.IPAddressField(), *[{"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}] * 2),
        (S.IPAddressField(protocol="IPv4"), *[{"type": "string", "format": "ipv4"}] * 2),
        (S.IPAddressField(protocol="ipv6"), *[{"type": "string", "format": "ipv6"}] * 2),
        (S.IPAddressField(validators=[validate_ipv4_address]), *[{"type": "string", "format": "ipv4"}] * 2),
        (S.IPAddressField(validators=[validate_ipv6_address]), *[{"type": "string", "format": "ipv6"}] * 2),
    ],
    S.IntegerField: [
        (S.IntegerField(), {"type": "integer"}, {"type": "integer"}),
        (S.IntegerField(min_value=1, max_value=5), *[{"type": "integer", "minimum": 1, "maximum": 5}] * 2),
        (S.IntegerField(max_value=2**63 - 1, min_value=-(2**63)), *[{"type": "integer", "format": "int64"}] * 2),
        (
            S.IntegerField(max_value=2**31 - 1, min_value=0),
            *[{"type": "integer", "minimum": 0, "format": "int32"}] * 2,
        ),
    ],
    S.BigIntegerField: [
        (S.BigIntegerField(), {"type": "integer"}, {"type": "integer"}),
        (
            S.BigIntegerField(coerce_to_string=True),
            {"type": ["string", "integer"], "pattern": "^-?[0-9]+$"},
            {"type": "string", "pattern": "^-?[0-9]+$"},
        ),
    ],
    S.FloatField: [
        (S.FloatField(min_value=0.5, max_value=9), *[{"type": "number", "minimum": 0.5, "maximum": 9}] * 2),
    ],
    S.DecimalField: [
        (
            S.DecimalField(max_digits=6, decimal_places=2),
            *[{"type": "string", "format": "decimal", "pattern": r"^-?[0-9]{1,4}(\.[0-9]{1,2})?$"}] * 2,
        ),
        (
            S.DecimalField(max_digits=4, decimal_places=0, min_value=0, max_value=Decimal("50")),
            *[
                {"type": "string", "format": "decimal", "pattern": "^[0-9]{1,4}$", "x-minimum": "0", "x-maximum": "50"}
            ]
            * 2,
        ),
        (
            S.DecimalField(max_digits=2, decimal_places=2),
            *[{"type": "string", "format": "decimal", "pattern": r"^-?0?\.[0-9]{1,2}$"}] * 2,
        ),
        (
            S.DecimalField(max_digits=None, decimal_places=None),
            *[{"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}] * 2,
        ),
        (
            S.DecimalField(max_digits=6, decimal_places=2, coerce_to_string=False, min_value=Decimal("0.5")),
            {
                "type": "number",
                "exclusiveMinimum": -10000,
                "exclusiveMaximum": 10000,
                "minimum": 0.5,
                "x-rules": ["has at most 6 digits", "has at most 2 decimal places"],
            },
            {"type": "number", "exclusiveMinimum": -10000, "exclusiveMaximum": 10000, "minimum": 0.5},
        ),
        (
            S.DecimalField(max_digits=3, decimal_places=0, coerce_to_string=False),
            {
                "type": "integer",
                "exclusiveMinimum": -1000,
                "exclusiveMaximum": 1000,
                "x-rules": ["has at most 3 digits"],
            },
            {"type": "integer", "exclusiveMinimum": -1000, "exclusiveMaximum": 1000},
        ),
        (
            S.DecimalField(max_digits=5, decimal_places=None),
            {
                "type": "string",
                "format": "decimal",
                "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
                "x-rules": ["has at most 5 digits"],
            },
            {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
        ),
        (
            S.DecimalField(max_digits=6, decimal_places=1, localize=True),
            {
                "type": "string",
                "x-rules": [
                    "is a number as the server's language writes it",
                    "has at most 6 digits",
                    "has at most 1 decimal place",
                ],
            },
            {"type": "string"},
        ),
    ],
    S.DateTimeField: [
        (S.DateTimeField(), *[{"type": "string", "format": "date-time"}] * 2),
        (S.DateTimeField(format=None), *[{"type": "string", "format": "date-time"}] * 2),
        (S.DateTimeField(default_timezone=None), *[{"type": "string", "format": "date-time"}] * 2),
        (S.DateTimeField(format="%d.%m.%Y"), {"type": "string", "format": "date-time"}, {"type": "string"}),
        (
            S.DateTimeField(input_formats=["%d.%m.%Y"]),
            {
                "type": "string",
                "pattern": r"^(0[1-9]|[12][0-9]|3[01])\.(0[1-9]|1[0-2])\.[1-9][0-9]{3}$",
                "x-rules": ["is written as DD.MM.YYYY"],
            },
            {"type": "string", "format": "date-time"},
        ),
    ],
    S.DateField: [
        (S.DateField(), *[{"type": "string", "format": "date"}] * 2),
        (
            S.DateField(input_formats=["%Y", "%b %d"]),
            {"type": "string", "x-rules": ["is written as YYYY, [Jan-Dec] DD"]},
            {"type": "string", "format": "date"},
        ),
        (
            S.DateField(format="%Y", input_formats=["%Y", "iso-8601"]),
            {"type": "string", "format": "date"},
            {"type": "string"},
        ),
    ],
    S.TimeField: [
        (S.TimeField(), *[{"type": "string", "format": "time-local"}] * 2),
        (S.TimeField(format="%H"), {"type": "string", "format": "time-local"}, {"type": "string"}),
    ],
    S.DurationField: [
        (S.DurationField(), *[{"type": "string", "pattern": DURATION}] * 2),
        (
            S.DurationField(format="iso-8601"),
            {"type": "string", "format": "duration", "x-rules": ["has no years, months or weeks"]},
            {"type": "string", "pattern": ISO_DURATION},
        ),
        (S.DurationField(format=None), {"type": "string", "pattern": DURATION}, {"type": "string"}),
        (
            S.DurationField(format="iso-8601", max_value=datetime.timedelta(hours=2)),
            {
                "type": "string",
                "format": "duration",
                "x-rules": ["has no years, months or weeks"],
                "x-maximum": "P0DT02H00M00S",
            },
            {"type": "string", "pattern": ISO_DURATION, "x-maximum": "P0DT02H00M00S"},
        ),
    ],
    S.ChoiceField: [
        (S.ChoiceField(["card", "cash"]), *[{"type": "string", "enum": ["card", "cash"]}] * 2),
        (S.ChoiceField([1, 2]), *[{"type": "integer", "enum": [1, 2]}] * 2),
        (
            S.ChoiceField([("Near", [(1, "One")]), ("Far", [(9.5, "Nine"), ("x", "X"), (True, "True")])]),
            # True is 1 to Python, so DRF has three choices.
            *[
                {
                    "type": ["integer", "number", "string"],
                    "enum": [1, 9.5, "x"],
                    "description": "- `1`: True\n- `9.5`: Nine\n- `x`: X",
                }
            ]
            * 2,
        ),
        (
            S.ChoiceField([(1, "1"), (2, "2")], allow_null=True, allow_blank=True),
            *[{"type": ["integer", "string", "null"], "enum": [1, 2, "", None]}] * 2,
        ),
        (
            S.ChoiceField([(None, "Nothing"), ("a_b", "A b")], allow_null=True),
            *[{"type": ["string", "null"], "enum": ["a_b", None]}] * 2,
        ),
        (
            S.ChoiceField(Ride.Stars.choices),
            *[{"type": "integer", "enum": [1, 2], "description": "- `1`: One\n- `2`: Two"}] * 2,
        ),
        (
            S.ChoiceField([(datetime.date(2026, 1, 2), _("Opening")), (UUID(int=0), "")]),
            *[
                {
                    "type": "string",
                    "enum": ["2026-01-02", "00000000-0000-0000-0000-000000000000"],
                    "description": "- `2026-01-02`: Opening\n- `00000000-0000-0000-0000-000000000000`: ",
                }
            ]
            * 2,
        ),
        (S.ChoiceField([]), {**NOT_NULL, "x-rules": ["is one of the server's choices"]}, {}),
    ],
    S.MultipleChoiceField: [
        (
            S.MultipleChoiceField(choices=[1, 2], allow_empty=False),
            {"type": "array", "items": {"type": "integer", "enum": [1, 2]}, "minItems": 1},
            {"type": "array", "items": {"type": "integer", "enum": [1, 2]}, "uniqueItems": True},
        ),
    ],
    S.FilePathField: [
        # The server's files are nobody's business.
        (
            S.FilePathField(path=HERE, required=True),
            {"type": "string", "x-rules": ["names one of the server's files"], "minLength": 1},
            {"type": "string"},
        ),
    ],
    S.FileField: [
        (S.FileField(), UPLOADED, {"type": "string", "format": "uri-reference"}),
        (S.FileField(use_url=False), UPLOADED, {"type": "string"}),
        # DRF sends null where there is no file.
        (
            S.FileField(required=False),
            UPLOADED,
            {"type": ["string", "null"], "format": "uri-reference"},
        ),
    ],
    S.ImageField: [
        (S.ImageField(), UPLOADED, {"type": "string", "format": "uri-reference"}),
    ],
    S.ListField: [
        (S.ListField(), *[{"type": "array", "items": {}}] * 2),
        (
            S.ListField(child=S.IntegerField(allow_null=True), min_length=1, max_length=3),
            *[{"type": "array", "items": {"type": ["integer", "null"]}, "minItems": 1, "maxItems": 3}] * 2,
        ),
        (
            S.ListField(child=S.ListField(child=S.CharField()), allow_empty=False),
            {"type": "array", "items": {"type": "array", "items": {"type": "string", "minLength": 1}}, "minItems": 1},
            {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        ),
    ],
    S.DictField: [
        (S.DictField(), *[{"type": "object", "additionalProperties": True}] * 2),
        (
            S.DictField(child=S.FloatField(), allow_empty=False),
            {"type": "object", "additionalProperties": {"type": "number"}, "minProperties": 1},
            {"type": "object", "additionalProperties": {"type": "number"}},
        ),
    ],
    S.HStoreField: [
        (S.HStoreField(), *[{"type": "object", "additionalProperties": {"type": ["string", "null"]}}] * 2),
    ],
    S.JSONField: [
        (S.JSONField(), {"type": ["object", "array", "string", "number", "boolean"]}, {}),
        (S.JSONField(allow_null=True), {}, {}),
        (S.JSONField(binary=True), *[{"type": "string", "contentMediaType": "application/json"}] * 2),
    ],
    S.HiddenField: [(S.HiddenField(default=1), ABSENT, ABSENT)],
    S.ReadOnlyField: [(S.ReadOnlyField(), ABSENT, {})],
    S.SerializerMethodField: [(S.SerializerMethodField(), ABSENT, {"type": "array", "items": {"type": "integer"}})],
    S.ModelField: [
        (S.ModelField(model_field=column("seats")), *[{"type": "integer", "minimum": 0, "format": "int64"}] * 2),
        (S.ModelField(model_field=column("driver")), *[{"type": "string", "format": "uuid"}] * 2),
        (S.ModelField(model_field=column("digest")), *[{"type": "string", "contentEncoding": "base64"}] * 2),
        (S.ModelField(model_field=column("color")), *[{"type": "string"}] * 2),
        (S.ModelField(model_field=column("opaque")), NOT_NULL, {}),
        (
            S.ModelField(model_field=column("duration")),
            {"type": "string", "x-rules": ["is a duration"]},
            {"type": "string"},
        ),
    ],
    S.RelatedField: [],  # abstract: see test_own_fields
    S.StringRelatedField: [(S.StringRelatedField(), ABSENT, {"type": "string"})],
    S.PrimaryKeyRelatedField: [
        (
            S.PrimaryKeyRelatedField(queryset=Driver.objects.all()),
            {"type": "string", "format": "uuid", **EXISTING},
            {"type": "string", "format": "uuid"},
        ),
        (
            S.PrimaryKeyRelatedField(queryset=City.objects),
            {"type": "string", "maxLength": 3, **EXISTING},
            {"type": "string", "maxLength": 3},
        ),
        (
            S.PrimaryKeyRelatedField(queryset=Tag.objects.all(), allow_null=True),
            {"type": ["integer", "null"], **EXISTING},
            {"type": ["integer", "null"]},
        ),
        (
            S.PrimaryKeyRelatedField(queryset=Driver.objects.all(), pk_field=S.UUIDField(format="hex")),
            {"type": "string", "pattern": "^[0-9a-f]{32}$", **EXISTING},
            {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        ),
        (S.PrimaryKeyRelatedField(read_only=True), ABSENT, {}),  # of what model, a plain serializer cannot say
    ],
    S.SlugRelatedField: [
        (
            S.SlugRelatedField("name", queryset=Tag.objects.all()),
            {"type": "string", "maxLength": 20, **EXISTING},
            {"type": "string", "maxLength": 20},
        ),
        (
            S.SlugRelatedField("driver__city__iata", queryset=Ride.objects.all()),
            {"type": "string", "maxLength": 8, "pattern": SLUG, **EXISTING},
            {"type": "string", "maxLength": 8, "pattern": SLUG},
        ),
        (
            S.SlugRelatedField("initials", queryset=Driver.objects.all()),
            {"type": "string", **EXISTING},
            {"type": "string"},
        ),
    ],
    S.HyperlinkedRelatedField: [
        (
            S.HyperlinkedRelatedField(view_name="city", queryset=City.objects.all()),
            {"type": "string", "format": "uri-reference", **EXISTING},
            {"type": "string", "format": "uri-reference"},
        ),
    ],
    S.HyperlinkedIdentityField: [
        (S.HyperlinkedIdentityField(view_name="city"), ABSENT, {"type": "string", "format": "uri-reference"}),
    ],
    S.ManyRelatedField: [
        (
            S.PrimaryKeyRelatedField(queryset=Tag.objects.all(), many=True, allow_empty=False),
            {"type": "array", "items": {"type": "integer"}, "minItems": 1, **EXISTING},
            {"type": "array", "items": {"type": "integer"}},
        ),
        (S.StringRelatedField(many=True), ABSENT, {"type": "array", "items": {"type": "string"}}),
    ],
}  # fmt: skip


def field_classes() -> set[type[serializers.Field]]:
    """What ``rest_framework.serializers`` offers as fields."""
    return {
        member
        for name, member in vars(serializers).items()
        if inspect.isclass(member)
        and issubclass(member, serializers.Field)
        and not issubclass(member, serializers.BaseSerializer)
        and not name.startswith("_")
    }


def test_every_field_class_of_drf_has_its_cases() -> None:
    assert field_classes() == CASES.keys()


PARAMETERS = [
    pytest.param(field, *schemas, id=f"{cls.__name__}-{number}")
    for cls, cases in CASES.items()
    for number, (field, *schemas) in enumerate(cases)
]


class MethodOwner:
    def get_value(self, instance: object) -> list[int]:
        return []


@pytest.mark.parametrize(("field", "inbound", "outbound"), PARAMETERS)
def test_field_is_described_in_both_directions(field, inbound, outbound, schema_of) -> None:
    assert schema_of(field, "in", get_value=MethodOwner.get_value) == inbound
    assert schema_of(field, "out", get_value=MethodOwner.get_value) == outbound


def test_settings_decide_the_form_of_decimals_dates_durations_and_big_integers(schema_of) -> None:
    own = {
        "COERCE_DECIMAL_TO_STRING": False,
        "COERCE_BIGINT_TO_STRING": True,
        "DATETIME_FORMAT": "%Y",
        "DATE_INPUT_FORMATS": ["%Y"],
        "DURATION_FORMAT": "iso-8601",
        "UPLOADED_FILES_USE_URL": False,
    }
    with override_settings(REST_FRAMEWORK=own):
        assert schema_of(S.DecimalField(max_digits=3, decimal_places=1), "out") == {
            "type": "number",
            "exclusiveMinimum": -100,
            "exclusiveMaximum": 100,
        }
        assert schema_of(S.BigIntegerField(), "out") == {"type": "string", "pattern": "^-?[0-9]+$"}
        assert schema_of(S.DateTimeField(), "out") == {"type": "string"}
        assert schema_of(S.DateField(), "in") == {
            "type": "string",
            "pattern": "^[1-9][0-9]{3}$",
            "x-rules": ["is written as YYYY"],
        }
        assert schema_of(S.DurationField(), "out") == {"type": "string", "pattern": ISO_DURATION}
        assert schema_of(S.FileField(), "out") == {"type": "string"}


@override_settings(USE_TZ=False)
def test_times_without_zones_do_not_claim_an_offset(schema_of) -> None:
    assert schema_of(S.DateTimeField(), "out") == {"type": "string", "format": "date-time-local"}
    zoned = S.DateTimeField(default_timezone=datetime.UTC)
    assert schema_of(zoned, "out") == {"type": "string", "format": "date-time"}
