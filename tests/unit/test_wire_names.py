"""A message that is named otherwise on the wire than in the document is an error when its consumer is defined."""

from __future__ import annotations

import enum
import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    field_serializer,
    field_validator,
    model_serializer,
)
from pydantic.alias_generators import to_camel, to_pascal

from chanspec import AsyncAPIGenerator
from chanspec.contract import contract_of
from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage
from chanspec.runtime.codec import Codec
from chanspec.runtime.consumer import Consumer


class Kind(enum.Enum):
    SAID = "said"


class TextKind(enum.StrEnum):
    SAID = "said"


Name = Literal["said"]


def field(annotation: Any, default: Any = "said", config: ConfigDict | None = None, **extra: Any) -> type[BaseMessage]:
    body = {"__annotations__": {"action": annotation}, "action": default, "__module__": __name__, **extra}
    return type("Said", (BaseMessage,), {**body, "model_config": config or {}})


def shouted(self: Any, value: str) -> str:
    return value.upper()


WRONG_BOTH_WAYS = {
    "another default": (field(Name, "sayd"), "'sayd' by default", 'write `action: Literal["said"] = "said"`'),
    "no default at all": (field(Name, None), "None by default", 'write `action: Literal["said"] = "said"`'),
    "a factory": (field(Name, Field(default_factory=lambda: "sayd")), "'sayd' by default", "write"),
    "a factory that fails": (field(Name, Field(default_factory=lambda: 1 / 0)), "made each time", "write"),
    "an alias": (field(Name, Field("said", alias="type")), "'type' on the wire", "remove the alias"),
    "an alias beside the name": (
        field(Name, Field("said", alias="type"), ConfigDict(populate_by_name=True)),
        "'type' on the wire",
        "discriminator_field",
    ),
    "an alias in the annotation": (field(Annotated[Name, Field(alias="type")]), "'type' on the wire", "remove"),
    "an alias generator": (
        field(Name, "said", ConfigDict(alias_generator=to_pascal)),
        "'Action' on the wire",
        'Field(…, alias="action")',
    ),
}
WRONG_TO_SEND = {
    "a serialization alias": (field(Name, Field("said", serialization_alias="type")), "written as 'type'", "remove"),
    "an exclusion": (field(Name, Field("said", exclude=True)), "left out", "remove what excludes it"),
    "a serializer": (field(Annotated[Name, PlainSerializer(str.upper)]), "written as 'SAID'", "remove its serializer"),
    "a serializing method": (
        field(Name, ser=field_serializer("action")(shouted)),
        "written as 'SAID'",
        "remove its serializer",
    ),
    "a serializer of the whole": (
        field(Name, ser=model_serializer(lambda self: {"kind": self.action})),
        "left out",
        "serializer",
    ),
}
WRONG_TO_TAKE = {
    "a validation alias": (field(Name, Field("said", validation_alias="type")), "read as 'type'", "remove the alias"),
    "a path": (field(Name, Field("said", validation_alias=AliasPath("meta", "name"))), "'meta.name'", "remove"),
    "an enum that is no text": (field(Literal[Kind.SAID], Kind.SAID), "every message would be refused", "StrEnum"),
    "an enum that is kept as text": (
        field(Literal[Kind.SAID], Kind.SAID, ConfigDict(use_enum_values=True)),
        "every message would be refused",
        "StrEnum",
    ),
    "a validator": (
        field(Name, check=field_validator("action")(classmethod(lambda cls, value: value.upper()))),
        "becomes 'SAID'",
        "remove its validator",
    ),
}
RIGHT = {
    "no default": field(Name, ...),
    "a factory": field(Name, Field(default_factory=lambda: "said")),
    "its own name as alias": field(Name, Field("said", alias="action"), ConfigDict(alias_generator=to_pascal)),
    "a generator that leaves it": field(Name, "said", ConfigDict(alias_generator=to_camel)),
    "one name of several": field(Name, Field("said", validation_alias=AliasChoices("action", "type"))),
    "an enum of text": field(Literal[TextKind.SAID], TextKind.SAID),
    "an enum of text as default": field(Name, TextKind.SAID),
    "a validator before": field(
        Name, check=field_validator("action", mode="before")(classmethod(lambda cls, value: value.lower()))
    ),
}


def taking(message: Any) -> type[Consumer[Any]]:
    class Room(Consumer[Any]):
        @ws_handler(input_type=message)
        async def handle_it(self, message: Any) -> None: ...

    return Room


def sending(message: Any) -> type[Consumer[Any]]:
    class Room(Consumer[Any]):
        @ws_handler(output_type=message)
        async def handle_it(self, message: PingMessage) -> None: ...

    return Room


def passing(message: Any) -> type[Consumer[Any]]:
    class Room(Consumer[Any]):
        passthrough_events = [message]

    return Room


