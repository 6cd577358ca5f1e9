"""Types inside other types have titles: generators number what has none."""

from __future__ import annotations

from typing import Any

from chanspec.asyncapi.inner_titles import InnerTitles
from chanspec.asyncapi.type_names import TypeNames

COLOURS = {"type": "string", "enum": ["red", "blue"]}
POINT = {"type": "object", "properties": {"x": {"type": "number"}}}


def titled(schema: Any, *taken: str) -> Any:
    names = TypeNames()
    for name in taken:
        names.claim(name)
    return InnerTitles(names, lambda ref: ref.rpartition("/")[2]).inside(schema, "Paint")


def test_an_enum_and_an_object_are_called_after_their_owner_and_their_field() -> None:
    told = titled({"properties": {"colour": COLOURS, "top_left": POINT}})
    assert told["properties"]["colour"]["title"] == "PaintColour"
    assert told["properties"]["top_left"]["title"] == "PaintTopLeft"


def test_types_in_arrays_maps_and_unions_are_called_after_their_place() -> None:
    told = titled({"properties": {
        "list": {"type": "array", "items": COLOURS},
        "map": {"type": "object", "additionalProperties": POINT},
        "one": {"anyOf": [POINT, {"type": "null"}, COLOURS]},
        "pair": {"type": "array", "items": [COLOURS, POINT]},
    }})["properties"]  # fmt: skip
    assert told["list"]["items"]["title"] == "PaintListItem"
    assert told["map"]["additionalProperties"]["title"] == "PaintMapValue"
    assert [each.get("title") for each in told["one"]["anyOf"]] == ["PaintOneOption1", None, "PaintOneOption3"]
    assert [each["title"] for each in told["pair"]["items"]] == ["PaintPairItem1", "PaintPairItem2"]


def test_a_type_that_adds_a_default_to_another_has_its_title() -> None:
    told = titled({"properties": {"colour": {"default": "red", "allOf": [{"$ref": "#/components/schemas/Colour"}]}}})
    assert told["properties"]["colour"]["title"] == "Colour"


def test_a_name_that_is_taken_is_not_given_again() -> None:
    told = titled({"properties": {"colour": COLOURS}}, "PaintColour")
    assert told["properties"]["colour"]["title"] != "PaintColour"


def test_what_is_titled_plain_or_a_reference_stays_itself() -> None:
    plain = {"properties": {
        "name": {"type": "string"}, "kind": {"const": "a"}, "only": {"enum": ["a"]},
        "other": {"$ref": "#/components/schemas/Colour"}, "mine": {**COLOURS, "title": "Mine"},
    }}  # fmt: skip
    assert titled(plain) is plain
