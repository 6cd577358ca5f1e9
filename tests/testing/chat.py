"""A chat for both frameworks, with handlers that tests can hold back."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from asgiref.sync import sync_to_async
from pydantic import BaseModel

from chanspec.channels.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer as StarletteConsumer


class Text(BaseModel):
    text: str
    at: int = 0


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: Text


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: Text


class Hold(BaseMessage):
    """Handled when the test opens the gate of this name."""

    action: Literal["hold"] = "hold"
    payload: str


class HoldBeside(BaseMessage):
    action: Literal["hold_beside"] = "hold_beside"
    payload: str


class InThread(BaseMessage):
    action: Literal["in_thread"] = "in_thread"
    payload: str


class Tell(BaseMessage):
    """Makes every member of the room handle an event, which waits for the gate of this name if there is one."""

    action: Literal["tell"] = "tell"
    payload: str


class Whisper(BaseMessage):
    action: Literal["whisper"] = "whisper"
    payload: str


class Leak(BaseMessage):
    action: Literal["leak"] = "leak"
    payload: Any = None


class Fail(BaseMessage):
    action: Literal["fail"] = "fail"
    payload: None = None


class Close(BaseMessage):
    action: Literal["close"] = "close"
    payload: int


class Done(BaseMessage):
    action: Literal["done"] = "done"
    payload: str


class Told(BaseChannelEvent):
    handler: Literal["told"] = "told"
    payload: str


class Heard(BaseMessage):
    action: Literal["heard"] = "heard"
    payload: str


GATES: dict[str, asyncio.Event] = {}


async def gate(name: str) -> None:
    if name in GATES:
        await GATES[name].wait()


def consumer(base: Any) -> Any:
    @channel(name="chat")
    class Chat(base):
        groups = ["room"]
        log_websocket_message = False

        @ws_handler
        async def handle_ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

        @ws_handler(output_type=Said)
        async def handle_say(self, message: Say) -> None:
            await self.broadcast_message(Said(payload=message.payload))

        @ws_handler
        async def handle_hold(self, message: Hold) -> Done:
            await gate(message.payload)
            return Done(payload=message.payload)

        @ws_handler(concurrent=True)
        async def handle_hold_beside(self, message: HoldBeside) -> Done:
            await gate(message.payload)
            return Done(payload=message.payload)

        @ws_handler
        async def handle_in_thread(self, message: InThread) -> Done:
            await sync_to_async(self.broadcast_event_sync, thread_sensitive=False)(Told(payload=message.payload))
            return Done(payload=message.payload)

        @ws_handler
        async def handle_tell(self, message: Tell) -> None:
            await self.broadcast_event(Told(payload=message.payload))

        @ws_handler
        async def handle_whisper(self, message: Whisper) -> None:
            await self.send_event(Told(payload="whispered"), message.payload)

        @ws_handler
        async def handle_leak(self, message: Leak) -> Done:
            await self.send_json({"action": "secret", "payload": message.payload})
            return Done(payload="leaked")

        @ws_handler
        async def handle_fail(self, message: Fail) -> None:
            raise LookupError("no such thing")

        @ws_handler
        async def handle_close(self, message: Close) -> None:
            await self.close(message.payload, "enough")

        @event_handler
        async def handle_told(self, event: Told) -> Heard:
            await gate(event.payload)
            return Heard(payload=event.payload)

    Chat.__qualname__ = "Chat"
    return Chat


CHATS = {"starlette": consumer(StarletteConsumer), "channels": consumer(ChannelsConsumer)}
