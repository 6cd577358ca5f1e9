"""What comes over a layer: an application's messages arrive as they are, and nothing that is broken harms anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal

import pytest
from channels_redis.core import RedisChannelLayer
from hypothesis import HealthCheck, assume, example, given, settings

from chanspec.decorators import event_handler
from chanspec.messages import BaseChannelEvent, BaseMessage
from chanspec.runtime.hub import Hub, hub_for
from chanspec.runtime.layers import InMemoryChannelLayer, forget_layers, register_layer
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.hub.conftest import joined, make
from tests.hub.layer_messages import envelopes, foreign_messages
from tests.hub.leaving import end_of
from tests.hub.members import Recorder
from tests.runtime.driver import Client, connected

KINDS = ["memory", "channels", "any", "fast memory", "queue", "pubsub", "fast queue", "fast pubsub"]

every_layer = pytest.mark.parametrize("layer", [*KINDS, "json queue"], indirect=True)

# The layer and who listens are the same for all examples: each leaves them as it found them, or fails.
many = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

END = {"type": "the.end"}


@pytest.fixture
async def layer(request: pytest.FixtureRequest) -> Any:
    if request.param == "json queue":  # which carries lone surrogates, as the layers in memory do
        return RedisChannelLayer(hosts=[request.getfixturevalue("url")], serializer_format="json")
    return make(request.param, request)


@pytest.fixture
async def members(hub: Hub) -> list[Recorder]:
    return [await joined(hub, "room") for _ in range(2)] + [await joined(hub, "room", "lobby")]


# The application's own messages


async def arrives(send: Callable[[dict[str, Any]], Awaitable[None]], message: Any, *members: Recorder) -> None:
    """Whether each member gets a message once and equal."""
    await send(message)
    await send(END)
    for member in members:
        assert await member.events(2) == [message, END]
        assert not member.texts
        member.received.clear()


@every_layer
@many
@given(message=foreign_messages())
@example(message={"type": "chat.message", "group": "room"})
@example(message={"type": "chat.message", "group": ["room"], "groups": 5, "exclude": {}, "once": []})
@example(message={"type": "chat.message", "sender": "a", "number": 1, "once": "a"})
@example(message={"type": "chat.message", "chanspec": {"group": "room", "sender": "a", "number": 1, "once": "a"}})
@example(message={"type": "chat.message", "chanspec": None, "token": [], "event": 5, "text": "\N{SNOWMAN}"})
async def test_a_message_of_the_applications_arrives_once_and_equal(
    hub: Hub, layer: Any, members: list[Recorder], message: dict[str, Any]
) -> None:
    for _ in range(2):  # the same one again is no repetition
        await arrives(lambda each: layer.group_send("room", each), message, *members)
    for member in members:
        await arrives(lambda each, name=member.channel_name: layer.send(name, each), message, member)
        leaves_out = {**message, "exclude": member.channel_name}
        await arrives(lambda each: hub.proxy(members[0]).group_send("room", each), leaves_out, *members)
    assert hub.losses.total == 0


@every_layer
@many
@given(event=foreign_messages())
@example(event={"type": "chanspec.broadcast", "text": "x", "chanspec": {"exclude": "x"}})
@example(event={"type": "chanspec.event", "event": {"type": "x"}, "group": ["room"]})
@example(event={"type": "chanspec.beat", "beat": 1})
async def test_nothing_in_a_channel_event_means_anything_to_a_hub(
    hub: Hub, members: list[Recorder], event: dict[str, Any]
) -> None:
    await arrives(lambda each: hub.broadcast_event("room", each), event, *members)
    await arrives(lambda each: hub.broadcast_event(["room", "lobby"], each), event, *members)
    await arrives(lambda each: hub.send_event(members[0].channel_name, each), event, members[0])
    assert hub.losses.total == 0


# Broken envelopes


class Ping(BaseChannelEvent):
    handler: Literal["ping"] = "ping"
    payload: int


class Fuzzed(AsyncJsonWebsocketConsumer):
    groups = ["room"]
    channel_layer_alias = "fuzzed"

    @event_handler
    async def ping(self, event: Ping) -> None:
        await self.send(text_data=f"pong {event.payload}")


class Through(Fuzzed):
    """Gets broadcasts as a consumer does that overrides ``send``."""

    async def send(self, text_data: Any = None, bytes_data: Any = None, close: bool = False) -> None:
        await super().send(text_data=text_data, bytes_data=bytes_data, close=close)


def as_a_server(send: Any) -> Any:
    """Fail where a server does, and connections end: it encodes what it sends."""

    async def encoding(frame: dict[str, Any]) -> None:
        if frame["type"] == "websocket.send":
            frame["text"].encode()
        await send(frame)

    return encoding


@pytest.fixture
async def clients(layer: Any, hub: Hub) -> AsyncIterator[list[Client]]:
    register_layer("fuzzed", layer)
    clients = [Client(consumer.as_asgi(), middleware=as_a_server) for consumer in (Fuzzed, Through)]
    for client in clients:
        await client.open()
    yield clients
    for client in clients:
        await client.disconnect()
    forget_layers()


async def until(client: Client, text: str) -> list[str]:
    """What a client gets before a text."""
    before = []
    while (frame := await client.frame())["type"] == "websocket.send":
        if frame["text"] == text:
            return before
        before.append(frame["text"])
    raise AssertionError(f"{frame} instead of {text!r}")


@every_layer
@many
@given(envelope=envelopes())
@example(envelope={"type": "chanspec.broadcast", "text": "\ud800"})
@example(envelope={"type": "chanspec.broadcast", "text": None})
@example(envelope={"type": "chanspec.event", "event": [1]})
@example(envelope={"type": "chanspec.event", "event": {"type": "websocket.send", "text": "\ud800"}})
@example(envelope={"type": "chanspec.event", "event": {"type": [[[]]], "handler": {}, "action": "\ud800"}})
@example(envelope={"type": "chanspec.event", "event": {"handler": "ping", "payload": "x"}, "chanspec": {"once": []}})
@example(envelope={"type": "chanspec.broadcast", "text": "x", "chanspec": {"groups": [{}], "once": "a"}})
@example(envelope={"type": "chanspec.broadcast", "text": "x", "chanspec": {"exclude": {}, "group": []}})
@example(envelope={"type": "chanspec.event", "event": {}, "chanspec": {"sender": "a", "number": "1", "token": []}})
async def test_no_envelope_closes_a_connection_or_keeps_the_next_from_arriving(
    hub: Hub, layer: Any, clients: list[Client], envelope: dict[str, Any]
) -> None:
    event = envelope.get("event")
    assume(not isinstance(event, dict) or event.get("type") != "websocket.disconnect")  # which is meant to
    names = list(hub.members)
    assert len(names) == len(clients)
    with suppress(ValueError, OverflowError):  # the layer's serializer cannot carry it: its sender is told
        await layer.group_send("room", envelope)
        for name in names:
            await layer.send(name, envelope)
    await hub.broadcast("room", "still here")
    await hub.broadcast_event("room", {"handler": "ping", "payload": 1})
    for name in names:
        await hub.send_event(name, {"handler": "ping", "payload": 2})
    for client in clients:
        ends = {"still here", "pong 1", "pong 2"}
        while ends:  # of the group's channel and the connection's own, either may be first
            frame = await client.frame()
            assert frame["type"] == "websocket.send"
            ends.discard(frame["text"])
        assert client.task is not None
        assert not client.task.done()
    assert list(hub.members) == names


async def test_what_is_malformed_is_counted_and_reaches_nobody(caplog: pytest.LogCaptureFixture) -> None:
    layer = InMemoryChannelLayer()
    hub = hub_for(layer)
    member = await joined(hub, "room")
    deep: Any = {}
    for _ in range(100_000):
        deep = {"event": deep}
    malformed: list[dict[str, Any]] = [
        {"type": "chanspec.broadcast", "text": "a \ud800"},
        {"type": "chanspec.broadcast", "text": b"x"},
        {"type": "chanspec.broadcast"},
        {"type": "chanspec.event", "event": "x"},
        {"type": "chanspec.event", "event": deep},
        {"type": "chanspec.event"},
        {"type": "chanspec.event", "event": {}, "chanspec": "x"},
        {"type": "chanspec.event", "event": {}, "chanspec": {"group": ["room"]}},
        {"type": "chanspec.event", "event": {}, "chanspec": {"once": "a", "groups": [{}]}},
        {"type": "chanspec.event", "event": {}, "chanspec": {"sender": 1, "number": 1}},
    ]
    for envelope in malformed:
        await layer.group_send("room", envelope)
    assert hub.losses.causes == {"the message is malformed": len(malformed)}
    assert not member.texts
    assert not member.received
    assert "\ud800" not in caplog.text
    large = "\N{SNOWMAN}" * 2_000_000
    await layer.group_send("room", {"type": "chanspec.broadcast", "text": large})
    assert member.texts == [large]
    await end_of(hub)


@every_layer
async def test_what_a_newer_process_adds_to_an_envelope_is_left_alone(hub: Hub, members: list[Recorder]) -> None:
    for kind in ({"type": "chanspec.broadcast", "text": "x"}, {"type": "chanspec.event", "event": {"n": 1}}):
        await hub.layer.group_send("room", {**kind, "new": [], "chanspec": {"group": "room", "newer": {"a": []}}})
    for member in members:
        assert await member.got(1) == ["x"]
        assert await member.events(1) == [{"n": 1}]


# What consumers see


@given(message=foreign_messages())
@settings(max_examples=40)
async def test_the_method_that_a_type_names_gets_the_message_as_it_was_sent(message: dict[str, Any]) -> None:
    layer = register_layer("fuzzed", InMemoryChannelLayer())
    seen: list[Any] = []

    class Chat(Fuzzed):
        async def chat_message(self, event: dict[str, Any]) -> None:
            seen.append(event)
            await self.send(text_data="seen")

    message = {**message, "type": "chat.message"}
    async with connected(Chat.as_asgi()) as client:
        await layer.group_send("room", message)
        [name] = hub_for(layer).members
        await layer.send(name, message)
        for _ in range(2):
            assert await until(client, "seen") == []
    assert seen == [message, message]
    forget_layers()


async def test_a_message_calls_no_hook_that_takes_none_though_the_application_overrides_it() -> None:
    layer = register_layer("fuzzed", InMemoryChannelLayer())
    ends: list[Any] = []

    class Overriding(Through):
        async def disconnect(self, code: int) -> None:
            ends.append(code)

        async def accept(self, *arguments: Any, **named: Any) -> None:
            await super().accept()
            await self.send(text_data="accepted")

    async with connected(Overriding.as_asgi()) as client:
        assert await until(client, "accepted") == []
        for kind in ("disconnect", "accept", "send", "as_asgi", "websocket.connect", "__class__", "\ud800"):
            await layer.group_send("room", {"type": kind, "text": "x"})
        await Overriding.broadcast_event(Ping(payload=1))
        assert await until(client, "pong 1") == []
        assert not ends
        await client.disconnect(1001)
    assert ends == [1001]
    forget_layers()


async def test_an_event_that_has_its_name_in_type_is_typed_though_its_handler_is_called_the_same() -> None:
    register_layer("fuzzed", InMemoryChannelLayer())

    class News(BaseMessage):
        type: Literal["news"] = "news"
        payload: int

    class Typed(AsyncJsonWebsocketConsumer):
        groups = ["room"]
        channel_layer_alias = "fuzzed"
        discriminator_field = "type"

        @event_handler
        async def news(self, event: News) -> None:
            await self.send(text_data=repr(event.payload))

    async with connected(Typed.as_asgi()) as client:
        await Typed.broadcast_event(News(payload=5))
        assert await until(client, "5") == []
    forget_layers()


async def test_a_frame_for_the_client_cannot_be_passed_off_as_an_event() -> None:
    layer = register_layer("fuzzed", InMemoryChannelLayer())
    async with connected(Through.as_asgi()) as client:
        await hub_for(layer).broadcast_event("room", {"type": "websocket.send", "text": "by an event"})
        await layer.group_send("room", {"type": "websocket.send", "text": "by a message"})
        await hub_for(layer).broadcast("room", "by a broadcast")
        await Through.broadcast_event(Ping(payload=1))
        assert await until(client, "by a broadcast") == []
        assert await until(client, "pong 1") == []
    forget_layers()


async def test_an_event_whose_hooks_fail_does_not_keep_the_next_from_being_handled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    layer = register_layer("fuzzed", InMemoryChannelLayer())

    class Failing(Fuzzed):
        send_completion = True

        async def send_json(self, content: Any, close: bool | int = False) -> None:
            raise ValueError("a hook of the application's")

    async with connected(Failing.as_asgi()) as client:
        for number in range(2):
            await hub_for(layer).broadcast_event("room", {"handler": "ping", "payload": number})
        assert await until(client, "pong 0") == []
        assert await until(client, "pong 1") == []
    assert "failed to handle a channel event" in caplog.text
    forget_layers()
