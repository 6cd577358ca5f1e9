"""Validators of a serializer field → JSON Schema keywords.

A validator that no keyword can say (uniqueness, a function of the project's) is left out. Limits of values
that are no JSON numbers, dates for instance, become ``x-minimum`` and ``x-maximum``: JSON Schema compares
only numbers.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core import validators

from chanspec.channels.serializers.constants import represented
from chanspec.channels.serializers.regex import to_ecma

if TYPE_CHECKING:
    from chanspec.schemas import JsonSchema

_LENGTHS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
# The limits of a column's own width say what `format` says, and less readably.
_WIDTHS = (("int32", -(2**31), 2**31 - 1), ("int64", -(2**63), 2**63 - 1))


def constrain(schema: JsonSchema, field: Any) -> None:
    """Add to ``schema`` what the field's validators demand of a value."""
    types = schema.get("type", ())
    kinds = {types} if isinstance(types, str) else set(types)
    for validator in getattr(field, "validators", ()):
        _apply(schema, kinds, field, validator)
    if schema.get("type") == "integer":
        _name_width(schema)


def _apply(schema: JsonSchema, kinds: set[str], field: Any, validator: Any) -> None:
    match validator:
        case validators.URLValidator() if "string" in kinds:
            schema.setdefault("format", "uri")
        case validators.EmailValidator() if "string" in kinds:
            schema.setdefault("format", "email")
        case validators.RegexValidator() if "string" in kinds:
            _pattern(schema, validator)
        case validators.MinLengthValidator() | validators.MaxLengthValidator():
            _length(schema, kinds, validator)
        case validators.MinValueValidator():
            _limit(schema, kinds, field, "minimum", _value(validator))
        case validators.MaxValueValidator():
            _limit(schema, kinds, field, "maximum", _value(validator))
        case validators.StepValueValidator() if "integer" in kinds:
            if isinstance(step := _value(validator), int) and step > 0 and not validator.offset:
                schema["multipleOf"] = step


def _value(validator: Any) -> Any:
    value = validator.limit_value
    return value() if callable(value) else value


def _pattern(schema: JsonSchema, validator: Any) -> None:
    # Django compiles it lazily.
    pattern = to_ecma(validator.regex if hasattr(validator.regex, "flags") else validator.regex._wrapped)
    if pattern is None:
        return
    if validator.inverse_match:
        schema.setdefault("allOf", []).append({"not": {"type": "string", "pattern": pattern}})
    elif schema.get("pattern", pattern) == pattern:
        schema["pattern"] = pattern
    else:
        schema.setdefault("allOf", []).append({"pattern": pattern})


def _length(schema: JsonSchema, kinds: set[str], validator: Any) -> None:
    value = _value(validator)
    for kind in kinds & _LENGTHS.keys():
        shortest, longest = _LENGTHS[kind]
        if isinstance(validator, validators.MinLengthValidator):
            schema[shortest] = max(value, schema.get(shortest, 0))
        else:
            schema[longest] = min(value, schema.get(longest, value))


def _limit(schema: JsonSchema, kinds: set[str], field: Any, keyword: str, value: Any) -> None:
    if isinstance(value, bool | None):
        return
    if kinds & {"integer", "number"} and (number := _number(value)) is not None:
        tighter = max if keyword == "minimum" else min
        schema[keyword] = tighter(number, schema.get(keyword, number))
    elif (plain := represented(field, value)) is not None:
        schema[f"x-{keyword}"] = str(plain)


def _number(value: Any) -> int | float | None:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Decimal | float) and math.isfinite(value):
        return int(value) if value == int(value) else float(value)
    return None


def _name_width(schema: JsonSchema) -> None:
    for name, lowest, highest in _WIDTHS:
        if schema.get("maximum") == highest and schema.get("minimum", 0) >= lowest:
            del schema["maximum"]
            schema["format"] = name
            if schema.get("minimum") == lowest:
                del schema["minimum"]
