"""What typed handlers compile to, and what is an error when their class is defined."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator
from typing import Any, Generic, Literal, TypeVar

import pytest
from pydantic import BaseModel

from chanspec.contract import contract_of
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, CompleteMessage, PingMessage, PongMessage


class Chat(BaseMessage):
    action: Literal["chat"] = "chat"
    payload: str


class Note(BaseMessage):
    action: Literal["note"] = "note"
    payload: str


class Joined(BaseChannelEvent):
    handler: Literal["joined"] = "joined"
    payload: str


class Typed:
    """Stands for a framework's consumer: compiles its subclasses as they are defined."""

    def __init_subclass__(cls) -> None:
        contract_of(cls)


def handlers(consumer: type) -> dict[str, str]:
    return {handler.value: handler.method for handler in contract_of(consumer).handlers}


def test_a_handler_is_known_by_the_constant_of_its_message() -> None:
    class Room(Typed):
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    [handler] = contract_of(Room).handlers
    assert (handler.field, handler.value, handler.method) == ("action", "ping", "handle_ping")
    assert (handler.outputs, handler.is_stream, handler.concurrent) == ((PongMessage,), False, False)
    assert handler.where.endswith("Room.handle_ping")


def test_outputs_come_from_the_annotation_and_from_output_type() -> None:
    class Room(Typed):
        @ws_handler(output_type=[Note, Chat], concurrent=True)
        async def handle_chat(self, message: Chat) -> AsyncIterator[PongMessage | Chat]:
            yield PongMessage()

    [handler] = contract_of(Room).handlers
    assert handler.outputs == (PongMessage, Chat, Note)
    assert handler.is_stream
    assert handler.concurrent


@pytest.mark.parametrize("returned", ["Note | None", "list[Note]", "tuple[Note, ...]", Note, list[Note]])
def test_one_class_is_found_in_every_shape_of_return(returned: Any) -> None:
    async def handle_chat(self: Any, message: Chat) -> Any: ...

    handle_chat.__annotations__["return"] = returned
    room = type("Room", (Typed,), {"handle_chat": ws_handler(handle_chat)})
    assert contract_of(room).handlers[0].outputs == (Note,)


def test_a_union_of_messages_is_handled_by_one_method() -> None:
    class Room(Typed):
        @ws_handler
        async def handle_any(self, message: Chat | Note) -> None: ...

    assert handlers(Room) == {"chat": "handle_any", "note": "handle_any"}


def test_input_type_goes_before_the_annotation() -> None:
    class Room(Typed):
        @ws_handler(input_type=Chat)
        async def handle(self, message): ...

    assert handlers(Room) == {"chat": "handle"}


def test_an_event_names_itself_by_handler_or_by_action() -> None:
    class Room(Typed):
        @event_handler
        async def on_joined(self, event: Joined) -> Note:
            return Note(payload=event.payload)

        @event_handler
        async def on_chat(self, event: Chat) -> None: ...

    fields = {handler.method: (handler.field, handler.value) for handler in contract_of(Room).event_handlers}
    assert fields == {"on_joined": ("handler", "joined"), "on_chat": ("action", "chat")}


def test_another_discriminator_field_names_messages() -> None:
    class Typed2(BaseMessage):
        type: Literal["hello"] = "hello"

    class Room(Typed):
        discriminator_field = "type"

        @ws_handler
        async def handle_hello(self, message: Typed2) -> None: ...

    [handler] = contract_of(Room).handlers
    assert (handler.field, handler.value) == ("type", "hello")


def test_generic_messages_are_messages() -> None:
    Item = TypeVar("Item")

    class Envelope(BaseMessage, Generic[Item]):
        action: Literal["item"] = "item"
        payload: Item

    class Room(Typed):
        @ws_handler
        async def handle_item(self, message: Envelope[int]) -> None: ...

    assert handlers(Room) == {"item": "handle_item"}


