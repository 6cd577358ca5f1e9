"""The path before the addresses, as a request shows it."""

from __future__ import annotations

import logging
from io import BytesIO, StringIO
from typing import Any

import pytest
import yaml
from django.core.handlers.asgi import ASGIRequest
from django.core.management import call_command
from django.http import HttpRequest
from django.test import RequestFactory, override_settings

from chanspec.channels import prefix
from chanspec.channels.documents import documents
from chanspec.channels.views import AsyncAPIDocsView, AsyncAPIDocView, AsyncAPISpecView
from tests.django.consumers import RideConsumer
from tests.django.test_views import config


@pytest.fixture(autouse=True)
def _nothing_was_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix, "_warned", set())


def asgi(path: str, root_path: str = "", **headers: str) -> HttpRequest:
    """A request as an ASGI server makes it."""
    told = {"host": "shop.example", **headers}
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "root_path": root_path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in told.items()],
    }
    return ASGIRequest(scope, BytesIO())


def servers(request: HttpRequest, address: str = "/ws/rides/") -> Any:
    view = AsyncAPISpecView.as_view(consumer=RideConsumer, channel_path=address)
    return yaml.safe_load(view(request).content).get("servers")


def pathname(request: HttpRequest, address: str = "/ws/rides/") -> str | None:
    """That of the document's server; ``None`` where it names none."""
    found = servers(request, address)
    return None if found is None else found["default"].get("pathname", "")


@pytest.mark.parametrize(
    ("path", "root_path", "forced", "expected"),
    [
        ("/docs/", "", None, ""),
        ("/app/docs/", "/app", None, "/app"),
        ("/app/docs/", "/app/", None, "/app"),
        ("/docs/", "/", None, ""),
        ("/a/b/docs/", "/a/b", None, "/a/b"),
        ("/caf\u00e9 {x}/docs/", "/caf\u00e9 {x}", None, "/caf%C3%A9%20%7Bx%7D"),
        ("/docs/", "", "/app", "/app"),
        ("/docs/", "", "/app/", "/app"),
        ("/application/docs/", "", "/app", "/app"),
        ("/app/docs/", "/app", "/app", "/app"),
        ("/app/docs/", "/app", "/public", "/public"),
        # Channels refuses WebSockets that come so.
        ("/docs/", "/app", None, None),
        ("/docs/", "app", None, None),
        ("/app/docs/", "", "/app", None),
        # Daphne takes a root path from anybody.
        ("/docs/", "/" + "x" * 100_000, None, None),
        ("/" + "x" * 100_000, "/" + "x" * 100_000, None, None),
    ],
)
def test_the_prefix_is_the_pathname_of_the_server(
    path: str, root_path: str, forced: str | None, expected: str | None
) -> None:
    with override_settings(FORCE_SCRIPT_NAME=forced):
        assert pathname(asgi(path, root_path)) == expected


@override_settings(FORCE_SCRIPT_NAME="/app")
def test_routes_that_have_the_prefix_themselves_have_it_once(caplog: pytest.LogCaptureFixture) -> None:
    assert pathname(asgi("/app/docs/"), "/app/ws/rides/") == ""
    assert caplog.messages == []


def test_a_wsgi_server_s_script_name_counts_too() -> None:
    request = RequestFactory(SCRIPT_NAME="/app").get("/docs/", headers={"host": "shop.example"})
    assert pathname(request) == "/app"


@pytest.mark.parametrize("header", ["X-Forwarded-Prefix", "X-Script-Name"])
def test_a_proxy_s_header_is_not_believed_but_told(header: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "chanspec"):
        for _ in range(3):
            assert pathname(asgi("/docs/", **{header: "/app\n::error::"})) is None
    [line] = caplog.messages
    assert "FORCE_SCRIPT_NAME" in line
    assert "\\n" in line
    assert "\n" not in line


