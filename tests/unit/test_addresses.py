"""Routes as users write them, read as AsyncAPI addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chanspec.asyncapi.addresses import AddressError, Parameter, build, parse


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("/ws/rooms/{room_id}/", "/ws/rooms/{room_id}/"),
        ("ws/rooms/{room_id}", "/ws/rooms/{room_id}"),
        ("//ws/", "/ws/"),
        ("", "/"),
        ("/", "/"),
        ("/ws/{room_id:int}/chat", "/ws/{room_id}/chat"),
        ("/ws/<int:room_id>/", "/ws/{room_id}/"),
        ("/ws/<room_id>/", "/ws/{room_id}/"),
        ("/ws/<slug:a>/{b:uuid}/<c>", "/ws/{a}/{b}/{c}"),
        ("/ws/{a}-{b}/", "/ws/{a}-{b}/"),
        ("Xenon/X", "/Xenon/X"),
        ("/ws/{ÉtatN°1}/", "/ws/{EtatN1}/"),
    ],
)
def test_every_spelling_of_a_parameter_becomes_braces_behind_one_slash(route: str, path: str) -> None:
    assert parse(route).path == path


@pytest.mark.parametrize(
    ("route", "schema"),
    [
        ("{x}", {"type": "string"}),
        ("<x>", {"type": "string"}),
        ("<str:x>", {"type": "string"}),
        ("{x:str}", {"type": "string"}),
        ("<int:x>", {"type": "integer"}),
        ("{x:int}", {"type": "integer"}),
        ("{x:float}", {"type": "number"}),
        ("<uuid:x>", {"type": "string", "format": "uuid"}),
        ("{x:uuid}", {"type": "string", "format": "uuid"}),
        ("<slug:x>", {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}),
        ("<path:x>", {"type": "string"}),
        ("<hex:x>", {"type": "string"}),
    ],
)
def test_a_converter_gives_the_parameter_its_type(route: str, schema: dict[str, str]) -> None:
    assert parse(route).parameters["x"].schema == schema


def test_a_description_given_for_a_converter_wins() -> None:
    described = Parameter("x", {"type": "string", "pattern": "^[0-9a-f]+$"}, "A hexadecimal number.")
    assert parse("/ws/<hex:x>/", {"x": described}).parameters == {"x": described}


def test_two_parses_share_no_schema() -> None:
    parse("{x:int}").parameters["x"].schema["minimum"] = 1
    assert parse("{x:int}").parameters["x"].schema == {"type": "integer"}


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("/ws/größe/", "/ws/gr%C3%B6%C3%9Fe/"),
        ("/ws/two words/", "/ws/two%20words/"),
        ("/ws/a%20b/", "/ws/a%20b/"),
        ("/ws/100%/", "/ws/100%25/"),
        ('/ws/"`|\\^/', "/ws/%22%60%7C%5C%5E/"),
    ],
)
def test_text_that_a_path_cannot_hold_is_percent_encoded_once(route: str, path: str) -> None:
    assert parse(route).path == path
    assert parse(path).path == path


@pytest.mark.parametrize(
    ("name", "valid"), [("größe", "groe"), ("room.id", "room_id"), ("room id", "room_id"), ("a-b", "a-b")]
)
def test_a_name_is_reduced_to_what_asyncapi_allows(name: str, valid: str) -> None:
    address = parse(f"/ws/{{{name}}}/")
    assert address.path == f"/ws/{{{valid}}}/"
    assert address.parameters[valid].name == valid


@pytest.mark.parametrize(
    ("route", "complaint", "cure"),
    [
        ("/ws/{a}/<int:a>/", "'a' occurs twice", "its own name"),
        ("/ws/{}/", "without a name", "{room_id}"),
        ("/ws/<int:>/", "without a name", "{room_id}"),
        ("/ws/{日本}/", "no character", "A-Z"),
        ("/ws/{room/", "stray '{'", "{name}"),
        ("/ws/room>/", "stray '>'", "{name}"),
        ("^ws/(?P<room>\\w+)/$", "regular expression", "braces"),
        ("wss://example.com/ws/", "whole URL", "servers"),
        ("/ws/?token=1", "query", "AUTH_QUERY_PARAM"),
        ("/ws/#top", "fragment", "path alone"),
    ],
)
def test_what_is_no_address_is_refused_with_its_cure(route: str, complaint: str, cure: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse(route)
    assert complaint in caught.value.what
    assert cure in caught.value.cure
    assert str(caught.value) == f"{caught.value.what}; {caught.value.cure}"


def test_parameters_without_a_name_are_numbered() -> None:
    address = build(["ws/", Parameter(""), "/", Parameter("", {"type": "integer"})])
    assert address.path == "/ws/{part1}/{part2}"
    assert address.parameters["part2"].schema == {"type": "integer"}


@given(st.text())
def test_any_text_is_a_clean_address_or_refused(route: str) -> None:
    try:
        address = parse(route)
    except AddressError:
        return
    assert address.path.startswith("/")
    assert not address.path.startswith("//")
    assert address.path.isascii()
    assert not set(address.path) & set("?#<> \n")
    assert parse(address.path).path == address.path