def test_passthrough_events_merge_and_yield_to_explicit_handlers() -> None:
    class Presence:
        passthrough_events = (Note,)

    class Room(Presence, Typed):
        passthrough_events = (Chat, Note, PongMessage)
        passthrough_method_prefix = "forward_"

        @event_handler
        async def on_chat(self, event: Chat) -> Chat:
            return event

    found = {handler.value: (handler.method, handler.passthrough) for handler in contract_of(Room).event_handlers}
    assert found == {
        "chat": ("on_chat", False),
        "note": ("forward_note", True),
        "pong": ("forward_pong_message", True),
    }


def test_a_subclass_overrides_and_extends() -> None:
    class Base(Typed):
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> PongMessage: ...

    class Room(Base):
        async def handle_ping(self, message): ...

        @ws_handler
        async def handle_chat(self, message: Chat) -> None: ...

    assert handlers(Room) == {"ping": "handle_ping", "chat": "handle_chat"}


def test_channel_names_and_describes() -> None:
    @channel(name="rooms", description="Rooms", tags=["chat"])
    class Room(Typed):
        """Not this."""

        @ws_handler
        async def handle_ping(self, message: PingMessage) -> None: ...

    class Plain(Typed):
        """This."""

        @ws_handler
        async def handle_ping(self, message: PingMessage) -> None: ...

    contract = contract_of(Room)
    assert (contract.name, contract.description, contract.tags) == ("rooms", "Rooms", ("chat",))
    assert (contract_of(Plain).name, contract_of(Plain).description) == ("Plain", "This.")


def test_action_names_the_operation_and_never_routes() -> None:
    class Room(Typed):
        @ws_handler(action="talk")
        async def handle_chat(self, message: Chat) -> None: ...

        @event_handler(action="heard")
        async def on_joined(self, event: Joined) -> Note: ...

    contract = contract_of(Room)
    assert [action.name for action in contract.actions] == ["talk"]
    assert [event.name for event in contract.events] == ["heard", "error"]
    assert handlers(Room) == {"chat": "handle_chat"}


def test_an_event_has_the_texts_and_tags_of_its_handler() -> None:
    class Room(Typed):
        passthrough_events = [Chat]

        @event_handler(tags=["presence"])
        async def on_joined(self, event: Joined) -> Note:
            """Somebody came.

            For everybody to see.
            """

    joined, chat, _ = contract_of(Room).events
    assert (joined.method, joined.tags) == ("on_joined", ("presence",))
    assert (joined.summary, joined.description) == ("Somebody came.", "For everybody to see.")
    assert chat.method == "handle_passthrough_chat"


def test_an_action_has_the_texts_and_tags_of_its_handler_and_so_has_its_message() -> None:
    class Room(Typed):
        @ws_handler(summary="Say it", description="Loudly.", tags=["chat"])
        async def handle_chat(self, message: Chat) -> Note: ...

    [action] = contract_of(Room).actions
    assert (action.message.summary, action.message.description) == ("Say it", "Loudly.")
    assert action.message.tags == ("chat",)
    # A mistake in a message that is sent is reported where it is said to be sent.
    assert [reply.where for reply in action.replies] == [f"{contract_of(Room).where}.handle_chat"]


class Kind(enum.StrEnum):
    WAVE = "wave"


class Wave(BaseMessage):
    action: Literal[Kind.WAVE] = Kind.WAVE


def test_the_constant_may_be_a_member_of_an_enum() -> None:
    class Room(Typed):
        @ws_handler
        async def handle_wave(self, message: Wave) -> None: ...

    assert handlers(Room) == {"wave": "handle_wave"}


def test_what_a_consumer_sends_is_every_class_once() -> None:
    class Room(Typed):
        passthrough_events = [Chat]

        @ws_handler
        async def handle_chat(self, message: Chat) -> Note | None: ...

        @event_handler
        async def on_joined(self, event: Joined) -> Note | PongMessage: ...

    assert contract_of(Room).outgoing == (Note, PongMessage, Chat)


