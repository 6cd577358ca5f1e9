"""A consumer on Starlette as an application writes it, in every detail: no type checker may complain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, assert_type

from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from chanspec import describe, document_action
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.enforcement import ContractMiddleware
from chanspec.runtime.authenticator import BaseAuthenticator, Credential, Scope
from chanspec.starlette.origin import OriginValidator
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.typing.ok_messages import PAYLOAD, Chat, Joined, Kicked, Left, Said, Typed


class TokenAuthenticator(BaseAuthenticator):
    credentials = [Credential("token", "query")]
    user: str

    async def authenticate(self) -> bool:
        token = self.get_query_param("token")
        if not token:
            self.status_code, self.data = 401, {"detail": "Say a token."}
            return False
        self.user = token
        return True


class ScopeAuthenticator(BaseAuthenticator):
    async def authenticate(self, scope: Scope) -> bool:
        return bool(scope["headers"])


@channel(name="chat", description="Rooms where people talk")
class ChatConsumer(AsyncJsonWebsocketConsumer[Joined | Kicked]):
    authenticator_class = TokenAuthenticator
    authenticator: TokenAuthenticator
    log_ignored_actions = {"ping"}
    passthrough_events = [Kicked]
    groups = ["lobby"]
    max_messages_per_second = 20

    def __init__(self) -> None:
        self.said: list[str] = []

    async def connect(self) -> None:
        await self.accept(subprotocol="chat")

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)

    async def disconnect(self, code: int) -> None:
        self.said.clear()

    @ws_handler(output_type=Said)
    async def handle_chat(self, message: Chat) -> None:
        self.said.append(f"{self.authenticator.user.upper()}: {message.payload.message}")
        await self.broadcast_message(Said(payload=message.payload), "lobby", exclude_current=True)
        await self.send_json({"said": len(self.said)})

    @ws_handler
    async def handle_left(self, message: Left) -> None:
        await self.close(4000, "Bye.")

    @event_handler
    async def joined(self, event: Joined) -> Said:
        return Said(payload=event.payload)


class TypedConsumer(AsyncJsonWebsocketConsumer):
    authenticator_class = ScopeAuthenticator
    discriminator_field = "type"
    send_completion = True

    @ws_handler
    async def handle_typed(self, message: Typed) -> Typed:
        return message


app = Starlette(routes=[WebSocketRoute("/chat", ChatConsumer.as_asgi()), WebSocketRoute("/", TypedConsumer.as_asgi())])
app.mount("/mounted", OriginValidator(ChatConsumer.as_asgi()))

fast = FastAPI()
fast.websocket("/chat")(ChatConsumer.as_asgi())
fast.add_api_websocket_route("/checked", ContractMiddleware(OriginValidator(ChatConsumer.as_asgi())))


def session() -> Iterator[Path]:
    yield Path()


@fast.websocket("/decorated/{room}")
class ShopConsumer(AsyncJsonWebsocketConsumer):
    def __init__(self, room: int, db: Annotated[Path, Depends(session)]) -> None:
        super().__init__()
        self.room, self.db = room, db


assert_type(ShopConsumer(7, Path()), ShopConsumer)


class Contract:
    @document_action(payload=Chat)
    def say(self) -> None: ...


@fast.websocket("/function/{room}")
@describe(Contract)
async def function(websocket: WebSocket, room: int) -> None: ...


async def call(websocket: WebSocket) -> None:
    await function(websocket, room=7)


async def announce(consumer: type[ChatConsumer]) -> None:
    await consumer.broadcast_event(Joined(payload=PAYLOAD), groups={"lobby"})
    await consumer.broadcast_event(Kicked(payload=PAYLOAD))
    await ChatConsumer.send_event(Kicked(payload=PAYLOAD), "somebody")
    # Without a parameter, a consumer takes whatever event there is.
    await TypedConsumer.broadcast_event(Joined(payload=PAYLOAD), groups="all")
    TypedConsumer.send_event_sync(Kicked(payload=PAYLOAD), "somebody")
    TypedConsumer.broadcast_event_sync(Left(), groups=["all"])
