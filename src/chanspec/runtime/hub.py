"""Groups for one event loop: one channel of the layer for each group, however many local connections are in it.

It moves text and plain dicts; what they mean is decided by the consumers. ``chanspec.runtime.membership`` keeps the
hub's memberships on the layer, ``reception`` hears them, ``delivery`` hands messages to members.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import uuid
import weakref
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from chanspec.runtime.delivery import Audience, deliver
from chanspec.runtime.envelopes import BEAT, BROADCAST, EVENT, MARKS, NO_MARKS, PROBE, Marks, Message, marks_of
from chanspec.runtime.handing import broadcast_event_sync, broadcast_sync, send_event_sync
from chanspec.runtime.interop import tap_of
from chanspec.runtime.layers import is_full, is_mistake
from chanspec.runtime.losses import Losses
from chanspec.runtime.membership import Membership
from chanspec.runtime.proxy import LayerProxy
from chanspec.runtime.reception import reception_for
from chanspec.runtime.subscription import Shared, Subscription

__all__ = [
    "Hub",
    "HubSettings",
    "Member",
    "broadcast_event_sync",
    "broadcast_sync",
    "hub_for",
    "hubs_of",
    "send_event_sync",
]

Result = TypeVar("Result")


class Member(Protocol):
    """A connection, as a hub sees it. None of its methods may block or raise.

    Attributes:
        channel_name: Set by ``Hub.register``.
    """

    channel_name: str

    def push(self, message: Message, /) -> None:
        """Take an ASGI message that every member shares: send it, do not change it."""

    def push_event(self, event: Message, /) -> None:
        """Take a channel event, or a message with a ``type`` that other code sent; this copy is the member's own."""

    def group_sent(self, groups: Sequence[Any], /) -> None:
        """A broadcast to ``groups`` was pushed. Not called if ``wants_group_sent`` is a false attribute."""


@dataclass(frozen=True, slots=True)
class HubSettings:
    """A hub's times, in seconds, and how much it asks of a layer at once.

    Attributes:
        beat: Between two looks at whether a remote layer still delivers; only while groups are served.
        beat_timeout: Until a beat that was not heard means that memberships are lost.
        call_timeout: For one call of a remote layer.
        leave_wait: How long ``leave`` and ``unregister`` wait for the layer; it is left in the background after that.
        leave_retry: How long leaving is retried; after that the membership stays until the layer's ``group_expiry``.
        first_pause, longest_pause: Between attempts while the layer cannot be reached.
        max_calls: Calls of a remote layer at once. redis-py's pool has 100 connections and raises beyond them.
    """

    beat: float = 1.0
    beat_timeout: float = 0.5
    call_timeout: float = 5.0
    leave_wait: float = 1.0
    leave_retry: float = 60.0
    first_pause: float = 0.05
    longest_pause: float = 0.4
    max_calls: int = 16


