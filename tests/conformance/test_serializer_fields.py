"""What the schema of a serializer field accepts, DRF accepts, or the schema says that there is more to it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers

from chanspec.channels.serializers.reading import SerializerReader
from chanspec.contract import Message
from chanspec.enforcement.reading import Invalid
from chanspec.fail_fast import Size
from chanspec.schemas import describe
from tests.conformance.agreement import Refusals, disagreements
from tests.conformance.fields_of_drf import FIELDS
from tests.drf.test_sent import full_ride

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", FIELDS)
def test_drf_and_the_schema_of_a_field_agree(name: str) -> None:
    full_ride()
    cls: Any = type("SampleSerializer", (serializers.Serializer,), {"value": FIELDS[name]})

    def refusals(value: Any) -> Refusals:
        if not isinstance(value, dict):
            return [()]
        try:
            reader.read(value, Size(0, 0), None)
        except Invalid as invalid:
            return [each.loc for each in invalid.mistakes]
        return []

    reader = SerializerReader(Message("in", "action", "go", cls, "tests:go"), gives_serializer=False)
    # A column's own methods take what they can make something of.
    assert disagreements(describe(cls, "in"), refusals, is_lenient=name.startswith("column")) == []
