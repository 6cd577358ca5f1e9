"""Python types as JSON Schema: the reference's table, and every other kind of type that payloads are made of."""

from __future__ import annotations

import datetime
import enum
import ipaddress
import pathlib
import sys
import typing
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field, make_dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, NewType, NotRequired, Optional, Required
from typing import TypedDict, TypeVar

import attrs
import jsonschema_rs
import msgspec
import pydantic
import pydantic.v1
import pytest
import typing_extensions
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chanspec.schemas import REF, CannotDescribe, Direction, check, describe, register
from chanspec.schemas.dialect import refs_in
from tests.schemas import INSTANCES

T = TypeVar("T")
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


class Coordinates(NamedTuple):
    lat: float
    lng: float = 0.0


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
    ids=str,
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
        (tuple[int, str], {"type": "array", "minItems": 2, "maxItems": 2, "items": [{"type": "integer"}, {"type": "string"}]}),
        (tuple[()], {"type": "array", "minItems": 0, "maxItems": 0}),
        (Literal["a"], {"type": "string", "const": "a"}),
        (Literal["a", 1, None], {"enum": ["a", 1, None]}),
        (Literal[Colour.RED], {"type": "string", "const": "red"}),
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (int | str | None, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (list[int | None], {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}),
        (Annotated[int, Field(gt=0, le=9, multiple_of=3)], {"type": "integer", "exclusiveMinimum": 0, "maximum": 9, "multipleOf": 3}),
        (Annotated[str, Field(min_length=1, max_length=9, pattern="^a")], {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a"}),
        (Annotated[list[int], Field(min_length=1)], {"type": "array", "items": {"type": "integer"}, "minItems": 1}),
        (Annotated[str, Field(description="d", examples=["e"])], {"type": "string", "description": "d", "examples": ["e"]}),
        (NewType("UserId", int), {"type": "integer"}),
        (typing_extensions.TypeAliasType("Id", int), {"$ref": "#/$defs/Id", "$defs": {"Id": {"type": "integer"}}}),
        (pydantic.AnyUrl, {"type": "string", "format": "uri", "minLength": 1}),
        (pydantic.PositiveInt, {"type": "integer", "exclusiveMinimum": 0}),
        (Colour, {"$ref": "#/$defs/Colour", "$defs": {"Colour": {"title": "Colour", "type": "string", "enum": ["red", "green"]}}}),
    ],
    ids=str,
)
def test_an_ordinary_type_has_its_form(annotation: Any, expected: Any, direction: Direction) -> None:
    assert field_of(annotation, direction) == expected


def test_an_int_enum_has_its_values() -> None:
    definition = field_of(Level)["$defs"]["Level"]
    assert (definition["type"], definition["enum"]) == ("integer", [1, 2])


def test_a_decimal_with_constraints_stays_a_decimal() -> None:
    assert field_of(Annotated[Decimal, Field(gt=0, decimal_places=2)]) == {"type": "string", "format": "decimal"}


def test_a_default_that_json_cannot_hold_is_left_out() -> None:
    assert field_of(float, default=float("inf")) == {"type": "number"}
    assert field_of(Any, default=object()) == {}
    assert field_of(Decimal, default=Decimal("1.50")) == {"type": "string", "format": "decimal", "default": "1.50"}
    assert field_of(Annotated[float, Field(lt=float("inf"))]) == {"type": "number"}


def test_a_pattern_that_is_not_ecmas_is_kept_as_a_note() -> None:
    assert field_of(Annotated[str, Field(pattern=r"(?i)\Aa\z")]) == {"type": "string", "x-pattern": r"(?i)\Aa\z"}


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


def test_local_classes_of_one_name_are_told_apart() -> None:
    def local(kind: Any) -> type:
        class Payload(BaseModel):
            x: kind

        return Payload

    cls = make_dataclass("Holder", [("one", local(int)), ("two", local(str))])
    assert sorted(schema_of(cls)["$defs"]) == ["Payload", "Payload2"]


# Python 3.12


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax of PEP 695 needs Python 3.12")
def test_aliases_and_generics_in_the_syntax_of_pep_695_are_read() -> None:
    from tests.unit import pep695

    schema = schema_of(pep695.Uses)
    assert list(schema["properties"]) == ["id", "ids", "tree", "box", "pair", "record"]
    assert describe(pep695.Alias, "in").definitions.keys() >= schema["$defs"].keys()
    assert schema_of(pep695.Ids[int]) == {"type": "array", "items": {"type": "integer"}}
    assert schema_of(pep695.Box[int])["properties"]["content"] == {"type": "integer"}
    assert schema_of(pep695.Pair[int, str])["properties"] == {"first": {"type": "integer"}, "second": {"type": "string"}}
    tree = schema["$defs"]["Tree"]
    assert {"type": "integer"} in tree["anyOf"]


# What has no JSON Schema


class Unknown:
    pass


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
        (Unresolved, "Unresolved cannot be read", "at module level"),
        (UnresolvedAttrs, "UnresolvedAttrs cannot be read", "at module level"),
        (typing.ForwardRef("Nowhere"), "cannot be read", "at module level"),
        (Point(1), "is an instance, not a type", "pass the class itself"),
        (Cat(kind="cat", lives=9), "is an instance, not a type", "pass the class itself"),
        ("Point", "is an instance, not a type", "pass the class itself"),
        (lambda: None, "is an instance, not a type", "pass the class itself"),
    ],
    ids=str,
)
def test_what_has_no_json_schema_is_refused_with_a_cure(payload: Any, what: str, cure: str) -> None:
    with pytest.raises(CannotDescribe) as caught:
        schema_of(payload)
    assert what in caught.value.what
    assert cure in caught.value.cure
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


