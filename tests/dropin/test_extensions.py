"""The views, settings, routing and testing tools of the samples, on Django and on FastAPI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import yaml
from django.test import Client, override_settings

from tests.dropin.conftest import Samples
from tests.official_parser.plugin import OfficialParser
from tests.starlette.conftest import serve

__all__ = ["serve"]


@pytest.fixture
def site(samples: Samples) -> Iterator[Client]:
    module = f"{samples.package}.extensions"
    with override_settings(
        ROOT_URLCONF=module,
        ASGI_APPLICATION=f"{module}.application",
        CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
        **samples.settings,
    ):
        yield Client(HTTP_HOST="localhost:8000")


def test_the_routed_consumers_are_documented_from_the_server_s_side(
    site: Client, official_parser: OfficialParser
) -> None:
    found = site.get("/asyncapi/schema/").json()
    official_parser.check(found)
    assert found["x-perspective"] == "server"
    assert found["info"]["title"] == "AsyncAPI Documentation"
    assert {each["address"] for each in found["channels"].values()} == {"/ws/example/", "/ws/rooms/{room_id}/"}
    assert found["servers"]["default"] == {"host": "localhost:8000", "protocol": "ws"}
    kinds = {each["action"] for name, each in found["operations"].items() if name.endswith("ping")}
    assert kinds == {"receive"}
    assert site.get("/generated/").json() == found
    assert yaml.safe_load(site.get("/asyncapi/schema/?format=yaml").content) == found


def test_the_page_shows_them(site: Client) -> None:
    page = site.get("/asyncapi/docs/")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<title>AsyncAPI Documentation</title>" in page.content.decode()


def test_the_websocket_application_is_found(site: Client, samples: Samples) -> None:
    expected = samples.extensions.application.application_mapping["websocket"]
    assert samples.extensions.websocket_application() is expected


def test_code_reads_the_settings(site: Client, samples: Samples) -> None:
    assert samples.extensions.what_the_settings_say() == ("action", "AsyncAPI Documentation", "1.0.0")


class TestFastAPI:
    @pytest.fixture
    def applications(self, samples: Samples) -> ModuleType:
        return samples.fastapi_app

    def test_endpoints_take_the_application_and_a_configuration(
        self, applications: ModuleType, serve: Any, official_parser: OfficialParser
    ) -> None:
        server = serve(applications.app)
        found = server.get("/asyncapi.json").json
        official_parser.check(found)
        assert found["x-perspective"] == "server"
        assert "/ws/rooms/{room_id}" in {each["address"] for each in found["channels"].values()}
        assert server.get("/titled.json").json["info"]["title"] == "My API"

    @pytest.mark.usefixtures("built_page")
    def test_endpoints_are_routes_of_starlette(self, applications: ModuleType, serve: Any) -> None:
        server = serve(applications.starlette)
        assert server.get("/asyncapi.json").json == yaml.safe_load(server.get("/asyncapi.yaml").text)
        assert server.get("/docs").status == 200

    async def test_consumers_are_routed_and_talk(self, applications: ModuleType, serve: Any) -> None:
        server = serve(applications.app)
        async with server.websocket("/ws/example") as socket:
            await socket.send(json.dumps({"action": "ping", "payload": None}))
            assert json.loads(await asyncio.wait_for(socket.recv(), 20))["action"] == "pong"
