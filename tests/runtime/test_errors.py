"""What a client is answered when something is wrong, and what the log says: never its input, never a traceback."""

from __future__ import annotations

import asyncio
import json
import logging
from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import ValidationError, field_validator

from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, ErrorMessage
from chanspec.runtime.codec import FrameError
from chanspec.runtime.consumer import Consumer

from .driver import Client, connected
from .messages import Count, Notify, Said, Say


class Fragile(Consumer[Any]):
    groups = ["fragile"]
    max_depth = 8

    @ws_handler
    async def say(self, message: Say) -> Said:
        if message.payload == "boom":
            raise LookupError("the innermost secret")
        if message.payload == "wrong":
            return {"action": "said"}  # type: ignore[return-value]
        if message.payload == "unserializable":
            return Said(payload=object())
        return Said(payload=message.payload)

    @ws_handler(concurrent=True)
    async def count(self, message: Count) -> Said:
        raise LookupError("the innermost secret")

    @event_handler
    async def notify(self, event: Notify) -> Said:
        if event.payload == "boom":
            raise LookupError("the innermost secret")
        return Said(payload=event.payload)


@pytest.mark.parametrize(
    "text",
    [
        '{"action": "say", "payload": {"SECRET": 1}}',
        '{"action": "SECRET"}',
        "{SECRET",
        "[1]",
        "null",
        "",
        '{"action": "say", "payload": ' + "[" * 20 + '"SECRET"' + "]" * 20 + "}",
        '{"action": "say", "payload": ' + "[" * 5000,
        '{"payload": "SECRET"}',
    ],
)
async def test_what_is_no_message_is_answered_with_one_error_and_the_connection_stays_open(text: str) -> None:
    async with connected(Fragile.as_asgi()) as client:
        client.text(text)
        answer = await client.message()
        assert answer["action"] == "error"
        assert [set(each) for each in answer["payload"]] == [{"loc", "msg", "type"}]
        assert "SECRET" not in json.dumps(answer)
        assert (await client.ask("say", "still here"))["payload"] == "still here"


async def test_binary_frame_is_answered_with_an_error() -> None:
    async with connected(Fragile.as_asgi()) as client:
        client.bytes(b"\xff")
        assert (await client.message())["payload"][0]["type"] == "binary_frame"
        assert (await client.ask("say", "still here"))["payload"] == "still here"


