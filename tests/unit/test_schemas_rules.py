"""What values keep besides their schema, in the schema: ``x-rules`` and its kin."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

import annotated_types
import attrs
import msgspec
import pydantic
import pydantic.v1
import pytest
from pydantic import AfterValidator, Field

from chanspec.schemas import describe
from chanspec.schemas.rules import OWN
from tests.conformance.agreement import document_of

CHECKED = {"x-rules": [OWN]}
TEXT: dict[str, Any] = {"type": "string"}


def checked(value: Any) -> Any:
    return value


class Model(pydantic.BaseModel):
    a: int


class OtherModel(pydantic.BaseModel):
    plain: Model
    checked: Annotated[Model, AfterValidator(checked)]
    price: Annotated[Decimal, Field(gt=0, max_digits=3)]


class Constant:
    """A class that returns the same schema every time."""

    SCHEMA: dict[str, Any] = {"type": "string"}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return pydantic.PlainValidator(checked, json_schema_input_type=str).__get_pydantic_core_schema__(str, handler)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> Any:
        return cls.SCHEMA


@dataclasses.dataclass
class Checked:
    a: int

    def __post_init__(self) -> None: ...


@attrs.define
class Attrs:
    a: int = attrs.field(validator=attrs.validators.gt(3))


class Struct(msgspec.Struct):
    a: int

    def __post_init__(self) -> None: ...


class OldModel(pydantic.v1.BaseModel):
    a: int

    @pydantic.v1.validator("a")
    def check(cls, value: int) -> int:
        return value


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (pydantic.PastDate, {**TEXT, "format": "date", "x-rules": ["is in the past"]}),
        (pydantic.FutureDatetime, {**TEXT, "format": "date-time", "x-rules": ["is in the future"]}),
        (pydantic.NaiveDatetime, {**TEXT, "format": "date-time-local"}),
        (
            Annotated[datetime.date, Field(ge=datetime.date(2026, 1, 1), lt=datetime.date(2027, 1, 1))],
            {**TEXT, "format": "date", "x-minimum": "2026-01-01", "x-exclusiveMaximum": "2027-01-01"},
        ),
        (
            Annotated[datetime.timedelta, Field(le=datetime.timedelta(hours=1))],
            {**TEXT, "format": "duration", "x-maximum": "PT1H"},
        ),
        (
            Annotated[Decimal, Field(gt=0, decimal_places=1, multiple_of=Decimal("0.5"))],
            {
                **TEXT,
                "format": "decimal",
                "x-exclusiveMinimum": "0",
                "x-multipleOf": "0.5",
                "x-rules": ["has at most 1 decimal place"],
            },
        ),
        (pydantic.HttpUrl, {**TEXT, "format": "uri", "minLength": 1, "maxLength": 2083, "pattern": "^(http|https)://"}),
        (pydantic.FileUrl, {**TEXT, "format": "uri", "minLength": 1, "pattern": "^file://"}),
        (pydantic.FilePath, {**TEXT, "format": "file-path", "x-rules": ["names an existing file"]}),
        (
            Annotated[bytes, Field(min_length=5, max_length=6)],
            {
                **TEXT,
                "format": "binary",
                "minLength": 2,
                "maxLength": 6,
                "x-rules": ["has at least 5 bytes", "has at most 6 bytes"],
            },
        ),
        (Annotated[int, AfterValidator(checked)], {"type": "integer", **CHECKED}),
        (Annotated[int, AfterValidator(partial(checked))], {"type": "integer", **CHECKED}),
        (Annotated[int, annotated_types.Predicate(bool)], {"type": "integer", **CHECKED}),
        (Annotated[int, AfterValidator(checked), Field(ge=5)], {"type": "integer", "minimum": 5, **CHECKED}),
        (
            Annotated[datetime.date, AfterValidator(checked), Field(ge=datetime.date(2026, 1, 1))],
            {**TEXT, "format": "date", "x-minimum": "2026-01-01", **CHECKED},
        ),
        (
            dict[Annotated[str, AfterValidator(checked)], int],
            {"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": CHECKED},
        ),
    ],
)
def test_what_a_type_demands_besides_its_schema_is_stated(annotation: Any, expected: dict[str, Any]) -> None:
    assert describe(annotation, "in").root == expected
    assert describe(annotation, "out").root == expected


def test_a_pattern_behind_a_function_is_of_what_the_function_returns() -> None:
    described = describe(Annotated[str, AfterValidator(checked), Field(pattern="^a")], "in")
    assert described.root == {**TEXT, "x-rules": [OWN, "has a match of ^a"]}


@pytest.mark.parametrize("cls", [Checked, Attrs, Struct, OldModel])
def test_a_class_that_checks_itself_says_so(cls: type) -> None:
    described = describe(cls, "in")
    [schema] = described.definitions.values() or [described.root]
    assert schema["x-rules"] == [OWN]


def test_rules_are_of_the_field_that_has_them_and_not_of_its_class() -> None:
    described = describe(OtherModel, "in")
    assert described.root["properties"] == {
        "plain": {"$ref": "#/$defs/Model"},
        "checked": {"allOf": [{"$ref": "#/$defs/Model"}], **CHECKED},
        "price": {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0.0},
                {**TEXT, "format": "decimal", "x-exclusiveMinimum": "0"},
            ],
            "x-rules": ["has at most 3 digits"],
        },
    }
    assert "x-rules" not in described.definitions["Model"]


def test_a_schema_that_belongs_to_somebody_is_left_alone() -> None:
    assert describe(Constant, "in").root == {**TEXT, **CHECKED}
    assert Constant.SCHEMA == TEXT


def test_the_official_parser_takes_rules(official_parser: Any) -> None:
    described = describe(OtherModel, "in")
    official_parser.check(document_of(described))
