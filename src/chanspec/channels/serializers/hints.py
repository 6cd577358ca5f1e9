"""Type annotations of methods and properties → JSON Schema of what lies on the wire.

A serializer hands what a method returns to the encoder as it is. DRF's encoder and Django's write the same for most
values; where they differ (a ``Decimal``, a ``timedelta``) the schema admits either.

``{}`` means that nothing can be said: there is no annotation, or it names what JSON cannot carry.
"""

from __future__ import annotations

import datetime
import inspect
import types
import typing
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from chanspec.channels.serializers.constants import sent_forms
from chanspec.schemas import CannotDescribe, JsonSchema
from chanspec.schemas.pydantic_forms import Forms
from chanspec.schemas.python import describe_type

if typing.TYPE_CHECKING:
    from chanspec.contract import Direction

Reference = Callable[[type], "JsonSchema | None"]
"""Refers to the definition of a serializer class; None for any other class."""

_NOTHING: Any = inspect.Signature.empty

DECIMAL: JsonSchema = {"type": ["string", "number"], "format": "decimal"}
"""A ``Decimal`` that no serializer field has formatted: DRF's encoder writes a number, Django's a string."""
DURATION: JsonSchema = {"type": "string"}
"""A ``timedelta`` likewise: DRF's encoder writes the seconds, Django's ISO 8601."""


def result_schema(function: Any, direction: Direction, reference: Reference) -> JsonSchema:
    """Return the schema of what a function's return annotation names."""
    annotation = _hint(function, "return")
    return {} if annotation is _NOTHING else annotation_schema(annotation, direction, reference)


def argument_schema(method: Any, direction: Direction, reference: Reference) -> JsonSchema:
    """Return the schema of what a bound method's first parameter is annotated with."""
    names = list(inspect.signature(method).parameters)
    annotation = _hint(method, names[0]) if names else _NOTHING
    return {} if annotation is _NOTHING else annotation_schema(annotation, direction, reference)


def annotation_schema(annotation: Any, direction: Direction, reference: Reference) -> JsonSchema:
    """Return the schema of an annotation; its definitions are under ``$defs``."""
    # In a list, because a named tuple that is not the message itself is an array.
    listed: Any = types.GenericAlias(list, (annotation,))
    is_out = direction == "out"
    try:
        schema = describe_type(
            listed,
            direction,
            nones="either" if is_out else "absent",
            forms=_SentForms if is_out else Forms,
            reference=reference,
        )
    except CannotDescribe:
        return {}
    items: JsonSchema = schema.get("items", {})
    return {**items, "$defs": schema["$defs"]} if "$defs" in schema else items


def returned_model(function: Any) -> type[Model] | None:
    """Return the model whose instance a function's annotation says that it returns."""
    found = [each for each in _alternatives(function) if each is not types.NoneType]
    return found[0] if len(found) == 1 and isinstance(found[0], type) and issubclass(found[0], Model) else None


def may_return_none(function: Any) -> bool:
    """Whether a function's annotation says that it may return ``None``."""
    return types.NoneType in _alternatives(function)


def _alternatives(function: Any) -> tuple[Any, ...]:
    """The members of the union that a function's return annotation is, or that annotation alone."""
    annotation = _hint(function, "return")
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = annotation.__origin__
    is_union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    return typing.get_args(annotation) if is_union else (annotation,)


def _hint(function: Any, name: str) -> Any:
    """One annotation of a function; ``inspect.Signature.empty`` where there is none that can be read."""
    # A class that is made inside a function is not among its methods' globals; its own name is the one they need.
    owner = type(getattr(function, "__self__", None))
    names = {each.__name__: each for each in reversed(owner.__mro__[:-1])}
    function = inspect.unwrap(function)
    try:
        names = {each: names[each] for each in names if each not in function.__globals__}
        # This one alone: others may use names that are imported only for type checkers.
        holder = _holding({name: function.__annotations__[name]})
        hints = typing.get_type_hints(holder, function.__globals__, names, include_extras=True)
    except (KeyError, NameError, TypeError, AttributeError):
        return _NOTHING
    return hints[name]


def _holding(annotations: dict[str, Any]) -> Any:
    def holder() -> None: ...

    holder.__annotations__ = annotations
    return holder


class _SentForms(Forms):
    """The forms in which an encoder writes values that no serializer field has formatted."""

    def decimal_schema(self, schema: Any) -> JsonSchema:
        return dict(DECIMAL)

    def timedelta_schema(self, schema: Any) -> JsonSchema:
        return dict(DURATION)

    def time_schema(self, schema: Any) -> JsonSchema:
        return {"type": "string", "format": "time-local"}  # encoders refuse one with an offset

    def datetime_schema(self, schema: Any) -> JsonSchema:
        return {"type": "string", "format": "date-time" if settings.USE_TZ else "date-time-local"}

    def bytes_schema(self, schema: Any) -> JsonSchema:
        return {"type": "string"}  # decoded, not encoded

    def enum_schema(self, schema: Any) -> JsonSchema:
        out = super().enum_schema(schema)
        if any(isinstance(each, Decimal | datetime.timedelta) for each in schema["members"]):
            out["enum"] = [form for each in schema["members"] for form in sent_forms(each)]
            out.pop("type", None)
        return out

    def is_instance_schema(self, schema: Any) -> JsonSchema:
        try:
            return super().is_instance_schema(schema)
        except Exception:
            for base, form in _BASES:
                if issubclass(schema["cls"], base):
                    return dict(form)
            raise


_BASES: tuple[tuple[type, JsonSchema], ...] = (
    (Promise, {"type": "string"}),
    (str, {"type": "string"}),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (Decimal, DECIMAL),
    (datetime.timedelta, DURATION),
    (datetime.date, {"type": "string"}),
    (datetime.time, {"type": "string"}),
    (uuid.UUID, {"type": "string", "format": "uuid"}),
    (bytes, {"type": "string"}),
    (dict, {"type": "object"}),
    (list, {"type": "array"}),
    (tuple, {"type": "array"}),
    (set, {"type": "array"}),
    (frozenset, {"type": "array"}),
    (QuerySet, {"type": "array"}),
)
"""What pydantic does not look into, by what it extends: ``SafeString``, ``ReturnDict``, a queryset, a lazy text."""
