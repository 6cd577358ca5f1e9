"""How large the smallest valid value of a schema is: known before any value is made, and where there is none.

A list of ten lists of ten lists is a thousand values, and eight required properties over twelve levels are 69 billion.
A property that is required in its own type has no value of any size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from chanspec.conformance.budget import LARGEST_MESSAGE, BudgetSpentError
from chanspec.conformance.cost import size_of
from chanspec.conformance.schemas import Flat, Schema, Schemas

__all__ = ["MAX_LEVELS", "Sizes"]

MAX_LEVELS = 60
"""How deep the smallest value may be nested. Hypothesis draws no deeper than 100 levels of its own."""

NODE = 4  # characters around any value


class Sizes:
    """The least sizes of the values of one document's schemas.

    Args:
        schemas: The document's.
    """

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._least: dict[int, tuple[Any, float, int]] = {}

    def check(self, schema: Schema) -> None:
        """See that a message can be made.

        Raises:
            BudgetSpentError: There is none, or none that is small enough.
        """
        size, depth = self.least(schema)
        if size == math.inf:
            raise BudgetSpentError("it has no valid message: what is required leads back to itself, or excludes itself")
        if size > LARGEST_MESSAGE:
            raise BudgetSpentError(f"its smallest valid message has more than {LARGEST_MESSAGE:,} characters")
        if depth > MAX_LEVELS:
            raise BudgetSpentError(f"its smallest valid message is nested more than {MAX_LEVELS} levels deep")

    def fits(self, schema: Schema) -> bool:
        """Whether some value is small enough to be a part of a message."""
        size, depth = self.least(schema)
        return size <= LARGEST_MESSAGE and depth <= MAX_LEVELS

    def fits_flat(self, flat: Flat) -> bool:
        """The same of a flat schema."""
        for each, count in _required(flat):
            if count:
                self.least(each)
        size, depth = self._of_flat(flat)
        return size <= LARGEST_MESSAGE and depth <= MAX_LEVELS

    def least(self, schema: Schema) -> tuple[float, int]:
        """The characters and the levels of the smallest valid value; infinite where there is none."""
        if id(schema) not in self._least:
            self._settle(self._reachable(schema))
        return self._least[id(schema)][1:]

    def _reachable(self, schema: Schema) -> list[Schema]:
        """What has to be known for a schema, the innermost first as far as there is an order."""
        found: list[Schema] = []
        seen: set[int] = set()
        waiting: list[tuple[Schema, bool]] = [(schema, False)]
        while waiting:
            each, is_done = waiting.pop()
            if is_done:
                found.append(each)
            elif id(each) not in seen and id(each) not in self._least:
                seen.add(id(each))
                self._schemas.keep(1)
                waiting.append((each, True))
                for flat in self._schemas.alternatives(each):
                    waiting += [(inner, False) for inner, count in _required(flat) if count]
        return found

    def _settle(self, schemas: list[Schema]) -> None:
        """Lower the sizes until none becomes smaller: once where nothing is recursive."""
        for each in schemas:
            self._least[id(each)] = (each, math.inf, 0)
        changed = True
        while changed:
            changed = False
            for each in schemas:
                found = map(self._of_flat, self._schemas.alternatives(each))
                size, depth = min(found, default=(math.inf, 0))
                if size < self._least[id(each)][1]:
                    self._least[id(each)] = (each, size, depth)
                    changed = True

    def _of_flat(self, flat: Flat) -> tuple[float, int]:
        self._schemas.budget.spend(1 + len(flat.get("required", ())))
        if "enum" in flat:
            self._schemas.budget.spend(len(flat["enum"]))
            return min(map(size_of, flat["enum"]), default=math.inf), 1
        size, depth = math.inf, 0
        for kind in _kinds(flat):
            least, levels = self._of_kind(kind, flat)
            if least < size:
                size, depth = least, levels
        return size, depth

    def _of_kind(self, kind: str, flat: Flat) -> tuple[float, int]:
        if kind == "string":
            return NODE + _count(flat, "minLength"), 0
        if kind not in ("array", "object"):
            return NODE, 0
        size, depth = float(NODE), 0
        for each, count in _required(flat, kind):
            if count:
                known = self._least.get(id(each))
                least, levels = (known[1], known[2]) if known is not None else (math.inf, 0)
                size += count * least
                depth = max(depth, levels)
        if kind == "object":
            size += sum(map(len, flat.get("required", ())))
        return size, depth + 1


def _kinds(flat: Flat) -> list[str]:
    kinds = flat.get("type")
    if isinstance(kinds, str):
        return [kinds]
    if kinds:
        return list(kinds)
    if any(key in flat for key in ("required", "minProperties", "properties")):
        return ["object"]
    if any(key in flat for key in ("minItems", "items", "contains")):
        return ["array"]
    return ["string" if "minLength" in flat else "null"]


def _required(flat: Flat, kind: str | None = None) -> Iterator[tuple[Schema, int]]:
    """The schemas of what has to be in a value, each with how many there have to be."""
    if "enum" in flat:
        return
    kinds = _kinds(flat) if kind is None else [kind]
    if "array" in kinds:
        least = _count(flat, "minItems")
        items = flat.get("items", True)
        if isinstance(items, list):
            yield from ((each, 1) for each in items[: flat.get("maxItems")])  # the strategies make all of them
            yield flat.get("additionalItems", True), max(0, least - len(items))
        else:
            yield items, least
        if "contains" in flat:
            yield flat["contains"], 1
    if "object" in kinds:
        properties = flat.get("properties", {})
        # Which pattern a name matches is not looked at: anything may be there.
        others = True if flat.get("patternProperties") else flat.get("additionalProperties", True)
        required = flat.get("required", ())
        yield from ((properties.get(name, others), 1) for name in required)
        yield others, max(0, _count(flat, "minProperties") - len(required))


def _count(flat: Flat, key: str) -> int:
    count: int = flat.get(key, 0)
    return min(count, 10**9)  # a float holds that, and no message does
