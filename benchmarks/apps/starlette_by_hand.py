"""Starlette by hand: its ``WebSocket`` class with pydantic, and a list of connections for a group.

The list is that of FastAPI's documentation, the ``ConnectionManager``. It does not reach other processes.
"""

from __future__ import annotations

from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.apps.models import Pong, Said, Say, Text, say_or_ping


def make(kind: str, layer: str, redis: str | None) -> Any:
    """Return the application; it has no layer."""
    return echo if kind == "echo" else room


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer each message."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    try:
        while True:
            message = say_or_ping.validate_json(await websocket.receive_text())
            await websocket.send_text(_answer(message).model_dump_json())
    except WebSocketDisconnect:
        return


connections: list[WebSocket] = []


async def room(scope: Any, receive: Any, send: Any) -> None:
    """Send each message to everybody."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    connections.append(websocket)
    try:
        while True:
            message = say_or_ping.validate_json(await websocket.receive_text())
            text = _answer(message).model_dump_json()
            for connection in connections:
                await connection.send_text(text)
    except WebSocketDisconnect:
        return
    finally:
        connections.remove(websocket)


def _answer(message: Any) -> Said | Pong:
    if isinstance(message, Say):
        return Said(payload=Text(text=message.payload.text, room=message.payload.room))
    return Pong()
