"""One document of typed and annotated consumers, with the security that DRF's classes ask for, and its views."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from channels.routing import ProtocolTypeRouter, URLRouter
from django.test import RequestFactory, override_settings
from ruamel.yaml import YAML

from chanspec.channels.discovery import discover
from chanspec.channels.generator import AsyncAPIGenerator
from chanspec.channels.views import AsyncAPIDocsView, AsyncAPISchemaView, generate_asyncapi_schema
from tests.channels_typed.site.routing import routes
from tests.official_parser.plugin import OfficialParser

application = ProtocolTypeRouter({"websocket": URLRouter(routes)})

HERE = {"ASGI_APPLICATION": f"{__name__}.application"}


def generator() -> AsyncAPIGenerator:
    return AsyncAPIGenerator(consumers=[(route.consumer, route.address) for route in discover(application)])


def test_the_document_is_the_golden_one(golden: Callable[[str, str], None], official_parser: OfficialParser) -> None:
    made = generator()
    assert made.problems == ()
    golden("site.yaml", made.get_yaml())
    official_parser.check(made.get_yaml())


def test_with_camelize_its_names_are_those_on_the_wire(
    golden: Callable[[str, str], None], official_parser: OfficialParser
) -> None:
    with override_settings(CHANSPEC={"CAMELIZE": True}):
        made = generator()
        golden("site-camelized.yaml", made.get_yaml())
        official_parser.check(made.get_yaml())
        payload = made.get_spec()["components"]["schemas"]["SaidPayload"]
    assert set(payload["properties"]) == {"text", "roomName"}


def test_without_the_authentication_message_the_document_has_none() -> None:
    with override_settings(CHANSPEC={"SEND_AUTHENTICATION_MESSAGE": False}):
        titles = {message["title"] for message in generator().get_spec()["components"]["messages"].values()}
    assert "authentication" not in titles
    assert "authentication" in {
        message["title"] for message in generator().get_spec()["components"]["messages"].values()
    }


def test_consumers_with_other_permissions_have_schemes_of_their_own() -> None:
    document = generator().get_spec()
    schemes = document["components"]["securitySchemes"]
    assert {tuple(scheme["x-permissions"]) for scheme in schemes.values()} == {
        ("IsAuthenticated",),
        ("IsAuthenticated", "IsThatUser"),
    }
    secured = {name for name, operation in document["operations"].items() if "security" in operation}
    assert secured
    assert all(name.startswith(("MembersOnlyConsumer_", "UserRoomConsumer_")) for name in secured)


@pytest.fixture
def request_of() -> Callable[..., Any]:
    return RequestFactory().get


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", None, "application/json"),
        ("", "*/*", "application/json"),
        ("", "application/yaml", "application/yaml"),
        ("", "application/json;q=0.1, application/yaml", "application/yaml"),
        ("?format=yaml", "application/json", "application/yaml"),
        ("?format=json", "application/yaml", "application/json"),
    ],
)
def test_the_schema_is_json_unless_yaml_is_asked_for(
    request_of: Callable[..., Any], query: str, accept: str | None, media_type: str
) -> None:
    with override_settings(**HERE):
        headers = {"HTTP_ACCEPT": accept} if accept else {}
        response = AsyncAPISchemaView.as_view()(request_of(f"/schema/{query}", **headers))
    assert (response.status_code, response["Content-Type"]) == (200, media_type)
    read = json.loads if media_type == "application/json" else YAML(typ="safe").load
    assert read(response.content)["asyncapi"] == "3.0.0"


def test_the_schema_as_a_dict_is_the_caller_s_own(request_of: Callable[..., Any]) -> None:
    with override_settings(**HERE):
        schema = generate_asyncapi_schema(request_of("/"))
        schema["channels"].clear()
        assert set(generate_asyncapi_schema(request_of("/"))["channels"]) >= {"room", "plain"}
    assert schema["servers"]["default"]["host"] == "testserver"


def test_the_docs_view_alone_serves_page_document_and_files(request_of: Callable[..., Any]) -> None:
    view = AsyncAPIDocsView.as_view()
    with override_settings(**HERE):
        page = view(request_of("/docs/")).content.decode()
        assert '"url":"?format=json"' in page
        document = json.loads(view(request_of("/docs/?format=json")).content)
        assert document == generate_asyncapi_schema(request_of("/"))
        assert view(request_of("/docs/?format=pdf")).status_code == 400


def test_the_docs_view_shows_other_documents_where_it_is_told_to(request_of: Callable[..., Any]) -> None:
    page = AsyncAPIDocsView.as_view(spec_url="/schema/")(request_of("/docs/")).content.decode()
    assert "/schema/" in page
    assert "format=json" not in page
