"""Where the channels of a document are on a server: what its pathname does to their addresses."""

from __future__ import annotations

from typing import Any

import pytest

from chanspec.conformance.document import read
from chanspec.conformance.placing import placed


def addresses(servers: dict[str, Any], base: str = "ws://here:8000", named: list[Any] | None = None) -> list[str]:
    """Of a document with one channel, `/room`, that may name its servers."""
    channel = {"address": "/room", "messages": {"a": {}}}
    api = read(
        {
            "asyncapi": "3.0.0",
            "servers": servers,
            "channels": {"room": channel if named is None else {**channel, "servers": named}},
            "operations": {"a": {"action": "receive", "channel": {"$ref": "#/channels/room"}}},
        }
    )
    return [each.address for each in placed(api, base).channels]


@pytest.mark.parametrize(
    ("pathname", "address"),
    [(None, "/room"), ("", "/room"), ("/", "/room"), ("/base", "/base/room"), ("a/b/", "/a/b/room")],
)
def test_the_pathname_comes_before_the_address(pathname: str | None, address: str) -> None:
    server = {"host": "example.com"} if pathname is None else {"host": "example.com", "pathname": pathname}
    assert addresses({"one": server}) == [address]


def test_the_server_that_is_asked_goes_before_the_first() -> None:
    servers = {
        "production": {"host": "example.com", "pathname": "/live"},
        "here": {"host": "here:8000", "pathname": "/dev"},
        "again": {"host": "here:8000", "pathname": "/second"},
    }
    assert addresses(servers) == ["/dev/room"]
    assert addresses(servers, "ws://other") == ["/live/room"]


def test_a_channel_that_names_its_servers_is_on_no_other() -> None:
    servers = {"one": {"host": "here:8000", "pathname": "/one"}, "two": {"host": "example.com", "pathname": "/two"}}
    assert addresses(servers, named=[{"$ref": "#/servers/two"}]) == ["/two/room"]
    assert addresses(servers, named=[]) == ["/one/room"]
    assert addresses({}) == ["/room"]


def test_variables_have_their_defaults_and_others_are_asked_for() -> None:
    server = {"host": "h", "pathname": "/{stage}/{tenant}", "variables": {"stage": {"default": "v1"}, "tenant": {}}}
    assert addresses({"one": server}) == ["/v1/{tenant}/room"]


def test_what_is_no_server_is_passed_over() -> None:
    assert addresses({"one": "nonsense"}) == ["/room"]
