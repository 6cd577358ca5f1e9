"""Normalising: any JSON Schema in AsyncAPI's dialect, meaning what it meant."""

from __future__ import annotations

import copy
import math
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chanspec.schemas import CannotDescribe, check
from chanspec.schemas.dialect import REF, Described, normalize
from chanspec.schemas.keywords import map_refs, refs_in
from tests.schemas import INSTANCES, documents


def normal(schema: dict[str, Any]) -> Any:
    described = normalize(schema)
    return {**described.root, "$defs": described.definitions} if described.definitions else described.root


def accepts(described: Described, instance: Any) -> bool:
    whole = {"allOf": [described.root], "$defs": described.definitions}
    return jsonschema_rs.Draft7Validator(whole).is_valid(instance)


@given(documents(), st.lists(INSTANCES, min_size=3, max_size=10))
@settings(max_examples=200, deadline=None)
def test_a_normalized_schema_accepts_what_the_original_accepts(document: dict[str, Any], instances: list[Any]) -> None:
    original = copy.deepcopy(document)
    described = normalize(document)
    assert document == original
    oracle = jsonschema_rs.Draft202012Validator(document)
    for instance in instances:
        assert accepts(described, instance) == oracle.is_valid(instance)


@given(documents())
@settings(max_examples=100, deadline=None)
def test_every_reference_of_a_normalized_schema_names_one_of_its_definitions(document: dict[str, Any]) -> None:
    described = normalize(document)
    for schema in (described.root, *described.definitions.values()):
        assert refs_in(schema) <= described.definitions.keys()


