"""nginx with the configuration of the page on deploying, before a server that speaks through it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.origin import OriginValidator
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.docs.pages import blocks_of
from tests.docs.proxy import running_nginx
from tests.ports import reserved_port
from tests.starlette.conftest import Server, running


class EchoConsumer(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


def application() -> OriginValidator:
    app = FastAPI(routes=[WebSocketRoute("/ws/echo", EchoConsumer.as_asgi())])
    app.mount("/ws-docs", AsyncAPIDocs(title="Echo"))
    return OriginValidator(app, ["http://example.com"])


@contextmanager
def nginx(upstream: int, folder: Path) -> Iterator[Server]:
    """The page's configuration, with other ports; everything that nginx writes goes to the folder."""
    with reserved_port() as port:
        yield from _nginx(upstream, port, folder)


def _nginx(upstream: int, port: int, folder: Path) -> Iterator[Server]:
    [block] = [each for each in blocks_of("docs/how-to/deploy.md") if each.language == "nginx"]
    told = block.text.replace("127.0.0.1:8001", f"127.0.0.1:{upstream}").replace(
        "listen 80;", f"listen 127.0.0.1:{port};"
    )
    assert str(upstream) in told
    assert str(port) in told
    with running_nginx(told, folder, [port]):
        yield Server("127.0.0.1", port)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(application()) as server, nginx(server.port, tmp_path_factory.mktemp("nginx")) as proxy:
        yield proxy


async def test_messages_go_through(site: Server) -> None:
    async with connect(f"ws://{site.netloc}/ws/echo", origin=Origin("http://example.com"), proxy=None) as client:
        await client.send('{"action": "ping"}')
        assert json.loads(await client.recv())["action"] == "pong"


async def test_a_page_of_elsewhere_is_refused(site: Server) -> None:
    with pytest.raises(InvalidStatus) as raised:
        await connect(f"ws://{site.netloc}/ws/echo", origin=Origin("http://example.org"), proxy=None)
    assert raised.value.response.status_code == 403


def test_the_document_names_the_server_that_was_asked(site: Server) -> None:
    document = site.get("/ws-docs/asyncapi.json", Host="example.com").json
    assert document["servers"] == {"default": {"host": "example.com", "protocol": "ws"}}
