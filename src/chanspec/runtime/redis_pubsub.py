"""Publishes to the groups of the pub/sub layer of channels_redis or fast-channels without waiting in a line.

The layer writes a message when Redis has answered the one before, through its client library's pool, retries and
time-outs. Here messages are written to one connection as they come; Redis answers them in that order, with a line each.
With the inboxes of ``reception`` that halves what a broadcast costs, behind a server, beyond one on a layer in memory.
What other processes see is the same.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any

from chanspec.runtime.released import LIBRARIES, is_as_released, pool_gives_connections
from chanspec.runtime.tasks import end

Message = dict[str, Any]
Published = asyncio.Future[None]

CONNECTIONS = 3  # that the layer and the sender have to one Redis host at once
CONNECT_WITHIN = 5.0  # seconds
ANSWER_WITHIN = 5.0  # seconds, up to twice as many, after which a connection that does not answer is given up
LAST_ANSWERS = 1.0  # seconds that what is being sent may take when a connection is no longer kept
PAUSE = 0.02  # seconds before a lost connection is replaced, in case that Redis closes each at once


class PubSubSender:
    """Sends to the groups of one layer, on the event loop that it is made on."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer._get_layer()  # the one for this loop
        self._serialize = layer.serialize
        self._lines: dict[Any, _Line] = {}

    @staticmethod
    def serves(layer: Any) -> bool:
        """Whether a layer sends as this class would: nothing of it is replaced."""
        if not (is_as_released(layer, "_get_layer", "serialize") and _hands_on(layer, "group_send")):
            return False
        inner = layer._get_layer()
        return (
            is_as_released(inner, "group_send", "_get_group_channel_name", "_get_shard")
            and all(is_as_released(shard, "publish", "_ensure_redis") for shard in inner._shards)
            and pool_gives_connections()
            and all(_pool_of(shard).max_connections >= CONNECTIONS for shard in inner._shards)
            and _shows_transports()
        )

    async def group_send(self, group: str, message: Message) -> None:
        """As the layer's own; and messages arrive in the order of the calls, though nobody waits for the one before.

        Raises:
            Exception: The layer's and the client library's.
        """
        channel = self._layer._get_group_channel_name(group)
        shard = self._layer._get_shard(channel)
        line = self._lines.get(shard)
        if line is None:
            line = self._lines[shard] = _Line(shard)
        await line.publish(channel.encode(), self._serialize(message))

    async def close(self) -> None:
        """Keep no connection any more; what is being sent still is."""
        lines, self._lines = list(self._lines.values()), {}
        loop = asyncio.get_running_loop()
        closing = [loop.create_task(line.close(), name="chanspec: channel layer, closing") for line in lines]
        if closing:
            await asyncio.wait(closing)  # if this is cancelled, they are not


