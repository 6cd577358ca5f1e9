"""Runs the tests' project on real servers, as processes of their own, and talks to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.ports import reserved_port

ROOT = Path(__file__).parents[2]
SITE = "tests.channels_typed.site"
START_SECONDS = 60
REPLY_SECONDS = 30
SERVERS = ("uvicorn", "daphne")


def environment(settings: dict[str, Any]) -> dict[str, str]:
    """The environment of a process of the project, whose settings differ by ``settings``."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"{SITE}.settings",
        "SITE": json.dumps(settings),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "default",
    }


def manage(settings: dict[str, Any], *arguments: str) -> str:
    """Run a management command, or with ``-c`` a piece of Python, to its end; returns what it printed."""
    command = [sys.executable, *(arguments if arguments[0] == "-c" else ("-m", "django", *arguments))]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment(settings), capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@dataclass
class Server:
    """A running server."""

    port: int
    log: Path
    pid: int

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.netloc}"

    def get(self, path: str) -> Any:
        """The JSON that a page answers with."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self.origin + path, timeout=REPLY_SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(
                    f"{path}: {error.code}\n{error.read().decode()[:2000]}\n{self.printed()}"
                ) from None

    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    @asynccontextmanager
    async def client(self, path: str, **options: Any) -> AsyncIterator[Client]:
        options.setdefault("origin", self.origin)
        async with connect(f"ws://{self.netloc}{path}", proxy=None, **options) as websocket:
            yield Client(websocket)


class Client:
    """A connection of a real client."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket

    async def say(self, action: str, payload: Any = None) -> None:
        await self.websocket.send(json.dumps({"action": action, "payload": payload}))

    async def hear(self) -> Any:
        return json.loads(await asyncio.wait_for(self.websocket.recv(), REPLY_SECONDS))

    async def ask(self, action: str, payload: Any = None) -> Any:
        await self.say(action, payload)
        return await self.hear()

    async def silence(self, seconds: float = 0.2) -> None:
        with contextlib.suppress(TimeoutError):
            raise AssertionError(await asyncio.wait_for(self.websocket.recv(), seconds))

    async def closed_with(self) -> int:
        await asyncio.wait_for(self.websocket.wait_closed(), REPLY_SECONDS)
        assert self.websocket.close_code is not None
        return self.websocket.close_code


@contextmanager
def serving(kind: str, folder: Path, settings: dict[str, Any] | None = None) -> Iterator[Server]:
    """Serve the project by ``uvicorn`` or ``daphne``; it must print no traceback and no warning."""
    with reserved_port() as port:
        yield from _serving(kind, port, folder, settings or {})


def _serving(kind: str, port: int, folder: Path, settings: dict[str, Any]) -> Iterator[Server]:
    application = f"{SITE}.asgi:application"
    # Daphne gives up handshakes that an application has not answered after five seconds.
    patience = ["--websocket_connect_timeout", str(START_SECONDS)]
    command = {
        "uvicorn": ["-m", "uvicorn", "--lifespan", "off", "--log-level", "warning", "--port", str(port), application],
        "daphne": ["-m", "daphne", "-v", "0", *patience, "-b", "127.0.0.1", "-p", str(port), application],
    }[kind]
    log = folder / f"{kind}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment(settings), stdout=output, stderr=output
        )
    server = Server(port, log, process.pid)
    try:
        _wait_until_listening(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    printed = server.printed()
    assert "Traceback" not in printed, printed
    assert "Warning" not in printed, printed


def _wait_until_listening(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, server.printed()
        try:
            socket.create_connection(("127.0.0.1", server.port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on port {server.port}: {server.printed()}")
