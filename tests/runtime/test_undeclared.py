"""What is sent and no handler declares is logged once, with where it was sent and what to write."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import AsyncIterator, Callable
from types import FunctionType
from typing import Any, Literal

import pytest
from django.test import override_settings
from pydantic import BaseModel, model_serializer

from chanspec.channels.websocket import AsyncJsonWebsocketConsumer as DjangoConsumer
from chanspec.decorators import document_event, event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer
from chanspec.starlette.settings import configure
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer as StarletteConsumer

from .driver import connected

Where = Callable[[Any], str]


class Do(BaseMessage):
    action: Literal["do"] = "do"
    payload: str


class Told(BaseMessage):
    action: Literal["told"] = "told"


class Happened(BaseChannelEvent):
    handler: Literal["happened"] = "happened"


class Nameless(BaseModel):
    text: str = ""


class Room(Consumer[Any]):
    groups = ["undeclared"]

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


def sending(body: Callable[[Any, Do], Any], base: Any = Room, **attributes: Any) -> Any:
    """A consumer whose handler for ``do`` is ``body``, which annotates no message."""
    own = FunctionType(body.__code__, body.__globals__, closure=body.__closure__)
    handler = ws_handler(input_type=Do)(own)
    return type("Made", (base,), {"__module__": __name__, "handle_do": handler, **attributes})


def line_of(function: Any, text: str) -> int:
    lines, first = inspect.getsourcelines(function)
    return first + next(number for number, line in enumerate(lines) if text in line)


async def warnings_of(consumer: Any, caplog: pytest.LogCaptureFixture, *answers: str, times: int = 2) -> list[str]:
    """What is logged while a client says ``do`` several times; ``answers`` are the frames that each brings."""
    with caplog.at_level(logging.WARNING, logger="chanspec"):
        async with connected(consumer.as_asgi()) as client:
            for _ in range(times):
                client.say("do", "x")
                for each in answers:
                    assert json.loads((await client.frame())["text"]).get("action", "") == each
    return [record.getMessage() for record in caplog.records if record.name == "chanspec"]


async def returned(self: Any, message: Do):  # type: ignore[no-untyped-def]
    return Told()


async def listed(self: Any, message: Do) -> Any:
    return [Told(), PongMessage()]


async def yielded(self: Any, message: Do) -> AsyncIterator[Any]:
    yield Told()


@pytest.mark.parametrize(
    ("body", "annotation", "more"),
    [(returned, "Told", []), (listed, "Told", ["pong"]), (yielded, "AsyncIterator[Told]", [])],
)
@pytest.mark.parametrize("is_kept", [False, True])
async def test_what_a_handler_returns_is_told_with_the_handler(
    body: Any, annotation: str, more: list[str], is_kept: bool, caplog: pytest.LogCaptureFixture
) -> None:
    consumer = sending(body, log_websocket_message=False, send_message_immediately=not is_kept)
    [told] = await warnings_of(consumer, caplog, "told", *more)
    assert told.startswith(f"{__name__}:Made.handle_do sends Told ('told'), which no handler declares, so the document")
    if not is_kept:
        assert told.endswith(f"; annotate the handler with what it returns: `-> {annotation}`")


async def sends(self: Any, message: Do) -> None:
    await self.send_message(Told())


async def broadcasts(self: Any, message: Do) -> None:
    await self.broadcast_message(Told())


async def helps(self: Any, message: Do) -> None:
    await help_out(self)


async def help_out(consumer: Any) -> None:
    await consumer.send_message(Told())


@pytest.mark.parametrize(("body", "source"), [(sends, sends), (broadcasts, broadcasts), (helps, help_out)])
async def test_what_is_sent_otherwise_is_told_with_its_line(
    body: Any, source: Any, caplog: pytest.LogCaptureFixture
) -> None:
    [told] = await warnings_of(sending(body), caplog, "told")
    line = line_of(source, "Told()")
    assert told.startswith(
        f"{__name__}:{source.__code__.co_qualname}, line {line}, sends Told ('told'), which no handler"
    )
    assert told.endswith("; write output_type=Told in the @ws_handler or @event_handler that it belongs to")


async def sends_json(self: Any, message: Do) -> None:
    await self.send_json({"action": "told", "by": message.payload})


async def broadcasts_json(self: Any, message: Do) -> None:
    await self.broadcast_message({"action": "told"})


@pytest.mark.parametrize("body", [sends_json, broadcasts_json])
async def test_so_is_json_that_is_no_message(body: Any, caplog: pytest.LogCaptureFixture) -> None:
    [told] = await warnings_of(sending(body), caplog, "told")
    assert f"{body.__name__}, line {line_of(body, '{')}, sends JSON ('told'), which no handler declares" in told
    assert told.endswith("make it a message class, and name that in output_type= of its @ws_handler or @event_handler")


async def test_a_name_of_a_client_is_shown_in_one_line_and_names_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    async def echoes(self: Any, message: Do) -> None:
        for number in range(150):
            await self.send_json({"action": f"{number}\n\x1b[31m" + "x" * 1000})

    consumer = sending(echoes)
    with caplog.at_level(logging.WARNING, logger="chanspec"):
        async with connected(consumer.as_asgi()) as client:
            client.say("do", "x")
            for _ in range(150):
                await client.frame()
    assert len(caplog.records) == 100
    assert all(record.getMessage().isprintable() and len(record.getMessage()) < 600 for record in caplog.records)


async def nameless(self: Any, message: Do) -> None:
    await self.send_message(Nameless())
    await self.send_json({"text": ""})


async def test_what_has_no_name_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    one, other = await warnings_of(sending(nameless), caplog, "", "")
    assert "sends Nameless without 'action', which would name it" in one
    assert "sends JSON without 'action', which would name it" in other


async def test_json_without_a_name_may_be_what_is_described_so(caplog: pytest.LogCaptureFixture) -> None:
    async def ticks(self: Any, message: Do) -> None:
        await self.send_json({"tick": 1})
        await self.send_json({"action": "tock"})

    tick = document_event("tick", payload={"properties": {"tick": {"type": "integer"}}})(lambda self: None)
    [told] = await warnings_of(sending(ticks, event_field=None, tick=tick), caplog, "", "tock")
    assert "sends JSON ('tock')" in told


async def test_what_is_written_otherwise_than_declared_is_told(caplog: pytest.LogCaptureFixture) -> None:
    class Odd(BaseMessage):
        action: Literal["odd"] = "odd"
        payload: str

        @model_serializer
        def write(self) -> dict[str, str]:
            return {"action": self.payload.lower() + "ly"}

    async def odd(self: Any, message: Do) -> Any:
        return Odd(payload="Odd")

    handler = ws_handler(input_type=Do, output_type=Odd)(odd)
    consumer = type("Made", (Room,), {"handle_do": handler})
    [told] = await warnings_of(consumer, caplog, "oddly")
    assert "sends Odd ('oddly'), which no handler declares" in told


async def test_nothing_is_said_of_what_is_declared_or_is_chanspecs_own(caplog: pytest.LogCaptureFixture) -> None:
    class Quiet(Consumer[Any]):
        groups = ["undeclared"]
        send_completion = True
        passthrough_events = [Happened]
        camelize = True
        discriminator_field = "message_kind"

        @ws_handler(input_type=PingMessage, output_type=PongMessage)
        async def handle_ping(self, message: PingMessage) -> None:
            await self.send_message(PongMessage())
            await self.send_json({"messageKind": "pong"})
            await self.broadcast_message(PongMessage())
            await self.broadcast_event(Happened())

        @event_handler
        async def on_pong(self, event: PongMessage) -> None: ...

    with caplog.at_level(logging.WARNING, logger="chanspec"):
        async with connected(Quiet.as_asgi()) as client:
            client.text('{"messageKind": "ping"}')
            client.text("{}")
            names = [json.loads((await client.frame())["text"]) for _ in range(9)]
    values = {each.get("messageKind") or each.get("handler") for each in names}
    assert values >= {"pong", "happened", "error", "complete"}
    assert caplog.records == []


async def test_it_is_off_where_the_class_or_configure_says_so(caplog: pytest.LogCaptureFixture) -> None:
    assert await warnings_of(sending(returned, log_undeclared_messages=False), caplog, "told") == []
    configure(log_undeclared_messages=False)
    try:
        consumer = sending(returned, StarletteConsumer)
        assert await warnings_of(consumer, caplog, "told") == []
    finally:
        configure()
    assert len(await warnings_of(consumer, caplog, "told")) == 1


@pytest.mark.parametrize(
    ("debug", "setting", "is_logged"),
    [(True, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
async def test_on_django_it_goes_with_debug_unless_the_setting_says_otherwise(
    debug: bool, setting: bool | None, is_logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    consumer = sending(returned, DjangoConsumer)
    with override_settings(DEBUG=debug, CHANSPEC={"LOG_UNDECLARED_MESSAGES": setting}):
        assert len(await warnings_of(consumer, caplog, "told")) == is_logged
