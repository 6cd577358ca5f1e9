"""The same on Channels, in a module whose annotations are evaluated."""

from typing import AsyncGenerator, List, Optional  # noqa: UP035

from pydantic import BaseModel

from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import event_handler, ws_handler
from tests.typing.ok_messages import Chat, ChatPayload, Joined, Said


def sync_handler() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        def handle(self, message: Chat) -> Optional[Said]:  # noqa: UP045
            return None

    return Wrong


def no_message() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler(action="say")  # expect: mypy[arg-type] pyright[reportArgumentType]
        async def handle(self) -> None: ...

    return Wrong


def payload_instead_of_its_message() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler(output_type=Said)  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: ChatPayload) -> None: ...

    return Wrong


def model_of_its_own() -> type:
    class Untyped(BaseModel):
        text: str

    class Wrong(AsyncJsonWebsocketConsumer):
        @event_handler()  # expect: mypy[type-var] pyright[reportArgumentType]
        async def joined(self, event: Untyped) -> None: ...

    return Wrong


def returns_payloads() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> List[ChatPayload]:  # noqa: UP006
            return [message.payload]

    return Wrong


def yields_text() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @event_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        async def joined(self, event: Joined) -> AsyncGenerator[str, None]:
            yield event.payload.message

    return Wrong
