"""Null for no value: servers of chanspec's documents may send it for a field ``T | None`` that may be left out.

The document says ``T`` of such a field, and that it is not required; :mod:`chanspec.enforcement` takes both alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

import jsonschema_rs

from chanspec.conformance.schemas import Schema, Schemas

__all__ = ["is_valid_without_nulls"]

MAX_ROUNDS, MAX_VALUES = 50, 5000
"""How often a message is looked at again, without the nulls found by then, and how many values it may have for that."""


def is_valid_without_nulls(schemas: Schemas, schema: Schema, value: Any) -> bool:
    """Whether a message is valid once the nulls are left out for which it is not.

    Raises:
        BudgetSpentError: To judge it is too much work.
    """
    if _is_large(value):  # all mistakes of all choices are looked at
        return False
    for _ in range(MAX_ROUNDS):
        places = list(_nulls(schemas.errors(schema, value, MAX_VALUES), value))
        if not places:
            return False
        value = _without(value, places)
        if schemas.is_valid(schema, value):
            return True
    return False


def _nulls(errors: list[jsonschema_rs.ValidationError], value: Any) -> Iterator[list[str | int]]:
    """The nulls to leave out: those that are wrong whatever is chosen, or else one of a choice.

    Another branch may want the null that is wrong in one.
    """
    certain = [place for each in errors if _is_null_field(value, place := list(each.instance_path))]
    if certain:
        yield from certain
        return
    yield from islice((place for each in errors for place in _places(each) if _is_null_field(value, place)), 1)


def _is_large(value: Any) -> bool:
    waiting = [value]
    for each in waiting:  # which grows meanwhile
        if isinstance(each, dict | list):
            waiting += each.values() if isinstance(each, dict) else each
        if len(waiting) > MAX_VALUES:
            return True
    return False


def _places(error: jsonschema_rs.ValidationError) -> Iterator[list[str | int]]:
    """Where a value is not valid, in the branches of a choice too."""
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


def _without(value: Any, places: list[list[str | int]]) -> Any:
    value = deepcopy(value)
    for *path, key in places:
        parent = value
        for each in path:
            parent = parent[each]
        parent.pop(key, None)  # one place can be wrong twice
    return value
