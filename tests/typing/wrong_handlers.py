"""Handlers that cannot work: each is reported by the type checkers, and is an error when its class is defined."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from pydantic import BaseModel

from chanspec.decorators import event_handler, ws_handler
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.typing.ok_messages import PAYLOAD, Chat, ChatPayload, Joined, Left, Said

SAID = Said(payload=PAYLOAD)


def sync_handler() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        def handle(self, message: Chat) -> Said:
            return Said(payload=message.payload)

    return Wrong


def sync_handler_that_answers_nothing() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler(summary="Say something")  # expect: mypy[type-var] pyright[reportArgumentType]
        def handle(self, message: Chat) -> None: ...

    return Wrong


def sync_generator() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        def handle(self, message: Chat) -> Iterator[Said]:
            yield Said(payload=message.payload)

    return Wrong


def sync_event_handler() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @event_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        def joined(self, event: Joined) -> None: ...

    return Wrong


def no_message() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[arg-type] pyright[reportArgumentType]
        async def handle(self) -> None: ...

    return Wrong


def no_event() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @event_handler(output_type=Said)  # expect: mypy[arg-type] pyright[reportArgumentType]
        async def joined(self) -> None: ...

    return Wrong


def payload_instead_of_its_message() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: ChatPayload) -> None: ...

    return Wrong


def dict_instead_of_a_message() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler(concurrent=True)  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: dict[str, str]) -> None: ...

    return Wrong


def payload_instead_of_its_event() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @event_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        async def joined(self, event: ChatPayload) -> None: ...

    return Wrong


def channel_event_as_a_message_of_the_client() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: Joined) -> None: ...

    return Wrong


def union_with_something_else() -> type:
    """Pyright sees that messages can be passed to it, and is content."""

    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var]
        async def handle(self, message: Chat | int) -> None: ...

    return Wrong


def any_model() -> type:
    """As above: pyright is content."""

    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var]
        async def handle(self, message: BaseModel) -> None: ...

    return Wrong


def returns_a_payload() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> ChatPayload:
            return message.payload

    return Wrong


def returns_payloads() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler()  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> list[Said | ChatPayload]:
            return [message.payload]

    return Wrong


def returns_text() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> str:
            return message.payload.message

    return Wrong


def yields_payloads() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler  # expect: mypy[type-var] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> AsyncIterator[ChatPayload]:
            yield message.payload

    return Wrong


def event_handler_returns_a_dict() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @event_handler(summary="Somebody came")  # expect: mypy[type-var] pyright[reportArgumentType]
        async def joined(self, event: Joined) -> dict[str, str] | None:
            return {"message": event.payload.message}

    return Wrong


def output_type_is_no_message() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler(output_type=ChatPayload)  # expect: mypy[arg-type] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> None: ...

    return Wrong


def output_type_is_a_message_itself() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        # mypy finds no overload, and then no type of the method either.
        @ws_handler(output_type=SAID)  # expect: mypy[call-overload] mypy[untyped-decorator] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> None: ...

    return Wrong


def output_types_are_not_all_messages() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @event_handler(output_type=[Said, ChatPayload])  # expect: mypy[list-item] pyright[reportArgumentType]
        async def joined(self, event: Joined) -> None: ...

    return Wrong


def output_type_is_a_list_of_something_else() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler(output_type=list[int])  # expect: mypy[arg-type] pyright[reportArgumentType]
        async def handle(self, message: Left) -> None: ...

    return Wrong


def input_type_is_no_message() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler(input_type=ChatPayload)  # expect: mypy[arg-type] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> None: ...

    return Wrong


def input_type_is_no_event() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @event_handler(input_type=dict)  # expect: mypy[arg-type] pyright[reportArgumentType]
        async def joined(self, event: Joined) -> None: ...

    return Wrong


def tags_are_no_list() -> type:
    class Wrong(AsyncJsonWebsocketConsumer):
        @ws_handler(tags=3)  # expect: mypy[call-overload] mypy[untyped-decorator] pyright[reportArgumentType]
        async def handle(self, message: Chat) -> None: ...

    return Wrong
