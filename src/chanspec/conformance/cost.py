"""How large a value is, and how much work a schema makes of judging it: known before either is done.

A value may hold one list many times, and a schema may lead to one other many times: both are small, and what is written
out or judged is not. What was counted once is remembered, so that counting is little work where doing would be endless.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from chanspec.conformance.budget import BudgetSpentError

__all__ = ["MAX_JUDGING", "Costs", "inner_schemas", "size_of"]

MAX_JUDGING = 3_000_000
"""How many times schemas may be applied to judge one value: jsonschema-rs does some 40 million a second."""

_ONE_HERE = ("not", "if", "then", "else")
_MANY_HERE = ("allOf", "anyOf", "oneOf")
_ONE_BELOW = ("additionalProperties", "additionalItems", "contains", "items", "propertyNames")
_MAPS_BELOW = ("properties", "patternProperties")
_BACKTRACKS = re.compile(r"\(\?<?[=!]|\\[1-9k]")
BACKTRACKING = 20_000  # what a pattern costs that no automaton can match, which is stopped then
CERTAINLY_LITTLE = 10_000  # what need not be counted exactly
A_STEP = 60  # applied schemas take as long as one step of Python


def size_of(value: Any) -> int:
    """How many characters a JSON value is when it is written out, about; a list that is in it twice counts twice.

    Raises:
        BudgetSpentError: It contains itself, or is nested too deeply.
    """
    known: dict[int, int] = {}

    def size(each: Any) -> int:
        if isinstance(each, str):
            return len(each) + 4
        if not isinstance(each, dict | list):
            return each.bit_length() // 3 + 4 if isinstance(each, int) else 8
        if id(each) not in known:
            if isinstance(each, dict):
                known[id(each)] = 4 + sum(len(key) + 4 + size(inner) for key, inner in each.items())
            else:
                known[id(each)] = 4 + sum(map(size, each))
        return known[id(each)]

    try:
        return size(value)
    except RecursionError:
        raise BudgetSpentError("a value is nested too deeply") from None


class Costs:
    """What judging costs, by the schemas of one document.

    Args:
        follow: What a schema is behind its references; itself where they lead in a circle.
    """

    def __init__(self, follow: Callable[[Any], Any]) -> None:
        self._follow = follow
        self._weights: dict[int, tuple[Any, float, int, bool]] = {}
        self._most: dict[int, tuple[Any, float, bool]] = {}

    def check(self, schema: Any, value: Any) -> int:
        """See that judging a value is not too much work; how many steps it is.

        Raises:
            BudgetSpentError: It is.
        """
        known: dict[tuple[int, int], float] = {}
        try:
            weight, branches = self._heaviest(schema)
            cost = weight * (1 + size_of(value))
            if branches or cost > CERTAINLY_LITTLE:
                cost = self._of(schema, value, known)
        except RecursionError:
            raise BudgetSpentError("judging a message leads through too many references") from None
        if cost > MAX_JUDGING:
            raise BudgetSpentError(f"judging a message applies schemas more than {MAX_JUDGING:,} times")
        return 1 + len(known) + int(cost) // A_STEP

    def _of(self, schema: Any, value: Any, known: dict[tuple[int, int], float]) -> float:
        """How many times schemas are applied. What leads back to itself is not applied again."""
        if not isinstance(schema, dict):
            return 1
        key = (id(schema), id(value))
        if key in known:
            return known[key]
        known[key] = 0
        cost = _own_weight(schema, value)
        for each in self._here(schema):
            cost += self._of(each, value, known)
        if isinstance(value, dict):
            properties = _dict(schema.get("properties"))
            patterns = _dict(schema.get("patternProperties"))
            for name, inner in value.items():
                below = [properties[name]] if name in properties else [schema.get("additionalProperties")]
                for each in (*below, *patterns.values()):
                    if each is not None:
                        cost += self._of(each, inner, known)
                cost += len(patterns) + self._of(schema.get("propertyNames"), name, known)
        elif isinstance(value, list):
            items, contains = schema.get("items"), schema.get("contains")
            for index, inner in enumerate(value):
                each = items
                if isinstance(items, list):
                    each = items[index] if index < len(items) else schema.get("additionalItems")
                cost += self._of(each, inner, known)
                if contains is not None:
                    cost += self._of(contains, inner, known)
        known[key] = cost
        return cost

    def _here(self, schema: dict[str, Any]) -> Iterator[Any]:
        """The schemas that are applied to the same value."""
        if "$ref" in schema:
            target = self._follow(schema)
            yield from [] if target is schema else [target]
            return
        for key in _MANY_HERE:
            yield from _list(schema.get(key))
        for key in _ONE_HERE:
            if key in schema:
                yield schema[key]
        for each in _dict(schema.get("dependencies")).values():
            if isinstance(each, dict):
                yield each

    def _weight(self, schema: Any) -> tuple[float, int, bool]:
        """How many schemas are applied to one value, how many of them look into it, and whether more than one may."""
        if not isinstance(schema, dict):
            return 1, 0, False
        if (known := self._weights.get(id(schema))) is not None:
            return known[1:]
        self._weights[id(schema)] = (schema, 0, 0, False)
        weight, looking, branches = _own_weight(schema, None), int(_looks_into(schema)), False
        for each in self._here(schema):
            inner, inner_looking, inner_branches = self._weight(each)
            weight, looking, branches = weight + inner, looking + inner_looking, branches or inner_branches
        found = weight, min(looking, 2), branches or looking > 1
        self._weights[id(schema)] = (schema, *found)
        return found

    def _heaviest(self, schema: Any) -> tuple[float, bool]:
        """The largest weight of all that a schema leads to, and whether any part of a value is judged twice."""
        if (known := self._most.get(id(schema))) is not None:
            return known[1], known[2]
        weight, branches = 1.0, False
        seen: set[int] = set()
        waiting: list[Any] = [schema]
        while waiting:
            each = waiting.pop()
            if not isinstance(each, dict) or id(each) in seen:
                continue
            seen.add(id(each))
            own, _, twice = self._weight(each)
            weight, branches = max(weight, own), branches or twice
            waiting += self._here(each)
            waiting += inner_schemas(each)
        self._most[id(schema)] = (schema, weight, branches)
        return weight, branches


def inner_schemas(schema: dict[str, Any]) -> Iterator[Any]:
    """The schemas that are applied to what is in a value."""
    for key in _ONE_BELOW:
        each = schema.get(key)
        yield from each if isinstance(each, list) else [each]
    for key in _MAPS_BELOW:
        yield from _dict(schema.get(key)).values()


def _looks_into(schema: dict[str, Any]) -> bool:
    return any(key in schema for key in (*_ONE_BELOW, *_MAPS_BELOW))


def _own_weight(schema: dict[str, Any], value: Any) -> float:
    weight = 1.0 + len(_list(schema.get("enum"))) / 10
    patterns = [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []
    for pattern in (*patterns, *_dict(schema.get("patternProperties"))):
        weight += BACKTRACKING if _BACKTRACKS.search(pattern) else 1
        weight += len(value) / 100 if isinstance(value, str) else 0
    return weight


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
