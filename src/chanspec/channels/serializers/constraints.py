"""Validators of a serializer field → JSON Schema keywords.

A validator that no keyword can say (uniqueness, a function of the project's) is a sentence in ``x-rules``. Limits of
values that are no JSON numbers, dates for instance, become ``x-minimum`` and ``x-maximum``: JSON Schema compares only
numbers.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from django.core import validators
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator, UniqueValidator

from chanspec.channels.serializers.checks import LIBRARIES, has_own
from chanspec.channels.serializers.constants import represented
from chanspec.channels.serializers.regex import to_ecma
from chanspec.schemas.rules import OWN, PATTERN, RULES, add_rules, at_most, pattern_of_schemes

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
    """Add to ``schema`` what the field's validators demand of a value; to a list of values, no more keywords."""
    if "enum" in schema:
        scratch: JsonSchema = {"type": schema.get("type", ())}
        constrain(scratch, field)
        if RULES in scratch:
            add_rules(schema, *scratch[RULES])
        return
    types = schema.get("type", ())
    kinds = {types} if isinstance(types, str) else set(types)
    for validator in getattr(field, "validators", ()):
        _apply(schema, kinds, field, validator)
    if schema.get("type") == "integer":
        _name_width(schema)


def _apply(schema: JsonSchema, kinds: set[str], field: Any, validator: Any) -> None:
    if _is_own(validator):
        add_rules(schema, OWN)
        return
    match validator:
        case validators.URLValidator() if "string" in kinds:
            schema.setdefault("format", "uri")
            _schemes(schema, validator)
        case validators.EmailValidator() if "string" in kinds:
            schema.setdefault("format", "email")
        case validators.DomainNameValidator() if "string" in kinds:
            schema.setdefault("format", "hostname")
            add_rules(schema, "is a domain name")
        case validators.RegexValidator() if "string" in kinds:
            _pattern(schema, validator)
        case validators.ProhibitNullCharactersValidator() | ProhibitSurrogateCharactersValidator():
            pass  # every text field has them; so do columns of databases
        case UniqueValidator():
            add_rules(schema, "is no other object's")
        case validators.DecimalValidator():
            if not isinstance(field, serializers.ChoiceField):  # a column's choices are of its digits
                _decimal(schema, validator)
        case validators.MinLengthValidator() | validators.MaxLengthValidator():
            _length(schema, kinds, validator)
        case validators.MinValueValidator():
            _limit(schema, kinds, field, "minimum", _value(validator))
        case validators.MaxValueValidator():
            _limit(schema, kinds, field, "maximum", _value(validator))
        case validators.StepValueValidator():
            _step(schema, kinds, validator)
        case FunctionType() if (known := _FUNCTIONS.get(validator)) is not None and "string" in kinds:
            is_narrower = "anyOf" in known and schema.get("format") in ("ipv4", "ipv6")
            if not is_narrower and any(schema.get(key) != value for key, value in known.items()):
                schema.setdefault("allOf", []).append(known)
        case _:
            add_rules(schema, OWN)


_IPV4: JsonSchema = {"format": "ipv4"}
_IPV6: JsonSchema = {"format": "ipv6"}
_FUNCTIONS: dict[Any, JsonSchema] = {
    validators.validate_ipv4_address: _IPV4,
    validators.validate_ipv6_address: _IPV6,
    validators.validate_ipv46_address: {"anyOf": [_IPV4, _IPV6]},
    validators.validate_integer: {"pattern": "^-?[0-9]+$"},
}


def _is_own(validator: Any) -> bool:
    """Whether what is checked is known to the validator's author only; a pattern of one's own is no such code."""
    if isinstance(validator, FunctionType | MethodType):
        return not validator.__module__.startswith(LIBRARIES)
    return has_own(type(validator), "__call__", "compare", "clean")


def _schemes(schema: JsonSchema, validator: Any) -> None:
    """The schemes of URLs, where they are not those that every server takes."""
    if list(validator.schemes) != validators.URLValidator.schemes and "pattern" not in schema:
        schema["pattern"] = pattern_of_schemes(validator.schemes)


def _decimal(schema: JsonSchema, validator: Any) -> None:
    if validator.max_digits is not None:
        add_rules(schema, at_most(validator.max_digits, "digit"))
    if validator.decimal_places is not None:
        add_rules(schema, at_most(validator.decimal_places, "decimal place"))


def _step(schema: JsonSchema, kinds: set[str], validator: Any) -> None:
    step = _number(_value(validator))
    # Of the other fractions no float is a multiple: 0.3 is none of 0.1.
    is_exact = step is not None and step > 0 and (step * _FINEST).is_integer() and not validator.offset
    if is_exact and kinds & {"integer", "number"}:
        schema["multipleOf"] = step
    else:
        start = f" from {validator.offset} on" if validator.offset else ""
        add_rules(schema, f"is a multiple of {_value(validator)}{start}")


_FINEST = 2.0**16


def _value(validator: Any) -> Any:
    value = validator.limit_value
    return value() if callable(value) else value


def _pattern(schema: JsonSchema, validator: Any) -> None:
    # Django compiles it lazily.
    pattern = to_ecma(validator.regex if hasattr(validator.regex, "flags") else validator.regex._wrapped)
    if pattern is None:
        _python_pattern(schema, validator)
    elif validator.inverse_match:
        schema.setdefault("allOf", []).append({"not": {"type": "string", "pattern": pattern}})
    elif schema.get("pattern", pattern) == pattern:
        schema["pattern"] = pattern
    else:
        schema.setdefault("allOf", []).append({"pattern": pattern})


def _python_pattern(schema: JsonSchema, validator: Any) -> None:
    """State a pattern as it is: there is none of ECMA-262 that means the same."""
    text = validator.regex.pattern
    flags = "".join(name for name, flag in _FLAGS.items() if validator.regex.flags & flag)
    if not isinstance(text, str):
        add_rules(schema, OWN)
    elif validator.inverse_match or PATTERN in schema:
        add_rules(schema, f"{'has no' if validator.inverse_match else 'has a'} match of {text}")
    else:
        schema[PATTERN] = f"(?{flags}){text}" if flags else text


_FLAGS = {"i": re.I, "m": re.M, "x": re.X}


def _length(schema: JsonSchema, kinds: set[str], validator: Any) -> None:
    value = _value(validator)
    is_least = isinstance(validator, validators.MinLengthValidator)
    if not kinds & _LENGTHS.keys():
        add_rules(schema, f"has a length of at {'least' if is_least else 'most'} {value}")
    for kind in kinds & _LENGTHS.keys():
        shortest, longest = _LENGTHS[kind]
        if is_least:
            schema[shortest] = max(value, schema.get(shortest, 0))
        else:
            schema[longest] = min(value, schema.get(longest, value))


def _limit(schema: JsonSchema, kinds: set[str], field: Any, keyword: str, value: Any) -> None:
    if isinstance(value, bool | None):
        return
    if kinds & {"integer", "number"} and (number := _number(value)) is not None:
        tighter = max if keyword == "minimum" else min
        schema[keyword] = tighter(number, schema.get(keyword, number))
        if "string" in kinds:  # a number as text
            schema[f"x-{keyword}"] = str(schema[keyword])
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
