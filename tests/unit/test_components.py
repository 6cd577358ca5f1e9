"""Components: shared types once, under names of their own."""

from __future__ import annotations

from typing import Any

from chanspec.asyncapi.components import Schemas
from chanspec.asyncapi.names import Names, pascal, snake
from chanspec.asyncapi.type_names import TypeNames
from chanspec.schemas.dialect import normalize


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def using(definitions: dict[str, Any], *names: str) -> Any:
    root = {"properties": {name: {"$ref": f"#/$defs/{name}"} for name in names}, "$defs": definitions}
    return normalize(root)


INTEGER = {"type": "integer"}
OBJECT = {"type": "object", "properties": {"a": INTEGER}}


def test_a_type_that_two_payloads_share_is_one_component() -> None:
    schemas = Schemas(TypeNames())
    for owner in ("One", "Two"):
        root = schemas.add(using({"Point": OBJECT}, "Point"), owner)
        assert root == {"properties": {"Point": ref("Point")}}
    assert schemas.schemas == {"Point": {"title": "Point", **OBJECT}}


def test_two_types_of_one_name_are_told_apart_by_the_message_that_uses_the_later() -> None:
    schemas = Schemas(TypeNames())
    schemas.add(using({"Payload": OBJECT}, "Payload"), "RidesRequest")
    root = schemas.add(using({"Payload": {"title": "Payload", "type": "object"}}, "Payload"), "ChatSay")
    assert root["properties"]["Payload"] == ref("ChatSayPayload")
    assert schemas.schemas["ChatSayPayload"] == {"title": "ChatSayPayload", "type": "object"}


def test_two_types_that_differ_only_in_what_they_lead_to_are_two() -> None:
    schemas = Schemas(TypeNames())
    outer = {"properties": {"inner": {"$ref": "#/$defs/Inner"}}}
    schemas.add(using({"Outer": outer, "Inner": INTEGER}, "Outer"), "One")
    root = schemas.add(using({"Outer": outer, "Inner": {"type": "string"}}, "Outer"), "Two")
    assert root["properties"]["Outer"] == ref("TwoOuter")
    assert schemas.schemas["TwoOuter"]["properties"]["inner"] == ref("TwoInner")
    assert schemas.schemas["Outer"]["properties"]["inner"] == ref("Inner")


def test_recursive_types_are_recognised_again() -> None:
    schemas = Schemas(TypeNames())
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "other": {"$ref": "#/$defs/Other"}}}
    other = {"type": "object", "properties": {"node": {"$ref": "#/$defs/Node"}}}
    for definitions in ({"Node": node, "Other": other}, {"Other": other, "Node": node}):
        schemas.add(using(definitions, "Node"), "Message")
    assert set(schemas.schemas) == {"Node", "Other"}
    assert schemas.schemas["Node"]["properties"] == {"next": ref("Node"), "other": ref("Other")}


def test_definitions_that_nothing_leads_to_are_left_out() -> None:
    schemas = Schemas(TypeNames())
    schemas.add(using({"Used": INTEGER, "Unused": INTEGER}, "Used"), "Message")
    assert list(schemas.schemas) == ["Used"]


def test_an_object_gets_its_components_name_for_a_title_and_other_titles_stay() -> None:
    schemas = Schemas(TypeNames())
    schemas.add(using({"A": OBJECT, "B": {"title": "Mine", **OBJECT}, "C": INTEGER}, "A", "B", "C"), "Message")
    assert [each.get("title") for each in schemas.schemas.values()] == ["A", "Mine", None]


def test_types_that_one_payload_qualifies_are_those_of_others() -> None:
    a, b = ({"title": "Payload", "type": kind} for kind in ("object", "string"))
    schemas = Schemas(TypeNames())
    schemas.add(using({"Payload": a}, "Payload"), "One")
    schemas.add(using({"Payload": b}, "Payload"), "Two")
    root = schemas.add(using({"APayload": a, "BPayload": b}, "APayload", "BPayload"), "Both")
    assert root["properties"] == {"APayload": ref("Payload"), "BPayload": ref("TwoPayload")}
    assert [each["title"] for each in schemas.schemas.values()] == ["Payload", "TwoPayload"]


def test_a_written_title_is_kept_once_and_names_of_messages_are_not_taken() -> None:
    names = TypeNames()
    assert names.claim("Say")
    schemas = Schemas(names)
    written = {"title": "Mine", "type": "object"}
    root = schemas.add(using({"Say": OBJECT, "A": written, "B": {**written, "x-b": 1}}, "Say", "A", "B"), "Say")
    assert root["properties"]["Say"] == ref("SaySay")
    assert {name: each["title"] for name, each in schemas.schemas.items()} == {
        "SaySay": "SaySay",
        "A": "Mine",
        "B": "B",
    }


def test_names_are_given_once_each() -> None:
    names = Names()
    assert [names.take("a", "b") for _ in range(4)] == ["a", "b", "b2", "b3"]
    assert names.take("b2") == "b22"


def test_names_that_readers_trip_over_are_not_given() -> None:
    assert Names().take("hasOwnProperty") == "hasOwnProperty2"


def test_message_names_are_in_pascal_case() -> None:
    names = {"ride.offer": "RideOffer", "request_ride": "RequestRide", "getHTTPLog": "GetHTTPLog", "2fa": "2fa"}
    assert {name: pascal(name) for name in names} == names
    assert [pascal("café-crème"), pascal("привет"), pascal("...")] == ["CafeCreme", "Message", "Message"]


def test_operation_names_keep_what_an_identifier_may_have() -> None:
    names = {"ride.offer": "ride_offer", "a-b_c": "a-b_c", "getLog": "getLog", "__x__": "x", "a..b": "a_b"}
    assert {name: snake(name) for name in names} == names
    assert [snake("café"), snake("привет")] == ["cafe", "message"]
