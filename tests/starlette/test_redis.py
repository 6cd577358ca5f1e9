"""Two processes that share one Redis, through layers that need no Django."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis import RedisServer, redis_server, shared_redis
from tests.starlette.conftest import Client, Server

__all__ = ["redis_server", "shared_redis"]

ROOT = Path(__file__).parents[2]
PONG = {"action": "pong", "payload": None}
LAYERS = [
    "fast_channels.layers.redis.core:RedisChannelLayer",
    "fast_channels.layers.redis.pubsub:RedisPubSubChannelLayer",
]


@pytest.fixture(params=LAYERS, ids=["queue", "pubsub"])
def servers(request: pytest.FixtureRequest, shared_redis: RedisServer) -> Iterator[list[Server]]:
    pytest.importorskip("fast_channels", reason="fast-channels has the Redis layers without Django")
    shared_redis.ask("FLUSHALL")
    environment = {**os.environ, "LAYER": request.param, "REDIS": shared_redis.url}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.starlette.redis_app"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        ports = []
        for process in processes:
            assert process.stdout is not None
            ports.append(int(process.stdout.readline()))
        yield [Server("127.0.0.1", port) for port in ports]
    finally:
        for process in processes:
            process.terminate()
            process.communicate(timeout=60)


async def test_rooms_span_processes_in_order_and_nobody_hears_twice(servers):
    one, two = servers
    async with one.websocket("/ws/red/chat") as here, two.websocket("/ws/red/chat") as there:
        ada, emeka = Client(here), Client(there)
        assert [await ada.ask("ping"), await emeka.ask("ping")] == [PONG, PONG]
        for number in range(50):
            await ada.send("say", {"text": str(number)})
        for client in (ada, emeka):
            assert [(await client.hear())["payload"]["text"] for _ in range(50)] == [str(each) for each in range(50)]
        await asyncio.to_thread(two.get, "/alarm/red")
        for client in (ada, emeka):
            assert (await client.hear())["payload"]["text"] == "fire"
            assert await client.ask("ping") == PONG


def test_django_is_not_imported(servers):
    assert servers[0].get("/imported").json == []
