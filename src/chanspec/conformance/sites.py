"""The places in a message: each with its value and what its schema says there, and the message with another value."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from chanspec.conformance.schemas import Flat, Schema, Schemas
from chanspec.conformance.strategies import FORMATS
from chanspec.schemas.rules import STRICTER

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
        return is_uncertain(self.flat, self.value)


def is_uncertain(flat: Flat, value: Any) -> bool:
    """Whether a value that keeps a flat schema may be refused all the same, for what JSON Schema cannot say."""
    if not STRICTER.isdisjoint(flat):
        return True
    if isinstance(value, dict) and isinstance(names := flat.get("propertyNames"), dict):
        return not STRICTER.isdisjoint(names)
    return isinstance(value, str) and "enum" not in flat and "format" in flat and flat["format"] not in FORMATS


def may_be_refused(schemas: Schemas, schema: Schema, value: Any, place: Sequence[str]) -> bool:
    """Whether what is at a place of a valid value, or what is around it, may be refused by rules beside the schema.

    Args:
        schemas: The document's.
        schema: The value's.
        value: A value that keeps it.
        place: How a server names the place. It may have more in it than the keys and indices that lead there, and
            other names for a key than the value.
    """
    flats = [each for each in schemas.alternatives(schema) if schemas.is_valid(each, value)]
    if any(is_uncertain(each, value) for each in flats):
        return True
    for index, part in enumerate(place):
        if (key := _key_of(part, value)) is not None:
            rest = place[index + 1 :]
            return any(may_be_refused(schemas, each, value[key], rest) for flat in flats for each in _at(flat, key))
    return False


def _key_of(part: str, value: Any) -> Any:
    """The key or index in a value that a part of a place means; None where it means none."""
    if isinstance(value, list):
        return int(part) if part.isdecimal() and len(part) < 10 and int(part) < len(value) else None
    if not isinstance(value, dict):
        return None
    return part if part in value else next((each for each in value if _plain(each) == _plain(part)), None)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _at(flat: Flat, key: str | int) -> Iterator[Schema]:
    """The schemas that a flat schema has for what is at a key or an index."""
    if isinstance(key, int):
        items = flat.get("items", True)
        if isinstance(items, list):
            items = items[key] if key < len(items) else flat.get("additionalItems", True)
        yield items
        return
    # Which pattern a name matches is not looked at: none of them may be keeping it from being refused.
    named = flat.get("properties", {}).get(key)
    yield from [named] if named is not None else flat.get("patternProperties", {}).values()
    if named is None:
        yield flat.get("additionalProperties", True)


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
