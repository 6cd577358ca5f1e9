"""The shorthand of ``responses=``: what it stands for, and how it is told from JSON Schema."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from chanspec.schemas import CannotDescribe, check, describe
from chanspec.schemas.shorthand import doubts, is_json_schema
from tests.naming import shown


def response(payload: Any) -> Any:
    described = describe(payload, "out", is_response=True)
    check(described)
    return {**described.root, "$defs": described.definitions} if described.definitions else described.root


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("string", {"type": "string"}),
        ("integer", {"type": "integer"}),
        ("number", {"type": "number"}),
        ("boolean", {"type": "boolean"}),
        ("object", {"type": "object"}),
        ("array", {"type": "array"}),
        ("null", {"type": "null"}),
        ("str", {"type": "string"}),
        ("int", {"type": "integer"}),
        ("float", {"type": "number"}),
        ("bool", {"type": "boolean"}),
        ("uuid", {"type": "string", "format": "uuid"}),
        ("date", {"type": "string", "format": "date"}),
        ("time", {"type": "string", "format": "time"}),
        ("date-time", {"type": "string", "format": "date-time"}),
        ("datetime", {"type": "string", "format": "date-time"}),
        ("decimal", {"type": "string", "format": "decimal"}),
        ("email", {"type": "string", "format": "email"}),
        ("uri", {"type": "string", "format": "uri"}),
        ("url", {"type": "string", "format": "uri"}),
        ("ipv4", {"type": "string", "format": "ipv4"}),
        ("int64", {"type": "integer", "format": "int64"}),
        ("double", {"type": "number", "format": "double"}),
        (int, {"type": "integer"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (datetime.date, {"type": "string", "format": "date"}),
        ({"type": "string", "maxLength": 3}, {"type": "string", "maxLength": 3}),
        ({"a": "int"}, {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}),
    ],
    ids=shown,
)
def test_a_field_is_named_by_its_type_or_format_and_required(name: Any, expected: Any) -> None:
    assert response({"x": name}) == {"type": "object", "properties": {"x": expected}, "required": ["x"]}


def test_nothing_in_it_is_an_object_without_fields() -> None:
    assert response({}) == {"type": "object", "properties": {}}


class Ride(BaseModel):
    stops: list[Stop] = []


class Stop(BaseModel):
    at: str


@dataclass
class Other:
    ride: Ride


def test_classes_in_fields_bring_their_definitions_along() -> None:
    schema = response(
        {"a/b": Ride, "inner": {"c~d": Other}, "node": {"type": "object", "properties": {"n": {"$ref": "#"}}}}
    )
    refs = schema["properties"]
    assert refs["a/b"]["properties"]["stops"]["items"] == {"$ref": "#/$defs/Stop"}
    assert schema["$defs"]["Stop"]["properties"] == {"at": {"type": "string"}}
    assert refs["node"]["properties"]["n"] == {"$ref": "#/$defs/node"}


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "object"},
        {"type": ["object", "null"]},
        {"type": "string", "title": "uuid"},
        {"properties": {"a": {"type": "string"}}},
        {"properties": {}},
        {"$ref": "#/$defs/A", "$defs": {"A": {}}},
        {"oneOf": [{"type": "object"}]},
        {"required": ["a"]},
        {"additionalProperties": False},
        {"title": "Ride", "properties": {"a": True}},
        {"description": "A ride", "allOf": [{}]},
    ],
    ids=shown,
)
def test_a_keyword_in_its_json_schema_form_makes_a_dict_json_schema(payload: dict[str, Any]) -> None:
    assert is_json_schema(payload)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"ride_id": "uuid"},
        {"title": "string", "format": "string"},
        {"items": "array", "required": "boolean", "properties": "object"},
        {"properties": {"a": "string"}},
        {"id": "uuid", "items": {"type": "array"}},
        {"id": "uuid", "properties": {"a": {"type": "string"}}},
        {"type": "uuid"},
        {"enum": "string"},
    ],
    ids=shown,
)
def test_a_dict_whose_values_name_types_is_shorthand(payload: dict[str, Any]) -> None:
    assert not is_json_schema(payload)


@pytest.mark.parametrize(
    ("payload", "cure"),
    [
        ({"ride_id": "uuid"}, 'write {"properties": {"ride_id": {"type": "string", "format": "uuid"}}} (the shorthand'),
        ({"seats": int, "note": "string"}, 'write {"properties": {"seats": {"type": "integer"}}}'),
        ({"a": {"b": "uid"}}, 'write {"properties": {"a": {…}}}'),
        ({"a": {"type": "string", "description": "long " * 99}}, 'write {"properties": {"a": {…}}}'),
        ({"é": object()}, 'write {"properties": {"é": {…}}}'),
    ],
    ids=shown,
)
def test_shorthand_where_only_json_schema_is_allowed_is_refused_with_the_schema_to_write(
    payload: dict[str, Any], cure: str
) -> None:
    with pytest.raises(CannotDescribe) as caught:
        describe(payload, "in")
    assert caught.value.what == f"{next(iter(payload))!r} is no keyword of JSON Schema"
    assert caught.value.cure.startswith(cure)


@pytest.mark.parametrize(
    ("payload", "what", "cure"),
    [
        ({"title": "x", "ride_id": "uuid"}, "'ride_id' is no keyword", 'write {"properties": {"ride_id": '),
        ({"title": "string"}, "'title' is a text of JSON Schema and no field", 'write {"properties": {"title": '),
        ({"title": "string", "description": "string"}, "'title' is a text", 'write {"properties": {"title": '),
        ({"type": "object", "ride": {"type": "string"}}, "'ride' is no keyword", 'write {"properties": {"ride": '),
        (
            {"type": "object", "seats": int},
            "'seats' is no keyword",
            'write {"properties": {"seats": {"type": "integer"}}}',
        ),
        (
            {"properties": {"ride": {"id": "uuid"}}},
            "'id' at properties.ride is no keyword",
            'write {"properties": {"id": {"type": "string", "format": "uuid"}}}',
        ),
        (
            {"properties": {"rides": {"type": "array", "items": {"title": "string", "format": "uuid"}}}},
            "'title' at properties.rides.items is a text",
            'write {"properties": {"title": {"type": "string"}}}',
        ),
        (
            {"type": "object", "propertes": {"a": {}}},
            "'propertes' is no keyword",
            "correct it, did you mean 'properties'?",
        ),
        ({"type": "object", "require": ["a"]}, "'require' is no keyword", "correct it, did you mean 'required'?"),
    ],
    ids=shown,
)
def test_fields_and_misspelt_keywords_in_json_schema_are_refused_with_what_to_write(
    payload: dict[str, Any], what: str, cure: str
) -> None:
    with pytest.raises(CannotDescribe) as caught:
        describe(payload, "in")
    assert caught.value.what.startswith(what)
    assert caught.value.cure.startswith(cure)


def test_a_response_that_mixes_shorthand_and_keywords_is_refused_with_the_reason() -> None:
    with pytest.raises(CannotDescribe) as caught:
        describe({"type": "string", "seats": "integer"}, "out", is_response=True)
    assert caught.value.what == "'seats' is no keyword of JSON Schema"
    assert caught.value.cure == (
        'write {"properties": {"seats": {"type": "integer"}}} (a dict with a keyword is no shorthand)'
    )


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (
            {"type": "string", "nullable": True},
            [('write "type": ["string", "null"]', "is read as a type that may be null")],
        ),
        (
            {"properties": {"a": {"$ref": "#", "nullable": True}}},
            [('write {"anyOf": [{…}, {"type": "null"}]}', "is left out")],
        ),
        ({"properties": {"a": {"type": "integer", "nullable": False}}}, [("remove it", "is left out")]),
        ({"a": {"type": "string", "nullable": True}}, [('write "type": ["string", "null"]', "at properties.a")]),
        ({"properties": {"nullable": {"type": "string"}}}, []),
        ({"nullable": "boolean"}, []),
        ({"a": "uid"}, []),
    ],
    ids=shown,
)
def test_nullable_of_open_api_is_doubted(payload: dict[str, Any], found: list[tuple[str, str]]) -> None:
    doubted = list(doubts(payload))
    assert [cure for _, cure in doubted] == [cure for cure, _ in found]
    assert all(words in what for (what, _), (_, words) in zip(doubted, found, strict=True))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"title": "x", "widget": "textarea"},
        {"title": "x", "enumNames": ["One"], "options": {"grid": 2}, "errorMessage": {"type": "not so"}},
        {"title": "Password", "description": "password"},
        {"properties": {"word": {"description": "password"}, "id": {"format": "uuid"}}},
        {"properties": {"nullable": {"type": "boolean"}, "requires": {"type": "string"}}},
        {"type": "object", "description": "object"},
        {"x-note": 1},
        {"maxItems": 1},
    ],
    ids=str,
)
def test_a_dict_with_a_keyword_or_nothing_is_json_schema(payload: dict[str, Any]) -> None:
    assert describe(payload, "in").root == payload


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"id": "uid"}, "'uid', which names no JSON type or format, did you mean 'uuid'?"),
        ({"id": "whatever"}, "'whatever', which names no JSON type or format;"),
        ({"id": 3}, "the response field 'id' is 3"),
        ({"id": ["uuid"]}, "the response field 'id' is ['uuid']"),
        ({"a": {"b": "uid"}}, "the response field 'b' is 'uid'"),
    ],
)
def test_a_value_that_names_no_type_is_refused(payload: Any, words: str) -> None:
    with pytest.raises(CannotDescribe) as caught:
        response(payload)
    assert words in str(caught.value)
