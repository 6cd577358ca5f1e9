"""What is logged, in which form, and that nothing is spent where it is not."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime import log
from chanspec.runtime.consumer import Consumer

from .driver import connected
from .messages import Said, Say


class Logged(Consumer[Any]):
    groups = ["logged"]
    log_ignored_actions = ["ping", "pong"]

    @ws_handler
    async def say(self, message: Say) -> Said | None:
        if message.payload == "all":
            await self.broadcast_message(Said(payload="all"))
            return None
        return Said(payload=message.payload)

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


async def test_messages_are_logged_with_structured_fields(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="chanspec")
    async with connected(Logged.as_asgi()) as client:
        await client.ask("say", "x")
        await client.ask("ping")
    records = [record for record in caplog.records if record.name == "chanspec"]
    assert [record.getMessage() for record in records] == ["received say", "sent said"]
    record: Any = records[0]
    assert (record.direction, record.action) == ("received", "say")
    assert record.consumer == "tests.runtime.test_logging:Logged"
    assert record.channel_name
    assert record.size == len(record.text)
    assert "'payload'" in record.text or '"payload"' in record.text


async def test_broadcasts_are_logged_once_by_their_sender(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="chanspec")
    async with connected(Logged.as_asgi()) as one, connected(Logged.as_asgi()):
        await one.ask("say", "all")
    assert [record.getMessage() for record in caplog.records] == ["received say", "broadcast said"]


@pytest.mark.parametrize("switch", ["level", "setting"])
async def test_messages_cost_no_call_of_logging_where_it_is_off(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Off(Logged):
        log_websocket_message = switch == "level"

    calls: list[str] = []

    class Counting(logging.Logger):
        def isEnabledFor(self, level: int) -> bool:
            calls.append("isEnabledFor")
            return super().isEnabledFor(level)

        def _log(self, *args: Any, **kwargs: Any) -> None:
            calls.append("_log")

    logger = Counting("chanspec", logging.WARNING if switch == "level" else logging.INFO)
    async with connected(Off.as_asgi()):
        pass  # warm
    monkeypatch.setattr(log, "logger", logger)
    async with connected(Off.as_asgi()) as client:
        opening = len(calls)
        for _ in range(100):
            await client.ask("say", "x")
        assert len(calls) == opening
        assert opening <= 1


async def test_what_a_client_sends_is_logged_in_one_line_escaped_and_cut(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="chanspec")
    async with connected(Logged.as_asgi()) as client:
        client.text('{"action": "say",\n"payload": "\x7f\u2028' + "x" * 10_000 + '"}')
        await client.message()
    for record in caplog.records:
        text: str = record.text  # type: ignore[attr-defined]
        assert text.isprintable()
        assert text.isascii() or text[:1000].isascii()
        assert len(text) < 1100


@pytest.mark.parametrize("value", ["a\nb", "\x1b[31m", "\x00", "\u202e", "é" * 5000])
def test_shown_text_is_one_line_of_ascii(value: str) -> None:
    shown = log.shown(value)
    assert shown.replace("…", "").isascii()
    assert shown.isprintable()
    assert len(shown) < 1100


async def test_raw_json_is_logged_by_its_action(caplog: pytest.LogCaptureFixture) -> None:
    class Raw(Logged):
        log_undeclared_messages = False

        @ws_handler
        async def say(self, message: Say) -> None:
            await self.send_json({"action": "raw"})
            await self.send_json({"action": "ping"})

    caplog.set_level(logging.INFO, logger="chanspec")
    async with connected(Raw.as_asgi()) as client:
        await client.ask("say", "x")
        await client.message()
    assert [record.getMessage() for record in caplog.records] == ["received say", "sent raw"]
