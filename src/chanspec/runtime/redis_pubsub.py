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
        await asyncio.gather(*(line.close() for line in lines))


class _Line:
    """What is published to one Redis host, in order, whatever becomes of the connection.

    What was written and not answered when a connection is lost is written to the next: the server may have closed it
    long ago. Receivers know a message that arrives twice by its number. If there is no next one, whoever waits is told;
    to wait for a Redis that is restarted would be of no use, as nobody is subscribed yet when it comes back.
    """

    def __init__(self, shard: Any) -> None:
        from redis.exceptions import ConnectionError as Broken  # the layer depends on it, chanspec does not

        self._broken = Broken
        self._shard = shard
        self._loop = asyncio.get_running_loop()
        self._unanswered: deque[tuple[bytes, Published]] = deque()
        self._transport: Any = None  # while there is a connection
        self._wanted = asyncio.Event()
        self._keeper = self._loop.create_task(self._keep(), name="chanspec: channel layer, publishing")

    def publish(self, channel: bytes, data: bytes) -> Published:
        command = b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(channel), channel, len(data), data)
        published: Published = self._loop.create_future()
        self._unanswered.append((command, published))
        if self._transport is not None:
            self._transport.write(command)
        else:
            self._wanted.set()
        return published

    async def close(self) -> None:
        """Disconnect when Redis has answered, or has not for a while."""
        try:
            waiting = [published for _, published in self._unanswered if not published.done()]
            if waiting:
                await asyncio.wait(waiting, timeout=LAST_ANSWERS)
        finally:
            await end(self._keeper)
            self._fail(self._broken("the connection to Redis was closed"))

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
                self._fail(error)
            if self._unanswered:
                await asyncio.sleep(PAUSE)
                self._wanted.set()

    async def _connect(self) -> tuple[Any, Any]:
        """Take a connection from the shard's pool, which goes on knowing it: the layer closes it with the others."""
        self._shard._ensure_redis()
        pool = self._shard._redis.connection_pool
        async with asyncio.timeout(ANSWER_WITHIN):
            return pool, await pool.get_connection()

    async def _use(self, connection: Any) -> None:
        """Write what waits to a connection, have ``publish`` write to it, and return when it is lost."""
        transport = connection._writer.transport
        if transport.is_closing():
            return
        answers = _Answers(transport, self._unanswered, self._broken)
        given_up = [entry for entry in self._unanswered if entry[1].done()]
        for entry in given_up:  # nobody waits for it any more
            self._unanswered.remove(entry)
        for command, _ in self._unanswered:
            transport.write(command)
        self._transport = transport
        try:
            while not answers.ended.done():
                oldest = self._unanswered[0] if self._unanswered else None
                await asyncio.wait([answers.ended], timeout=ANSWER_WITHIN)
                if oldest is not None and self._unanswered and self._unanswered[0] is oldest:
                    break
        finally:
            self._transport = None
            answers.end()  # not only closed: with TLS that waits for the other side

    def _fail(self, error: BaseException) -> None:
        while self._unanswered:
            _, published = self._unanswered.popleft()
            if not published.done():
                published.set_exception(error)


class _Answers(asyncio.Protocol):
    """Counts off what Redis answers on one connection, in the place of the client library's own protocol.

    Attributes:
        ended: Done when nothing more will be answered here.
    """

    def __init__(self, transport: Any, unanswered: deque[tuple[bytes, Published]], broken: type[Exception]) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport = transport
        self._unanswered = unanswered
        self._broken = broken
        self._begun = b""
        self._replaced = transport.get_protocol()
        transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        *answers, self._begun = (self._begun + data).split(b"\r\n")
        for answer in answers:
            if self.ended.done():
                return
            if not (self._unanswered and answer.startswith((b":", b"-"))):
                self.end()  # no answer to PUBLISH: what comes after it is not to be trusted either
                return
            _, published = self._unanswered.popleft()
            if published.done():
                continue
            if answer.startswith(b":"):
                published.set_result(None)
            else:
                why = answer[1:].decode(errors="replace")
                published.set_exception(self._broken(f"Redis refused to publish: {why}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._replaced.connection_lost(exc)  # the client library may wait for that
        self.end()

    def end(self) -> None:
        """Hear nothing more."""
        if not self.ended.done():
            self.ended.set_result(None)
            self._transport.abort()


def _hands_on(layer: Any, method: str) -> bool:
    """Whether a layer has a method from the one for this loop, as both libraries' ``__getattr__`` does."""
    own = getattr(type(layer), method, None)
    return (own is None or own.__module__ in LIBRARIES) and method not in vars(layer)


def _shows_transports() -> bool:
    """Whether a connection of the client library has a stream whose transport can be taken over."""
    from redis.asyncio.connection import AbstractConnection

    return hasattr(AbstractConnection, "_writer")
