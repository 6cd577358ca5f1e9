"""Messages and events of every documented kind: no type checker may complain. The other files use them."""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, Literal, TypeVar, assert_type

from pydantic import BaseModel, Field

from chanspec.messages import (
    AuthenticationMessage,
    AuthenticationPayload,
    BaseChannelEvent,
    BaseMessage,
    ErrorMessage,
    PingMessage,
    PongMessage,
)

Content = TypeVar("Content")


class ChatPayload(BaseModel):
    message: str


class Chat(BaseMessage):
    action: Literal["chat"] = "chat"
    payload: ChatPayload


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: ChatPayload


class Left(BaseMessage):
    action: Literal["left"] = "left"
    payload: None = None


class Page(BaseMessage, Generic[Content]):
    action: Literal["page"] = "page"
    payload: Content


class Thread(BaseModel):
    replies: list[Thread] = Field(default_factory=lambda: list[Thread]())


class ThreadMessage(BaseMessage):
    action: Literal["thread"] = "thread"
    payload: Thread


class Joined(BaseChannelEvent):
    handler: Literal["joined"] = "joined"
    payload: ChatPayload


class Kicked(BaseMessage):
    """An event that is told from others by its action."""

    action: Literal["kicked"] = "kicked"
    payload: ChatPayload


class Typed(BaseMessage):
    """A message of a consumer whose discriminator field is ``type``: it has no action."""

    type: Literal["typed"] = "typed"
    payload: ChatPayload


class Kind(StrEnum):
    MOVE = "move"


class Move(BaseMessage):
    action: Literal[Kind.MOVE] = Kind.MOVE
    x: int
    y: int = 0


PAYLOAD = ChatPayload(message="hello")

assert_type(Chat(payload=PAYLOAD).payload.message, str)
assert_type(Chat(action="chat", payload=PAYLOAD).action, Literal["chat"])
assert_type(Page(payload=PAYLOAD).payload, ChatPayload)
assert_type(Page[Thread](payload=Thread()).payload.replies, list[Thread])
assert_type(Joined(payload=PAYLOAD).handler, Literal["joined"])
assert_type(Typed(payload=PAYLOAD).type, Literal["typed"])
assert_type(Move(x=1).y, int)

MESSAGES: list[BaseMessage] = [
    PingMessage(),
    PongMessage(),
    ErrorMessage(payload={"detail": "No."}),
    AuthenticationMessage(payload=AuthenticationPayload(status_code=200, status_text="OK")),
    ThreadMessage(payload=Thread(replies=[Thread()])),
    Left(),
]
ACTIONS = [str(message.action) for message in MESSAGES]
