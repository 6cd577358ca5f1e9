"""What server processes with real clients take: clients that vanish, a Redis that is gone, a process that is killed.

``tests/hub/test_faults.py`` has the same of a hub, where more can be looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.ports import reserved_port
from tests.redis import RedisServer, running_redis

START_SECONDS = 60
SECONDS = 30  # for what must come: machines are busy

REDIS_KINDS = ["queue", "pubsub"]


class Client:
    """A connection of a real client. It keeps all that it hears."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[tuple[str, Any]] = []

    async def say(self, action: str, payload: str) -> None:
        await self.socket.send(json.dumps({"action": action, "payload": payload}))

    async def hear(self) -> tuple[str, Any]:
        message = json.loads(await asyncio.wait_for(self.socket.recv(), SECONDS))
        self.heard.append((message["action"], message["payload"]))
        return self.heard[-1]

    async def until(self, action: str, payload: str) -> list[str]:
        """Listen until something comes; returns the payloads of all said until then."""
        while await self.hear() != (action, payload):
            pass
        return [payload for action, payload in self.heard if action == "said"]

    def vanish(self) -> None:
        """Break the connection, as a client that loses its network does: without a close frame."""
        self.socket.transport.abort()


class Process:
    """A running server."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    @asynccontextmanager
    async def clients(self, count: int) -> AsyncIterator[list[Client]]:
        """Clients that are accepted, and so in the room."""
        async with AsyncExitStack() as stack:
            found = []
            for _ in range(count):
                address = f"ws://127.0.0.1:{self.port}/"
                found.append(Client(await stack.enter_async_context(connect(address, proxy=None, ping_interval=None))))
            yield found

    def printed(self) -> str:
        return self.log.read_text(errors="replace")


@asynccontextmanager
async def serving(kind: str, url: str, folder: Path, *, layer_fails: bool = False) -> AsyncIterator[Process]:
    """A server process; it must print no traceback, but for those that the layer itself logs when Redis fails."""
    with reserved_port() as port:
        log = folder / f"{port}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.hub.app", kind, url, str(port), stdout=output, stderr=output
            )
        running = Process(process, port, log)
        try:
            async with asyncio.timeout(START_SECONDS):
                while True:
                    assert process.returncode is None, running.printed()
                    with contextlib.suppress(OSError):
                        socket.create_connection(("127.0.0.1", port), 1).close()
                        break
                    await asyncio.sleep(0.05)
            yield running
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    for bad in ("never retrieved", "Exception in ASGI", *(() if layer_fails else ("Traceback",))):
        assert bad not in running.printed(), running.printed()


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture(params=["memory", *REDIS_KINDS])
async def server(request: pytest.FixtureRequest, redis: RedisServer, tmp_path: Path) -> AsyncIterator[Process]:
    redis.ask("FLUSHALL")
    async with serving(request.param, redis.url, tmp_path) as running:
        yield running


async def test_clients_that_vanish_while_being_answered_take_nothing_from_the_others(
    server: Process, redis: RedisServer
) -> None:
    async with server.clients(1) as (stays,), server.clients(60) as others:
        for client in others:
            for number in range(20):
                await client.say("say" if number % 2 else "echo", "x")
        for client in others[:40]:  # unread answers and broadcasts are on their way to all of them
            client.vanish()
        for number in range(50):
            await stays.say("say", f"{number}")
        said = await stays.until("said", "49")
        assert [text for text in said if text != "x"] == [str(number) for number in range(50)]
        for client in others[40:]:
            said = await client.until("said", "49")
            assert [text for text in said if text != "x"] == [str(number) for number in range(50)]
        await stays.say("echo", "still here")
        await stays.until("echoed", "still here")  # what others said may still come before it
    await left_nothing(redis)


async def test_what_is_malformed_closes_nothing_and_is_answered_in_few_bytes(server: Process) -> None:
    async with server.clients(1) as (client,):
        for frame in ("{", "[]", '{"action": "fly"}', "null", '"', '{"action": ["say"]}', b"\x00") * 40:
            await client.socket.send(frame)
            assert (await client.hear())[0] == "error"
        await client.socket.send(json.dumps({"action": "x" * 900_000}))
        answer = await asyncio.wait_for(client.socket.recv(), SECONDS)
        assert len(answer) < 10_000
        await client.say("echo", "still here")
        assert await client.hear() == ("echoed", "still here")


@pytest.mark.parametrize("kind", REDIS_KINDS)
async def test_redis_that_comes_back_empty_closes_no_connection_and_everybody_hears_again(
    kind: str, redis: RedisServer, tmp_path: Path
) -> None:
    redis.ask("FLUSHALL")
    async with (
        serving(kind, redis.url, tmp_path, layer_fails=True) as one,
        serving(kind, redis.url, tmp_path, layer_fails=True) as two,
        one.clients(20) as here,
        two.clients(20) as there,
    ):
        everybody = [*here, *there]
        await here[0].say("say", "before")
        for client in everybody:
            await client.until("said", "before")
        redis.stop()
        for client in everybody:  # local echo goes on
            await client.say("echo", "meanwhile")
            await client.until("echoed", "meanwhile")
        redis.start()
        for speaker in (here[0], there[0]):  # broadcasts of both processes reach both
            heard = asyncio.gather(*(client.until("said", f"again {id(speaker)}") for client in everybody))
            while not heard.done():
                await speaker.say("say", f"again {id(speaker)}")
                await asyncio.wait({heard}, timeout=0.1)
            heard.result()


@pytest.mark.parametrize("kind", REDIS_KINDS)
async def test_senders_in_two_processes_keep_their_order_and_one_outlives_the_other_s_kill(
    kind: str, redis: RedisServer, tmp_path: Path
) -> None:
    redis.ask("FLUSHALL")

    async def talk(client: Client, name: str, times: int) -> None:
        for number in range(times):
            await client.say("say", f"{name} {number}")

    async with (
        serving(kind, redis.url, tmp_path) as one,
        serving(kind, redis.url, tmp_path) as two,
        one.clients(5) as here,
        two.clients(5) as there,
    ):
        await asyncio.gather(talk(here[0], "here", 40), talk(there[0], "there", 40))
        for client in (*here, *there):
            while sum(action == "said" for action, _ in client.heard) < 80:
                await client.hear()
            for name in ("here", "there"):
                mine = [text for action, text in client.heard if action == "said" and text.startswith(f"{name} ")]
                assert mine == [f"{name} {number}" for number in range(40)]
        two.process.kill()
        await two.process.wait()
        await talk(here[0], "alone", 20)
        for client in here:
            said = await client.until("said", "alone 19")
            assert said[-20:] == [f"alone {number}" for number in range(20)]
        for client in there:
            client.vanish()


@pytest.mark.parametrize("kind", REDIS_KINDS)
async def test_a_burst_of_disconnects_loses_no_broadcast(kind: str, redis: RedisServer, tmp_path: Path) -> None:
    redis.ask("FLUSHALL")
    async with serving(kind, redis.url, tmp_path) as server, server.clients(2) as (speaks, listens):
        async with server.clients(100) as many:
            await speaks.say("say", "all are here")
            for client in many:
                await client.until("said", "all are here")
            for number in range(60):
                await speaks.say("say", f"{number}")
                if number == 20:
                    for client in many:
                        client.vanish()
        for client in (speaks, listens):
            said = await client.until("said", "59")
            assert said == ["all are here", *(str(number) for number in range(60))]


async def left_nothing(redis: RedisServer) -> None:
    """Wait until no membership of anybody is left."""
    async with asyncio.timeout(SECONDS):
        while [redis.ask(each) for each in ("ZCARD asgi:group:room", "PUBSUB CHANNELS *room*")] != [b":0", b"*0"]:  # noqa: ASYNC110 - in Redis
            await asyncio.sleep(0.05)
