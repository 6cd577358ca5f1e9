"""Sees what consumers of Channels' own have left to do, for ``settled``. It changes nothing about them.

A consumer of Channels' is one task that waits, in ``await_many_dispatch``, for the first of a frame and a message of
the channel layer, and dispatches it there. Where that task is, is read from its coroutines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

from channels.utils import await_many_dispatch

from chanspec.testing.transport import Transport

MOST_LAYERS = 100  # of middleware around a consumer


FRAMES, LAYER = 0, 1  # what it waits for, in this order


def work_left(transport: Transport, is_own: bool) -> Iterator[str]:
    """Say what the consumer of a connection still has to do, if it is one of Channels' own.

    Args:
        transport: The connection.
        is_own: Whether it is the one that settles. Of others only messages of the layer count.
    """
    loop = _loop_of(transport)
    if loop is None:
        return
    where = f"the consumer at {transport.scope.get('path', '')}"
    handled = _handled(loop)
    if handled is not None and (is_own or handled == LAYER):
        yield f"{where} is handling a message"
    if (waiting := _waiting_on_layer(loop, handled)) > 0:
        yield f"{where} has {waiting} message(s) of the channel layer to handle"


def _loop_of(transport: Transport) -> Any:
    """The coroutine of ``await_many_dispatch`` within a connection's task; None where there is none."""
    coroutine: Any = transport.task.get_coro() if transport.task is not None else None
    for _ in range(MOST_LAYERS):
        if not isinstance(coroutine, Coroutine):
            return None
        if getattr(coroutine, "cr_code", None) is await_many_dispatch.__code__:
            return coroutine if coroutine.cr_frame is not None else None  # type: ignore[attr-defined]
        coroutine = getattr(coroutine, "cr_await", None)
    return None


def _handled(loop: Any) -> int | None:
    """Which of the two the message that is being handled came from; None where none is."""
    if getattr(loop.cr_await, "cr_code", None) is asyncio.wait.__code__:
        return None
    source: int = loop.cr_frame.f_locals.get("i", FRAMES)
    return source


def _waiting_on_layer(loop: Any, handled: int | None) -> int:
    """How many messages of the layer came for the consumer; of those, layers outside this process show one at most."""
    known = loop.cr_frame.f_locals
    calls, tasks = known.get("consumer_callables", ()), known.get("tasks", ())
    if len(calls) <= LAYER:
        return 0
    taken = len(tasks) > LAYER and tasks[LAYER].done() and handled != LAYER
    receive = calls[LAYER]
    layer, names = getattr(receive.func, "__self__", None), receive.args
    for attribute in ("channels", "_channels"):  # Channels' own layer, and chanspec's
        channels = getattr(layer, attribute, None)
        queue = channels.get(names[0]) if isinstance(channels, dict) and names else None
        if queue is not None:
            return taken + (queue.qsize() if hasattr(queue, "qsize") else len(queue.messages))
    return int(taken)
