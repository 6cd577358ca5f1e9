"""A class with typed handlers whose base class would never call them is an error when it is defined."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from channels.consumer import AsyncConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer as TheirConsumer
from channels.generic.websocket import JsonWebsocketConsumer as TheirSyncConsumer
from django.views import View
from fast_channels.consumer.websocket import AsyncJsonWebsocketConsumer as FastConsumer
from starlette.endpoints import WebSocketEndpoint

from chanspec import AsyncAPIGenerator, document_action
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from chanspec.contract import contract_of
from chanspec.decorators import channel, event_handler, ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer as StarletteConsumer

ON_CHANNELS = "write `from chanspec.channels.websocket import AsyncJsonWebsocketConsumer`"
ON_STARLETTE = "write `from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer`"
IGNORED = "every message would be ignored"


@pytest.mark.parametrize(
    ("base", "cure"),
    [
        (TheirConsumer, ON_CHANNELS),
        (TheirSyncConsumer, ON_CHANNELS),
        (AsyncConsumer, ON_CHANNELS),
        (View, ON_CHANNELS),
        (FastConsumer, ON_STARLETTE),
        (WebSocketEndpoint, ON_STARLETTE),
    ],
)
def test_a_base_that_serves_without_chanspec_is_an_error_with_the_right_import(base: Any, cure: str) -> None:
    with pytest.raises(TypeError) as caught:

        class Chat(base):
            @ws_handler
            async def handle_ping(self, message: PingMessage) -> PongMessage: ...

    assert cure in str(caught.value)
    assert str(caught.value).startswith(f"{__name__}:")
    assert "Chat has @ws_handler on handle_ping" in str(caught.value)
    assert f"{base.__module__}.{base.__qualname__}" in str(caught.value)


def with_wrapper() -> Any:
    def handler(function: Any) -> Any:
        @functools.wraps(function)
        async def wrapper(*arguments: Any) -> Any:
            return await function(*arguments)

        return ws_handler(summary="Ping")(wrapper)

    class Chat(TheirConsumer):
        @handler
        async def handle_ping(self, message: PingMessage) -> PongMessage: ...

    return Chat


def with_event() -> Any:
    class Chat(TheirConsumer):
        @event_handler(summary="Ping")
        async def handle_ping(self, event: PingMessage) -> PongMessage: ...

    return Chat


def with_channel() -> Any:
    @channel(name="chat")
    class Chat(TheirConsumer):
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> PongMessage: ...

    return Chat


def with_a_base_of_its_own() -> Any:
    class Base(TheirConsumer): ...

    class Chat(Base):
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> PongMessage: ...

    return Chat


def with_theirs_before_ours() -> Any:
    class Chat(TheirConsumer, ChannelsConsumer):  # type: ignore[misc]
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> PongMessage: ...

    return Chat


class Pings:
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage: ...


def with_a_mixin() -> Any:
    class Chat(Pings, TheirConsumer): ...

    return Chat


@pytest.mark.parametrize(
    "define", [with_wrapper, with_event, with_channel, with_a_base_of_its_own, with_theirs_before_ours, with_a_mixin]
)
def test_however_the_handler_comes_into_the_class(define: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match=IGNORED):
        define()
    assert "__init_subclass__" not in vars(TheirConsumer)


def test_the_class_behind_it_is_as_it_was() -> None:
    class Numbered:
        number = 0

        def __init_subclass__(cls, *, number: int = 1, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            cls.number = number

    with pytest.raises(TypeError, match=IGNORED):

        class Chat(Numbered, TheirConsumer, number=2):
            @ws_handler
            async def handle_ping(self, message: PingMessage) -> PongMessage: ...

    class Other(Numbered, TheirConsumer, number=3): ...

    assert Other.number == 3


def test_what_no_class_statement_shows_is_an_error_when_it_is_documented() -> None:
    handler = vars(Pings)["handle_ping"]
    made = type("Made", (TheirConsumer,), {"handle_ping": handler})
    listed = type("Listed", (TheirConsumer,), {"passthrough_events": [PongMessage]})
    for each in (made, listed):
        with pytest.raises(TypeError, match=IGNORED):
            contract_of(each)


@pytest.mark.parametrize("ours", [ChannelsConsumer, StarletteConsumer])
def test_a_mixin_is_as_it_was_and_may_be_combined_with_the_right_base(ours: Any) -> None:
    class Counting(Pings):
        count = 0

        def __init_subclass__(cls, *, step: int = 1, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            cls.count = step

        @event_handler
        async def on_pong(self, event: PongMessage) -> None: ...

    class First(Counting, ours, step=2): ...

    class Last(ours, Counting, step=3): ...

    for each, step in ((First, 2), (Last, 3)):
        assert each.count == step
        assert [handler.method for handler in contract_of(each).handlers] == ["handle_ping"]
        assert [handler.method for handler in contract_of(each).event_handlers] == ["on_pong"]
    assert not [name for name in dir(Counting) if name.startswith("__chanspec_guard")]


def test_described_methods_belong_on_any_consumer() -> None:
    @channel(name="chat")
    class Chat(TheirConsumer):
        @document_action(summary="Ping")
        async def handle_ping(self, content: Any) -> None: ...

    assert AsyncAPIGenerator(Chat).problems == ()


def test_a_class_that_nothing_serves_is_a_problem_of_the_document() -> None:
    [problem] = AsyncAPIGenerator(Pings).problems
    assert problem.where == f"{__name__}:Pings"
    assert "nothing serves" in problem.what
    assert "chanspec.channels.websocket or chanspec.starlette.websocket" in problem.cure


def test_a_definition_that_failed_for_another_reason_too_leaves_the_base_as_it_was() -> None:
    class Fails:
        def __set_name__(self, owner: type, name: str) -> None:
            raise ValueError(name)

    with pytest.raises((RuntimeError, ValueError, TypeError)):

        class Wrong(TheirConsumer):
            @ws_handler
            async def ping(self, message: PingMessage) -> PongMessage: ...

            other = Fails()

    class Right(TheirConsumer):
        """It has no typed handler, and is defined after the other."""

    assert issubclass(Right, TheirConsumer)
