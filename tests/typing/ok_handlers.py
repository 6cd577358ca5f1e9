"""Handlers of every documented shape, on both frameworks: no type checker may complain, and each keeps its type."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import assert_type

from chanspec.channels.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer as StarletteConsumer
from tests.typing.ok_messages import PAYLOAD, Chat, ChatPayload, Joined, Kicked, Left, Move, Page, Said, ThreadMessage


class Handlers:
    """A mixin: its handlers are those of every consumer that derives from it."""

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler()
    async def handle_left(self, message: Left) -> None: ...

    @ws_handler(
        action="say",
        input_type=Chat,
        output_type=Said,
        summary="Say something",
        description="To everybody",
        tags=["chat"],
        concurrent=True,
    )
    async def handle_chat(self, message: Chat) -> Said | None:
        return Said(payload=message.payload) if message.payload.message else None

    @ws_handler(output_type=Said | Left)
    async def handle_page(self, message: Page[ChatPayload]) -> list[Said | Left]:
        return [Said(payload=message.payload), Left()]

    @ws_handler
    async def handle_thread_or_move(self, message: ThreadMessage | Move) -> AsyncIterator[Said | Left]:
        """Takes several, and answers one after the other."""
        yield Said(payload=PAYLOAD)
        yield Left()

    @event_handler
    async def joined(self, event: Joined) -> Said:
        return Said(payload=event.payload)

    @event_handler(
        action="kicked", input_type=Kicked, output_type=[Said, Left], summary="", description="", tags=("chat",)
    )
    async def kicked(self, event: Kicked) -> tuple[Said, Left]:
        return Said(payload=event.payload), Left()


@channel
class OnChannels(Handlers, ChannelsConsumer): ...


@channel(name="chat", description="Rooms", tags=["chat"])
class OnStarlette(Handlers, StarletteConsumer):
    @ws_handler
    async def handle_chat(self, message: Chat, loud: bool = False) -> Said:
        """Overrides the mixin's, and calls it."""
        said = await super().handle_chat(message)
        assert_type(said, Said | None)
        return said or Said(payload=message.payload)


class MoreReplies(StarletteConsumer):
    @ws_handler(output_type=(Said, Left))
    async def many(self, message: Chat) -> Sequence[Said | Left]:
        return (Said(payload=message.payload), Left())

    @ws_handler(output_type=list[Said])
    async def pair(self, message: Left) -> tuple[Said, ...] | Left:
        return Left()

    @ws_handler(concurrent=True)
    async def stream(self, message: PingMessage) -> AsyncGenerator[PongMessage, None]:
        yield PongMessage()

    @event_handler
    async def stream_events(self, event: Joined | Kicked) -> AsyncGenerator[Said | Joined, None]:
        if isinstance(event, Joined):
            yield event  # an event may be passed on as it is
        yield Said(payload=event.payload)


async def called_in_tests(consumer: OnStarlette, other: OnChannels, more: MoreReplies) -> None:
    assert_type(await other.handle_ping(PingMessage()), PongMessage)
    assert_type(await other.handle_chat(message=Chat(payload=PAYLOAD)), Said | None)
    assert_type(await consumer.handle_chat(Chat(payload=PAYLOAD), loud=True), Said)
    assert_type(await consumer.handle_page(Page(payload=PAYLOAD)), list[Said | Left])
    assert_type(await OnStarlette.handle_ping(consumer, PingMessage()), PongMessage)
    assert_type(await consumer.joined(event=Joined(payload=PAYLOAD)), Said)
    assert_type(await other.kicked(Kicked(payload=PAYLOAD)), tuple[Said, Left])
    async for reply in consumer.handle_thread_or_move(Move(x=1)):
        assert_type(reply, Said | Left)
    async for pong in more.stream(PingMessage()):
        assert_type(pong, PongMessage)
    assert_type([each async for each in more.stream_events(Joined(payload=PAYLOAD))], list[Said | Joined])
