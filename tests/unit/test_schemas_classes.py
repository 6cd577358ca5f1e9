"""Classes as JSON Schema: dataclasses, typed dicts, named tuples, attrs, msgspec, pydantic; nested and recursive."""

from __future__ import annotations

import sys
import uuid
from dataclasses import InitVar, dataclass, field, make_dataclass
from decimal import Decimal
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    TypeVar,
    get_type_hints,
)

import attrs
import jsonschema_rs
import msgspec
import pydantic
import pydantic.v1
import pytest
import typing_extensions
from pydantic import BaseModel, ConfigDict, Field

from chanspec.schemas import CannotDescribe, Direction, describe
from tests.described import DIRECTIONS, POINT, Point, field_of, schema_of

T = TypeVar("T")


# Dataclasses


def test_a_pydantic_dataclass_is_a_dataclass_with_its_aliases() -> None:
    @pydantic.dataclasses.dataclass
    class Payload:
        fare: Decimal
        note: str | None = None
        count: int = Field(alias="passengerCount", ge=1, default=1)

    assert schema_of(Payload) == {
        "title": "Payload",
        "type": "object",
        "properties": {
            "fare": {"type": "string", "format": "decimal"},
            "note": {"type": "string"},
            "passengerCount": {"type": "integer", "minimum": 1, "default": 1},
        },
        "required": ["fare"],
    }


def test_fields_that_are_not_sent_or_not_taken_are_left_out() -> None:
    @dataclass
    class Payload:
        kept: int
        given: InitVar[int]
        made: int = field(default=0, init=False)
        constant: ClassVar[int] = 3

    assert list(schema_of(Payload, "in")["properties"]) == ["kept", "given"]
    assert list(schema_of(Payload, "out")["properties"]) == ["kept", "made"]


@dataclass
class Node:
    name: str
    children: list[Node] = field(default_factory=list)
    parent: Optional["Node"] = None  # noqa: UP037, UP045 - a quoted forward reference


def test_a_recursive_dataclass_refers_to_itself() -> None:
    properties = schema_of(Node)["$defs"]["Node"]["properties"]
    assert properties["children"]["items"] == properties["parent"] == {"$ref": "#/$defs/Node"}


@dataclass
class Generic1(Generic[T]):
    value: T
    values: list[T]


def test_a_generic_dataclass_has_the_types_it_was_given() -> None:
    properties = schema_of(Generic1[int])["properties"]
    assert properties == {"value": {"type": "integer"}, "values": {"type": "array", "items": {"type": "integer"}}}


def test_a_description_comes_from_a_written_docstring_only() -> None:
    @dataclass
    class Payload:
        """What a ride is."""

        x: int

    assert schema_of(Payload)["description"] == "What a ride is."
    assert "description" not in schema_of(Point)


# Typed dicts and named tuples


class Coordinates(NamedTuple):
    lat: float
    lng: float = 0.0


class Partial(TypedDict, total=False):
    a: Required[int]
    b: str
    point: Point


class Total(TypedDict):
    a: Decimal
    b: NotRequired[str]
    c: str | None


class Extended(typing_extensions.TypedDict):
    a: Decimal
    b: typing_extensions.NotRequired[str]
    c: str | None


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_typed_dict_is_required_by_its_markers(direction: Direction) -> None:
    schema = schema_of(Partial, direction)
    assert list(schema["properties"]) == ["a", "b", "point"]
    assert schema["required"] == ["a"]
    assert schema["$defs"] == {"Point": POINT}


@pytest.mark.parametrize("cls", [Total, Extended])
def test_a_typed_dict_has_the_forms_of_plain_classes(cls: Any) -> None:
    schema = schema_of(cls)
    assert schema["required"] == ["a"]
    assert schema["properties"] == {
        "a": {"type": "string", "format": "decimal"},
        "b": {"type": "string"},
        "c": {"type": "string"},
    }


def test_typed_dicts_may_stand_inside_other_types() -> None:
    cls = make_dataclass("Holder", [("one", Partial), ("many", list[Total]), ("named", dict[str, Partial])])
    assert set(schema_of(cls)["$defs"]) == {"Partial", "Total", "Point"}


def test_a_named_tuple_is_an_object_as_a_payload_and_an_array_inside_one() -> None:
    assert schema_of(Coordinates) == {
        "title": "Coordinates",
        "type": "object",
        "properties": {"lat": {"type": "number"}, "lng": {"type": "number"}},
        "required": ["lat"],
    }
    inside = schema_of(make_dataclass("Holder", [("at", Coordinates)]))
    assert inside["$defs"]["Coordinates"]["type"] == "array"


# attrs, msgspec, pydantic's version 1


