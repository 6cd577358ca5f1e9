"""Wrong uses of consumers and messages that are right themselves. Nothing of it is run."""

from __future__ import annotations

from typing import assert_type

from chanspec import document_action, document_event
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer as StarletteConsumer
from tests.typing.ok_messages import PAYLOAD, Chat, ChatPayload, Joined, Kicked, Left, Said, Typed

JOINED, KICKED = Joined(payload=PAYLOAD), Kicked(payload=PAYLOAD)


class OnChannels(ChannelsConsumer[Joined]):
    @ws_handler
    async def handle_chat(self, message: Chat) -> Said | None:
        return None

    @ws_handler(tags=["chat"])  # expect: mypy[arg-type] pyright[reportArgumentType]
    async def handle_two(self, message: Left, other: Left) -> None: ...

    async def tell(self) -> None:
        await self.broadcast_event(Kicked(payload=PAYLOAD))  # expect: mypy[arg-type] pyright[reportArgumentType]
        await self.send_event(PAYLOAD, self.channel_name)  # expect: mypy[arg-type] pyright[reportArgumentType]
        await self.send_message("hello")  # expect: mypy[arg-type] pyright[reportArgumentType]
        await self.broadcast_message("hello")  # expect: mypy[arg-type] pyright[reportArgumentType]
        await self.broadcast_message(Left(), [1])  # expect: mypy[list-item] pyright[reportArgumentType]


class OnStarlette(StarletteConsumer[Joined | Kicked]):
    @event_handler
    async def joined(self, event: Joined) -> Said:
        return Said(payload=event.payload)

    async def tell(self) -> None:
        await self.send_event(Left(), "somebody")  # expect: mypy[arg-type] pyright[reportArgumentType]


class OfPayloads(StarletteConsumer[ChatPayload]): ...  # expect: mypy[type-var] pyright[reportInvalidTypeArguments]


class WrongAttributes(ChannelsConsumer):
    send_completion = "yes"  # expect: mypy[assignment] pyright[reportAssignmentType]
    log_ignored_actions = 3  # expect: mypy[assignment] pyright[reportAssignmentType]
    authenticator_class = ChatPayload  # expect: mypy[assignment] pyright[reportAssignmentType]
    channel_layer_alias = 3  # expect: mypy[assignment] pyright[reportAssignmentType]


class NoBool(BaseAuthenticator):
    async def authenticate(self) -> str:  # expect: mypy[override] pyright[reportIncompatibleMethodOverride]
        return "yes"


class OtherMessage(OnChannels):
    @ws_handler
    async def handle_chat(  # expect: mypy[override] pyright[reportIncompatibleMethodOverride]
        self,
        message: Left,
    ) -> None: ...


async def sends(channels: OnChannels, starlette: OnStarlette) -> None:
    OnChannels.broadcast_event_sync(KICKED, ["a"])  # expect: mypy[arg-type] pyright[reportArgumentType]
    OnStarlette.send_event_sync(Left(), "a")  # expect: mypy[arg-type] pyright[reportArgumentType]
    OnStarlette.broadcast_event_sync(JOINED, groups=3)  # expect: mypy[arg-type] pyright[reportArgumentType]
    OnStarlette.send_event_sync(JOINED)  # expect: mypy[call-arg] pyright[reportCallIssue]


async def calls(channels: OnChannels, starlette: OnStarlette) -> None:
    await channels.handle_chat(Left())  # expect: mypy[arg-type] pyright[reportArgumentType]
    await channels.handle_chat()  # expect: mypy[call-arg] pyright[reportCallIssue]
    await channels.handle_chat(event=Left())  # expect: mypy[call-arg] pyright[reportCallIssue] pyright[reportCallIssue]
    said = await channels.handle_chat(Chat(payload=PAYLOAD))
    assert_type(said, Said)  # expect: mypy[assert-type] pyright[reportAssertTypeFailure]
    await starlette.joined(PAYLOAD)  # expect: mypy[arg-type] pyright[reportArgumentType]


Chat(payload="hello")  # expect: mypy[arg-type] pyright[reportArgumentType]
Chat(action="said", payload=PAYLOAD)  # expect: mypy[arg-type] pyright[reportArgumentType]
Chat()  # expect: mypy[call-arg] pyright[reportCallIssue]
Typed(action="typed", payload=PAYLOAD)  # expect: mypy[call-arg] pyright[reportCallIssue]


class Described:
    @document_action(examples="ride")  # expect: mypy[arg-type] pyright[reportArgumentType]
    async def handle_ride(self, content: ChatPayload) -> int:
        return 1

    @document_event("ride.offer", summary=3)  # expect: mypy[arg-type] pyright[reportArgumentType]
    async def ride_offered(self, event: ChatPayload) -> None:
        await self.handle_ride("ride")  # expect: mypy[arg-type] pyright[reportArgumentType]


ws_handler("say")  # expect: mypy[call-overload] pyright[reportArgumentType]
event_handler(tags=[1])  # expect: mypy[list-item] pyright[reportArgumentType]


@channel(name=3)  # expect: mypy[call-overload] pyright[reportArgumentType]
class Numbered(StarletteConsumer): ...