class Hub:
    """The groups of the connections on one event loop, over one layer. Made by :func:`hub_for`.

    Attributes:
        members: The registered connections by channel name.
        losses: What the layer is known to have lost.
        awaited: Events to one connection here that were sent and not heard yet, while ``is_watched``.
        is_watched: Whether a test wants to know of those.
    """

    is_watched = False

    def __init__(self, layer: Any, settings: HubSettings | None = None) -> None:
        self.layer = layer
        self.loop = asyncio.get_running_loop()
        self.settings = settings or HubSettings()
        self.id = uuid.uuid4().hex[:12]
        self.prefix = f"chanspec-{self.id}"
        self.members: dict[str, Member] = {}
        self.losses = Losses()
        self.awaited: set[str] = set()
        self.subscriptions: dict[str, Subscription] = {}
        self._groups_of: dict[str, set[str]] = {}
        self._signalled: set[str] = set()
        self._shared = Shared()
        self._tokens = itertools.count(1)
        self._calls = asyncio.Semaphore(self.settings.max_calls)
        tap = tap_of(layer)
        self.reception = reception_for(tap, self.prefix, self._heard, self._failed)
        self.membership = Membership(self)
        tap.add(self)

    # Connections

    async def register(self, member: Member, *, exposed: bool = True) -> str:
        """Give a connection its channel name, unique across processes, and return it.

        Args:
            member: It gets ``channel_name`` set.
            exposed: Whether what is sent to that name by anybody must arrive from now on. On layers that need a
                receiver for each channel (``reception.names_are_free`` is false) that is a task; ``expose`` may
                follow later, when somebody asks for the name.
        """
        name = await self.reception.new_name()
        member.channel_name = name
        self.members[name] = member
        self._groups_of[name] = set()
        if getattr(member, "wants_group_sent", True):
            self._signalled.add(name)
        if exposed or self.reception.names_are_free:
            await self.expose(member)
        return name

    async def expose(self, member: Member) -> None:
        """Have what is sent to the connection's channel name arrive; once is enough."""
        try:
            await self.call(self.reception.open, member.channel_name)
        except Exception as error:
            if is_mistake(error):
                raise
            self._failed(error)  # the receiver is there and keeps trying

    async def unregister(self, member: Member) -> None:
        """End every membership of a connection, however it was joined. Locally that is so before the first await."""
        name = member.channel_name
        if self.members.pop(name, None) is None:
            return
        self._signalled.discard(name)
        emptied = []
        for group in self._groups_of.pop(name):
            subscription = self.subscriptions[group]
            subscription.audience.discard(name)
            if not subscription.members:
                emptied.append(subscription)
        await self.membership.leave(emptied, name)

    def made(self, channel: str) -> bool:
        """Whether a channel name is, or was, one of this hub's."""
        return isinstance(channel, str) and channel.startswith(self.prefix)

    def proxy(self, member: Member) -> LayerProxy:
        """The layer as this connection's consumer sees it: joining and leaving go through the hub."""
        return LayerProxy(self, member)

    # Groups

    async def join(self, group: str, member: Member) -> None:
        """Make a connection a member; broadcasts sent after this has returned are received.

        While the layer cannot be reached, the membership is kept and takes effect when it is back; a warning says so.

        Raises:
            TypeError: The group's name is not valid.
            RuntimeError: The connection is not registered here.
        """
        name = member.channel_name
        if self.members.get(name) is not member:
            raise RuntimeError(
                f"the connection {name!r} is not registered with this hub; await hub.register(member) first"
            )
        subscription = self.subscriptions.get(group)
        if subscription is None:
            sender = f"{self.id}.{next(self._tokens)}"
            subscription = self.subscriptions[group] = Subscription(group, sender)
        subscription.audience.add(member)
        self._groups_of[name].add(group)
        if subscription.live:
            return
        try:
            await self.membership.join(subscription)
        except BaseException:  # a mistake, or this connection is being cancelled: it is in no group it did not join
            await self.leave(group, member)
            raise

    async def leave(self, group: str, member: Member) -> None:
        """End a membership; the last local member out leaves on the layer, within a bounded time."""
        subscription = self.subscriptions.get(group)
        if subscription is None or member.channel_name not in subscription.members:
            return
        subscription.audience.discard(member.channel_name)
        self._groups_of[member.channel_name].discard(group)
        if not subscription.members:
            await self.membership.leave([subscription])

    def renew(self, member: Member) -> None:
        """See which way a connection takes broadcasts by now: its ``push`` is another one."""
        for group in self._groups_of.get(member.channel_name, ()):
            audience = self.subscriptions[group].audience
            audience.discard(member.channel_name)
            audience.add(member)

    def groups_of(self, member: Member) -> frozenset[str]:
        """The groups a connection is in, however it joined."""
        return frozenset(self._groups_of.get(member.channel_name, ()))

    # Sending

    async def broadcast(self, groups: str | Iterable[str], text: str, exclude: Member | str | None = None) -> None:
        """Send a text frame to every member of the groups, in all processes.

        Args:
            groups: Whoever is in several of them gets it once.
            text: The frame as it goes to the clients, encoded once by the caller.
            exclude: A connection, or its channel name, that does not get it.

        Raises:
            Exception: The layer's own, if it cannot be reached. Messages that it drops are counted in ``losses``.
        """
        name = exclude if exclude is None or isinstance(exclude, str) else exclude.channel_name
        marks = {} if name is None else {"exclude": name}
        await self._to_groups(groups, {"type": BROADCAST, "text": text}, marks)

    async def broadcast_event(self, groups: str | Iterable[str], event: Message) -> None:
        """Send a channel event to the consumers of every member of the groups; as ``broadcast``."""
        await self._to_groups(groups, {"type": EVENT, "event": event}, {})

    async def send_event(self, channel_name: str, event: Message) -> None:
        """Send a channel event to one connection, here or in another process.

        Raises:
            Exception: The layer's own; ``ChannelFull`` if that connection does not keep up.
        """
        envelope: Message = {"type": EVENT, "event": event}
        token = ""
        if self.is_watched and channel_name in self.members and not self.reception.in_process:
            token = f"{self.id}.{next(self._tokens)}"
            envelope[MARKS] = {"token": token}
            self.awaited.add(token)
        try:
            await self.call(self.layer.send, channel_name, envelope)
        except Exception as error:
            self.awaited.discard(token)
            if is_full(error):
                self.losses.count(1, "the channel is full")
            raise

    async def _to_groups(self, groups: str | Iterable[str], envelope: Message, marks: Message) -> None:
        names = [groups] if isinstance(groups, str) else list(dict.fromkeys(groups))
        if len(names) > 1:
            marks["once"] = f"{self.id}.{next(self._tokens)}"
            marks["groups"] = names
        failed: Exception | None = None
        for group in names:
            try:
                await self._to_group(group, {**envelope, MARKS: {**marks, "group": group}})
            except Exception as error:  # the other groups still get theirs
                failed = failed or error
        if failed is not None:
            raise failed

    async def _to_group(self, group: str, envelope: Message) -> None:
        subscription = self.subscriptions.get(group)
        try:
            if self.reception.in_process:
                await self.reception.group_send(group, envelope)
            elif subscription is None:
                await self.call(self.reception.group_send, group, envelope)
            elif self.reception.sends_in_order and not subscription.sending.locked():
                # One connection serves all: joins and beats are not to wait behind a burst of broadcasts.
                async with asyncio.timeout(self.settings.call_timeout):
                    await self._numbered(subscription, envelope)
            else:
                async with subscription.sending:  # the layer may use several sockets: one at a time keeps the order
                    await self.call(self._numbered, subscription, envelope)
        except Exception as error:
            if is_full(error):
                self.losses.count(1, "a channel of the group is full", group)
                return
            if not is_mistake(error):
                self._failed(error)
            raise

    async def _numbered(self, subscription: Subscription, envelope: Message) -> None:
        # Nothing is awaited between this and the layer, or another message could come between.
        subscription.number(envelope[MARKS])
        await self.reception.group_send(subscription.group, envelope)

    async def call(self, method: Callable[..., Awaitable[Result]], *args: Any) -> Result:
        """Await a method of the layer; on remote ones within a bounded time, and not too many at once."""
        if self.reception.in_process:
            return await method(*args)
        async with self._calls, asyncio.timeout(self.settings.call_timeout):
            return await method(*args)

    # Receiving

    def _heard(self, channels: list[str], message: Message) -> None:
        """Take what came on some of this hub's channels: the group channels', then those of connections."""
        try:
            self._route(channels, message)
        except Exception:
            # What reaches a layer may be anybody's; a malformed message must not end the task that receives.
            self.losses.count(1, "the message is malformed")

    def _route(self, channels: list[str], message: Message) -> None:
        marks = marks_of(message)
        if marks is NO_MARKS and message.get("type") in (BEAT, PROBE):
            if any(channel in self.membership.channels for channel in channels):
                self.membership.heard_beat(message)
            return
        got: set[str] = set()
        for channel in channels:
            subscription = self.membership.channels.get(channel)
            if subscription is not None:
                self._to_members(subscription, message, marks)
                if len(channels) > 1:
                    got.update(subscription.members)
        for channel in channels:
            member = self.members.get(channel)
            if self.awaited:
                self.awaited.discard(marks.get("token", ""))
            if member is None or channel in got:
                continue
            # Added to a group on the raw layer of another process: if it is also in that group here, that copy counts.
            served = self.subscriptions.get(marks.get("group", ""))
            if served is None or channel not in served.members:
                deliver(message, marks, Audience([member]), self._signalled)

    def _to_members(self, subscription: Subscription, message: Message, marks: Marks) -> None:
        missing = subscription.missing_before(marks) if "number" in marks else 0
        if missing < 0:
            return  # sent again by a client library that did not know whether it had arrived
        if missing:
            self.losses.count(missing, "a sender's numbers have a gap", subscription.group)
        audience = subscription.audience
        if "once" in marks:
            audience = self._shared.not_yet(marks, audience, self.subscriptions)
        deliver(message, marks, audience, self._signalled)

    def _failed(self, error: BaseException) -> None:
        self.membership.look(error)


_hubs: weakref.WeakValueDictionary[tuple[int, int], Hub] = weakref.WeakValueDictionary()
_hubs_lock = threading.Lock()


def hub_for(layer: Any, settings: HubSettings | None = None) -> Hub:
    """The hub of this layer on the running event loop. It lives as long as connections or callers hold it.

    Args:
        layer: Any object that keeps the Channel Layer Specification.
        settings: Used if the hub is made now.
    """
    # A hub holds its layer and its loop, so neither id is used again while the entry is there.
    key = (id(layer), id(asyncio.get_running_loop()))
    with _hubs_lock:
        hub = _hubs.get(key)
        if hub is None:
            hub = _hubs[key] = Hub(layer, settings)
        return hub


def hubs_of(layer: Any) -> list[Hub]:
    """The hubs of this layer on all event loops."""
    with _hubs_lock:
        return [hub for hub in list(_hubs.values()) if hub.layer is layer]


def hubs_here() -> list[Hub]:
    """The hubs of all layers on the running event loop."""
    loop = asyncio.get_running_loop()
    with _hubs_lock:
        return [hub for hub in list(_hubs.values()) if hub.loop is loop]
