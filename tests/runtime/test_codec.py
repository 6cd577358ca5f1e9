"""Text to message and back: what is read, what is written, and what a client is told about its mistakes."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, computed_field, field_validator
from typing_extensions import TypedDict

from chanspec.contract import Handler
from chanspec.messages import AuthenticationMessage, AuthenticationPayload, BaseChannelEvent, BaseMessage, ErrorMessage
from chanspec.runtime.codec import Codec, FrameError, check_depth, encode_event
from tests.nasty import JSON_OBJECTS

from .messages import Notify, Say


def handler(message: type, field: str = "action") -> Handler:
    default = message.model_fields[field].default  # type: ignore[attr-defined]
    value = default.value if isinstance(default, Enum) else default
    return Handler("x", message, field, value, (), False, False, False, "tests:x")


def codec_of(*messages: type, events: tuple[Handler, ...] = (), field: str = "action", camelize: bool = False) -> Codec:
    return Codec([handler(each, field) for each in messages], events, field, camelize=camelize)


def errors(codec: Codec, text: str) -> list[dict[str, Any]]:
    with pytest.raises(ValidationError) as caught:
        codec.decode(text)
    return codec.errors(caught.value)


class Person(BaseModel):
    first_name: str
    born_on: datetime | None = None
    user_data: dict[str, int] = {}
    best_friends: list[Person] = []


class Meet(BaseMessage):
    action: Literal["meet"] = "meet"
    payload: Person


class Kind(StrEnum):
    WAVE = "wave"


class Wave(BaseMessage):
    action: Literal[Kind.WAVE] = Kind.WAVE


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    items: list[Item]


class Listing(BaseMessage):
    action: Literal["listing"] = "listing"
    payload: Page[Person]


@pytest.mark.parametrize("messages", [(Meet,), (Meet, Say), (Meet, Say, Wave, Listing)])
def test_text_becomes_the_message_that_its_action_names(messages: tuple[type, ...]) -> None:
    codec = codec_of(*messages)
    text = '{"action": "meet", "payload": {"first_name": "Ada", "best_friends": [{"first_name": "Charles"}]}}'
    message = codec.decode(text)
    assert type(message) is Meet
    assert message.payload.best_friends[0].first_name == "Charles"
    assert json.loads(codec.encode(message)) == message.model_dump(mode="json")


def test_enum_constants_and_generic_payloads_work() -> None:
    codec = codec_of(Wave, Listing)
    assert type(codec.decode('{"action": "wave"}')) is Wave
    listing = codec.decode('{"action": "listing", "payload": {"items": [{"first_name": "Ada"}]}}')
    assert listing.payload.items[0].first_name == "Ada"


def test_mistakes_name_the_field_and_never_quote_the_input() -> None:
    codec = codec_of(Meet, Say)
    found = errors(codec, '{"action": "meet", "payload": {"born_on": "SECRET", "user_data": {"k": "SECRET"}}}')
    assert {tuple(each["loc"]): each["type"] for each in found} == {
        ("payload", "first_name"): "missing",
        ("payload", "born_on"): "datetime_from_date_parsing",
        ("payload", "user_data", "k"): "int_parsing",
    }
    assert all(set(each) == {"loc", "msg", "type"} for each in found)
    assert "SECRET" not in json.dumps(found)


@pytest.mark.parametrize("messages", [(Meet,), (Meet, Say)])
def test_unknown_and_missing_actions_name_the_field_and_never_quote_the_input(messages: tuple[type, ...]) -> None:
    codec = codec_of(*messages)
    (unknown,) = errors(codec, json.dumps({"action": "SECRET" * 100_000}))
    assert unknown["loc"] == ["action"]
    assert "'meet'" in unknown["msg"]
    assert len(json.dumps(unknown)) < 1000
    assert "SECRET" not in unknown["msg"]
    assert errors(codec, "{}") == [{"loc": ["action"], "msg": "Field required", "type": "union_tag_not_found"}]
    assert errors(codec, '{"action": 3}')[0]["loc"] == ["action"]


def test_nested_unions_do_not_quote_their_tag() -> None:
    class Cat(BaseModel):
        kind: Literal["cat"]

    class Dog(BaseModel):
        kind: Literal["dog"]

    class Adopt(BaseMessage):
        action: Literal["adopt"] = "adopt"
        payload: Annotated[Cat | Dog, Field(discriminator="kind")]

    (error,) = errors(codec_of(Adopt), '{"action": "adopt", "payload": {"kind": "SECRET"}}')
    assert error == {"loc": ["payload"], "msg": "Input should be one of 'cat', 'dog'", "type": "union_tag_invalid"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{bad", "json_invalid"),
        ("", "json_invalid"),
        ("[1]", "dict_type"),
        ("3", "dict_type"),
        ('"x"', "dict_type"),
        ("null", "dict_type"),
        ('{"action": "\\ud800"}', "json_invalid"),
        ("[" * 500, "json_invalid"),
    ],
)
def test_what_is_no_json_object_is_one_mistake(text: str, kind: str) -> None:
    (error,) = errors(codec_of(Meet, Say), text)
    assert error["type"] == kind
    assert error["loc"] == []


def test_keys_of_the_client_are_cut_in_the_path() -> None:
    class Closed(BaseMessage):
        model_config = ConfigDict(extra="forbid")
        action: Literal["closed"] = "closed"

    (error,) = errors(codec_of(Closed), json.dumps({"action": "closed", "x" * 100_000: 1}))
    assert error["type"] == "extra_forbidden"
    assert len(error["loc"][0]) <= 64


def test_errors_are_bounded_for_a_frame_full_of_mistakes() -> None:
    class Numbers(BaseMessage):
        action: Literal["numbers"] = "numbers"
        payload: list[int]

    codec = codec_of(Numbers)
    few = errors(codec, json.dumps({"action": "numbers", "payload": ["x"] * 30}))
    assert len(few) == 21
    assert few[-1] == {"loc": [], "msg": "10 more values are not valid", "type": "too_many_errors"}
    with pytest.raises(ValidationError) as caught:
        codec.decode(json.dumps({"action": "numbers", "payload": ["x"] * 200_000}))
    assert caught.value.error_count() == 1
    (first,) = codec.errors(caught.value)
    assert first["loc"] == ["payload", 0]


def test_a_validators_own_words_are_shown_and_cut() -> None:
    class Checked(BaseMessage):
        action: Literal["checked"] = "checked"
        payload: int

        @field_validator("payload")
        @classmethod
        def check(cls, value: int) -> int:
            raise ValueError("must be even" + "!" * 10_000)

    (error,) = errors(codec_of(Checked), '{"action": "checked", "payload": 1}')
    assert error["msg"].startswith("Value error, must be even")
    assert len(error["msg"]) <= 300


@given(JSON_OBJECTS)
def test_errors_for_any_object_are_json_and_bounded(content: dict[str, Any]) -> None:
    codec = codec_of(Meet, Say)
    assert len(json.dumps(errors(codec, json.dumps({**content, "payload": 3})))) < 20_000


def test_consumer_without_messages_says_so() -> None:
    (error,) = errors(codec_of(), '{"action": "say"}')
    assert error["msg"] == "This channel takes no messages"
    assert errors(codec_of(), "{bad")[0]["type"] == "json_invalid"


def test_what_is_no_message_cannot_be_written() -> None:
    for wrong in ({"action": "x"}, "x", 3, [Say(payload="x")]):
        with pytest.raises(TypeError, match="is no message class"):
            codec_of().encode(wrong)  # type: ignore[arg-type]


# Another discriminator


def test_messages_of_chanspec_carry_the_consumers_discriminator() -> None:
    codec = codec_of(field="kind")
    assert json.loads(codec.encode(ErrorMessage(payload={"detail": "x"}))) == {
        "kind": "error",
        "payload": {"detail": "x"},
    }
    assert codec.names[ErrorMessage] == "error"


# camelCase


class Tags(TypedDict):
    first_tag: str


@dataclass
class Place:
    street_name: str


class CatPayload(BaseModel):
    pet_kind: Literal["cat"]
    nine_lives: int


class DogPayload(BaseModel):
    pet_kind: Literal["dog"]
    good_boy: bool = Field(alias="GOOD")


class Register(BaseMessage):
    action: Literal["register"] = "register"
    payload: Person
    pet_of_choice: Annotated[CatPayload | DogPayload, Field(discriminator="pet_kind")] | None = None
    tag_set: Tags | None = None
    home_place: Place | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def name_length(self) -> int:
        return len(self.payload.first_name)


CAMEL = {
    "action": "register",
    "payload": {
        "firstName": "Ada",
        "bornOn": "1815-12-10T00:00:00Z",
        "userData": {"keys_stay_as_they_are": 1},
        "bestFriends": [{"firstName": "Charles", "bornOn": None, "userData": {}, "bestFriends": []}],
    },
    "petOfChoice": {"petKind": "dog", "GOOD": True},
    "tagSet": {"firstTag": "x"},
    "homePlace": {"streetName": "y"},
}


def test_camelize_renames_fields_both_ways_and_no_keys_of_users() -> None:
    codec = codec_of(Register, Say, camelize=True)
    message = codec.decode(json.dumps(CAMEL))
    assert message.payload.user_data == {"keys_stay_as_they_are": 1}
    assert message.payload.best_friends[0].first_name == "Charles"
    assert json.loads(codec.encode(message)) == {**CAMEL, "nameLength": 3}


def test_camelize_also_reads_the_names_as_declared() -> None:
    codec = codec_of(Register, camelize=True)
    text = json.dumps(
        {"action": "register", "payload": {"first_name": "Ada"}, "pet_of_choice": {"pet_kind": "cat", "nineLives": 9}}
    )
    assert codec.decode(text).pet_of_choice.nine_lives == 9


def test_camelize_leaves_the_classes_themselves_alone() -> None:
    codec_of(Register, camelize=True)
    assert Register(payload=Person(first_name="x")).model_dump()["payload"]["first_name"] == "x"
    assert codec_of(Meet).decode('{"action":"meet","payload":{"first_name":"x"}}').payload.first_name == "x"


def test_camelize_names_fields_in_errors_as_on_the_wire_and_chanspecs_own() -> None:
    codec = codec_of(Register, Say, field="action", camelize=True)
    assert errors(codec, '{"action": "register", "payload": {}}')[0]["loc"] == ["payload", "firstName"]
    outcome = AuthenticationMessage(payload=AuthenticationPayload(status_code=200, status_text="OK"))
    assert json.loads(codec.encode(outcome))["payload"] == {"statusCode": 200, "statusText": "OK", "data": None}


def test_camelize_applies_to_the_discriminator_too() -> None:
    class Typed(BaseMessage):
        message_type: Literal["typed"] = "typed"

    class Other(BaseMessage):
        message_type: Literal["other"] = "other"

    codec = codec_of(Typed, Other, field="message_type", camelize=True)
    assert type(codec.decode('{"messageType": "other"}')) is Other
    assert json.loads(codec.encode(ErrorMessage()))["messageType"] == "error"
    assert errors(codec, "{}")[0]["loc"] == ["messageType"]


# Channel events


class Detailed(BaseChannelEvent):
    model_config = ConfigDict(strict=True, extra="forbid")
    handler: Literal["detailed"] = "detailed"
    payload: Person
    at: datetime
    ids: set[UUID]
    read_as: int = Field(validation_alias="in", serialization_alias="out")
    pets: list[Annotated[CatPayload | DogPayload, Field(discriminator="pet_kind")]] = []

    @computed_field  # type: ignore[prop-decorator]
    @property
    def extra(self) -> int:
        return 1


EVENTS = (handler(Notify, "handler"), handler(Detailed, "handler"), handler(Say))


def test_events_arrive_as_they_were_sent_whatever_their_fields_are_called() -> None:
    event = Detailed(
        payload=Person(first_name="Ada"),
        at=datetime.now(UTC),
        ids={UUID(int=1)},
        pets=[DogPayload(pet_kind="dog", GOOD=True)],
        **{"in": 3},  # type: ignore[arg-type]
    )
    content = encode_event(event)
    assert json.loads(json.dumps(content)) == content
    found = codec_of(events=EVENTS, camelize=True).decode_event(content)
    assert found == (("handler", "detailed"), event)


def test_events_are_named_by_handler_or_by_action() -> None:
    codec = codec_of(events=EVENTS)
    assert codec.decode_event(encode_event(Notify(payload=1))) == (("handler", "notify"), Notify(payload=1))
    assert codec.decode_event(encode_event(Say(payload="x"))) == (("action", "say"), Say(payload="x"))
    assert codec.decode_event({"type": "chat.message"}) is None
    assert codec.decode_event({"handler": ["notify"]}) is None


def test_what_is_no_event_cannot_be_sent() -> None:
    with pytest.raises(TypeError, match="is no event"):
        encode_event({"handler": "notify"})  # type: ignore[arg-type]


# Depth


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_depth_is_exact(opening: str) -> None:
    levels = opening.count("[") + opening.count("{")
    closing = {"[": "]", "{": "}"}
    for depth in (6, 12):
        text = (
            opening * (depth // levels)
            + "1"
            + "".join(closing[each] for each in reversed(opening) if each in closing) * (depth // levels)
        )
        text += " " * 1000
        check_depth(text, depth)
        with pytest.raises(FrameError):
            check_depth(text, depth - 1)


def test_brackets_in_strings_do_not_count() -> None:
    check_depth(json.dumps(["[[[[[[{{{{" * 100, '\\"[[[', "]"] * 10), 3)


@given(
    st.recursive(
        st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    )
)
def test_depth_agrees_with_the_parsed_value(value: Any) -> None:
    def depth(each: Any) -> int:
        inside = each.values() if isinstance(each, dict) else each if isinstance(each, list) else None
        return 0 if inside is None else 1 + max(map(depth, inside), default=0)

    text = json.dumps(value) + " " * 500
    check_depth(text, depth(value))
    if depth(value) > 1:
        with pytest.raises(FrameError):
            check_depth(text, depth(value) - 1)


@pytest.mark.parametrize("text", ["[" * 500, '{"a":[' * 500, "[" * 40 + "]" * 40 + "[" * 500, "[" * 500 + "]" * 400])
def test_what_is_left_open_is_too_deep_for_any_parser(text: str) -> None:
    with pytest.raises(FrameError):
        check_depth(text, 64)


@pytest.mark.parametrize(
    "text",
    [
        '"' + '\\"' * 500_000,
        '"' + '\\"' * 500_000 + "\\",
        "[" * 1_000_000,
        '["' * 300_000,
        "[" * 500_000 + "]" * 500_000,
    ],
)
def test_depth_of_a_hostile_megabyte_is_found_in_one_pass(text: str) -> None:
    # What looks at each character again for every other would take hours here, and run into the time-out.
    with contextlib.suppress(FrameError):
        check_depth(text + "[" * 100, 64)
