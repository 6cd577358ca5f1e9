"""Hypothesis strategies: serializers, JSON that an ``in`` schema accepts, and JSON of the wrong type.

The subset in which the schema and DRF must agree, left out on purpose:

- DRF takes more than is documented: numbers for strings, ``"12"`` for an integer, ``"yes"`` for a boolean, true for a
  float or a UUID, the keys of an object for multiple choices.
- DRF trims strings before it counts them, and refuses control characters and years it cannot move to another zone.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from rest_framework import serializers

from tests.drf.conftest import serializer_with

S = serializers
Strategy = st.SearchStrategy[Any]
REF = "#/$defs/"

_LETTERS = st.characters(codec="utf-8", categories=["L", "N", "P", "S"])
_ASCII = st.characters(codec="ascii", categories=["L", "N", "P"])


# Serializers

_BOUNDS = st.tuples(st.integers(0, 3), st.integers(3, 6))
_DECIMALS = st.tuples(st.integers(0, 5), st.integers(0, 3)).filter(any)


def _leaf(**common: Any) -> Strategy:
    """A field of some class that holds one value, with these arguments."""
    text = {**common, "allow_blank": True}
    return st.one_of(
        st.builds(lambda: S.BooleanField(**common)),
        st.builds(lambda bounds: S.CharField(min_length=bounds[0], max_length=bounds[1], **common), _BOUNDS),
        st.builds(lambda bounds: S.CharField(min_length=bounds[0], **text), _BOUNDS),
        st.builds(lambda: S.EmailField(**common)),
        st.builds(lambda: S.URLField(**text)),
        st.builds(lambda regex: S.RegexField(regex, **common), st.sampled_from(["^[a-z]{2,5}$", r"\A\d+-[A-F]\Z"])),
        st.builds(lambda unicode: S.SlugField(allow_unicode=unicode, **common), st.just(False)),
        st.builds(lambda form: S.UUIDField(format=form, **common), st.sampled_from(S.UUIDField.valid_formats)),
        st.builds(lambda kind: S.IPAddressField(protocol=kind, **common), st.sampled_from(["both", "IPv4", "IPv6"])),
        st.builds(lambda bounds: S.IntegerField(min_value=-bounds[0], max_value=bounds[1], **common), _BOUNDS),
        st.builds(lambda text: S.BigIntegerField(coerce_to_string=text, **common), st.booleans()),
        st.builds(lambda bounds: S.FloatField(min_value=bounds[0], **common), _BOUNDS),
        st.builds(
            lambda digits, text, low: S.DecimalField(
                sum(digits), digits[1], coerce_to_string=text, min_value=Decimal(low) if low else None, **common
            ),
            _DECIMALS,
            st.just(True),
            st.sampled_from(["0", "-0.5", None]),
        ),
        st.builds(lambda: S.DateTimeField(**common)),
        st.builds(lambda: S.DateField(**common)),
        st.builds(lambda: S.TimeField(**common)),
        st.builds(lambda form: S.DurationField(format=form, **common), st.sampled_from(["django", "iso-8601"])),
        st.builds(
            lambda choices: S.ChoiceField(choices, **text),
            st.sampled_from([["a", "b"], [1, 2], [("Group", [(1, "One"), (2.5, "x")]), (3, "y")]]),
        ),
        st.builds(lambda empty: S.MultipleChoiceField(choices=[1, 2, "x"], allow_empty=empty, **common), st.booleans()),
        st.builds(lambda: S.JSONField(**common)),
        st.builds(lambda: S.DictField(child=S.IntegerField(allow_null=True), **common)),
        st.builds(lambda: S.HStoreField(**common)),
    )


_USE: Strategy = st.one_of(
    st.just({}),
    st.just({"allow_null": True}),
    st.just({"required": False}),
    st.just({"required": False, "allow_null": True}),
)


def _field(children: Strategy) -> Strategy:
    def use(common: dict[str, Any]) -> Strategy:
        return st.one_of(
            _leaf(**common),
            st.builds(lambda cls: cls(**common), children),
            st.builds(lambda cls, least: cls(many=True, min_length=least, **common), children, st.integers(0, 2)),
            st.builds(
                lambda child, empty: S.ListField(child=child, allow_empty=empty, max_length=3, **common),
                st.sampled_from([{}, {"allow_null": True}]).flatmap(lambda use: _leaf(**use)),
                st.booleans(),
            ),
        )

    return _USE.flatmap(use)


def _serializer(fields: Strategy) -> Strategy:
    names = st.sampled_from("abcdef")
    return st.dictionaries(names, fields, max_size=5).map(lambda chosen: serializer_with(**chosen))


_flat: Strategy = _serializer(_USE.flatmap(lambda use: _leaf(**use)))

serializer_classes: Strategy = st.one_of(_flat, _serializer(_field(_flat)))


# Values


def accepted_by(schema: dict[str, Any], definitions: dict[str, Any]) -> Strategy:
    """JSON that the schema accepts."""
    if "$ref" in schema:
        return accepted_by(definitions[schema["$ref"].removeprefix(REF)], definitions)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema and "type" not in schema:
        return st.one_of([accepted_by(each, definitions) for each in schema["anyOf"]])
    types = schema.get("type", list(_BY_TYPE))
    types = [types] if isinstance(types, str) else types
    return st.one_of([_BY_TYPE[each](schema, definitions) for each in types])


def _string(schema: dict[str, Any], definitions: dict[str, Any]) -> Strategy:
    if "pattern" in schema:
        found = st.from_regex(schema["pattern"].replace("$", r"\Z"), alphabet=_ASCII | st.just(" "))
        if schema.get("format") == "decimal":
            low = Decimal(str(schema.get("x-minimum", "-1e9")))
            found = found.filter(lambda value: Decimal(value) >= low)
    elif "format" in schema:
        found = _FORMATS[schema["format"]]
    elif "anyOf" in schema:
        found = st.one_of([_FORMATS[each["format"]] for each in schema["anyOf"]])
    else:
        found = st.text(_LETTERS, min_size=schema.get("minLength", 0), max_size=schema.get("maxLength"))
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 90)
    return found.filter(lambda value: shortest <= len(value) <= longest)


def _array(schema: dict[str, Any], definitions: dict[str, Any]) -> Strategy:
    items = accepted_by(schema.get("items", {"type": "integer"}), definitions)
    return st.lists(items, min_size=schema.get("minItems", 0), max_size=schema.get("maxItems", 3))


def _object(schema: dict[str, Any], definitions: dict[str, Any]) -> Strategy:
    if "properties" not in schema:
        values = schema.get("additionalProperties", True)
        values = {"type": "string"} if values is True else values
        return st.dictionaries(st.text(_LETTERS), accepted_by(values, definitions), max_size=3)
    each = {name: accepted_by(value, definitions) for name, value in schema["properties"].items()}
    required = {name: each.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=each)


def _number(schema: dict[str, Any], definitions: dict[str, Any]) -> Strategy:
    return st.floats(schema.get("minimum", -1e15), schema.get("maximum", 1e15))


_BY_TYPE: dict[str, Callable[..., Strategy]] = {
    "string": _string,
    "integer": lambda schema, _: st.integers(schema.get("minimum", -(10**12)), schema.get("maximum", 10**12)),
    "number": _number,
    "boolean": lambda schema, _: st.booleans(),
    "null": lambda schema, _: st.none(),
    "array": _array,
    "object": _object,
}

_MOMENTS = st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(2100, 1, 1))
_FORMATS: dict[str, Strategy] = {
    "email": st.from_regex(r"\A[a-z]{1,9}\.?[a-z]{1,9}@[a-z]{2,9}\.(com|org)\Z"),
    "uri": st.from_regex(r"\Ahttps?://[a-z]{2,9}\.org(:[1-9][0-9]{1,3})?(/[a-z0-9]{0,5}){0,3}(\?q=[a-z]*)?\Z"),
    "uuid": st.uuids().map(str),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "date": st.dates(datetime.date(1, 1, 1)).map(str),
    "date-time": st.builds(lambda moment, zone: moment.isoformat() + zone, _MOMENTS, st.sampled_from(["Z", "+05:30"])),
    "time-local": st.times().map(lambda time: time.isoformat()),
    "duration": st.from_regex(r"\AP[0-9]{1,4}DT[0-9]{2}H[0-9]{2}M[0-9]{2}S\Z"),
}

# Wrong types

_WRONG: dict[str, list[Any]] = {
    "string": [[], {}, ["a"], True],
    "integer": [[], {}, "x", "", 1.5],
    "number": [[], {}, "x", ""],
    "boolean": [[], {}, "maybe", 2],
    "array": ["abc", 5, True],
    "object": ["abc", 5, True, [], [1]],
}


def wrong_for(schema: dict[str, Any], definitions: dict[str, Any]) -> list[Any]:
    """Values of a type that neither the schema nor DRF takes."""
    if "$ref" in schema:
        return wrong_for(definitions[schema["$ref"].removeprefix(REF)], definitions)
    if "anyOf" in schema and "type" not in schema:
        return wrong_for(schema["anyOf"][0], definitions)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    known = [each for each in types if each != "null"]
    if len(known) != 1:
        return [None]
    is_uuid = schema.get("format") == "uuid" or "[0-9a-f]" in schema.get("pattern", "")
    return [None, *(wrong for wrong in _WRONG[known[0]] if not (is_uuid and wrong is True))]
