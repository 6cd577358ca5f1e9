"""Real servers and clients on loopback."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

START_SECONDS = 60


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A running server; `get` and `websocket` ask it."""

    host: str
    port: int

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, headers={"Host": self.netloc, **given})
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def websocket(self, path: str, **options: Any) -> connect:
        return connect(f"ws://{self.netloc}{path}", proxy=None, **options)


@contextmanager
def running(application: Any, **options: Any) -> Iterator[Server]:
    """Serve an application with uvicorn, in a thread and on a loop of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(application, log_level="warning", lifespan="off", log_config=None, **options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
        thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            assert thread.is_alive(), "the server ended"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.005)
        try:
            yield Server(*listening.getsockname())
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)
            assert not thread.is_alive(), "the server did not stop"


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """`serve(application, **uvicorn_options)`: servers that stop when the test ends."""
    with ExitStack() as stack:
        yield lambda application, **options: stack.enter_context(running(application, **options))


class Client:
    """Speaks JSON over a connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, action: str, payload: Any = None) -> None:
        await self.connection.send(json.dumps({"action": action, "payload": payload}))

    async def hear(self) -> Any:
        return json.loads(await asyncio.wait_for(self.connection.recv(), 20))

    async def ask(self, action: str, payload: Any = None) -> Any:
        await self.send(action, payload)
        return await self.hear()