@pytest.mark.parametrize("payload", ["boom", "wrong", "unserializable"])
async def test_failing_handler_is_logged_with_its_traceback_and_answered_without(
    payload: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(Fragile.as_asgi()) as client:
        answer = await client.ask("say", payload)
        assert answer == {"action": "error", "payload": {"detail": "The message could not be handled."}}
        assert (await client.ask("say", "still here"))["payload"] == "still here"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.name == "chanspec"
    assert record.exc_info is not None
    assert record.action == "say"  # type: ignore[attr-defined]
    assert record.consumer.endswith("Fragile")  # type: ignore[attr-defined]


async def test_failing_concurrent_handler_is_answered_the_same(caplog: pytest.LogCaptureFixture) -> None:
    async with connected(Fragile.as_asgi()) as client:
        assert (await client.ask("count", 1))["payload"] == {"detail": "The message could not be handled."}
    assert "the innermost secret" in caplog.text


async def test_failing_event_handler_is_logged_and_the_client_is_not_bothered(caplog: pytest.LogCaptureFixture) -> None:
    async with connected(Fragile.as_asgi()) as client:
        await Fragile.broadcast_event(Notify(payload="boom"))
        await Fragile.broadcast_event(Notify(payload="next"))
        assert (await client.message())["payload"] == "next"
    assert "the innermost secret" in caplog.text


class Picky(BaseMessage):
    action: Literal["picky"] = "picky"
    payload: str

    @field_validator("payload")
    @classmethod
    def look_up(cls, value: str) -> str:
        return {"known": value}[value]


class PickyEvent(BaseChannelEvent):
    handler: Literal["picky_event"] = "picky_event"
    payload: Any = None

    @field_validator("payload")
    @classmethod
    def look_up(cls, value: Any) -> Any:
        return {"known": value}[value]


class Careless(Consumer[Any]):
    """Its validators raise what is no ``ValueError``, and its handlers await what was cancelled."""

    groups = ["careless"]

    @ws_handler
    async def picky(self, message: Picky) -> Said:
        return Said(payload=message.payload)

    @ws_handler
    async def say(self, message: Say) -> Said:
        await _wait_for_something_cancelled()
        return Said(payload=message.payload)

    @ws_handler(concurrent=True)
    async def count(self, message: Count) -> Said:
        await _wait_for_something_cancelled()
        return Said(payload=message.payload)

    @event_handler
    async def notify(self, event: Notify) -> Said:
        if event.payload == "cancelled":
            await _wait_for_something_cancelled()
        return Said(payload=event.payload)

    @event_handler
    async def picky_event(self, event: PickyEvent) -> Said:
        return Said(payload=event.payload)


async def _wait_for_something_cancelled() -> None:
    shared = asyncio.get_running_loop().create_future()
    shared.cancel()
    await shared


@pytest.mark.parametrize(("action", "payload"), [("picky", "SECRET"), ("say", "x"), ("count", 1)])
async def test_validator_that_breaks_and_handler_that_awaits_something_cancelled_are_failures_like_any_other(
    action: str, payload: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(Careless.as_asgi()) as client:
        answer = await client.ask(action, payload)
        assert answer == {"action": "error", "payload": {"detail": "The message could not be handled."}}
        [record] = caplog.records
        assert record.levelname == "ERROR"
        assert record.exc_info is not None
        assert (await client.ask("picky", "known"))["payload"] == "known"


async def test_channel_event_that_fails_in_such_a_way_is_logged_and_the_next_is_handled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = PickyEvent.model_construct(payload="received")
    async with connected(Careless.as_asgi()) as client:
        for event in (Notify(payload="cancelled"), broken, Notify(payload="next")):
            await Careless.broadcast_event(event, groups=["careless"])
        assert (await client.message())["payload"] == "next"
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


async def test_error_hooks_can_be_overridden_and_may_fail_themselves(caplog: pytest.LogCaptureFixture) -> None:
    class Own(Fragile):
        async def handle_validation_error(self, error: ValidationError) -> None:
            await self.send_message(ErrorMessage(payload={"detail": f"{error.error_count()} mistakes"}))

        async def handle_json_processing_error(self, error: FrameError) -> None:
            await self.send_message(ErrorMessage(payload={"detail": error.kind}))

        async def handle_message_handler_error(self, error: Exception, action: str, message: Any) -> None:
            raise LookupError("the hook is broken")

    async with connected(Own.as_asgi()) as client:
        assert (await client.ask("nope"))["payload"] == {"detail": "1 mistakes"}
        client.bytes(b"")
        assert (await client.message())["payload"] == {"detail": "binary_frame"}
        client.say("say", "boom")
        assert (await client.ask("say", "still here"))["payload"] == "still here"
    assert "the hook is broken" in caplog.text


class Bare(Fragile):
    """Parses in a hook, by Python's own parser."""

    max_depth = 200_000

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        return json.loads(text_data)


class Exact(Bare):
    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        return json.loads(text_data, parse_float=Decimal, parse_int=Decimal)


class Handing(Fragile):
    max_depth = 200_000

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)


class Encoding(Bare):
    """Does something with what it got that fails for half a character, NaN, or hundreds of levels."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
        self.walk(content)
        await super().receive_json(content, **kwargs)

    def walk(self, content: Any) -> None:
        for each in content if isinstance(content, list) else ():
            self.walk(each)


class Receiving(Fragile):
    max_depth = 200_000

    async def receive(self, text_data: Any = None, bytes_data: Any = None, **kwargs: Any) -> None:
        await self.receive_json(json.loads(text_data))


class Raw(Fragile):
    max_depth = 200_000

    async def websocket_receive(self, message: Any) -> None:
        await self.receive_json(json.loads(message["text"]))


class Dispatching(Fragile):
    max_depth = 200_000

    async def dispatch(self, message: Any) -> None:
        if message["type"] == "websocket.receive":
            json.loads(message["text"])
        await super().dispatch(message)


@pytest.mark.parametrize("consumer", [Bare, Exact, Handing, Encoding, Receiving, Raw, Dispatching])
@pytest.mark.parametrize(
    "text",
    [
        r'"\ud800"',
        r'{"action": "say", "payload": "\ud800", "more": 1.5}',
        r'{"action": "say", "payload": "x", "\ud800": 1.5}',
        "[" * 900 + "]" * 900,
        "[" * 5000 + "]" * 5000,
        "[" * 80_000,
        '{"a":' * 3000 + "1" + "}" * 3000,
        "{",
        '{"n": ' + "9" * 5000 + "}",  # more digits than Python's integers may have, and all of them for Decimal
    ],
    ids=lambda text: text[:20],
)
async def test_what_is_no_json_is_said_to_be_none_whichever_hook_parses_it(
    consumer: Any, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(consumer.as_asgi()) as client:
        client.text(text)
        [error] = (await client.message())["payload"]
        if consumer is Exact and text.startswith('{"n"'):
            assert error["msg"] == "Field required"
        else:
            assert error["type"] == "json_invalid"
            assert error["msg"].startswith("Invalid JSON")
        assert (await client.ask("say", "x"))["payload"] == "x"
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


@pytest.mark.parametrize("consumer", [Receiving, Raw, Dispatching])
async def test_limits_hold_for_hooks_that_parse_frames_themselves(consumer: Any) -> None:
    class Limited(consumer):  # type: ignore[misc]
        max_depth = 3
        max_frame_bytes = 200

    client = Client(Limited.as_asgi())
    await client.open()
    client.text('{"action": "say", "payload": [[[1]]]}')
    assert (await client.message())["payload"][0]["type"] == "too_deep"
    client.text('"' + "x" * 200 + '"')
    assert await client.frame() == {"type": "websocket.close", "code": 1009, "reason": "message too big"}
    await client.ended()


@pytest.mark.parametrize("text", ['{"action": "say", "payload": "x"}', ")]}' 5", "{"])
async def test_a_hook_whose_own_mistake_it_is_is_logged(text: str, caplog: pytest.LogCaptureFixture) -> None:
    class Wrong(Fragile):
        async def receive(self, text_data: Any = None, bytes_data: Any = None, **kwargs: Any) -> None:
            json.loads("a file of ours")

    async with connected(Wrong.as_asgi()) as client:
        client.text(text)
        assert (await client.message())["payload"] == {"detail": "The message could not be handled."}
    assert "failed to handle websocket.receive" in caplog.text


async def test_three_thousand_malformed_frames_close_nothing_and_log_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with connected(Fragile.as_asgi()) as client:
        for _ in range(1000):
            for text in ("{", '{"action": "x"}', '{"action": "say"}'):
                client.text(text)
                assert (await client.message())["action"] == "error"
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


# Limits


async def test_frame_that_is_too_large_closes_with_1009() -> None:
    codes: list[int] = []

    class Small(Fragile):
        max_frame_bytes = 100

        async def disconnect(self, code: int) -> None:
            codes.append(code)

    text = json.dumps({"action": "say", "payload": "é"}, ensure_ascii=False)
    fill = "x" * (100 - len(text.encode()))
    client = Client(Small.as_asgi())
    await client.open()
    client.text(text.replace("é", "é" + fill))
    assert (await client.message())["payload"] == "é" + fill
    client.text(text.replace("é", "é" + fill + "x"))
    client.say("say", "not handled")
    assert await client.frame() == {"type": "websocket.close", "code": 1009, "reason": "message too big"}
    await client.ended()
    assert codes == [1009]
    assert client.outbox.empty()


async def test_client_that_sends_too_fast_is_closed_with_1008(monkeypatch: pytest.MonkeyPatch) -> None:
    class Limited(Fragile):
        max_messages_per_second = 5

    client = Client(Limited.as_asgi())
    await client.open()
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)  # however slow the machine is
    for n in range(6):
        client.say("say", str(n))
    assert [(await client.message())["payload"] for _ in range(5)] == ["0", "1", "2", "3", "4"]
    assert await client.frame() == {"type": "websocket.close", "code": 1008, "reason": "too many messages"}
    await client.ended()


async def test_limit_of_messages_allows_them_again_with_time() -> None:
    class Limited(Fragile):
        max_messages_per_second = 20

    async with connected(Limited.as_asgi()) as client:
        for n in range(30):
            assert (await client.ask("say", str(n)))["payload"] == str(n)
            await asyncio.sleep(0.03)
