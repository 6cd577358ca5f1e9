"""Model fields → JSON Schema of their values as they are, before a serializer field converts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from chanspec.channels.serializers.fields import enumeration
from chanspec.channels.serializers.hints import DECIMAL, DURATION
from chanspec.channels.serializers.sources import may_be_blank, unlisted_default
from chanspec.schemas.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from chanspec.schemas import JsonSchema

_MAPPING = serializers.ModelSerializer.serializer_field_mapping


def column_schema(column: models.Field[Any, Any], describe_field: Callable[[Any], JsonSchema]) -> JsonSchema:
    """Describe a column by the serializer field that DRF would make for it.

    Args:
        column: A model field that is no relation.
        describe_field: Describes a serializer field.

    Returns:
        The schema; ``{}`` for files, which JSON cannot carry, and for a model field of the project's own
        whose ``get_internal_type()`` names none of Django's.
    """
    match column:
        case models.FileField():
            return {}
        case models.FilePathField():
            return {"type": "string"}
        case models.DurationField():
            return {**DURATION, RULES: ["is a duration"]}  # encoders differ in its form
        case models.DecimalField():
            return dict(DECIMAL)
    field = _field_for(column)
    schema = {} if field is None else describe_field(field)
    if column.choices and "enum" in schema:
        return enumeration([*schema["enum"], *unlisted_default(column)])
    return schema


def label_schema(column: models.Field[Any, Any]) -> JsonSchema:
    """Describe what ``get_…_display`` returns: a label, or a value that has none as it is.

    The labels are not listed, because they are the language's. Of the values without one the model knows its default.
    """
    labels: list[Any] = ["", *unlisted_default(column)]
    types = enumeration(labels)["type"]
    return {"type": types}


def _field_for(column: models.Field[Any, Any]) -> Any:
    cls, arguments = serializers.ModelSerializer().build_standard_field(column.name, column)
    if issubclass(cls, serializers.ModelField):
        builtin = getattr(models, column.get_internal_type(), models.Field)
        cls = next(_MAPPING[base] for base in builtin.__mro__ if base in _MAPPING)
        arguments = {}
        if issubclass(cls, serializers.ModelField | serializers.FileField | serializers.DecimalField):
            return None
    field: Any = cls(**arguments)
    if may_be_blank(column) and hasattr(field, "allow_blank"):
        field.allow_blank = True
    # Here it is a value that some row has, not one for a new row.
    field.validators = [each for each in field.validators if not isinstance(each, UniqueValidator)]
    if isinstance(field, serializers.BigIntegerField):
        field.coerce_to_string = False
    return field
