"""Null for no value: servers of chanspec's documents may send it for a field ``T | None`` that may be left out.

The document says ``T`` of such a field, and that it is not required; :mod:`chanspec.enforcement` takes both alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from chanspec.conformance.schemas import Schema, Schemas

__all__ = ["is_valid_without_nulls"]

MAX_NULLS, MAX_VALUES = 50, 5000
"""How many nulls are left out of one message, and how many values it may have for that."""


def is_valid_without_nulls(schemas: Schemas, schema: Schema, value: Any) -> bool:
    """Whether a message is valid once the nulls are left out for which it is not.

    Raises:
        BudgetSpentError: To judge it is too much work.
    """
    if _is_large(value):  # all mistakes of all choices are looked at
        return False
    for _ in range(MAX_NULLS):
        error = schemas.first_error(schema, value)
        place = next((each for each in _places(error) if _is_null_field(value, each)), None)
        if place is None:
            return False
        value = _without(value, place)
        if schemas.is_valid(schema, value):
            return True
    return False


def _is_large(value: Any) -> bool:
    waiting = [value]
    for each in waiting:  # which grows meanwhile
        if isinstance(each, dict | list):
            waiting += each.values() if isinstance(each, dict) else each
        if len(waiting) > MAX_VALUES:
            return True
    return False


def _places(error: jsonschema_rs.ValidationError | None) -> Iterator[list[str | int]]:
    """Where a value is not valid, in the branches of a choice too."""
    if error is None:
        return
    yield list(error.instance_path)
    for branch in error.kind.as_dict().get("context", ()) if error.kind.name in ("anyOf", "oneOf") else ():
        for each in branch:
            yield from _places(each)


def _is_null_field(value: Any, place: list[str | int]) -> bool:
    """Whether there is null at a place, in an object."""
    try:
        for key in place[:-1]:
            value = value[key]
        return isinstance(value, dict) and bool(place) and value[place[-1]] is None
    except (LookupError, TypeError):
        return False


def _without(value: Any, place: list[str | int]) -> Any:
    first, *rest = place
    if isinstance(value, list):
        return [_without(each, rest) if index == first else each for index, each in enumerate(value)]
    if not rest:
        return {key: each for key, each in value.items() if key != first}
    return {key: _without(each, rest) if key == first else each for key, each in value.items()}
