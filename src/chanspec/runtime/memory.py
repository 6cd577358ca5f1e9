"""The channel layer inside one process: thread-safe, across event loops. It shares nothing with other processes."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import re
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from chanspec.runtime.losses import Losses

Message = dict[str, Any]
Sink = Callable[[list[str], Message], None]

CHANNEL_NAME = re.compile(r"[a-zA-Z\d\-_.]+(![\w\-.]*)?", re.ASCII)
GROUP_NAME = re.compile(r"[a-zA-Z\d\-_.]+", re.ASCII)
MAX_NAME = 100
SWEEP_EVERY = 5.0  # seconds between two searches for channels that nobody reads


class ChannelFull(Exception):  # noqa: N818 - the specification's name
    """The channel already holds as many messages as its capacity allows."""


class _Channel:
    """The messages waiting on one channel, and the receivers waiting for one."""

    __slots__ = ("messages", "waiters")

    def __init__(self) -> None:
        self.messages: deque[tuple[float, Message]] = deque()
        self.waiters: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()


class InMemoryChannelLayer:
    """A channel layer for one process that may have any number of threads and event loops.

    ``losses`` counts what a full channel of a group cost.

    Args:
        expiry: Seconds that a message waits at most.
        group_expiry: Seconds that a membership lasts, unless it is added again.
        capacity: How many messages may wait on a channel.
        channel_capacity: Other limits, by pattern of the channel's name.
        max_channels: How many channels may hold unread messages.
    """

    extensions = ("groups", "flush")

    def __init__(
        self,
        expiry: float = 60,
        group_expiry: float = 86_400,
        capacity: int = 100,
        channel_capacity: Mapping[str, int] | None = None,
        max_channels: int = 100_000,
    ) -> None:
        self.expiry = expiry
        self.group_expiry = group_expiry
        self.capacity = capacity
        self.channel_capacity = [
            (re.compile(fnmatch.translate(name)), limit) for name, limit in (channel_capacity or {}).items()
        ]
        self.max_channels = max_channels
        self.losses = Losses()
        self._channels: dict[str, _Channel] = {}
        self._groups: dict[str, dict[str, float]] = {}
        self._sinks: dict[str, tuple[asyncio.AbstractEventLoop, Sink]] = {}
        self._lock = threading.Lock()
        self._next_sweep = 0.0
        self._process = uuid.uuid4().hex

    # Channels

    async def new_channel(self, prefix: str = "specific") -> str:
        """A channel name that nobody else has.

        Args:
            prefix: What it begins with.
        """
        return f"{prefix.rstrip('.')}.{self._process}!{uuid.uuid4().hex}"

    async def send(self, channel: str, message: Message) -> None:
        """Put ``message`` on ``channel``; raise ``ChannelFull`` if too many wait there."""
        _check(channel, CHANNEL_NAME, "channel")
        _check_message(message)
        sink = self._sinks.get(channel.partition("!")[0])
        if sink is not None:
            hand_over(*sink, [channel], message)
            return
        with self._lock:
            self._put(channel, message)

    async def receive(self, channel: str) -> Message:
        """The first message on ``channel``, waiting for one if need be; each message goes to one receiver."""
        _check(channel, CHANNEL_NAME, "channel")
        loop = asyncio.get_running_loop()
        while True:
            with self._lock:
                held = self._channels.setdefault(channel, _Channel())
                _drop_expired(held, time.monotonic())
                if held.messages:
                    message = held.messages.popleft()[1]
                    self._tidy(channel, held)
                    return message
                woken = loop.create_future()
                held.waiters.append((loop, woken))
            try:
                await woken
            except asyncio.CancelledError:
                with self._lock:
                    held.waiters = deque(waiter for waiter in held.waiters if waiter[1] is not woken)
                    if held.messages:
                        _wake(held)  # this receiver had been woken for a message that another one can take
                    self._tidy(channel, held)
                raise

    # Groups

    async def group_add(self, group: str, channel: str) -> None:
        """Make ``channel`` a member of ``group``, or its membership new again."""
        _check(group, GROUP_NAME, "group")
        _check(channel, CHANNEL_NAME, "channel")
        with self._lock:
            self._groups.setdefault(group, {})[channel] = time.monotonic() + self.group_expiry

    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership of a ``channel`` in a ``group``, if there is one."""
        _check(group, GROUP_NAME, "group")
        _check(channel, CHANNEL_NAME, "channel")
        with self._lock:
            members = self._groups.get(group)
            if members is not None:
                members.pop(channel, None)
                if not members:
                    del self._groups[group]

    async def group_send(self, group: str, message: Message) -> None:
        """Put ``message`` on every channel of ``group``; full channels lose it, which is counted and logged."""
        _check(group, GROUP_NAME, "group")
        _check_message(message)
        heard: dict[str, list[str]] = {}
        lost = 0
        with self._lock:
            for channel in self._members(group):
                prefix = channel.partition("!")[0]
                if prefix in self._sinks:
                    heard.setdefault(prefix, []).append(channel)
                    continue
                try:
                    self._put(channel, message)
                except ChannelFull:
                    lost += 1
            sinks = [(self._sinks[prefix], channels) for prefix, channels in heard.items()]
        if lost:
            self.losses.count(lost, "a channel of the group is full", group)
        for sink, channels in sinks:  # outside the lock: a sink runs the code of members
            hand_over(*sink, channels, message)

    async def flush(self) -> None:
        """Forget every message and membership."""
        with self._lock:
            for name in list(self._channels):
                held = self._channels[name]
                held.messages.clear()
                self._tidy(name, held)
            self._groups.clear()

    async def close(self) -> None:
        """Nothing is open."""

    # A receiver of many channels at once

    def attach(self, prefix: str, sink: Sink) -> None:
        """Call ``sink(channels, message)`` for what is sent to channels named ``prefix!...``, instead of queueing it.

        Saves the queue, the copy and the wake-up of a receiving task for each message. The sink runs at once if the
        sender is on the event loop that attached it, else as a task of that loop, in the order of sending.
        """
        with self._lock:
            for closed in [name for name, (loop, _) in self._sinks.items() if loop.is_closed()]:
                self._drop(closed)
            self._sinks[prefix] = (asyncio.get_running_loop(), sink)

    def detach(self, prefix: str) -> None:
        """End ``attach`` for a ``prefix``."""
        with self._lock:
            self._sinks.pop(prefix, None)

    # With the lock held

    def _drop(self, prefix: str) -> None:
        """Forget a sink whose loop was closed over its connections, with their memberships."""
        del self._sinks[prefix]
        for group, members in list(self._groups.items()):
            for channel in [name for name in members if name.startswith(f"{prefix}!")]:
                del members[channel]
            if not members:
                del self._groups[group]

    def _members(self, group: str) -> list[str]:
        members = self._groups.get(group)
        if members is None:
            return []
        now = time.monotonic()
        for channel in [name for name, until in members.items() if until <= now]:
            del members[channel]
        if not members:
            del self._groups[group]
        return list(members)

    def _put(self, channel: str, message: Message) -> None:
        now = time.monotonic()
        if now >= self._next_sweep:
            self._sweep(now)
        held = self._channels.get(channel)
        if held is None:
            if len(self._channels) >= self.max_channels:
                raise ChannelFull(channel)
            held = self._channels[channel] = _Channel()
        _drop_expired(held, now)
        if len(held.messages) >= self._capacity_of(channel):
            raise ChannelFull(channel)
        held.messages.append((now + self.expiry, deepcopy(message)))
        _wake(held)

    def _capacity_of(self, channel: str) -> int:
        return next((limit for name, limit in self.channel_capacity if name.match(channel)), self.capacity)

    def _sweep(self, now: float) -> None:
        """Drop what expired unread, and memberships of groups nobody sends to: both would stay for ever."""
        self._next_sweep = now + min(SWEEP_EVERY, self.expiry)
        for name, held in list(self._channels.items()):
            _drop_expired(held, now)
            self._tidy(name, held)
        for group in list(self._groups):
            self._members(group)

    def _tidy(self, name: str, held: _Channel) -> None:
        if not held.messages and not held.waiters and self._channels.get(name) is held:
            del self._channels[name]


