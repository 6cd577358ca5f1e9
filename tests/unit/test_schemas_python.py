"""Python types as JSON Schema: the reference's table, ordinary types beyond it, and what has no schema."""

from __future__ import annotations

import datetime
import enum
import ipaddress
import pathlib
import typing
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, make_dataclass
from decimal import Decimal
from typing import (
    Annotated,
    Any,
    Literal,
    NewType,
    Optional,
)

import attrs
import pydantic
import pydantic.v1
import pytest
import typing_extensions
from pydantic import BaseModel, Field

from chanspec.schemas import CannotDescribe, Direction, describe, register
from tests.described import DIRECTIONS, POINT, Colour, Level, Point, field_of, schema_of
from tests.naming import shown

# The reference's table


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (Decimal, {"type": "string", "format": "decimal"}),
        (uuid.UUID, {"type": "string", "format": "uuid"}),
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (list[Decimal], {"type": "array", "items": {"type": "string", "format": "decimal"}}),
        (str | None, {"type": "string"}),
        (Optional[Decimal], {"type": "string", "format": "decimal"}),  # noqa: UP045 - the older spelling
        (Point, {"$ref": "#/$defs/Point", "$defs": {"Point": POINT}}),
    ],
    ids=shown,
)
def test_a_dataclass_field_has_the_form_of_the_references_table(
    annotation: Any, expected: Any, direction: Direction
) -> None:
    assert field_of(annotation, direction) == expected


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_optional_field_is_not_required_whatever_its_default(direction: Direction) -> None:
    @dataclass
    class Payload:
        a: str | None
        b: str
        c: str | None = None
        d: str | None = "x"
        e: int = 3

    schema = schema_of(Payload, direction)
    assert schema["required"] == ["b"]
    assert schema["properties"] == {
        "a": {"type": "string"},
        "b": {"type": "string"},
        "c": {"type": "string"},
        "d": {"type": "string", "default": "x"},
        "e": {"type": "integer", "default": 3},
    }


# Beyond the table


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (datetime.datetime, {"type": "string", "format": "date-time"}),
        (datetime.date, {"type": "string", "format": "date"}),
        (datetime.time, {"type": "string", "format": "time"}),
        (datetime.timedelta, {"type": "string", "format": "duration"}),
        (bytes, {"type": "string", "format": "binary"}),
        (ipaddress.IPv4Address, {"type": "string", "format": "ipv4"}),
        (ipaddress.IPv6Address, {"type": "string", "format": "ipv6"}),
        (pathlib.Path, {"type": "string", "format": "path"}),
        (Any, {}),
        (object, {}),
        (list, {"type": "array", "items": {}}),
        (dict, {"type": "object", "additionalProperties": True}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Mapping[str, bool], {"type": "object", "additionalProperties": {"type": "boolean"}}),
        (Sequence[int], {"type": "array", "items": {"type": "integer"}}),
        (set[int], {"type": "array", "uniqueItems": True, "items": {"type": "integer"}}),
        (frozenset[str], {"type": "array", "uniqueItems": True, "items": {"type": "string"}}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {"type": "array", "minItems": 2, "maxItems": 2, "items": [{"type": "integer"}, {"type": "string"}]},
        ),
        (tuple[()], {"type": "array", "minItems": 0, "maxItems": 0}),
        (Literal["a"], {"type": "string", "const": "a"}),
        (Literal["a", 1, None], {"enum": ["a", 1, None]}),
        (Literal[Colour.RED], {"type": "string", "const": "red"}),
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (int | str | None, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (list[int | None], {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}),
        (
            Annotated[int, Field(gt=0, le=9, multiple_of=3)],
            {"type": "integer", "exclusiveMinimum": 0, "maximum": 9, "multipleOf": 3},
        ),
        (
            Annotated[str, Field(min_length=1, max_length=9, pattern="^a")],
            {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a"},
        ),
        (Annotated[list[int], Field(min_length=1)], {"type": "array", "items": {"type": "integer"}, "minItems": 1}),
        (
            Annotated[str, Field(description="d", examples=["e"])],
            {"type": "string", "description": "d", "examples": ["e"]},
        ),
        (NewType("UserId", int), {"type": "integer"}),
        (typing_extensions.TypeAliasType("Id", int), {"$ref": "#/$defs/Id", "$defs": {"Id": {"type": "integer"}}}),
        (pydantic.AnyUrl, {"type": "string", "format": "uri", "minLength": 1}),
        (pydantic.PositiveInt, {"type": "integer", "exclusiveMinimum": 0}),
        (
            Colour,
            {
                "$ref": "#/$defs/Colour",
                "$defs": {"Colour": {"title": "Colour", "type": "string", "enum": ["red", "green"]}},
            },
        ),
    ],
    ids=shown,
)
def test_an_ordinary_type_has_its_form(annotation: Any, expected: Any, direction: Direction) -> None:
    assert field_of(annotation, direction) == expected


