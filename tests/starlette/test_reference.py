"""The samples of the reference for FastAPI, with our import names, served and talked to."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.starlette.views import asyncapi_docs, asyncapi_spec_json, asyncapi_spec_yaml
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.starlette.conftest import Client

PONG = {"action": "pong", "payload": None}
USERS = {"ada-token": "Ada", "emeka-token": "Emeka"}


class ChatPayload(BaseModel):
    message: str


class ChatMessage(BaseMessage):
    action: Literal["chat"] = "chat"
    payload: ChatPayload


class ChatNotificationPayload(BaseModel):
    message: str
    username: str
    room_id: str


class ChatNotificationMessage(BaseMessage):
    action: Literal["chat_notification"] = "chat_notification"
    payload: ChatNotificationPayload


class UserPayload(BaseModel):
    username: str


class UserJoinedEvent(BaseChannelEvent):
    handler: Literal["user_joined"] = "user_joined"
    payload: UserPayload


class UserJoinedPayload(BaseModel):
    username: str
    message: str


class UserJoinedMessage(BaseMessage):
    action: Literal["user_joined"] = "user_joined"
    payload: UserJoinedPayload


class TokenAuthenticator(BaseAuthenticator):
    async def authenticate(self) -> bool:
        token = self.get_query_param("token")
        if not token:
            return False
        self.user = USERS.get(token)
        return self.user is not None


@channel(name="room_chat", description="Real-time chat for specific rooms", tags=["chat", "rooms"])
class RoomChatConsumer(AsyncJsonWebsocketConsumer[UserJoinedEvent]):
    authenticator_class = TokenAuthenticator
    authenticator: TokenAuthenticator
    log_ignored_actions = ["ping", "pong"]

    async def post_authentication(self) -> None:
        """Join room group after authentication."""
        room_id = self.scope["path_params"]["room_id"]
        group_name = f"room_{room_id}"
        await self.channel_layer.group_add(group_name, self.channel_name)
        self.groups.append(group_name)
        await self.broadcast_message(
            UserJoinedMessage(payload=UserJoinedPayload(username=self.user, message=f"{self.user} is here")),
            groups=[group_name],
            exclude_current=True,
        )

    @ws_handler(summary="Handle ping requests")
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(summary="Handle chat messages", output_type=ChatNotificationMessage)
    async def handle_chat(self, message: ChatMessage) -> None:
        """Process and broadcast chat messages."""
        await self.broadcast_message(
            ChatNotificationMessage(
                payload=ChatNotificationPayload(
                    message=message.payload.message,
                    username=self.authenticator.user,
                    room_id=self.scope["path_params"]["room_id"],
                )
            )
        )

    @event_handler(output_type=UserJoinedMessage)
    async def user_joined(self, event: UserJoinedEvent) -> UserJoinedMessage:
        """Handle user join events from other parts of the app."""
        return UserJoinedMessage(
            payload=UserJoinedPayload(
                username=event.payload.username, message=f"{event.payload.username} joined the room"
            )
        )


app = FastAPI(routes=[WebSocketRoute("/ws/{room_id}/chat", RoomChatConsumer.as_asgi())])


@app.get("/asyncapi.json")
async def get_spec() -> Any:
    return await asyncapi_spec_json(app=app)


@app.get("/titled.json")
async def get_titled_spec() -> Any:
    return await asyncapi_spec_json(app=app, config={"title": "My API"})


@app.post("/joined/{room_id}")
def joined(room_id: str, user: UserPayload) -> None:
    RoomChatConsumer.broadcast_event_sync(UserJoinedEvent(payload=user), groups=[f"room_{room_id}"])


class TestCompleteExample:
    async def test_two_people_talk(self, serve):
        server = serve(app)
        async with server.websocket("/ws/red/chat?token=ada-token") as one:
            ada = Client(one)
            assert (await ada.hear())["payload"]["status_code"] == 200
            assert await ada.ask("ping") == PONG  # she is in the room, which she was not when she was let in
            async with server.websocket("/ws/red/chat?token=emeka-token") as two:
                emeka = Client(two)
                assert (await emeka.hear())["payload"]["status_code"] == 200
                greeting = {"username": "Emeka", "message": "Emeka is here"}
                assert await ada.hear() == {"action": "user_joined", "payload": greeting}
                said = {"message": "Hello", "username": "Ada", "room_id": "red"}
                assert await ada.ask("chat", {"message": "Hello"}) == {"action": "chat_notification", "payload": said}
                assert await emeka.hear() == {"action": "chat_notification", "payload": said}
                assert await emeka.ask("ping") == PONG

    async def test_events_reach_it_from_an_endpoint(self, serve):
        server = serve(app)
        async with server.websocket("/ws/red/chat?token=ada-token") as connection:
            client = Client(connection)
            await client.hear()
            await client.ask("ping")
            body = b'{"username": "Zo\xc3\xab"}'
            answer = await asyncio.to_thread(server.get, "/joined/red", "POST", body, Content_Type="application/json")
            assert answer.status == 200
            assert (await client.hear())["payload"] == {"username": "Zoë", "message": "Zoë joined the room"}

    async def test_nobody_else_is_let_in(self, serve):
        server = serve(app)
        for query in ("", "?token=wrong"):
            async with server.websocket("/ws/red/chat" + query) as connection:
                assert (await Client(connection).hear())["payload"]["status_code"] == 401
                await asyncio.wait_for(connection.wait_closed(), 20)

    def test_its_document_shows_what_the_code_does(self, serve, official_parser):
        document = serve(app).get("/asyncapi.json").json
        official_parser.check(document)
        room = document["channels"]["room_chat"]
        assert (room["address"], room["description"]) == ("/ws/{room_id}/chat", "Real-time chat for specific rooms")
        assert room["tags"] == [{"name": "chat"}, {"name": "rooms"}]
        operations = document["operations"]
        assert {name: each["action"] for name, each in operations.items()} == {
            "ping": "receive",
            "chat": "receive",
            "user_joined": "send",
            "error": "send",
            "authentication": "send",
        }
        reply = operations["chat"]["reply"]["messages"]
        assert reply == [{"$ref": "#/channels/room_chat/messages/ChatNotificationMessage"}]


@pytest.mark.usefixtures("built_page")
class TestViews:
    def test_take_the_application_and_a_configuration(self, serve):
        server = serve(app)
        assert server.get("/asyncapi.json").json["info"]["title"] == "WebSocket API"
        assert server.get("/titled.json").json["info"]["title"] == "My API"

    @pytest.mark.parametrize("view", [asyncapi_docs, asyncapi_spec_json, asyncapi_spec_yaml])
    def test_are_endpoints_of_starlette(self, serve, view):
        routes = [Route("/here", view), WebSocketRoute("/ws/{room_id}/chat", RoomChatConsumer.as_asgi())]
        assert serve(Starlette(routes=routes)).get("/here").status == 200
