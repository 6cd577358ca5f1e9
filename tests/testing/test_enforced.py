"""The contract is enforced by default: a consumer that breaks it fails its own ordinary tests."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from pydantic import BaseModel

from chanspec import document_action, document_event
from chanspec.messages import ErrorMessage, PingMessage, PongMessage
from chanspec.testing import ContractError, WebsocketCommunicator
from tests.testing.chat import Done, Leak, Say, Text

WAIT = 20.0


async def test_an_undocumented_event_fails_at_the_next_receive_with_message_consumer_and_cure(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/") as communicator:
        await communicator.send_message(Leak())
        with pytest.raises(ContractError) as caught:
            await communicator.receive_message(Done, timeout=WAIT)
        assert isinstance(caught.value, AssertionError)
        assert "'secret'" in str(caught.value)
        assert "Chat" in str(caught.value)
        assert "output_type" in str(caught.value)  # the cure
        assert [(each.direction, each.message) for each in communicator.drifts] == [("out", "secret")]


async def test_it_fails_at_the_end_if_nothing_is_received(consumer: Any) -> None:
    with pytest.raises(ContractError, match="'secret'"):  # noqa: PT012
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(Leak())
            await communicator.receive_output(timeout=WAIT)  # the frame itself, seen before the middleware reports it


@pytest.mark.parametrize("use", ["settled", "receive_nothing", "receive_all_messages", "receive_json_from"])
async def test_every_way_to_wait_raises_it(consumer: Any, use: str) -> None:
    async with WebsocketCommunicator(consumer, "/", timeout=WAIT) as communicator:
        await communicator.send_message(Leak())
        with pytest.raises(ContractError, match="'secret'"):
            await getattr(communicator, use)()


async def test_it_is_noted_on_what_the_test_failed_with_itself(consumer: Any) -> None:
    with pytest.raises(ZeroDivisionError) as caught:  # noqa: PT012
        async with WebsocketCommunicator(consumer, "/") as communicator:
            await communicator.send_message(Leak())
            _ = 1 / 0
    [note] = caught.value.__notes__
    assert note.startswith("ContractError: ")
    assert "'secret'" in note


async def test_it_is_told_once(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/") as communicator:
        await communicator.send_message(Leak())
        with pytest.raises(ContractError):
            await communicator.settled()
        await communicator.settled()
        assert [each["action"] for each in await communicator.receive_all_json()] == ["secret", "done"]


async def test_what_the_test_sends_wrongly_is_answered_and_fails_nothing(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/", timeout=WAIT) as communicator:
        for wrong in ({"action": "say", "payload": 7}, {"action": "nothing"}, [], {}):
            await communicator.send_json_to(wrong)
            assert isinstance(await communicator.receive_message(ErrorMessage), ErrorMessage)
        await communicator.send_to("no json")
        assert isinstance(await communicator.receive_message(), ErrorMessage)
        await communicator.send_to(bytes_data=b"\x00")
        assert isinstance(await communicator.receive_message(), ErrorMessage)
        assert communicator.drifts
        assert {each.direction for each in communicator.drifts} == {"in"}


async def test_completion_signals_and_authentication_are_no_drift(consumer: Any) -> None:
    async with WebsocketCommunicator(consumer, "/", settings={"send_completion": True}) as communicator:
        await communicator.send_message(PingMessage())
        await communicator.send_message(Say(payload=Text(text="hi")))
        await communicator.settled()
        assert not communicator.drifts
        assert await communicator.receive_message(PongMessage) == PongMessage()


async def test_a_warning_is_logged_and_nothing_fails(consumer: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="chanspec.contract"):
        async with WebsocketCommunicator(consumer, "/", contract="warn") as communicator:
            await communicator.send_message(Leak())
            await communicator.settled()
    assert "'secret'" in caplog.text
    assert len(communicator.drifts) == 1


async def test_it_can_be_turned_off(consumer: Any, caplog: pytest.LogCaptureFixture) -> None:
    async with WebsocketCommunicator(consumer, "/", contract="off") as communicator:
        await communicator.send_message(Leak())
        await communicator.settled()
    assert not communicator.drifts
    assert "'secret'" not in caplog.text
    with pytest.raises(ValueError, match='write "error", "warn" or "off"'):
        WebsocketCommunicator(consumer, "/", contract="no")  # type: ignore[arg-type]


class New(BaseModel):
    text: str


class Described(AsyncJsonWebsocketConsumer):
    """Annotated, and otherwise Channels' own."""

    @document_action(summary="Say something", payload=New)
    async def handle_say(self, content: Any) -> None:
        await self.send_json({"type": "message.new", "text": content["text"]})

    @document_event("message.new", payload=New)
    async def message_new(self, event: Any) -> None: ...

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if content.get("action") == "say":
            await self.handle_say(content)
        else:
            await self.send_json({"type": "message.lost"})


@pytest.mark.django_db  # Channels' own consumers close the old database connections of the thread before each frame
async def test_annotated_consumers_are_held_to_their_contract_too() -> None:
    async with WebsocketCommunicator(Described, "/", timeout=WAIT) as communicator:
        await communicator.send_json_to({"action": "say", "text": "hi"})
        assert await communicator.receive_message(New) == New(text="hi")
        await communicator.send_json_to({"action": "other"})
        with pytest.raises(ContractError, match=r"'message\.lost'"):
            await communicator.receive_json_from()