def hand_over(loop: asyncio.AbstractEventLoop, sink: Sink, channels: list[str], message: Message) -> None:
    """Call ``sink`` on ``loop``: at once if that loop is running us, else as a task there (never a bare callback:
    members may be middleware that asks for the current task)."""
    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if running is loop:
        sink(channels, message)
        return

    async def later() -> None:
        sink(channels, copy)

    def start() -> None:
        task = loop.create_task(later())
        _handed_over.add(task)  # a loop holds its tasks weakly
        task.add_done_callback(_handed_over.discard)

    copy = deepcopy(message)
    with contextlib.suppress(RuntimeError):  # that loop was closed, and every connection on it with it
        loop.call_soon_threadsafe(start)


_handed_over: set[asyncio.Task[None]] = set()


def _drop_expired(held: _Channel, now: float) -> None:
    while held.messages and held.messages[0][0] <= now:
        held.messages.popleft()


def _wake(held: _Channel) -> None:
    """Wake the first receiver that still waits; from another thread this goes through its loop's own wake-up."""
    while held.waiters:
        loop, woken = held.waiters.popleft()
        if woken.cancelled():
            continue
        try:
            loop.call_soon_threadsafe(_set, woken)
        except RuntimeError:
            continue  # its loop was closed while it waited
        return


def _set(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


def _check(name: str, pattern: re.Pattern[str], what: str) -> None:
    if not isinstance(name, str) or len(name) >= MAX_NAME or not pattern.fullmatch(name):
        raise TypeError(
            f"{what} name {name!r:.120} is not valid; write fewer than {MAX_NAME} ASCII letters, digits, '-', '_', '.'"
        )


def _check_message(message: Message) -> None:
    if not isinstance(message, dict):
        raise TypeError(f"a channel layer's message is a dict, not {type(message).__name__}")
