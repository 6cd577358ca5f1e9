"""nginx with the configuration of the page on deploying, before a server that speaks through it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
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
from tests.ports import reserved_port
from tests.programs import NGINX
from tests.starlette.conftest import Server, running


@pytest.fixture(scope="module", autouse=True)
def needs_nginx() -> None:
    NGINX.needed()


START_SECONDS = 30


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
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in kinds)
    config = folder / "nginx.conf"
    user = "user root;\n" if os.getuid() == 0 else ""
    config.write_text(
        f"{user}pid {folder / 'pid'};\nerror_log {folder / 'error.log'};\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{told}\n}}\n"
    )
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config), "-g", "daemon off;"]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_open(port):
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < deadline, "nginx did not start"
            time.sleep(0.02)
        yield Server("127.0.0.1", port)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


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