@attrs.define
class Car:
    plate: str
    owner: Optional["Car"] = None  # noqa: UP037, UP045
    seats: list[Point] = attrs.field(factory=list)
    hidden: int = attrs.field(init=False, default=0)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_attrs_class_has_its_fields(direction: Direction) -> None:
    definition = schema_of(Car, direction)["$defs"]["Car"]
    assert definition["required"] == ["plate"]
    assert definition["properties"] == {
        "plate": {"type": "string"},
        "owner": {"$ref": "#/$defs/Car"},
        "seats": {"type": "array", "items": {"$ref": "#/$defs/Point"}},
    }


@attrs.define
class Trip:
    tip: Annotated[int | None, Field(description="For the driver")]
    seats: Annotated[int, Field(gt=0)]
    code: int | str
    start: Point
    stops: list[Point]


def test_a_field_that_may_be_none_need_not_be_sent() -> None:
    schema = schema_of(Trip)
    assert schema["required"] == ["seats", "code", "start", "stops"]
    assert schema["properties"]["tip"] == {"type": "integer", "description": "For the driver"}
    assert schema["properties"]["seats"] == {"type": "integer", "exclusiveMinimum": 0}


def test_what_is_checked_may_have_none_as_null_where_the_document_does_not_say_so() -> None:
    properties = describe(Trip, "in", nones="either").definitions["Trip"]["properties"]
    assert properties["tip"] == {"anyOf": [{"type": "integer", "description": "For the driver"}, {"type": "null"}]}
    assert properties["start"] == {"$ref": "#/$defs/Point"}


def test_fields_of_attrs_classes_and_of_dataclasses_are_read_alike() -> None:
    same = make_dataclass("Trip", list(get_type_hints(Trip, include_extras=True).items()))
    assert schema_of(same) == schema_of(Trip)


def test_a_class_that_several_fields_have_is_defined_once() -> None:
    schema = schema_of(Trip)
    assert schema["$defs"].keys() == {"Point"}
    assert schema["properties"]["start"] == schema["properties"]["stops"]["items"] == {"$ref": "#/$defs/Point"}


