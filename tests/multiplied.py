"""Types of payload in which a client can multiply mistakes, each with valid JSON; shared by tests. No tests here."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, NotRequired

import attrs
import pydantic.dataclasses
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Json,
    JsonValue,
    OnErrorOmit,
    RootModel,
    TypeAdapter,
    WrapValidator,
    field_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from chanspec.aliases import validator
from chanspec.enforcement.records import schema_of
from chanspec.schemas.python import typed_dicts_allowed
from tests.documents.corpus.payloads import Branch, Counts, Everything, Leaf, Meta, Node, Open, Page, Place

Nest = TypeAliasType("Nest", "int | list[Nest] | dict[str, Nest]")


class A(BaseModel):
    a: int


class B(BaseModel):
    b: int = Field(alias="bee")


class C(BaseModel):
    c: int


class ClosedA(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int = 1


class ClosedB(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    b: int = 1
    of: dict[str, ClosedA] = {}


class Extras(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]


class Tree(BaseModel):
    value: int
    left: Tree | None = None
    right: Tree | None = None


class MapA(BaseModel):
    a: int
    of: dict[str, int]


class MapB(BaseModel):
    b: int
    of: dict[str, int]


class Add(BaseModel):
    op: Literal["+"] = "+"
    left: Expression
    right: Expression | None = None


class Times(BaseModel):
    op: Literal["*"] = "*"
    left: Expression
    right: Expression | None = None


Expression = Add | Times | int
Add.model_rebuild()
Times.model_rebuild()


class Left(BaseModel):
    """As :class:`Right` is: nothing tells which was meant."""

    of: Left | Right | int


class Right(BaseModel):
    of: Left | Right | int


class ClosedDict(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]
    a: NotRequired[int]


@dataclass
class Record:
    numbers: list[int]
    named: dict[str, A | C] = field(default_factory=dict)
    next: Record | None = None


@pydantic.dataclasses.dataclass(config=ConfigDict(extra="forbid", validate_by_name=True))
class ClosedRecord:
    a: int = Field(default=1, alias="first")
    of: ClosedRecord | None = None


class Pair(NamedTuple):
    first: int
    second: list[str] = []


@attrs.define
class Crate:
    weights: list[int]
    inner: dict[str, int] | None = None


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    pairs: list[tuple[int, str]]
    kinds: dict[str, set[int]] = {}


def _lenient(value: Any, handler: Any) -> Any:
    try:
        return handler(value)
    except ValueError:
        return None


class Lenient(BaseModel):
    of: Annotated[dict[str, int] | None, WrapValidator(_lenient)]


class Once(BaseModel):
    a: int


class Twice(BaseModel):
    a: list[int] | None = None
    c: int


class Thrice(BaseModel):
    a: int


class Forgiving(BaseModel):
    """Where a mistake inside is no mistake of the message: another choice is taken, or something else put there.

    Each class is used once, so that its core schema is within this one's.
    """

    of: Once | Twice | None = None
    kept: list[OnErrorOmit[dict[str, int]]] = []
    each: list[OnErrorOmit[Forgiving]] = []
    lenient: Annotated[Thrice | None, WrapValidator(_lenient)] = None
    inner: Forgiving | None = None


class Checked(BaseModel):
    names: dict[str, str]

    @field_validator("names")
    @classmethod
    def check(cls, value: dict[str, str]) -> dict[str, str]:
        if "no" in value:
            raise ValueError("no")
        return value


EVERYTHING = {
    "text": "a", "count": 1, "ratio": 1.5, "is_open": True, "fare": "1.5", "key": "0" * 32, "day": "2024-05-01",
    "when": "2024-05-01T12:00:00Z", "at": "12:00:00", "wait": "PT1S", "raw": "a", "address": "127.0.0.1",
    "anything": {"a": [None]},
    "place": [1, 2], "meta": {"trace": "a"}, "payment": "cash", "rank": 1, "kind": "a", "pair": [1, "a"], "unique": [1],
    "named": {"a": ["1"]}, "limited": 1, "one_of": "a", "default": [1],
}  # fmt: skip

CORPUS: dict[str, tuple[Any, Any]] = {
    "list of a union": (list[A | B | C], [{"a": 1}, {"bee": 2}, {"c": 3}]),
    "list of numbers": (list[int], [1, 2]),
    "sets of tuples": (set[tuple[int, ...]], [[1], [2, 3]]),
    "frozen sets": (list[frozenset[float]], [[1.5]]),
    "dict of numbers": (dict[str, int], {"a": 1}),
    "dict of a union": (dict[str, A | B | C], {"a": {"c": 1}}),
    "dict with keys of numbers": (dict[int, str], {"1": "a"}),
    "models that are closed": (list[ClosedA], [{"a": 1}, {}]),
    "a union of models that are closed": (list[ClosedA | ClosedB], [{"b": 1, "of": {"x": {"a": 1}}}]),
    "a typed dict that is closed": (list[ClosedDict], [{"a": 1}]),
    "fields of any name": (Extras, {"a": 1}),
    "a tree": (Tree, {"value": 1, "left": {"value": 2}, "right": {"value": 3, "left": {"value": 4}}}),
    "a union of models with dicts": (list[MapA | MapB], [{"b": 1, "of": {"x": 1}}]),
    "an alias that leads back to itself": (Nest, [1, {"a": [2]}]),
    "a union of containers": (dict[str, int] | list[A] | str, {"a": 1}),
    "expressions": (Expression, {"op": "*", "left": {"op": "+", "left": 1}, "right": 3}),
    "models that nothing tells apart": (Left | Right, {"of": {"of": 1}}),
    "a dataclass": (Record, {"numbers": [1], "named": {"x": {"a": 1}}, "next": {"numbers": []}}),
    "a dataclass that is closed": (list[ClosedRecord], [{"a": 1, "of": {"first": 1}}, {}]),
    "a named tuple": (list[Pair], [[1, ["a"]]]),
    "an attrs class": (Crate, {"weights": [1], "inner": {"a": 1}}),
    "a strict model": (Strict, {"pairs": [[1, "a"]], "kinds": {"a": [1]}}),
    "a model that forgives": (Lenient, {"of": {"a": 1}}),
    "a model within itself that forgives": (
        Forgiving,
        {
            "of": {"a": None, "c": 1},
            "kept": [{"a": 1}, {"a": "x"}],
            "each": [{"of": 1}, {}],
            "lenient": {"a": "x"},
            "inner": {"of": {"c": 1}},
        },
    ),
    "what is left out": (list[OnErrorOmit[dict[str, ClosedA]]], [{"a": {"a": 1}}, {"a": {"b": 1}}]),
    "a model that checks": (Checked, {"names": {"a": "b"}}),
    "sequences": (Sequence[Mapping[str, int]], [{"a": 1}]),
    "a deque": (collections.deque[int], [1]),
    "text that is JSON": (Json[list[A | C]], '[{"a": 1}]'),
    "any JSON": (dict[str, JsonValue], {"a": [1, {"b": None}]}),
    "a root model": (RootModel[dict[str, list[A]]], {"a": [{"a": 1}]}),
    "everything": (Everything, EVERYTHING),
    "a node": (Node, {"name": "a", "children": [{"name": "b"}]}),
    "a branch": (Branch, {"kind": "branch", "items": [{"kind": "leaf", "colour": "red"}]}),
    "forms of one payload": (Annotated[Leaf | Branch, Field(discriminator="kind")], {"kind": "leaf", "colour": "red"}),
    "forms that are not told apart": (Leaf | Open | None, {"kind": "open"}),
    "counts": (Counts, {"cash": 1}),
    "meta": (Meta, {"trace": "a"}),
    "a place": (Place, [1, 2]),
    "a page": (Page[Node], {"items": [{"name": "a"}], "totalCount": 1}),
}
"""A type and JSON that it takes, by name."""


def core_schema_of(name: str) -> Any:
    annotation = CORPUS[name][0]
    if isinstance(annotation, type) and attrs.has(annotation):
        return schema_of(annotation)
    with typed_dicts_allowed():
        return TypeAdapter(annotation).core_schema


WRONG: tuple[Any, ...] = ({}, [], "", None, 1, "x", {"x": {}}, [[]])


def worst(name: str, size: int) -> Iterator[str]:
    """Frames of about ``size`` characters with as many mistakes as they can hold, for one type of the corpus.

    Each container of the valid JSON is filled with what is wrong, and with copies of the valid JSON that
    have it inside.
    """
    valid = CORPUS[name][1]
    for place in _containers(valid):
        for each in (*WRONG, *(_with(valid, place, wrong) for wrong in WRONG)):
            inner: Any = valid
            for step in place:
                inner = inner[step]
            count = max(1, size // (len(json.dumps(each)) + 9))
            if isinstance(inner, list):
                filled: Any = [*inner, *[each] * count]
            else:
                filled = {**inner, **{str(number): each for number in range(count)}}
            yield json.dumps(_with(valid, place, filled))
    for wrong in WRONG:
        yield json.dumps([wrong] * (size // (len(json.dumps(wrong)) + 2)))


def large(name: str, size: int) -> str:
    """A valid frame of about ``size`` characters, or as large as the type has one."""
    schema = validator(core_schema_of(name))
    valid = CORPUS[name][1]
    best = json.dumps(valid)
    for place in _containers(valid):
        inner: Any = valid
        for step in place:
            inner = inner[step]
        for each in list(inner if isinstance(inner, list) else inner.values())[:3]:
            count = max(1, size // (len(json.dumps(each)) + 9))
            if isinstance(inner, list):
                filled: Any = [each] * count
            else:
                filled = {**inner, **{str(number): each for number in range(count)}}
            text = json.dumps(_with(valid, place, filled))
            if len(text) > len(best):
                try:
                    schema.validate_json(text)
                except ValueError:
                    continue
                best = text
    return best


def _containers(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        yield place
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _containers(each, (*place, key))


def _with(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    first, *rest = place
    if isinstance(value, dict):
        return {**value, first: _with(value[first], tuple(rest), new)}
    return [_with(each, tuple(rest), new) if index == first else each for index, each in enumerate(value)]