@given(documents())
@settings(max_examples=100, deadline=None)
def test_normalizing_again_changes_no_meaning(document: dict[str, Any]) -> None:
    once = normal(document)
    assert normal(once) == once


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"prefixItems": [{}, True], "items": False}, {"items": [{}, True], "additionalItems": False}),
        ({"prefixItems": [{}]}, {"items": [{}]}),
        ({"prefixItems": [], "items": {"type": "string"}}, {"items": {"type": "string"}}),
        ({"dependentRequired": {"a": ["b"]}}, {"dependencies": {"a": ["b"]}}),
        (
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": {"required": ["c"]}}},
            {"dependencies": {"a": ["b"]}, "allOf": [{"dependencies": {"a": {"required": ["c"]}}}]},
        ),
        (
            {"dependencies": {"a": ["b"]}, "dependentRequired": {"a": ["c"]}, "allOf": [{}]},
            {"dependencies": {"a": ["b"]}, "allOf": [{}, {"dependencies": {"a": ["c"]}}]},
        ),
        ({"contains": {}, "minContains": 0}, {}),
        ({"contains": {}, "maxContains": 3}, {"contains": {}}),
        (
            {"unevaluatedProperties": False, "properties": {"a": {}}},
            {"properties": {"a": {}}, "additionalProperties": False},
        ),
        ({"unevaluatedProperties": False, "allOf": [{"required": ["a"]}]}, {"allOf": [{"required": ["a"]}]}),
        ({"unevaluatedItems": False, "items": {}}, {"items": {}}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": True}, {"exclusiveMaximum": 1}),
        ({"maximum": math.inf, "exclusiveMinimum": -math.inf}, {}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": ["string", "integer"], "nullable": True}, {"type": ["string", "integer", "null"]}),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"]}),
        ({"nullable": True}, {}),
        ({"deprecated": "since 2"}, {"deprecated": True}),
        ({"example": 1}, {"examples": [1]}),
        ({"example": 1, "examples": [2]}, {"examples": [2]}),
        ({"externalDocs": {"url": "https://example.com"}}, {"externalDocs": {"url": "https://example.com"}}),
        (
            {"externalDocs": {"url": "https://example.com", "description": "d"}},
            {"externalDocs": {"url": "https://example.com", "description": "d"}},
        ),
        ({"externalDocs": {"link": "https://example.com"}}, {}),
        ({"externalDocs": "https://example.com"}, {}),
        ({"default": math.nan, "examples": [1, {"$ref": "x"}]}, {"examples": [1]}),
        ({"$comment": "c", "$schema": "x", "$id": "y", "schema": {}}, {}),
        ({"discriminator": {"propertyName": "k", "mapping": {"a": "#/$defs/A"}}}, {"required": ["k"]}),
        ({"discriminator": "k", "required": ["a"]}, {"required": ["a", "k"]}),
        ({"discriminator": {"propertyName": "k"}, "required": ["k"]}, {"required": ["k"]}),
        ({"discriminator": {}}, {}),
        ({"x-note": {"a": 1}, "format": "unheard-of"}, {"format": "unheard-of", "x-note": {"a": 1}}),
        (
            {"properties": {"$ref": {"type": "string"}, "a": {}}},
            {"properties": {"a": {}}, "patternProperties": {r"^\$ref$": {"type": "string"}}},
        ),
        (  # the user's pattern may be the same, and other schemas may stand in allOf
            {"properties": {"<<": {"minLength": 1}}, "patternProperties": {"^<<$": {"maxLength": 2}}, "allOf": [{}]},
            {
                "properties": {},
                "patternProperties": {"^<<$": {"maxLength": 2}},
                "allOf": [{}, {"patternProperties": {"^<<$": {"minLength": 1}}}],
            },
        ),
        (  # among the user's patterns too, or `additionalProperties` would take the field for one more
            {"properties": {"<<": {}}, "patternProperties": {"^x": {}}, "additionalProperties": False},
            {
                "properties": {},
                "patternProperties": {"^<<$": {}, "^x": {}},
                "additionalProperties": False,
                "allOf": [{"patternProperties": {"^<<$": {}}}],
            },
        ),
        ({"properties": {"a": True, "b": False}}, {"properties": {"a": True, "b": False}}),
        (
            {"contentSchema": {"$ref": "#/$defs/A"}, "$defs": {"A": {}}},
            {"contentSchema": {"$ref": REF + "A"}, "$defs": {"A": {}}},
        ),
    ],
    ids=str,
)
def test_a_keyword_gets_the_form_of_draft_7(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert normal(schema) == expected


def test_what_stands_beside_a_reference_is_kept_by_all_of() -> None:
    schema = {
        "properties": {"a": {"$ref": "#/$defs/A", "description": "d", "minimum": 1}},
        "$defs": {"A": {"type": "integer"}},
    }
    assert normal(schema)["properties"]["a"] == {"description": "d", "minimum": 1, "allOf": [{"$ref": REF + "A"}]}


def test_what_all_of_holds_beside_a_reference_is_kept() -> None:
    schema = {"$ref": "#/$defs/A", "allOf": [{"required": ["b"]}], "$defs": {"A": {"required": ["a"]}}}
    assert normal(schema)["allOf"] == [{"$ref": REF + "A"}, {"required": ["b"]}]


@pytest.mark.parametrize(
    ("key", "name"), [("X", "X"), ("a/b c", "a_b_c"), ("_private_", "private"), ("é", "Schema"), ("", "Payload")]
)
def test_a_definition_has_a_name_that_asyncapi_allows(key: str, name: str) -> None:
    pointer = "#/$defs/" + key.replace("/", "~1")
    assert normalize({"items": {"$ref": pointer}, "$defs": {key: {}}}).definitions == {name: {}}


def test_a_definition_that_is_a_bool_becomes_an_object_that_says_the_same() -> None:
    schema = {"items": [{"$ref": "#/$defs/All"}, {"$ref": "#/$defs/None"}], "$defs": {"All": True, "None": False}}
    assert normalize(schema).definitions == {"All": {}, "None": {"not": {}}}


def test_nothing_of_the_input_is_shared_with_the_result() -> None:
    schema: dict[str, Any] = {"enum": [{"a": [1]}], "default": {"a": [1]}, "examples": [[1]], "x-note": [{"a": 1}]}
    before = copy.deepcopy(schema)
    result = normal(schema)
    for key in ("enum", "examples", "x-note"):
        result[key].append("more")
    result["enum"][0]["a"].append(2)
    result["default"]["a"].append(2)
    result["examples"][0].append(2)
    result["x-note"][0]["a"] = 2
    assert schema == before


def test_a_reference_alone_stays_a_reference() -> None:
    assert normal({"items": {"$ref": "#/$defs/A"}, "$defs": {"A": {}, "Unused": {}}}) == {
        "items": {"$ref": REF + "A"},
        "$defs": {"A": {}},
    }


@pytest.mark.parametrize(
    "ref", ["#/definitions/A", "#/%24defs/c%20d", "#/$defs/e~1f", "#named", "#/properties/p", "#/allOf/0"]
)
def test_references_are_followed_wherever_they_lead_inside_the_schema(ref: str) -> None:
    schema = {
        "definitions": {"A": {"type": "integer"}},
        "$defs": {"c d": {"type": "integer"}, "e/f": {"type": "integer"}, "n": {"$anchor": "named", "type": "integer"}},
        "properties": {"p": {"type": "integer"}, "q": {"$ref": ref}},
        "allOf": [{"type": "integer"}],
    }
    described = normalize(schema)
    [name] = refs_in(described.root)
    assert described.definitions == {name: {"type": "integer"}}


def test_a_schema_that_refers_to_itself_gets_a_definition_of_itself() -> None:
    described = normalize({"title": "Node", "properties": {"next": {"$ref": "#"}}})
    assert described.root["properties"] == {"next": {"$ref": REF + "Node"}}
    assert described.definitions == {"Node": described.root}
    assert normalize({"properties": {"next": {"$recursiveRef": "#"}}}).definitions.keys() == {"Payload"}


def test_a_reference_inside_data_is_data() -> None:
    assert normal({"enum": [{"$ref": "#/nowhere"}]}) == {"enum": [{"$ref": "#/nowhere"}]}


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        ({"$ref": "https://example.com/a.json"}, "outside of itself"),
        ({"$ref": "other.json#/A"}, "outside of itself"),
        ({"$ref": "#/$defs/Missing"}, "which is not there"),
        ({"$ref": "#missing"}, "which is not there"),
        ({"$ref": "#/title", "title": "t"}, "which is no schema"),
        ({"items": {"$dynamicRef": "#x"}}, "$dynamicRef"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(schema: dict[str, Any], what: str) -> None:
    with pytest.raises(CannotDescribe) as caught:
        normalize(schema)
    assert what in caught.value.what
    assert caught.value.cure


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        ({"type": "text"}, 'at type: "text"'),
        ({"properties": {"a": {"minLength": -1}}}, "at properties.a.minLength: -1 is less"),
        ({"properties": {"a": "string"}}, 'at properties.a: "string"'),
        ({"pattern": "(?P<x>a)"}, "at pattern"),
        ({"items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"minLength": -1}}}, "at minLength: -1 is less"),
        ({"items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"enum": []}}}, "enum []"),
        ({"enum": []}, "enum []"),
        ({"enum": ["a", "a"]}, "enum ['a', 'a']"),
        ({"required": "a"}, "at required"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, "'A' is only a reference to itself"),
        (
            {"items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}},
            "to itself",
        ),
        ({"not": {"$ref": "#"}}, "is only a reference to itself"),
        ({"anyOf": [{"$ref": "#/$defs/A"}], "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}, {}]}}}, "to itself"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"dependentSchemas": {"a": {"$ref": "#/$defs/A"}}}}}, "to itself"),
        ({"const": {"$ref": "#/a"}}, "'$ref' as a key"),
        ({"x-a": [{"__proto__": 1}]}, "'__proto__' as a key"),
        ({"items": {"hasOwnProperty": 1}}, "'hasOwnProperty' as a key"),
    ],
)
def test_what_readers_of_asyncapi_refuse_is_refused_with_its_place(schema: dict[str, Any], what: str) -> None:
    with pytest.raises(CannotDescribe) as caught:
        check(normalize(schema))
    assert what in caught.value.what
    assert caught.value.cure


def test_a_schema_may_lead_back_to_itself_by_stepping_into_the_value() -> None:
    node = {"anyOf": [{"items": {"$ref": "#/$defs/A"}}, {"dependencies": {"a": ["b"]}}]}
    check(normalize({"$ref": "#/$defs/A", "$defs": {"A": node}}))


def test_renaming_references_reaches_every_keyword_and_no_data() -> None:
    ref = {"$ref": REF + "A"}
    schema = {
        "$defs": {"d": ref},
        "properties": {"$ref": ref, "enum": ref},
        "items": [ref, ref],
        "allOf": [{"not": ref}],
        "dependencies": {"a": ref, "b": ["a"]},
        "contentSchema": ref,
        "default": ref,
        "const": {"properties": {"x": ref}},
    }
    renamed = map_refs(schema, lambda each: each + "!")
    new = {"$ref": REF + "A!"}
    assert renamed == {
        "$defs": {"d": new},
        "properties": {"$ref": new, "enum": new},
        "items": [new, new],
        "allOf": [{"not": new}],
        "dependencies": {"a": new, "b": ["a"]},
        "contentSchema": new,
        "default": ref,
        "const": {"properties": {"x": ref}},
    }
    assert refs_in(schema) == {"A"}