def test_an_int_enum_has_its_values() -> None:
    definition = field_of(Level)["$defs"]["Level"]
    assert (definition["type"], definition["enum"]) == ("integer", [1, 2])


class Right(enum.IntFlag):
    READ = 1
    WRITE = 2


class Mode(enum.Flag):
    READ = 1
    WRITE = 2


def test_a_flag_is_any_number_that_pydantic_reads_it_from() -> None:
    adapter = pydantic.TypeAdapter(Right)
    assert [int(adapter.validate_json(each)) for each in ("3", "8", "-1", "-9")] == [3, 8, 3, 7]
    assert schema_of(Right, "in") == {"title": "Right", "type": "integer"}
    assert schema_of(Right, "out") == {"title": "Right", "type": "integer", "minimum": 0}
    assert [pydantic.TypeAdapter(Mode).validate_json(each) for each in ("-4", "-1", "3")] == [
        Mode(0),
        *[Mode.READ | Mode.WRITE] * 2,
    ]
    assert schema_of(Mode, "in") == {"title": "Mode", "type": "integer", "minimum": -4, "maximum": 3}
    assert schema_of(Mode, "out") == {"title": "Mode", "type": "integer", "minimum": 0, "maximum": 3}


def test_a_decimal_with_constraints_stays_a_decimal() -> None:
    assert field_of(Annotated[Decimal, Field(gt=0, decimal_places=2)]) == {
        "type": "string",
        "format": "decimal",
        "x-exclusiveMinimum": "0",
        "x-rules": ["has at most 2 decimal places"],
    }


def test_a_default_that_json_cannot_hold_is_left_out() -> None:
    assert field_of(float, default=float("inf")) == {"type": "number"}
    assert field_of(Any, default=object()) == {}
    assert field_of(Decimal, default=Decimal("1.50")) == {"type": "string", "format": "decimal", "default": "1.50"}
    assert field_of(Annotated[float, Field(lt=float("inf"))]) == {"type": "number"}


def test_a_pattern_that_is_not_ecmas_is_kept_as_a_note() -> None:
    assert field_of(Annotated[str, Field(pattern=r"(?i)\Aa\z")]) == {"type": "string", "x-pattern": r"(?i)\Aa\z"}


# What has no JSON Schema


class Unknown:
    pass


class Model(BaseModel):
    x: int


@dataclass
class Unresolved:
    x: Nowhere  # type: ignore[name-defined]  # noqa: F821


