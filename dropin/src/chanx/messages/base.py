"""What messages derive from."""

from __future__ import annotations

from typing import Any

from chanspec import messages
from chanspec.messages import BaseChannelEvent

__all__ = ["BaseChannelEvent", "BaseMessage"]


class _TakesOurs(type(messages.BaseMessage)):  # type: ignore[misc]  # pydantic's metaclass, which has no public name
    """Lets the messages that consumers send by themselves be messages here too."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls.__subclasscheck__(type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, messages.BaseMessage) if cls is BaseMessage else super().__subclasscheck__(subclass)


class BaseMessage(messages.BaseMessage, metaclass=_TakesOurs):
    """As :class:`chanspec.messages.BaseMessage`, and every message has a payload, also where it declares none."""

    payload: Any = None
