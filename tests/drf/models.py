# ruff: noqa: DJ008 - nobody prints them
"""Models whose serializers are described: every relation, and columns of every kind."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy


class HexColorField(models.Field):
    """A field of a project's own that says which of Django's types it is."""

    def get_internal_type(self) -> str:
        return "CharField"


class OpaqueField(models.Field):
    """A field of a project's own that says nothing."""

    def db_type(self, connection: Any) -> str:
        return "blob"


class City(models.Model):
    code = models.CharField(max_length=3, primary_key=True)
    iata = models.SlugField(unique=True, max_length=8)


class Driver(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=40)
    city = models.ForeignKey(City, on_delete=models.CASCADE)
    backup_city = models.ForeignKey(City, on_delete=models.CASCADE, null=True, related_name="backup_drivers")

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split())


class Tag(models.Model):
    name = models.CharField(max_length=20, unique=True)


class Ride(models.Model):
    """A ride."""

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        UNDER_WAY = "under_way", "On its way to you"

    class Stars(models.IntegerChoices):
        ONE = 1
        TWO = 2

    driver = models.ForeignKey(Driver, on_delete=models.CASCADE, null=True, blank=True, related_name="rides")
    city = models.ForeignKey(City, on_delete=models.CASCADE, to_field="iata")
    previous = models.OneToOneField("self", on_delete=models.CASCADE, null=True, related_name="following")
    tags = models.ManyToManyField(Tag, blank=True)
    stops = models.ManyToManyField(City, related_name="stopping_rides")

    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED, verbose_name="State of it")
    stars = models.SmallIntegerField(choices=Stars, null=True, blank=True)
    reference = models.CharField(max_length=12, unique=True, validators=[RegexValidator(r"\A[A-Z]{3}-\d+\Z")])
    note = models.TextField(blank=True, help_text="What the driver should know")
    homepage = models.URLField(blank=True)
    contact = models.EmailField()
    slug = models.SlugField()
    fare = models.DecimalField(max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal("0"))])
    latitude = models.FloatField(null=True)
    seats = models.PositiveSmallIntegerField(default=1)
    distance = models.BigIntegerField(validators=[MinValueValidator(5)])
    shared = models.BooleanField(default=False)
    duration = models.DurationField(null=True)
    day = models.DateField()
    at = models.TimeField()
    created = models.DateTimeField(auto_now_add=True)
    token = models.UUIDField(default=uuid.uuid4)
    address = models.GenericIPAddressField(protocol="IPv4", null=True)
    extra = models.JSONField(default=dict)
    photo = models.FileField(upload_to="photos", blank=True)
    contract = models.FileField(upload_to="contracts")
    icon = models.FilePathField(path=Path(__file__).parent, blank=True)
    digest = models.BinaryField()
    color = HexColorField()
    opaque = OpaqueField()

    @property
    def is_paid(self) -> bool:
        return True

    @cached_property
    def summary(self) -> dict[str, int]:
        return {}

    @property
    def untyped(self):
        return None

    def distance_in_km(self) -> float:
        return self.distance / 1000


class Receipt(models.Model):
    ride = models.OneToOneField(Ride, on_delete=models.CASCADE, primary_key=True, related_name="receipt")
    total = models.DecimalField(max_digits=8, decimal_places=2)


class Comment(models.Model):
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    subject = GenericForeignKey()
    replies_to = models.ForeignKey("self", on_delete=models.CASCADE, null=True)
    also = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+")
    too = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+")


class Rate(models.Model):
    """Columns with choices of every type, and everything that may be null, blank or computed."""

    class Grade(models.IntegerChoices):
        LOW = 1, "Low"
        HIGH = 2, "High"

    class Weight(Decimal, models.Choices):
        LIGHT = "0.50", "Light"
        HEAVY = "2.25", "Heavy"

    vat = models.DecimalField(
        max_digits=4, decimal_places=2, choices=[(Decimal("1.50"), "Low"), (Decimal("2"), "High")]
    )
    fee = models.DecimalField(max_digits=4, decimal_places=2, choices=[(1, "Low"), (Decimal("2.5"), "High")], default=1)
    vat_or_null = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True, choices=Weight)
    grade = models.SmallIntegerField(choices=Grade, default=0)
    grade_or_null = models.SmallIntegerField(choices=Grade, null=True)
    grade_of_null = models.SmallIntegerField(choices=[(None, "Unknown"), *Grade.choices], null=True)
    letter = models.CharField(max_length=1, choices=[("Group", [("a", gettext_lazy("First"))]), ("b", "B")], blank=True)
    day = models.DateField(choices=[(datetime.date(2026, 1, 2), "Friday")], null=True)
    moment = models.DateTimeField(choices=[(datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, datetime.UTC), "Then")])
    lasting = models.DurationField(choices=[(datetime.timedelta(hours=1, seconds=5), "Long")])
    key = models.UUIDField(choices=[(uuid.UUID(int=7), "Seven")])
    price = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    waiting = models.DurationField(null=True)
    homepage = models.URLField(blank=True)
    contact = models.EmailField(default="")
    code = models.SlugField(null=True, unique=True)  # noqa: DJ001 - such columns exist
    raw = models.BinaryField(null=True)
    doubled = models.GeneratedField(
        expression=models.F("grade") * 2, output_field=models.IntegerField(), db_persist=True
    )
    ride = models.ForeignKey(Ride, on_delete=models.CASCADE, null=True, related_name="rates")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, null=True)
    object_id = models.PositiveIntegerField(null=True)
    subject = GenericForeignKey()
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")

    @property
    def total(self) -> Decimal:
        return Decimal("12.30")

    @property
    def nickname(self) -> str | None:
        return None

    @cached_property
    def chosen_ride(self) -> Ride | None:
        return self.ride

    @staticmethod
    def rounding() -> Decimal | None:
        return None

    def since(self) -> datetime.timedelta:
        return datetime.timedelta(days=1, microseconds=5)