@attrs.define
class UnresolvedAttrs:
    x: Nowhere  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("payload", "what", "cure"),
    [
        (Unknown, "Unknown has no JSON Schema", "register a describer"),
        (make_dataclass("Holder", [("x", Unknown)]), "Holder has no JSON Schema", "register a describer"),
        (make_dataclass("Holder", [("x", typing.Callable[[], int])]), "Holder has no JSON Schema", "register"),
        (Unresolved, "Unresolved cannot be read (name 'Nowhere' is not defined)", "at module level"),
        (UnresolvedAttrs, "UnresolvedAttrs cannot be read", "at module level"),
        (typing.ForwardRef("Nowhere"), "cannot be read", "at module level"),
        (Point(1), "is an instance, not a type", "pass the class itself"),
        (Model(x=1), "is an instance, not a type", "pass the class itself"),
        ("Point", "is an instance, not a type", "pass the class itself"),
        (lambda: None, "is an instance, not a type", "pass the class itself"),
    ],
    ids=shown,
)
def test_what_has_no_json_schema_is_refused_with_a_cure(payload: Any, what: str, cure: str) -> None:
    with pytest.raises(CannotDescribe) as caught:
        schema_of(payload)
    assert what in caught.value.what
    assert cure in caught.value.cure
    assert "\n" not in str(caught.value)


class Raising(BaseModel):
    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        raise RuntimeError("no luck.\nat all")


class RaisingWhole(BaseModel):
    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> Any:
        raise KeyError


class Returning(BaseModel):
    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> Any:
        return None


class BadlyDescribed:
    pass


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        (BaseModel, "BaseModel cannot be described: it raised AttributeError: "),
        (Raising, "Raising cannot be described: it raised RuntimeError: no luck"),
        (RaisingWhole, "RaisingWhole cannot be described: it raised KeyError"),
        (Returning, "Returning cannot be described: it raised TypeError: "),
        (make_dataclass("Holder", [("x", Raising)]), "Holder cannot be described: it raised RuntimeError: no luck"),
        (BadlyDescribed, "BadlyDescribed cannot be described: it raised ZeroDivisionError"),
        (make_dataclass("Holder", [("x", BadlyDescribed)]), "BadlyDescribed cannot be described: it raised ZeroDiv"),
    ],
    ids=shown,
)
def test_whatever_the_schema_hook_of_a_class_raises_says_which_class(payload: Any, what: str) -> None:
    def describer(cls: Any, direction: Direction) -> Any:
        return {}["x" if cls is None else 1 // 0]

    register(BadlyDescribed, describer)
    with pytest.raises(CannotDescribe) as caught:
        schema_of(payload)
    assert caught.value.what.startswith(what)
    assert "\n" not in str(caught.value)


def test_a_registered_describer_speaks_for_its_class_and_subclasses_wherever_they_stand() -> None:
    class Money:
        pass

    class Euros(Money):
        pass

    register(Money, lambda cls, direction: {"type": "object", "title": cls.__name__, "x-direction": direction})
    assert schema_of(Euros, "out") == {"type": "object", "title": "Euros", "x-direction": "out"}
    inside = schema_of(make_dataclass("Holder", [("price", Euros)]))
    assert inside["$defs"]["Euros"]["title"] == "Euros"
    response = describe({"price": Euros}, "out", is_response=True).root
    assert response["properties"]["price"] == {"type": "object", "title": "Euros", "x-direction": "out"}


class NamedOnly:
    """Registered by its import path."""


def test_a_describer_may_be_registered_by_the_path_of_its_class() -> None:
    register(f"{__name__}.NamedOnly", lambda cls, direction: {"type": "object", "x-named": True})
    assert schema_of(NamedOnly)["x-named"] is True


def test_a_registered_describer_is_given_instances_too() -> None:
    class Shape:
        def __init__(self, corners: int) -> None:
            self.corners = corners

    register(Shape, lambda shape, direction: {"type": "array", "minItems": shape.corners})
    assert schema_of(Shape(3)) == {"type": "array", "minItems": 3}
    assert describe({"shape": Shape(4)}, "out", is_response=True).root["properties"]["shape"]["minItems"] == 4


def test_a_describer_whose_references_lead_nowhere_is_told_so() -> None:
    class Broken:
        pass

    register(Broken, lambda cls, direction: {"$ref": "#/$defs/Missing"})
    for payload in (Broken, make_dataclass("Holder", [("x", Broken)])):
        with pytest.raises(CannotDescribe, match="refers to '#/\\$defs/Missing', which is not there"):
            schema_of(payload)
