"""The messages that chanspec itself sends to the clients of typed consumers, as their documents show them.

An application may send them too, and may have messages of its own with the same name. The first are one message; of the
second, clients cannot tell which they got, so that is a problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chanspec.bases import SERVES
from chanspec.camel import camel_case
from chanspec.contract.values import Action, Contract, Event, Message
from chanspec.messages import (
    BUILTIN_FIELD,
    AuthenticationMessage,
    AuthenticationPayload,
    BaseMessage,
    CompleteMessage,
    ErrorMessage,
    EventCompleteMessage,
    GroupCompleteMessage,
)
from chanspec.problems import Problem

ERROR_PAYLOAD = {
    "oneOf": [
        {
            "title": "ValidationErrors",
            "description": "What is wrong with the message, field by field.",
            "type": "array",
            "items": {
                "title": "ValidationError",
                "type": "object",
                "properties": {
                    "loc": {
                        "description": "The path to the field.",
                        "type": "array",
                        "items": {"type": ["string", "integer"]},
                    },
                    "msg": {"description": "What is wrong with it.", "type": "string"},
                    "type": {"description": "A name for the kind of mistake.", "type": "string"},
                },
                "required": ["loc", "msg", "type"],
            },
        },
        {
            "title": "Failure",
            "description": "Why the message could not be handled.",
            "type": "object",
            "properties": {"detail": {"type": "string"}},
            "required": ["detail"],
        },
    ]
}

_OWN_ERROR = {"title": "OwnError", "description": "What the application itself says of a failure."}

_HOOKS = ("handle_validation_error", "handle_json_processing_error", "handle_message_handler_error")
"""What sends the error message. A consumer that overrides them all may send one of its own instead."""

_SENT_BESIDE: dict[type[BaseMessage], tuple[str, str]] = {
    ErrorMessage: (
        "when a message was refused or failed",
        f"give it another name, or override {', '.join(_HOOKS[:2])} and {_HOOKS[2]} to send it in place of that",
    ),
    AuthenticationMessage: (
        "when a client was authenticated or refused",
        "give it another name, or set send_authentication_message = False",
    ),
    **dict.fromkeys(
        (CompleteMessage, GroupCompleteMessage, EventCompleteMessage),
        ("for tests, which wait for it where send_completion is on", "give it another name"),
    ),
}
"""When chanspec sends a message, and what to do about another one of its name."""


def with_builtins(contract: Contract, *, authentication_message: bool) -> Contract:
    """Add the events that every typed consumer sends, and those that this one's settings bring with them.

    Args:
        contract: Of a typed consumer, without them.
        authentication_message: Whether the outcome of authentication is sent, if somebody authenticates.
    """
    sent: dict[type, Event] = {ErrorMessage: _error_event(contract)}
    if authentication_message and getattr(contract.consumer, "authenticator_class", None) is not None:
        sent[AuthenticationMessage] = _authentication_event(contract)
    same = {source: event.messages[0] for source, event in sent.items()}
    own = list(_namesakes(contract, sent))
    errors = tuple(message for source, message in own if source is ErrorMessage)
    if errors and all(_overrides(contract.consumer, hook) for hook in _HOOKS):
        own = [(source, message) for source, message in own if source is not ErrorMessage]
        sent[ErrorMessage] = replace(sent[ErrorMessage], messages=errors)
    events = tuple(_with_messages(event, same) for event in contract.events)
    said = {event.name for event in events for other in sent.values() if set(event.messages) & set(other.messages)}
    return replace(
        contract,
        actions=tuple(replace(each, replies=_replaced(each.replies, same)) for each in contract.actions),
        events=(*events, *(event for event in sent.values() if event.name not in said)),
        problems=(*contract.problems, *(_problem(source, message) for source, message in own)),
    )


def _sent_by(contract: Contract) -> Iterator[Message]:
    operations: tuple[Action | Event, ...] = (*contract.actions, *contract.events)
    for each in operations:
        yield from each.replies if isinstance(each, Action) else each.messages


def _namesakes(contract: Contract, sent: dict[type, Event]) -> Iterator[tuple[type[BaseMessage], Message]]:
    """The application's own messages that are called like one of chanspec's, with that."""
    known = {_value(source): source for source in _SENT_BESIDE if source in sent or source is not AuthenticationMessage}
    for message in dict.fromkeys(_sent_by(contract)):
        source = known.get(message.value)
        if source is not None and message.field == contract.discriminator_field and message.payload is not source:
            yield source, message


def _problem(source: type[BaseMessage], message: Message) -> Problem:
    when, cure = _SENT_BESIDE[source]
    what = f"{message.name or 'the event'} is called {message.value!r}, as is what chanspec itself sends {when}"
    return Problem(message.where, f"{what}: clients cannot tell them apart", cure)


def _overrides(consumer: type, hook: str) -> bool:
    owner = next((each for each in consumer.__mro__ if hook in vars(each)), None)
    return owner is not None and SERVES not in vars(owner)


def _with_messages(event: Event, same: dict[type, Message]) -> Event:
    return replace(event, messages=_replaced(event.messages, same))


def _replaced(messages: tuple[Message, ...], same: dict[type, Message]) -> tuple[Message, ...]:
    """Put chanspec's own messages in the place of those that were declared with their very class."""
    return tuple(same.get(each.payload, each) if isinstance(each.payload, type) else each for each in messages)


def _error_event(contract: Contract) -> Event:
    is_declared = any(message.payload is ErrorMessage for message in _sent_by(contract))
    others = [*ERROR_PAYLOAD["oneOf"], _OWN_ERROR]
    payload = {"anyOf": others} if is_declared else ERROR_PAYLOAD
    return _event(ErrorMessage, payload, "A message was refused or failed", contract)


def _authentication_event(contract: Contract) -> Event:
    schema = AuthenticationPayload.model_json_schema()
    if contract.camelize:
        schema["properties"] = {camel_case(name): each for name, each in schema["properties"].items()}
        schema["required"] = [camel_case(name) for name in schema["required"]]
    return _event(AuthenticationMessage, schema, "The outcome of authentication, sent first", contract)


def _event(source: type[BaseMessage], payload: dict[str, Any], summary: str, contract: Contract) -> Event:
    value, field = _value(source), contract.discriminator_field
    schema = {"properties": {"payload": payload}, "required": ["payload"]}
    message = Message("out", field, value, schema, contract.where, name=source.__name__, summary=summary)
    return Event(value, (message,), "", summary=summary)


def _value(source: type[BaseMessage]) -> str:
    return str(source.model_fields[BUILTIN_FIELD].default)
