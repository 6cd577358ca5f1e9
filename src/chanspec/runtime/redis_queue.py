"""Sends to groups of the queue layer of channels_redis or fast-channels, and reads from it, by one Redis command each.

The layer itself takes four to send and four to receive, which for a client library in Python is nine tenths of what a
broadcast costs. What is in Redis, and what other processes see that use the layer itself, is the same.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Any

from chanspec.runtime.released import is_as_released, pool_gives_connections

Message = dict[str, Any]

MAX_GROUPS = 1024  # whose channels are remembered
MAX_CHANNELS = 64  # of a group: a hub has one for each process, plain Channels consumers have one each
MAX_IDLE = 4  # connections that are kept
ATTEMPTS = 3  # before a group whose channels change all the time is sent to as the layer does it

# KEYS: the group's, then those of its channels. ARGV: the time now, the members that the caller expects, then a message
# and a capacity for each channel. It answers with the number of full channels or, having done nothing, with the members
# if these are others.
_SEND = """
local channels = #KEYS - 1
local members = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1] - {group_expiry}, '+inf')
if table.concat(members, ' ') ~= ARGV[2] then
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - {group_expiry})
    return members
end
local full = 0
for i = 1, channels do
    local key, waiting = KEYS[i + 1], redis.call('ZCARD', KEYS[i + 1])
    if waiting > 0 then
        waiting = waiting - redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[1] - {expiry})
    end
    if waiting < tonumber(ARGV[2 + channels + i]) then
        redis.call('ZADD', key, ARGV[1], ARGV[2 + i])
        redis.call('EXPIRE', key, {expiry})
    else
        full = full + 1
    end
end
return full
"""


class QueueSender:
    """Sends to the groups of one layer, whose channels it remembers: they change when a process comes or goes."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._script = _SEND.format(group_expiry=int(layer.group_expiry), expiry=int(layer.expiry))
        self._known: OrderedDict[str, list[str]] = OrderedDict()
        self._last = 0.0
        self._idle: list[_Direct] = []
        self._closed = False
        from redis.exceptions import ConnectionError as Broken  # the layer depends on it, chanspec does not

        self._broken = Broken

    @staticmethod
    def serves(layer: Any) -> bool:
        """Whether a layer sends as this class would: nothing of it is replaced, and one Redis host has everything."""
        return layer.ring_size == 1 and _goes_round(layer, _TO_SEND)

    async def group_send(self, group: str, message: Message) -> None:
        """As the layer's own.

        Raises:
            Exception: The layer's and the client library's.
        """
        layer = self._layer
        if not layer.require_valid_group_name(group):
            raise TypeError(f"group name {group!r:.120} is not valid")
        members = self._known.get(group, [])
        for _ in range(ATTEMPTS):
            if len(members) > MAX_CHANNELS:
                break
            answer = await self._try(group, message, members)
            if not isinstance(answer, list):
                return
            members = [member.decode() for member in answer]
            self._remember(group, members)
        await layer.group_send(group, message)

    async def close(self) -> None:
        """Keep no connection any more; what is being sent still is."""
        self._closed = True
        await self._forget_idle()

    async def _forget_idle(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()

    async def _try(self, group: str, message: Message, members: list[str]) -> Any:
        layer = self._layer
        _, messages, capacities = layer._map_channel_keys_to_connection(members, message)
        # Messages of a channel are read in the order of this time, and those with the same time in none.
        now = self._last = max(time.time(), self._last + 0.000_002)
        keys = [layer._group_key(group), *messages]
        arguments = (*keys, now, " ".join(members), *messages.values(), *capacities.values())
        if not self._idle:
            self._idle.append(_Direct(layer, 0))
        connection = self._idle.pop()
        try:
            answer = await connection.ask("EVAL", self._script, len(keys), *arguments)
        except self._broken:
            if not connection.was_used:
                raise
            # The server closed it, perhaps long ago. Receivers know a message that arrives twice by its number.
            await self._forget_idle()
            connection = _Direct(layer, 0)
            answer = await connection.ask("EVAL", self._script, len(keys), *arguments)
        if len(self._idle) < MAX_IDLE and not self._closed:
            self._idle.append(connection)
        else:
            await connection.close()
        return answer

    def _remember(self, group: str, members: list[str]) -> None:
        self._known[group] = members
        self._known.move_to_end(group)
        if len(self._known) > MAX_GROUPS:
            self._known.popitem(last=False)


class QueueReader:
    """Reads what is sent to all names of one layer that agree up to the ``!``, which is where ``base`` ends.

    The layer keeps a copy in Redis of what it has taken, in case its caller is cancelled before he has it. A hub stops
    reading when nobody listens any more.
    """

    def __init__(self, layer: Any, base: str) -> None:
        self._layer = layer
        self._key = layer.prefix + base
        self._connection = _Direct(layer, layer.consistent_hash(base))

    @staticmethod
    def serves(layer: Any) -> bool:
        """Whether a layer reads as this class would."""
        return _goes_round(layer, _TO_READ)

    async def read(self) -> tuple[list[str], Message]:
        """The next message and the names it was sent to.

        Raises:
            Exception: The client library's; others if what comes is no message of the layer.
        """
        taken = None
        while taken is None:  # for a while none came
            taken = await self._connection.ask("BZPOPMIN", self._key, self._layer.brpop_timeout)
        message: Message = self._layer.deserialize(taken[1])
        names = message.pop("__asgi_channel__")
        return names if isinstance(names, list) else [names], message

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


class _Direct:
    """A connection that is kept out of the client library's pool: to take one from there is a third of a command.

    The pool still knows it, and closes it when the layer closes its connections.
    """

    __slots__ = ("_connection", "_host", "_layer", "_pool", "was_used")

    def __init__(self, layer: Any, host: int) -> None:
        self._layer = layer
        self._host = host
        self._pool: Any = None
        self._connection: Any = None
        self.was_used = False

    async def ask(self, *command: Any) -> Any:
        """Send a command and return the answer. After an error the next command is sent by another connection."""
        if self._connection is None:
            self._pool = self._layer.connection(self._host).connection_pool
            self._connection = await self._pool.get_connection()
        connection = self._connection
        try:
            await connection.send_command(*command)
            _stop_if_cancelled()
            answer = await connection.read_response()
        except BaseException:
            await connection.disconnect(nowait=True)  # what was asked may still be answered
            await self.close()
            raise
        self.was_used = True
        return answer

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._pool.release(connection)


def _stop_if_cancelled() -> None:
    # Until Python 3.12, asyncio.wait_for() in the client library may swallow a cancellation.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


_TO_SEND = ("group_send", "_map_channel_keys_to_connection", "_group_key", "connection", "require_valid_group_name")
_TO_READ = ("receive", "receive_single", "connection", "deserialize", "consistent_hash")


def _goes_round(layer: Any, methods: tuple[str, ...]) -> bool:
    return is_as_released(layer, *methods) and pool_gives_connections()
