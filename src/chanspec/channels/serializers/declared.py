"""Schemas that code states about itself: the ``chanspec_schema`` hook, drf-spectacular's annotation, type
annotations.

None means that nothing was stated; ``{}`` that nothing can be said.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from rest_framework.serializers import BaseSerializer, Field

from chanspec.channels.serializers.instances import instance_of, path_of
from chanspec.schemas import CannotDescribe, Described, JsonSchema, check
from chanspec.schemas import describe as describe_payload

if typing.TYPE_CHECKING:
    from chanspec.contract import Direction

DescribeField = Callable[[Any], JsonSchema]


def hook_schema(field: Any, direction: Direction) -> JsonSchema | None:
    """Return what the ``chanspec_schema`` of a field or serializer class says.

    It is JSON Schema, or a method that takes the direction and returns it (or None: describe as usual), and
    the whole truth about the value: no null and no validators are added.

    Raises:
        CannotDescribe: It is anything else.
    """
    stated = getattr(field, "chanspec_schema", None)
    if callable(stated):
        stated = stated(direction)
    if stated is None:
        return None
    where, cure = (
        f"{path_of(type(field))}.chanspec_schema",
        "make it JSON Schema, or a method returning it",
    )
    if not isinstance(stated, Mapping):
        raise CannotDescribe(f"{where} is {stated!r}", cure)
    try:
        check(described := describe_payload(stated, direction))
    except CannotDescribe as error:
        raise CannotDescribe(f"{where}: {error.what}", error.cure) from error
    return _with_definitions(described)


def spectacular_schema(owner: Any, direction: Direction, describe_field: DescribeField) -> JsonSchema | None:
    """Return what drf-spectacular's ``@extend_schema_field`` says of a field, its class or a method.

    Args:
        owner: What may have been decorated.
        direction: Whose message it is in.
        describe_field: Describes a serializer or field, which the decorator may be given.
    """
    annotation = getattr(owner, "_spectacular_annotation", None)
    stated = annotation.get("field") if isinstance(annotation, Mapping) else None
    if stated is None:
        return None
    if isinstance(stated, Mapping):
        return annotation_schema(stated, direction)
    if isinstance(stated, Enum):
        # One of its names for types: the module that defines them maps them to schemas.
        types = getattr(sys.modules[type(stated).__module__], "OPENAPI_TYPE_MAPPING", {})
        return {"type": "object"} if stated.name == "OBJECT" else dict(types.get(stated) or {})
    if isinstance(stated, BaseSerializer) or (isinstance(stated, type) and issubclass(stated, BaseSerializer)):
        return describe_field(instance_of(stated))
    if isinstance(stated, type) and issubclass(stated, Field):
        stated = stated()
    if isinstance(stated, Field):
        return describe_field(stated)
    return annotation_schema(stated, direction)


def result_schema(function: Any, direction: Direction) -> JsonSchema:
    """Return the schema of what a function's return annotation names, ``{}`` without one."""
    hints = _hints(function)
    return annotation_schema(hints["return"], direction) if "return" in hints else {}


def argument_schema(method: Any, direction: Direction) -> JsonSchema:
    """Return the schema of what a bound method's first parameter is annotated with, ``{}`` without one."""
    hints, names = _hints(method), list(inspect.signature(method).parameters)
    return annotation_schema(hints[names[0]], direction) if names and names[0] in hints else {}


def annotation_schema(annotation: Any, direction: Direction) -> JsonSchema:
    """Return the schema of an annotation; of one that JSON cannot carry (a model, a queryset), ``{}``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseSerializer):
        return {}  # a serializer is no value: its data is what was meant
    try:
        return _with_definitions(describe_payload(annotation, direction))
    except CannotDescribe:
        return {}


def _hints(function: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(inspect.unwrap(function), include_extras=True)
    except (NameError, TypeError, AttributeError):  # names that are imported only for type checkers
        return {}


def _with_definitions(described: Described) -> JsonSchema:
    return {**described.root, "$defs": described.definitions} if described.definitions else described.root
