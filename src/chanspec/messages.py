"""Messages as classes: the bases that applications derive from, and the messages that chanspec itself sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

__all__ = [
    "AuthenticationMessage",
    "AuthenticationPayload",
    "BaseChannelEvent",
    "BaseMessage",
    "CompleteMessage",
    "ErrorMessage",
    "EventCompleteMessage",
    "GroupCompleteMessage",
    "PingMessage",
    "PongMessage",
]


class BaseMessage(BaseModel):
    """A message between client and server.

    A subclass names itself by one constant in the discriminator field (``action``, unless the consumer says
    otherwise), and declares what it carries, by custom as ``payload``. Messages that differ in their name alone are
    classes of their own, derived from a common base.

    Example:
        >>> class ChatMessage(BaseMessage):
        ...     action: Literal["chat"] = "chat"
        ...     payload: ChatPayload
    """

    if TYPE_CHECKING:
        # No field here: a consumer may use another discriminator field, and its messages then have no action.
        # For type checkers it is one that constructors neither need nor, without pydantic's plugin for mypy, take.
        action: Any = Field(default=None, init=False)


class BaseChannelEvent(BaseModel):
    """An event from elsewhere in the server to consumers, over the channel layer.

    It names itself by ``handler``, so that it cannot be taken for a message of the client.

    Example:
        >>> class UserJoinedEvent(BaseChannelEvent):
        ...     handler: Literal["user_joined"] = "user_joined"
        ...     payload: UserPayload
    """

    if TYPE_CHECKING:
        handler: Any = Field(default=None, init=False)


class PingMessage(BaseMessage):
    """Asks the server for a sign of life."""

    action: Literal["ping"] = "ping"
    payload: None = None


class PongMessage(BaseMessage):
    """The answer to a ping."""

    action: Literal["pong"] = "pong"
    payload: None = None


class ErrorMessage(BaseMessage):
    """Says that a message was refused or could not be handled.

    The payload is a list of ``{"loc": […], "msg": "…", "type": "…"}`` for a message that is not valid, and
    ``{"detail": "…"}`` for any other failure.
    """

    action: Literal["error"] = "error"
    payload: Any = None


class AuthenticationPayload(BaseModel):
    """The outcome of authentication, in terms of HTTP (RFC 9110, 15): ``200``, ``401``, ``403``, …"""

    status_code: int
    status_text: str
    data: Any = None


class AuthenticationMessage(BaseMessage):
    """Sent first, when a connection was authenticated or refused."""

    action: Literal["authentication"] = "authentication"
    payload: AuthenticationPayload


class CompleteMessage(BaseMessage):
    """Sent after a message of the client was handled, when ``send_completion`` is on."""

    action: Literal["complete"] = "complete"
    payload: None = None


class GroupCompleteMessage(BaseMessage):
    """Sent after a broadcast reached this connection, when ``send_completion`` is on."""

    action: Literal["group_complete"] = "group_complete"
    payload: None = None


class EventCompleteMessage(BaseMessage):
    """Sent after a channel event was handled, when ``send_completion`` is on."""

    action: Literal["event_complete"] = "event_complete"
    payload: None = None


BUILTIN_FIELD = "action"
"""The field that names the messages of this module. A consumer that has another discriminator field reads and writes
them with that one."""

SENT_MESSAGES: tuple[type[BaseMessage], ...] = (
    ErrorMessage,
    AuthenticationMessage,
    CompleteMessage,
    GroupCompleteMessage,
    EventCompleteMessage,
)
"""The messages that chanspec itself sends, whatever an application declares."""

SENT_NAMES: tuple[str, ...] = tuple(str(each.model_fields[BUILTIN_FIELD].default) for each in SENT_MESSAGES)
"""What their discriminator field says."""

BUILTIN_MESSAGES: tuple[type[BaseMessage], ...] = (PingMessage, PongMessage, *SENT_MESSAGES)
"""The messages that belong to no application, and so to no discriminator field."""
