"""The places in a message: each with its value and what its schema says there, and the message with another value."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from chanspec.conformance.schemas import Flat, Schema, Schemas
from chanspec.conformance.strategies import FORMATS

__all__ = ["REMOVED", "Path", "Site", "at", "replaced", "sites"]

Path: TypeAlias = tuple[str | int, ...]

MAX_SITES = 150
MAX_DEPTH = 8
REMOVED: Final = object()
"""In place of a value: the property is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One place in a message.

    Attributes:
        path: The keys and indices that lead to it.
        value: What is there.
        flat: The flat schema that the value keeps.
        required: Whether it must be there.
    """

    path: Path
    value: Any
    flat: Flat
    required: bool

    @property
    def place(self) -> str:
        """The path as messages show it."""
        return ".".join(map(str, self.path)) or "the message"

    @property
    def is_uncertain(self) -> bool:
        """Whether the schema says that there is more to it than JSON Schema can say."""
        is_unknown = isinstance(self.value, str) and "format" in self.flat and self.flat["format"] not in FORMATS
        return "enum" not in self.flat and (is_unknown or "x-pattern" in self.flat)


def sites(schemas: Schemas, schema: Schema, value: Any) -> list[Site]:
    """The places in a value that is valid, the outermost first; of a list, the first element only."""
    found: list[Site] = []
    for site in _walk(schemas, schema, value, (), True):
        found.append(site)
        if len(found) == MAX_SITES:
            break
    return found


def _walk(schemas: Schemas, schema: Schema, value: Any, path: Path, required: bool) -> Iterator[Site]:
    flat = next((each for each in schemas.alternatives(schema) if schemas.is_valid(each, value)), None)
    if flat is None:
        return
    yield Site(path, value, flat, required)
    if len(path) == MAX_DEPTH:
        return
    if isinstance(value, dict):
        properties, others = flat.get("properties", {}), flat.get("additionalProperties", True)
        for name, each in value.items():
            yield from _walk(
                schemas, properties.get(name, others), each, (*path, name), name in flat.get("required", ())
            )
    elif isinstance(value, list) and value:
        items = flat.get("items", True)
        first = items[0] if isinstance(items, list) and items else items
        yield from _walk(schemas, first if not isinstance(first, list) else True, value[0], (*path, 0), True)


def at(value: Any, path: Path) -> Any:
    """What is at a place."""
    for part in path:
        value = value[part]
    return value


def replaced(value: Any, path: Path, new: Any) -> Any:
    """A copy with another value, or with none, at a place."""
    if not path:
        return new
    changed = copy.deepcopy(value)
    *parents, last = path
    owner = at(changed, tuple(parents))
    if new is REMOVED:
        del owner[last]
    else:
        owner[last] = new
    return changed
