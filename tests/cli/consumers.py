"""A consumer with a mistake in its declarations, which leaves its document poorer, and one that is routed wrongly."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from chanspec import document_action
from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer


class Untitled:
    @document_action(action="go", examples=[{"summary": "It has no payload."}])
    async def handle_go(self, content: dict[str, Any]) -> None: ...


class Typed(AsyncJsonWebsocketConsumer[Any]):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage: ...


unfinished = Starlette(routes=[WebSocketRoute("/ws", Typed.as_asgi)])
