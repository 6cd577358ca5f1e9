"""Python types as their JSON Schema, and types that several tests describe. No tests here."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, make_dataclass
from typing import (
    Any,
)

from chanspec.schemas import REF, Direction, check, describe
from chanspec.schemas.dialect import refs_in

DIRECTIONS: list[Direction] = ["in", "out"]


def schema_of(annotation: Any, direction: Direction = "in") -> Any:
    """The schema of a payload, not a reference to it, with the definitions that it leads to."""
    described = describe(annotation, direction)
    check(described)
    root, definitions = described.root, described.definitions
    if root.keys() == {"$ref"}:
        name = root["$ref"].removeprefix(REF)
        root = definitions[name]
        if not any(name in refs_in(each) for each in definitions.values()):
            definitions = {key: each for key, each in definitions.items() if key != name}
    return {**root, "$defs": definitions} if definitions else root


def field_of(annotation: Any, direction: Direction = "in", **default: Any) -> Any:
    """The schema of a dataclass's field of that type."""
    cls = make_dataclass("Holder", [("x", annotation, field(**default))])
    schema = schema_of(cls, direction)
    return {**schema["properties"]["x"], **({"$defs": schema["$defs"]} if "$defs" in schema else {})}


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Point:
    x: int
    y: int | None = None


POINT = {
    "title": "Point",
    "type": "object",
    "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
    "required": ["x"],
}
