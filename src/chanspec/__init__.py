"""Typed WebSocket APIs for Django Channels, FastAPI and any ASGI app, with a contract that cannot drift."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chanspec.asyncapi import AsyncAPIGenerator
    from chanspec.decorators import channel, document_action, document_event, event_handler, ws_handler
    from chanspec.describing import describe
    from chanspec.messages import (
        AuthenticationMessage,
        AuthenticationPayload,
        BaseChannelEvent,
        BaseMessage,
        CompleteMessage,
        ErrorMessage,
        EventCompleteMessage,
        GroupCompleteMessage,
        PingMessage,
        PongMessage,
    )
    from chanspec.runtime.authenticator import BaseAuthenticator, Credential

__version__ = "0.1.0"

__all__ = [
    "AsyncAPIGenerator",
    "AuthenticationMessage",
    "AuthenticationPayload",
    "BaseAuthenticator",
    "BaseChannelEvent",
    "BaseMessage",
    "CompleteMessage",
    "Credential",
    "ErrorMessage",
    "EventCompleteMessage",
    "GroupCompleteMessage",
    "PingMessage",
    "PongMessage",
    "channel",
    "describe",
    "document_action",
    "document_event",
    "event_handler",
    "ws_handler",
]

# Where a name that is not of `chanspec.messages` is.
_HOMES = {
    "AsyncAPIGenerator": "chanspec.asyncapi",
    "BaseAuthenticator": "chanspec.runtime.authenticator",
    "Credential": "chanspec.runtime.authenticator",
    "describe": "chanspec.describing",
    **dict.fromkeys(
        ("channel", "document_action", "document_event", "event_handler", "ws_handler"), "chanspec.decorators"
    ),
}


def __getattr__(name: str) -> Any:
    # Each loads when it is asked for: a described consumer's module needs the decorators and not the generator, with
    # pydantic and YAML; and pytest, which imports this package for its plugin in every run, needs neither.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "chanspec.messages")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
