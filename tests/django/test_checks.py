"""`manage.py check`: what would fail, or never be reached, when the first client connects."""

from __future__ import annotations

import sys
from typing import Any, Literal

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.checks import registry
from django.test import override_settings
from django.urls import path

from chanspec import (
    BaseChannelEvent,
    BaseMessage,
    PingMessage,
    PongMessage,
    document_action,
    event_handler,
    ws_handler,
)
from chanspec.channels import apps, checks
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer

LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


class Left(BaseMessage):
    action: Literal["left"] = "left"


class Told(BaseChannelEvent):
    handler: Literal["told"] = "told"


class Fine(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class Grouped(Fine):
    groups = ["news"]


class Tells(Fine):
    @event_handler
    async def told(self, event: Told) -> PongMessage:
        return PongMessage()


class Sends(Fine):
    async def disconnect(self, code: int) -> None:
        await self.broadcast_message(Left())


class Poor(ChannelsConsumer):
    @document_action("Order something", payload={"ride_id": "uuid"})
    async def handle_order(self, content: Any) -> None: ...


class ChannelsOwn(ChannelsConsumer):
    groups = ["news"]


def routed(*applications: Any) -> Any:
    routes = [path(f"{number}/", each) for number, each in enumerate(applications)]
    return ProtocolTypeRouter({"websocket": URLRouter(routes)})


fine = routed(Fine.as_asgi(), Grouped.as_asgi(), Tells.as_asgi(), ChannelsOwn.as_asgi())
a_class = routed(Fine)
sends = routed(Sends.as_asgi())
poor = routed(Poor.as_asgi())


def found(application: str | None, layers: Any = LAYERS) -> list[tuple[str, str, str]]:
    where = f"{__name__}.{application}" if application else None
    with override_settings(ASGI_APPLICATION=where, CHANNEL_LAYERS=layers):
        return [(str(each.id), str(each.msg), str(each.hint)) for each in checks.check_project()]


def test_a_project_that_works_has_nothing_to_be_told() -> None:
    assert found("fine") == []


def test_groups_and_event_handlers_need_a_channel_layer() -> None:
    problems = found("fine", layers={})
    assert [(number, text.partition(":")[2]) for number, text, _ in problems] == [
        ("chanspec.E004", "Grouped: has the groups 'news', and there is no channel layer 'default'."),
        ("chanspec.E004", "Tells: has the event handler told, and there is no channel layer 'default'."),
        ("chanspec.E004", "ChannelsOwn: has the groups 'news', and there is no channel layer 'default'."),
    ]
    assert all("CHANNEL_LAYERS = {" in hint for _, _, hint in problems)


def test_a_layer_that_cannot_be_made_is_told_with_its_error() -> None:
    [(number, text, _), *_] = found("fine", layers={"default": {"BACKEND": "nowhere.Layer"}})
    assert number == "chanspec.E004"
    assert "nowhere" in text


def test_without_an_application_no_consumer_is_found() -> None:
    [(number, text, hint)] = found(None)
    assert (number, text) == ("chanspec.W004", "ASGI_APPLICATION is not set, so no consumer is found.")
    assert "ASGI_APPLICATION = " in hint


def test_an_application_that_cannot_be_imported_is_an_error() -> None:
    [(number, text, _)] = found("missing")
    assert number == "chanspec.E002"
    assert "missing" in text


def test_a_class_that_is_routed_itself_is_an_error() -> None:
    [(number, text, hint)] = found("a_class")
    assert (number, hint) == ("chanspec.E005", "Write Fine.as_asgi().")
    assert "the class itself is routed" in text


def test_a_send_that_nothing_declares_is_a_warning() -> None:
    [(number, text, hint)] = found("sends")
    assert (number, hint) == ("chanspec.W007", "Name it in a handler, as @ws_handler(output_type=Left).")
    assert "Sends.disconnect (line " in text


def test_what_the_document_cannot_say_is_a_warning() -> None:
    [(number, text, _)] = found("poor")
    assert number == "chanspec.W006"
    assert "Poor.handle_order" in text


def test_runserver_of_django_serves_no_websockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "runserver"])
    [(number, text, hint)] = found("fine")
    assert (number, text) == (
        "chanspec.W003",
        "Django's own runserver serves no WebSockets: it answers each handshake with 404.",
    )
    assert 'put "daphne" first in INSTALLED_APPS' in hint
    assert f"uvicorn {__name__}:fine" in hint


def test_without_any_server_that_is_told_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "has_server", lambda: False)
    assert [number for number, _, _ in found("fine")] == ["chanspec.W003"]
    with override_settings(INSTALLED_APPS=["daphne"]):
        checks.get_commands.cache_clear()
        try:
            assert found("fine") == []
        finally:
            checks.get_commands.cache_clear()


def test_a_layer_in_memory_is_told_before_a_deployment() -> None:
    with override_settings(CHANNEL_LAYERS=LAYERS):
        assert [each.id for each in checks.check_deployment()] == ["chanspec.W008"]
    with override_settings(CHANNEL_LAYERS={}):
        assert checks.check_deployment() == []


def test_a_project_without_the_app_is_told() -> None:
    assert apps.check_app() == []
    assert apps.check_app in registry.registry.get_checks()
    with override_settings(INSTALLED_APPS=["django.contrib.contenttypes"]):
        [warning] = apps.check_app()
    assert (warning.id, warning.msg) == (
        "chanspec.W002",
        "chanspec is used, and 'chanspec.channels' is not in INSTALLED_APPS.",
    )


def test_a_project_without_the_app_is_told_when_its_routing_is_imported_after_the_checks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def told() -> list[str]:
        caplog.clear()
        apps.tell_if_missing.cache_clear()
        apps.tell_if_missing()
        apps.tell_if_missing()
        return [record.message for record in caplog.records if record.name == "chanspec.apps"]

    assert told() == []
    with override_settings(INSTALLED_APPS=["django.contrib.contenttypes"]):
        [said] = told()
        with override_settings(SILENCED_SYSTEM_CHECKS=["chanspec.W002"]):
            assert told() == []
    assert said.startswith("chanspec is used, and 'chanspec.channels' is not in INSTALLED_APPS. Add it: ")
