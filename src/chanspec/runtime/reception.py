"""How a hub hears its channels on each kind of layer, with as few receivers as that kind allows; it routes nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from chanspec.runtime.envelopes import PROBE
from chanspec.runtime.interop import Tap
from chanspec.runtime.redis_pubsub import PubSubSender
from chanspec.runtime.redis_queue import QueueReader, QueueSender
from chanspec.runtime.tasks import end

Message = dict[str, Any]
Heard = Callable[[list[str], Message], None]
Failed = Callable[[BaseException], None]

logger = logging.getLogger("chanspec.layer")

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.3  # seconds between attempts to receive, after the second; that is made at once
PROBE_FIRST, PROBE_EVERY = 0.01, 0.1  # seconds until a probe that was not heard is sent again
DEAF_AFTER = 20  # probes that Redis has taken and nobody heard, in 2 s or more: nothing reads the connection


class Reception(ABC):
    """The receiving side of one hub. ``heard(channels, message)`` is called in some task of the hub's loop.

    ``in_process`` layers lose nothing and never wait; the hub numbers, locks and probes only on the others.
    ``names_are_free`` where a channel costs nothing until something is sent to it.
    """

    in_process = False
    names_are_free = True

    def __init__(self, tap: Tap, prefix: str, heard: Heard, failed: Failed) -> None:
        self.tap = tap
        self.layer = tap.layer
        self.prefix = prefix
        self.heard = heard
        self.failed = failed
        self.base = f"{prefix}.local!"
        self.open_names: set[str] = set()
        self._sender: QueueSender | PubSubSender | None = None  # where there is a shortcut, while any name is open
        self._numbers = itertools.count(1)

    @property
    def sends_in_order(self) -> bool:
        """Whether messages arrive in the order of the calls of ``group_send``, though these have not returned."""
        return False

    async def new_name(self) -> str:
        """A channel name that is unique across processes: ``prefix`` is."""
        return f"{self.base}{next(self._numbers)}"

    async def open(self, name: str) -> None:
        """Hear what is sent to ``name`` from now on. May be called again."""
        if not self.open_names:
            self._start()
        self.open_names.add(name)

    async def close(self, name: str) -> None:
        """Hear ``name`` no more; the last one to close leaves neither task nor reference behind."""
        self.open_names.discard(name)
        if not self.open_names:
            await self._stop()

    async def group_add(self, group: str, name: str) -> None:
        """Add an open channel to a group; returns when a message sent to the group from now on is heard."""
        await self.tap.group_add(group, name)

    async def group_discard(self, group: str, name: str) -> None:
        await self.tap.group_discard(group, name)

    async def group_send(self, group: str, message: Message) -> None:
        """Send to a group, as the layer does."""
        await (self.layer if self._sender is None else self._sender).group_send(group, message)

    async def tidy(self) -> None:  # noqa: B027 - on most layers nothing is left
        """End what an outage has left behind, for layers that keep something then."""

    @abstractmethod
    def _start(self) -> None: ...

    @abstractmethod
    async def _stop(self) -> None: ...

    async def _end(self, task: asyncio.Task[None] | None) -> None:
        """End a task and the sender, also if whoever waits for this is cancelled."""
        sender, self._sender = self._sender, None
        try:
            if task is not None:
                await end(task)
        finally:
            if sender is not None:
                await sender.close()


class Attached(Reception):
    """Layers inside this process: what is sent to the hub's names is handed to it by the sender's own call."""

    in_process = True

    def __init__(self, tap: Tap, prefix: str, heard: Heard, failed: Failed) -> None:
        super().__init__(tap, prefix, heard, failed)
        self.base = f"{prefix}!"
        self._attacher = tap.layer if hasattr(type(tap.layer), "attach") else tap

    def _start(self) -> None:
        self._attacher.attach(self.prefix, self.heard)

    async def _stop(self) -> None:
        self._attacher.detach(self.prefix)


class Multiplexed(Reception):
    """The queue layer of channels_redis and fast-channels: it keeps all names that agree up to the ``!`` in one Redis
    key and says which name a message was for, so one blocking read serves every group and connection of the hub."""

    def __init__(self, tap: Tap, prefix: str, heard: Heard, failed: Failed) -> None:
        super().__init__(tap, prefix, heard, failed)
        self.base = f"{prefix}.{tap.layer.client_prefix}!"
        self._task: asyncio.Task[None] | None = None

    async def new_name(self) -> str:
        while True:
            name = await super().new_name()
            # With several Redis hosts, send() picks the host by the full name and receive() by the part before the "!":
            # only a name for which both agree can be sent to.
            if self.layer.consistent_hash(name) == self.layer.consistent_hash(self.base):
                return name

    def _start(self) -> None:
        self._sender = QueueSender(self.layer) if QueueSender.serves(self.layer) else None
        _read_within_socket_timeout(self.layer)
        self._task = asyncio.get_running_loop().create_task(self._read(), name="chanspec: channel layer, reading")

    async def _stop(self) -> None:
        task, self._task = self._task, None
        await self._end(task)

    async def _read(self) -> None:
        reader = QueueReader(self.layer, self.base)
        try:
            await self._read_with(reader)
        finally:
            await reader.close()

    async def _read_with(self, reader: QueueReader) -> None:
        pause = 0.0
        while True:
            try:
                names, message = await reader.read()
            except Exception as error:
                if not is_time_out(error):
                    self.failed(error)
                await asyncio.sleep(pause)
                pause = longer(pause)
                continue
            pause = 0.0
            self.heard(names, message)


class OnePerChannel(Reception):
    """Any layer: a task for each open channel, which waits in ``receive``."""

    names_are_free = False

    def __init__(self, tap: Tap, prefix: str, heard: Heard, failed: Failed) -> None:
        super().__init__(tap, prefix, heard, failed)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def new_name(self) -> str:
        name: str = await self.layer.new_channel()
        return name

    async def open(self, name: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = asyncio.get_running_loop().create_task(
                self._read(name), name="chanspec: channel layer, reading"
            )
            await asyncio.sleep(0)  # lets the task reach receive(): pub/sub layers know the channel only from then on

    async def close(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            await end(task)

    async def _read(self, name: str) -> None:
        pause = 0.0
        while True:
            try:
                message = await self.layer.receive(name)
            except Exception as error:
                if not is_time_out(error):
                    self.failed(error)
                await asyncio.sleep(pause)
                pause = longer(pause)
                continue
            pause = 0.0
            self.heard([name], message)

    def _start(self) -> None:
        """Each channel starts its own task."""

    async def _stop(self) -> None:
        """Each channel ends its own task."""


class PubSub(Reception):
    """The pub/sub layer of channels_redis and fast-channels.

    It puts each message into the channel's queue, in whose place is an inbox here that hands it on at once: no task
    waits for it, and a broadcast takes two turns of the event loop less.

    The layer writes SUBSCRIBE and does not wait until Redis has taken it, and keeps a subscription whose end it could
    not write. Both are mended here, with its own shards.
    """

    names_are_free = False

    def __init__(self, tap: Tap, prefix: str, heard: Heard, failed: Failed) -> None:
        super().__init__(tap, prefix, heard, failed)
        self._confirmations: dict[int, _Confirmation] = {}
        self._subscriber: asyncio.Task[None] | None = None  # while Redis could not be told of a channel

    @property
    def sends_in_order(self) -> bool:
        return self._sender is not None

    async def open(self, name: str) -> None:
        await super().open(name)
        self.layer.channels[name] = _Inbox(name, self._take)
        try:
            # Waits for a SUBSCRIBE in flight, and is a no-op once that is written.
            await self._shard(name).subscribe(name)
        except BaseException:
            if self._subscriber is None and name in self.open_names:  # it may be closed meanwhile
                self._subscriber = asyncio.get_running_loop().create_task(
                    self._subscribe_all(), name="chanspec: channel layer, subscribing"
                )
            raise
        self._keep_reading(self._shard(name))

    def _keep_reading(self, shard: Any) -> None:
        """Have a subscriber's connection that is lost replaced, subscribed and read at once.

        Unless it is to try again, the client library raises when it has replaced the connection; after that the layer
        rests for a second, and hands on what it hears only then.
        """
        connection = getattr(shard._pubsub, "connection", None)
        if connection is None:
            return
        if getattr(connection.retry, "_retries", 1) == 0:
            from redis.asyncio.retry import Retry  # the layer depends on it, chanspec does not
            from redis.backoff import NoBackoff

            connection.retry = Retry(NoBackoff(), 1)
        connection.register_connect_callback(self._connected_again)

    def _connected_again(self, connection: Any) -> None:
        """The client library has just written all subscriptions to a new connection."""
        if self.open_names:
            logger.warning(
                "the connection that hears the channel layer was lost and replaced; "
                "what was published before Redis had taken its subscriptions again is lost"
            )
            self.failed(ConnectionError("the connection that hears it was lost"))

    async def close(self, name: str) -> None:
        self.layer.channels.pop(name, None)
        await super().close(name)
        await self._shard(name).unsubscribe(name)

    async def group_add(self, group: str, name: str) -> None:
        await super().group_add(group, name)
        shard = self._shard(self.layer._get_group_channel_name(group))
        self._keep_reading(shard)
        await self._confirmations.setdefault(id(shard), _Confirmation(self, shard)).wait()

    async def group_discard(self, group: str, name: str) -> None:
        await super().group_discard(group, name)
        subscription = self.layer._get_group_channel_name(group)
        if subscription not in self.layer.groups:
            await self._shard(subscription).unsubscribe(subscription)

    async def tidy(self) -> None:
        # With a new connection redis-py takes up every subscription whose end it has not heard of, and forgets that the
        # end was asked for: it was written, and was lost with the old connection.
        for shard in self.layer._shards:
            async with shard._lock:
                if shard._pubsub is not None:
                    known = shard._pubsub.channels.keys() - shard._pubsub.pending_unsubscribe_channels
                    stale = [name for name in known if name.decode() not in shard._subscribed_to]
                    if stale:
                        await shard._pubsub.unsubscribe(*stale)

    def _start(self) -> None:
        self._sender = PubSubSender(self.layer) if PubSubSender.serves(self.layer) else None

    async def _stop(self) -> None:
        subscriber, self._subscriber = self._subscriber, None
        await self._end(subscriber)

    def _take(self, name: str, data: bytes) -> None:
        try:
            message = self.layer.deserialize(data)
        except Exception as error:  # the layer's receiver, which calls this, would rest for a second
            self.failed(error)
        else:
            self.heard([name], message)

    async def _subscribe_all(self) -> None:
        """Subscribe to the open channels until that could be written for all."""
        pause = 0.0
        while missing := [name for name in self.open_names if name not in self._shard(name)._subscribed_to]:
            await asyncio.sleep(pause)
            pause = longer(pause)
            try:
                for name in missing:
                    if name in self.open_names:  # it may be closed meanwhile
                        await self._shard(name).subscribe(name)
                        self._keep_reading(self._shard(name))
            except Exception as error:
                self.failed(error)
        self._subscriber = None

    def _shard(self, name: str) -> Any:
        return self.layer._get_shard(name)


class _Inbox:
    """Stands where the pub/sub layer has a queue for a channel."""

    __slots__ = ("_name", "_take")

    def __init__(self, name: str, take: Callable[[str, bytes], None]) -> None:
        self._name = name
        self._take = take

    def put_nowait(self, data: bytes) -> None:
        self._take(self._name, data)


class _Confirmation:
    """Waits until Redis has taken every SUBSCRIBE written to one shard so far.

    Redis takes the commands of one connection in order: once a message to a channel subscribed just now is heard, all
    earlier subscriptions are in force. One probe serves everybody who asked before it began.
    """

    def __init__(self, reception: PubSub, shard: Any) -> None:
        self._reception = reception
        self._shard = shard
        self._asked = self._confirmed = 0
        self._unheard = 0  # probes that Redis has taken since one was heard, those of waits that were given up too
        self._probing = asyncio.Lock()

    async def wait(self) -> None:
        self._asked += 1
        mine = self._asked
        async with self._probing:
            if self._confirmed < mine:
                served = self._asked
                await self._probe()
                self._confirmed = served

    async def _probe(self) -> None:
        layer = self._reception.layer
        name = f"{self._reception.prefix}.probe!{uuid.uuid4().hex}"
        while layer._get_shard(name) is not self._shard:
            name = f"{self._reception.prefix}.probe!{uuid.uuid4().hex}"
        heard = asyncio.Event()
        layer.channels[name] = _Inbox(name, lambda *_: heard.set())
        try:
            await self._shard.subscribe(name)  # returns when that is written: the first probe is then rarely too early
            pause = PROBE_FIRST
            while not heard.is_set():
                if self._unheard >= DEAF_AFTER:
                    self._unheard = 0
                    await self._drop_connection()
                await layer.send(name, {"type": PROBE})
                self._unheard += 1
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await heard.wait()
                pause = min(pause * 2, PROBE_EVERY)
            self._unheard = 0
        finally:
            layer.channels.pop(name, None)
            await self._shard.unsubscribe(name)

    async def _drop_connection(self) -> None:
        """Close the connection that hears nothing, so that the layer's receiver opens another.

        redis-py lets a receiver and a subscriber replace a lost connection at once. Then both read from one, and the
        receiver fails every second, for good.
        """
        connection = getattr(self._shard._pubsub, "connection", None)
        if connection is not None:
            logger.warning("the connection that hears the channel layer hears nothing; it is replaced")
            await connection.disconnect()


_PUBSUB = ("channels_redis.pubsub", "fast_channels.layers.redis.pubsub")


def reception_for(tap: Tap, prefix: str, heard: Heard, failed: Failed) -> Reception:
    """The cheapest way of receiving that this layer offers.

    A shortcut is taken only if the class has not replaced the method that it goes round.
    """
    kind = type(tap.layer)
    if hasattr(kind, "attach") and hasattr(kind, "detach"):
        return Attached(tap, prefix, heard, failed)
    if tap.in_process:
        return Attached(tap, prefix, heard, failed)
    if QueueReader.serves(tap.layer):
        return Multiplexed(tap, prefix, heard, failed)
    if any(base.__module__ in _PUBSUB for base in kind.__mro__):
        return PubSub(tap, prefix, heard, failed)
    return OnePerChannel(tap, prefix, heard, failed)


def longer(pause: float) -> float:
    """The pause after the next attempt that fails."""
    return min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)


def is_time_out(error: BaseException) -> bool:
    """Whether a client library only gave up waiting; redis-py's own class is told by its name."""
    return isinstance(error, TimeoutError) or any(base.__name__ == "TimeoutError" for base in type(error).__mro__)


def _read_within_socket_timeout(layer: Any) -> None:
    """Make the layer's blocking pop end before the client library gives up on its socket (redis-py 8: both 5 s).

    A pop that the client abandons can still take a message at the server, which is then lost.
    """
    limit = min(layer.create_pool(index).make_connection().socket_timeout or 60 for index in range(layer.ring_size))
    layer.brpop_timeout = min(layer.brpop_timeout, limit / 2)
