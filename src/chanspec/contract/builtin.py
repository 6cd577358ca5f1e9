"""The messages that chanspec itself sends to the clients of typed consumers, as their documents show them."""

from __future__ import annotations

from typing import Any

from chanspec.camel import camel_case
from chanspec.contract.values import Event, Message
from chanspec.messages import AuthenticationMessage, AuthenticationPayload, BaseMessage, ErrorMessage

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


def builtin_events(
    consumer: type, discriminator: str, where: str, *, camelize: bool, authentication_message: bool
) -> list[Event]:
    """The events that every typed consumer sends, and those that this one's settings bring with them."""
    events = [_event(ErrorMessage, ERROR_PAYLOAD, "A message was refused or failed", discriminator, where)]
    if authentication_message and getattr(consumer, "authenticator_class", None) is not None:
        schema = AuthenticationPayload.model_json_schema()
        if camelize:
            schema["properties"] = {camel_case(name): each for name, each in schema["properties"].items()}
            schema["required"] = [camel_case(name) for name in schema["required"]]
        summary = "The outcome of authentication, sent first"
        events.append(_event(AuthenticationMessage, schema, summary, discriminator, where))
    return events


def _event(source: type[BaseMessage], payload: dict[str, Any], summary: str, discriminator: str, where: str) -> Event:
    value = str(source.model_fields["action"].default)
    schema = {"properties": {"payload": payload}, "required": ["payload"]}
    message = Message("out", discriminator, value, schema, where, name=source.__name__, summary=summary)
    return Event(value, (message,), "", summary=summary)