class Struct(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    ride_id: uuid.UUID
    next: Optional["Struct"] = None  # noqa: UP037, UP045
    fare: Annotated[int, msgspec.Meta(gt=0)] = 1


def test_a_msgspec_struct_has_its_own_names_and_constraints() -> None:
    definition = schema_of(Struct)["$defs"]["Struct"]
    assert list(definition["properties"]) == ["rideId", "next", "fare"]
    assert definition["properties"]["fare"] == {"type": "integer", "exclusiveMinimum": 0, "default": 1}
    assert definition["additionalProperties"] is False


def test_a_msgspec_struct_that_json_cannot_hold_is_refused() -> None:
    class Bad(msgspec.Struct):
        x: complex

    with pytest.raises(CannotDescribe, match="Bad has no JSON Schema"):
        schema_of(Bad)


class Inner1(pydantic.v1.BaseModel):
    a_name: int


class Model1(pydantic.v1.BaseModel):
    inner: Inner1
    other: Optional[str] = pydantic.v1.Field(None, title="Other one")  # noqa: UP045


def test_a_model_of_pydantic_1_has_no_titles_made_of_names() -> None:
    schema = schema_of(Model1)
    assert schema["$defs"]["Inner1"]["properties"] == {"a_name": {"type": "integer"}}
    assert schema["properties"]["other"] == {"title": "Other one", "type": "string"}


@pytest.mark.filterwarnings("ignore:Mixing V1 models")
def test_a_model_of_pydantic_1_that_stands_in_two_places_is_defined_once() -> None:
    definitions = schema_of(make_dataclass("Holder", [("whole", Model1), ("part", Inner1)]))["$defs"]
    assert definitions.keys() == {"Model1", "Inner1"}


@pytest.mark.filterwarnings("ignore:Mixing V1 models")
def test_classes_of_all_libraries_nest_in_each_other() -> None:
    @dataclass
    class Holder:
        car: Car
        cars: list[Car]
        struct: Struct
        structs: dict[str, Struct]
        old: Model1
        model: Account
        maybe: Car | None

    definitions = schema_of(Holder)["$defs"]
    assert {"Car", "Struct", "Model1", "Inner1", "Account", "Point"} <= definitions.keys()


# pydantic models


class Account(BaseModel):
    """Who pays."""

    model_config = ConfigDict(populate_by_name=True)

    owner_name: str = Field(alias="ownerName", description="As on the card")
    balance: Decimal = Decimal("1.5")
    friends: list[Account] = []

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def is_rich(self) -> bool:
        return True


def test_a_model_has_its_aliases_and_no_titles_made_of_names() -> None:
    schema = schema_of(Account)["$defs"]["Account"]
    assert schema["description"] == "Who pays."
    assert schema["properties"]["ownerName"] == {"type": "string", "description": "As on the card"}
    assert schema["required"] == ["ownerName"]


def test_a_model_is_described_as_validated_when_received_and_as_serialized_when_sent() -> None:
    taken, sent = (schema_of(Account, each)["$defs"]["Account"] for each in DIRECTIONS)
    assert taken["properties"]["balance"]["anyOf"][0] == {"type": "number"}
    assert sent["properties"]["balance"]["type"] == "string"
    assert "is_rich" not in taken["properties"]
    assert sent["properties"]["is_rich"] == {"type": "boolean", "readOnly": True}
    assert "is_rich" in sent["required"]


def test_a_nullable_field_of_a_model_stays_nullable() -> None:
    class Payload(BaseModel):
        x: int | None

    schema = schema_of(Payload)
    assert schema["required"] == ["x"]
    assert schema["properties"]["x"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}


def test_a_closed_model_is_closed() -> None:
    class Payload(BaseModel):
        model_config = ConfigDict(extra="forbid")
        x: int

    assert schema_of(Payload)["additionalProperties"] is False


class Box(BaseModel, Generic[T]):
    content: T


def test_a_generic_model_has_the_types_it_was_given() -> None:
    assert schema_of(Box[int])["properties"] == {"content": {"type": "integer"}}
    assert set(schema_of(Box[Box[Point]])["$defs"]) == {"Box_Point", "Point"}


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tail: bool


def test_a_discriminated_union_is_one_of_its_members() -> None:
    pets = Annotated[Cat | Dog, Field(discriminator="kind")]
    assert field_of(pets)["oneOf"] == [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]
    assert "discriminator" not in field_of(pets)
    assert schema_of(pets)["oneOf"] == [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]


class Bird(BaseModel):
    kind: Literal["bird"] = "bird"
    wings: int = 2


class Fish(BaseModel):
    kind: Literal["fish"] = "fish"


@pytest.mark.parametrize("instance", [{"wings": 2}, {"kind": "bird", "wings": 2}, {"kind": "cat"}, {}], ids=str)
def test_a_discriminated_union_requires_its_tag_as_pydantic_does(instance: dict[str, Any]) -> None:
    pets: Any = Annotated[Bird | Fish, Field(discriminator="kind")]
    schema = schema_of(pets)
    try:
        pydantic.TypeAdapter(pets).validate_python(instance)
    except pydantic.ValidationError:
        taken = False
    else:
        taken = True
    assert jsonschema_rs.Draft7Validator(schema).is_valid(instance) == taken
    assert "kind" not in schema["$defs"]["Bird"].get("required", [])


def test_a_root_model_is_its_root() -> None:
    class Counts(pydantic.RootModel[dict[str, int]]): ...

    assert schema_of(Counts) == {"title": "Counts", "type": "object", "additionalProperties": {"type": "integer"}}


def test_a_model_that_makes_its_own_schema_is_asked_for_it() -> None:
    class Payload(BaseModel):
        @classmethod
        def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
            return {"type": "object", "properties": {"mode": {"const": options["mode"]}}}

    assert schema_of(Payload, "out")["properties"] == {"mode": {"const": "serialization"}}


def test_a_field_that_makes_its_own_schema_is_asked_for_it() -> None:
    note = Annotated[Any, pydantic.WithJsonSchema({"type": "string", "format": "note"})]
    assert field_of(note) == {"type": "string", "format": "note"}


class Outer:
    class Point(BaseModel):
        z: int


def test_two_classes_of_one_name_have_readable_names_of_their_own() -> None:
    cls = make_dataclass("Holder", [("one", Point), ("two", Outer.Point)])
    definitions = schema_of(cls)["$defs"]
    assert len(definitions) == 2
    assert all("__" not in name and name.endswith("Point") for name in definitions)


def test_a_class_whose_name_another_has_is_named_by_its_module_too() -> None:
    other = pydantic.create_model("Point", __module__="fleet.car_parts", z=(str, ...))
    definitions = schema_of(make_dataclass("Holder", [("one", Outer.Point), ("two", other)]))["$defs"]
    assert definitions.keys() == {"OuterPoint", "CarPartsPoint"}


def test_local_classes_of_one_name_are_told_apart() -> None:
    def local(kind: Any) -> type:
        class Payload(BaseModel):
            x: kind

        return Payload

    cls = make_dataclass("Holder", [("one", local(int)), ("two", local(str)), ("three", local(bool))])
    assert sorted(schema_of(cls)["$defs"]) == ["Payload", "Payload2", "Payload3"]


# Python 3.12


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax of PEP 695 needs Python 3.12")
def test_aliases_and_generics_in_the_syntax_of_pep_695_are_read() -> None:
    from tests.unit import pep695

    schema = schema_of(pep695.Uses)
    assert list(schema["properties"]) == ["id", "ids", "tree", "box", "pair", "record"]
    assert describe(pep695.Alias, "in").definitions.keys() >= schema["$defs"].keys()
    assert schema_of(pep695.Ids[int]) == {"type": "array", "items": {"type": "integer"}}
    assert schema_of(pep695.Box[int])["properties"]["content"] == {"type": "integer"}
    assert schema_of(pep695.Pair[int, str])["properties"] == {
        "first": {"type": "integer"},
        "second": {"type": "string"},
    }
    tree = schema["$defs"]["Tree"]
    assert {"type": "integer"} in tree["anyOf"]
