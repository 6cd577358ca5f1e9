"""Consumers behind a real server, uvicorn on loopback, and a real client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from chanspec.decorators import ws_handler
from chanspec.runtime.authenticator import BaseAuthenticator
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.hub import hub_for

from .driver import eventually
from .messages import Count, Said, Say


class Flag(BaseAuthenticator):
    async def authenticate(self) -> bool:
        await asyncio.sleep(0.02)
        return self.get_query_param("refuse") is None


class Room(Consumer[Any]):
    groups = ["server-room"]
    authenticator_class = Flag
    send_authentication_message = False
    max_outbox = 8
    max_frame_bytes = 200_000
    close_timeout = 0.3
    log: list[Any] = []

    @ws_handler
    async def say(self, message: Say) -> Said | None:
        self.log.append(message.payload[:20])
        if message.payload == "wait":
            try:
                await asyncio.sleep(60)
            finally:
                self.log.append("wait ended")
        if message.payload == "all":
            await self.broadcast_message(Said(payload="all"))
            return None
        return Said(payload=message.payload)

    @ws_handler
    async def count(self, message: Count) -> AsyncIterator[Said]:
        for n in range(message.payload):
            yield Said(payload=n)

    async def disconnect(self, code: int) -> None:
        self.log.append(code)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    Room.log = []
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(Room.as_asgi(), ws="websockets-sansio", lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    before = asyncio.all_tasks()
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await eventually(lambda: server.started)
    yield listener.getsockname()[1]
    server.should_exit = True
    await asyncio.wait_for(task, 20)
    me = asyncio.current_task()
    await eventually(lambda: asyncio.all_tasks() - before <= {me})


def say(payload: str) -> str:
    return json.dumps({"action": "say", "payload": payload})


async def ask(client: ClientConnection, payload: str) -> Any:
    await client.send(say(payload))
    return json.loads(await client.recv())["payload"]


def url(port: int, query: str = "") -> str:
    return f"ws://127.0.0.1:{port}/{query}"


async def test_messages_are_answered_in_order(port: int) -> None:
    async with connect(url(port)) as client:
        for n in range(100):
            await client.send(say(str(n)))
        answers = [json.loads(await client.recv())["payload"] for _ in range(100)]
        assert answers == [str(n) for n in range(100)]
        assert await ask(client, "é☃🎉") == "é☃🎉"


async def test_stream_and_large_messages_arrive_whole(port: int) -> None:
    async with connect(url(port)) as client:
        await client.send(json.dumps({"action": "count", "payload": 500}))
        assert [json.loads(await client.recv())["payload"] for _ in range(500)] == list(range(500))
        text = "x" * 150_000
        assert await ask(client, text) == text


async def test_disconnect_is_noticed_while_a_handler_waits(port: int) -> None:
    async with connect(url(port)) as client:
        for text in ("wait", "next", "next", "next"):
            await client.send(say(text))
        await eventually(lambda: Room.log == ["wait"])
    await eventually(lambda: Room.log == ["wait", "wait ended", 1000])


async def test_connection_that_breaks_is_noticed_while_a_handler_waits(port: int) -> None:
    client = await connect(url(port))
    await client.send(say("wait"))
    await eventually(lambda: Room.log == ["wait"])
    client.transport.abort()
    await eventually(lambda: len(Room.log) == 3)
    assert Room.log[1] == "wait ended"


async def test_frame_behind_the_handshake_of_a_refused_client_is_not_handled(port: int) -> None:
    request = (
        f"GET /?refuse=1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    frame = Frame(Opcode.TEXT, say("pipelined").encode()).serialize(mask=True)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request + frame * 3)
    answer = await reader.read(10_000)
    while b"\x11\x31" not in answer and (more := await reader.read(10_000)):  # 4401 in a close frame
        answer += more
    assert b"101 Switching Protocols" in answer
    assert b"\x11\x31" in answer
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    assert Room.log == []


async def test_refused_client_sees_the_close_code(port: int) -> None:
    async with connect(url(port, "?refuse=1")) as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 4401


async def test_frame_that_is_too_large_is_closed_with_1009(port: int) -> None:
    async with connect(url(port)) as client:
        await client.send(say("x" * 200_000))
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1009
    await eventually(lambda: Room.log == [1009])


async def test_clients_that_vanish_while_being_answered_leave_no_task_traceback_or_membership(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    clients = await asyncio.gather(*(connect(url(port)) for _ in range(50)))
    for client in clients:
        await client.send(json.dumps({"action": "count", "payload": 2000}))
        await client.send(say("all"))
    await asyncio.sleep(0.01)
    for client in clients:
        client.transport.abort()
    await eventually(lambda: sum(isinstance(each, int) for each in Room.log) == 50)
    hub = hub_for(Room.get_channel_layer())
    await eventually(lambda: not hub.members and not hub.subscriptions)
    ours = [record for record in caplog.records if record.name.startswith(("chanspec", "asyncio", "uvicorn"))]
    assert not [record for record in ours if record.levelno > logging.INFO], ours


async def test_stalled_reader_is_dropped_and_the_others_go_on(port: int, caplog: pytest.LogCaptureFixture) -> None:
    plain: dict[str, Any] = {"compression": None}
    async with connect(url(port), **plain) as healthy, connect(url(port), **plain) as stalled:
        stalled.transport.pause_reading()
        hub = hub_for(Room.get_channel_layer())
        text = json.dumps({"action": "said", "payload": "x" * 200_000})
        for _ in range(60):
            await hub.broadcast(["server-room"], text)
            assert len(await asyncio.wait_for(healthy.recv(), 20)) == len(text)
        await eventually(lambda: len(hub.members) == 1)
        assert await ask(healthy, "fine") == "fine"
        stalled.transport.resume_reading()
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.wait_for(stalled.recv(), 20)
    assert "closed with 1013" in caplog.text
    await eventually(lambda: 1013 in Room.log)  # its hook runs after the close frame was sent


async def test_server_that_shuts_down_ends_its_connections(port: int) -> None:
    client = await connect(url(port))
    await client.send(say("wait"))
    await eventually(lambda: Room.log == ["wait"])
    # the fixture shuts the server down while the handler waits, and finds no task left
