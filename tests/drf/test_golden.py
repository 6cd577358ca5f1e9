"""The whole schemas of one serializer of every field class, and of a model serializer, in files to review."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rest_framework import serializers
from ruamel.yaml import YAML

from chanspec import document_action, document_event
from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.channels.serializers import describe
from tests.drf.models import City, Driver, Ride, Tag

S = serializers


class StopSerializer(S.Serializer):
    """A place on the way."""

    lat = S.FloatField(min_value=-90, max_value=90)
    lng = S.FloatField(min_value=-180, max_value=180)
    name = S.CharField(required=False, allow_blank=True, help_text="As the rider calls it")


class NoteSerializer(S.Serializer):
    text = S.CharField(max_length=500)

    def get_fields(self) -> dict[str, S.Field]:
        return {**super().get_fields(), "replies": NoteSerializer(many=True, required=False)}


class EverythingSerializer(S.Serializer):
    """One field of every class."""

    big = S.BigIntegerField(coerce_to_string=True)
    boolean = S.BooleanField(default=False)
    text = S.CharField(max_length=100, label="What to say")
    choice = S.ChoiceField([("card", "Card"), ("cash", "Cash in the car")], allow_null=True)
    date = S.DateField(required=False)
    date_time = S.DateTimeField()
    decimal = S.DecimalField(max_digits=8, decimal_places=2, min_value=0)
    dictionary = S.DictField(child=S.ListField(child=S.IntegerField()))
    duration = S.DurationField()
    email = S.EmailField(allow_blank=True)
    file = S.FileField(required=False)
    path = S.FilePathField(path="/", required=True)
    float = S.FloatField(allow_null=True, required=False)
    store = S.HStoreField()
    hidden = S.HiddenField(default=1)
    address = S.IPAddressField()
    image = S.ImageField(required=False)
    integer = S.IntegerField(min_value=1, max_value=9, default=1)
    json = S.JSONField()
    list = S.ListField(child=S.CharField(), allow_empty=False)
    model_field = S.ModelField(model_field=Ride._meta.get_field("color"))
    choices = S.MultipleChoiceField(choices=[1, 2, 3])
    attribute = S.ReadOnlyField()
    regex = S.RegexField(r"\A[A-Z]{2}-\d+\Z")
    method = S.SerializerMethodField()
    slug = S.SlugField()
    time = S.TimeField()
    url = S.URLField()
    uuid = S.UUIDField()
    identity = S.HyperlinkedIdentityField(view_name="ride")
    link = S.HyperlinkedRelatedField(view_name="city", queryset=City.objects.all())
    key = S.PrimaryKeyRelatedField(queryset=Driver.objects.all())
    keys = S.PrimaryKeyRelatedField(queryset=Tag.objects.all(), many=True)
    name = S.SlugRelatedField("name", queryset=Tag.objects.all())
    string = S.StringRelatedField()
    secret = S.CharField(write_only=True)
    start = StopSerializer()
    end = StopSerializer(allow_null=True, help_text="Where to, if that is known")
    stops = StopSerializer(many=True, required=False)
    note = NoteSerializer(required=False)

    def get_method(self, instance: Any) -> dict[str, int]:
        return {}


class RideSerializer(S.ModelSerializer):
    stop_codes = S.SlugRelatedField("iata", source="stops", many=True, read_only=True)
    driver_name = S.CharField(source="driver.name", read_only=True)

    class Meta:
        model = Ride
        fields = [
            *(field.name for field in Ride._meta.get_fields() if not field.auto_created or field.concrete),
            *("receipt", "is_paid", "distance_in_km", "stop_codes", "driver_name"),
        ]


class DeepRideSerializer(S.ModelSerializer):
    class Meta:
        model = Ride
        fields = ["id", "driver", "tags", "previous"]
        depth = 2


@pytest.mark.parametrize("cls", [EverythingSerializer, RideSerializer, DeepRideSerializer])
@pytest.mark.parametrize("direction", ["in", "out"])
def test_whole_schema_is_as_reviewed(cls, direction, golden) -> None:
    yaml, text = YAML(), io.StringIO()
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.dump(describe(cls, direction), text)
    golden(f"{cls.__name__.removesuffix('Serializer').lower()}_{direction}.yml", text.getvalue())


class RideConsumer:
    @document_action(payload=EverythingSerializer, responses={"ride.requested": RideSerializer})
    def handle_everything(self, content: Any) -> None: ...

    @document_action(payload=RideSerializer)
    def handle_ride(self, content: Any) -> None: ...

    @document_event("ride", payload=DeepRideSerializer)
    def ride(self, event: Any) -> None: ...

    @document_event("everything", payload=EverythingSerializer)
    def everything(self, event: Any) -> None: ...


def test_document_with_these_payloads_passes_the_official_parser(official_parser) -> None:
    generator = AsyncAPIGenerator(RideConsumer)
    official_parser.check(generator.get_spec())
    assert generator.problems == ()
