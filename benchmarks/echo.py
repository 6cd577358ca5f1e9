"""Measures one typed message answered by a message, as a ratio to the floor: in process and through uvicorn.

The floor is a bare ASGI callable that validates with pydantic-core and serializes once. Both sides use the same
message classes and take turns; each figure is the median of all turns. Nothing is asserted here.

Run it with ``python -m benchmarks.echo [--turns N] [--seconds S] [--connections N]``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, Union

import uvicorn
from pydantic import BaseModel, Discriminator, TypeAdapter
from websockets.frames import Frame, Opcode

from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer

App = Callable[[Any, Any, Any], Awaitable[None]]


class Text(BaseModel):
    text: str
    room: int


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: Text


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: Text


class Typed(Consumer[Any]):
    """The side that is measured."""

    @ws_handler
    async def say(self, message: Say) -> Said:
        return Said(payload=Text(text=message.payload.text, room=message.payload.room))

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


_validate = TypeAdapter(Annotated[Union[Say, PingMessage], Discriminator("action")]).validator.validate_json  # noqa: UP007
_serialize = Said.__pydantic_serializer__.to_json


async def floor(scope: Any, receive: Any, send: Any) -> None:
    """No routing, no errors, no limits, no groups."""
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        frame = await receive()
        if frame["type"] == "websocket.disconnect":
            return
        message = _validate(frame["text"])
        reply = Said(payload=Text(text=message.payload.text, room=message.payload.room))
        await send({"type": "websocket.send", "text": _serialize(reply).decode()})


APPS: dict[str, App] = {"floor": floor, "typed": Typed.as_asgi()}
TEXT = '{"action": "say", "payload": {"text": "The quick brown fox jumps over the lazy dog", "room": 42}}'


async def in_process(app: App, messages: int, *, waits: bool) -> float:
    """Return microseconds a message.

    Args:
        app: What is measured.
        messages: How many.
        waits: Whether ``receive`` gives the loop a turn before each frame, as a server does whose client is not ahead.
    """
    frames = iter([{"type": "websocket.connect"}])
    left, sent, started = messages, 0, 0.0
    frame = {"type": "websocket.receive", "text": TEXT}

    async def receive() -> dict[str, Any]:
        nonlocal left, started
        for first in frames:
            return first
        if left == messages:
            started = time.perf_counter()
        if not left:
            return {"type": "websocket.disconnect", "code": 1000}
        left -= 1
        if waits:
            await asyncio.sleep(0)
        return frame

    async def send(message: dict[str, Any]) -> None:
        nonlocal sent
        sent += 1

    await app({"type": "websocket", "path": "/", "headers": []}, receive, send)
    taken = time.perf_counter() - started
    assert sent == messages + 1, f"{sent} frames sent for {messages} messages"
    return taken / messages * 1e6


def serve(name: str, port: int) -> None:
    """Run uvicorn with one of the applications; the body of a process."""
    uvicorn.run(APPS[name], host="127.0.0.1", port=port, log_level="error", ws="websockets-sansio", lifespan="off")


class Client(asyncio.Protocol):
    """A connection that sends the next message when the last was answered.

    It works on bytes: a client library would take more time than the server and so be what is measured. The first
    answer is read; the others are counted by their length, which is that of the first.
    """

    def __init__(self) -> None:
        self.frame = Frame(Opcode.TEXT, TEXT.encode()).serialize(mask=True)
        self.ready = asyncio.get_running_loop().create_future()
        self.answers = 0
        self.length = 0
        self.received = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.length:
            head, end, rest = self.received.partition(b"\r\n\r\n")
            if not end:
                return
            if not self.ready.done():
                assert b" 101 " in head, head
                self.ready.set_result(None)
                self.transport.write(self.frame)
            if len(rest) < 2 or len(rest) < 2 + rest[1]:
                return
            assert rest[0] == 0x81, "a whole text frame"
            assert rest[1] < 126, "a short one"
            assert json.loads(rest[2 : 2 + rest[1]])["action"] == "said"
            self.length, self.received = 2 + rest[1], rest
        while len(self.received) >= self.length:
            self.received = self.received[self.length :]
            self.answers += 1
            self.transport.write(self.frame)


async def through_uvicorn(port: int, connections: int, seconds: float) -> float:
    """Return messages a second."""
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(Client, "127.0.0.1", port))[1] for _ in range(connections)]
    await asyncio.gather(*(client.ready for client in clients))
    await asyncio.sleep(0.2)
    before, started = sum(client.answers for client in clients), time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (sum(client.answers for client in clients) - before) / (time.perf_counter() - started)
    for client in clients:
        client.transport.abort()
    await asyncio.sleep(0.1)
    return rate


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_listening(port: int) -> None:
    """Return when a server accepts connections."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing listens on port {port}")


def report(title: str, unit: str, figures: dict[str, list[float]]) -> None:
    """Print medians, spreads and the ratio to the floor."""
    medians = {name: statistics.median(each) for name, each in figures.items()}
    print(f"\n{title}")
    for name, each in figures.items():
        ratio = medians[name] / medians["floor"]
        print(f"  {name:8} {medians[name]:12,.2f} {unit}  ({min(each):,.2f} to {max(each):,.2f})  {ratio:.2f} x floor")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--in-process", action="store_true", help="leave uvicorn out")
    options = parser.parse_args()
    for waits in (False, True):
        figures: dict[str, list[float]] = {name: [] for name in APPS}
        for _ in range(options.turns):
            for name, app in APPS.items():
                figures[name].append(asyncio.run(in_process(app, options.messages, waits=waits)))
        report(f"in process, {'a turn of the loop for each frame' if waits else 'frames ready'}", "µs", figures)
    if options.in_process:
        return
    figures = {name: [] for name in APPS}
    ports = {name: free_port() for name in APPS}
    servers = [multiprocessing.Process(target=serve, args=item, daemon=True) for item in ports.items()]
    for server in servers:
        server.start()
    try:
        for port in ports.values():
            wait_until_listening(port)
        for turn in range(options.turns):
            for name, port in ports.items():
                figures[name].append(asyncio.run(through_uvicorn(port, options.connections, options.seconds)))
            print(f"turn {turn + 1} of {options.turns}", file=sys.stderr, flush=True)
    finally:
        for server in servers:
            server.terminate()
            server.join()
    report(f"uvicorn, {options.connections} connections, {os.cpu_count()} cores", "messages/s", figures)


if __name__ == "__main__":
    main()
