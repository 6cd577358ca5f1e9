"""The fields that name described messages: those of the class, else of the project's settings, else the usual ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.test import override_settings
from pydantic import BaseModel

from chanspec import AsyncAPIGenerator, document_action, document_event
from chanspec.channels import websocket as on_channels
from chanspec.contract import Contract, contract_of, declared_by
from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage
from chanspec.starlette import websocket as on_starlette
from chanspec.starlette.settings import configure
from chanspec.testing.wire import Wire

USUAL = ("action", "type", "type")


class Described:
    @document_action("Go", responses={"gone": None})
    async def handle_go(self, content: Any) -> None: ...

    @document_event("gone")
    async def gone(self, event: Any) -> None: ...


class Go(BaseMessage):
    action: Literal["go"] = "go"


def fields(contract: Contract) -> tuple[str | None, ...]:
    """Of the action, the event, and the reply."""
    [action], [event] = contract.actions, contract.events
    assert (action.message.field, event.messages[0].field) == (contract.action_field, contract.event_field)
    assert action.replies == event.messages
    return action.message.field, event.messages[0].field, action.replies[0].field


def named(consumer: type) -> tuple[str | None, ...]:
    return fields(contract_of(consumer))


def test_a_class_that_says_nothing_has_the_usual_ones() -> None:
    assert named(Described) == USUAL


def test_a_class_names_them_for_the_methods_of_its_bases_too() -> None:
    class Commanded(Described):
        action_field = "command"

    class Both(Commanded):
        event_field = "command"

    class Mixin:
        event_field: str | None = "msg_type"

    class Mixed(Mixin, Both): ...

    assert named(Commanded) == ("command", "type", "type")
    assert named(Both) == ("command", "command", "command")
    assert named(Mixed) == ("command", "msg_type", "msg_type")
    assert named(Described) == USUAL


def test_none_says_that_no_field_does() -> None:
    class Unnamed(Described):
        action_field = event_field = None

    class Named(Unnamed):
        action_field = "command"

    assert named(Unnamed) == (None, None, None)
    assert named(Named) == ("command", None, None)


def test_an_attribute_that_changes_changes_the_contract() -> None:
    class Changing(Described): ...

    assert named(Changing) == USUAL
    before = contract_of(Changing)
    Changing.action_field = "command"  # type: ignore[attr-defined]
    assert named(Changing) == ("command", "type", "type")
    del Changing.action_field  # type: ignore[attr-defined]
    assert named(Changing) == USUAL
    assert contract_of(Changing) is not before


@pytest.mark.parametrize("value", ["", 3, b"command", ["command"], False])
@pytest.mark.parametrize("attribute", ["action_field", "event_field"])
def test_what_is_no_name_of_a_field_is_an_error(attribute: str, value: Any) -> None:
    consumer = type("Wrong", (Described,), {attribute: value})
    with pytest.raises(TypeError, match=rf"test_fields:Wrong\.{attribute} is .*; write the name of the field"):
        contract_of(consumer)


@pytest.mark.parametrize("field", ["__proto__", "$ref", "hasOwnProperty"])
def test_a_field_that_no_document_can_show_is_a_problem_and_left_out(field: str) -> None:
    consumer = type("Reserved", (Described,), {"action_field": field})
    generator = AsyncAPIGenerator(consumer)
    [problem] = generator.problems
    assert str(problem).endswith("which readers of AsyncAPI do not survive; use another field")
    assert generator.get_spec()["components"]["messages"]["Go"]["payload"] == {"title": "Go"}


def test_a_message_of_no_name_and_no_payload_is_a_problem() -> None:
    class Unnamed:
        action_field = None

        @document_action("Go")
        async def handle_go(self) -> None: ...

    [problem] = AsyncAPIGenerator(Unnamed).problems
    assert "Unnamed.handle_go: 'go' has neither a field that names it nor a payload" in str(problem)


# Attributes of the other kind of consumer


def test_the_attribute_of_typed_consumers_on_a_described_one_is_a_problem() -> None:
    class Mistaken(Described):
        discriminator_field = "command"

    [problem] = contract_of(Mistaken).problems
    assert problem.what == "discriminator_field names typed messages, and the class only describes its own"
    assert "write action_field" in problem.cure


@pytest.mark.parametrize("base", [on_channels.AsyncJsonWebsocketConsumer, on_starlette.AsyncJsonWebsocketConsumer])
def test_the_attributes_of_described_consumers_on_a_typed_one_are_problems(base: Any) -> None:
    class Mistaken(base):  # type: ignore[misc]
        action_field = "command"

        @ws_handler
        async def handle_go(self, message: Go) -> None: ...

    [problem] = contract_of(Mistaken).problems
    assert problem.what == "action_field names described messages, and the class has typed ones only"
    assert problem.cure == "write discriminator_field, which names typed messages"


@pytest.mark.parametrize("base", [on_channels.AsyncJsonWebsocketConsumer, on_starlette.AsyncJsonWebsocketConsumer])
def test_a_consumer_of_both_kinds_names_each_by_its_own(base: Any) -> None:
    class Both(base, Described):  # type: ignore[misc]
        action_field = "command"

        @ws_handler
        async def handle_typed(self, message: Go) -> None: ...

    contract = contract_of(Both)
    assert [(action.name, action.message.field) for action in contract.actions] == [("go", "command"), ("go", "action")]
    assert contract.problems == ()


# Settings


class OnChannels(Described, AsyncJsonWebsocketConsumer): ...


class OfBothKinds(Described, on_channels.AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_typed(self, message: Go) -> None: ...


class OnStarlette(Described, on_starlette.AsyncJsonWebsocketConsumer): ...


@pytest.fixture
def configured() -> Iterator[None]:
    yield
    configure()


def test_django_s_settings_name_those_of_the_classes_that_do_not() -> None:
    class Own(OnChannels):
        event_field = "kind"

    assert named(OnChannels) == USUAL
    with override_settings(CHANSPEC={"ACTION_FIELD": "command", "EVENT_FIELD": None}):
        assert named(OnChannels) == ("command", None, None)
        assert named(Own) == ("command", "kind", "kind")
        assert named(OnStarlette) == USUAL
        both = contract_of(OfBothKinds)
        assert [action.message.field for action in both.actions] == ["command", "action"]
        assert declared_by(OnChannels).action_field == "action"
    assert named(OnChannels) == USUAL


def test_the_drop_in_s_settings_name_them_too() -> None:
    import channels_spectacular.settings  # noqa: F401 - an installed app imports it

    with override_settings(CHANNELS_SPECTACULAR_SETTINGS={"ACTION_FIELD": "command"}):
        assert named(OnChannels) == ("command", "type", "type")


@pytest.mark.usefixtures("configured")
def test_configure_names_those_of_the_other_classes() -> None:
    settings = configure(action_field="command", event_field=None, max_outbox=3)
    assert settings.max_outbox == 3
    assert named(OnStarlette) == ("command", None, None)
    assert named(OnChannels) == USUAL
    configure(event_field="kind")
    assert named(OnStarlette) == ("action", "kind", "kind")


def test_a_setting_that_is_no_name_is_an_error() -> None:
    with pytest.raises(TypeError, match=r"configure\(action_field=…\) is 3; write the name of the field"):
        configure(action_field=3)
    with pytest.raises(TypeError, match="no setting 'action_fields', did you mean 'action_field'"):
        configure(action_fields="x")
    with (
        override_settings(CHANSPEC={"EVENT_FIELD": ""}),
        pytest.raises(Exception, match=r"'EVENT_FIELD'.*is the name of a field or None, not ''"),
    ):
        contract_of(OnChannels)


def test_without_django_settings_a_consumer_of_channels_has_the_usual_ones() -> None:
    code = (
        "from channels.generic.websocket import AsyncJsonWebsocketConsumer\n"
        "import chanspec, chanspec.channels.conf\n"
        "from chanspec.contract import contract_of\n"
        "class C(AsyncJsonWebsocketConsumer):\n"
        "    @chanspec.document_action('Go')\n"
        "    async def handle_go(self): ...\n"
        "print(contract_of(C).action_field)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={}, check=False)
    assert (ran.stdout, ran.stderr) == ("action\n", "")


# Test helpers


def test_test_helpers_tell_events_by_the_field() -> None:
    class Commanded(Described):
        event_field = "msg_type"

    class Gone(BaseModel):
        msg_type: Literal["gone"]

    wire = Wire(Commanded)
    assert wire.named({"msg_type": "gone", "type": "car"}) == "gone"
    assert wire.constant(Gone) == ("msg_type", "gone")
    assert wire.read('{"msg_type": "gone"}', {"msg_type": "gone"}, [Gone]) == Gone(msg_type="gone")
