"""Typed consumers that the tests of this folder route."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.runtime.authenticator import BaseAuthenticator, Credential
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer


class Line(BaseModel):
    text: str
    room_id: str = ""


class SayMessage(BaseMessage):
    action: Literal["say"] = "say"
    payload: Line


class SaidMessage(BaseMessage):
    action: Literal["said"] = "said"
    payload: Line


class AlarmEvent(BaseChannelEvent):
    handler: Literal["alarm"] = "alarm"
    payload: Line


@channel(name="chat", description="Rooms where people talk", tags=["chat"])
class ChatConsumer(AsyncJsonWebsocketConsumer[AlarmEvent]):
    async def post_authentication(self) -> None:
        group = f"room_{self.scope['path_params'].get('room_id', 'lobby')}"
        await self.channel_layer.group_add(group, self.channel_name)
        self.groups.append(group)

    @ws_handler(summary="Ask for a sign of life")
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(output_type=SaidMessage)
    async def handle_say(self, message: SayMessage) -> None:
        room_id = str(self.scope["path_params"].get("room_id", "lobby"))
        await self.broadcast_message(SaidMessage(payload=Line(text=message.payload.text, room_id=room_id)))

    @event_handler
    async def handle_alarm(self, event: AlarmEvent) -> SaidMessage:
        return SaidMessage(payload=event.payload)


@channel(name="feed")
class FeedConsumer(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class TokenAuthenticator(BaseAuthenticator):
    credentials = [Credential("token", "query", "Your token"), Credential("X-Api-Key", "header")]

    async def authenticate(self) -> bool:
        self.user = self.get_query_param("token") or self.get_header("x-api-key")
        return self.user == "secret"


class SecretConsumer(AsyncJsonWebsocketConsumer):
    authenticator_class = TokenAuthenticator

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class SilentConsumer(AsyncJsonWebsocketConsumer):
    """Declares no message."""
