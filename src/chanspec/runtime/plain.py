"""Lets plain Channels consumers be in groups to which typed consumers broadcast. It needs no framework itself."""

from __future__ import annotations

import inspect
import logging
from collections import deque
from typing import Any

logger = logging.getLogger("chanspec.layer")

MAX_REMEMBERED = 32  # broadcasts to several groups, whose later copies are left out


class GroupMember:
    """A mixin for consumers of Channels, async or sync, put before the consumer class::

        class News(GroupMember, AsyncJsonWebsocketConsumer):
            groups = ["news"]

    Without it Channels raises for a ``type`` that the consumer has no method for, which closes the connection. It sends
    broadcasts to the client as they are, and hands a channel event to the method that its ``handler`` or ``action``
    names, if there is one; other events are not for this consumer.
    """

    channel_name: str
    _once: deque[str] | None = None

    def chanspec_broadcast(self, message: dict[str, Any]) -> Any:
        """Channels calls this for ``chanspec.broadcast``. Awaitable in async consumers, as ``send`` is.

        Args:
            message: The layer's message, with the encoded frame in ``text``.
        """
        send = self.send  # type: ignore[attr-defined]
        if message.get("exclude") == self.channel_name or self._is_repeated(message):
            return nothing() if inspect.iscoroutinefunction(send) else None
        return send(text_data=message["text"])

    def chanspec_event(self, message: dict[str, Any]) -> Any:
        """Channels calls this for ``chanspec.event``. Awaitable in async consumers.

        Args:
            message: The layer's message, with the channel event in ``event``.
        """
        event = message.get("event") or {}
        name = event.get("handler") or event.get("action")
        handler = getattr(self, name, None) if isinstance(name, str) and not name.startswith("_") else None
        if callable(handler) and not self._is_repeated(message):
            return handler(event)
        logger.debug("%s has no method %s for a channel event", type(self).__qualname__, name)
        return nothing() if inspect.iscoroutinefunction(self.send) else None  # type: ignore[attr-defined]

    def _is_repeated(self, message: dict[str, Any]) -> bool:
        once = message.get("once")
        if once is None:
            return False
        if self._once is None:
            self._once = deque(maxlen=MAX_REMEMBERED)
        if once in self._once:
            return True
        self._once.append(once)
        return False


async def nothing() -> None:
    """What an async consumer awaits where there is nothing to do."""
