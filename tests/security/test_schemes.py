"""Security schemes of a document: what is accepted everywhere, and what single consumers' authenticators read."""

from __future__ import annotations

from typing import Any

from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.decorators import document_action
from chanspec.runtime.authenticator import BaseAuthenticator, Credential

SERVERS = {"default": {"host": "api.example", "protocol": "wss"}}


def consumer(name: str, *credentials: Credential, schemes: dict[str, Any] | None = None) -> type:
    """A consumer whose authenticator declares this; without anything, it has no authenticator."""

    @document_action(payload={"properties": {"text": {"type": "string"}}})
    async def handle_say(self: Any, content: Any) -> None: ...

    attributes: dict[str, Any] = {"credentials": credentials}
    if schemes is not None:
        attributes["security_schemes"] = classmethod(lambda cls: schemes)
    authenticator = type("Authenticator", (BaseAuthenticator,), attributes) if credentials or schemes else None
    return type(name, (), {"handle_say": handle_say, "authenticator_class": authenticator})


def document(*consumers: type, **options: Any) -> dict[str, Any]:
    pairs = [(each, f"/ws/{each.__name__.lower()}") for each in consumers]
    return AsyncAPIGenerator(consumers=pairs, **options).get_spec()


def named(security: list[dict[str, str]]) -> list[str]:
    return [each["$ref"].removeprefix("#/components/securitySchemes/") for each in security]


def security_of(spec: dict[str, Any], operation: str) -> list[str]:
    return named(spec["operations"][operation].get("security", []))


def test_each_consumer_requires_its_own_schemes(official_parser):
    spec = document(
        consumer("Open"),
        consumer("Query", Credential("token", "query")),
        consumer("Either", Credential("X-Key", "header"), Credential("sessionid", "cookie", "Your **session**")),
        servers=SERVERS,
    )
    official_parser.check(spec)
    assert {name: (each["in"], each["name"]) for name, each in spec["components"]["securitySchemes"].items()} == {
        "queryToken": ("query", "token"),
        "headerXKey": ("header", "X-Key"),
        "cookieSessionid": ("cookie", "sessionid"),
    }
    assert security_of(spec, "open_say") == []
    assert security_of(spec, "query_say") == ["queryToken"]
    assert security_of(spec, "either_say") == ["headerXKey", "cookieSessionid"]
    assert "security" not in spec["servers"]["default"]
    assert spec["components"]["securitySchemes"]["cookieSessionid"]["description"] == "Your **session**"


def test_bindings_have_the_query_and_the_headers_of_the_consumer():
    spec = document(
        consumer("Both", Credential("token", "query", "From your profile"), Credential("X-Key", "header")),
        consumer("Cookie", Credential("sessionid", "cookie")),
    )
    binding = spec["channels"]["both"]["bindings"]["ws"]
    assert binding["query"]["properties"] == {"token": {"type": "string", "description": "From your profile"}}
    assert list(binding["headers"]["properties"]) == ["X-Key"]
    assert "bindings" not in spec["channels"]["cookie"]


def test_what_is_accepted_everywhere_stays_with_the_servers():
    spec = document(consumer("Open"), consumer("Own", Credential("X-Key", "header")), query_param="t", servers=SERVERS)
    assert named(spec["servers"]["default"]["security"]) == ["queryToken"]
    assert security_of(spec, "open_say") == []
    assert security_of(spec, "own_say") == ["headerXKey"]
    assert set(spec["channels"]["own"]["bindings"]["ws"]) == {"query", "headers", "bindingVersion"}


def test_without_servers_operations_name_what_is_accepted_everywhere():
    spec = document(consumer("Open"), consumer("Own", Credential("X-Key", "header")), cookie_name="sid")
    assert security_of(spec, "open_say") == ["cookie"]
    assert security_of(spec, "own_say") == ["cookie", "headerXKey"]


def test_the_same_scheme_is_there_once_and_others_of_its_name_get_a_number():
    spec = document(
        consumer("A", Credential("token", "query")),
        consumer("B", Credential("token", "query", "Described otherwise")),
        consumer("C", Credential("to-ken", "query"), Credential("to_ken", "query")),
        query_param="token",
    )
    schemes = spec["components"]["securitySchemes"]
    assert {name: each["name"] for name, each in schemes.items()} == {
        "queryToken": "token",
        "queryToKen": "to-ken",
        "queryToKen2": "to_ken",
    }
    assert security_of(spec, "a_say") == security_of(spec, "b_say") == ["queryToken"]


def test_schemes_of_other_kinds_are_taken_as_they_are(official_parser):
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    spec = document(consumer("Bearer", schemes={"bearer": bearer}), servers=SERVERS)
    official_parser.check(spec)
    assert spec["components"]["securitySchemes"] == {"bearer": bearer}
    assert security_of(spec, "say") == ["bearer"]
    assert "bindings" not in spec["channels"]["bearer"]
