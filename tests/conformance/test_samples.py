"""Messages made from schemas: the valid ones are valid, the others are not, whatever the schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chanspec.cli.documents import from_file
from chanspec.conformance.document import Api, read
from chanspec.conformance.samples import Expectation, Sample, Samples, encoded
from chanspec.conformance.schemas import DocumentError
from chanspec.conformance.search import search
from chanspec.conformance.sites import may_be_refused
from chanspec.conformance.strategies import DEPTHS, FORMATS, Generator

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*/golden/*.yaml"), *ROOT.glob("viewer/documents/*.yaml")])


def document_with(payload: Any, **schemas: Any) -> dict[str, Any]:
    """A document with one action, whose field `p` is as given."""
    schema = {"type": "object", "properties": {"action": {"const": "go"}, "p": payload}, "required": ["action", "p"]}
    return {
        "asyncapi": "3.0.0",
        "channels": {"c": {"address": "/", "messages": {"Go": {"payload": schema}}}},
        "operations": {"go": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
        "components": {"schemas": schemas},
    }


def samples_of(api: Api) -> list[Samples]:
    generators = [Generator(api.schemas, depth) for depth in DEPTHS]
    return [Samples(action, api.schemas, generators, 1) for channel in api.channels for action in channel.actions]


def drawn(samples: Samples, count: int) -> list[Any]:
    """So many values of those that Hypothesis makes up."""
    found: list[Any] = []

    def keep(value: Any) -> bool:
        found.append(value)
        return len(found) == count

    search(samples.valid(), keep, count * 3, samples.random(), shrink=False)
    return found


def check_all(api: Api, samples: Samples) -> None:
    """Each sort of message is what it is said to be."""
    schema = samples.action.message.schema
    for sample in samples.known_valid(60):
        assert sample.expectation is not Expectation.INVALID
        assert api.schemas.is_valid(schema, sample.value), sample
    for sample in samples.known_invalid(60):
        assert sample.expectation is Expectation.INVALID
        assert sample.what
        assert not api.schemas.is_valid(schema, sample.value), sample
    for value in drawn(samples, 4):
        assert api.schemas.is_valid(schema, value)
        assert not any("\ud800" <= letter <= "\udfff" for letter in str(value))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_messages_are_made_for_every_action_of_the_golden_documents(path: Path) -> None:
    api = read(from_file(str(path)))
    for samples in samples_of(api)[:6]:
        assert samples.bases, samples.action.operation
        check_all(api, samples)


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


OPEN = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
SCHEMAS: dict[str, tuple[Any, dict[str, Any]]] = {
    "linked list": (
        ref("L"),
        {"L": {"properties": {"next": {"anyOf": [ref("L"), {"type": "null"}]}}, "required": ["next"]}},
    ),
    "JSON": (
        ref("J"),
        {"J": {"oneOf": [{"type": ["string", "number"]}, {"type": "array", "items": ref("J")}]}},
    ),
    "types that all lead to each other": (
        ref("T0"),
        {f"T{i}": {"properties": {f"f{j}": ref(f"T{j}") for j in range(9)}, "type": "object"} for i in range(9)},
    ),
    "all of two": (
        {"allOf": [OPEN, {"properties": {"x": {"minimum": 3}, "y": {"const": True}}, "required": ["y"]}]},
        {},
    ),
    "one of many, several times": (
        {"allOf": [{"anyOf": [{"required": [f"{i}{k}"], "type": "object"} for k in range(6)]} for i in range(8)]},
        {},
    ),
    "if, then, else": (
        {
            "type": "object",
            "properties": {"k": {"enum": ["a", "b"]}, "x": {"type": "integer"}},
            "required": ["k"],
            "if": {"properties": {"k": {"const": "a"}}},
            "then": {"required": ["x"]},
            "else": {"not": {"required": ["x"]}},
        },
        {},
    ),
    "not": ({"type": "integer", "not": {"enum": [0, 1]}}, {}),
    "dependencies": ({"type": "object", "properties": {"a": {}, "b": {}}, "dependencies": {"a": ["b"]}}, {}),
    "tuple": (
        {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "additionalItems": False, "minItems": 2},
        {},
    ),
    "narrow number": ({"type": "number", "exclusiveMinimum": 0, "maximum": 1e-9}, {}),
    "multiple": ({"type": "number", "multipleOf": 0.01, "minimum": 0.05, "maximum": 3}, {}),
    "large integer": ({"type": "integer", "minimum": 10**25}, {}),
    "narrow integer": ({"type": "integer", "format": "int32", "minimum": 2**31 - 2}, {}),
    "pattern properties": (
        {
            "type": "object",
            "patternProperties": {"^x-": {"type": "integer"}},
            "additionalProperties": False,
            "minProperties": 1,
        },
        {},
    ),
    "property names that are no text": ({"type": "object", "propertyNames": {"enum": [1, None]}}, {}),
    "property names, some of them text": (
        {"type": "object", "propertyNames": {"enum": ["a", 1, True]}, "minProperties": 1},
        {},
    ),
    "property names": ({"type": "object", "propertyNames": {"pattern": "^[a-c]{2}$"}, "minProperties": 2}, {}),
    "long texts in a long list": ({"type": "array", "items": {"type": "string", "minLength": 300}, "minItems": 40}, {}),
    "pattern of ECMA-262": ({"type": "string", "pattern": r"^\p{L}+$"}, {}),
    "pattern with a look-ahead": ({"type": "string", "pattern": r"^(?=.*[1-9])\d{1,6}(\.\d{1,2})?$"}, {}),
    "contains": ({"type": "array", "contains": {"const": 7}, "items": {"type": "integer"}}, {}),
    "unique": ({"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 2}, {}),
    "limits of dates": ({"type": "string", "format": "date", "x-minimum": "2024-01-01"}, {}),
    "anything": (True, {}),
    "nullable": ({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]}, {}),
    **{f"format {name}": ({"type": "string", "format": name}, {}) for name in FORMATS},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_messages_are_made_for_every_sort_of_schema(name: str) -> None:
    payload, schemas = SCHEMAS[name]
    api = read(document_with(payload, **schemas))
    [samples] = samples_of(api)
    assert samples.bases
    check_all(api, samples)
    assert all(len(encoded(each)) < 20_000 for each in samples.bases)


@pytest.mark.parametrize(
    ("payload", "schemas"),
    [
        (ref("X"), {"X": {"type": "object", "properties": {"x": ref("X")}, "required": ["x"]}}),
        (ref("A"), {"A": {"allOf": [ref("B")]}, "B": {"allOf": [ref("A")]}}),
        (False, {}),
        ({"type": "string", "enum": [1]}, {}),
    ],
    ids=["endless", "circle", "false", "contradiction"],
)
def test_where_nothing_is_valid_nothing_is_made(payload: Any, schemas: dict[str, Any]) -> None:
    [samples] = samples_of(read(document_with(payload, **schemas)))
    assert samples.bases == []
    assert samples.known_valid(5) == samples.known_invalid(5) == []


def test_every_bound_and_type_is_broken_once() -> None:
    item = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 2, "maxLength": 5},
            "count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9},
            "colour": {"enum": ["red", "green"]},
            "id": {"type": "string", "format": "uuid"},
            "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}, "minItems": 1, "maxItems": 3},
        },
        "required": ["name", "count"],
        "additionalProperties": False,
    }
    [samples] = samples_of(read(document_with(item)))
    assert {sample.what for sample in samples.known_invalid(1000)} >= {
        "p.name is missing",
        "p.count is null",
        "p.name is an object",
        "p.name is shorter than 2",
        "p.name is longer than 5",
        "p.count is less than 1",
        "p.count is not less than 9",
        "p.count is no integer",
        "p.count is a string",
        "p.colour is none of the allowed values",
        "p.id is no uuid",
        "p.tags has fewer than 1 items",
        "p.tags has more than 3 items",
        "p.tags.0 does not match its pattern",
        "p has a property that it must not have",
        "p is a string",
        "p is missing",
    }


def test_mistakes_that_servers_understand_all_the_same_are_not_made() -> None:
    item = {"type": "object", "properties": {"n": {"type": "integer"}, "b": {"type": "boolean"}}, "required": ["n"]}
    [samples] = samples_of(read(document_with(item)))
    values = [sample.value["p"] for sample in samples.known_invalid(1000) if isinstance(sample.value.get("p"), dict)]
    assert {"n": "1"} not in values
    assert {"n": 0, "b": None} not in values
    assert {"n": 0, "b": "true"} not in values


def test_what_no_schema_can_say_is_no_mistake_of_the_server() -> None:
    [samples] = samples_of(read(document_with({"type": "string", "minLength": 1})))
    odd = [each for each in samples.known_valid(1000) if each.expectation is Expectation.ODD]
    assert {" ", "\x00", "\ud800"} <= {each.value["p"] for each in odd}


@pytest.mark.parametrize(
    "more",
    [{"format": "of-our-own"}, {"x-rules": ["is in the past"]}, {"x-pattern": r"\w"}, {"x-minimum": "a"}],
    ids=lambda more: next(iter(more)),
)
def test_a_value_whose_schema_says_that_it_is_not_all_may_be_refused(more: dict[str, Any]) -> None:
    api = read(document_with({"type": "object", "properties": {"x": {"type": "string", **more}, "y": {}}}))
    [samples] = samples_of(api)
    sample = samples.of({"action": "go", "p": {"x": "a", "y": 1}})
    assert sample.expectation is Expectation.VALID
    assert sample.is_uncertain
    places = [("p", "x"), ("p", "x", "function-after"), ("p", "X"), ("p", "y"), ("p",), (), ("p", "z")]
    refused = [may_be_refused(api.schemas, samples.action.message.schema, sample.value, each) for each in places]
    assert refused == [True, True, True, False, False, False, False]


def test_rules_of_what_is_around_a_place_count_for_it_too() -> None:
    item = {"type": "object", "properties": {"a": {}, "b": {}}, "x-rules": ["passes the application's own checks"]}
    payload = {"type": "array", "items": {"anyOf": [{"type": "null"}, {"allOf": [ref("Item")]}]}}
    api = read(document_with(payload, Item=item))
    [samples] = samples_of(api)
    value = {"action": "go", "p": [None, {"a": 1}]}
    for place, expected in ((("p", "1", "a"), True), (("p", "1"), True), (("p", "0"), False), (("p",), False)):
        assert may_be_refused(api.schemas, samples.action.message.schema, value, place) is expected


def test_what_has_rules_and_examples_is_made_of_the_examples() -> None:
    rated = {"type": "string", "x-rules": ["names an object"], "examples": ["one", "two", 3]}
    [samples] = samples_of(read(document_with(rated)))
    assert {each["p"] for each in drawn(samples, 8)} == {"one", "two"}


def test_where_there_are_rules_mistakes_are_made_of_examples_too() -> None:
    document = document_with({"type": "string", "maxLength": 5, "x-rules": ["names an object"]})
    example = {"action": "go", "p": "one"}
    document["channels"]["c"]["messages"]["Go"]["examples"] = [{"payload": example}, {"payload": {"p": 1}}]
    [samples] = samples_of(read(document))
    assert samples.bases[0] == example
    assert len(samples.bases) > 1
    document["channels"]["c"]["messages"]["Go"]["payload"]["properties"]["p"].pop("x-rules")
    [samples] = samples_of(read(document))
    assert example not in samples.bases


@pytest.mark.parametrize(
    ("rule", "is_kept"), [("is in the past", lambda day: day < "2021"), ("is in the future", lambda day: day > "2089")]
)
def test_what_is_past_or_to_come_is_made(rule: str, is_kept: Callable[[str], bool]) -> None:
    for form in ("date", "date-time"):
        [samples] = samples_of(read(document_with({"type": "string", "format": form, "x-rules": [rule]})))
        assert all(is_kept(each["p"]) for each in [*samples.bases, *drawn(samples, 3)])


def test_limits_that_no_schema_has_a_word_for_are_kept() -> None:
    for form, lowest, highest in (
        ("decimal", "0.5", "2"),
        ("date", "2024-02-01", "2024-02-03"),
        ("date-time", "2024-02-01T00:00:00+02:00", "2024-02-01T00:00:00+00:00"),
    ):
        limits = {"type": "string", "format": form, "x-exclusiveMinimum": lowest, "x-maximum": highest}
        [samples] = samples_of(read(document_with(limits)))
        read_value: Any = {"decimal": Decimal, "date": date.fromisoformat}.get(form, datetime.fromisoformat)
        assert all(read_value(lowest) < read_value(each["p"]) <= read_value(highest) for each in drawn(samples, 5))


@pytest.mark.parametrize(
    "more",
    [
        {"format": "decimal", "x-minimum": "1e999999999"},
        {"format": "decimal", "x-multipleOf": "1e-900000"},
        {"format": "decimal", "x-minimum": "2", "x-maximum": "1"},
        {"format": "decimal", "x-minimum": "NaN"},
        {"format": "date", "x-minimum": "9999-12-31", "x-exclusiveMaximum": "0001-01-01"},
        {"format": "date", "x-exclusiveMinimum": "9999-12-31"},
        {"format": "date-time", "x-minimum": {"a": []}},
        {"x-rules": {"a": 1}, "allOf": [{"x-rules": [[], {}]}], "examples": [1, {}, None]},
        {"x-pattern": 5},
    ],
    ids=str,
)
def test_rules_and_limits_may_be_anything(more: dict[str, Any]) -> None:
    [samples] = samples_of(read(document_with({"type": "string", **more})))
    assert all(len(encoded(each)) < 1000 for each in samples.bases)
    samples.known_valid(10)


def test_the_schema_of_what_is_in_text_may_be_none() -> None:
    [samples] = samples_of(read(document_with({"type": "string", "contentSchema": {"type": 5}})))
    assert samples.bases == []
    assert "not a JSON Schema" in samples.problem


def test_text_that_is_json_holds_what_its_schema_says() -> None:
    content = {"type": "object", "properties": {"n": ref("Count")}, "required": ["n"]}
    inside = {"type": "string", "contentMediaType": "application/json", "contentSchema": content}
    [samples] = samples_of(read(document_with(inside, Count={"type": "integer", "minimum": 3})))
    assert all(json.loads(each["p"])["n"] >= 3 for each in drawn(samples, 5))


def test_a_given_message_is_judged_by_its_schema() -> None:
    [samples] = samples_of(read(document_with({"type": "integer"})))
    assert samples.of({"action": "go", "p": 1}).expectation is Expectation.VALID
    assert samples.of({"action": "go", "p": "x"}).expectation is Expectation.INVALID
    assert Sample({"p": "é"}, Expectation.VALID).text == '{"p": "\\u00e9"}'


# Documents


def test_the_perspective_says_which_operations_are_actions() -> None:
    golden = ROOT / "documents" / "golden"
    server, client = (read(from_file(str(golden / f"{name}.yaml"))) for name in ("dispatch", "dispatch-client"))
    for one, other in zip(server.channels, client.channels, strict=True):
        assert [each.message.name for each in one.actions] == [each.message.name for each in other.actions]
        assert {each.name for each in one.events} == {each.name for each in other.events}
    document = from_file(str(golden / "dispatch-client.yaml"))
    del document["x-perspective"]
    assert [len(each.actions) for each in read(document).channels] != [len(each.actions) for each in client.channels]
    assert [len(each.actions) for each in read(document, "client").channels] == [
        len(each.actions) for each in client.channels
    ]


def test_a_document_of_others_is_read() -> None:
    document = {
        "asyncapi": "3.1.0",
        "channels": {
            "lamps": {
                "address": "/lamps",
                "messages": {
                    "Switch": {
                        "payload": {
                            "schemaFormat": "application/schema+json;version=draft-07",
                            "schema": {"type": "object", "required": ["on"], "properties": {"on": {"type": "boolean"}}},
                        },
                        "examples": [{"payload": {"on": True}}, {"headers": {}}],
                    },
                    "Avro": {"payload": {"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "schema": {}}},
                    "Switched": {"payload": {"const": "ok"}},
                },
            },
            "elsewhere": {"address": "/elsewhere", "messages": {"Late": {"payload": True}}},
        },
        "operations": {
            "switch": {
                "action": "receive",
                "channel": {"$ref": "#/channels/lamps"},
                "messages": [{"$ref": "#/channels/lamps/messages/Switch"}, {"$ref": "#/channels/lamps/messages/Avro"}],
                "reply": {"messages": [{"$ref": "#/channels/lamps/messages/Switched"}]},
            },
            "dim": {
                "action": "receive",
                "channel": {"$ref": "#/channels/lamps"},
                "messages": [{"$ref": "#/channels/lamps/messages/Switch"}],
                "reply": {"channel": {"$ref": "#/channels/elsewhere"}},
            },
        },
    }
    api = read(document)
    lamps, elsewhere = api.channels
    assert [(each.operation, each.message.name) for each in lamps.actions] == [("switch", "Switch"), ("dim", "Switch")]
    assert [each.promises for each in lamps.actions] == [True, False]  # not on this connection
    assert [each.name for each in lamps.events] == ["Switched"]
    assert [each.name for each in elsewhere.events] == ["Late"]
    assert lamps.actions[0].message.examples == ({"on": True},)
    assert len(api.skipped) == 1
    assert "avro" in api.skipped[0]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "no version"),
        ({"asyncapi": "2.6.0"}, "version is '2.6.0'"),
        ({"asyncapi": "3.0.0", "x-perspective": "both"}, "server or client"),
        (document_with({"$ref": "other.yaml#/x"}), "leads out of the document"),
        (document_with(ref("Missing")), "leads nowhere"),
        (document_with({"type": "strin"}), "not a JSON Schema"),
        ({"asyncapi": "3.0.0", "operations": {"x": {"channel": {"$ref": "#/channels/none"}}}}, "leads nowhere"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused(document: Any, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        [samples.bases for samples in samples_of(read(document))]