def test_who_authenticates_says_so_unless_told_not_to() -> None:
    class Room(Typed):
        authenticator_class = object

        @ws_handler
        async def handle_chat(self, message: Chat) -> None: ...

    class Silent(Room):
        send_authentication_message = False

    assert [event.name for event in contract_of(Room).events] == ["error", "authentication"]
    assert [event.name for event in contract_of(Silent).events] == ["error"]
    [error] = contract_of(Silent).events
    assert (error.messages[0].direction, error.messages[0].where) == ("out", contract_of(Silent).where)

    class Camel(Room):
        camelize = True

    _, authentication = contract_of(Camel).events
    payload = authentication.messages[0].payload["properties"]["payload"]
    assert payload["required"] == ["statusCode", "statusText"]
    assert list(payload["properties"]) == ["statusCode", "statusText", "data"]


class NoConstant(BaseMessage):
    action: str = "x"


class RoomClosedMessage(BaseMessage):
    action: str


class NoConstantEvent(BaseChannelEvent):
    handler: str


class TwoConstants(BaseMessage):
    action: Literal["join", "leave"]


class TwoHandlers(BaseChannelEvent):
    handler: Literal["joined", "left"]


class Payload(BaseModel):
    text: str


SEVERAL = (
    "names TwoConstants, whose 'action' may be 'join' or 'leave', but a message has one name; "
    "declare a class for each, derived from a common base"
)
WRONG = {
    "def handle(self, message: Chat) -> None: ...": "is a sync method, .* write `async def handle`",
    "async def handle(self) -> None: ...": r"takes no message; write `async def handle\(self, message",
    "async def handle(self, *, message: Chat) -> None: ...": "takes no message; write `async def handle",
    "async def handle(self, **message: Chat) -> None: ...": "takes no message; write `async def handle",
    "async def handle(self, message: Chat) -> AsyncIterator[Chat]: ...": "returns a generator, .*; yield its messages",
    "async def handle(self, message) -> None: ...": (
        r"does not say what it handles; annotate its message, or @ws_handler\(input_type=…\)"
    ),
    "async def handle(self, message: Payload) -> None: ...": (
        "handles Payload, which is no message; derive it from BaseMessage"
    ),
    "async def handle(self, message: None) -> None: ...": "handles None, which is no message",
    "async def handle(self, message: Chat, more) -> None: ...": "wants 'more' besides the message",
    "async def handle(self, message: Chat) -> Payload: ...": "sends Payload, which is no message; derive it from",
    "async def handle(self, message: Nowhere) -> None: ...": "annotation 'Nowhere', which cannot be read",
    "async def handle(self, message: NoConstant) -> None: ...": "whose 'action' is no constant; declare",
    "async def handle(self, message: Chat) -> NoConstant: ...": "whose 'action' is no constant; declare",
    "async def handle(self, message: RoomClosedMessage) -> None: ...": (
        'declare `action: Literal\\["room_closed"\\] = "room_closed"` in it'
    ),
    "async def handle(self, message: NoConstantEvent) -> None: ...": "whose 'action' is no constant; declare",
    "async def handle(self, message: Chat) -> NoConstantEvent: ...": "whose 'handler' is no constant; declare",
    "async def handle(self, message: TwoConstants) -> None: ...": SEVERAL,
    "async def handle(self, message: Chat) -> TwoConstants: ...": SEVERAL,
}


@pytest.mark.parametrize("source", WRONG)
def test_a_handler_that_cannot_work_is_an_error_at_class_definition(source: str) -> None:
    text = f"from __future__ import annotations\nclass Room(Typed):\n    @ws_handler\n    {source}"
    with pytest.raises(TypeError, match=WRONG[source]) as raised:
        exec(text, {**globals()})
    assert str(raised.value).startswith(f"{__name__}:Room.handle ")


def test_an_event_handler_is_told_to_take_events() -> None:
    with pytest.raises(TypeError, match=r"annotate its message, or @event_handler\(input_type=…\)"):

        class Untyped(Typed):
            @event_handler
            async def on_event(self, event): ...

    with pytest.raises(TypeError, match="handles Payload, which is no message; derive it from BaseChannelEvent"):

        class Wrong(Typed):
            @event_handler
            async def on_event(self, event: Payload) -> None: ...


