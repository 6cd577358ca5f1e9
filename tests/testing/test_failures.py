"""How failures of receiving read: what was expected against what came, bounded and escaped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from chanspec.messages import ErrorMessage, PingMessage, PongMessage
from chanspec.testing import NothingReceivedError, ReceiveError, WebsocketCommunicator
from chanspec.testing.failures import MAX_LINE, MAX_LINES
from tests.testing.chat import Hold, Said, Say, Text


def sender(*texts: str) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for text in texts:
            await send({"type": "websocket.send", "text": text})
        await receive()

    return app


async def failure(text: str, expected: Any) -> str:
    async with WebsocketCommunicator(sender(text), "/ws/", timeout=20) as communicator:
        with pytest.raises(ReceiveError) as caught:
            await communicator.receive_message(expected)
    return str(caught.value)


async def test_another_message_is_shown_as_a_diff() -> None:
    text = await failure('{"action": "said", "payload": {"text": "hi", "at": 1}}', PongMessage)
    assert text.splitlines()[:7] == [
        '/ws/: expected PongMessage ("pong"), but "said" came:',
        "    {",
        '  -   "action": "pong"',
        '  +   "action": "said"',
        '  -   "payload": None',
        '  +   "payload": {"text": "hi", "at": 1}',
        "    }",
    ]


async def test_only_the_fields_that_are_wrong_are_marked_and_explained() -> None:
    text = await failure('{"action": "said", "payload": {"text": 7, "at": 1}}', Said | PongMessage)
    assert text.splitlines()[:10] == [
        '/ws/: expected Said ("said") or PongMessage ("pong"), but "said" came:',
        "    {",
        '      "action": "said"',
        '      "payload": {',
        '  -     "text": str',
        '  +     "text": 7',
        '        "at": 1',
        "      }",
        "    }",
        "  payload.text: Input should be a valid string",
    ]


async def test_a_missing_field_is_marked() -> None:
    text = await failure('{"action": "said", "payload": {"at": 1}}', Said)
    assert '  -     "text": str\n' in text
    assert "+" not in text.splitlines()[4]
    assert "payload.text: Field required" in text


async def test_a_dataclass_is_shown_field_by_field() -> None:
    @dataclass
    class Point:
        x: int
        y: int

    text = await failure('{"x": 1, "y": "far"}', Point)
    assert text.startswith("/ws/: expected Point, but this came:")
    assert '      "x": 1\n  -   "y": int\n  +   "y": "far"' in text


@pytest.mark.parametrize("content", ["[1, 2]", "no json", '"text"', "null", '{"action": ["said"]}'])
async def test_what_is_no_message_at_all_is_shown(content: str) -> None:
    text = await failure(content, Said)
    assert "expected Said" in text
    assert "came:" in text


async def test_what_came_is_bounded_and_escaped() -> None:
    hostile = {f"\x1b[31m{number}\u202e\n": "\x00\u2028" + "x" * 1000 for number in range(500)}
    text = await failure(json.dumps({"action": "a\x1b\n" * 1000, "payload": hostile}, ensure_ascii=False), Said)
    assert len(text.splitlines()) < 2 * MAX_LINES
    assert max(map(len, text.splitlines())) < 2 * MAX_LINE
    assert all(character.isprintable() for character in text.replace("\n", ""))


async def test_a_missing_message_says_what_went_before_and_that_nothing_is_under_way(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/ws/") as communicator:
        await communicator.send_message(PingMessage())
        await communicator.receive_message(PongMessage, timeout=20)
        await communicator.send_json_to({"action": "say", "payload": 1})
        await communicator.receive_message(ErrorMessage, timeout=20)
        with pytest.raises(NothingReceivedError) as caught:
            await communicator.receive_message(Said, timeout=0.01)
    first, second, third, accepted, *frames = str(caught.value).splitlines()
    assert first == '/ws/: expected Said ("said"), but nothing came within 0.01 s'
    assert second == "  it has settled: nothing more will come of what was sent to it"
    assert (third, accepted) == ("what went before (> sent by the test, < by the application):", "  < accept")
    assert [each[:4] for each in frames] == ["  > ", "  < ", "  > ", "  < "]
    assert "Input should be an object" in frames[3]


async def test_a_missing_message_says_what_is_still_at_work(consumer: Any, hold: Any) -> None:
    gate = hold("slow")
    async with WebsocketCommunicator(consumer, "/ws/") as communicator:
        await communicator.send_message(Hold(payload="slow"))
        await communicator.send_message(Say(payload=Text(text="waits")))
        with pytest.raises(TimeoutError, match=r"Chat is handling a message; .* has 1 more frame\(s\) to handle"):
            await communicator.receive_message(Said, timeout=0.01)
        gate.set()


async def test_many_expected_classes_are_not_all_listed(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/ws/") as communicator:
        with pytest.raises(NothingReceivedError, match=r"or [0-9]+ others, but nothing came within"):
            await communicator.receive_message(timeout=0)


async def test_bytes_are_shown_as_what_they_are() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for _ in range(3):
            await send({"type": "websocket.send", "bytes": b"\x00\xff" * 1000})
        await receive()

    async with WebsocketCommunicator(app, "/ws/") as communicator:
        for receive in (
            communicator.receive_message(PongMessage),
            communicator.receive_json_from(),
            communicator.receive_all_json(),
        ):
            with pytest.raises(ReceiveError, match="2000 bytes 00 ff"):
                await receive


async def test_a_long_history_is_cut_to_its_end() -> None:
    texts = [json.dumps({"action": "pong", "payload": n}) for n in range(30)]
    async with WebsocketCommunicator(sender(*texts), "/ws/", timeout=20) as communicator:
        for _ in texts:
            await communicator.receive_from()
        with pytest.raises(NothingReceivedError) as caught:
            await communicator.receive_message(PongMessage, timeout=0.01)
    before, after = str(caught.value).split("\n  …\n")
    assert before.endswith("what went before (> sent by the test, < by the application):")
    assert '"payload": 29' in after.splitlines()[-1]
    assert '"payload": 0}' not in after


async def test_a_message_of_a_plain_class_is_sent_and_json_of_another_kind_is_told_where_it_goes() -> None:
    @dataclass
    class Plain:
        action: str
        n: int

    async def echo(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        frame = await receive()
        await send({"type": "websocket.send", "text": frame["text"]})
        await receive()

    async with WebsocketCommunicator(echo, "/ws/", timeout=20) as communicator:
        with pytest.raises(TypeError, match=r"not dict; use send_json_to\(\) for JSON of any shape"):
            await communicator.send_message({"action": "x"})  # type: ignore[arg-type]
        await communicator.send_message(Plain("x", 1))  # type: ignore[arg-type]
        assert await communicator.receive_json_from() == {"action": "x", "n": 1}
