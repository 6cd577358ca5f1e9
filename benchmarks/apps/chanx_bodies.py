"""chanx's consumers for both of its frameworks, as its quick start writes them. Import it once Django is set up."""

from __future__ import annotations

import logging
from typing import Any, Literal

import structlog
from chanx.core.decorators import ws_handler
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import PongMessage
from pydantic import BaseModel

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


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

    class EchoConsumer(base):  # type: ignore[misc]
        channel_layer_alias = "default"
        groups: list[str] = []  # noqa: RUF012 - as documented

        @ws_handler
        async def say(self, message: Say) -> Said:
            return Said(payload=Text(text=message.payload.text, room=message.payload.room))

        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    class RoomConsumer(base):  # type: ignore[misc]
        channel_layer_alias = "default"
        groups = ["room"]  # noqa: RUF012 - as documented

        @ws_handler(output_type=Said)
        async def say(self, message: Say) -> None:
            await self.broadcast_message(Said(payload=Text(text=message.payload.text, room=message.payload.room)))

        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    return {"echo": EchoConsumer, "room": RoomConsumer}
