"""The floor: a bare ASGI callable. It validates with pydantic-core, serializes once, and has no feature at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from benchmarks.apps.models import Ping, Pong, Said, Say, Text, say_or_ping

App = Callable[[Any, Any, Any], Awaitable[None]]

_validate = say_or_ping.validator.validate_json
_serialize = Said.__pydantic_serializer__.to_json
_pong = Pong.__pydantic_serializer__.to_json


def make(kind: Literal["echo", "room"], layer: str, redis: str | None) -> App:
    """Return the application; it has no layer."""
    return echo if kind == "echo" else room


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """No routing, no errors, no limits, no groups."""
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        frame = await receive()
        if frame["type"] == "websocket.disconnect":
            return
        message = _validate(frame["text"])
        await send({"type": "websocket.send", "text": _answer(message).decode()})


members: list[Any] = []


async def room(scope: Any, receive: Any, send: Any) -> None:
    """Encode once, await one send for each member."""
    await receive()
    await send({"type": "websocket.accept"})
    members.append(send)
    try:
        while True:
            frame = await receive()
            if frame["type"] == "websocket.disconnect":
                return
            message = _validate(frame["text"])
            answer = {"type": "websocket.send", "text": _answer(message).decode()}
            for to_member in members:
                await to_member(answer)
    finally:
        members.remove(send)


def _answer(message: Say | Ping) -> bytes:
    if isinstance(message, Say):
        return _serialize(Said(payload=Text(text=message.payload.text, room=message.payload.room)))
    return _pong(Pong())
