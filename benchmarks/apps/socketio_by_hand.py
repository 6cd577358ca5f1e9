"""python-socketio with pydantic: an event answered by an event, and an event to a room, over its WebSocket transport.

Its protocol is its own: an event is a text frame ``42["name",{…}]``, and a connection begins with two frames of
Engine.IO and Socket.IO. It validates nothing by itself, so the handlers do. Nothing else is different.
"""

from __future__ import annotations

from typing import Any

import socketio

from benchmarks.apps.models import Said, Text
from benchmarks.wire import TEXT, Wire

WIRE = Wire(
    path="/socket.io/",
    query="EIO=4&transport=websocket",
    hello=("40",),
    greeting=2,  # the opening of Engine.IO, and Socket.IO's answer to the hello
    say=f'42["say",{TEXT}]',
)


def make(kind: str, layer: str, redis: str | None) -> Any:
    """Return the application; it has its own manager of rooms in place of a layer."""
    server = socketio.AsyncServer(async_mode="asgi", logger=False, engineio_logger=False)

    async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        if kind == "room":
            await server.enter_room(sid, "room")

    async def say(sid: str, data: Any) -> None:
        text = Text.model_validate(data)
        answer = Said(payload=Text(text=text.text, room=text.room)).payload.model_dump()
        await server.emit("said", answer, to=sid if kind == "echo" else "room")

    server.on("connect", connect)
    server.on("say", say)
    return socketio.ASGIApp(server)
