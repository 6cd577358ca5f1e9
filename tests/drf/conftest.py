"""What the tests of serializers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework import serializers

from chanspec.channels.serializers import describe

Properties = Callable[..., dict[str, Any]]


def serializer_with(**attributes: Any) -> type[serializers.Serializer]:
    """A serializer class with these fields and methods."""
    return type("SampleSerializer", (serializers.Serializer,), attributes)


@pytest.fixture
def schema_of() -> Callable[..., Any]:
    """The schema of one field as a property named ``value``."""

    def describe_field(field: serializers.Field, direction: str, **attributes: Any) -> Any:
        return describe(serializer_with(value=field, **attributes), direction)["properties"].get("value")

    return describe_field
