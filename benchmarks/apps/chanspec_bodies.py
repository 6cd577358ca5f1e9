"""chanspec's consumers for both frameworks: the class body is the same, and the base is theirs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage


class Text(BaseModel):
    """What is said, and where."""

    text: str
    room: int


class Say(BaseMessage):
    """What a client sends."""

    action: Literal["say"] = "say"
    payload: Text


class Said(BaseMessage):
    """What clients receive."""

    action: Literal["said"] = "said"
    payload: Text


def consumers(base: type[Any]) -> dict[str, type[Any]]:
    """Return the consumers by kind, derived from a framework's base class."""

    class Echo(base):  # type: ignore[misc]
        @ws_handler
        async def say(self, message: Say) -> Said:
            return Said(payload=Text(text=message.payload.text, room=message.payload.room))

        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    class Room(base):  # type: ignore[misc]
        groups = ["room"]  # noqa: RUF012 - as documented

        @ws_handler(output_type=Said)
        async def say(self, message: Say) -> None:
            await self.broadcast_message(Said(payload=Text(text=message.payload.text, room=message.payload.room)))

        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    return {"echo": Echo, "room": Room}