def test_an_event_with_two_names_is_an_error_too() -> None:
    with pytest.raises(TypeError, match="whose 'handler' may be 'joined' or 'left', but a message has one name"):

        class Room(Typed):
            @event_handler
            async def on_event(self, event: TwoHandlers) -> None: ...


def test_a_method_that_handles_messages_and_events_is_an_error_that_says_to_write_two() -> None:
    with pytest.raises(TypeError, match=r"Room\.both has both @ws_handler and @event_handler; write a method for each"):

        class Room(Typed):
            @ws_handler
            @event_handler
            async def both(self, message: Chat) -> None: ...


@pytest.mark.parametrize("decorator", [ws_handler, event_handler])
def test_a_decorator_that_stands_twice_is_an_error(decorator: Any) -> None:
    async def twice(self: Any, message: Chat) -> None: ...

    with pytest.raises(TypeError, match=rf"Room\.twice has @{decorator.__name__} twice; write it once"):
        type("Room", (Typed,), {"twice": decorator(summary="Again")(decorator(twice))})


def test_an_override_may_change_what_a_method_handles() -> None:
    class Base(Typed):
        @ws_handler
        async def handle(self, message: Chat) -> None: ...

    class Room(Base):
        @event_handler
        async def handle(self, event: Joined) -> None: ...

    assert handlers(Room) == {}
    assert [handler.value for handler in contract_of(Room).event_handlers] == ["joined"]


class KindChat(BaseMessage):
    kind: Literal["chat"] = "chat"


class LoudPing(PingMessage):
    volume: int = 1


def test_messages_of_chanspec_are_named_by_any_discriminator_field() -> None:
    class Room(Typed):
        discriminator_field = "kind"
        passthrough_events = [PongMessage]

        @ws_handler
        async def handle_ping(self, message: LoudPing) -> PongMessage | KindChat: ...

        @event_handler
        async def handle_done(self, event: CompleteMessage) -> None: ...

    contract = contract_of(Room)
    [action] = contract.actions
    assert [(each.field, each.value) for each in (action.message, *action.replies)] == [
        ("kind", "ping"),
        ("kind", "pong"),
        ("kind", "chat"),
    ]
    # Channel events keep the field of their class: no client sees them.
    assert [(each.field, each.value) for each in contract.event_handlers] == [
        ("action", "complete"),
        ("action", "pong"),
    ]


def test_messages_of_the_application_need_the_discriminator_field_of_the_consumer() -> None:
    with pytest.raises(TypeError, match="names Chat, whose 'kind' is no constant; declare `kind: Literal"):

        class Room(Typed):
            discriminator_field = "kind"

            @ws_handler
            async def handle_chat(self, message: Chat) -> None: ...


@pytest.mark.parametrize("name", ["", None])
def test_a_discriminator_field_has_a_name(name: Any) -> None:
    class Room:
        discriminator_field = name

        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage: ...

    with pytest.raises(TypeError, match=rf"Room\.discriminator_field is {name!r}; write the name of the field"):
        contract_of(Room)


def test_two_pings_under_another_discriminator_field_are_an_error_that_names_that_field() -> None:
    class KindPing(BaseMessage):
        kind: Literal["ping"] = "ping"

    with pytest.raises(TypeError, match="give one of the message classes another kind"):

        class Room(Typed):
            discriminator_field = "kind"

            @ws_handler
            async def one(self, message: PingMessage) -> None: ...

            @ws_handler
            async def two(self, message: KindPing) -> None: ...


def test_two_methods_for_one_message_are_an_error_that_names_both() -> None:
    with pytest.raises(TypeError, match=r"Room\.two handles 'chat', and so does .*Room\.one"):

        class Room(Typed):
            @ws_handler
            async def one(self, message: Chat) -> None: ...

            @ws_handler
            async def two(self, message: Chat) -> None: ...


def test_a_passthrough_event_that_is_no_message_is_an_error() -> None:
    with pytest.raises(TypeError, match=r"passthrough_events holds .*Payload.*; list message classes"):
        type("Room", (Typed,), {"passthrough_events": [Payload]})
