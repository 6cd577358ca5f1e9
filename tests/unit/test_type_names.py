"""Titles under which code is generated: one in PascalCase, none of TypeScript's own, and readable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pytest
from pydantic import BaseModel

from chanspec import AsyncAPIGenerator, document_action, document_event
from chanspec.asyncapi.components import Schemas
from chanspec.asyncapi.inner_titles import InnerTitles
from chanspec.asyncapi.type_names import TypeNames, retitled, type_name
from chanspec.schemas.dialect import normalize

T = TypeVar("T")
K = TypeVar("K")


class Map(BaseModel):
    a: int


class Page(BaseModel, Generic[T]):
    items: list[T]


class Pair(BaseModel, Generic[T, K]):
    one: T
    two: K


@dataclass
class Failure:
    code: int


def titles(*consumers: type) -> dict[str, str]:
    """The titles of a document's messages, by their names."""
    document = AsyncAPIGenerator(consumers=[(each, f"/{each.__name__.lower()}") for each in consumers]).get_spec()
    return {name: each["payload"]["title"] for name, each in document["components"]["messages"].items()}


def sending(name: str, **events: Any) -> type:
    """A consumer that describes an event for each name and payload."""

    def described(event: str, payload: Any) -> Any:
        return document_event(event, payload=payload)(lambda self, content: None)

    return type(name, (), {f"event_{number}": described(*each) for number, each in enumerate(events.items())})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ride", "Ride"),
        ("HTTPError", "HTTPError"),
        ("ride_offer", "ride_offer"),
        ("Page[Map]", "PageMap"),
        ("Pair[Page[Map], list[int]]", "PairPageMapListInt"),
        ("Class-Input", "ClassInput"),
        ("ride.offer", "RideOffer"),
        ("Café", "Cafe"),
        ("2fa", "Type2fa"),
        ("Цена", "Type"),
    ],
)
def test_name_of_a_type_is_one_that_generators_leave_alone(name, expected) -> None:
    assert type_name(name) == expected


def test_names_that_are_one_in_pascal_case_are_given_once() -> None:
    names = TypeNames()
    assert names.take("HTTPError") == "HTTPError"
    assert [names.claim(each) for each in ("HttpError", "http_error", "HTTP Error", "HTTPErrors")] == [False] * 3 + [
        True
    ]


@pytest.mark.parametrize(
    "name", ["Map", "MAP", "Error", "Date", "Record", "Promise", "Symbol", "Delete", "new", "Type"]
)
def test_names_of_typescripts_own_are_not_given(name) -> None:
    assert not TypeNames().claim(name)


@pytest.mark.parametrize("name", ["MapError", "Event", "Notification", "Comment", "News"])
def test_names_that_only_browsers_have_are_given(name) -> None:
    assert TypeNames().claim(name)


def test_text_of_a_title_that_makes_no_name_is_not_lost() -> None:
    assert retitled({"title": "Price (EUR)", "type": "object"}, "Price") == {
        "title": "Price",
        "type": "object",
        "description": "Price (EUR)",
    }
    assert retitled({"title": "Page[Ride]"}, "PageRide") == {"title": "PageRide"}
    assert retitled({"title": "A b", "description": "Told"}, "B")["description"] == "Told"


