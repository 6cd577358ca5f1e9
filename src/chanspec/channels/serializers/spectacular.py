"""What drf-spectacular's decorators state: ``@extend_schema_field`` and ``@extend_schema_serializer``.

drf-spectacular need not be installed. Nothing of it is imported: its decorators leave a dict on what they decorate.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from rest_framework.serializers import BaseSerializer, Field

from chanspec.channels.serializers.constants import constant
from chanspec.channels.serializers.hints import annotation_schema
from chanspec.channels.serializers.instances import instance_of, unwrapped
from chanspec.schemas import CannotDescribe, Described, JsonSchema
from chanspec.schemas import describe as describe_payload

if TYPE_CHECKING:
    from chanspec.channels.serializers.walk import Walk

_LAZY = ("drf_spectacular.helpers", "LazySerializer")


def spectacular_schema(owner: Any, walk: Walk) -> JsonSchema | None:
    """Return what ``@extend_schema_field`` says of a field, a serializer, their class, a method or a property.

    Args:
        owner: What may have been decorated.
        walk: The description that it is part of.

    Returns:
        The schema; ``{}`` where it says what cannot be said here; None where nothing is stated.
    """
    stated = _overrides(owner).get("field")
    if stated is None:
        return None
    schema = _stated_schema(stated, walk)
    name = _overrides(owner).get("field_component_name")
    return walk.named(name, schema) if name and schema else schema


def component_name(cls: type) -> str:
    """The name that ``@extend_schema_serializer`` gives to a serializer's class, not to those that extend it."""
    return str(_own_overrides(cls).get("component_name") or "")


def excluded_fields(serializer: Any) -> frozenset[str]:
    """The fields that ``@extend_schema_serializer`` leaves out."""
    return frozenset(_overrides(serializer).get("exclude_fields") or ())


def with_overrides(schema: JsonSchema, serializer: Any, walk: Walk) -> JsonSchema:
    """Return the schema of a serializer's object with all else that ``@extend_schema_serializer`` says of it."""
    told = _overrides(serializer)
    if not told:
        return schema
    if (description := _own_overrides(type(serializer)).get("description")) is not None:
        schema = {**schema, "description": str(description)}
    deprecated: set[str] = set(told.get("deprecate_fields") or ())
    if deprecated:
        properties = schema["properties"].items()
        schema = {**schema, "properties": {name: _deprecated(name, each, deprecated) for name, each in properties}}
    if examples := [each for each in map(_example(walk), told.get("examples") or ()) if each is not None]:
        schema = {**schema, "examples": examples}
    extensions = told.get("extensions") or {}
    return {**schema, **{key: constant(value) for key, value in extensions.items() if str(key).startswith("x-")}}


def _overrides(owner: Any) -> Mapping[str, Any]:
    while isinstance(owner, functools.partial):
        owner = owner.func
    annotation = getattr(owner, "_spectacular_annotation", None)
    return annotation if isinstance(annotation, Mapping) else {}


def _own_overrides(cls: type) -> Mapping[str, Any]:
    """Those of a class, without what it only inherits: a name and a text are one class's."""
    told = _overrides(cls)
    inherited = _overrides(super(cls, cls)) if cls.__mro__[1:] else {}
    return {key: value for key, value in told.items() if inherited.get(key) is not value}


def _stated_schema(stated: Any, walk: Walk) -> JsonSchema:
    if isinstance(stated, Mapping):
        try:
            return _with_definitions(describe_payload(stated, walk.direction))
        except CannotDescribe:  # it refers to another document, for instance
            return {}
    if isinstance(stated, Enum):
        return _named_type(stated)
    if isinstance(stated, type) and (stated.__module__, stated.__name__) == _LAZY:
        stated = stated()
    stated = unwrapped(stated)
    if isinstance(stated, BaseSerializer) or (isinstance(stated, type) and issubclass(stated, BaseSerializer)):
        return walk.field(instance_of(stated))
    if isinstance(stated, type) and issubclass(stated, Field):
        stated = stated()
    if isinstance(stated, Field):
        return walk.field(stated)
    return annotation_schema(stated, walk.direction, walk.reference)


def _named_type(stated: Enum) -> JsonSchema:
    """The schema of an ``OpenApiTypes``: the module that defines them maps them to schemas."""
    # What Python writes of these two need not have the offset that the formats demand.
    if stated.name == "TIME":
        return {"type": "string", "format": "time-local"}
    if stated.name == "DATETIME" and not settings.USE_TZ:
        return {"type": "string", "format": "date-time-local"}
    if stated.name == "OBJECT":
        return {"type": "object"}
    types = getattr(sys.modules[type(stated).__module__], "OPENAPI_TYPE_MAPPING", {})
    return dict(types.get(stated) or {})


def _with_definitions(described: Described) -> JsonSchema:
    return {**described.root, "$defs": described.definitions} if described.definitions else described.root


def _deprecated(name: str, schema: JsonSchema, deprecated: set[str]) -> JsonSchema:
    if name not in deprecated:
        return schema
    return {"allOf": [schema], "deprecated": True} if "$ref" in schema else {**schema, "deprecated": True}


def _example(walk: Walk) -> Any:
    """Takes the object of an ``OpenApiExample`` that is meant for this direction; None of any other."""
    other = "response_only" if walk.direction == "in" else "request_only"

    def value(example: Any) -> Any:
        told = getattr(example, "value", None)
        return constant(told) if isinstance(told, dict) and not getattr(example, other, False) else None

    return value
