"""The values a contract is made of. They are immutable and hold no logic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from chanspec.problems import Problem

Direction = Literal["in", "out"]
"""``"in"``: sent by the client, received by the server. ``"out"``: the reverse."""


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One message on the wire (AsyncAPI 3, Message Object).

    Attributes:
        direction: Who sends it.
        field: The discriminator: the field whose constant value names the message. None where no field does: the
            payload is then all of the message.
        value: That value, ``"request_ride"``; without a field, the name in the document.
        payload: Where its fields are declared (for a typed consumer, all of them); None where it has no others.
        where: The declaration, as ``module:Class.method``.
        name: The name of the class that is the message, or empty where only ``value`` names it.
        attribute: The class's field that is ``field`` on the wire, where it has another name; or empty.
        is_response: Declared in ``responses=``, where the shorthand ``{"ride_id": "uuid"}`` is understood.
        summary: One line, or empty.
        description: Markdown, or empty.
        examples: As the user wrote them, unchecked.
        tags: Names of groups.
        deprecated: Whether it should no longer be used.
    """

    direction: Direction
    field: str | None
    value: str
    payload: Any
    where: str
    name: str = ""
    attribute: str = ""
    is_response: bool = False
    summary: str = ""
    description: str = ""
    examples: tuple[Any, ...] = ()
    tags: tuple[str, ...] = ()
    deprecated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """A client → server message, the method that handles it, and the messages that answer it.

    Attributes:
        name: The operation's.
        message: What the client sends.
        method: The name of the method.
        replies: What answers it. A reply that the consumer also sends as an event is that event's very message.
        reply_is_optional: Whether nothing promises one: the method may return none, or sends it by other means.
    """

    name: str
    message: Message
    method: str
    replies: tuple[Message, ...] = ()
    reply_is_optional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """What the server sends of itself: one message, or one of several, and the method that sends it.

    The texts are the operation's, where a message is shared and has its own.

    Attributes:
        name: The operation's.
        messages: What is sent: one of them.
        method: The name of the method.
        summary: One line, or empty.
        description: Markdown, or empty.
        tags: Names of groups.
        deprecated: Whether clients should stop relying on it.
    """

    name: str
    messages: tuple[Message, ...]
    method: str
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    deprecated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Handler:
    """How a typed consumer handles one class of message or channel event.

    Attributes:
        method: The attribute that holds the method.
        message_type: The class it takes.
        field: The class's own discriminator field. For chanspec's own messages that is ``"action"``, whatever it is
            on the wire; for channel events perhaps ``"handler"``.
        value: The constant in that field, which routes.
        outputs: The classes that it says it sends.
        is_stream: Whether it is an async generator, whose messages are sent as they are yielded.
        concurrent: Whether it may overlap with other handlers of its connection.
        passthrough: Whether the event itself is what is sent, by no method of the user's.
        where: The declaration, as ``module:Class.method``.
    """

    method: str
    message_type: type
    field: str
    value: str
    outputs: tuple[type, ...]
    is_stream: bool
    concurrent: bool
    passthrough: bool
    where: str


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """All that a consumer class declares.

    Attributes:
        consumer: The class.
        where: ``module:Class``.
        name: The channel's name, or None where its address names it better.
        description: Of the channel, Markdown; the class's own docstring unless it was told another.
        tags: Of the channel.
        actions: Documented client → server messages, in definition order, those of base classes first.
        events: Documented server → client messages, likewise.
        discriminator_field: The field that names the messages of typed handlers.
        camelize: Whether typed messages have camelCase names on the wire.
        handlers: Typed handlers of client messages.
        event_handlers: Typed handlers of channel events.
        outgoing: Every message class that typed handlers say they send.
        problems: Mistakes found while compiling.
        action_field: The field that names the described actions; None where none does.
        event_field: The same of described events.
    """

    consumer: type
    where: str
    name: str | None
    description: str
    tags: tuple[str, ...]
    actions: tuple[Action, ...]
    events: tuple[Event, ...]
    discriminator_field: str
    camelize: bool
    handlers: tuple[Handler, ...]
    event_handlers: tuple[Handler, ...]
    outgoing: tuple[type, ...]
    problems: tuple[Problem, ...]
    action_field: str | None
    event_field: str | None

    def __bool__(self) -> bool:
        """Whether the class declares any message."""
        return bool(self.actions or self.events or self.event_handlers)  # each of `handlers` has its action
