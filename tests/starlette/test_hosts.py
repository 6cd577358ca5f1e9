"""The server that a document names, for clients and servers that say less than usual."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute

from chanspec.starlette.docs import AsyncAPIDocs
from tests.starlette.consumers import ChatConsumer


async def servers(**scope: Any) -> Any:
    """The servers of the document that a request without a ``Host`` gets."""
    app = Starlette(routes=[WebSocketRoute("/chat", ChatConsumer.as_asgi()), Mount("/docs", AsyncAPIDocs())])
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    whole = {"type": "http", "method": "GET", "path": "/docs/asyncapi.json", "query_string": b"", "headers": []}
    await app({**whole, "scheme": "http", "http_version": "1.0", **scope}, receive, send)
    assert sent[0]["status"] == 200, sent
    return json.loads(b"".join(each.get("body", b"") for each in sent[1:])).get("servers")


@pytest.mark.parametrize(
    ("server", "host"),
    [(("127.0.0.1", 8001), "127.0.0.1:8001"), (("/run/app.sock", None), None), (None, None)],
)
async def test_without_a_host_header_the_servers_own_address_is_named_if_it_has_one(server: Any, host: Any) -> None:
    found = await servers(server=server)
    assert (found or {}).get("default", {}).get("host") == host


async def test_a_host_header_that_is_no_host_is_not_repeated() -> None:
    found = await servers(server=("127.0.0.1", 8001), headers=[(b"host", b'evil"><script>')])
    assert not found
