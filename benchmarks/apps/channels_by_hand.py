"""Channels by hand: its consumer with pydantic. A broadcast is encoded once and travels as text."""

from __future__ import annotations

from typing import Any

from benchmarks.apps.django_project import set_up


def make(kind: str, layer: str, redis: str | None) -> Any:
    """Return the application."""
    set_up(layer=layer, redis=redis)
    from channels.generic.websocket import AsyncWebsocketConsumer

    from benchmarks.apps.models import Pong, Said, Say, Text, say_or_ping

    def answer(message: Any) -> Said | Pong:
        if isinstance(message, Say):
            return Said(payload=Text(text=message.payload.text, room=message.payload.room))
        return Pong()

    class Echo(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            message = say_or_ping.validate_json(text_data or "")
            await self.send(text_data=answer(message).model_dump_json())

    class Room(AsyncWebsocketConsumer):
        groups = ["room"]  # noqa: RUF012 - as documented

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            message = say_or_ping.validate_json(text_data or "")
            text = answer(message).model_dump_json()
            assert self.channel_layer is not None
            await self.channel_layer.group_send("room", {"type": "room.said", "text": text})

        async def room_said(self, event: dict[str, Any]) -> None:
            await self.send(text_data=event["text"])

    return {"echo": Echo, "room": Room}[kind].as_asgi()
