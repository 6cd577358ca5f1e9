"""The decorators that declare messages. They only record: a decorated method is returned as it was.

What was recorded is read once per class, by :mod:`chanspec.contract`; nothing else looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from chanspec.notes import (
    CHANNEL_NOTE,
    ActionNote,
    ChannelNote,
    EventNote,
    HandlerNote,
    Method,
    check_list,
    check_name,
    check_responses,
    check_tags,
    check_text,
    name_of,
    placed,
    recorder,
)

if TYPE_CHECKING:
    from chanspec.signatures import (
        Consumer,
        Event,
        EventTypes,
        HandlesEvents,
        HandlesMessages,
        Handling,
        Message,
        MessageTypes,
        OutputTypes,
        Parameters,
        Reply,
    )

__all__ = ["channel", "document_action", "document_event", "event_handler", "ws_handler"]

Class = TypeVar("Class", bound=type)


@overload
def document_action(summary: Method, /) -> Method: ...


@overload
def document_action(
    summary: str = "",
    description: str = "",
    payload: Any = None,
    responses: Mapping[str, Any] | None = None,
    tags: Sequence[str] | None = None,
    action: str | None = None,
    deprecated: bool = False,
    *,
    examples: Sequence[Mapping[str, Any]] | None = None,
) -> Callable[[Method], Method]: ...


@placed
def document_action(
    summary: Any = "",
    description: str = "",
    payload: Any = None,
    responses: Mapping[str, Any] | None = None,
    tags: Sequence[str] | None = None,
    action: str | None = None,
    deprecated: bool = False,
    *,
    examples: Sequence[Mapping[str, Any]] | None = None,
) -> Any:
    """Describe the action (client → server message) that a consumer's method handles.

    The method itself is not changed: the consumer goes on routing and parsing as it does.

    Args:
        summary: One line for lists. With neither summary nor description, the docstring gives both.
        description: More, as Markdown.
        payload: The message's fields besides the one that names it: a dataclass, pydantic model, ``TypedDict``, attrs
            or msgspec class, DRF serializer, or a JSON Schema dict. None: there are no others.
        responses: The events sent in answer, by event type: ``{"ride.requested": RidePayload}``. The shorthand
            ``{"ride_id": "uuid"}`` (field → JSON type or format) is understood here.
        tags: Groups the operation belongs to.
        action: The message's name, which is the value of its ``action`` field. A class that has an ``action_field``
            names another field. By default the method's name without a leading ``handle_``:
            ``handle_request_ride`` handles ``"request_ride"``.
        deprecated: Whether clients should stop sending it.
        examples: Concrete messages, each ``{"name": …, "summary": …, "payload": {…}}`` with the first two
            optional (AsyncAPI 3, Message Example Object).

    Raises:
        TypeError: An argument has the wrong kind; the message says what to write.

    Example:
        >>> class RideConsumer:
        ...     @document_action(summary="Request a ride", payload={"properties": {"fare": {"type": "string"}}})
        ...     async def handle_request_ride(self, content): ...
    """
    if callable(summary) and not isinstance(summary, type):  # used bare: @document_action
        return document_action()(summary)
    if action is not None:
        check_name("document_action", "action", action)
    note = ActionNote(
        action=action,
        summary=check_text("document_action", "summary", summary),
        description=check_text("document_action", "description", description),
        payload=payload,
        responses=check_responses(responses),
        examples=check_list("document_action", "examples", examples),
        tags=check_tags("document_action", tags),
        deprecated=bool(deprecated),
    )
    return recorder("document_action", note)


@placed
def document_event(
    event_type: str,
    summary: str = "",
    description: str = "",
    payload: Any = None,
    tags: Sequence[str] | None = None,
    deprecated: bool = False,
    *,
    examples: Sequence[Mapping[str, Any]] | None = None,
) -> Callable[[Method], Method]:
    """Describe the event (server → client message) that a consumer's method sends.

    Args:
        event_type: The message's name, ``"ride.offer"``, which is the value of its ``type`` field. A class that has
            an ``event_field`` names another field. The method's name cannot give it, because names have no dots.
        summary: One line for lists. With neither summary nor description, the docstring gives both.
        description: More, as Markdown.
        payload: The message's fields besides the one that names it; the same kinds as of :func:`document_action`.
        tags: Groups the operation belongs to.
        deprecated: Whether clients should stop relying on it.
        examples: As of :func:`document_action`.

    Raises:
        TypeError: An argument has the wrong kind; the message says what to write.

    Example:
        >>> class RideConsumer:
        ...     @document_event("ride.offer", summary="A driver's offer")
        ...     async def ride_offer(self, event): ...
    """
    if callable(event_type):
        raise TypeError(
            f"document_event on {name_of(event_type)} needs the event type: "
            f'write @document_event("{name_of(event_type).rpartition(".")[2].replace("_", ".")}")'
        )
    check_name("document_event", "event_type", event_type)
    note = EventNote(
        event_type=event_type,
        summary=check_text("document_event", "summary", summary),
        description=check_text("document_event", "description", description),
        payload=payload,
        examples=check_list("document_event", "examples", examples),
        tags=check_tags("document_event", tags),
        deprecated=bool(deprecated),
    )
    return recorder("document_event", note)


@overload
def channel(name: Class, /) -> Class: ...


@overload
def channel(
    name: str | None = None, description: str = "", tags: Sequence[str] | None = None
) -> Callable[[Class], Class]: ...


@placed
def channel(name: Any = None, description: str = "", tags: Sequence[str] | None = None) -> Any:
    """Name and describe the channel that a consumer class serves (AsyncAPI 3, Channel Object).

    Args:
        name: The channel's name in the document; by default the class's.
        description: Markdown; by default the class's docstring.
        tags: Groups the channel belongs to.

    Raises:
        TypeError: An argument has the wrong kind.

    Example:
        >>> @channel(name="chat", description="Rooms where people talk", tags=["chat"])
        ... class ChatConsumer(AsyncJsonWebsocketConsumer): ...
    """
    if isinstance(name, type):  # used bare: @channel
        return channel()(name)
    if name is not None:
        check_name("channel", "name", name)
    note = ChannelNote(name, check_text("channel", "description", description), check_tags("channel", tags))

    def record(consumer: Class) -> Class:
        if not isinstance(consumer, type):
            raise TypeError(
                f"@channel decorates a consumer class, not {consumer!r}; decorate a method with @ws_handler"
            )
        setattr(consumer, CHANNEL_NOTE, note)
        return consumer

    return record


@overload
def ws_handler(func: Handling[Parameters, Consumer, Message, Reply], /) -> Callable[Parameters, Reply]: ...


@overload
def ws_handler(
    *,
    action: str | None = None,
    input_type: MessageTypes | None = None,
    output_type: OutputTypes | None = None,
    summary: str = "",
    description: str = "",
    tags: Sequence[str] | None = None,
    concurrent: bool = False,
) -> HandlesMessages: ...


@placed
def ws_handler(
    func: Any = None,
    /,
    *,
    action: str | None = None,
    input_type: Any = None,
    output_type: Any = None,
    summary: str = "",
    description: str = "",
    tags: Sequence[str] | None = None,
    concurrent: bool = False,
) -> Any:
    """Let an async method handle a message of the client. Messages are routed to it by the type it takes.

    What the method returns (a message, a list of them, or None) is sent to the client; an async generator's
    messages are sent as they are yielded.

    Args:
        func: The method, where the decorator stands without parentheses.
        action: The operation's name in the document; by default the message's own. It never changes routing.
        input_type: The message class, where the method's annotation does not say it.
        output_type: Message classes that the method sends by other means than returning them: a class, a union
            or a list.
        summary: One line for lists. With neither summary nor description, the docstring gives both.
        description: More, as Markdown.
        tags: Groups the operation belongs to.
        concurrent: Whether it may run while other messages of the same connection are handled. By default a
            connection's messages are handled one after the other.

    Raises:
        TypeError: An argument has the wrong kind.

    Example:
        >>> class ChatConsumer(AsyncJsonWebsocketConsumer):
        ...     @ws_handler
        ...     async def handle_ping(self, message: PingMessage) -> PongMessage:
        ...         return PongMessage()
    """
    note = _handler_note(
        "ws_handler", "message", action, input_type, output_type, summary, description, tags, concurrent
    )
    return _handler("ws_handler", func, note)


@overload
def event_handler(func: Handling[Parameters, Consumer, Event, Reply], /) -> Callable[Parameters, Reply]: ...


@overload
def event_handler(
    *,
    action: str | None = None,
    input_type: EventTypes | None = None,
    output_type: OutputTypes | None = None,
    summary: str = "",
    description: str = "",
    tags: Sequence[str] | None = None,
) -> HandlesEvents: ...


@placed
def event_handler(
    func: Any = None,
    /,
    *,
    action: str | None = None,
    input_type: Any = None,
    output_type: Any = None,
    summary: str = "",
    description: str = "",
    tags: Sequence[str] | None = None,
) -> Any:
    """Let an async method handle an event that the server itself sends, over the channel layer.

    What the method returns or yields is sent to the client, and only that is documented.

    Args:
        func: The method, where the decorator stands without parentheses.
        action: The operation's name in the document; by default the sent message's own.
        input_type: The event class, where the method's annotation does not say it.
        output_type: Message classes that the method sends by other means than returning them.
        summary: One line for lists. With neither summary nor description, the docstring gives both.
        description: More, as Markdown.
        tags: Groups the operation belongs to.

    Raises:
        TypeError: An argument has the wrong kind.

    Example:
        >>> class ChatConsumer(AsyncJsonWebsocketConsumer):
        ...     @event_handler
        ...     async def job_done(self, event: JobDone) -> JobStatus:
        ...         return JobStatus(payload=event.payload)
    """
    note = _handler_note("event_handler", "event", action, input_type, output_type, summary, description, tags, False)
    return _handler("event_handler", func, note)


def _handler_note(
    decorator: str,
    kind: Literal["message", "event"],
    action: Any,
    input_type: Any,
    output_type: Any,
    summary: Any,
    description: Any,
    tags: Any,
    concurrent: Any,
) -> HandlerNote:
    if action is not None:
        check_name(decorator, "action", action)
    return HandlerNote(
        kind=kind,
        action=action,
        input_type=input_type,
        output_type=output_type,
        summary=check_text(decorator, "summary", summary),
        description=check_text(decorator, "description", description),
        tags=check_tags(decorator, tags),
        concurrent=bool(concurrent),
    )


def _handler(decorator: str, func: Any, note: HandlerNote) -> Any:
    if func is None:
        return recorder(decorator, note)
    if isinstance(func, str):
        raise TypeError(f"{decorator} takes its arguments by name; write @{decorator}(action={func!r})")
    return recorder(decorator, note)(func)
