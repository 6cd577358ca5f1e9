"""Typed consumers, and a plain one that is in the same groups."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any, Literal

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer as PlainConsumer
from django.contrib.auth import get_user_model
from django.db import connection
from pydantic import BaseModel
from rest_framework.authentication import BasicAuthentication, SessionAuthentication, TokenAuthentication
from rest_framework.permissions import BasePermission, IsAuthenticated

from chanspec import document_action, document_event
from chanspec.channels import GroupMember
from chanspec.channels.authenticator import DjangoAuthenticator
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from tests.channels_typed.site import hops

User = get_user_model()


class SayPayload(BaseModel):
    text: str
    reply_to: int | None = None


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: SayPayload


class SaidPayload(BaseModel):
    text: str
    room_name: str


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: SaidPayload


class News(BaseChannelEvent):
    handler: Literal["news"] = "news"
    payload: str


class NewsItem(BaseMessage):
    action: Literal["news_item"] = "news_item"
    payload: str


class Where(BaseMessage):
    action: Literal["where"] = "where"
    payload: None = None


class Here(BaseMessage):
    action: Literal["here"] = "here"
    payload: str


class Count(BaseMessage):
    action: Literal["count"] = "count"
    payload: int


class Number(BaseMessage):
    action: Literal["number"] = "number"
    payload: int


@channel(name="room", description="A room where people talk", tags=["talk"])
class RoomConsumer(AsyncJsonWebsocketConsumer[News]):
    async def post_authentication(self) -> None:
        group = f"room.{self.scope['path_params']['room']}"
        await self.channel_layer.group_add(group, self.channel_name)
        self.groups.append(group)

    @ws_handler(summary="Are you there?")
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(output_type=Said)
    async def say(self, message: Say) -> None:
        room = self.scope["path_params"]["room"]
        await self.broadcast_message(Said(payload=SaidPayload(text=message.payload.text, room_name=room)))

    @ws_handler
    async def where(self, message: Where) -> Here:
        return Here(payload=self.channel_name)

    @ws_handler
    async def count(self, message: Count) -> AsyncIterator[Number]:
        for number in range(message.payload):
            await asyncio.sleep(0)
            yield Number(payload=number)

    @event_handler
    async def news(self, event: News) -> NewsItem:
        return NewsItem(payload=event.payload)


class PlainRoomConsumer(GroupMember, PlainConsumer):
    """The same room for a consumer of Channels' own."""

    async def connect(self) -> None:
        self.groups.append(f"room.{self.scope['url_route']['kwargs']['room']}")
        await self.channel_layer.group_add(self.groups[-1], self.channel_name)
        await self.accept()

    @document_action(action="echo", payload={"type": "object", "properties": {"text": {"type": "string"}}})
    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if content.get("action") == "where":
            await self.send_json({"type": "here", "channel_name": self.channel_name})
        else:
            text = {"type": "websocket.send", "text": content.get("text")}
            await self.channel_layer.group_send(self.groups[-1], {"type": "room.echo", "text": text["text"]})

    @document_event("room.echo", payload={"type": "object", "properties": {"text": {"type": "string"}}})
    async def room_echo(self, event: dict[str, Any]) -> None:
        await self.send_json(event)

    async def news(self, event: dict[str, Any]) -> None:
        await self.send_json({"type": "news", "payload": event["payload"]})


# ---- the database --------------------------------------------------------------------------------------


class Query(BaseMessage):
    action: Literal["query"] = "query"
    payload: Literal["orm", "database_sync_to_async", "iterator", "hold", "fail", "stream", "thread", "background"]


class QueryAnswer(BaseMessage):
    action: Literal["query_answer"] = "query_answer"
    payload: int


class Hops(BaseMessage):
    action: Literal["hops"] = "hops"
    payload: None = None


class HopsAnswer(BaseMessage):
    action: Literal["hops_answer"] = "hops_answer"
    payload: int


class Release(BaseMessage):
    action: Literal["release"] = "release"
    payload: None = None


