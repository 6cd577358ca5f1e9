"""Every serializer field that is sent: what the agreement of schemas and validators is tested with."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core import validators
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from tests.drf.models import City, Driver, Receipt, Ride, Tag

S = serializers
HERE = str(Path(__file__).parent)
column = Ride._meta.get_field


def even(value: int) -> None:
    if value % 2:
        raise serializers.ValidationError("odd")


class Words(S.CharField):
    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        even(len(text))
        return text


class Raw(S.BaseSerializer):
    def to_internal_value(self, data: Any) -> Any:
        return data


class Together(S.Serializer):
    a = S.IntegerField()
    b = S.IntegerField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["a"] > attrs["b"]:
            raise S.ValidationError({"a": "too large"})
        return attrs


class Each(S.Serializer):
    a = S.IntegerField()
    b = Together(required=False)

    def validate_a(self, value: int) -> int:
        even(value)
        return value

    def validate_b(self, value: dict[str, int]) -> dict[str, int]:
        even(value["a"])
        return value


class UniqueTag(S.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["name"]


class OnlyOne(S.Serializer):
    id = S.IntegerField()
    name = S.CharField()

    class Meta:
        validators = [UniqueTogetherValidator(Tag.objects.all(), ["id", "name"])]


class WholeRide(S.ModelSerializer):
    class Meta:
        model = Ride
        exclude = ["photo", "contract"]


class WholeReceipt(S.ModelSerializer):
    class Meta:
        model = Receipt
        fields = "__all__"


def _text(**options: Any) -> S.CharField:
    return S.CharField(**options)


FIELDS: dict[str, S.Field] = {
    "boolean": S.BooleanField(),
    "boolean or null": S.BooleanField(allow_null=True),
    "text": _text(),
    "text, blank": _text(allow_blank=True),
    "text, lengths": _text(min_length=2, max_length=4),
    "text, not trimmed": _text(trim_whitespace=False),
    "email": S.EmailField(max_length=15),
    "email, blank": S.EmailField(allow_blank=True),
    "regex": S.RegexField(r"^[a-z]+$"),
    "regex, any case": S.RegexField(re.compile("^[a-z]+$", re.I)),
    "regex of Unicode": S.RegexField(r"^\w+$"),
    "slug": S.SlugField(),
    "slug of Unicode": S.SlugField(allow_unicode=True),
    "url": S.URLField(max_length=25),
    "url of ftp": _text(validators=[validators.URLValidator(schemes=["ftp"])]),
    **{f"uuid, {form}": S.UUIDField(format=form) for form in ("hex_verbose", "hex", "int", "urn")},
    **{f"address, {protocol}": S.IPAddressField(protocol=protocol) for protocol in ("both", "ipv4", "ipv6")},
    "integer": S.IntegerField(min_value=1, max_value=5),
    "big integer": S.BigIntegerField(),
    "big integer, text": S.BigIntegerField(coerce_to_string=True, min_value=3, max_value=10),
    "float": S.FloatField(min_value=0.5, max_value=9),
    "decimal": S.DecimalField(6, 2),
    "decimal, whole": S.DecimalField(4, 0, min_value=0, max_value=Decimal(50)),
    "decimal, below one": S.DecimalField(2, 2),
    "decimal, any": S.DecimalField(None, None),
    "decimal, digits": S.DecimalField(5, None),
    "decimal, places": S.DecimalField(None, 3),
    "decimal, localized": S.DecimalField(6, 2, localize=True),
    "decimal, number": S.DecimalField(6, 2, coerce_to_string=False, min_value=Decimal("0.5")),
    "decimal, whole number": S.DecimalField(4, 0, coerce_to_string=False),
    "decimal, number with places": S.DecimalField(None, 2, coerce_to_string=False),
    "decimal, number with digits": S.DecimalField(5, None, coerce_to_string=False),
    "moment": S.DateTimeField(),
    "moment as it is": S.DateTimeField(format=None),
    "moment in a form": S.DateTimeField(input_formats=["%d.%m.%Y %H:%M"]),
    "date": S.DateField(validators=[validators.MinValueValidator(datetime.date(2024, 1, 1))]),
    "date in forms": S.DateField(input_formats=["%Y", "%d.%m.%y"]),
    "date in words": S.DateField(input_formats=["%d %B %Y"]),
    "date in forms and ISO 8601": S.DateField(input_formats=["%Y", "iso-8601"]),
    "time": S.TimeField(),
    "time in a form": S.TimeField(input_formats=["%H"]),
    "duration": S.DurationField(min_value=datetime.timedelta(0), max_value=datetime.timedelta(hours=1)),
    "duration of ISO 8601": S.DurationField(format="iso-8601"),
    "duration as it is": S.DurationField(format=None),
    "choice": S.ChoiceField([1, 2], allow_blank=True, allow_null=True),
    "choice in groups": S.ChoiceField([("N", [(1, "One")]), ("F", [(9.5, "x"), ("x", "X")])]),
    "choice of dates": S.ChoiceField([(datetime.date(2026, 1, 2), "x")]),
    "choice, checked": S.ChoiceField([1, 2], validators=[even]),
    "choice of nothing": S.ChoiceField([]),
    "choices": S.MultipleChoiceField(choices=[1, 2]),
    "choices of texts": S.MultipleChoiceField(choices=["a", "b"], allow_empty=False),
    "path": S.FilePathField(path=HERE),
    "path, required": S.FilePathField(path=HERE, required=True),
    "file": S.FileField(),
    "image": S.ImageField(),
    "list": S.ListField(),
    "list of numbers": S.ListField(child=S.IntegerField(allow_null=True), min_length=1, max_length=3),
    "list of lists": S.ListField(child=S.ListField(child=_text()), allow_empty=False),
    "list, checked": S.ListField(child=S.IntegerField(validators=[even])),
    "dict": S.DictField(child=S.FloatField(), allow_empty=False),
    "hstore": S.HStoreField(),
    "json": S.JSONField(),
    "json or null": S.JSONField(allow_null=True),
    "json as text": S.JSONField(binary=True),
    **{
        f"column {name}": S.ModelField(model_field=column(name))
        for name in ("seats", "driver", "digest", "fare", "duration", "day", "extra", "created", "opaque", "photo")
    },
    "key": S.PrimaryKeyRelatedField(queryset=Driver.objects.all()),
    "key that is text": S.PrimaryKeyRelatedField(queryset=City.objects.all()),
    "key or null": S.PrimaryKeyRelatedField(queryset=Tag.objects.all(), allow_null=True),
    "key in hex": S.PrimaryKeyRelatedField(queryset=Driver.objects.all(), pk_field=S.UUIDField(format="hex")),
    "keys": S.PrimaryKeyRelatedField(queryset=Tag.objects.all(), many=True, allow_empty=False),
    "name": S.SlugRelatedField("name", queryset=Tag.objects.all()),
    "name far away": S.SlugRelatedField("driver__city__iata", queryset=Ride.objects.all()),
    "names": S.SlugRelatedField("name", queryset=Tag.objects.all(), many=True),
    "link": S.HyperlinkedRelatedField(view_name="city", queryset=City.objects.all()),
    "function": S.IntegerField(validators=[even]),
    "no null characters": _text(validators=[validators.ProhibitNullCharactersValidator()]),
    "unique": _text(source="name", validators=[UniqueValidator(Tag.objects.all())]),
    "slug by a validator": _text(validators=[validators.validate_slug]),
    "Unicode slug by a validator": _text(validators=[validators.validate_unicode_slug]),
    "IPv4 by a validator": _text(validators=[validators.validate_ipv4_address]),
    "address by a validator": _text(validators=[validators.validate_ipv46_address]),
    "integers by a validator": _text(validators=[validators.validate_comma_separated_integer_list]),
    "integer by a validator": _text(validators=[validators.validate_integer]),
    "domain by a validator": _text(validators=[validators.DomainNameValidator()]),
    "step": S.IntegerField(validators=[validators.StepValueValidator(3)]),
    "step with a start": S.IntegerField(validators=[validators.StepValueValidator(3, offset=1)]),
    "step of a fraction": S.FloatField(validators=[validators.StepValueValidator(0.5)]),
    "no match": _text(validators=[validators.RegexValidator("^a", inverse_match=True)]),
    "match in any case": _text(validators=[validators.RegexValidator("^a", flags=re.I)]),
    "least text": _text(validators=[validators.MinValueValidator("m")]),
    "own class": Words(),
    "own serializer": Raw(),
    "checked together": Together(),
    "checked one by one": Each(),
    "many": Each(many=True, min_length=1),
    "unique by the model": UniqueTag(),
    "unique together": OnlyOne(),
    "ride": WholeRide(),
    "receipt": WholeReceipt(),
}
