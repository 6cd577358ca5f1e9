"""Payloads on the wire: the discriminator beside the declared fields, and examples that keep to them."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest
from django.utils.functional import lazystr
from pydantic import BaseModel, ConfigDict, Field, RootModel

from chanspec.asyncapi.examples import wire_examples
from chanspec.asyncapi.payloads import Payloads
from chanspec.contract import Message
from chanspec.schemas import Described
from tests.naming import shown

ACTION = {"type": "string", "const": "go"}


def message(payload: Any, *examples: Any, **more: Any) -> Message:
    return Message("in", "action", "go", payload, "module:Consumer.handle_go", examples=examples, **more)


def wire(payload: Any) -> Any:
    """The schema of a payload that has no problem."""
    described, problems = Payloads().wire(message(payload), "Go")
    assert problems == []
    return {**described.root, "$defs": described.definitions} if described.definitions else described.root


def accepts(payload: Any, instance: Any) -> bool:
    described, problems = Payloads().wire(message(payload), "Go")
    assert problems == []
    return valid(described, instance)


def valid(described: Described, instance: Any) -> bool:
    return jsonschema_rs.Draft7Validator({"allOf": [described.root], "$defs": described.definitions}).is_valid(instance)


def test_a_message_without_payload_has_the_discriminator_alone() -> None:
    alone = {"title": "Go", "type": "object", "properties": {"action": ACTION}, "required": ["action"]}
    assert wire(None) == alone
    assert wire({}) == alone


@dataclass
class Ride:
    fare: Decimal
    note: str | None = None


def test_the_discriminator_is_the_first_field_constant_and_required() -> None:
    schema = wire(Ride)
    assert next(iter(schema["properties"].items())) == ("action", ACTION)
    assert schema["required"] == ["action", "fare"]


def test_a_message_is_titled_by_its_name_and_a_written_schema_keeps_its_title() -> None:
    assert wire(Ride)["title"] == "Go"
    assert wire({"title": "My ride", "type": "object"})["title"] == "My ride"


def test_the_only_part_of_a_titled_payload_is_the_payload() -> None:
    part = {"title": "Part", "properties": {"x": {}}, "required": ["x"]}
    assert wire({"title": "My ride", "description": "d", "allOf": [part]}) == {
        "title": "My ride",
        "description": "d",
        "type": "object",
        "properties": {"action": ACTION, "x": {}},
        "required": ["action", "x"],
    }


@pytest.mark.parametrize(
    "declared", [{"type": "string"}, {"const": "go"}, {"enum": ["go", "stop"]}, True, {}, {"$ref": "#/$defs/A"}]
)
def test_a_payload_that_declares_the_discriminator_itself_may_allow_the_value(declared: Any) -> None:
    payload = {
        "properties": {"a": {}, "action": declared},
        "required": ["a", "action"],
        "$defs": {"A": {"type": "string"}},
    }
    schema = wire(payload)
    assert schema["properties"]["action"] == ACTION
    assert schema["required"] == ["action", "a"]


def test_what_a_payload_says_about_its_discriminator_is_kept() -> None:
    schema = wire({"properties": {"action": {"type": "string", "description": "What to do"}}})
    assert schema["properties"]["action"] == {"description": "What to do", **ACTION}


class Open(BaseModel):
    kind: Literal["open"]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["closed"]


class Own(BaseModel):
    action: Literal["go"]
    x: int


class Other(BaseModel):
    action: Literal["other"]


class Tree(BaseModel):
    model_config = ConfigDict(extra="forbid")
    children: list[Tree] = []


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (Open, {"kind": "open"}),
        (Closed, {"kind": "closed"}),
        (Own, {"x": 1}),
        (Open | Closed, {"kind": "closed"}),
        (Open | Closed, {"kind": "open"}),
        (Open | None, {"kind": "open"}),
        (Annotated[Open | Closed, Field(discriminator="kind")], {"kind": "closed"}),
        (RootModel[Closed], {"kind": "closed"}),
        (RootModel[Open | Closed], {"kind": "closed"}),
        (Own | Other, {"x": 1}),
        (Tree, {"children": [{"children": []}]}),
        (dict[str, int], {"a": 1}),
        (dict[Colour, int], {"red": 1}),
        (dict[Literal["red"], int] | Open, {"red": 1}),
        ({"maxProperties": 1}, {"a": 1}),
        ({"minProperties": 1}, {"a": 1}),
        ({"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False}, {"x1": 1}),
        ({"allOf": [{"properties": {"a": {}}, "additionalProperties": False}, {"required": ["a"]}]}, {"a": 1}),
        ({"anyOf": [{"type": "null"}, {"type": "object", "required": ["a"]}]}, {"a": 1}),
        ({"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]}, {"a": 1}),
        ({"type": ["object", "null"]}, {}),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1, "b": 2}),
    ],
    ids=shown,
)
def test_every_kind_of_object_takes_the_discriminator_and_no_other_value(payload: Any, fields: dict[str, Any]) -> None:
    assert accepts(payload, {"action": "go", **fields})
    assert not accepts(payload, fields)
    assert not accepts(payload, {"action": "stop", **fields})


@pytest.mark.parametrize(
    ("payload", "instance"),
    [
        (Closed, {"kind": "closed", "more": 1}),
        (Open | Closed, {"kind": "closed", "more": 1}),
        (dict[str, int], {"a": "x"}),
        (dict[Colour, int], {"blue": 1}),
        ({"maxProperties": 1}, {"a": 1, "b": 2}),
        ({"minProperties": 1}, {}),
        (Open | None, {}),
        (Tree, {"children": [{"action": "go"}]}),
    ],
    ids=shown,
)
def test_the_rules_of_a_payload_hold_beside_the_discriminator(payload: Any, instance: dict[str, Any]) -> None:
    assert not accepts(payload, {"action": "go", **instance})


def test_open_members_of_a_union_stay_references() -> None:
    schema = wire(Open | Closed)
    assert schema["anyOf"][0] == {"$ref": "#/$defs/Open"}
    assert schema["anyOf"][1]["properties"]["action"] == ACTION


def test_the_only_member_of_a_union_is_the_payload() -> None:
    assert "anyOf" not in wire(Open | None)
    assert wire(Open | None)["properties"]["kind"] == {"type": "string", "const": "open"}


def test_a_recursive_payload_keeps_its_nested_form_without_discriminator() -> None:
    schema = wire(Tree)
    assert schema["properties"]["children"]["items"] == {"$ref": "#/$defs/Tree"}
    assert "action" not in schema["$defs"]["Tree"]["properties"]


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        (int, "is no object"),
        (list[Ride], "is no object"),
        (Colour, "is no object"),
        (int | str, "is no object"),
        ({"type": "array"}, "is no object"),
        ({"not": {}, "type": "string"}, "is no object"),
        ({"const": {}}, "is no object"),
        ({"allOf": [{"type": "string"}]}, "is no object"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"allOf": [{"$ref": "#/$defs/A"}]}}}, "reference to itself"),
        (Other, "declares 'action' itself, with another value"),
        ({"properties": {"action": {"type": "integer"}}}, "declares 'action' itself, with another value"),
        ({"patternProperties": {".*": {"type": "integer"}}}, "gives the name 'action' to fields of another type"),
        ({"type": "text"}, "is no JSON Schema"),
        ({"properties": {"a": {"default": object()}}}, "is not JSON"),
        (Ride(Decimal(1)), "is an instance"),
    ],
    ids=shown,
)
def test_a_payload_that_cannot_be_is_a_problem_and_leaves_the_discriminator_alone(payload: Any, what: str) -> None:
    described, problems = Payloads().wire(message(payload), "Go")
    [problem] = problems
    assert problem.where == "module:Consumer.handle_go"
    assert what in problem.what
    assert problem.cure
    assert described == Payloads().wire(message(None), "Go")[0]


def test_python_values_in_a_schema_take_their_json_form() -> None:
    at = datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)
    payload = {
        "properties": {"at": {"default": at, "description": lazystr("When"), "enum": [Colour.RED, Decimal("1")]}}
    }
    assert wire(payload)["properties"]["at"] == {
        "description": "When",
        "enum": ["red", "1"],
        "default": "2024-05-01T00:00:00Z",
    }


def test_a_declaration_is_described_once_for_a_document() -> None:
    calls: list[str] = []

    class Counted(BaseModel):
        @classmethod
        def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
            calls.append(options["mode"])
            return {"type": "object"}

    payloads = Payloads()
    for _ in range(3):
        payloads.wire(message(Counted), "Go")
        payloads.wire(Message("out", "type", "gone", Counted, "x"), "Gone")
    assert calls == ["validation", "serialization"]


# Examples


def examples_of(payload: Any, *examples: Any) -> tuple[list[Any], list[str]]:
    told = message(payload, *examples)
    described, _ = Payloads().wire(told, "Go")
    kept, problems = wire_examples(told, described)
    assert all(each.where == told.where and each.cure for each in problems)
    return kept, [each.what for each in problems]


def test_an_example_that_matches_is_kept_as_it_is() -> None:
    example = {"name": "Cash", "summary": "In cash", "payload": {"action": "go", "fare": "1.50"}}
    assert examples_of(Ride, example) == ([example], [])


def test_python_values_in_an_example_take_their_json_form() -> None:
    key = uuid.uuid4()
    example = {
        "name": lazystr("Cash"),
        "payload": {"action": "go", "fare": Decimal("1.50"), "id": key, "c": Colour.RED},
    }
    kept, problems = examples_of(Ride, example)
    assert kept == [{"name": "Cash", "payload": {"action": "go", "fare": "1.50", "id": str(key), "c": "red"}}]
    assert problems == []


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ({"name": "Cash", "payload": {"action": "go"}}, "example 'Cash' of 'go' is incomplete: it lacks 'fare'"),
        ({"payload": {"action": "go", "fare": 1}}, "example 1 of 'go' does not match its payload at fare"),
        ({"payload": {"action": "stop", "fare": "1"}}, "does not match its payload at action"),
        ({"payload": [1]}, "does not match its payload"),
        ({"payload": {"action": "go", "fare": "1", "when": float("nan")}}, "is not JSON"),
        ({"payload": {"action": "go", "fare": "1", "who": object()}}, "is not JSON"),
        ({"payload": {"action": "go", "fare": "1", "x": {"$ref": "#/a"}}}, "has a key"),
        ({"payload": {"action": "go", "fare": "1", "__proto__": {}}}, "has a key"),
        ({"name": "Cash"}, "has no payload"),
        ({"name": "Cash", "value": {}}, "has no payload"),
        ({"payload": {}, "headers": {}}, "has the unknown key 'headers'"),
        ({"payload": {}, "descrption": ""}, "has the unknown key 'descrption'"),
        ({"name": 3, "payload": {}}, "has a name that is no string"),
        ({"summary": None, "payload": {}}, "has a summary that is no string"),
        ({"action": "go", "fare": "1"}, "has no payload"),
        ("go", "is no dict"),
    ],
    ids=shown,
)
def test_an_example_that_may_not_stand_is_left_out_with_a_problem(example: Any, words: str) -> None:
    good = {"payload": {"action": "go", "fare": "1"}}
    kept, [problem] = examples_of(Ride, example, good)
    assert kept == [good]
    assert words in problem
    assert problem.endswith("so it is left out")


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("uuid", "d290f1ee-6c54-4b01-90e6-d701748f0851", "d290"),
        ("date-time", "2024-05-01T12:00:00Z", "2024-05-01"),
        ("decimal", "-1500.00", "1,500"),
        ("duration", "PT5M", "5 minutes"),
    ],
)
def test_formats_of_examples_are_checked(name: str, right: str, wrong: str) -> None:
    payload = {"properties": {"x": {"type": "string", "format": name}}}
    good, bad = ({"payload": {"action": "go", "x": each}} for each in (right, wrong))
    kept, [problem] = examples_of(payload, good, bad)
    assert kept == [good]
    assert "does not match its payload at x" in problem


def test_a_format_that_nobody_knows_lets_every_text_pass() -> None:
    example = {"payload": {"action": "go", "x": "?"}}
    assert examples_of({"properties": {"x": {"type": "string", "format": "own"}}}, example) == ([example], [])
