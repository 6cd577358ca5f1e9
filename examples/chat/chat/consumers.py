"""What happens in a room: one handler for each class of message."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime.authenticator import BaseAuthenticator, Credential
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from chat import assistant
from chat.messages import (
    AnnouncementMessage,
    AnswerEnd,
    AnswerEndMessage,
    AnswerStart,
    AnswerStartMessage,
    AnswerWord,
    AnswerWordMessage,
    AskMessage,
    HistoryMessage,
    PastMessage,
    People,
    PeopleChangedEvent,
    PeopleMessage,
    PostedMessage,
    Posts,
    SayMessage,
    TypingMessage,
    Typist,
    TypistMessage,
)
from chat.rooms import ROOM_ID, Room, rooms

LONGEST_NAME = 24


class NameAuthenticator(BaseAuthenticator):
    """Lets everybody in who says a name. A real application would check a session or a token here."""

    credentials = [Credential("name", "query", "What you are called in the room; at most 24 characters.")]
    user: str

    async def authenticate(self) -> bool:
        if not ROOM_ID.fullmatch(self.scope["path_params"]["room_id"]):
            self.status_code, self.data = 404, {"detail": "A room is called by letters, digits and hyphens."}
            return False
        self.user = " ".join((self.get_query_param("name") or "").split())
        if not self.user.isprintable() or not 0 < len(self.user) <= LONGEST_NAME:
            self.status_code, self.data = 401, {"detail": f"Say a name of at most {LONGEST_NAME} characters."}
            return False
        return True


@channel(name="room", tags=["chat"])
class RoomConsumer(AsyncJsonWebsocketConsumer[AnnouncementMessage | PeopleChangedEvent]):
    """A room where people talk, and an assistant answers.

    What is said reaches everybody in the room, the one who said it included. What the assistant answers reaches only
    the one who asked.
    """

    authenticator_class = NameAuthenticator
    passthrough_events = [AnnouncementMessage]
    max_frame_bytes = 16 * 1024
    max_messages_per_second = 20
    max_concurrent = 3

    room: Room | None = None

    async def post_authentication(self) -> None:
        room_id = self.scope["path_params"]["room_id"]
        self.room = rooms.open(room_id)
        self.room.enter(self.user)
        self.answers = itertools.count(1)
        self.groups.append(group_of(room_id))
        await self.channel_layer.group_add(group_of(room_id), self.channel_name)
        await self.broadcast_event(PeopleChangedEvent(), self.groups)

    async def disconnect(self, code: int) -> None:
        if self.room is not None:
            self.room.leave(self.user)
            await self.broadcast_event(PeopleChangedEvent(), self.groups)

    @ws_handler(summary="Ask for a sign of life")
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(summary="Say something to the room", output_type=PostedMessage)
    async def handle_say(self, message: SayMessage) -> None:
        post = self.here.say(self.user, message.payload.text)
        await self.broadcast_message(PostedMessage(payload=post))

    @ws_handler(summary="Show the others that you are typing", output_type=TypistMessage)
    async def handle_typing(self, message: TypingMessage) -> None:
        typist = Typist(name=self.user, active=message.payload.active)
        await self.broadcast_message(TypistMessage(payload=typist), exclude_current=True)

    @ws_handler(summary="Read what was said before")
    async def handle_history(self, message: HistoryMessage) -> PastMessage:
        return PastMessage(payload=Posts(posts=self.here.last(message.payload.limit)))

    @ws_handler(summary="Ask the assistant", concurrent=True)
    async def handle_ask(
        self, message: AskMessage
    ) -> AsyncIterator[AnswerStartMessage | AnswerWordMessage | AnswerEndMessage]:
        """The answer streams a word at a time, while the conversation goes on."""
        answer, words = next(self.answers), 0
        question = message.payload.question
        yield AnswerStartMessage(payload=AnswerStart(answer=answer, question=question))
        async for word in assistant.answer(question):
            words += 1
            yield AnswerWordMessage(payload=AnswerWord(answer=answer, word=word))
        yield AnswerEndMessage(payload=AnswerEnd(answer=answer, words=words))

    @event_handler(summary="Somebody came or left")
    async def people_changed(self, event: PeopleChangedEvent) -> PeopleMessage:
        return PeopleMessage(payload=People(names=self.here.names))

    @property
    def here(self) -> Room:
        assert self.room is not None
        return self.room


def group_of(room_id: str) -> str:
    """The channel layer's name for everybody in a room."""
    return f"room_{room_id}"
