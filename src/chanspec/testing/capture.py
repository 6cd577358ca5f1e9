"""Captures the channel events that code under test broadcasts: views, tasks, consumers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from chanspec.runtime.codec import encode_event
from chanspec.runtime.consumer import Consumer

_NAMES = ("broadcast_event", "broadcast_event_sync")


@dataclass(frozen=True, slots=True)
class CapturedBroadcastEvent:
    """One call of ``broadcast_event`` or ``broadcast_event_sync``.

    Attributes:
        event: The event.
        groups: As they were given: names, one name, or None for the consumer's own groups.
    """

    event: BaseModel
    groups: Collection[str] | str | None = None


class BroadcastCapture(list[CapturedBroadcastEvent]):
    """What was broadcast, in its order.

    Attributes:
        suppress: Whether it is kept from being sent.
    """

    def __init__(self, *, suppress: bool = True) -> None:
        super().__init__()
        self.suppress = suppress

    __hash__ = object.__hash__  # type: ignore[assignment]  # one capture is not another, whatever both hold


@contextmanager
def capture_broadcast_events(consumer: type[Consumer[Any]], suppress: bool = True) -> Iterator[BroadcastCapture]:
    """Capture what ``consumer.broadcast_event`` and ``broadcast_event_sync`` are called with.

    Captures may be within each other, and end in any order. An event that could not be sent is an error all the same.

    Args:
        consumer: The class; calls by way of its subclasses are captured too.
        suppress: Whether the events are kept from being sent.

    Example:
        >>> with capture_broadcast_events(ChatConsumer) as events:
        ...     client.post("/posts/")
        >>> assert events == [CapturedBroadcastEvent(NewPost(payload=1), ["feed"])]
    """
    capture = BroadcastCapture(suppress=suppress)
    captures = vars(consumer).get(_CAPTURES)
    if captures is None:
        captures = []
        setattr(consumer, _CAPTURES, captures)
        _install(consumer, captures)
    captures.append(capture)
    try:
        yield capture
    finally:
        captures[:] = [each for each in captures if each is not capture]
        if not captures:
            _remove(consumer)


_CAPTURES, _ORIGINALS = "__chanspec_captures__", "__chanspec_originals__"


def _install(consumer: type[Consumer[Any]], captures: list[BroadcastCapture]) -> None:
    setattr(consumer, _ORIGINALS, {name: vars(consumer)[name] for name in _NAMES if name in vars(consumer)})
    broadcast, broadcast_sync = (getattr(consumer, name).__func__ for name in _NAMES)

    async def broadcast_event(cls: Any, event: Any, groups: Any = None) -> None:
        if _take(captures, event, groups):
            await broadcast(cls, event, groups)

    def broadcast_event_sync(cls: Any, event: Any, groups: Any = None) -> None:
        if _take(captures, event, groups):
            broadcast_sync(cls, event, groups)

    for name, function in zip(_NAMES, (broadcast_event, broadcast_event_sync), strict=True):
        setattr(consumer, name, classmethod(function))


def _take(captures: list[BroadcastCapture], event: Any, groups: Any) -> bool:
    """Note an event; returns whether it is sent."""
    encode_event(event)
    for capture in captures:
        capture.append(CapturedBroadcastEvent(event, groups))
    return not any(capture.suppress for capture in captures)


def _remove(consumer: type[Consumer[Any]]) -> None:
    originals = vars(consumer)[_ORIGINALS]
    for name in _NAMES:
        if name in originals:
            setattr(consumer, name, originals[name])
        else:
            delattr(consumer, name)
    delattr(consumer, _CAPTURES)
    delattr(consumer, _ORIGINALS)
