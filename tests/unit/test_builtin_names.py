"""The application's own messages that are called like one of chanspec's: a problem, or what is sent in its place."""

from __future__ import annotations

from typing import Any, Literal

import jsonschema_rs
import pytest

from chanspec import AsyncAPIGenerator, document_event
from chanspec.contract import contract_of
from chanspec.decorators import event_handler, ws_handler
from chanspec.enforcement import checker_of
from chanspec.messages import BaseChannelEvent, BaseMessage, ErrorMessage, PingMessage, PongMessage
from chanspec.problems import Problem
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.runtime.consumer import Consumer


def called(name: str) -> type[BaseMessage]:
    body = {"__annotations__": {"action": Literal[name], "code": int}, "action": name, "__module__": __name__}
    return type("Own", (BaseMessage,), body)


def sending(message: Any, **attributes: Any) -> type[Consumer[Any]]:
    class Room(Consumer[Any]):
        @ws_handler(output_type=message)
        async def handle_it(self, message: PingMessage) -> None: ...

    return type("Room", (Room,), {"__module__": __name__, **attributes})


def problems_of(consumer: type) -> list[Problem]:
    generator = AsyncAPIGenerator(consumer)
    assert list(generator.problems) == list(contract_of(consumer).problems)
    return list(generator.problems)


def messages_of(consumer: type) -> dict[str, str]:
    document = AsyncAPIGenerator(consumer).get_spec()
    return {name: each["title"] for name, each in document["components"]["messages"].items()}


@pytest.mark.parametrize("name", ["error", "authentication", "complete", "group_complete", "event_complete"])
def test_a_message_called_like_one_that_chanspec_sends_is_a_problem(name: str) -> None:
    [problem] = problems_of(sending(called(name), authenticator_class=BaseAuthenticator))
    assert problem.where.endswith("Room.handle_it")
    assert problem.what.startswith(f"Own is called {name!r}, as is what chanspec itself sends")
    assert problem.what.endswith("clients cannot tell them apart")
    assert problem.cure.startswith("give it another name")


@pytest.mark.parametrize("name", ["ping", "pong"])
def test_ping_and_pong_are_the_applications_own(name: str) -> None:
    class Room(Consumer[Any]):
        @ws_handler(input_type=called(name), output_type=called(name))
        async def handle_it(self, message: Any) -> None: ...

    assert problems_of(Room) == []


def test_who_authenticates_nobody_may_call_a_message_so() -> None:
    for attributes in ({}, {"authenticator_class": BaseAuthenticator, "send_authentication_message": False}):
        consumer = sending(called("authentication"), **attributes)
        assert problems_of(consumer) == []
        assert list(messages_of(consumer).values()).count("authentication") == 1


def test_what_clients_send_and_what_is_named_by_another_field_is_no_namesake() -> None:
    class Happened(BaseChannelEvent):
        handler: Literal["error"] = "error"

    class Room(Consumer[Any]):
        passthrough_events = [Happened]

        @ws_handler(input_type=called("error"))
        async def handle_it(self, message: Any) -> None: ...

    assert problems_of(Room) == []


def test_both_are_documented_whether_an_operation_sends_it_or_an_answer_is_it() -> None:
    class Room(Consumer[Any]):
        @event_handler(output_type=called("error"))
        async def on_it(self, event: PingMessage) -> None: ...

    for consumer in (Room, sending(called("error"))):
        assert [problem.what.partition(",")[0] for problem in problems_of(consumer)] == ["Own is called 'error'"]
        found = messages_of(consumer)
        assert (found["Own"], found["ErrorMessage"]) == ("error", "error")


def test_a_described_event_of_that_name_is_one() -> None:
    class Room(Consumer[Any]):
        discriminator_field = "type"

        @ws_handler
        async def handle_it(self, message: PingMessage) -> PongMessage: ...

        @document_event("error")
        async def error(self) -> None: ...

    [problem] = problems_of(Room)
    assert problem.where.endswith("Room.error")
    assert problem.what.startswith("the event is called 'error'")


async def hook(self: Any, *_: Any) -> None: ...


def test_who_overrides_all_that_sends_the_error_has_his_own_instead() -> None:
    hooks = ["handle_validation_error", "handle_json_processing_error", "handle_message_handler_error"]
    own = called("error")
    consumer = sending(own, **dict.fromkeys(hooks, hook))
    assert problems_of(consumer) == []
    assert messages_of(consumer) == {"PingMessage": "ping", "Own": "error"}
    [event] = contract_of(consumer).events
    assert (event.name, [message.payload for message in event.messages]) == ("error", [own])
    assert len(problems_of(sending(own, **dict.fromkeys(hooks[:2], hook)))) == 1


@pytest.mark.parametrize("camelize", [False, True])
def test_chanspecs_own_error_is_one_message_however_it_is_sent(camelize: bool) -> None:
    consumer = sending(ErrorMessage, camelize=camelize)
    assert problems_of(consumer) == []
    assert messages_of(consumer) == {"PingMessage": "ping", "ErrorMessage": "error"}
    contract = contract_of(consumer)
    assert contract.actions[0].replies == contract.events[0].messages
    payload = AsyncAPIGenerator(consumer).get_spec()["components"]["messages"]["ErrorMessage"]["payload"]
    validator = jsonschema_rs.Draft7Validator(payload)
    for content in ([{"loc": [], "msg": "x", "type": "x"}], {"detail": "x"}, {"code": 7}, None):
        assert validator.is_valid({"action": "error", "payload": content})
        assert checker_of(consumer).outbound(ErrorMessage(payload=content).model_dump_json()) is None
    assert not validator.is_valid({"action": "eror", "payload": None})


def test_an_error_that_only_chanspec_sends_is_described_in_full() -> None:
    payload = AsyncAPIGenerator(sending(PongMessage)).get_spec()["components"]["messages"]["ErrorMessage"]["payload"]
    assert not jsonschema_rs.Draft7Validator(payload).is_valid({"action": "error", "payload": {"code": 7}})
