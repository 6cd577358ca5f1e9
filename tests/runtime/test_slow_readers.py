"""Clients that stop reading, behind uvicorn on loopback, beside others that read."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chanspec.decorators import ws_handler
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.hub import hub_for
from chanspec.runtime.outbox import Backlog, backlog_of
from chanspec.runtime.settings import RuntimeSettings

from .driver import eventually
from .messages import Said, Say

ROOMS = [f"slow-{n}" for n in range(4)]
MEGABYTE = 1_000_000
MESSAGES = 30


class Room(Consumer[Any]):
    send_authentication_message = False
    log_websocket_message = False
    close_timeout = 0.3
    codes: list[int] = []

    async def post_authentication(self) -> None:
        await self.channel_layer.group_add(self.scope["path"].strip("/"), self.channel_name)
        await self.send_message(Said(payload="joined"))

    @ws_handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)

    async def disconnect(self, code: int) -> None:
        self.codes.append(code)


class Frugal(Room):
    max_outbox_bytes = 100 * MEGABYTE

    @classmethod
    def runtime_settings(cls) -> RuntimeSettings:
        return RuntimeSettings(max_process_outbox_bytes=4 * MEGABYTE)


@pytest.fixture
async def rooms(request: pytest.FixtureRequest) -> AsyncIterator[tuple[list[ClientConnection], list[ClientConnection]]]:
    """Two clients in each room, of which one stops reading."""
    Room.codes.clear()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)  # else the kernel takes many messages
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(request.param.as_asgi(), ws="websockets-sansio", lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await eventually(lambda: server.started)
    options: dict[str, Any] = {"compression": None, "max_size": None, "close_timeout": 0.3, "ping_interval": None}
    async with AsyncExitStack() as stack:
        clients = []
        for room in ROOMS * 2:
            url = f"ws://127.0.0.1:{listener.getsockname()[1]}/{room}"
            client = await stack.enter_async_context(connect(url, **options))
            await client.recv()
            clients.append(client)
        healthy, stalled = clients[: len(ROOMS)], clients[len(ROOMS) :]
        for client in stalled:
            client.transport.pause_reading()
        yield healthy, stalled
        for client in stalled:
            client.transport.abort()
    server.should_exit = True
    await asyncio.wait_for(task, 20)


async def send_to_all(consumer: type[Room], healthy: list[ClientConnection]) -> None:
    """Send large messages, each different; who reads gets every one."""
    hub = hub_for(consumer.get_channel_layer())
    for n in range(MESSAGES):
        for room, client in zip(ROOMS, healthy, strict=True):
            await hub.broadcast([room], f"{n}{room}".ljust(MEGABYTE))
            text = await asyncio.wait_for(client.recv(), 20)
            assert len(text) == MEGABYTE
            assert str(text).rstrip() == f"{n}{room}"


@pytest.mark.parametrize("rooms", [Room], indirect=True)
async def test_clients_that_stop_reading_hold_a_few_messages_each_and_are_closed(
    rooms: tuple[list[ClientConnection], list[ClientConnection]], caplog: pytest.LogCaptureFixture
) -> None:
    healthy, stalled = rooms
    tracemalloc.start()
    try:
        await send_to_all(Room, healthy)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 10 * len(ROOMS) * MEGABYTE, f"of {MESSAGES} for each"
    await eventually(lambda: Room.codes == [1013] * len(stalled))
    lines = [message for message in caplog.messages if "closed with 1013" in message]
    assert len(lines) == len(stalled)
    assert all("too many bytes (max_outbox_bytes = 1,048,576)" in line for line in lines)
    assert backlog_of(asyncio.get_running_loop()).bytes == 0
    stalled[0].transport.resume_reading()
    with contextlib.suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(stalled[0].recv(), 20)
    for client in healthy:
        await client.send('{"action": "say", "payload": "there"}')
        assert "there" in str(await asyncio.wait_for(client.recv(), 20))


@pytest.mark.parametrize("rooms", [Frugal], indirect=True)
async def test_all_clients_that_stop_reading_hold_together_what_the_process_allows(
    rooms: tuple[list[ClientConnection], list[ClientConnection]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    healthy, _ = rooms
    backlog = backlog_of(asyncio.get_running_loop())
    most = [0]
    check = Backlog.check

    def checked(self: Backlog, limit: int) -> None:
        check(self, limit)
        most.append(self.bytes)

    monkeypatch.setattr(Backlog, "check", checked)
    await send_to_all(Frugal, healthy)
    assert 2 * MEGABYTE < max(most) <= 4 * MEGABYTE
    closed = [message for message in caplog.messages if "closed with 1013" in message]
    assert closed
    assert all("(max_process_outbox_bytes = 4,000,000)" in line for line in closed)
    await eventually(lambda: Room.codes == [1013] * len(closed))
    assert backlog.bytes <= 4 * MEGABYTE
