"""Lets code that talks to the layer itself meet the hubs: their channel names on the raw layer. It holds no groups."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from chanspec.runtime.memory import Sink, hand_over

if TYPE_CHECKING:
    from chanspec.runtime.hub import Hub, Member

_ATTRIBUTE = "_chanspec_tap"

GroupCall = Callable[[str, str], Awaitable[None]]


class Tap:
    """Stands before three methods of one layer object, for the names of local connections only.

    The layer knows one channel for each group that a hub serves, not the connections behind it. So a view that calls
    ``layer.group_discard("room", channel_name)`` with the name of a connection would change nothing, and one that calls
    ``group_add`` would make that connection hear everything twice. Those two become ``leave`` and ``join`` of its hub,
    from any thread. On Channels' in-memory layer ``send`` to a hub's name reaches the hub directly, on its own loop.
    Every other name goes to the layer untouched. ``group_add`` and ``group_discard`` here are the layer's own.
    """

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.group_add: GroupCall = layer.group_add
        self.group_discard: GroupCall = layer.group_discard
        self.in_process = all(
            getattr(getattr(type(layer), name, None), "__module__", "") == "channels.layers"
            for name in ("send", "group_send")
        )
        self._send: Callable[[str, dict[str, Any]], Awaitable[None]] = layer.send
        self._sinks: dict[str, tuple[asyncio.AbstractEventLoop, Sink]] = {}
        self._hubs: weakref.WeakSet[Hub] = weakref.WeakSet()
        self._lock = threading.Lock()

    def install(self) -> None:
        """Put the methods before the layer's. A layer that takes no attributes is served by the proxy alone."""
        methods: dict[str, Any] = {"group_add": self._raw_group_add, "group_discard": self._raw_group_discard}
        if self.in_process:
            methods["send"] = self._raw_send
        try:
            setattr(self.layer, _ATTRIBUTE, self)
            for name, method in methods.items():
                setattr(self.layer, name, method)
            if self.layer.group_add != self._raw_group_add:
                _look_up_first(self.layer, methods)
        except (AttributeError, TypeError):
            self.in_process = False

    def add(self, hub: Hub) -> None:
        with self._lock:
            self._hubs.add(hub)

    def attach(self, prefix: str, sink: Sink) -> None:
        """As the attach() of chanspec's own in-memory layer, for Channels' one."""
        for closed in [name for name, (loop, _) in self._sinks.items() if loop.is_closed()]:
            del self._sinks[closed]
        self._sinks[prefix] = (asyncio.get_running_loop(), sink)

    def detach(self, prefix: str) -> None:
        self._sinks.pop(prefix, None)

    async def _raw_send(self, channel: str, message: dict[str, Any]) -> None:
        sink = self._sinks.get(channel.partition("!")[0]) if isinstance(channel, str) else None
        if sink is None:
            await self._send(channel, message)
        else:
            hand_over(*sink, [channel], message)

    async def _raw_group_add(self, group: str, channel: str) -> None:
        hub, member = self._find(channel)
        if hub is None:
            await self.group_add(group, channel)
        elif member is not None:  # a connection that has gone joins nothing
            await on_loop_of(hub, lambda: hub.join(group, member))

    async def _raw_group_discard(self, group: str, channel: str) -> None:
        hub, member = self._find(channel)
        if hub is not None and member is not None:
            await on_loop_of(hub, lambda: hub.leave(group, member))
        else:
            await self.group_discard(group, channel)

    def _find(self, channel: str) -> tuple[Hub | None, Member | None]:
        with self._lock:
            hubs = list(self._hubs)
        for hub in hubs:
            member = hub.members.get(channel)
            if member is not None or hub.made(channel):
                return hub, member
        return None, None


async def on_loop_of(hub: Hub, call: Callable[[], Awaitable[None]]) -> None:
    """Await ``call()`` on the hub's event loop, from whichever loop this is."""
    if asyncio.get_running_loop() is hub.loop:
        await call()
        return

    async def there() -> None:
        await call()

    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), hub.loop))


def _look_up_first(layer: Any, methods: dict[str, Any]) -> None:
    """Put methods before those that a class finds in ``__getattribute__``, as fast-channels' pub/sub layer does."""
    kind = type(layer)

    class Tapped(kind):  # type: ignore[misc, valid-type]
        def __getattribute__(self, name: str) -> Any:
            return methods[name] if name in methods else super().__getattribute__(name)

    Tapped.__name__, Tapped.__qualname__, Tapped.__module__ = kind.__name__, kind.__qualname__, kind.__module__
    layer.__class__ = Tapped


_lock = threading.Lock()


def tap_of(layer: Any) -> Tap:
    """The one tap of a layer object. The layer holds it, so both go together."""
    with _lock:
        tap = getattr(layer, "__dict__", {}).get(_ATTRIBUTE)
        if tap is None:
            tap = Tap(layer)
            tap.install()
        return tap
