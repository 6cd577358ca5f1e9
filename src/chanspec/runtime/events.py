"""The channel events of one connection: handled one at a time, in their own order, beside its messages.

They come from elsewhere in the server, over the channel layer, as plain dicts: typed events, and messages of
applications that address a method by ``type`` as Channels does.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections import deque
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from chanspec.messages import EventCompleteMessage
from chanspec.runtime import log
from chanspec.runtime.answering import failure
from chanspec.runtime.channels_exceptions import stops
from chanspec.runtime.outbox import Disconnected
from chanspec.runtime.tasks import SHARE, give_way

if TYPE_CHECKING:
    from chanspec.runtime.connection import Connection

MAX_KNOWN = 100


class BroadcastFrame(dict[str, Any]):
    """The ASGI message of a broadcast, for a consumer that overrides ``send``.

    It is a class of its own, because nothing that came as an event may pass for it, whatever its ``type`` is.
    """


class Events:
    """A bounded queue of events, and the task that handles them while there are any."""

    __slots__ = ("_bytes", "_connection", "_context", "_waiting", "task")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._context: contextvars.Context | None = None
        self._waiting: deque[tuple[Mapping[str, Any], int]] = deque()  # with what each counts
        self._bytes = 0
        self.task: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many are not handled yet."""
        return len(self._waiting) + (self.task is not None)

    def push(self, event: Mapping[str, Any]) -> bool:
        """Take an event; returns whether there was room."""
        settings = self._connection.plan.settings
        if len(self._waiting) >= settings.max_waiting_events:
            return False
        size = 0
        if self._waiting:  # the first may have any size, and is not measured: most are handled at once
            size = bytes_of(event, settings.max_waiting_events_bytes - self._bytes)
            if self._bytes + size > settings.max_waiting_events_bytes:
                return False
        self._waiting.append((event, size))
        self._bytes += size
        if self.task is None and self._context is not None:
            self._start(self._context)
        return True

    def begin(self, context: contextvars.Context) -> None:
        """Handle events from now on, in the context of the connection rather than of who sent them."""
        self._context = context
        if self._waiting and self.task is None:
            self._start(context)

    def _start(self, context: contextvars.Context) -> None:
        work = self._connection.beside(self._handle_all)
        self.task = asyncio.get_running_loop().create_task(work, context=context)

    async def _handle_all(self) -> None:
        since = perf_counter()
        try:
            while self._waiting and self._connection.is_open:
                if perf_counter() - since > SHARE:
                    await give_way()
                    since = perf_counter()
                event, size = self._waiting.popleft()
                self._bytes -= size
                try:
                    await self._handle(event)
                except Disconnected:
                    raise
                except Exception as error:  # by a hook of the application's: the next event is handled all the same
                    if stops(error):
                        raise
                    self._connection.log_error("failed to handle a channel event", error)
        finally:
            self.task = None

    async def _handle(self, event: Mapping[str, Any]) -> None:
        connection = self._connection
        plan, consumer = connection.plan, connection.consumer
        if type(event) is BroadcastFrame:
            await connection.hook(consumer.send, event["text"], None)
            return
        kind = event.get("type")
        if not isinstance(kind, str) or ("type", kind) in plan.event_routes:
            await self._handle_typed(event)
        elif kind == "websocket.disconnect":
            connection.dismiss(event)
        elif connection.dispatches or plan.method_of(kind) is not None:
            await self._dispatch(event, kind)
        else:
            await self._handle_typed(event)

    async def _dispatch(self, event: Mapping[str, Any], kind: str) -> None:
        """Call the method that a message's ``type`` names."""
        connection = self._connection
        try:
            await connection.cared(connection.consumer.dispatch, event)
        except Disconnected:
            raise
        except (Exception, asyncio.CancelledError) as error:
            kind = log.shown(kind, 100)
            await connection.hook(connection.consumer.handle_event_handler_error, failure(error), kind, event)

    async def _handle_typed(self, content: Mapping[str, Any]) -> None:
        connection = self._connection
        plan, consumer = connection.plan, connection.consumer
        try:
            found = plan.codec.decode_event(content)
        except Exception as error:  # pydantic's, or by a validator of the application's
            await connection.hook(consumer.handle_event_handler_error, error, "", content)
            return
        if found is None:
            self._log_unknown(content)
            return
        route = plan.event_routes[found[0]]
        try:
            await connection.run_handler(route, found[1])
        except Disconnected:
            raise
        except (Exception, asyncio.CancelledError) as error:
            await connection.hook(consumer.handle_event_handler_error, failure(error), route.value, found[1])
        if plan.settings.send_completion:
            await connection.write(EventCompleteMessage())

    def _log_unknown(self, content: Mapping[str, Any]) -> None:
        """Log once for each kind and class, however many connections get it."""
        plan = self._connection.plan
        names = (content.get(key) for key in ("type", "handler", plan.codec.discriminator))
        kind = log.shown(next((name for name in names if isinstance(name, str)), ""), 100)
        if kind not in plan.unknown and len(plan.unknown) < MAX_KNOWN:
            plan.unknown.add(kind)
            log.logger.warning(
                "%s has no handler for the channel event %s; write an @event_handler, or a method of that name that is "
                "none of the consumer's own",
                plan.where,
                kind,
                extra=self._connection.log_fields(),
            )


def bytes_of(value: Any, enough: int) -> int:
    """About how many bytes of memory a value takes that JSON could carry.

    Args:
        value: One that contains itself is larger than any bound.
        enough: Measuring ends where it is larger than that.
    """
    total = 0
    rest = [value]
    while rest:
        each = rest.pop()
        total += sys.getsizeof(each)
        if total > enough:
            break
        if isinstance(each, dict):
            rest.extend(each)
            rest.extend(each.values())
        elif isinstance(each, list | tuple):
            rest.extend(each)
    return total
