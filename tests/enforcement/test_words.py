"""What a mistake in a frame is called: schemas written by hand, and payload classes of other libraries."""

from __future__ import annotations

import json
from typing import Any, TypedDict

import attrs
import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from chanspec import document_action, document_event
from chanspec.enforcement import FrameChecker, checker_of


def taking(payload: Any) -> FrameChecker:
    """The checker of a consumer with one action of this payload, and one such event."""

    class Consumer(AsyncJsonWebsocketConsumer):
        @document_action(action="go", payload=payload)
        async def handle_go(self, payload: Any) -> None: ...

        @document_event("gone", payload=payload)
        async def gone(self, event: Any) -> None: ...

    return checker_of(Consumer)


NUMBER, TEXT, CAR = (
    {"type": "number"},
    {"type": "string"},
    {"type": "object", "properties": {"seats": {"type": "integer"}}, "required": ["seats"]},
)


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"const": 2}, 3, "should be 2"),
        ({"enum": ["a", 2, None]}, "b", "should be one of 'a', 2, None"),
        ({"enum": ["a"]}, "b", "should be 'a'"),
        ({"type": "string", "pattern": "^[a-z]+$"}, "A", "should match the pattern ^[a-z]+$"),
        ({"type": "array", "uniqueItems": True}, [1, 1], "should have no item twice"),
        ({"type": "array", "contains": {"const": 1}}, [2], "should satisfy 'contains' of its schema"),
        ({"not": {"type": "null"}}, None, "should satisfy 'not' of its schema"),
        ({"type": "number", "multipleOf": 0.5}, 0.7, "should be a multiple of 0.5"),
        ({"type": "object", "minProperties": 1}, {}, "should have at least 1 fields"),
        ({"anyOf": [TEXT, NUMBER]}, [], "should be a string or a number"),
        ({"anyOf": [TEXT, CAR]}, {"seats": "x"}, "should be an integer"),
        ({"anyOf": [CAR, {"type": "object", "required": ["bed"]}]}, {}, "should have one of the declared forms"),
        ({"oneOf": [NUMBER, {"type": "integer"}]}, 1, "should have one of the declared forms"),
    ],
)
def test_what_a_schema_refuses_is_said_in_words(schema: Any, value: Any, said: str) -> None:
    checker = taking({"type": "object", "properties": {"x": schema}})
    for name, drift in (
        ("in", checker.inbound(json.dumps({"action": "go", "x": value}))),
        ("out", checker.outbound(json.dumps({"type": "gone", "x": value}))),
    ):
        assert drift is not None, name
        assert drift.what == said, name


def test_a_key_that_is_no_name_is_quoted_in_the_path_and_a_deep_path_is_cut() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for name in ["a key", *"abcdefghijkl"]:
        schema = {"type": "object", "properties": {name: schema}}
    checker = taking(schema)
    deep: Any = {"a key": "x"}
    for name in "abcdefghijk":
        deep = {name: deep}
    deep = {"type": "gone", "l": deep}
    drift = checker.outbound(json.dumps(deep))
    assert drift is not None
    assert drift.path == "l.k.j.i.h.g.f.e.d.c…"
    shallow = taking({"type": "object", "properties": {"a key": {"type": "array", "items": {"type": "integer"}}}})
    drift = shallow.inbound(json.dumps({"action": "go", "a key": [1, "x"]}))
    assert drift is not None
    assert drift.path == '["a key"][1]'


def test_of_thousands_of_mistakes_the_first_is_told() -> None:
    class Many(TypedDict):
        numbers: list[int]

    drift = taking(Many).inbound(json.dumps({"action": "go", "numbers": ["x"] * 5000}))
    assert drift is not None
    assert (drift.path, drift.what) == ("numbers[0]", "should be a valid integer")


@attrs.define
class Car:
    seats: int


@attrs.define
class Bike:
    bells: int = attrs.field(converter=lambda value: None + value)  # a converter with a bug in it


@attrs.define
class Trip:
    by: Car | Bike


def test_an_attrs_class_is_read_where_another_one_is_an_alternative() -> None:
    checker = taking(Trip)
    assert checker.inbound(json.dumps({"action": "go", "by": {"seats": 4}})) is None
    drift = checker.inbound(json.dumps({"action": "go", "by": {"bells": 1}}))
    assert drift is not None
    assert drift.path.startswith("by")