class TestMessages:
    def test_message_with_a_name_of_typescripts_own_says_what_it_is(self) -> None:
        class Consumer:
            @document_action("Show a map", action="map", payload=Map)
            def on_map(self, content: Any) -> None: ...

            @document_event("error", payload=Failure)
            def error(self, event: Any) -> None: ...

            @document_event("404", payload=Failure)
            def missing(self, event: Any) -> None: ...

        assert titles(Consumer) == {"Map": "MapAction", "Error": "ErrorEvent", "404": "Message404"}

    def test_names_that_differ_in_case_alone_have_titles_that_differ_in_more(self) -> None:
        consumer = sending("Consumer", HTTPError=Failure, HttpError=Failure, news=Failure, NEWS=Failure)
        assert titles(consumer) == {
            "HTTPError": "HTTPError",
            "HttpError": "HttpErrorEvent",
            "News": "News",
            "NEWS": "NEWSEvent",
        }

    def test_title_that_somebody_wrote_stays_where_it_makes_a_name(self) -> None:
        def schema(title: str) -> dict[str, Any]:
            return {"title": title, "type": "object", "properties": {}}

        consumer = sending("Consumer", a=schema("A ride"), b=schema("a Ride"), c=schema("Map"), d=schema("Price (EUR)"))
        assert titles(consumer) == {"A": "A ride", "B": "B", "C": "C", "D": "D"}

    def test_another_consumer_changes_no_title(self) -> None:
        one = sending("One", map=Map, pages=Page[Map], failed=Failure)
        two = sending("Two", maps=dict[str, Map])
        other = sending("Other", map=Page[Map], MAP=Failure)
        before, after = titles(one, two), titles(other, one, two)
        assert {name: after[name] for name in before} == before


class TestTypes:
    def test_generic_types_are_called_by_their_words(self) -> None:
        consumer = sending("Consumer", a=Pair[Page[Map], Page[Failure]], b=Pair[list[Map], dict[str, Page[Map]]])
        document = AsyncAPIGenerator(consumer).get_spec()
        schemas = document["components"]["schemas"]
        assert sorted(schemas) == ["Failure", "MapType", "PageFailure", "PageMap"]
        assert all(each["title"] == name for name, each in schemas.items())

    def test_type_has_the_same_name_whoever_brings_it_in(self) -> None:
        for owner in ("One", "Two"):
            schemas = Schemas(TypeNames())
            schemas.add(normalize({"$ref": "#/$defs/Map", "$defs": {"Map": {"type": "object"}}}), owner)
            assert list(schemas.schemas) == ["MapType"]

    def test_types_that_are_one_in_pascal_case_are_two(self) -> None:
        schemas = Schemas(TypeNames())
        definitions = {"HTTPError": {"type": "object"}, "HttpError": {"type": "object", "x-b": 1}}
        payload = {"properties": {name: {"$ref": f"#/$defs/{name}"} for name in definitions}, "$defs": definitions}
        schemas.add(normalize(payload), "Said")
        assert list(schemas.schemas) == ["HTTPError", "SaidHttpError"]

    def test_enum_without_a_title_is_called_as_its_component(self) -> None:
        schemas = Schemas(TypeNames())
        enum = {"type": "string", "enum": ["a", "b"]}
        schemas.add(normalize({"properties": {"x": {"$ref": "#/$defs/Set"}}, "$defs": {"Set": enum}}), "Said")
        assert schemas.schemas == {"SetType": {"title": "SetType", **enum}}


class TestInnerTypes:
    LETTERS = {"type": "string", "enum": ["a", "b"]}

    def titled(self, *fields: dict[str, Any]) -> list[dict[str, Any]]:
        inner = InnerTitles(TypeNames(), lambda ref: ref.rpartition("/")[2])
        properties = {f"f{number}": each for number, each in enumerate(fields)}
        return list(inner.inside({"properties": properties}, "Paint")["properties"].values())

    def test_two_types_under_one_label_are_two_and_the_label_stays_to_be_read(self) -> None:
        one, two, same = self.titled(
            {"title": "State of it", **self.LETTERS},
            {"title": "State of it", "enum": ["c", "d"]},
            {"title": "State of it", **self.LETTERS},
        )
        assert one["title"] == same["title"] == "State of it"
        assert two == {"title": "PaintF1", "description": "State of it", "enum": ["c", "d"]}

    def test_label_that_makes_no_name_gives_way(self) -> None:
        [price, kind] = self.titled({"title": "Price (EUR)", **self.LETTERS}, {"title": "Map", **self.LETTERS})
        assert (price["title"], price["description"], kind["title"]) == ("PaintF0", "Price (EUR)", "PaintF1")

    def test_what_is_in_a_labelled_list_is_called_after_its_field(self) -> None:
        [stops] = self.titled({"title": "Stops (all)", "type": "array", "items": self.LETTERS})
        assert (stops["title"], stops["items"]["title"]) == ("Stops (all)", "PaintF0Item")
