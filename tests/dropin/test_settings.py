"""The dicts of settings under their old names: keys, defaults, what they leave open, and what they hold too much."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer as PlainConsumer
from channels.routing import URLRouter
from channels_spectacular import AsyncAPIGenerator, document_action
from channels_spectacular.settings import spectacular_settings
from channels_spectacular.views import AsyncAPISpecView
from chanx.channels.settings import chanx_settings, project_settings
from chanx.channels.utils.settings import override_chanx_settings
from chanx.channels.views import AsyncAPIDocsView, generate_asyncapi_schema
from chanx.channels.websocket import AsyncJsonWebsocketConsumer
from chanx.core.decorators import ws_handler
from chanx.fast_channels.views import AsyncAPIConfig, asyncapi_spec_json
from chanx.fast_channels.websocket import AsyncJsonWebsocketConsumer as FastConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import PongMessage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import RequestFactory, override_settings
from django.urls import path
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from chanspec.channels.apps import check_settings
from tests.dropin.conftest import Talk

REQUEST = RequestFactory().get("/ws-docs/asyncapi.yaml", headers={"host": "localhost:8000"})


class RideConsumer(PlainConsumer):
    @document_action(summary="Request a ride")
    async def handle_request_ride(self, content: Any) -> None: ...


class EchoConsumer(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class Fast(FastConsumer):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


application = URLRouter([path("ws/echo/", EchoConsumer.as_asgi())])


@pytest.fixture(autouse=True)
def routed() -> Any:
    with override_settings(ASGI_APPLICATION=f"{__name__}.application"):
        yield


class TestDefaults:
    def test_of_channels_spectacular(self) -> None:
        found = AsyncAPIGenerator(RideConsumer).get_spec()
        assert found["x-perspective"] == "client"
        assert found["operations"]["request_ride"]["action"] == "send"
        assert found["info"] == {"title": "WebSocket API", "version": "1.0.0"}
        assert [each["address"] for each in found["channels"].values()] == ["/"]
        assert "servers" not in found

    def test_of_channels_spectacular_s_generator_by_position(self) -> None:
        info, servers = {"title": "Rides", "version": "2"}, {"prod": {"host": "api.example.com", "protocol": "wss"}}
        found = AsyncAPIGenerator(RideConsumer, info, servers, "/ws/rides/").get_spec()
        assert (found["info"], found["servers"]) == (info, servers)
        assert [each["address"] for each in found["channels"].values()] == ["/ws/rides/"]
        named = AsyncAPIGenerator(consumer_class=RideConsumer, info=info, servers=servers, channel_path="/ws/rides/")
        assert named.get_spec() == found

    def test_of_chanx(self) -> None:
        found = generate_asyncapi_schema(REQUEST)
        assert found["x-perspective"] == "server"
        assert found["operations"]["ping"]["action"] == "receive"
        assert found["info"] == {"title": "AsyncAPI Documentation", "version": "1.0.0"}

    async def test_of_chanx_on_fastapi_are_the_application_s(self) -> None:
        app = FastAPI(title="Chat", version="2.1", description="Rooms", routes=[WebSocketRoute("/ws", Fast.as_asgi())])
        config: AsyncAPIConfig = {"server_url": "api.example.com", "server_protocol": "wss", "version": "3"}
        by_default, told = [
            json.loads((await asyncapi_spec_json(app=app, config=each)).body) for each in (None, config)
        ]
        assert by_default["info"] == {
            "title": "Chat AsyncAPI documentation",
            "version": "2.1",
            "description": "Rooms",
        }
        assert by_default["x-perspective"] == "server"
        assert told["info"]["version"] == "3"
        assert told["servers"]["default"] == {"host": "api.example.com", "protocol": "wss"}
        starlette = Starlette(routes=app.routes)
        bare = json.loads((await asyncapi_spec_json(app=starlette)).body)
        assert bare["info"] == {"title": "AsyncAPI Documentation", "version": "1.0.0"}

    @pytest.mark.parametrize(
        ("name", "default"),
        [
            ("MESSAGE_ACTION_KEY", "action"),
            ("SEND_COMPLETION", False),
            ("SEND_MESSAGE_IMMEDIATELY", True),
            ("SEND_AUTHENTICATION_MESSAGE", True),
            ("CAMELIZE", False),
            ("LOG_WEBSOCKET_MESSAGE", True),
            ("LOG_IGNORED_ACTIONS", []),
            ("WEBSOCKET_BASE_URL", None),
            ("ASYNCAPI_TITLE", "AsyncAPI Documentation"),
            ("ASYNCAPI_DESCRIPTION", ""),
            ("ASYNCAPI_VERSION", "1.0.0"),
            ("ASYNCAPI_SERVER_URL", None),
            ("ASYNCAPI_SERVER_PROTOCOL", None),
        ],
    )
    def test_of_chanx_s_settings_as_code_reads_them(self, name: str, default: Any) -> None:
        assert getattr(chanx_settings, name) == default


class TestDocuments:
    def test_take_what_each_dict_says_where_a_project_has_both(self) -> None:
        with override_settings(
            CHANNELS_SPECTACULAR_SETTINGS={"TITLE": "Rides", "CHANNEL_PATH": "/ws/rides/"},
            CHANX={"ASYNCAPI_TITLE": "Chat", "ASYNCAPI_VERSION": "7", "ASYNCAPI_DESCRIPTION": "Talk"},
        ):
            rides = json.loads(AsyncAPISpecView.as_view(consumer=RideConsumer, default_format="json")(REQUEST).content)
            chat = generate_asyncapi_schema(REQUEST)
            page = AsyncAPIDocsView.as_view()(REQUEST)
        assert (rides["info"]["title"], rides["x-perspective"]) == ("Rides", "client")
        assert chat["info"] == {"title": "Chat", "version": "7", "description": "Talk"}
        assert chat["x-perspective"] == "server"
        assert b"<title>Chat</title>" in page.content

    @pytest.mark.parametrize(
        ("told", "server"),
        [
            ({"ASYNCAPI_SERVER_URL": "api.example.com"}, {"host": "api.example.com", "protocol": "ws"}),
            (
                {"ASYNCAPI_SERVER_URL": "api.example.com", "ASYNCAPI_SERVER_PROTOCOL": "wss"},
                {"host": "api.example.com", "protocol": "wss"},
            ),
            (
                {"ASYNCAPI_SERVER_URL": "wss://api.example.com/v1/"},
                {"host": "api.example.com", "protocol": "wss", "pathname": "/v1"},
            ),
            ({"WEBSOCKET_BASE_URL": "wss://base.example.com"}, {"host": "base.example.com", "protocol": "wss"}),
            ({"WEBSOCKET_BASE_URL": "https://base.example.com"}, {"host": "base.example.com", "protocol": "wss"}),
        ],
    )
    def test_name_the_server_of_chanx_s_settings(self, told: dict[str, Any], server: dict[str, str]) -> None:
        with override_settings(CHANX=told):
            assert generate_asyncapi_schema(REQUEST)["servers"] == {"default": server}

    def test_are_exported_by_the_command_s_old_name(self, tmp_path: Path) -> None:
        target = tmp_path / "schema.json"
        with override_settings(INSTALLED_APPS=["channels", "chanx.ext.channels"], CHANX={"ASYNCAPI_TITLE": "Chat"}):
            call_command(
                "generate_asyncapi_schema",
                *("--format", "json", "--file", str(target), "--base-url", "wss://chat.example.com"),
                verbosity=0,
            )
            printed = StringIO()
            call_command("generate_asyncapi_schema", verbosity=0, stdout=printed)
        found = json.loads(target.read_text())
        assert (found["info"]["title"], found["operations"]["ping"]["action"]) == ("Chat", "receive")
        assert found["servers"]["default"] == {"host": "chat.example.com", "protocol": "wss"}
        assert printed.getvalue().startswith('asyncapi: "3.0.0"')

    def test_are_of_no_consumer_that_the_view_was_not_given(self) -> None:
        with pytest.raises(ValueError, match="AsyncAPISpecView has neither consumer nor consumers"):
            AsyncAPISpecView.as_view()(REQUEST)


class TestConsumers:
    async def test_follow_the_dict(self, talk: Talk) -> None:
        with override_settings(CHANX={"SEND_COMPLETION": True}):
            client = await talk(EchoConsumer.as_asgi())
            assert (await client.ask("ping"))["action"] == "pong"
            assert (await client.hear())["action"] == "complete"

    async def test_follow_an_override_in_a_test(self, talk: Talk) -> None:
        with override_chanx_settings(SEND_COMPLETION=True):
            client = await talk(EchoConsumer.as_asgi())
            await client.ask("ping")
            assert (await client.hear())["action"] == "complete"

    def test_route_by_the_key_that_it_names_when_they_are_defined(self) -> None:
        class Start(BaseMessage):
            kind: Literal["start"] = "start"

        with override_settings(CHANX={"MESSAGE_ACTION_KEY": "kind"}):

            class Keyed(AsyncJsonWebsocketConsumer):
                @ws_handler
                async def handle_start(self, message: Start) -> None: ...

        assert Keyed.discriminator_field == "kind"
        assert EchoConsumer.discriminator_field == "action"

    def test_use_a_layer_that_was_registered_with_fast_channels(self) -> None:
        layers = pytest.importorskip("fast_channels.layers")
        from chanx.fast_channels import websocket

        class Named(websocket.AsyncJsonWebsocketConsumer):
            channel_layer_alias = "theirs"

        layer = layers.InMemoryChannelLayer()
        layers.register_channel_layer("theirs", layer)
        try:
            assert Named.get_channel_layer() is layer
        finally:
            layers.unregister_channel_layer("theirs")


class TestWhatADictHolds:
    def test_a_key_that_nobody_knows_is_ignored_and_told_once_by_the_check(self) -> None:
        with override_settings(
            INSTALLED_APPS=["channels", "chanx.ext.channels", "channels_spectacular"],
            CHANX={"ASYNCAPI_TITEL": "Chat"},
            CHANNELS_SPECTACULAR_SETTINGS={"COLOUR": "red"},
        ):
            assert chanx_settings.ASYNCAPI_TITLE == "AsyncAPI Documentation"
            found = check_settings()
        assert {(each.id, each.level) for each in found} == {("chanspec.W001", 30)}
        assert [each.msg for each in found] == [
            "CHANX['ASYNCAPI_TITEL'] is no setting, did you mean 'ASYNCAPI_TITLE'?",
            "CHANNELS_SPECTACULAR_SETTINGS['COLOUR'] is no setting.",
        ]

    def test_a_value_of_the_wrong_kind_is_an_error_that_names_the_key(self) -> None:
        with override_settings(INSTALLED_APPS=["channels", "chanx.ext.channels"], CHANX={"ASYNCAPI_TITLE": 5}):
            assert [each.msg for each in check_settings()] == ["CHANX['ASYNCAPI_TITLE'] is str, not 5."]
            with pytest.raises(ImproperlyConfigured, match="ASYNCAPI_TITLE"):
                _ = chanx_settings.ASYNCAPI_TITLE

    def test_a_mistake_in_the_dict_that_all_fall_back_on_is_told_once(self) -> None:
        installed = ["channels", "chanspec.channels", "chanx.ext.channels", "channels_spectacular"]
        with override_settings(INSTALLED_APPS=installed, CHANSPEC={"TITLE": 5}):
            assert [each.msg for each in check_settings()] == ["CHANSPEC['TITLE'] is str, not 5."]

    def test_what_it_leaves_open_is_chanspec_s(self) -> None:
        with override_settings(CHANSPEC={"MAX_OUTBOX": 7, "TITLE": "Ours"}, CHANX={"CAMELIZE": True}):
            assert (project_settings.MAX_OUTBOX, project_settings.CAMELIZE) == (7, True)
            assert project_settings.TITLE == spectacular_settings.TITLE == "Ours"
        with override_settings(CHANX={"MAX_OUTBOX": 9}):
            assert EchoConsumer.runtime_settings().max_outbox == 9
        assert EchoConsumer.runtime_settings().max_outbox == 256