def test_a_proxy_s_header_changes_nothing_where_the_prefix_is_known_or_still_there() -> None:
    assert pathname(asgi("/app/docs/", "/app", **{"X-Forwarded-Prefix": "/app"})) == "/app"
    assert pathname(asgi("/app/docs/", **{"X-Forwarded-Prefix": "/app"})) == ""
    assert pathname(asgi("/docs/", **{"X-Forwarded-Prefix": "/"})) == ""


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            {"WEBSOCKET_BASE_URL": "wss://ws.example/live"},
            {"host": "ws.example", "protocol": "wss", "pathname": "/live"},
        ),
        ({"WEBSOCKET_BASE_URL": "wss://ws.example"}, {"host": "ws.example", "protocol": "wss"}),
        ({"WS_HOST": "wss://ws.example/live"}, {"host": "ws.example", "protocol": "wss", "pathname": "/live"}),
        ({"SERVERS": {"default": {"host": "a.example", "protocol": "wss"}}}, {"host": "a.example", "protocol": "wss"}),
    ],
)
def test_what_the_settings_say_whole_goes_before_every_request(
    told: dict[str, Any], expected: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(CHANSPEC=told):
        for request in (asgi("/app/docs/", "/app"), asgi("/docs/", "/app")):
            assert servers(request) == {"default": expected}
    assert caplog.messages == []


def test_a_host_of_the_settings_leaves_the_prefix() -> None:
    with override_settings(CHANSPEC={"WS_HOST": "ws.example"}):
        assert servers(asgi("/app/docs/", "/app"))["default"]["host"] == "ws.example"
        assert pathname(asgi("/app/docs/", "/app")) == "/app"


def test_any_number_of_prefixes_is_one_document_in_memory() -> None:
    documents.forget()
    for number in range(200):
        root_path = f"/tenant-{number}"
        assert pathname(asgi(f"{root_path}/docs/", root_path)) == root_path
    assert len(documents) == 1
    assert len(documents._servers) <= 32


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/docs/", "asyncapi.yaml"),
        ("/docs", "./docs/asyncapi.yaml"),
        ("/a:b", "./a%3Ab/asyncapi.yaml"),
        ("//evil.example/docs/", "asyncapi.yaml"),
        ("//evil.example", "./evil.example/asyncapi.yaml"),
        ("/%3Fx", "./%3Fx/asyncapi.yaml"),
    ],
)
def test_the_page_s_document_is_relative_to_it(path: str, url: str) -> None:
    request = asgi("/", "/app")
    request.path = path.replace("%3F", "?")
    assert config(AsyncAPIDocView.as_view()(request))["documents"][0]["url"] == url
    assert config(AsyncAPIDocsView.as_view()(request))["documents"][0]["url"] == "?format=json"


@pytest.mark.parametrize(
    ("told", "options", "expected"),
    [
        ({}, {}, {"host": "localhost:8000", "protocol": "ws", "pathname": "/app"}),
        ({}, {"host": "a.example"}, {"host": "a.example", "protocol": "ws", "pathname": "/app"}),
        ({"WS_HOST": "a.example"}, {}, {"host": "a.example", "protocol": "ws", "pathname": "/app"}),
        (
            {"WEBSOCKET_BASE_URL": "wss://a.example/live"},
            {"host": "b.example", "protocol": "wss"},
            {"host": "b.example", "protocol": "wss", "pathname": "/live"},
        ),
        ({"WEBSOCKET_BASE_URL": "wss://a.example"}, {}, {"host": "a.example", "protocol": "wss"}),
        (
            {"SERVERS": {"live": {"host": "a.example", "protocol": "wss"}}},
            {"host": "b.example"},
            {"host": "b.example", "protocol": "ws", "pathname": "/app"},
        ),
    ],
)
@override_settings(FORCE_SCRIPT_NAME="/app/")
def test_an_exported_document_has_the_prefix_of_the_settings(
    told: dict[str, Any], options: dict[str, str], expected: dict[str, str]
) -> None:
    written = StringIO()
    with override_settings(CHANSPEC=told):
        call_command("export_asyncapi", output="-", stdout=written, stderr=StringIO(), **options)
    assert yaml.safe_load(written.getvalue())["servers"]["default"] == expected
