"""Clients of a server, on bytes: a client library would take more time than the server, and so be what is measured.

They speak as much of RFC 6455 as a measurement needs: the handshake, and frames of up to 65,535 bytes that are whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar, cast

from benchmarks.protocol import DidNotFinishError
from benchmarks.wire import Wire

Result = TypeVar("Result")

TIMEOUT = 20.0
"""Seconds after which a frame that has not come is lost."""

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
"""The first byte of those frames."""

MASK = b"\x00\x00\x00\x00"
"""A mask that changes nothing; the server unmasks all the same."""


def run(measuring: Coroutine[Any, Any, Result]) -> Result:
    """Run a measurement, on uvloop where it is installed: clients have to be faster than the server."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.run(measuring)
    return uvloop.run(measuring)


def frame(text: str) -> bytes:
    """A text frame as clients send it (RFC 6455, 5.2)."""
    payload = text.encode()
    if len(payload) < 126:
        return bytes((TEXT, 0x80 | len(payload))) + MASK + payload
    return bytes((TEXT, 0x80 | 126)) + len(payload).to_bytes(2, "big") + MASK + payload


BUFFER = memoryview(bytearray(65_536))
"""What all connections read into: each takes its data at once. asyncio would allocate as much for every read."""


class Client(asyncio.BufferedProtocol):
    """A connection.

    Args:
        wire: How the application talks to clients.
        heard: Called with the connection and how many answers came at once, after the greeting.
        failed: Called with why the connection is of no use any more.
    """

    transport: asyncio.Transport

    def __init__(self, wire: Wire, heard: Callable[[Client, int], None], failed: Callable[[str], None]) -> None:
        self.wire = wire
        self.heard = heard
        self.failed = failed
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answers = 0
        self._to_greet = wire.greeting
        self._is_open = False
        self._is_checked = False
        self._rest = b""
        self._usual = -1  # the length of an answer, and its first two bytes
        self._usual_head = b""
        self._say = frame(wire.say)

    def say(self) -> None:
        """Send the message."""
        self.transport.write(self._say)

    def leave(self) -> None:
        """End the connection, if there is one, without a word."""
        self.failed = lambda _: None
        if "transport" in vars(self):
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        target = f"{self.wire.path}?{self.wire.query}" if self.wire.query else self.wire.path
        self.transport.write(
            f"GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.failed("the server closed a connection")

    def get_buffer(self, sizehint: int) -> memoryview:
        return BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(BUFFER[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Take what the server sent, wherever it is cut."""
        if len(data) == self._usual and data[:2] == self._usual_head and not self._rest:  # one answer like the first
            self.answers += 1
            self.heard(self, 1)
            return
        data = self._rest + data
        if not self._is_open:
            head, end, rest = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = data
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.failed(f"the handshake was answered with {head.partition(chr(13).encode())[0].decode()}")
                return
            self._is_open, data = True, rest
            for text in self.wire.hello:
                self.transport.write(frame(text))
            self._greet(0)
        frames, self._rest = self._split(data)
        if self._to_greet:
            frames = self._greet(frames)
        if frames:
            self.answers += frames
            self.heard(self, frames)

    def _split(self, data: bytes) -> tuple[int, bytes]:
        """Return how many text frames are whole, and what is left of the data."""
        at, end, frames = self._usual_ones(data), len(data), 0
        if at:
            frames = at // self._usual
        while end - at > 1:
            length, start = data[at + 1], at + 2
            if length == 126:
                start += 2
                length = int.from_bytes(data[at + 2 : start], "big")
            if start + length > end:
                break
            if data[at] == TEXT:
                frames += 1
                if not self._is_checked and frames > self._to_greet:
                    self._check(data[start : start + length])
                    if length < 126:
                        self._usual, self._usual_head = start + length - at, data[at:start]
            elif data[at] == PING:  # an unanswered one would end the connection
                payload = data[start : start + length]
                self.transport.write(bytes((PONG, 0x80 | length)) + MASK + payload)
            elif data[at] == CLOSE:
                code = int.from_bytes(data[start : start + 2], "big")
                self.failed(f"the server closed a connection with {code}")
            at = start + length
        return frames, data[at:]

    def _usual_ones(self, data: bytes) -> int:
        """Return the length of answers like the first that the data begins with, if as many as fit are nothing else.

        A flood has thousands of answers at once: one by one, they would keep the process from reading others' for as
        long as it takes to measure those. The first bytes of frames cannot be those of a text in ASCII.
        """
        many = len(data) // self._usual if self._usual > 0 else 0
        length = many * self._usual
        if many > 1 and all(data[at : length : self._usual] == self._usual_head[at : at + 1] * many for at in (0, 1)):
            return length
        return 0

    def _check(self, payload: bytes) -> None:
        """Look at the first answer; those that follow are only counted."""
        self._is_checked = True
        if self.wire.said.encode() not in payload:
            self.failed(f"answered with {payload.decode(errors='replace')}")

    def _greet(self, frames: int) -> int:
        """Count frames of the greeting, and return how many came after it."""
        greeting = min(frames, self._to_greet)
        self._to_greet -= greeting
        if not self._to_greet and not self.ready.done():
            self.ready.set_result(None)
        return frames - greeting


class Crowd:
    """Connections to one server, which end with ``async with``.

    Args:
        port: Where it listens.
        wire: How the application talks to clients.
        heard: As for :class:`Client`.
        awake: Never to sleep until the next answer. To wake somebody costs the server's every write some 10 µs, in a
            virtual machine at least, but only if the clients had time to fall asleep: that is chance, and would be
            most of what two servers differ in.
    """

    def __init__(
        self,
        port: int,
        wire: Wire,
        heard: Callable[[Client, int], None] = lambda client, frames: None,
        *,
        awake: bool = False,
    ) -> None:
        self.port = port
        self.wire = wire
        self.heard = heard
        self.clients: list[Client] = []
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._is_awake = awake

    @property
    def answers(self) -> int:
        """How many came on all connections."""
        return sum(client.answers for client in self.clients)

    async def grow(self, connections: int, at_once: int = 50, wire: Wire | None = None) -> None:
        """Open more connections, and return when all are ready.

        Args:
            connections: How many.
            at_once: How many handshakes are on their way.
            wire: How the application talks to these, if not as to the others.
        """
        loop, left = asyncio.get_running_loop(), iter(range(connections))

        async def open_some() -> None:
            for _ in left:
                client = Client(wire or self.wire, self.heard, self._failed)
                self.clients.append(client)
                await loop.create_connection(lambda made=client: made, "127.0.0.1", self.port)
                await client.ready

        opening = asyncio.gather(*(open_some() for _ in range(min(at_once, connections))))
        await self.within(TIMEOUT, opening, "the connections were not accepted in time")

    async def within(self, seconds: float, awaited: asyncio.Future[Any], otherwise: str) -> None:
        """Wait for something.

        Raises:
            DidNotFinishError: A connection failed first, or it took too long.
        """
        await asyncio.wait({awaited, self.failure}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if awaited.done() and not self.failure.done():
            awaited.result()
            return
        awaited.cancel()
        await asyncio.wait({awaited})
        if not awaited.cancelled():
            awaited.exception()  # which is the same failure
        if self.failure.done():
            self.failure.result()
        raise DidNotFinishError(otherwise)

    async def rest(self, seconds: float) -> None:
        """Let the connections go on for a while."""
        await self.within(seconds + TIMEOUT, asyncio.ensure_future(asyncio.sleep(seconds)), "")

    def leave(self) -> None:
        """End all connections without a word."""
        for client in self.clients:
            client.leave()
        self.clients.clear()

    async def __aenter__(self) -> Self:
        self._stay_awake()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_awake = False
        self.leave()
        await asyncio.sleep(0)  # in which the sockets are closed

    def _stay_awake(self) -> None:
        if self._is_awake:
            asyncio.get_running_loop().call_soon(self._stay_awake)

    def _failed(self, reason: str) -> None:
        if not self.failure.done():
            self.failure.set_exception(DidNotFinishError(reason))
            self.failure.exception()  # seen, even if nobody waits any more
