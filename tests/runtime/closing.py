"""Consumers that close with codes of every kind, for servers that take only some."""

from __future__ import annotations

from typing import Any, Literal

from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer


class Leave(BaseMessage):
    action: Literal["leave"] = "leave"
    payload: int


class Closing(Consumer[Any]):
    max_messages_per_second = 5
    max_frame_bytes = 1000

    async def post_authentication(self) -> None:
        if self.scope["path"] == "/fail":
            raise RuntimeError("on purpose")

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler
    async def handle_leave(self, message: Leave) -> None:
        await self.close(message.payload)


application = Closing.as_asgi()
