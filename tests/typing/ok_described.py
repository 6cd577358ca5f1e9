"""Plain Channels consumers that are only described: their methods keep their types."""

from __future__ import annotations

from typing import Any, assert_type

from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer

from chanspec import document_action, document_event
from chanspec.decorators import channel
from tests.typing.ok_messages import PAYLOAD, ChatPayload


@channel(name="rides")
class RideConsumer(AsyncJsonWebsocketConsumer):
    @document_action
    async def handle_plain(self, content: dict[str, Any]) -> int:
        return len(content)

    @document_action(
        action="request",
        summary="Request a ride",
        payload=ChatPayload,
        responses={"ride.requested": {"ride_id": "uuid"}, "ride.refused": ChatPayload},
        examples=[{"name": "one", "payload": {"message": "x"}}],
        tags=["rides"],
        deprecated=True,
    )
    async def handle_request(self, content: ChatPayload, *, loud: bool = False) -> str:
        return content.message

    @document_event("ride.offer", payload=ChatPayload)
    async def ride_offer(self, event: dict[str, Any]) -> None:
        assert_type(await self.handle_plain(event), int)


class SyncConsumer(JsonWebsocketConsumer):
    @document_action()
    @document_event("ride.offer")
    def handle_sync(self, first: int, /, *rest: str) -> bytes:
        return b""


async def called_in_tests(consumer: RideConsumer, other: SyncConsumer) -> None:
    assert_type(await consumer.handle_request(PAYLOAD, loud=True), str)
    assert_type(other.handle_sync(1, "a", "b"), bytes)
