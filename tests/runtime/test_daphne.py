"""Daphne, whose WebSocket library lets applications close with few codes only."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.ports import reserved_port

START_SECONDS = 60
CLOSE_SECONDS = 30


@pytest.fixture
async def port() -> AsyncIterator[int]:
    with reserved_port() as free:
        words = ["-m", "daphne", "-p", str(free), "-v", "0", "tests.runtime.closing:application"]
        server = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=Path(__file__).parents[2])
        try:
            async with asyncio.timeout(START_SECONDS):
                while True:
                    try:
                        _, writer = await asyncio.open_connection("127.0.0.1", free)
                        writer.close()
                        break
                    except OSError:
                        assert server.returncode is None
                        await asyncio.sleep(0.05)
            yield free
        finally:
            with suppress(ProcessLookupError):
                server.terminate()
            await server.wait()


@pytest.mark.parametrize(
    ("path", "frames", "code"),
    [
        ("/fail", [], 4011),
        ("/", ['{"action": "ping"}'] * 40, 4008),
        ("/", ["x" * 2000], 4009),
        ("/", ['{"action": "leave", "payload": 1001}'], 4001),
        ("/", ['{"action": "leave", "payload": 4321}'], 4321),
        ("/", ['{"action": "leave", "payload": 1000}'], 1000),
    ],
)
async def test_every_close_reaches_the_client(port: int, path: str, frames: list[str], code: int) -> None:
    async with asyncio.timeout(CLOSE_SECONDS), connect(f"ws://127.0.0.1:{port}{path}") as client:
        for frame in frames:
            with suppress(ConnectionClosed):
                await client.send(frame)
        await client.wait_closed()
    assert client.close_code == code