# Agreement with pydantic

_SIMPLE: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers()),
    (str, st.text()),
    (bool, st.booleans()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (uuid.UUID, st.uuids()),
    (datetime.datetime, st.datetimes(timezones=st.just(datetime.UTC))),
    (datetime.date, st.dates()),
    (Colour, st.sampled_from(Colour)),
    (Level, st.sampled_from(Level)),
    (Literal["a", 1], st.sampled_from(["a", 1])),
    (Annotated[int, Field(ge=0, lt=10)], st.integers(0, 9)),
    (Annotated[str, Field(max_length=3)], st.text(max_size=3)),
    (ipaddress.IPv4Address, st.ip_addresses(v=4)),
]


def _grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def of(origin: Any, make: Any) -> st.SearchStrategy[Any]:
        return inner.map(lambda each: (origin(each[0]), make(each[1])))

    return st.one_of(
        of(lambda t: list[t], lambda s: st.lists(s, max_size=3)),
        of(lambda t: dict[str, t], lambda s: st.dictionaries(st.text(max_size=3), s, max_size=3)),
        of(lambda t: tuple[t, int], lambda s: st.tuples(s, st.integers())),
        of(lambda t: Optional[t], lambda s: st.none() | s),  # noqa: UP045 - built from a variable
        st.lists(inner, min_size=1, max_size=3).map(_model),
    )


def _model(fields: list[tuple[Any, st.SearchStrategy[Any]]]) -> tuple[Any, st.SearchStrategy[Any]]:
    names = [f"f{index}" for index in range(len(fields))]
    model = pydantic.create_model("Model", **{name: (each[0], ...) for name, each in zip(names, fields, strict=True)})
    values = st.fixed_dictionaries({name: each[1] for name, each in zip(names, fields, strict=True)})
    return model, values.map(lambda each: model.model_construct(**each))


TYPES = st.recursive(st.sampled_from(_SIMPLE), _grown, max_leaves=4)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_the_schema_accepts_what_pydantic_serializes_and_refuses_what_it_refuses(data: st.DataObject) -> None:
    annotation, values = data.draw(TYPES)
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    sent, taken = (_validator(annotation, each) for each in ("out", "in"))
    written = adapter.dump_python(data.draw(values), mode="json")
    assert sent.is_valid(written)
    assert taken.is_valid(written)
    instance = data.draw(INSTANCES)
    if taken.is_valid(instance):
        adapter.validate_python(instance)


def _validator(annotation: Any, direction: Any) -> Any:
    described = describe(annotation, direction)
    check(described)
    return jsonschema_rs.Draft7Validator(
        {"allOf": [described.root], "$defs": described.definitions}, validate_formats=True
    )
