"""Messages under another discriminator field than ``action``: read, written and described by one name."""

from __future__ import annotations

import json
from typing import Any, Literal

import jsonschema_rs
import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from chanspec import AsyncAPIGenerator
from chanspec.contract import contract_of
from chanspec.decorators import ws_handler
from chanspec.messages import BUILTIN_MESSAGES, BaseMessage, ErrorMessage, PingMessage, PongMessage
from chanspec.runtime.codec import Codec
from chanspec.runtime.consumer import Consumer


class Text(BaseModel):
    first_line: str


class Say(BaseMessage):
    message_kind: Literal["say"] = "say"
    payload: Text


class Said(BaseMessage):
    message_kind: Literal["said"] = "said"
    payload: Text


class StrictPing(PingMessage):
    model_config = ConfigDict(extra="forbid")

    sent_at: int = 0


class Nested(PongMessage):
    """A message that holds others of its own class."""

    inner: Nested | None = None


class Room(Consumer):
    discriminator_field = "message_kind"

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage: ...

    @ws_handler
    async def say(self, message: Say) -> Said | ErrorMessage: ...


class OnlyPing(Consumer):
    discriminator_field = "message_kind"

    @ws_handler
    async def ping(self, message: StrictPing) -> Nested: ...


def codec_of(consumer: type, *, camelize: bool = False) -> Codec:
    contract = contract_of(consumer)
    return Codec(contract.handlers, contract.event_handlers, contract.discriminator_field, camelize=camelize)


FIELDS = pytest.mark.parametrize(("camelize", "field"), [(False, "message_kind"), (True, "messageKind")])


@FIELDS
@pytest.mark.parametrize(("consumer", "cls"), [(Room, PingMessage), (OnlyPing, StrictPing)])
def test_a_ping_is_read_by_the_consumers_field(consumer: type, cls: type, camelize: bool, field: str) -> None:
    codec = codec_of(consumer, camelize=camelize)
    message = codec.decode(json.dumps({field: "ping"}))
    assert type(message) is cls
    assert message.action == "ping"


def test_messages_of_the_application_are_read_beside_it() -> None:
    codec = codec_of(Room, camelize=True)
    for name in ("messageKind", "message_kind"):  # camelize reads either, as for every field
        assert type(codec.decode(json.dumps({name: "say", "payload": {"firstLine": "x"}}))) is Say
        assert type(codec.decode(json.dumps({name: "ping"}))) is PingMessage


@FIELDS
def test_the_class_s_own_field_is_none_on_the_wire(camelize: bool, field: str) -> None:
    codec = codec_of(OnlyPing, camelize=camelize)
    with pytest.raises(ValidationError) as missing:
        codec.decode('{"action": "ping"}')
    assert codec.errors(missing.value) == [{"loc": [field], "msg": "Field required", "type": "union_tag_not_found"}]
    with pytest.raises(ValidationError) as extra:
        codec.decode(json.dumps({field: "ping", "action": "ping"}))
    assert [(each["loc"], each["type"]) for each in codec.errors(extra.value)] == [(["action"], "extra_forbidden")]


@FIELDS
@pytest.mark.parametrize("cls", BUILTIN_MESSAGES)
def test_every_message_of_chanspec_is_written_with_it(cls: type[BaseMessage], camelize: bool, field: str) -> None:
    codec = codec_of(Room, camelize=camelize)
    given = {"payload": {"status_code": 200, "status_text": "OK"}} if "Authentication" in cls.__name__ else {}
    content = json.loads(codec.encode(cls.model_validate(given)))
    assert content.pop(field) == cls.model_fields["action"].default
    assert set(content) == {"payload"}
    assert codec.names[cls] == cls.model_fields["action"].default


@FIELDS
def test_a_message_within_a_message_keeps_the_name_of_its_field(camelize: bool, field: str) -> None:
    codec = codec_of(OnlyPing, camelize=camelize)
    assert json.loads(codec.encode(Nested(inner=Nested()))) == {
        field: "pong",
        "payload": None,
        "inner": {"action": "pong", "payload": None, "inner": None},
    }


@FIELDS
def test_the_document_requires_the_field_and_knows_no_other(camelize: bool, field: str) -> None:
    for consumer, names in ((Room, {"PingMessage", "PongMessage", "ErrorMessage"}), (OnlyPing, {"StrictPing"})):
        described = type("Described", (consumer,), {"camelize": camelize})
        generator = AsyncAPIGenerator(described)
        assert generator.problems == ()
        messages = generator.get_spec()["components"]["messages"]
        assert names <= set(messages)
        for name in names:
            payload = messages[name]["payload"]
            assert payload["properties"][field]["const"] == messages[name]["title"]
            assert field in payload["required"]
            assert "action" not in {*payload["properties"], *payload["required"]}


@FIELDS
def test_what_is_written_and_read_is_what_the_document_says(camelize: bool, field: str) -> None:
    document = AsyncAPIGenerator(type("Described", (OnlyPing,), {"camelize": camelize})).get_spec()
    codec = codec_of(OnlyPing, camelize=camelize)

    def schema(name: str) -> Any:
        components = document["components"]
        return jsonschema_rs.Draft7Validator(
            {"allOf": [components["messages"][name]["payload"]], "components": components}
        )

    assert schema("Nested").is_valid(json.loads(codec.encode(Nested(inner=Nested()))))
    assert schema("StrictPing").is_valid({field: "ping"})
    assert not schema("StrictPing").is_valid({field: "ping", "action": "ping"})
    assert not schema("StrictPing").is_valid({"action": "ping"})