def refusal_of(define: Any, message: Any) -> str:
    with pytest.raises(TypeError) as caught:
        define(message)
    assert str(caught.value).startswith(f"{__name__}:Room.") or ".Room." in str(caught.value)
    assert "names Said, whose 'action'" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("case", [*WRONG_BOTH_WAYS, *WRONG_TO_SEND])
def test_a_message_that_is_sent_under_another_name_is_an_error(case: str) -> None:
    message, what, cure = {**WRONG_BOTH_WAYS, **WRONG_TO_SEND}[case]
    for define in (sending, passing):
        told = refusal_of(define, message)
        assert what in told
        assert cure in told


@pytest.mark.parametrize("case", [*WRONG_BOTH_WAYS, *WRONG_TO_TAKE])
def test_a_message_that_is_taken_under_another_name_is_an_error(case: str) -> None:
    message, what, cure = {**WRONG_BOTH_WAYS, **WRONG_TO_TAKE}[case]
    told = refusal_of(taking, message)
    assert what in told
    assert cure in told


@pytest.mark.parametrize("case", RIGHT)
@pytest.mark.parametrize("camelize", [False, True])
def test_what_is_named_alike_is_read_written_and_described_so(case: str, camelize: bool) -> None:
    message = RIGHT[case]
    room = type("Room", (taking(message), sending(PingMessage)), {"camelize": camelize})
    contract = contract_of(room)
    codec = Codec(contract.handlers, (), "action", camelize=camelize)
    assert type(codec.decode('{"action": "said"}')) is message
    assert json.loads(codec.encode(message(action="said")))["action"] == "said"
    assert codec.names[message] == "said"
    payload = AsyncAPIGenerator(room).get_spec()["components"]["messages"]["Said"]["payload"]
    assert payload["properties"]["action"]["const"] == "said"


class Later(BaseModel): ...


def test_a_message_that_refers_to_a_later_class_is_looked_at_once_it_can_be() -> None:
    class Said(BaseMessage):
        action: Name = Field("said", exclude=True)
        payload: NotYet | None = None  # type: ignore[name-defined]  # noqa: F821

    room = sending(Said)
    Said.model_rebuild(_types_namespace={"NotYet": Later})
    with pytest.raises(TypeError, match="left out"):
        contract_of(room)


class Spoken(BaseMessage):
    message_kind: Literal["spoken"] = Field("spoken", alias="messageKind")


@pytest.mark.parametrize(("camelize", "name"), [(False, "message_kind"), (True, "messageKind")])
def test_camel_case_of_ones_own_goes_with_camelize_only(camelize: bool, name: str) -> None:
    class Room(Consumer[Any]):
        discriminator_field = "message_kind"

        @ws_handler
        async def handle_it(self, message: Spoken) -> Spoken: ...

    Room.camelize = camelize
    if camelize:
        assert contract_of(Room).handlers
    else:
        with pytest.raises(TypeError, match="'messageKind' on the wire, while the document says 'message_kind'"):
            contract_of(Room)


class Event(BaseChannelEvent):
    handler: Literal["happened"] = Field("happened", alias="type")


def hearing(event: Any) -> None:
    class Room(Consumer[Any]):
        @event_handler(input_type=event)
        async def on_it(self, event: Any) -> None: ...


def test_aliases_do_not_matter_to_events_and_all_else_does() -> None:
    hearing(Event)

    class Renamed(BaseChannelEvent):
        handler: Literal["happened"] = "hapened"

    class Hidden(BaseChannelEvent):
        handler: Literal["happened"] = Field("happened", exclude=True)

    for event, what in ((Renamed, "'hapened' by default"), (Hidden, "left out")):
        with pytest.raises(TypeError, match=what):
            hearing(event)


def test_a_subclass_is_named_by_its_own_constant() -> None:
    class Shouted(field(Name)):  # type: ignore[misc]
        action: Literal["shouted"] = "shouted"

    assert [each.value for each in contract_of(taking(Shouted)).handlers] == ["shouted"]

    class Whispered(field(Name)):  # type: ignore[misc]
        action: Literal["whispered"]  # its base's default does not count

    assert [each.value for each in contract_of(taking(Whispered)).handlers] == ["whispered"]


@pytest.mark.parametrize(
    ("annotation", "default", "line"),
    [
        (Kind, Kind.SAID, "action: Literal[Kind.SAID] = Kind.SAID"),
        (str, "said", 'action: Literal["said"] = "said"'),
        (Name | None, "said", 'action: Literal["said"] = "said"'),
    ],
)
def test_what_is_no_constant_is_shown_as_one(annotation: Any, default: Any, line: str) -> None:
    with pytest.raises(TypeError) as caught:
        taking(field(annotation, default))
    assert f"declare `{line}` in it" in str(caught.value)
