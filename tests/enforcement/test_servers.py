"""The middleware in front of real servers and real clients, on both frameworks and for both kinds of consumer."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import connect

from chanspec.enforcement import ContractMiddleware
from tests.enforcement.consumers import TypedConsumer
from tests.enforcement.test_routing import Application, Fast
from tests.ports import reserved_port
from tests.starlette.conftest import running

START_SECONDS = 60
SECONDS = 20

COMMANDS = {
    "uvicorn": ["uvicorn", "--lifespan", "off", "--log-level", "warning", "--port"],
    # Daphne gives up handshakes that an application has not answered after five seconds.
    "daphne": ["daphne", "-v", "0", "--websocket_connect_timeout", "60", "-b", "127.0.0.1", "-p"],
}
CLOSED = {"uvicorn": 1011, "daphne": 4011}  # Autobahn lets applications close with few codes only


@asynccontextmanager
async def serving(kind: str, mode: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server's address, and what it printed once it has ended."""
    with reserved_port() as port:
        async with _served(kind, mode, port) as served:
            yield served


@asynccontextmanager
async def _served(kind: str, mode: str, port: int) -> AsyncIterator[tuple[str, list[bytes]]]:
    environment = {**os.environ, "MODE": mode}
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", *COMMANDS[kind], str(port), "tests.enforcement.site:application"],
        cwd=Path(__file__).parents[2],
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    printed: list[bytes] = []
    try:
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    assert process.returncode is None
                    await asyncio.sleep(0.05)
        yield f"ws://127.0.0.1:{port}", printed
    finally:
        if process.returncode is None:
            process.terminate()
        printed.append((await process.communicate())[1])


async def asked(client: Any, **message: Any) -> Any:
    await client.send(json.dumps(message))
    return json.loads(await asyncio.wait_for(client.recv(), SECONDS))


async def errors_of(client: Any, frame: str | bytes) -> list[tuple[Any, str]]:
    await client.send(frame)
    answer = json.loads(await asyncio.wait_for(client.recv(), SECONDS))
    assert "error" in (answer.get("type"), answer.get("action"))
    return [(each["loc"], each["type"]) for each in answer["payload"]]


async def close_code(client: Any) -> int:
    await asyncio.wait_for(client.wait_closed(), SECONDS)
    assert client.close_code is not None
    code: int = client.close_code
    return code


GONE = {"action": "tell", "frame": '{"type": "gone"}', "payload": {"action": "gone"}}
MISSING = {"annotated": "frame", "sync": "frame", "dispatching": "frame", "typed": "payload"}


async def exercise(url: str, kind: str, closed: int) -> None:
    """Bad frames are answered, a good one comes through, and a bad one of the server closes the connection."""
    async with connect(url, proxy=None) as client:
        assert await errors_of(client, "{") == [([], "json_invalid")]
        assert await errors_of(client, '{"action": "fly"}') == [(["action"], "union_tag_invalid")]
        assert await errors_of(client, '{"action": "tell"}') == [([MISSING[kind]], "missing")]
        assert await errors_of(client, b"\x00") == [([], "binary_frame")]
        frame = '{"type":"hello"}'
        sent = {"action": "passed", "payload": 1}
        assert await asked(client, action="tell", frame=frame, payload=sent) in (json.loads(frame), sent)
        await client.send(json.dumps(GONE))
        assert await close_code(client) == closed


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
async def test_django_behind_each_server(kind: str) -> None:
    async with serving(kind, "error") as (url, printed):
        for name in ("annotated", "sync", "dispatching", "typed"):
            await exercise(f"{url}/{name}", name, CLOSED[kind])
        async with connect(f"{url}/annotated", proxy=None) as client:  # it serves on
            assert (await asked(client, action="hello"))["type"] == "hello"
    assert b"Traceback" not in printed[0], printed[0].decode()
    lines = [line for line in printed[0].decode().splitlines() if "was sent" in line]
    assert len(lines) == 4
    told = "tests.enforcement.consumers:TypedConsumer: 'gone' was sent: no event of this name is in the contract"
    assert any(told in line for line in lines)


async def test_warn_changes_nothing_on_the_wire_and_prints_each_drift_once() -> None:
    async with serving("uvicorn", "warn") as (url, printed):
        for _ in range(3):
            async with connect(f"{url}/annotated", proxy=None) as client:
                assert await asked(client, **GONE) == {"type": "gone"}
                assert await asked(client, action="fly") == {"type": "hello"}
    lines = printed[0].decode().splitlines()
    assert [" was sent" in line for line in lines] == [True, False]
    assert " was received, at action: should be one of" in lines[1]


async def test_fastapi() -> None:
    routes = [WebSocketRoute("/typed", TypedConsumer.as_asgi()), WebSocketRoute("/fast", Application(Fast))]
    middleware = ContractMiddleware(FastAPI(routes=routes))
    with running(middleware) as server:
        for path, name in (("typed", "typed"), ("fast", "annotated")):
            await exercise(f"ws://{server.netloc}/{path}", name, 1011)
    assert {drift.consumer.rpartition(":")[2] for drift in middleware.drifts} == {"TypedConsumer", "Fast"}
    assert middleware.drifts.total == 10