class _Line:
    """What is published to one Redis host, in order, whatever becomes of the connection.

    Nothing is written twice: whether Redis had taken what it did not answer is not known, and not every receiver knows
    a message again. Whoever waits for such an answer is told.
    """

    def __init__(self, shard: Any) -> None:
        self._shard = shard
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[bytes, Published]] = []  # for a connection
        self._wire: _Wire | None = None
        self._wanted = asyncio.Event()
        self._keeper = self._loop.create_task(self._keep(), name="chanspec: channel layer, publishing")

    def publish(self, channel: bytes, data: bytes) -> Published:
        command = b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(channel), channel, len(data), data)
        published: Published = self._loop.create_future()
        if self._wire is not None and not self._wire.transport.is_closing():
            self._wire.write(command, published)
        else:
            self._waiting.append((command, published))
            self._wanted.set()
        return published

    async def close(self) -> None:
        """Disconnect when Redis has answered, or has not for a while."""
        written = () if self._wire is None else self._wire.unanswered
        waiting = [each for each in (*written, *(published for _, published in self._waiting)) if not each.done()]
        if waiting:
            await asyncio.wait(waiting, timeout=LAST_ANSWERS)
        await end(self._keeper)
        self._tell(_lost())

    async def _keep(self) -> None:
        """Have a connection from when something is first published until it is lost, again and again."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                pool, connection = await self._connect()
                try:
                    await self._use(connection)
                finally:
                    with contextlib.suppress(Exception):  # the layer may have closed its pool
                        await connection.disconnect(nowait=True)
                        await pool.release(connection)
            except Exception as error:
                self._tell(error)
            if self._waiting:
                await asyncio.sleep(PAUSE)
                self._wanted.set()

    async def _connect(self) -> tuple[Any, Any]:
        """Take a connection from the shard's pool, which goes on knowing it: the layer closes it with the others."""
        pool = _pool_of(self._shard)
        async with asyncio.timeout(CONNECT_WITHIN):
            return pool, await pool.get_connection()

    async def _use(self, connection: Any) -> None:
        """Write what waits to a connection, have ``publish`` write to it, and return when it is lost."""
        transport = connection._writer.transport
        if transport.is_closing() or connection._reader.at_eof():
            return  # closed by the server while it was in the pool
        wire = _Wire(transport)
        waiting, self._waiting = self._waiting, []
        for command, published in waiting:
            if not published.done():  # somebody still waits for it
                wire.write(command, published)
        self._wire = wire
        try:
            while not wire.ended.done():
                oldest = wire.unanswered[0] if wire.unanswered else None
                await asyncio.wait([wire.ended], timeout=ANSWER_WITHIN)
                if oldest is not None and wire.unanswered and wire.unanswered[0] is oldest:
                    break
        finally:
            self._wire = None
            wire.end()

    def _tell(self, error: Exception) -> None:
        waiting, self._waiting = self._waiting, []
        for _, published in waiting:
            if not published.done():
                published.set_exception(error)


class _Wire(asyncio.Protocol):
    """Commands on one connection, and what Redis answers, in the place of the client library's own protocol.

    Attributes:
        transport: The connection's.
        unanswered: Who waits for Redis, in the order of what was written.
        ended: Done when nothing more will be answered.
    """

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.unanswered: deque[Published] = deque()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._begun = b""
        self._replaced = transport.get_protocol()
        transport.set_protocol(self)

    def write(self, command: bytes, published: Published) -> None:
        self.unanswered.append(published)
        self.transport.write(command)

    def data_received(self, data: bytes) -> None:
        *answers, self._begun = (self._begun + data).split(b"\r\n")
        for answer in answers:
            if not (self.unanswered and answer.startswith((b":", b"-"))):
                self.end()  # no answer to PUBLISH: what comes after it is not to be trusted either
                return
            published = self.unanswered.popleft()
            if published.done():
                continue
            if answer.startswith(b":"):
                published.set_result(None)
            else:
                published.set_exception(_refused(answer[1:].decode(errors="replace")))

    def connection_lost(self, exc: Exception | None) -> None:
        self._replaced.connection_lost(exc)  # the client library may wait for that
        self.end()

    def end(self) -> None:
        """Hear nothing more, and tell whoever waits for an answer."""
        if not self.ended.done():
            self.ended.set_result(None)
            self.transport.abort()  # not only closed: with TLS that waits for the other side
        while self.unanswered:
            published = self.unanswered.popleft()
            if not published.done():
                published.set_exception(_lost())


def _lost() -> Exception:
    from redis.exceptions import ConnectionError as Lost  # the layer depends on it, chanspec does not

    return Lost("the connection to Redis was lost before it said whether a message was published")


def _refused(why: str) -> Exception:
    from redis.exceptions import ResponseError

    return ResponseError(f"Redis refused to publish: {why}")


def _pool_of(shard: Any) -> Any:
    shard._ensure_redis()
    return shard._redis.connection_pool


def _hands_on(layer: Any, method: str) -> bool:
    """Whether a layer has a method from the one for this loop, as both libraries' ``__getattr__`` does."""
    own = getattr(type(layer), method, None)
    return (own is None or own.__module__ in LIBRARIES) and method not in vars(layer)


def _shows_transports() -> bool:
    """Whether a connection of the client library has streams, whose transport can be taken over."""
    from redis.asyncio.connection import AbstractConnection

    return hasattr(AbstractConnection, "_reader") and hasattr(AbstractConnection, "_writer")
