"""What the consumers share: who may connect, how an action finds its method, what a bad message is answered.

A plain Channels consumer: chanspec's decorators only describe it.
"""

from __future__ import annotations

import json
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from chanspec import document_action, document_event
from django.contrib.auth.models import AbstractUser
from pydantic import BaseModel

from dispatch.payloads import ErrorPayload, InvalidPayloadError
from dispatch.rides import RefusedError

NOT_AUTHENTICATED = 4401


class ActionConsumer(AsyncJsonWebsocketConsumer):
    """Passes ``{"action": "x", ...}`` to ``handle_x``; a message it cannot use is answered with ``error``."""

    user: AbstractUser | None = None

    async def connect(self) -> None:
        # Accepted first: a browser is told the code only of a connection that was open.
        await self.accept()
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(code=NOT_AUTHENTICATED, reason="Log in, or pass a valid token.")
            return
        self.user = user
        await self.joined(user)

    async def joined(self, user: AbstractUser) -> None:
        """Called once the user is known; subclasses join their groups."""

    async def join(self, group: str) -> None:
        """Join a group, and leave it on disconnect: Channels discards those in ``self.groups``."""
        await self.channel_layer.group_add(group, self.channel_name)
        self.groups.append(group)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        if self.user is None:  # sent before the refusal arrived
            return
        try:
            content = json.loads(text_data or "")
        except (ValueError, RecursionError):
            await self.send_error(ErrorPayload(code="invalid_json", message="Send one JSON object as text."))
            return
        await self.receive_json(content)

    async def receive_json(self, content: Any, **_: Any) -> None:
        action = content.get("action") if isinstance(content, dict) else None
        handler = getattr(self, f"handle_{action}", None) if isinstance(action, str) else None
        if handler is None:
            await self.send_error(
                ErrorPayload(code="unknown_action", message="Name one of the documented actions in `action`.")
            )
            return
        try:
            await handler(content)
        except InvalidPayloadError as error:
            await self.send_error(
                ErrorPayload(code="invalid_payload", message="Some fields are wrong.", errors=error.errors)
            )
        except RefusedError as error:
            await self.send_error(ErrorPayload(code="refused", message=str(error)))

    @document_action(
        action="ping",
        summary="Check that the connection is alive",
        responses={"pong": {}},
        tags=["connection"],
    )
    async def handle_ping(self, content: dict[str, Any]) -> None:
        await self.send_event("pong")

    @document_event(
        "error",
        summary="A message was not acted on",
        description="Sent instead of an action's answer. The connection stays open.",
        payload=ErrorPayload,
        tags=["connection"],
        examples=[
            {
                "name": "Bad field",
                "payload": {
                    "type": "error",
                    "code": "invalid_payload",
                    "message": "Some fields are wrong.",
                    "errors": [{"loc": ["fare"], "msg": "Input should be greater than 0"}],
                },
            }
        ],
    )
    async def send_error(self, error: ErrorPayload) -> None:
        await self.send_event("error", error)

    async def send_event(self, event_type: str, payload: BaseModel | dict[str, Any] | None = None) -> None:
        """Send an event to this client."""
        await self.send_json(event(event_type, payload))

    async def publish(self, group: str, event_type: str, payload: BaseModel | dict[str, Any]) -> None:
        """Send an event to a group: each member's method named after the type passes it to its client."""
        await self.channel_layer.group_send(group, event(event_type, payload))


def event(event_type: str, payload: BaseModel | dict[str, Any] | None = None) -> dict[str, Any]:
    """An event as it is on the wire: plain JSON values, named by ``type``."""
    fields = payload.model_dump(mode="json") if isinstance(payload, BaseModel) else payload or {}
    return {"type": event_type, **fields}
