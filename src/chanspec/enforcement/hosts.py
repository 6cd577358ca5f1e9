"""Lets the consumers of other packages tell the witness of their connection that they serve it.

Typed consumers do so themselves. Those of Django Channels and fast-channels have one base class each, whose
``__call__`` is the one place that every way of routing leads to; it is wrapped once, when the first middleware is made.
The packages are known by name: nothing is imported.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from typing import Any

from chanspec.enforcement.first_frames import FirstFrames
from chanspec.runtime.witness import witness_of

_HOSTS = {"channels.consumer": "AsyncConsumer", "fast_channels.consumer.base": "AsyncConsumer"}

ANSWERS = "answers_bad_frames"
"""The attribute of consumer classes that check what they are sent, and tell the witness what they refused."""

_lock = threading.Lock()
_waiting = dict(_HOSTS)
_first_frames: FirstFrames | None = None


def watch() -> None:
    """Wrap those of the base classes that have been imported since. It costs nothing once all are."""
    for name, owner in list(_waiting.items()):
        base = getattr(sys.modules.get(name), owner, None)
        if base is not None:
            with _lock:
                if _waiting.pop(name, None) is not None:
                    _wrap(base)


def look_at_first_frames() -> None:
    """Let the first frames of described consumers without a witness be looked at, from now on: for development."""
    global _first_frames
    _first_frames = FirstFrames()
    watch()


def _wrap(base: Any) -> None:
    call: Any = getattr(base, "__call__", None)  # noqa: B004 - the function is what is wanted
    if not inspect.iscoroutinefunction(call):  # of a release that nobody has seen yet: the consumer is not known then
        return

    @functools.wraps(call)
    async def tell_and_call(self: Any, scope: Any, receive: Any, send: Any) -> Any:
        if (witness := witness_of(scope)) is not None:
            witness.serves(type(self), answers=getattr(type(self), ANSWERS, False))
        elif _first_frames is not None and scope.get("type") == "websocket":
            receive, send = _first_frames.around(type(self), receive, send)
        return await call(self, scope, receive, send)

    base.__call__ = tell_and_call
