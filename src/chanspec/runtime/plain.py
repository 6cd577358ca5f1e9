"""Lets plain Channels consumers be in groups to which typed consumers broadcast. It needs no framework itself."""

from __future__ import annotations

import inspect
import logging
from collections import deque
from typing import Any

from chanspec.runtime.envelopes import Marks, marks_of
from chanspec.runtime.log import shown

logger = logging.getLogger("chanspec.layer")

_FRAMEWORKS = ("channels", "chanspec")

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
        marks = self._marks_of(message)
        if marks is None or marks.get("exclude") == self.channel_name or self._is_repeated(marks):
            return self._nothing()
        return self.send(text_data=message["text"])  # type: ignore[attr-defined]

    def chanspec_event(self, message: dict[str, Any]) -> Any:
        """Channels calls this for ``chanspec.event``. Awaitable in async consumers.

        Args:
            message: The layer's message, with the channel event in ``event``.
        """
        marks = self._marks_of(message)
        if marks is None:
            return self._nothing()
        event = message["event"]
        handler = self._method_of(event.get("handler") or event.get("action"))
        if handler is not None and not self._is_repeated(marks):
            return handler(event)
        return self._nothing()

    def _method_of(self, name: object) -> Any:
        """The application's own method of this name. What Channels itself is made of is no handler of an event."""
        if isinstance(name, str) and not name.startswith("_") and not _is_frameworks(type(self), name):
            method = getattr(self, name, None)
            if callable(method):
                return method
        what = shown(name, 100) if isinstance(name, str) else type(name).__name__
        logger.debug("%s has no method %s for a channel event", type(self).__qualname__, what)
        return None

    def _marks_of(self, message: dict[str, Any]) -> Marks | None:
        try:
            return marks_of(message)
        except Exception as error:  # anybody may have put it on the layer; raised, it would close the connection
            logger.warning("%s got a malformed message: %s", type(self).__qualname__, type(error).__name__)
            return None

    def _is_repeated(self, marks: Marks) -> bool:
        once = marks.get("once")
        if once is None:
            return False
        if self._once is None:
            self._once = deque(maxlen=MAX_REMEMBERED)
        if once in self._once:
            return True
        self._once.append(once)
        return False

    def _nothing(self) -> Any:
        return nothing() if inspect.iscoroutinefunction(self.send) else None  # type: ignore[attr-defined]


def _is_frameworks(consumer: type, name: str) -> bool:
    """Whether a consumer has an attribute from Channels or from here, be it overridden or not."""
    return any(name in vars(base) for base in consumer.__mro__ if base.__module__.partition(".")[0] in _FRAMEWORKS)


async def nothing() -> None:
    """What an async consumer awaits where there is nothing to do."""
