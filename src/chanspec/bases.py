"""Which base class calls typed handlers, and an error where a class that has some derives from another one.

Channels' consumer and chanspec's have the same name, and an editor's import is as likely to be the wrong one. A class
with it would be documented, and ignore every message. So the class is looked at while it is being defined. Nothing is
imported for that: the bases are known by name.
"""

from __future__ import annotations

import sys
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import Any

SERVES = "__chanspec_serves__"
"""The attribute of the classes that call typed handlers; it is looked for in each class of an MRO by itself."""

_GUARD = "__chanspec_guard__"

_ON_CHANNELS, _ON_STARLETTE = "chanspec.channels.websocket", "chanspec.starlette.websocket"

_OTHERS = {
    ("channels.consumer", "AsyncConsumer"): _ON_CHANNELS,
    ("channels.consumer", "SyncConsumer"): _ON_CHANNELS,
    ("django.views.generic.base", "View"): _ON_CHANNELS,
    ("fast_channels.consumer.base", "AsyncConsumer"): _ON_STARLETTE,
    ("starlette.endpoints", "HTTPEndpoint"): _ON_STARLETTE,
    ("starlette.endpoints", "WebSocketEndpoint"): _ON_STARLETTE,
}
"""Base classes that serve by themselves and know nothing of typed handlers, with the module that has the right one."""


def check_base(consumer: type, handler: str) -> None:
    """Refuse a class whose typed handlers nothing would call. One without such a base may be a mixin.

    Args:
        consumer: The class.
        handler: What it handles messages with, for the error.

    Raises:
        TypeError: Another base class than chanspec's serves its connections.
    """
    if is_served(consumer):
        return
    for base in consumer.__mro__:
        module = _OTHERS.get((base.__module__, base.__qualname__))
        if module is not None:
            root = base.__module__.partition(".")[0]
            used = next(each for each in consumer.__mro__ if each.__module__.partition(".")[0] == root)
            raise TypeError(
                f"{consumer.__module__}:{consumer.__qualname__} has {handler}, but it derives from "
                f"{used.__module__}.{used.__qualname__}, which calls no such method: every message would be ignored; "
                f"write `from {module} import AsyncJsonWebsocketConsumer`, and derive it from that"
            )


def is_served(consumer: type) -> bool:
    """Whether what serves a class's connections calls its typed handlers."""
    for base in consumer.__mro__:
        if SERVES in vars(base):
            return True
        if (base.__module__, base.__qualname__) in _OTHERS:
            return False
    return False


def guard(decorator: str, method: Any) -> None:
    """Have the class checked that a decorated method stands in, when its definition ends.

    A decorator sees a function only. But it is called from the body of the class, whose namespace may take an object
    with ``__set_name__``: Python calls that with the class.

    Args:
        decorator: Its name.
        method: What it decorates.
    """
    body = _class_body()
    if body is not None and type(body.f_locals) is dict:  # another mapping may mind what is put into it
        name = getattr(method, "__name__", "a method")
        body.f_locals.setdefault(_GUARD, _Guard(f"@{decorator} on {name}"))


def place() -> str:
    """Where the class statement is that is being executed, or else the code that called chanspec."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "chanspec":
        frame = frame.f_back
    if frame is None:
        return "unknown"
    module = frame.f_globals.get("__name__", "unknown")
    body = _class_body()
    where = f"{module}:{body.f_locals['__qualname__']}" if body is not None else str(module)
    return f"{where}, line {frame.f_lineno}"


def _class_body() -> FrameType | None:
    """The innermost frame that runs no function, if it runs a class statement."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_flags & CO_OPTIMIZED:
        frame = frame.f_back
    return frame if frame is not None and "__qualname__" in frame.f_locals else None


class _Guard:
    def __init__(self, handler: str) -> None:
        self.handler = handler

    def __set_name__(self, owner: type, name: str) -> None:
        delattr(owner, name)
        if is_served(owner):
            return
        try:
            check_base(owner, self.handler)
        except TypeError as error:
            _fail(owner, error)
        else:
            _guard_subclasses(owner, self.handler)


def _fail(owner: type, error: TypeError) -> None:
    """Raise an error out of ``__set_name__``. Before Python 3.12 that would be a ``RuntimeError`` that says nothing.

    There the error is raised by what Python calls next, the ``__init_subclass__`` of the class behind this one.
    """
    behind: Any = owner.__mro__[1]
    own = vars(behind).get("__init_subclass__")

    def fail(cls: Any, /, **kwargs: Any) -> None:
        if own is None:
            del behind.__init_subclass__
        else:
            behind.__init_subclass__ = own
        if cls is owner:
            raise error
        _go_on(behind, own, cls, kwargs)  # another class: the definition of the owner failed before it came here

    if sys.version_info >= (3, 12):
        raise error
    try:
        behind.__init_subclass__ = classmethod(fail)
    except TypeError:  # it is a class of C, which cannot be changed
        raise error from None


def _guard_subclasses(mixin: Any, handler: str) -> None:
    """Check what a mixin is combined with."""
    own = mixin.__dict__.get("__init_subclass__")

    def check(cls: Any, /, **kwargs: Any) -> None:
        check_base(cls, handler)
        _go_on(mixin, own, cls, kwargs)

    mixin.__init_subclass__ = classmethod(check)


def _go_on(base: Any, own: Any, cls: Any, kwargs: dict[str, Any]) -> None:
    """Call what ``base.__init_subclass__`` was before it was wrapped: its own, or the next one of the MRO."""
    if own is None:
        super(base, cls).__init_subclass__(**kwargs)
    else:
        own.__get__(None, cls)(**kwargs)
