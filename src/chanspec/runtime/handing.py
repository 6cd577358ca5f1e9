"""Broadcasts and channel events from code that has no event loop: views, tasks, commands, other threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chanspec.runtime.hub import Hub

TIMEOUT = 10.0  # seconds for another thread's event loop to send

Call = Callable[["Hub"], Coroutine[Any, Any, None]]


def broadcast_sync(layer: Any, groups: str | Iterable[str], text: str, exclude: str | None = None) -> None:
    """``Hub.broadcast`` without an event loop; see :func:`broadcast_event_sync`."""
    _run(layer, "broadcast", lambda hub: hub.broadcast(groups, text, exclude))


def broadcast_event_sync(layer: Any, groups: str | Iterable[str], event: dict[str, Any]) -> None:
    """``Hub.broadcast_event`` without an event loop: returns when the layer has taken the event.

    A loop of another thread that already serves this layer sends it; otherwise a loop is run for this one call.

    Raises:
        RuntimeError: Called on an event loop's own thread, where it could only block that loop.
        TimeoutError: The loop that serves this layer did not get to it.
    """
    _run(layer, "broadcast_event", lambda hub: hub.broadcast_event(groups, event))


def send_event_sync(layer: Any, channel_name: str, event: dict[str, Any]) -> None:
    """``Hub.send_event`` without an event loop; see :func:`broadcast_event_sync`."""
    _run(layer, "send_event", lambda hub: hub.send_event(channel_name, event))


def _run(layer: Any, name: str, call: Call) -> None:
    from chanspec.runtime.hub import hub_for, hubs_of  # the hub offers these functions too

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError(f"{name}_sync was called on an event loop's own thread; write `await ...{name}(...)` there")

    # A loop that serves connections has the layer's sockets open already, and its members hear the event in order.
    running = [hub for hub in hubs_of(layer) if hub.loop.is_running()]
    if running:
        _run_on(max(running, key=lambda hub: len(hub.members)), name, call)
        return

    async def here() -> None:
        await call(hub_for(layer))

    _run_here(here)


def _run_on(hub: Hub, name: str, call: Call) -> None:
    future = asyncio.run_coroutine_threadsafe(call(hub), hub.loop)
    try:
        future.result(TIMEOUT)
    except concurrent.futures.TimeoutError:
        if future.done():
            raise
        future.cancel()
        raise TimeoutError(
            f"{name}_sync: the event loop that serves the connections did not send within {TIMEOUT:g} s; "
            f"is it waiting for this thread? Write `await ...{name}(...)` there"
        ) from None


def _run_here(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a loop for one call; by asgiref where it is installed, which knows the loop that a view was called from."""
    try:
        from asgiref.sync import async_to_sync  # not a dependency: only Django brings it
    except ImportError:
        asyncio.run(main())
    else:
        async_to_sync(main)()