released = asyncio.Semaphore(0)  # one handler or task goes on for each message
background: set[asyncio.Task[None]] = set()


def backend() -> int:
    """The server's process that serves this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()" if connection.vendor == "postgresql" else "SELECT 1")
        return int(cursor.fetchone()[0])


class DatabaseConsumer(AsyncJsonWebsocketConsumer):
    """Uses the database in every way that a handler can."""

    log_websocket_message = False

    @ws_handler
    async def query(self, message: Query) -> AsyncIterator[QueryAnswer]:
        kind = message.payload
        if kind == "orm":
            yield QueryAnswer(payload=await User.objects.acount())
        elif kind == "database_sync_to_async":
            yield QueryAnswer(payload=await database_sync_to_async(backend)())
        elif kind == "thread":
            yield QueryAnswer(payload=await sync_to_async(backend)())
        elif kind == "fail":
            await sync_to_async(self.fail)()
        elif kind == "background":
            background.add(asyncio.create_task(self.later()))
            yield QueryAnswer(payload=0)
        elif kind == "hold":
            yield QueryAnswer(payload=await sync_to_async(backend)())
            await released.acquire()
            yield QueryAnswer(payload=await sync_to_async(backend)())
        else:
            async for user in User.objects.order_by("pk").aiterator(chunk_size=1):
                yield QueryAnswer(payload=user.pk)
                if kind == "stream":
                    await released.acquire()

    @staticmethod
    async def later() -> None:
        await released.acquire()
        await sync_to_async(backend)()

    @staticmethod
    def fail() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")

    @ws_handler
    async def release(self, message: Release) -> None:
        released.release()

    @ws_handler
    async def count_hops(self, message: Hops) -> HopsAnswer:
        return HopsAnswer(payload=hops.count)

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class HooksConsumer(AsyncJsonWebsocketConsumer):
    """Uses the database in hooks rather than in handlers."""

    async def connect(self) -> None:
        await sync_to_async(backend)()
        await self.accept()

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await sync_to_async(backend)()
        await super().receive_json(content, **kwargs)
        await sync_to_async(backend)()

    async def handle_validation_error(self, error: Any) -> None:
        await sync_to_async(backend)()
        await super().handle_validation_error(error)

    @ws_handler
    async def query(self, message: Query) -> QueryAnswer:
        return QueryAnswer(payload=await sync_to_async(backend)())


# ---- authentication ------------------------------------------------------------------------------------

handled: list[str] = []


class Whoami(BaseMessage):
    action: Literal["whoami"] = "whoami"
    payload: None = None


class You(BaseMessage):
    action: Literal["you"] = "you"
    payload: str


class MembersOnly(DjangoAuthenticator):
    authentication_classes = [SessionAuthentication, TokenAuthentication, BasicAuthentication]
    permission_classes = [IsAuthenticated]


class MembersOnlyConsumer(AsyncJsonWebsocketConsumer):
    authenticator_class = MembersOnly
    authenticator: MembersOnly

    async def connect(self) -> None:
        self.note("connect")
        await self.accept()

    async def disconnect(self, code: int) -> None:
        self.note("disconnect")

    @ws_handler
    async def whoami(self, message: Whoami) -> You:
        self.note("whoami")
        return You(payload=f"{self.user.get_username()}, process {os.getpid()}")

    def note(self, what: str) -> None:
        print(f"MembersOnlyConsumer: {what}", flush=True)
        handled.append(what)


class IsThatUser(BasePermission):
    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return bool(obj == request.user or request.user.is_staff)


class UserRoom(MembersOnly):
    permission_classes = [IsAuthenticated, IsThatUser]
    queryset = User.objects.all()


class UserRoomConsumer(AsyncJsonWebsocketConsumer):
    authenticator_class = UserRoom
    authenticator: UserRoom

    @ws_handler
    async def whoami(self, message: Whoami) -> You:
        return You(payload=f"{self.user.get_username()} with {self.authenticator.obj.get_username()}")
