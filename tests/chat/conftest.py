"""The chat example, served as `make demo-chat` serves it, and clients that check what they hear.

Every frame a client receives is validated against the AsyncAPI document that the example serves.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

EXAMPLE = Path(__file__).parents[2] / "examples" / "chat"
START_SECONDS = 60
REPLY_SECONDS = 30


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    """The example's URL; it must end cleanly on Ctrl-C and must have complained of nothing.

    A test can give it environment variables, as an indirect parameter.
    """
    errors = tmp_path_factory.mktemp("chat") / "stderr"
    environment = {
        **os.environ,
        "PORT": "0",
        "PYTHONWARNINGS": "error::ResourceWarning",
        **getattr(request, "param", {}),
    }
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "chat"],
            cwd=EXAMPLE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        printed = _printed_until("Ctrl-C", process, errors)
        url = re.search(r"http://127\.0\.0\.1:\d+", printed)
        assert url is not None
        assert f"{url[0]}/ws-docs/" in printed
        yield url[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        complaints = [line for line in errors.read_text().splitlines() if not line.startswith("Refused a handshake")]
        assert complaints == []
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _printed_until(word: str, process: subprocess.Popen[str], errors: Path) -> str:
    """What a process prints up to the line with a word; fails with its error output when it ends or hangs."""
    lines: queue.Queue[str | None] = queue.Queue()
    assert process.stdout is not None
    stdout = process.stdout

    def read() -> None:
        with stdout:
            for line in stdout:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    printed = ""
    while word not in printed:
        line = lines.get(timeout=START_SECONDS)
        assert line is not None, errors.read_text()
        printed += line
    return printed


@pytest.fixture(scope="session")
def document(chat: str) -> dict[str, Any]:
    """The AsyncAPI document, as served."""
    with urllib.request.urlopen(f"{chat}/ws-docs/asyncapi.json", timeout=REPLY_SECONDS) as answer:
        return json.load(answer)


@pytest.fixture(scope="session")
def validators(document: dict[str, Any]) -> dict[str, jsonschema_rs.Validator]:
    """A validator for each message of the document, by its action."""
    found = {}
    for name, message in document["components"]["messages"].items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [{"$ref": f"#/components/messages/{name}/payload"}],
            "components": document["components"],
        }
        action = message["payload"]["properties"]["action"]["const"]
        found[action] = jsonschema_rs.validator_for(schema, validate_formats=True)
    return found


class Client:
    """Somebody in a room; fails on a frame that the document does not describe."""

    def __init__(self, socket: ClientConnection, validators: dict[str, jsonschema_rs.Validator]) -> None:
        self.socket = socket
        self.validators = validators
        self.heard: set[str] = set()

    async def send(self, action: str, **payload: Any) -> None:
        """Send a message that keeps the contract."""
        message = {"action": action, "payload": payload}
        self.validators[action].validate(message)
        await self.socket.send(json.dumps(message))

    async def send_together(self, *messages: tuple[str, dict[str, Any]]) -> None:
        """Send messages at once, so that the server has the last as soon as the first, however slow we are."""
        frames = b""
        for action, payload in messages:
            message = {"action": action, "payload": payload}
            self.validators[action].validate(message)
            frames += Frame(Opcode.TEXT, json.dumps(message).encode()).serialize(mask=True)
        self.socket.transport.write(frames)

    async def next(self) -> dict[str, Any]:
        frame = json.loads(await asyncio.wait_for(self.socket.recv(), REPLY_SECONDS))
        self.validators[frame["action"]].validate(frame)
        self.heard.add(frame["action"])
        return frame

    async def hear(self, action: str) -> Any:
        """The payload of the next frame, which must be this message."""
        frame = await self.next()
        assert frame["action"] == action, frame
        return frame["payload"]

    async def is_answered(self) -> None:
        """Everything sent before has been handled, and has caused no other frame."""
        await self.socket.send('{"action": "ping", "payload": null}')
        await self.hear("pong")


Enter = Callable[..., AbstractAsyncContextManager[Client]]


_tests = itertools.count(1)


@pytest.fixture
def enter(chat: str, validators: dict[str, jsonschema_rs.Validator]) -> Enter:
    """`enter(name, room=…)`: a client that is let in and has heard who is there; each test has rooms of its own."""
    own = f"test-{next(_tests)}"

    @asynccontextmanager
    async def open_client(name: str, room: str = "", origin: str | None = chat) -> AsyncIterator[Client]:
        url = f"{chat.replace('http', 'ws', 1)}/ws/rooms/{own}{room}?{urlencode({'name': name})}"
        async with connect(url, origin=origin, proxy=None) as socket:
            client = Client(socket, validators)
            outcome = await client.hear("authentication")
            assert outcome["status_code"] == 200
            assert name in (await client.hear("people"))["names"]
            yield client

    return open_client
